"""Purge CTI log entries older than the organization's retention, and record it (rules.md 21).

An event's row goes with everything in it, and so do the calls in queues and the minutes of those days; the intervals
and figures made of it stay. Days before the first one kept
cannot be calculated again, so their events are refused from then on (server/events/store.py).
"""

from pydantic_core import from_json
from sqlalchemy import Connection

from octui.schema.audit import Action, PurgedEntries
from octui.server.core.calendar import date_of, day_bounds, day_of
from octui.server.core.principal import Principal
from octui.server.cti.settings_rules import first_day_kept
from octui.server.database import clock_guard
from octui.server.database.driver import Query
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.events import queue_call_store
from octui.server.events.queue_call_rules import CALL_KINDS
from octui.server.events.store import lock_service

CHUNK = 5_000
MOST_CHUNKS = 40
"""Limit of one run, for all services together, so that closing the store does not wait long; the next run goes on."""

_PURGER = Principal(None, "", "")
_SERVICES = Query("SELECT id, code, time_zone FROM service ORDER BY id")
_YEARS = Query("SELECT retention_years FROM cti_settings")
_COUNT = Query('SELECT coalesce(sum("count"), 0) FROM cti_log_day WHERE service_id = {p} AND day < {p}')
_LAST = Query("SELECT coalesce(max(day), 0) FROM cti_log_day WHERE service_id = {p} AND day < {p}")
_FORGET_DAYS = Query("DELETE FROM cti_log_day WHERE service_id = {p} AND day < {p}")
_RAISE_FLOOR = Query(
    "INSERT INTO cti_log_floor (service_id, day, at) VALUES ({p}, {p}, {p}) "
    "ON CONFLICT (service_id) DO UPDATE SET day = excluded.day, at = excluded.at WHERE cti_log_floor.day < excluded.day"
)
_LEFT = Query(
    "SELECT f.service_id FROM cti_log_floor f WHERE EXISTS "
    "(SELECT 1 FROM event e WHERE e.service_id = f.service_id AND e.cti_day < f.day) ORDER BY f.service_id"
)
_DELETE = Query(
    "DELETE FROM event WHERE id IN (SELECT e.id FROM event e JOIN cti_log_floor f ON f.service_id = e.service_id "
    "WHERE e.service_id = {p} AND e.cti_day < f.day ORDER BY e.cti_day, e.id LIMIT {p}) RETURNING type, data"
)


def due_services(connection: Connection, now: int) -> list[tuple[int, str, str, int]]:
    """Return the services (row ID, ID, time zone, first day kept) that have expired entries at `now` (epoch ms)."""
    years = _YEARS.fetch_rows(connection)
    if not years:
        return []
    services = []
    for service_id, code, zone in _SERVICES.fetch_rows(connection):
        first_day = first_day_kept(day_of(now, zone), years[0][0])
        if _LAST.fetch_rows(connection, service_id, first_day)[0][0]:
            services.append((service_id, code, zone, first_day))
    return services


def begin_purge(change: Change, now: int) -> int:
    """Remove expired entries from every service's CTI log and record it in the log; return their number.

    `delete_entries` deletes their rows. From now on, events as old are refused.
    """
    total = 0
    for service_id, code, zone, first_day in due_services(change.connection, now):
        lock_service(change.connection, service_id)
        count: int = _COUNT.fetch_rows(change.connection, service_id, first_day)[0][0]
        if not count:
            continue  # Another process purged it.
        last: int = _LAST.fetch_rows(change.connection, service_id, first_day)[0][0]
        _FORGET_DAYS.run(change.connection, service_id, first_day)
        _RAISE_FLOOR.run(change.connection, service_id, first_day, day_bounds(first_day, zone)[0])
        queue_call_store.forget_minutes(change.connection, service_id, first_day, day_bounds(first_day, zone)[0])
        change.record(
            Action.CTI_LOG_PURGED,
            service=code,
            before=PurgedEntries(count=count, last_day=date_of(last).isoformat()),
        )
        total += count
    return total


def delete_entries(change: Change, service_id: int, limit: int = CHUNK) -> int:
    """Delete at most `limit` rows of purged entries. Return their number."""
    lock_service(change.connection, service_id)
    deleted = _DELETE.fetch_rows(change.connection, service_id, limit)
    calls = {from_json(data).get("call") for kind, data in deleted if kind in CALL_KINDS}
    queue_call_store.forget_calls(change.connection, service_id, {call for call in calls if call})
    return len(deleted)


def purge_when_steady(store: Store) -> int:
    """Purge expired CTI log entries once the clock has run a day without a jump; return the rows deleted.

    Runs hourly (server/maintenance.py).
    """
    leapt = store.read(lambda connection: due_services(connection, store.clock())) and not store.write(
        clock_guard.is_clock_steady, _PURGER
    )
    return 0 if leapt else purge_due(store)


def purge_due(store: Store) -> int:
    """Purge expired CTI log entries in short transactions that let other writes in; return the rows deleted."""
    if store.read(lambda connection: due_services(connection, store.clock())):
        store.write(lambda change: begin_purge(change, change.now), _PURGER)
    deleted, chunks = 0, 0
    for (service_id,) in store.read(_LEFT.fetch_rows):
        deleted_now = CHUNK
        while deleted_now == CHUNK and chunks < MOST_CHUNKS:
            deleted_now = _delete_chunk(store, service_id)
            deleted += deleted_now
            chunks += 1
    return deleted


def _delete_chunk(store: Store, service_id: int) -> int:
    return store.write(lambda change: delete_entries(change, service_id), _PURGER)
