"""Rows of a queue_log have the outcome of the CloudEvents they stand for."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octui.intake.queue_log import cloud_event_of
from octui.server.events.row_rules import judge_rows
from octui.server.events.rules import MOST_AHEAD_MS, judge_events

NOW = 1_782_864_000_000
REASONS = {"세차": "meeting", "": "other"}
LINE = [NOW, 0, "001782864000-a-0", "PAUSE", "1.1", "q", "PJSIP/7001", ["lunch"], 1]

_EVENTS = ("CONNECT", "RINGNOANSWER", "PAUSE", "PAUSEALL", "UNPAUSE", "ENTERQUEUE", "QUEUESTART", "ADDMEMBER", "NEW")
_texts = st.one_of(
    st.sampled_from(("", "NONE", "q", "Agent/1001", "김민수", "a\x1b[2J", "큐\u202e", "x" * 199, "x" * 201, "é" * 150)),
    st.text(max_size=8),
)
_args = st.lists(st.one_of(_texts, st.sampled_from(("3", "세차", "lunch", "٣"))), max_size=18)
_rows = st.tuples(
    st.one_of(st.integers(NOW - 10, NOW), st.sampled_from((0, NOW + MOST_AHEAD_MS, NOW + MOST_AHEAD_MS + 1))),
    st.sampled_from((0, 7, 1 << 40, -1, 2**63 - 1, 2**63)),
    st.one_of(st.just("001782864000-a-0"), _texts),
    st.sampled_from((*_EVENTS, "x" * 100, "A B")),
    _texts,
    _texts,
    _texts,
    _args,
    st.integers(1, 9),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_rows, max_size=4), st.booleans())
def test_rows_are_judged_as_their_cloud_events_are(rows: list[Any], named: bool) -> None:
    reasons = REASONS if named else {}
    judged = judge_rows([list(row) for row in rows], reasons, "oc", NOW)
    events = judge_events([cloud_event_of(row, reasons) for row in rows], "oc", NOW)
    assert [event._replace(line=None) for event in judged.events] == events.events
    assert [event.line for event in judged.events] == [rows[place][8] for place in judged.places]
    assert (judged.places, judged.unknown, judged.refused) == (events.places, events.unknown, events.refused)


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, "1"), (0, 1.5), (0, True), (1, None), (2, 7), (3, None), (3, []), (7, "x"), (8, 0), (8, None), (8, 2**63)],
)
def test_row_of_another_shape_is_refused(place: int, value: object) -> None:
    broken = [*LINE[:place], value, *LINE[place + 1 :]]
    judged = judge_rows([LINE, broken, LINE[:8], [*LINE, 1], "row", None], {}, "oc", NOW)
    assert judged.places == [0]
    assert [(each.index, each.code) for each in judged.refused] == [(index, "type") for index in range(1, 6)]


@pytest.mark.parametrize("args", [["a", 1], [None], [["a"]]])
def test_argument_that_is_no_text_is_refused(args: list[object]) -> None:
    judged = judge_rows([[*LINE[:7], args, 1]], {}, "oc", NOW)
    assert [each.code for each in judged.refused] == ["type"]
