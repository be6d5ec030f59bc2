"""The picture of a phone day, checked against sums reckoned second by second (rules.md 28–30)."""

import random
from collections.abc import Sequence
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octui.schema.stats import DayInterval, PhoneDay, PhoneState
from octui.state.phone_day import (
    HALF_HOUR_MS,
    HOUR_MS,
    Axis,
    Group,
    UsualDay,
    axis_of,
    calls_by_half_hour,
    group_of,
    group_shares,
    likely_next,
)

DAY = 1_795_359_600_000  # 2026-11-23 00:00 in Seoul
HOURS_24 = 24 * HOUR_MS


def phone_day(intervals: Sequence[DayInterval], start: int = DAY) -> PhoneDay:
    return PhoneDay(date="2026-11-23", day_start=start, day_end=start + HOURS_24, intervals=list(intervals))


@st.composite
def days(draw: st.DrawFn, start: int = DAY) -> PhoneDay:
    """Draw a day of contiguous intervals of whole seconds, with gaps now and then."""
    at = start + draw(st.integers(0, 12 * 3600)) * 1000
    intervals: list[DayInterval] = []
    for _ in range(draw(st.integers(0, 30))):
        at += draw(st.sampled_from([0, 0, 0, 600_000]))
        end = min(start + HOURS_24, at + draw(st.integers(1, 3000)) * 1000)
        state = draw(st.sampled_from(list(PhoneState)))
        detail = draw(st.sampled_from([None, "ringing", "default"])) if state is PhoneState.OTHER else None
        if end > at:
            intervals.append((at, end, state, detail, draw(st.booleans())))
        at = end
    return phone_day(intervals, start)


@settings(max_examples=30)
@given(days(), st.integers(1, 40), st.sampled_from([60_000, 300_000, 450_000]), st.integers(0, 47))
def test_shares_of_a_cell_are_its_seconds_by_group(day: PhoneDay, cells: int, cell_ms: int, half: int) -> None:
    axis = Axis(DAY + half * HALF_HOUR_MS, cells, cell_ms)
    shares = group_shares(day.intervals, axis)
    seconds = {group: [0] * cells for group in Group}
    for start, end, state, detail, _ in day.intervals:
        group = group_of(state, detail)
        for second in range(max(start, axis.start) // 1000, min(end, axis.end) // 1000):
            if group is not None:
                seconds[group][axis.cell_at(second * 1000)] += 1
    for group in Group:
        assert shares[group] == [count * 1000 / cell_ms for count in seconds[group]]


def test_ringing_dialling_and_hold_are_talk_and_other_states_are_in_no_row() -> None:
    assert [group_of(PhoneState.OTHER, detail) for detail in ("ringing", "dialling", "hold")] == [Group.TALK] * 3
    assert group_of(PhoneState.OTHER, "default") is None
    assert group_of(PhoneState.OTHER, None) is None


@settings(max_examples=30)
@given(st.lists(days(), min_size=3, max_size=6), st.integers(0, 86_400), st.sampled_from(list(PhoneState)))
def test_usual_day_is_the_median_of_what_each_day_had_by_then(
    earlier: list[PhoneDay], second: int, state: PhoneState
) -> None:
    sums = []
    for day in earlier:
        begun = [each for each in day.intervals if each[2] is state and each[0] <= DAY + second * 1000]
        ms = sum(min(end, DAY + second * 1000) - start for start, end, *_ in begun)
        sums.append((sum(counted for *_, counted in begun), ms))
    usual = UsualDay(earlier).figure_at(state, second * 1000)
    assert usual == (median(count for count, _ in sums), median(ms for _, ms in sums))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_earlier_days_are_no_usual_day(count: int) -> None:
    usual = UsualDay([phone_day([(DAY, DAY + 5, PhoneState.READY, None, True)])] * count)
    assert not usual.is_known
    assert usual.figure_at(PhoneState.READY, HOUR_MS) is None
    halves = calls_by_half_hour(DAY, (), usual.days, Axis(DAY, 60, 300_000))
    assert {half.usual for half in halves} == {None}


@settings(max_examples=30)
@given(days())
def test_every_counted_call_is_in_one_half_hour(day: PhoneDay) -> None:
    halves = calls_by_half_hour(DAY, day.intervals, (), Axis(DAY, 48, HALF_HOUR_MS))
    for state, name in ((PhoneState.INBOUND_CALLS, "inbound"), (PhoneState.OUTBOUND_CALLS, "outbound")):
        calls = [start for start, _, each, _, counted in day.intervals if each is state and counted]
        assert sum(getattr(half, name) for half in halves) == len(calls)
        for half in halves:
            inside = [start for start in calls if half.start <= start < half.start + HALF_HOUR_MS]
            assert getattr(half, name) == len(inside)


@pytest.mark.parametrize("hours", [23, 24, 25])
@given(cells=st.integers(1, 400), first=st.integers(0, 22 * 60), now=st.integers(0, 25 * 60))
def test_axis_holds_the_present_moment_and_fits(hours: int, cells: int, first: int, now: int) -> None:
    end = DAY + hours * HOUR_MS
    moment = min(DAY + max(first, now) * 60_000, end - 1)
    interval: DayInterval = (DAY + first * 60_000, moment + 1, PhoneState.READY, None, True)
    axis = axis_of(DAY, end, [interval], (), moment, cells)
    assert 1 <= axis.cells <= cells
    assert DAY <= axis.start <= interval[0]
    assert (axis.start - DAY) % HOUR_MS == 0
    if cells >= hours:
        assert axis.start <= moment < axis.end


def test_likely_next_state_is_what_followed_most_often() -> None:
    dice = random.Random(4)
    order = [PhoneState.INBOUND_CALLS, PhoneState.TICKET_WORK] * 3 + [PhoneState.INBOUND_CALLS, PhoneState.READY]
    intervals: list[DayInterval] = [(i, i + dice.randrange(1, 9), state, None, True) for i, state in enumerate(order)]
    assert likely_next(intervals, PhoneState.INBOUND_CALLS) == [PhoneState.TICKET_WORK, PhoneState.READY]
    assert likely_next(intervals, PhoneState.MEAL) == []
