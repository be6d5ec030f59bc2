"""Calls in queues, case by case (rules.md 47–50)."""

from typing import Any

import pytest

from octui.server.events.queue_call_rules import (
    ABANDONED,
    ANOTHER_CALL_MS,
    ANSWERED,
    BREAK_WORK,
    IN_TIME,
    LONGEST_STAY_MS,
    MOST_FACTS,
    OFFERED,
    ON_CALL,
    OUTBOUND,
    READY,
    DayTerms,
    Fact,
    SourceClock,
    Stay,
    agent_column,
    count_calls,
    count_plain_call,
    fact_of,
    fold_call,
    known_until,
    restart_fact,
    trim_facts,
)

HOUR = 3600
Times = tuple[int | None, int | None, int | None, list[tuple[int, int | None, int]]]


def facts_of(text: str) -> tuple[list[Fact], list[Fact]]:
    """Return the facts and restarts of a line such as `0 ENTER, 9 CONNECT 9`: seconds, event, its reported wait."""
    facts, restarts = [], []
    for sequence, part in enumerate(text.split(",")):
        second, name, *wait = part.split()
        at = int(second) * 1000
        args = {"CONNECT": [*wait, "u", "3"], "EXITWITHKEY": ["1", "2", "1", *wait]}.get(name, ["1", "1", *wait])
        if name == "QUEUESTART":
            restarts.append(restart_fact(at, sequence))
            continue
        data: dict[str, Any] = {"call": "c", "args": args}
        kind = f"octui.queue.{'ENTERQUEUE' if name == 'ENTER' else name}"
        if name == "TALK":
            kind, data = "octui.phone.state", {"call": "c", "state": "inbound_calls"}
        found = fact_of(kind, at, sequence, data)
        assert found is not None
        facts.append(found[1])
    return facts, restarts


def outcome(text: str) -> list[Times]:
    """Return offered, answered, abandoned and the stays of each call, in seconds."""
    facts, restarts = facts_of(text)

    def seconds(at: int | None) -> int | None:
        return None if at is None else at // 1000

    return [
        (
            seconds(call.offered_at),
            seconds(call.answered_at),
            seconds(call.abandoned_at),
            [(stay.start // 1000, seconds(stay.end), stay.since // 1000) for stay in call.stays],
        )
        for call in fold_call(facts, restarts)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("0 ENTER", (0, None, None, [(0, None, 0)]), id="waits"),
        pytest.param("0 ENTER, 9 CONNECT 9", (0, 9, None, [(0, 9, 0)]), id="answered"),
        pytest.param("0 ENTER, 9 ABANDON 9", (0, None, 9, [(0, 9, 0)]), id="abandoned"),
        pytest.param("0 ENTER, 9 EXITWITHTIMEOUT 9", (0, None, 9, [(0, 9, 0)]), id="timed out"),
        pytest.param("0 ENTER, 9 EXITWITHKEY 9", (0, None, 9, [(0, 9, 0)]), id="left by key"),
        pytest.param("0 ENTER, 9 EXITEMPTY 9", (0, None, 9, [(0, 9, 0)]), id="nobody there"),
        pytest.param("0 ENTER, 9 QUEUESTART", (0, None, 9, [(0, 9, 0)]), id="PBX restarted"),
        pytest.param("0 QUEUESTART, 9 ENTER", (9, None, None, [(9, None, 9)]), id="entered after a restart"),
        pytest.param("0 ENTER, 9 TALK", (0, 9, None, [(0, 9, 0)]), id="a CTI reports talk"),
        pytest.param("0 ENTER, 9 TALK, 10 CONNECT 9", (0, 9, None, [(0, 9, 0)]), id="a CTI before the log"),
        pytest.param("9 TALK", (None, None, None, []), id="talk of a call in no queue"),
        pytest.param("30 CONNECT 20", (10, 30, None, [(10, 30, 10)]), id="answered, entry missing"),
        pytest.param("30 ABANDON 20", (10, None, 30, [(10, 30, 10)]), id="abandoned, entry missing"),
        pytest.param("30 EXITWITHKEY 20", (10, None, 30, [(10, 30, 10)]), id="left by key, entry missing"),
        pytest.param("30 CONNECT", (30, 30, None, [(30, 30, 30)]), id="no wait reported"),
        pytest.param("30 CONNECT -5", (30, 30, None, [(30, 30, 30)]), id="negative wait"),
        pytest.param("30 CONNECT 1e9", (30, 30, None, [(30, 30, 30)]), id="no number"),
        pytest.param(
            "0 ENTER, 9 EXITWITHTIMEOUT 9, 20 ENTER, 30 CONNECT 10",
            (0, 30, None, [(0, 9, 0), (20, 30, 0)]),
            id="comes back after a timeout",
        ),
        pytest.param(
            "0 ENTER, 9 ABANDON 9, 20 ENTER, 30 ABANDON 10",
            (0, None, 30, [(0, 9, 0), (20, 30, 0)]),
            id="abandons twice",
        ),
        pytest.param("0 ENTER, 5 ENTER, 9 CONNECT 9", (0, 9, None, [(0, 9, 0)]), id="enters while it waits"),
        pytest.param(
            "0 ENTER, 9 CONNECT 9, 60 ENTER, 70 CONNECT 10",
            (0, 9, None, [(0, 9, 0), (60, 70, 60)]),
            id="transferred",
        ),
        pytest.param(
            "0 ENTER, 9 CONNECT 9, 60 ENTER, 70 ABANDON 10",
            (0, 9, None, [(0, 9, 0), (60, 70, 60)]),
            id="gives up after a transfer",
        ),
        pytest.param(
            "0 ENTER, 9 ABANDON 9, 40 ABANDON 10",
            (0, None, 40, [(0, 9, 0), (30, 40, 0)]),
            id="comes back, entry missing",
        ),
        pytest.param("0 ENTER, 9 ABANDON 9, 12 EXITEMPTY", (0, None, 9, [(0, 9, 0)]), id="left again without a wait"),
        pytest.param("0 ENTER, 9 ABANDON 9, 9 EXITEMPTY 9", (0, None, 9, [(0, 9, 0)]), id="left twice"),
        pytest.param(
            f"0 ENTER, {5 * HOUR} CONNECT 18000", (0, 5 * HOUR, None, [(0, 4 * HOUR, 0)]),
            id="answered after five hours",
        ),
        pytest.param(
            f"0 ENTER, {5 * HOUR} QUEUESTART, {5 * HOUR} ABANDON",
            (0, None, 5 * HOUR, [(0, 4 * HOUR, 0)]),
            id="no restart ends a wait that is over",
        ),
    ],
)  # fmt: skip
def test_rule_47_a_call_becomes(text: str, expected: Times) -> None:
    assert outcome(text) == [expected]


def test_rule_47_an_id_that_comes_again_after_12_hours_is_another_call() -> None:
    again = ANOTHER_CALL_MS // 1000
    assert outcome(f"0 ENTER, {again} ENTER, {again + 5} CONNECT 5") == [
        (0, None, None, [(0, 4 * HOUR, 0)]),
        (again, again + 5, None, [(again, again + 5, again)]),
    ]


@pytest.mark.parametrize("call", ["", None])
def test_rule_47_a_call_without_an_id_is_not_counted(call: str | None) -> None:
    assert fact_of("octui.queue.ENTERQUEUE", 1, 0, {"call": call, "args": []}) is None


@pytest.mark.parametrize("end", [0, 59, 60, 61, 999, 1000, 1500, 4 * HOUR - 1, 4 * HOUR])
@pytest.mark.parametrize("begin", [0, 1, 59, 990])
@pytest.mark.parametrize("name", ["CONNECT 5", "ABANDON 5", "TALK", "EXITEMPTY", "ENTER"])
def test_plain_calls_count_as_all_others_do(begin: int, end: int, name: str) -> None:
    facts, _ = facts_of(f"{begin} ENTER, {begin + end} {name}")

    def day_of(at: int) -> DayTerms:
        return DayTerms(1000_000, 60_000)

    is_plain = name in ("CONNECT 5", "ABANDON 5", "EXITEMPTY") and end < 4 * HOUR
    assert count_plain_call(facts, day_of) == (count_calls(fold_call(facts), day_of) if is_plain else None)


def counted(text: str, *, day_end: int = 1000, threshold: int = 20) -> tuple[list[tuple[int, int]], list[Stay]]:
    facts, restarts = facts_of(text)
    return count_calls(fold_call(facts, restarts), lambda at: DayTerms(day_end * 1000, threshold * 1000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("0 ENTER", [(0, OFFERED)], id="offered"),
        pytest.param("0 ENTER, 20 CONNECT 20", [(0, OFFERED), (0, ANSWERED), (0, IN_TIME)], id="in time"),
        pytest.param("0 ENTER, 21 CONNECT 21", [(0, OFFERED), (0, ANSWERED)], id="too late"),
        pytest.param("50 ENTER, 60 CONNECT 10", [(0, OFFERED), (1, ANSWERED), (1, IN_TIME)], id="next minute"),
        pytest.param("50 ENTER, 130 ABANDON 10", [(0, OFFERED), (2, ABANDONED)], id="abandoned"),
        pytest.param("50 ENTER, 1500 CONNECT 10", [(0, OFFERED), (16, ANSWERED)], id="after midnight"),
        pytest.param("50 ENTER, 1500 ABANDON 10", [(0, OFFERED), (16, ABANDONED)], id="abandoned after midnight"),
    ],
)
def test_rule_48_a_call_counts_in_its_minutes(text: str, expected: list[tuple[int, int]]) -> None:
    assert counted(text)[0] == expected


def test_rule_48_only_stays_at_the_end_of_a_minute_are_kept() -> None:
    assert counted("1 ENTER, 59 CONNECT 58")[1] == []
    assert counted("1 ENTER, 60 CONNECT 59")[1] == [Stay(1000, 60_000, 1000)]
    assert counted("1 ENTER")[1] == [Stay(1000, None, 1000)]


@pytest.mark.parametrize(
    ("column", "states"),
    [
        (READY, [("ready", None)]),
        (ON_CALL, [("inbound_calls", ""), ("transfer", ""), ("other", "hold"), ("other", "ringing")]),
        (OUTBOUND, [("outbound_calls", None), ("other", "dialling")]),
        (BREAK_WORK, [("rest", None), ("ticket_work", ""), ("other", None), ("other", "default")]),
    ],
)
def test_rule_49_an_agent_counts_by_what_they_do(column: int, states: list[tuple[str, str | None]]) -> None:
    assert {agent_column(*state) for state in states} == {column}


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        pytest.param([], None, id="no source"),
        pytest.param([(50, 0), (70, 0)], 70, id="none is followed: the latest"),
        pytest.param([(150, 150), (120, 130), (900, 0)], 120, id="followed ones: the earliest"),
        pytest.param([(90, 90), (95, 0)], 95, id="followed yesterday counts no longer"),
    ],
)
def test_rule_50_figures_are_known_until(clocks: list[tuple[int, int]], expected: int | None) -> None:
    assert known_until([SourceClock(*clock) for clock in clocks], day_start=100) == expected


@pytest.mark.parametrize("gap", [1, HOUR * 1000, ANOTHER_CALL_MS])
def test_same_facts_are_forgotten_in_whatever_parts_they_came(gap: int) -> None:
    facts = [Fact(at * gap, 0, "a") for at in range(3 * MOST_FACTS)]
    for arriving in (facts, facts[::-1], [*facts[1::2], *facts[::2]]):
        kept: list[Fact] = []
        for part in range(0, len(arriving), 70):
            kept = trim_facts({*kept, *arriving[part : part + 70]})
        assert kept == facts[-MOST_FACTS:]


def test_a_reported_wait_is_never_longer_than_a_stay() -> None:
    found = fact_of("octui.queue.CONNECT", 0, 0, {"call": "c", "args": ["9" * 40]})
    assert found is not None
    assert found[1].wait == LONGEST_STAY_MS
