"""Alarms of queues over time (rules.md 51)."""

import pytest

from octui.schema.floor import ServiceFloor
from octui.state.alarms import AlarmBook, AlarmLimits, Cause, causes_of
from octui.state.floor import FloorRow, floor_row
from unit.floors import NOW, floor_of

CALM = floor_of()
LONG = floor_of(waiting=1, wait_s=61)


def rows(*floors: ServiceFloor, now: int = NOW) -> list[FloorRow]:
    return [floor_row(floor, now) for floor in floors]


@pytest.mark.parametrize(
    ("floor", "causes"),
    [
        (CALM, ()),
        (floor_of(waiting=1, wait_s=60), ()),
        (LONG, (Cause.LONG_WAIT,)),
        (floor_of(waiting=1, wait_s=1, agents=(2, 0, 2, 0, 0)), (Cause.NOBODY_READY,)),
        (floor_of(waiting=0, agents=(2, 0, 2, 0, 0)), ()),
        (floor_of(calls=(20, 20, 0, 14)), (Cause.SERVICE_LEVEL,)),
        (floor_of(calls=(19, 19, 0, 0)), ()),
        (floor_of(calls=(1000, 900, 0, 701)), ()),
        (floor_of(is_known=False), ()),
    ],
)
def test_rule_51_causes_of_an_alarm(floor: ServiceFloor, causes: tuple[Cause, ...]) -> None:
    assert causes_of(floor_row(floor, NOW)) == causes


def test_rule_51_limits_are_the_service_s_own() -> None:
    limits = {"cs": AlarmLimits(longest_wait_s=90)}
    found = [AlarmBook().update(rows(floor_of(waiting=1, wait_s=wait)), NOW, limits) for wait in (61, 90, 91)]
    assert [len(alarms) for alarms in found] == [0, 0, 1]


def test_a_long_wait_is_an_alarm_since_it_was_too_long() -> None:
    (alarm,) = AlarmBook().update(rows(floor_of(waiting=1, wait_s=192)), NOW)
    assert alarm.since == NOW - 132_000


def test_rule_51_an_alarm_stays_until_its_cause_is_gone_for_30_seconds() -> None:
    book = AlarmBook()
    book.update(rows(LONG), NOW)
    ends = [book.update(rows(CALM), NOW + seconds * 1000) for seconds in (1, 30, 31)]
    assert [[alarm.until for alarm in alarms] for alarms in ends] == [[NOW + 1000], [NOW + 1000], []]


def test_an_alarm_whose_cause_comes_back_in_time_goes_on() -> None:
    book = AlarmBook()
    (first,) = book.update(rows(LONG), NOW)
    book.update(rows(CALM), NOW + 1000)
    (again,) = book.update(rows(LONG, now=NOW + 20_000), NOW + 20_000)
    assert (again.since, again.until) == (first.since, None)


def test_an_alarm_that_is_over_keeps_the_figures_it_had() -> None:
    book = AlarmBook()
    book.update(rows(floor_of(waiting=7, wait_s=192)), NOW)
    (alarm,) = book.update(rows(CALM), NOW + 1000)
    assert alarm.row.waiting == 7


def test_old_figures_neither_begin_nor_end_an_alarm() -> None:
    book = AlarmBook()
    assert book.update(rows(floor_of(waiting=1, wait_s=500, age_s=60)), NOW) == ()
    book.update(rows(LONG), NOW)
    (alarm,) = book.update(rows(floor_of(age_s=60)), NOW + 3_600_000)
    assert (alarm.until, alarm.row.is_old) == (None, True)


def test_an_alarm_ends_with_the_day_that_its_figures_were_of() -> None:
    book = AlarmBook()
    book.update(rows(LONG), NOW)
    unknown = rows(floor_of(is_known=False))
    assert [len(book.update(unknown, NOW + seconds * 1000)) for seconds in (1, 31)] == [1, 0]


def test_the_oldest_alarm_comes_first() -> None:
    floors = [floor_of("a", waiting=1, wait_s=70), floor_of("b", waiting=1, wait_s=300)]
    assert [alarm.service for alarm in AlarmBook().update(rows(*floors), NOW)] == ["b", "a"]


def test_a_service_that_is_taken_away_has_no_alarm() -> None:
    book = AlarmBook()
    book.update(rows(LONG), NOW)
    assert book.update([], NOW) == ()
