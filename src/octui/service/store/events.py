"""Taking events in: stored once, matched with agents, turned into intervals, figures and tickets in one transaction."""

from collections import Counter
from collections.abc import Sequence

from pydantic_core import to_json
from sqlalchemy import Connection

from octui.schema.contracts import ServiceState
from octui.schema.events import EventsResult
from octui.schema.live import agents_topic, stats_topic
from octui.service.errors import not_found
from octui.service.rules.contracts import need_contract
from octui.service.rules.incoming import Incoming, candidates
from octui.service.rules.queue_events import PREFIX
from octui.service.rules.timeline import Event
from octui.service.store import ticket_rows
from octui.service.store.driver import Insert, Query, Row
from octui.service.store.store import Change
from octui.service.store.timelines import EVERYBODY, Key, Line, Timelines, lines

NO_MEMBER: int | None = None

_SERVICE = Query("SELECT code, time_zone, state FROM service WHERE id = {p}")
# Two batches of one service one after the other: what an agent did before must be known when going on.
_LOCK = Query("SELECT pg_advisory_xact_lock(1869837673, {p}::int)")
_BY_ACCOUNT = Query(
    "SELECT m.account, m.id, m.account FROM member m JOIN agent a ON a.member_id = m.id AND a.service_id = {p} "
    "WHERE m.account {texts}"
)
_BY_CTI_ID = Query(
    "SELECT c.cti_id, m.id, m.account FROM cti_agent c JOIN agent a ON a.member_id = c.member_id "
    "AND a.service_id = {p} JOIN member m ON m.id = c.member_id WHERE c.cti_id {texts}"
)
_SOURCES = Query("SELECT name, id FROM source WHERE name {texts}")
_ADD_SOURCES = Insert("source", {"name": "text"}, "ON CONFLICT (name) DO NOTHING")
_KNOWN = Query("SELECT event_id FROM event WHERE service_id = {p} AND source_id = {p} AND event_id {texts}")
_ADD_EVENTS = Insert(
    "event",
    {
        "source_id": "bigint",
        "event_id": "text",
        "service_id": "bigint",
        "member_id": "bigint",
        "at": "bigint",
        "sequence": "bigint",
        "type": "text",
        "data": "text",
        "ticket": "text",
    },
)
_LAST_RESTART = Query("SELECT max(at) FROM event WHERE service_id = {p} AND member_id = {p}")
_CONCERNED = Query(
    "SELECT s.member_id, m.account FROM agent_state s JOIN member m ON m.id = s.member_id "
    "WHERE s.service_id = {p} AND (s.state IS NOT NULL OR s.at >= {p})"
)

People = dict[tuple[bool, str], tuple[int, str]]
"""Member ID and account by whether it is a queue that names somebody, and the name."""


def lock(connection: Connection, service_id: int) -> None:
    """Wait until no other transaction takes in events of this service; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        _LOCK.run(connection, service_id)


def take_in(change: Change, service_id: int, events: Sequence[Incoming]) -> EventsResult:
    """Take in judged events of a service; an event of the same source and id is taken in once.

    Late events rebuild their agents' days. Raises 404 when there is no such service, 403 when it is a draft or
    terminated.
    """
    connection = change.connection
    lock(connection, service_id)
    services = _SERVICE.rows(connection, service_id)
    if not services:
        raise not_found()
    code, zone, state = services[0]
    need_contract(ServiceState(state))
    people = _people(connection, service_id, events)
    unmatched: Counter[str] = Counter()
    matched: list[tuple[Incoming, int | None]] = []
    for event in events:
        if event.agent is not None:
            found = people.get((event.type.startswith(PREFIX), event.agent))
            if found is not None:
                matched.append((event, found[0]))
            else:
                unmatched[event.agent] += 1
        else:
            matched.append((event, EVERYBODY if event.everybody else NO_MEMBER))
    before = _LAST_RESTART.rows(connection, service_id, EVERYBODY)[0][0] or 0
    new = _stored(connection, service_id, matched)
    accounts = dict(people.values())
    topics = _go_on(change, service_id, code, zone, new, accounts, before)
    tickets = [(event, member) for event, member in new if event.ticket is not None]
    if tickets:
        topics |= ticket_rows.refold(connection, service_id, code, tickets)
    if topics:
        change.touch_all(topics)
    return EventsResult(
        taken=len(new),
        duplicates=len(matched) - len(new),
        by_type=Counter(event.type for event, _ in new),
        unmatched=unmatched,
        unknown_reasons=Counter(event.reason for event, _ in new if event.reason is not None),
    )


def _people(connection: Connection, service_id: int, events: Sequence[Incoming]) -> People:
    """Whom the events' names mean. A queue's own names are CTI IDs first, others accounts first; whole names go first.

    Only agents of the service: others match nobody.
    """
    names = {(event.type.startswith(PREFIX), event.agent) for event in events if event.agent is not None}
    if not names:
        return {}
    asked = sorted({candidate for _, name in names for candidate in candidates(name)})
    accounts = {name: (member, account) for name, member, account in _BY_ACCOUNT.rows(connection, service_id, asked)}
    cti_ids = {name: (member, account) for name, member, account in _BY_CTI_ID.rows(connection, service_id, asked)}
    people: People = {}
    for of_queue, name in names:
        for candidate in candidates(name):
            tables = (cti_ids, accounts) if of_queue else (accounts, cti_ids)
            found = tables[0].get(candidate) or tables[1].get(candidate)
            if found is not None:
                people[of_queue, name] = found
                break
    return people


def _stored(
    connection: Connection, service_id: int, events: list[tuple[Incoming, int | None]]
) -> list[tuple[Incoming, int | None]]:
    """Store what was not stored before, and give that back."""
    names = sorted({event.source for event, _ in events})
    sources: dict[str, int] = dict(_SOURCES.rows(connection, names)) if names else {}
    missing = [name for name in names if name not in sources]
    if missing:
        _ADD_SOURCES.run(connection, [(name,) for name in missing])
        sources = dict(_SOURCES.rows(connection, names))
    known: set[tuple[str, str]] = set()
    for name in names:
        ids = [event.id for event, _ in events if event.source == name]
        known.update((name, id_) for (id_,) in _KNOWN.rows(connection, service_id, sources[name], ids))
    new: list[tuple[Incoming, int | None]] = []
    rows: list[Row] = []
    for event, member in events:
        key = (event.source, event.id)
        if key in known:
            continue
        known.add(key)
        new.append((event, member))
        data = to_json(event.data).decode() if event.data else "{}"
        source = sources[event.source]
        rows.append((source, event.id, service_id, member, event.at, event.sequence, event.type, data, event.ticket))
    _ADD_EVENTS.run(connection, rows)
    return new


def _go_on(
    change: Change,
    service_id: int,
    code: str,
    zone: str,
    new: list[tuple[Incoming, int | None]],
    accounts: dict[int, str],
    last_restart: int,
) -> set[str]:
    """Bring the agents' timelines on; gives the topics that changed by it."""
    connection = change.connection
    by_member: dict[int, list[tuple[Key, Event]]] = {}
    restarts: list[tuple[Key, Event]] = []
    for event, member in new:
        if member is None or event.ticket is not None:
            continue
        keyed = ((event.at, event.sequence, event.id, event.source), Event(event.at, event.type, event.data))
        if member == EVERYBODY:
            restarts.append(keyed)
        else:
            by_member.setdefault(member, []).append(keyed)
    if restarts:
        earliest = min(key[0] for key, _ in restarts)
        accounts = {**accounts, **dict(_CONCERNED.rows(connection, service_id, earliest))}
        for member in accounts:
            by_member.setdefault(member, []).extend(restarts)
    if not by_member:
        return set()
    timelines = Timelines(connection, service_id, zone, last_restart)
    known = lines(connection, service_id, sorted(by_member))
    moved: list[Line] = []
    for member, line in sorted(known.items()):
        timelines.take(line, sorted(by_member[member]))
        moved.append(line)
    topics = {stats_topic(code, accounts[line.member]) for line in moved if line.moved}
    revision = 0
    if any(line.phone_moved() for line in moved):
        revision = change.touch(agents_topic(code))
    timelines.save(moved, revision)
    return topics
