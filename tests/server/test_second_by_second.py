"""The program says of every second what the second reckoner says (rules.md 28–30 and 37–46)."""

import pytest
from hypothesis import given, note

from server.comparison import compare, describe_stream
from server.log_lines import EPOCH_S, read_lines
from server.program import end_everything, fold
from server.reckoner import reckon
from server.streams import FAST, FLAVORS, HORIZON_S, Told, streams, told_to


@pytest.mark.parametrize("flavor", FLAVORS)
def test_program_agrees_with_the_reckoner_second_by_second(flavor: str) -> None:
    @FAST
    @given(streams((flavor,)))
    def run(stream: tuple[str, int, list[Told]]) -> None:
        zone, start, told = stream
        events = told_to("kim", told) + end_everything(start + HORIZON_S * 1000)
        note(f"{zone}\n{describe_stream(events, start)}")
        compare(fold(events, zone), reckon(events, zone), zone)

    run()


FOUND = {
    "39 a call over midnight carries the membership over": """
        53000|c1|q1|Agent/1001|CONNECT|5|b|5
        55000|c1|q1|Agent/1001|COMPLETECALLER|
        55100|c2|q1|Agent/1001|RINGNOANSWER|5000
        """,
    "39 QUEUESTART ends an assumed presence at the last event before it": """
        0|NONE|q1|Agent/1001|PAUSE|lunch
        3600|NONE|NONE|NONE|QUEUESTART|
        3700|NONE|q1|Agent/1001|TRANSFER|
        """,
    "43 an entry that is named anew stays an entry": """
        0|NONE|q1|Agent/1001|PAUSE|세차
        9|NONE|NONE|Agent/1001|PAUSEALL|meeting
        10|NONE|q1|Agent/1001|PAUSE|세차
        """,
    "43 a reason that was taken away had been named": """
        0|NONE|q1|Agent/1001|PAUSE|세차
        63|NONE|q1|Agent/1001|PAUSE|
        600|NONE|NONE|Agent/1001|PAUSEREASON|meeting
        """,
    "44 a transfer without an ID is that of the transfer named": """
        0 phone.state transfer c1
        2|NONE|q1|Agent/1001|ATTENDEDTRANSFER|
        """,
    "44 what a CTI has named is known until the login ends": """
        0 phone.state transfer c1
        97323 phone.state inbound_calls c2
        97325|c2|NONE|Agent/1001|AGENTCALLBACKLOGOFF|
        97386|NONE|q3|Agent/1001|CONNECT|5|b|5
        97395|c1|q3|Agent/1001|TRANSFER|
        """,
    "45 the call shown has no ID after a later one has ended": """
        0|NONE|q1|Agent/1001|CONNECT|5|b|20
        9|c1|q3|Agent/1001|CONNECT|5|b|5
        611|c1|q1|Agent/1001|BLINDTRANSFER|
        613 phone.state inbound_calls c2
        """,
}
"""What the comparison has found, in the program, the reckoner or the text."""


@pytest.mark.parametrize("name", FOUND)
def test_program_agrees_with_the_reckoner_where_they_once_differed(name: str) -> None:
    events = read_lines(FOUND[name]) + end_everything((EPOCH_S + HORIZON_S) * 1000)
    compare(fold(events, "Asia/Seoul"), reckon(events, "Asia/Seoul"), "Asia/Seoul")
