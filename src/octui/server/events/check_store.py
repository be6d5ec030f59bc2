"""SQL for checking the names in a PBX log that is not stored; read-only."""

from sqlalchemy import Connection

from octui.schema.events import QUEUE_EVENT, LogNames, LogNamesResult
from octui.server.core.calendar import date_of
from octui.server.core.errors import not_found
from octui.server.database.driver import Query
from octui.server.events import pause_reasons
from octui.server.events.alias_store import match_names
from octui.server.events.rules import LONGEST_TEXT, QUEUE_KINDS
from octui.text.safe import safe

_SERVICE = Query(
    "SELECT s.id, coalesce(f.day, 0) FROM service s LEFT JOIN cti_log_floor f ON f.service_id = s.id WHERE s.code = {p}"
)


def check_names(connection: Connection, code: str, log: LogNames) -> LogNamesResult:
    """Return the agent of each name in a log, and its unknown events and pause reasons. Raises 404."""
    services = _SERVICE.fetch_rows(connection, code)
    if not services:
        raise not_found()
    service_id, floor = services[0]
    names = {name: safe(name, limit=LONGEST_TEXT) for name in log.names}  # as they are when the log is taken in
    people = match_names(connection, service_id, {(True, name) for name in names.values()})
    accounts = {sent: people[True, name][1] if (True, name) in people else None for sent, name in names.items()}
    return LogNamesResult(
        accounts=accounts,
        unknown_events=[event for event in log.events if QUEUE_EVENT + event not in QUEUE_KINDS],
        unknown_reasons=[reason for reason in log.reasons if pause_reasons.state_of(reason) is None],
        first_day=date_of(floor).isoformat() if floor else None,
    )
