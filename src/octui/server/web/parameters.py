"""Query parameters that several operations have."""

import re
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request

from octui.schema.common import LARGEST_PAGE, LONGEST_ACCOUNT
from octui.schema.problems import FieldCode
from octui.server.core.calendar import day_bounds
from octui.server.core.errors import invalid_field

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
LONGEST_DATE = 20

QueryArg = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="part of what the list shows")]
AfterArg = Annotated[
    str | None, Query(max_length=LONGEST_ACCOUNT, pattern=r"^[^\x00]*$", description="`next` of the page before")
]
ChangedSinceArg = Annotated[int | None, Query(ge=0, description="only what changed after this revision")]
LimitArg = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="rows of a page")]
PAGE = 100


async def _read_body(request: Request) -> bytes:
    return await request.body()


BodyArg = Annotated[bytes, Depends(_read_body)]
"""Body as it was sent."""


def parse_day(name: str, date: str) -> int:
    """Return the YYYY-MM-DD of the query parameter `name` as YYYYMMDD. Raises 422."""
    match = _DATE.fullmatch(date)
    day = int("".join(match.groups())) if match else 0
    try:
        day_bounds(day, "UTC")
    except ValueError:
        raise invalid_field(name, FieldCode.PATTERN, "A date is YYYY-MM-DD, from 1970-01-02 on.") from None
    return day
