"""Count what a service used in a month: tickets, call seconds, chats (rules.md 9). Each query has its own index."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from octui.schema.items import Item
from octui.server.core.calendar import day_bounds
from octui.server.database.driver import Query

Span = tuple[int, int]
"""First and last day (YYYYMMDD)."""

_TICKETS = Query("SELECT count(*) FROM ticket WHERE service_id = {p} AND first_at >= {p} AND first_at < {p}")
_CALLS = Query(
    "SELECT coalesce(sum(ms), 0) FROM figure WHERE service_id = {p} AND day >= {p} AND day <= {p} "
    "AND state IN ('inbound_calls', 'outbound_calls') AND channel = 'phone'"
)
# The next agent opens a chat again that is handed on; it counts once.
_CHATS = Query(
    "SELECT count(DISTINCT data) FROM event WHERE service_id = {p} AND at >= {p} AND at < {p} "
    "AND type = 'octui.chat.opened'"
)


def usage_of_month(
    connection: Connection, service_id: int, zone: str, in_force: Mapping[Item, Sequence[Span]]
) -> dict[Item, int]:
    """Return the tickets first seen, call seconds and chats opened on the days when their item was in force.

    Days are those of `zone`. A call's seconds count once it has ended, split at midnight. Chats are distinguished by
    their IDs.
    """
    usage: dict[Item, int] = {}
    for item, spans in in_force.items():
        if item is Item.TELTICKET:
            usage[item] = sum(int(_CALLS.fetch_rows(connection, service_id, *span)[0][0]) for span in spans) // 1000
        else:
            query = _TICKETS if item is Item.TICKET else _CHATS
            bounds = (_span_bounds(span, zone) for span in spans)
            usage[item] = sum(int(query.fetch_rows(connection, service_id, *span)[0][0]) for span in bounds)
    return usage


def _span_bounds(span: Span, zone: str) -> tuple[int, int]:
    return day_bounds(span[0], zone)[0], day_bounds(span[1], zone)[1]
