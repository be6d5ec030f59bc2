"""Where a queue_log contradicts itself, and what it covers."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from octui.intake.batches import Report
from octui.intake.consistency import SENTENCES, SHOWN_LINES, Consistency, Gap, Kind
from octui.intake.queue_log import Parser

BASE = 1_782_810_000
DAY = 86_400


def check(*lines: tuple[int, str]) -> Consistency:
    """Check lines of (seconds after BASE, the rest)."""
    parser = Parser(Report())
    raw = [f"{BASE + at}|{rest}".encode() for at, rest in lines]
    consistency = Consistency(ZoneInfo("Asia/Seoul"), {"세차": "meeting"})
    rows = parser.parse_lines(raw, range(1, len(raw) + 1)) + parser.release_rows(ended=True)
    consistency.add_rows(rows, "log")
    consistency.finish()
    return consistency


def found(*lines: tuple[int, str]) -> dict[str, list[int]]:
    """The lines of each contradiction."""
    return {kind.value: [place.line for place in what.first] for kind, what in check(*lines).contradictions.items()}


ADD, REMOVE = (0, "NONE|q|a|ADDMEMBER|"), (900, "NONE|q|a|REMOVEMEMBER|")
ALL = (0, "NONE|NONE|a|PAUSEALL|")
CONNECT, END = (10, "c1|q|a|CONNECT|1|x|1"), (30, "c1|q|a|COMPLETECALLER|1|20|1")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([ADD, CONNECT, END, REMOVE], {}, id="a log in order"),
        pytest.param([CONNECT], {}, id="a call that is still going on"),
        pytest.param([CONNECT, (12 * 3600 + 11, "NONE|q|b|PAUSE|")], {"connect_without_end": [1]}, id="no end"),
        pytest.param([CONNECT, (20, "NONE|NONE|NONE|QUEUESTART|")], {"connect_without_end": [1]}, id="restart"),
        pytest.param([END], {"end_without_connect": [1]}, id="no beginning"),
        pytest.param([CONNECT, END, (40, "c1|q|a|BLINDTRANSFER|1|x")], {"end_without_connect": [3]}, id="two ends"),
        pytest.param([(10, "NONE|q|a|CONNECT|1|x"), (20, "|q|b|COMPLETEAGENT|1|99")], {}, id="calls without an ID"),
        pytest.param([CONNECT, (30, "c1|q|b|COMPLETEAGENT|1|20|1")], {"end_by_another_agent": [2]}, id="other agent"),
        pytest.param(
            [CONNECT, (20, "c1|q|b|CONNECT|1|x|1"), (30, "c1|q|b|COMPLETECALLER|1|10|1")],
            {"call_of_two_agents": [2]},
            id="two agents",
        ),
        pytest.param([CONNECT, (30, "c1|q|a|COMPLETEAGENT|1|22|1")], {}, id="talk time off by two seconds"),
        pytest.param([CONNECT, (30, "c1|q|a|COMPLETEAGENT|1|23|1")], {"talk_time_differs": [2]}, id="talk time off"),
        pytest.param([ADD, ADD, REMOVE], {"login_without_logout": [2]}, id="added twice"),
        pytest.param([ADD, (5, "NONE|NONE|NONE|QUEUESTART|"), (6, ADD[1])], {}, id="added again after a restart"),
        pytest.param([REMOVE], {"remove_without_add": [1]}, id="removed without being added"),
        pytest.param(
            [(0, "x|NONE|a|AGENTLOGIN|c"), (9, "x|NONE|a|AGENTCALLBACKLOGIN|c")],
            {"login_without_logout": [2]},
            id="two",
        ),
        pytest.param(
            [(0, "x|NONE|a|AGENTLOGIN|c"), (9, "x|NONE|a|AGENTLOGOFF|c|9"), (9, "x|NONE|a|AGENTLOGIN|c")], {}, id="one"
        ),
        pytest.param([(0, "NONE|q|a|UNPAUSE|")], {"unpause_without_pause": [1]}, id="unpause"),
        pytest.param([(0, "NONE|NONE|a|UNPAUSEALL|")], {"unpause_without_pause": [1]}, id="unpause all"),
        pytest.param(
            [ALL, (0, "NONE|q|a|PAUSE|x"), (9, "NONE|NONE|a|UNPAUSEALL|"), (9, "NONE|q|a|UNPAUSE|")],
            {},
            id="Asterisk's pause of all queues",
        ),
        pytest.param(
            [ALL, (9, "NONE|q|a|UNPAUSE|"), (9, "NONE|p|a|UNPAUSE|"), (9, "NONE|NONE|a|UNPAUSEALL|")],
            {},
            id="Wazo's order",
        ),
        pytest.param(
            [ALL, (9, "NONE|q|a|UNPAUSE|"), (99, "NONE|q|a|UNPAUSE|")], {"unpause_without_pause": [3]}, id="ended once"
        ),
        pytest.param(
            [(0, "NONE|q|a|PAUSE|"), (5, "NONE|q|a|ADDMEMBER|"), (9, "NONE|q|a|UNPAUSE|")],
            {"unpause_without_pause": [3]},
            id="ended by ADDMEMBER",
        ),
        pytest.param([(0, "NONE|q|a|ADDMEMBER|PAUSED"), (9, "NONE|q|a|UNPAUSE|")], {}, id="added in a pause"),
        pytest.param([(9, "NONE|q|a|PAUSE|"), (5, "NONE|q|b|PAUSE|")], {"time_backwards": [2]}, id="clock set back"),
        pytest.param(
            [(9, "NONE|q|a|PAUSE|"), (5, "NONE|q|b|PAUSE|"), (6, "NONE|q|c|PAUSE|")], {"time_backwards": [2]}, id="once"
        ),
        pytest.param([(9000, "NONE|q|a|PAUSE|"), (5, "NONE|q|b|PAUSE|")], {"time_backwards": [2]}, id="far back"),
    ],
)
def test_contradictions_are_found(lines: list[tuple[int, str]], expected: dict[str, list[int]]) -> None:
    assert found(*lines) == expected


def test_first_lines_are_kept_and_all_are_counted() -> None:
    what = check(*((at, f"c{at}|q|a|COMPLETEAGENT|1|1|1") for at in range(30))).contradictions[Kind.END_WITHOUT_CONNECT]
    assert what.count == 30
    assert [place.line for place in what.first] == list(range(1, SHOWN_LINES + 1))
    assert (what.first[0].file, what.first[0].text) == ("log", "COMPLETEAGENT c0 q a")


def test_many_open_calls_do_not_pile_up() -> None:
    consistency = check(*((at * 10, f"c{at}|q|a|CONNECT|1|x|1") for at in range(20_000)))
    assert consistency.contradictions[Kind.CONNECT_WITHOUT_END].count == 20_000 - 12 * 360 - 1


def test_times_days_and_gaps_are_covered() -> None:
    line = "NONE|q|a|PAUSE|"
    consistency = check((0, line), (5 * 3600, line), (6 * 3600, line), (9 * DAY, line))
    assert (consistency.first, consistency.last) == (BASE * 1000, (BASE + 9 * DAY) * 1000)
    assert consistency.gaps == [Gap((BASE + 6 * 3600) * 1000, (BASE + 9 * DAY) * 1000)]
    assert consistency.days == {date(2026, 6, 30): 2, date(2026, 7, 1): 1, date(2026, 7, 9): 1}  # 18:00 in Seoul
    assert check().first == check().last == 0


def test_names_events_and_reasons_are_counted() -> None:
    consistency = check(
        (0, "c1|q|NONE|ENTERQUEUE||123"),
        (1, "c1|q|Kim|CONNECT|1|x|1"),
        (2, "NONE|q|SIP/1|PAUSE|점심"),
        (3, "NONE|NONE|SIP/1|PAUSEREASON|세차"),
        (4, "NONE|q|SIP/1|UNPAUSE|점심"),
    )
    assert consistency.count_names() == {"Kim": 1, "SIP/1": 3}
    assert consistency.count_names({"PAUSEREASON", "CONNECT"}) == {"SIP/1": 2}
    assert consistency.events == dict.fromkeys(("ENTERQUEUE", "CONNECT", "PAUSE", "PAUSEREASON", "UNPAUSE"), 1)
    assert consistency.reasons == {"점심": 1}  # 세차 is one of the center's own


def test_every_kind_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Kind)
