"""Figures of services as boards show them: rates, age, midnight, sums (rules.md 33, 50)."""

import pytest

from octui.state.floor import Rate, RateVerdict, floor_row, rate_of, sum_rows
from unit.floors import DAY, MIDNIGHT, NOW, floor_of


@pytest.mark.parametrize(
    ("part", "whole", "percent", "verdict"),
    [
        (849, 1000, 84, RateVerdict.WATCH),
        (85, 100, 85, RateVerdict.GOOD),
        (8499, 10_000, 84, RateVerdict.WATCH),
        (70, 100, 70, RateVerdict.BAD),
        (7001, 10_000, 70, RateVerdict.WATCH),
        (0, 3, 0, RateVerdict.BAD),
        (3, 3, 100, RateVerdict.GOOD),
        (999, 1000, 99, RateVerdict.GOOD),
    ],
)
def test_rates_are_cut_and_judged_by_the_exact_value(part: int, whole: int, percent: int, verdict: RateVerdict) -> None:
    rate = Rate(part, whole)
    assert (rate.percent, rate.verdict) == (percent, verdict)


def test_a_rate_of_nothing_is_none() -> None:
    assert rate_of(0, 0) is None


def test_rule_50_figures_are_old_only_after_30_seconds() -> None:
    fresh, old = (floor_row(floor_of(age_s=age), NOW) for age in (30, 31))
    assert (fresh.age_ms, old.age_ms) == (None, 31_000)


def test_rule_50_a_wait_does_not_count_on_in_old_figures() -> None:
    floor = floor_of(waiting=2, wait_s=100, age_s=10)
    waits = [floor_row(floor, NOW + seconds * 1000).longest_wait_ms for seconds in (0, 20, 21, 600)]
    assert waits == [100_000, 120_000, 90_000, 90_000]


def test_rule_50_figures_known_until_a_time_to_come_grow_old_all_the_same() -> None:
    assert floor_row(floor_of(age_s=-DAY), NOW + 31_000).age_ms == 31_000


def test_a_wait_that_begins_in_the_future_is_none_below_zero() -> None:
    assert floor_row(floor_of(waiting=1, wait_s=-5), NOW).longest_wait_ms == 0


def test_at_the_service_s_midnight_the_day_s_figures_become_unknown() -> None:
    floor = floor_of(waiting=3, wait_s=10, at=MIDNIGHT + DAY - 1000)
    before, after = (floor_row(floor, MIDNIGHT + DAY + moment) for moment in (-1, 0))
    assert before.is_known
    assert not after.is_known
    assert not after.is_old
    assert after.longest_wait_ms is None


def test_a_service_without_events_is_unknown_and_not_zero() -> None:
    row = floor_row(floor_of(is_known=False), NOW)
    assert (row.waiting, row.calls, row.agents, row.age_ms) == (None, None, None, None)


def test_a_sum_has_the_calls_of_all_and_the_longest_wait() -> None:
    rows = [floor_row(floor_of(waiting=n, wait_s=n, calls=(n, n, 0, n)), NOW) for n in (1, 40, 2)]
    total = sum_rows(rows)
    assert (total.waiting, total.longest_wait_ms, total.partial) == (43, 40_000, False)
    assert total.calls is not None
    assert total.calls.offered == 43


@pytest.mark.parametrize("other", [floor_of("b", age_s=100), floor_of("b", is_known=False)])
def test_a_sum_with_an_old_or_unknown_part_says_so_and_is_not_old_itself(other: object) -> None:
    total = sum_rows([floor_row(floor_of(), NOW), floor_row(other, NOW)])  # type: ignore[arg-type]
    assert (total.partial, total.is_old) == (True, False)


def test_a_sum_of_old_figures_alone_is_old() -> None:
    total = sum_rows([floor_row(floor_of(age_s=age), NOW) for age in (50, 70)])
    assert total.age_ms == 70_000


def test_a_sum_of_nothing_is_unknown() -> None:
    total = sum_rows([])
    assert (total.waiting, total.calls, total.is_known, total.is_old) == (None, None, False, False)
