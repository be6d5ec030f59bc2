"""SQL of the CTI log: the phone and queue events of a service by its days (rules.md 21)."""

from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection

from octui.schema.cti import CtiLogDay, CtiLogDays, CtiLogEntry, CtiLogPage
from octui.server.core.calendar import date_of
from octui.server.database.driver import Query, Row
from octui.server.services import store as services_store

_FLOOR = Query("SELECT coalesce(max(day), 0) FROM cti_log_floor WHERE service_id = {p}")
_DAYS = Query('SELECT day, "count" FROM cti_log_day WHERE service_id = {p} ORDER BY day DESC')
_COUNT = Query('SELECT coalesce(sum("count"), 0) FROM cti_log_day WHERE service_id = {p} AND day BETWEEN {p} AND {p}')
_ENTRIES = Query(
    "SELECT e.id, e.at, e.cti_day, e.type, e.data, e.member_id, m.account, m.name, c.cti_id FROM event e "
    "LEFT JOIN member m ON m.id = e.member_id LEFT JOIN cti_agent c ON c.member_id = e.member_id "
    "WHERE e.service_id = {p} AND e.cti_day >= {p} AND e.cti_day <= {p} AND (e.cti_day, e.id) > ({p}, {p}) "
    "ORDER BY e.cti_day, e.id LIMIT {p}"
)


def list_days(connection: Connection, code: str) -> CtiLogDays:
    """Return the days that have entries, newest first, with their number. Raises 403 without phone."""
    service = services_store.find_phone_service(connection, code)
    rows = _DAYS.fetch_rows(connection, service.id)
    days = [CtiLogDay(day=date_of(day).isoformat(), count=count) for day, count in rows]
    return CtiLogDays(days=days, time_zone=service.time_zone)


def list_entries(
    connection: Connection, code: str, *, first: int, last: int, after: str | None, limit: int
) -> CtiLogPage:
    """Return a page of the entries of days `first` to `last` (YYYYMMDD). Raises 403 without phone.

    `after` is the `next` of the page before.
    """
    service = services_store.find_phone_service(connection, code)
    floor: int = _FLOOR.fetch_rows(connection, service.id)[0][0]
    day, last_id = (int(part) for part in after.split(".")) if after is not None else (0, 0)
    rows = _ENTRIES.fetch_rows(connection, service.id, max(first, floor, day), last, day, last_id, limit + 1)
    count = _COUNT.fetch_rows(connection, service.id, first, last)[0][0] if after is None else None
    next_page = f"{rows[limit - 1][2]}.{rows[limit - 1][0]}" if len(rows) > limit else None
    return CtiLogPage(
        entries=[_entry_from_row(row) for row in rows[:limit]],
        count=count,
        time_zone=service.time_zone,
        next=next_page,
    )


def _entry_from_row(row: Row) -> CtiLogEntry:
    number, at, day, kind, text, member, account, name, cti_id = row
    data: dict[str, Any] = from_json(text)
    # The accounts of removed members are gone; their row IDs tell them apart.
    account = account or (f"#{member}" if member else "")
    return CtiLogEntry(
        id=number,
        at=at,
        day=date_of(day).isoformat(),
        type=kind,
        account=account,
        name=name or "",
        cti_id=cti_id or "",
        call=data.get("call") or "",
        detail=entry_detail(data),
    )


def entry_detail(data: dict[str, Any]) -> str:
    """Return the state, or the queue and its arguments in the order of queue_log, as one short text."""
    args = "|".join(data.get("args", ())).rstrip("|")
    return " ".join(part for part in (data.get("state"), data.get("queue"), args) if part)
