"""Bounds of days in zones where a day is not 24 hours (rules.md 28)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.server.core.calendar import date_of, day_bounds, day_number, day_of, split_by_day

MINUTE = 60_000
AWKWARD = [
    ("Asia/Seoul", 20260715, 1440),
    ("UTC", 20240229, 1440),
    ("America/New_York", 20260308, 1380),
    ("America/New_York", 20261101, 1500),
    ("America/Sao_Paulo", 20181104, 1380),  # midnight itself left out
    ("America/Sao_Paulo", 20190216, 1500),  # 24:00 goes back to 23:00
    ("Asia/Beirut", 20220327, 1380),
    ("Africa/Cairo", 20240426, 1380),
    ("Africa/Cairo", 20241031, 1500),
    ("America/Havana", 20260308, 1380),
    ("America/Havana", 20261101, 1500),  # 01:00 goes back to 00:00
    ("America/Santiago", 20240908, 1380),
    ("America/Asuncion", 20231001, 1380),
    ("America/St_Johns", 20101107, 1500),  # 00:01 goes back to 23:01 of the day before
    ("Australia/Lord_Howe", 20261004, 1410),
    ("Australia/Lord_Howe", 20260405, 1470),
    ("Pacific/Apia", 20111229, 1440),
    ("Pacific/Apia", 20111230, 0),  # never was
    ("Pacific/Apia", 20111231, 1440),
    ("Asia/Pyongyang", 20150814, 1470),
    ("Asia/Pyongyang", 20150815, 1440),
    ("Asia/Kathmandu", 19860101, 1425),
    ("Africa/Casablanca", 20260215, 1500),
    ("Europe/London", 20260329, 1380),
]
ZONES = sorted({zone for zone, _, _ in AWKWARD})


@pytest.mark.parametrize(("zone", "day", "minutes"), AWKWARD)
def test_length_of_unusual_days(zone: str, day: int, minutes: int) -> None:
    start, end = day_bounds(day, zone)
    assert (end - start) / MINUTE == minutes


@pytest.mark.parametrize(("zone", "day", "minutes"), AWKWARD)
def test_first_and_last_instant_belong_to_the_day(zone: str, day: int, minutes: int) -> None:
    start, end = day_bounds(day, zone)
    if minutes:
        assert day_of(start, zone) == day
        assert day_of(end - 1, zone) == day
    assert day_of(start - 1, zone) < day
    assert day_of(end, zone) > day or (
        not minutes and day_of(end, zone) == day_number(date_of(day) + timedelta(days=1))
    )


def test_seoul_day_begins_at_its_midnight() -> None:
    midnight = int(datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Seoul")).timestamp()) * 1000
    assert day_bounds(20261123, "Asia/Seoul") == (midnight, midnight + 86_400_000)
    assert list(split_by_day(midnight - 5, midnight + 7, "Asia/Seoul")) == [
        (20261122, midnight - 5, midnight),
        (20261123, midnight, midnight + 7),
    ]
    assert list(split_by_day(midnight - 5, midnight, "Asia/Seoul")) == [(20261122, midnight - 5, midnight)]
    assert list(split_by_day(midnight, midnight, "Asia/Seoul")) == [(20261123, midnight, midnight)]


def test_skipped_day_is_empty() -> None:
    before, after = day_bounds(20111229, "Pacific/Apia"), day_bounds(20111231, "Pacific/Apia")
    assert [piece[0] for piece in split_by_day(before[0], after[1], "Pacific/Apia")] == [20111229, 20111231]


@pytest.mark.parametrize("day", [20260230, 0, 19700101, 99990101, -1, 20261300])
def test_invalid_day_is_refused(day: int) -> None:
    with pytest.raises(ValueError, match=r"day|month|range"):
        day_bounds(day, "Asia/Seoul")


INSTANTS = st.integers(
    min_value=int(datetime(1985, 1, 1, tzinfo=UTC).timestamp()) * 1000,
    max_value=int(datetime(2037, 1, 1, tzinfo=UTC).timestamp()) * 1000,
)


@given(INSTANTS, st.integers(0, 5 * 86_400_000), st.sampled_from(ZONES))
def test_pieces_cover_the_span_and_lie_in_their_days(start: int, length: int, zone: str) -> None:
    pieces = list(split_by_day(start, start + length, zone))
    assert pieces[0][1] == start
    assert pieces[-1][2] == start + length
    for (day, first, last), following in zip(pieces, [*pieces[1:], None], strict=True):
        low, high = day_bounds(day, zone)
        assert low <= first <= last <= high
        if following:
            assert last == following[1] == high
            assert following[0] > day


@given(INSTANTS, st.sampled_from(ZONES))
def test_day_is_the_local_date_except_in_a_repeated_hour(ms: int, zone: str) -> None:
    shown = datetime.fromtimestamp(ms / 1000, ZoneInfo(zone))
    day = day_of(ms, zone)
    if zone != "America/St_Johns":
        assert day == shown.year * 10_000 + shown.month * 100 + shown.day
    low, high = day_bounds(day, zone)
    assert low <= ms < high
