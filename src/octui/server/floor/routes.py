"""HTTP routes of the floor: a service's queue and agents, at the moment or at a past minute, and a day's minutes."""

import re
from typing import Annotated

from fastapi import Query
from sqlalchemy import Connection

from octui.schema.floor import FloorMinutes, ServiceFloor
from octui.schema.live import floor_topic
from octui.schema.problems import FieldCode
from octui.server.core.calendar import FIRST_DAY, LAST_DAY, day_bounds
from octui.server.core.errors import invalid_field
from octui.server.core.topics import SERVICES
from octui.server.floor import limit_store, store
from octui.server.stats.store import service_day
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext, query_values
from octui.server.web.parameters import LONGEST_DATE, parse_day

operations = Operations()

DateArg = Annotated[
    str | None, Query(max_length=LONGEST_DATE, description="YYYY-MM-DD in the service's time zone; else today")
]
_MS = re.compile(r"[0-9]{1,15}", re.ASCII)
_EARLIEST = day_bounds(FIRST_DAY, "UTC")[1]
_LATEST = day_bounds(LAST_DAY, "UTC")[0]


def _requested_moment(context: RequestContext) -> int | None:
    """Return the past moment in the query (epoch ms), None if none is given. Raises 422."""
    text = next(reversed(query_values(context.request, "at")), None)
    if text is None:
        return None
    if not _MS.fullmatch(text) or not _EARLIEST <= int(text) <= _LATEST:
        raise invalid_field("at", FieldCode.RANGE, "A moment is written in ms since 1970, before the year 9999.")
    return int(text)


def _poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    now, service = context.store.clock(), path["service"]
    day, end = context.read_once(("day", service), lambda connection: service_day(connection, service, now))
    at = _requested_moment(context)
    # What is asked for of the past is asked for once; of the present day it changes when that ends.
    tag = str(day) if at is None else f"{day}:{at}"
    return PollKey((floor_topic(service), SERVICES), tag, end)


def _read_floor(context: RequestContext, path: dict[str, str]) -> ServiceFloor:
    now, at = context.store.clock(), _requested_moment(context)

    def read(connection: Connection) -> ServiceFloor:
        floor = store.read_floor(connection, path["service"], at, now)
        return floor.model_copy(update={"limits": limit_store.find_limits(connection, path["service"], now).queue})

    return context.store.read(read)


operations.add_polled(
    "floor",
    _poll_key,
    _read_floor,
    ServiceFloor,
    query={"at": "a past moment, epoch ms: the floor at the end of its minute; else now"},
    shared=True,
)


@operations("floor_minutes")
def read_minutes(service: str, context: ContextArg, date: DateArg = None) -> FloorMinutes:
    """Return the counts of each past minute of a service's day."""
    now, day = context.store.clock(), None if date is None else parse_day("date", date)
    return context.store.read(lambda connection: store.read_minutes(connection, service, day, now))
