"""Days in query parameters."""

import re

from octui.schema.problems import FieldCode
from octui.server.core.days import day_bounds
from octui.server.core.errors import invalid_field

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
LONGEST_DATE = 20


def parse_day(name: str, date: str) -> int:
    """YYYY-MM-DD of the query parameter `name` as YYYYMMDD. Raises 422."""
    found = _DATE.fullmatch(date)
    day = int("".join(found.groups())) if found else 0
    try:
        day_bounds(day, "UTC")
    except ValueError:
        raise invalid_field(name, FieldCode.PATTERN, "A date is YYYY-MM-DD, from 1970-01-02 on.") from None
    return day
