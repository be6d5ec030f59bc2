"""Which event began, named and ended each interval, also where the log does not say (rules.md 35–45)."""

from typing import NamedTuple

import pytest

from octui.schema.stats import Origin
from octui.server.core.calendar import day_bounds
from octui.server.events.rules import queue_content
from octui.server.events.timeline_rules import Context
from octui.server.stats.evidence_rules import (
    StoredEvent,
    beginning_of,
    end_of,
    events_between,
    source_event,
    trace_intervals,
)

ZONE = "Asia/Seoul"
TODAY, TOMORROW = day_bounds(20260701, ZONE)
NINE = TODAY + 9 * 3_600_000
AGENT = "PJSIP/7001"


class Explained(NamedTuple):
    """An interval: seconds from nine to its end, and kind and line of its boundaries; `named`: a line."""

    start: int
    end: int | None
    began: tuple[str, int | None]
    ended: tuple[str, int | None]
    named: int | None = None


def stored(text: str) -> list[StoredEvent]:
    """Return lines of seconds since nine, call, queue, event and arguments as stored events, numbered from 1."""
    events = []
    for place, line in enumerate(text.split()):
        second, call, queue, name, *args = line.split("|")
        at, kind = NINE + int(second) * 1000, f"octui.queue.{name}"
        data, _ = queue_content(kind, call, queue, AGENT, args, None)
        everybody = name == "QUEUESTART"
        number = f"{at // 1000:012d}-{place:016x}-0"
        events.append(StoredEvent(at, place, number, "asterisk/queue_log", kind, data, everybody, "log", place + 1))
    return events


def explain(text: str, state: str, now: int = 4 * 3600, channel: str = "phone") -> list[Explained]:
    """Return the intervals of a state that a log leaves at `now` (seconds after nine)."""
    events, until = stored(text), NINE + now * 1000

    def line_of(place: int | None) -> int | None:
        return None if place is None else events[place].line

    explained = []
    for traced in trace_intervals(Context(), events, ZONE, until):
        if (traced.channel, traced.state) == (channel, state):
            end = traced.end if traced.end is None or traced.end < TOMORROW else TOMORROW
            began, ended = beginning_of(traced, events, TODAY), end_of(traced, events, TOMORROW, end)
            explained.append(
                Explained(
                    (traced.start - NINE) // 1000,
                    None if traced.end is None else (traced.end - NINE) // 1000,
                    (began.kind.value, line_of(began.event)),
                    (ended.kind.value, line_of(ended.event)),
                    line_of(traced.named),
                )
            )
    return explained


MORNING = """
0|NONE|sales|ADDMEMBER|
70|17.1|sales|CONNECT|10|17.2|8
370|17.1|sales|COMPLETECALLER|10|300|1
400|NONE|NONE|PAUSEALL|
400|NONE|sales|PAUSE|lunch
1000|NONE|NONE|UNPAUSEALL|
1000|NONE|sales|UNPAUSE|
1100|17.9|sales|RINGNOANSWER|15000
2000|NONE|sales|REMOVEMEMBER|
"""


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("inbound_calls", [Explained(70, 370, ("event", 2), ("event", 3))]),
        (
            "other",
            [
                Explained(62, 70, ("ringing", 2), ("event", 2)),
                Explained(1085, 1100, ("ringing", 8), ("event", 8)),
            ],
        ),
        ("meal", [Explained(400, 1000, ("event", 4), ("event", 6), 5)]),
        (
            "ready",
            [
                Explained(0, 62, ("event", 1), ("ringing", 2)),
                Explained(370, 400, ("event", 3), ("event", 4)),
                Explained(1000, 1085, ("event", 6), ("ringing", 8)),
                Explained(1100, 2000, ("event", 8), ("event", 9)),
            ],
        ),
    ],
)
def test_each_interval_of_a_morning_names_its_events(state: str, expected: list[Explained]) -> None:
    assert explain(MORNING, state) == expected


def test_login_is_explained_by_its_first_and_last_event() -> None:
    assert explain(MORNING, "logged_in", channel="login") == [Explained(0, 2000, ("event", 1), ("event", 9))]


def test_restart_ends_the_presence() -> None:
    assert explain("0|NONE|sales|ADDMEMBER| 60|NONE|NONE|QUEUESTART|", "ready") == [
        Explained(0, 60, ("event", 1), ("event", 2))
    ]


def test_reason_that_comes_later_names_the_state() -> None:
    log = "0|NONE|sales|ADDMEMBER| 10|NONE|NONE|PAUSEALL| 40|NONE|NONE|PAUSEREASON|lunch 90|NONE|sales|REMOVEMEMBER|"
    assert explain(log, "meal") == [Explained(10, 90, ("event", 2), ("event", 4), 3)]


def test_running_interval_has_not_ended() -> None:
    assert explain("0|NONE|sales|ADDMEMBER|", "ready") == [Explained(0, None, ("event", 1), ("now", None))]


STATIC = "0|1|sales|CONNECT|1|2|0 60|1|sales|COMPLETECALLER|1|60|1 300|3|sales|RINGNOANSWER|1000"


def test_rule_39_assumed_presence_ends_at_its_last_event() -> None:
    day = 24 * 3600
    assert explain(STATIC, "assumed", day, "login") == [Explained(0, 300, ("event", 1), ("proved", 3))]
    # The next day's first event does not change that.
    later = f"{STATIC} {day}|4|sales|CONNECT|1|5|3"
    assert explain(later, "assumed", day + 60, "login")[0] == Explained(0, 300, ("event", 1), ("proved", 3))


def test_rule_40_call_without_an_end_is_over_at_the_last_event() -> None:
    log = "0|NONE|sales|ADDMEMBER| 10|1|sales|CONNECT|1|2|0 30|NONE|other|ADDMEMBER|"
    silence = 13 * 3600
    for text, now in ((log, silence), (f"{log} {silence}|NONE|other|REMOVEMEMBER|", silence + 60)):
        assert explain(text, "inbound_calls", now) == [Explained(10, 30, ("event", 2), ("last_event", 3))]
        assert explain(text, "ready", now)[1][:3] == (30, None, ("last_event", 3))


def test_interval_over_midnight_names_the_event_of_the_next_day() -> None:
    late = (TOMORROW - NINE) // 1000 + 30
    log = f"0|NONE|sales|ADDMEMBER| {late}|NONE|sales|REMOVEMEMBER|"
    assert explain(log, "ready", late + 60) == [Explained(0, late, ("event", 1), ("day", 2))]


def test_events_between_are_those_from_cause_to_end() -> None:
    events = stored(MORNING)
    traced = next(each for each in trace_intervals(Context(), events, ZONE, TOMORROW) if each.state == "meal")
    assert traced.end is not None
    began, ended = beginning_of(traced, events, TODAY), end_of(traced, events, TOMORROW, traced.end)
    assert [event.line for event in events_between(events, began, ended, traced.start, traced.end)] == [4, 5, 6]


def test_line_is_shown_as_the_log_has_it() -> None:
    event = stored("70|17.1|sales|CONNECT|10|17.2|8")[0]
    assert source_event(event).text == f"{NINE // 1000 + 70}|17.1|sales|{AGENT}|CONNECT|10|17.2|8"
    # The clock was set back: the event has the time of the line before, the line its own.
    back = event._replace(id=f"{NINE // 1000 - 600:012d}-{0:016x}-0", data={"agent": "a\x1b[31m", "args": []})
    assert source_event(back).text == f"{NINE // 1000 - 600}|NONE|NONE|a\ufffd[31m|CONNECT|"


@pytest.mark.parametrize(
    ("source", "kind", "file", "origin"),
    [
        ("octui:keys", "octui.phone.state", None, Origin.KEY),
        ("cti.example", "octui.phone.state", None, Origin.CTI),
        ("asterisk/queue_log", "octui.queue.PAUSE", None, Origin.LOG),
        ("asterisk/cdr", "octui.call.answered", "Master.csv", Origin.LOG),
    ],
)
def test_origin_tells_keys_and_cti_from_a_log(source: str, kind: str, file: str | None, origin: Origin) -> None:
    event = source_event(StoredEvent(NINE, 0, "1", source, kind, {"state": "rest"}, False, file, None))
    assert (event.origin, event.state) == (origin, "rest")
