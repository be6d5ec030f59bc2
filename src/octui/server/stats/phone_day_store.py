"""SQL of an agent's phone days: all intervals of one day, and earlier days to compare with (rules.md 28)."""

from datetime import timedelta

from sqlalchemy import Connection

from octui.schema.stats import Channel, DayInterval, PhoneDay, PhoneState, UsualDays
from octui.server.core.calendar import date_of, day_bounds, day_number
from octui.server.database.driver import Query
from octui.server.stats.rules import parts_of_day
from octui.server.stats.store import AgentDay, find_agent_day, read_present

PAGE = 2_000
USUAL_WEEKS = 6

_INTERVALS = Query(
    'SELECT start, "end", state, detail, counted FROM interval WHERE service_id = {p} AND member_id = {p} '
    'AND day = {p} AND channel = {p} ORDER BY start, "end", id LIMIT {p} OFFSET {p}'
)


def read_phone_day(
    connection: Connection, service: str, account: str, day: int | None, after: int, now: int
) -> PhoneDay:
    """Return a page of the closed phone intervals of a day (YYYYMMDD; None: today), after the first `after` of them.

    Raises 404.
    """
    at = find_agent_day(connection, service, account, day, now)
    intervals = _stored_intervals(connection, at, at.day, after)
    has_more = len(intervals) > PAGE
    if not has_more:
        intervals += [
            (part.start, part.end, PhoneState(part.state), part.detail or None, part.counted)
            for channel, part in parts_of_day(read_present(connection, at, now), at.start, at.end, now)
            if channel == Channel.PHONE.value and part.end is not None
        ]
    return PhoneDay(
        date=at.date,
        day_start=at.start,
        day_end=at.end,
        intervals=intervals[:PAGE],
        next=after + PAGE if has_more else None,
    )


def read_usual_days(connection: Connection, service: str, account: str, day: int | None, now: int) -> UsualDays:
    """Return the same weekday of the last six weeks before a day, without days of no phone interval.

    Raises 404.
    """
    at = find_agent_day(connection, service, account, day, now)
    days = []
    for weeks in range(1, USUAL_WEEKS + 1):
        number = day_number(date_of(at.day) - timedelta(weeks=weeks))
        intervals = _stored_intervals(connection, at, number, 0)[:PAGE]
        if intervals:
            start, end = day_bounds(number, at.time_zone)
            date = date_of(number).isoformat()
            days.append(PhoneDay(date=date, day_start=start, day_end=end, intervals=intervals))
    return UsualDays(date=at.date, days=days)


def _stored_intervals(connection: Connection, at: AgentDay, day: int, after: int) -> list[DayInterval]:
    """Return closed phone intervals of a day after the first `after`: a page, and one more if there are more."""
    key = (at.service, at.member, day, Channel.PHONE.value)
    rows = _INTERVALS.fetch_rows(connection, *key, PAGE + 1, after)
    return [
        (start, end, PhoneState(state), detail or None, bool(counted)) for start, end, state, detail, counted in rows
    ]
