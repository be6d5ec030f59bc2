"""The program says of every second what the second reckoner says (rules.md 28–30 and 37–46)."""

import pytest
from hypothesis import given, note

from server.comparison import compare, describe_stream
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
