"""Days of a time zone as spans of epoch milliseconds (rules.md 28): of 23, 24, 25 hours, of others, even of none.

A day begins at the first instant its date is shown in the zone. Where a clock goes back over midnight, the hour shown
twice stays with the day already begun, so that days never overlap and leave no gap.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_UTC_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
FIRST_DAY = 19700102
LAST_DAY = 99981231


def date_of(day: int) -> date:
    """A YYYYMMDD number as a date. Raises ValueError where there is no such date."""
    return date(day // 10_000, day // 100 % 100, day % 100)


def day_number(day: date) -> int:
    """A date as a YYYYMMDD number."""
    return day.year * 10_000 + day.month * 100 + day.day


def _start(day: date, zone: ZoneInfo) -> int:
    # Never subtract in the zone itself: that is wall-clock arithmetic.
    first = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return (first - _EPOCH) // _MS


@lru_cache(maxsize=8192)
def day_bounds(day: int, zone: str) -> tuple[int, int]:
    """First millisecond of the day and of the next one, epoch ms. Both equal: a day the zone left out.

    Raises ValueError for a day before 1970-01-02, after 9998-12-31, or not in the calendar, and
    zoneinfo.ZoneInfoNotFoundError for an unknown zone.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"day {day} is out of range")
    the_date = date_of(day)
    found = ZoneInfo(zone)
    return _start(the_date, found), _start(the_date + timedelta(days=1), found)


@lru_cache(maxsize=8192)
def _around(utc_day: int, zone: str) -> tuple[tuple[int, int, int], ...]:
    """The days (start, end, number) that touch a day of UTC."""
    found = ZoneInfo(zone)
    middle = date(1970, 1, 1) + timedelta(days=utc_day)
    low, high = utc_day * _UTC_DAY, (utc_day + 1) * _UTC_DAY
    days = []
    for offset in range(-2, 3):
        the_date = middle + timedelta(days=offset)
        start, end = _start(the_date, found), _start(the_date + timedelta(days=1), found)
        if start < high and end > low and start < end:
            days.append((start, end, day_number(the_date)))
    return tuple(days)


def _day_around(ms: int, zone: str) -> tuple[int, int, int]:
    for found in _around(ms // _UTC_DAY, zone):
        if found[0] <= ms < found[1]:
            return found
    raise ValueError(f"no day holds {ms} in {zone}")


def day_of(ms: int, zone: str) -> int:
    """The day an instant belongs to, as YYYYMMDD."""
    return _day_around(ms, zone)[2]


def split_by_day(start: int, end: int, zone: str) -> Iterator[tuple[int, int, int]]:
    """The pieces (day, start, end) of a span, cut at the zone's midnights. An empty span is one empty piece."""
    while True:
        _, last, day = _day_around(start, zone)
        if end <= last:
            yield day, start, end
            return
        yield day, start, last
        start = last
