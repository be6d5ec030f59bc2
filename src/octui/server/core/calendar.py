"""Days and months as numbers (YYYYMMDD, YYYYMM) and as spans of epoch milliseconds in a time zone (rules.md 10, 28).

A day may have 23, 24, 25 or another number of hours, and a zone may leave out a whole day. A day begins at the first
instant its date is shown in the zone. Where a clock goes back over midnight, the hour shown twice stays with the day
already begun, so that days never overlap and leave no gap.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from octui.schema.problems import FieldCode
from octui.server.core.errors import invalid_field

_UTC_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
FIRST_DAY = 19700102
LAST_DAY = 99981231

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
EARLIEST_YEAR = 1970
"""Year of the first rate card."""
GRACE_MS = 86_400_000
"""[X] How long a month stays open after its end: a call over midnight is cut there only when the call ends, and events
that were buffered somewhere arrive late."""


def date_of(day: int) -> date:
    """Return a YYYYMMDD number as a date. Raises ValueError where there is no such date."""
    return date(day // 10_000, day // 100 % 100, day % 100)


def day_number(day: date) -> int:
    """Return a date as a YYYYMMDD number."""
    return day.year * 10_000 + day.month * 100 + day.day


def _day_start(day: date, zone: ZoneInfo) -> int:
    # Subtracting within the zone itself would be wall-clock arithmetic.
    first = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return (first - _EPOCH) // _MS


@lru_cache(maxsize=8192)
def day_bounds(day: int, zone: str) -> tuple[int, int]:
    """Return the first millisecond of the day and of the next one (epoch ms).

    Both are equal for a day that the zone left out. Raises ValueError for a day before 1970-01-02, after 9998-12-31, or
    not in the calendar, and zoneinfo.ZoneInfoNotFoundError for an unknown zone.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"day {day} is out of range")
    start_date = date_of(day)
    zone_info = ZoneInfo(zone)
    return _day_start(start_date, zone_info), _day_start(start_date + timedelta(days=1), zone_info)


@lru_cache(maxsize=8192)
def _days_touching(utc_day: int, zone: str) -> tuple[tuple[int, int, int], ...]:
    """Return the zone's days (start, end, number) that overlap a day of UTC."""
    zone_info = ZoneInfo(zone)
    middle = date(1970, 1, 1) + timedelta(days=utc_day)
    low, high = utc_day * _UTC_DAY, (utc_day + 1) * _UTC_DAY
    days = []
    for offset in range(-2, 3):
        local_date = middle + timedelta(days=offset)
        start, end = _day_start(local_date, zone_info), _day_start(local_date + timedelta(days=1), zone_info)
        if start < high and end > low and start < end:
            days.append((start, end, day_number(local_date)))
    return tuple(days)


def _day_containing(ms: int, zone: str) -> tuple[int, int, int]:
    for day in _days_touching(ms // _UTC_DAY, zone):
        if day[0] <= ms < day[1]:
            return day
    raise ValueError(f"no day holds {ms} in {zone}")


def day_of(ms: int, zone: str) -> int:
    """Return the YYYYMMDD day that an instant (epoch ms) belongs to."""
    return _day_containing(ms, zone)[2]


def split_by_day(start: int, end: int, zone: str) -> Iterator[tuple[int, int, int]]:
    """Yield the pieces (day, start, end) of a span, cut at the zone's midnights.

    An empty span is one empty piece.
    """
    while True:
        _, day_end, day = _day_containing(start, zone)
        if end <= day_end:
            yield day, start, end
            return
        yield day, start, day_end
        start = day_end


def month_of(day: int) -> int:
    """Return the month of a YYYYMMDD day."""
    return day // 100


def format_month(month: int) -> str:
    """Return the month as YYYY-MM."""
    return f"{month // 100:04d}-{month % 100:02d}"


def parse_month(field: str, text: str) -> int:
    """Return YYYY-MM as a number. Raises 422."""
    if not _MONTH.fullmatch(text) or text.startswith("0000"):
        raise invalid_field(field, FieldCode.PATTERN, "A month is written like 2026-11.")
    year, _, month = text.partition("-")
    return int(year) * 100 + int(month)


def add_months(month: int, by: int = 1) -> int:
    """Return the month `by` months later, or earlier where `by` is negative."""
    count = month // 100 * 12 + month % 100 - 1 + by
    return count // 12 * 100 + count % 12 + 1


def days_of_month(month: int) -> list[int]:
    """Return the YYYYMMDD days of a month."""
    length = monthrange(month // 100, month % 100)[1]
    return [month * 100 + day for day in range(1, length + 1)]


def parse_month_start(field: str, day: str) -> int:
    """Return the month whose first day is `day` (YYYY-MM-DD). Raises 422 for any other day, and before 1970."""
    try:
        first = date.fromisoformat(day)
    except ValueError:
        raise invalid_field(field, FieldCode.RANGE, "There is no such day.") from None
    if first.day != 1:
        raise invalid_field(field, FieldCode.RANGE, "It begins on the first day of a month.")
    if first.year < EARLIEST_YEAR:
        raise invalid_field(field, FieldCode.RANGE, f"Nothing begins before {EARLIEST_YEAR}.")
    return first.year * 100 + first.month


def closes_at(month: int, zones: Iterable[str]) -> int:
    """Return when the month is closed (epoch ms): GRACE_MS after it has ended in all of the zones."""
    last_day = days_of_month(month)[-1]
    return max(day_bounds(last_day, zone)[1] for zone in zones) + GRACE_MS
