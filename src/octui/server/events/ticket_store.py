"""SQL of tickets; a new event has its ticket calculated again from all the ticket's events (rules.md 29)."""

from collections import defaultdict

from sqlalchemy import Connection

from octui.schema.live import stats_topic, tickets_topic
from octui.server.database import tables
from octui.server.database.driver import Insert, Query
from octui.server.events.rules import IncomingEvent
from octui.server.events.ticket_rules import Ticket, TicketEvent, fold_ticket

_ROWS = Query(
    "SELECT ticket, state, owner_id, at, solved_at, solved_by, closed_at, closed_by, first_at FROM ticket "
    "WHERE service_id = {p} AND ticket {texts}"
)
_EVENTS = Query(
    "SELECT e.ticket, e.at, e.sequence, e.event_id, s.name, e.type, e.member_id "
    "FROM event e JOIN source s ON s.id = e.source_id WHERE e.service_id = {p} AND e.ticket {texts}"
)
_SAVE = Insert(
    tables.ticket,
    "ON CONFLICT (service_id, ticket) DO UPDATE SET state = excluded.state, owner_id = excluded.owner_id, "
    "at = excluded.at, solved_at = excluded.solved_at, solved_by = excluded.solved_by, "
    "closed_at = excluded.closed_at, closed_by = excluded.closed_by, first_at = excluded.first_at",
)
_ACCOUNTS = Query("SELECT account FROM member WHERE id {ints}")


def refold_tickets(
    connection: Connection, service: int, code: str, new: list[tuple[IncomingEvent, int | None]]
) -> set[str]:
    """Calculate the tickets of these stored events again; return the topics of agents whose numbers changed."""
    names = sorted({event.ticket for event, _ in new if event.ticket is not None})
    before = {
        name: Ticket(state, owner, at, solved_at, solved_by, closed_at, closed_by, first_at)
        for name, state, owner, at, solved_at, solved_by, closed_at, closed_by, first_at in _ROWS.fetch_rows(
            connection, service, names
        )
    }
    events: defaultdict[str, list[tuple[int, int, str, str, str, int | None]]] = defaultdict(list)
    for name, *event in _EVENTS.fetch_rows(connection, service, names):
        at, sequence, event_id, source, kind, member = event
        events[name].append((at, sequence, event_id, source, kind, member))
    rows, member_ids, queue_changed = [], set(), False
    for name in names:
        in_order = sorted(events[name], key=lambda event: event[:4])
        ticket = fold_ticket(TicketEvent(at, kind, member) for at, _, _, _, kind, member in in_order)
        previous = before.get(name)
        if ticket == previous:
            continue
        rows.append(
            (
                service,
                name,
                ticket.state,
                ticket.owner,
                ticket.at,
                ticket.solved_at,
                ticket.solved_by,
                ticket.closed_at,
                ticket.closed_by,
                ticket.first_at,
            )
        )
        member_ids |= ticket.member_ids() | (previous.member_ids() if previous else set())
        # The service's first ticket turns every agent's unknown ticket figures into numbers.
        queue_changed = queue_changed or previous is None or ticket.is_unassigned != previous.is_unassigned
    _SAVE.run(connection, rows)
    topics = {tickets_topic(code)} if queue_changed else set()
    if member_ids:
        topics |= {stats_topic(code, account) for (account,) in _ACCOUNTS.fetch_rows(connection, sorted(member_ids))}
    return topics
