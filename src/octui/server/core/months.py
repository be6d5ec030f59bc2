"""Months as YYYYMM numbers, and when one is closed (rules.md 10)."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from octui.schema.problems import FieldCode
from octui.server.core.days import day_bounds
from octui.server.core.errors import invalid_field

_WRITTEN = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
EARLIEST_YEAR = 1970
"""Of the first rate card."""

GRACE_MS = 86_400_000
"""[X] How long after its end a month stays open: a call over midnight is cut there only when it ends, and what was
buffered somewhere arrives late."""


def month_of(day: int) -> int:
    """The month of a YYYYMMDD day."""
    return day // 100


def format_month(month: int) -> str:
    """The month as YYYY-MM."""
    return f"{month // 100:04d}-{month % 100:02d}"


def parse_month(field: str, text: str) -> int:
    """YYYY-MM as a number. Raises 422."""
    if not _WRITTEN.fullmatch(text) or text.startswith("0000"):
        raise invalid_field(field, FieldCode.PATTERN, "A month is written like 2026-11.")
    year, _, month = text.partition("-")
    return int(year) * 100 + int(month)


def add_months(month: int, by: int = 1) -> int:
    """The month so many months later; earlier where `by` is negative."""
    count = month // 100 * 12 + month % 100 - 1 + by
    return count // 12 * 100 + count % 12 + 1


def days_of_month(month: int) -> list[int]:
    """Its days, YYYYMMDD."""
    length = monthrange(month // 100, month % 100)[1]
    return [month * 100 + day for day in range(1, length + 1)]


def parse_month_start(field: str, day: str) -> int:
    """The month whose first day `day` (YYYY-MM-DD) is. Raises 422 for any other day, and before 1970."""
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
    """When the month is closed, epoch ms: GRACE_MS after it has ended in all of these zones."""
    last = days_of_month(month)[-1]
    return max(day_bounds(last, zone)[1] for zone in zones) + GRACE_MS
