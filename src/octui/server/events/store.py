"""Store events once each, match them with agents, and update intervals, figures and tickets in one transaction."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pydantic_core import to_json
from sqlalchemy import Connection

from octui.schema.events import EventsResult, FilePosition, RefusedEvent
from octui.schema.items import ServiceState
from octui.schema.live import agents_topic, floor_topic, stats_topic
from octui.schema.problems import FieldCode
from octui.server.core.calendar import date_of, day_bounds, day_of
from octui.server.core.errors import not_found
from octui.server.database import tables
from octui.server.database.driver import Insert, Query, Row
from octui.server.database.unit_of_work import Change
from octui.server.events import queue_call_store, ticket_store
from octui.server.events.alias_store import match_names, note_names
from octui.server.events.queue_call_rules import CALL_KINDS, QUEUE_KINDS, Fact, fact_of
from octui.server.events.queue_log_rules import CALL_PREFIX, PREFIX
from octui.server.events.rules import KEYS_SOURCE, LONGEST_TEXT, IncomingEvent
from octui.server.events.timeline_rules import ENDED, Event
from octui.server.events.timeline_store import EVERYBODY, EventKey, Timeline, TimelineUpdater, load_timelines
from octui.server.services.rules import require_contract
from octui.text.safe import safe

NO_MEMBER: int | None = None
_OF_PBX = (PREFIX, CALL_PREFIX)
"""Prefixes of the event types that a PBX reports; their names are looked up as CTI IDs first."""
LOGGED = ("octui.phone.", *_OF_PBX)
"""Prefixes of the event types that the CTI log keeps (rules.md 21)."""

_SERVICE = Query(
    "SELECT s.code, s.time_zone, s.state, coalesce((SELECT max(c.monitoring{int}) FROM cti_settings c), 0), "
    "coalesce(f.day, 0), coalesce(f.at, 0) "
    "FROM service s LEFT JOIN cti_log_floor f ON f.service_id = s.id WHERE s.id = {p}"
)
# Batches of one service are taken in one after the other: a timeline is extended from its stored state.
_LOCK = Query("SELECT pg_advisory_xact_lock(1869837673, {p}::int)")
_SOURCES = Query("SELECT name, id FROM source WHERE name {texts}")
_ADD_SOURCES = Insert(tables.source, "ON CONFLICT (name) DO NOTHING")
_KNOWN = Query("SELECT event_id FROM event WHERE service_id = {p} AND source_id = {p} AND event_id {texts}")
_KNOWN_BETWEEN = Query(
    "SELECT event_id FROM event WHERE service_id = {p} AND source_id = {p} AND event_id >= {p} AND event_id <= {p} "
    "LIMIT {p}"
)
_SHARED = 6
"""Characters that the first and the last ID of a batch share when IDs begin with the time."""
_ADD_EVENTS = Insert(tables.event)
_COUNT_DAYS = Insert(
    tables.cti_log_day,
    'ON CONFLICT (service_id, day) DO UPDATE SET "count" = cti_log_day."count" + excluded."count"',
)
_LAST_RESTART = Query("SELECT max(at) FROM event WHERE service_id = {p} AND member_id = {p}")
# A restart ends what is running, and lets be assumed again what the log had ended (rules.md 38).
_WITH_ENDED = f'%"{ENDED}":[%'
_CONCERNED = Query(
    "SELECT s.member_id, m.account FROM agent_state s JOIN member m ON m.id = s.member_id "
    "WHERE s.service_id = {p} AND (s.state IS NOT NULL OR s.at >= {p} OR s.context LIKE {p})"
)


def lock_service(connection: Connection, service_id: int) -> None:
    """Wait until no other transaction stores events of this service. SQLite has only one writer."""
    if connection.dialect.name == "postgresql":
        _LOCK.run(connection, service_id)


class _Matched(NamedTuple):
    """A batch's events: with their agent, with a name that matches nobody, and of outbound calls by unknown callers.

    `accounts`: of the members found. `callers`: names of outbound calls that match nobody; most are trunks.
    """

    events: list[tuple[IncomingEvent, int | None]]
    strangers: list[IncomingEvent]
    callers: Counter[str]
    accounts: dict[int, str]


def _match_events(connection: Connection, service_id: int, events: Sequence[IncomingEvent]) -> _Matched:
    """Find the agent that each event names."""
    pairs = {(event.type, event.agent) for event in events}
    names = {(kind.startswith(_OF_PBX), agent) for kind, agent in pairs if agent is not None}
    people = match_names(connection, service_id, names)
    members = {
        (kind, agent): people[kind.startswith(_OF_PBX), agent][0]
        for kind, agent in pairs
        if agent is not None and (kind.startswith(_OF_PBX), agent) in people
    }
    found = _Matched([], [], Counter(), dict(people.values()))
    for event in events:
        if event.agent is None:
            found.events.append((event, EVERYBODY if event.everybody else NO_MEMBER))
        elif (member := members.get((event.type, event.agent))) is not None:
            found.events.append((event, member))
        elif event.type.startswith(CALL_PREFIX):
            found.callers[event.agent] += 1
        else:
            found.strangers.append(event)
    return found


def last_restart(connection: Connection, service_id: int) -> int:
    """Return the time of the service's last QUEUESTART (epoch ms), 0 if there is none."""
    at: int | None = _LAST_RESTART.fetch_rows(connection, service_id, EVERYBODY)[0][0]
    return at or 0


def take_in(
    change: Change, service_id: int, events: Sequence[IncomingEvent], file_id: int | None = None
) -> EventsResult:
    """Store valid events of a service, each (source, ID) once, and update everything derived from events.

    `file_id`: the file they were read from.

    Late events rebuild their agents' days. Events of days whose CTI log has been purged are refused, with their `index`
    in `events`. Raises 404 for an unknown service, and 403 for a draft or terminated one.
    """
    connection = change.connection
    lock_service(connection, service_id)
    services = _SERVICE.fetch_rows(connection, service_id)
    if not services:
        raise not_found()
    code, zone, state, monitoring, floor, floor_at = services[0]
    require_contract(ServiceState(state))
    refused: list[RefusedEvent] = []
    if floor:
        events, refused = _refuse_purged_days(events, zone, floor, floor_at)
    found = _match_events(connection, service_id, events)
    unmatched: dict[str, list[int]] = {}
    for event in found.strangers:
        unmatched.setdefault(str(event.agent), []).append(event.at)
    note_names(connection, service_id, events, unmatched)
    restarted = last_restart(connection, service_id)
    new = _insert_new_events(connection, service_id, found.events, zone if monitoring else None, file_id)
    timelines = TimelineUpdater(connection, service_id, zone, restarted, floor)
    topics = _advance_timelines(change, service_id, code, timelines, new, found.accounts)
    tickets = [(event, member) for event, member in new if event.ticket is not None]
    if tickets:
        topics |= ticket_store.refold_tickets(connection, service_id, code, tickets)
    is_moved = _take_in_calls(connection, service_id, zone, new, found.strangers, restarted)
    if _note_times(change, service_id, zone, events) or is_moved:
        topics.add(floor_topic(code))
    if topics:
        change.touch_all(topics)
    return EventsResult(
        taken=len(new),
        duplicates=len(found.events) - len(new),
        by_type=Counter(event.type for event, _ in new),
        unmatched=found.callers + Counter({name: len(times) for name, times in unmatched.items()}),
        refused=refused,
        unknown_reasons=Counter(event.reason for event, _ in new if event.reason is not None),
    )


def _take_in_calls(
    connection: Connection,
    service_id: int,
    zone: str,
    new: Sequence[tuple[IncomingEvent, int | None]],
    strangers: Sequence[IncomingEvent],
    restarted: int,
) -> bool:
    """Count again the queue calls that new events are about; return whether any count changed (rules.md 47).

    `strangers`: events of agents who match nobody; they answer calls, too. `restarted`: time of the last QUEUESTART
    before, epoch ms.
    """
    facts: dict[str, list[Fact]] = {}
    is_of_queue = False
    of_calls = [event for event, _ in new if event.type in CALL_KINDS]
    for event in (*of_calls, *(event for event in strangers if event.type in CALL_KINDS)):
        fact = fact_of(event.type, event.at, event.sequence, event.data)
        if fact is not None:
            call, what = fact
            if call in facts:
                facts[call].append(what)
            else:
                facts[call] = [what]
            is_of_queue = is_of_queue or event.type in QUEUE_KINDS
    if is_of_queue:
        queue_call_store.note_calls(connection, service_id)
    restarts = [event.at for event, member in new if member == EVERYBODY]
    if restarts:
        for call in queue_call_store.calls_at_restarts(connection, service_id, restarts):
            facts.setdefault(call, [])
    return queue_call_store.take_in_calls(connection, service_id, zone, facts, max([restarted, *restarts]))


def _note_times(change: Change, service_id: int, zone: str, events: Sequence[IncomingEvent]) -> bool:
    """Store the first and last event of each day and source; return whether to wake those who follow the floor."""
    spans: dict[int, tuple[int, int]] = {}
    latest: dict[str, int] = {}
    for source in {event.source for event in events} - {KEYS_SOURCE}:
        times = sorted({event.at for event in events if event.source == source})
        latest[source] = times[-1]
        while times:
            day = day_of(times[0], zone)
            until = bisect_left(times, day_bounds(day, zone)[1])
            first, last = spans.get(day, (times[0], times[0]))
            spans[day] = min(first, times[0]), max(last, times[until - 1])
            del times[:until]
    connection = change.connection
    queue_call_store.note_days(connection, service_id, spans)
    ticks = [
        queue_call_store.advance_clock(connection, service_id, source, min(at, change.now), None)
        for source, at in sorted(latest.items())
    ]
    return any(ticks)


def note_life(change: Change, service_id: int, code: str, file: FilePosition, events: Sequence[IncomingEvent]) -> None:
    """Store up to when a followed log is known (rules.md 50); do nothing for a log that is read once."""
    source, connection = f"{file.kind}:{safe(file.followed or file.name)}", change.connection
    if file.followed:
        moved = queue_call_store.advance_clock(connection, service_id, source, change.now, change.now)
    elif events and queue_call_store.is_followed(connection, service_id, source):
        newest = max(event.at for event in events)
        moved = queue_call_store.advance_clock(connection, service_id, source, min(newest, change.now), None)
    else:
        return
    if moved:
        change.touch(floor_topic(code))


def _refuse_purged_days(
    events: Sequence[IncomingEvent], zone: str, floor: int, floor_at: int
) -> tuple[list[IncomingEvent], list[RefusedEvent]]:
    """Return the events to store, and refusals of events from days whose CTI log was purged.

    Without the purged events, the day could not be calculated again. Tickets are never purged.
    """
    accepted: list[IncomingEvent] = []
    refused: list[RefusedEvent] = []
    first = date_of(floor).isoformat()
    message = f"time: the CTI log has been purged of the days before {first}; older events are not taken in any more"
    for place, event in enumerate(events):
        if event.ticket is None and (event.at < floor_at or day_of(event.at, zone) < floor):
            shown_id = safe(event.id, limit=LONGEST_TEXT)
            refused.append(RefusedEvent(index=place, id=shown_id, code=FieldCode.RANGE.value, message=message))
        else:
            accepted.append(event)
    return accepted, refused


def _insert_new_events(
    connection: Connection,
    service_id: int,
    events: list[tuple[IncomingEvent, int | None]],
    log_zone: str | None,
    file_id: int | None,
) -> list[tuple[IncomingEvent, int | None]]:
    """Insert those events that are not stored yet, and return them.

    With monitoring on, CTI events go into the log of their day in the time zone `log_zone`; None: monitoring is off.
    """
    names = sorted({event.source for event, _ in events})
    sources: dict[str, int] = dict(_SOURCES.fetch_rows(connection, names)) if names else {}
    missing = [name for name in names if name not in sources]
    if missing:
        _ADD_SOURCES.run(connection, [(name,) for name in missing])
        sources = dict(_SOURCES.fetch_rows(connection, names))
    known = {
        name: _known_ids(
            connection, service_id, sources[name], [event.id for event, _ in events if event.source == name]
        )
        for name in names
    }
    new: list[tuple[IncomingEvent, int | None]] = []
    rows: list[Row] = []
    counts: Counter[int] = Counter()
    day, start, end = 0, 0, 0
    for each in events:
        event, member = each
        event_id, source_name, kind, at, sequence, _, _, data, ticket, _, line = event
        ids = known[source_name]
        if event_id in ids:
            continue
        ids.add(event_id)
        new.append(each)
        cti_day = None
        if log_zone is not None and kind.startswith(LOGGED):
            if not start <= at < end:
                day = day_of(at, log_zone)
                start, end = day_bounds(day, log_zone)
            cti_day = day
            counts[day] += 1
        text, source = to_json(data).decode() if data else "{}", sources[source_name]
        row = (source, event_id, service_id, member, at, sequence, kind, text, ticket, cti_day, file_id, line)
        rows.append(row)
    _ADD_EVENTS.run(connection, rows)
    _COUNT_DAYS.run(connection, [(service_id, day, count) for day, count in sorted(counts.items())])
    return new


def _known_ids(connection: Connection, service_id: int, source: int, ids: list[str]) -> set[str]:
    """Return those of a source's event IDs that are stored; the set may hold further stored IDs."""
    first, last = min(ids), max(ids)
    # IDs that begin with the time lie side by side in the index, which is quicker to read than to ask for each.
    if first[:_SHARED] == last[:_SHARED]:
        most = 2 * len(ids)
        between = _KNOWN_BETWEEN.fetch_rows(connection, service_id, source, first, last, most)
        if len(between) < most:
            return {row[0] for row in between}
    return {row[0] for row in _KNOWN.fetch_rows(connection, service_id, source, ids)}


def _advance_timelines(
    change: Change,
    service_id: int,
    code: str,
    timelines: TimelineUpdater,
    new: list[tuple[IncomingEvent, int | None]],
    accounts: dict[int, str],
) -> set[str]:
    """Update the timelines of the agents that new events concern; return the topics that changed."""
    connection = change.connection
    by_member: dict[int, list[tuple[EventKey, Event]]] = {}
    restarts: list[tuple[EventKey, Event]] = []
    for event, member in new:
        if member is None or event.ticket is not None:
            continue
        event_id, source, kind, at, sequence, _, _, data, _, _, _ = event
        keyed = ((at, sequence, event_id, source), Event(at, kind, data))
        if member == EVERYBODY:
            restarts.append(keyed)
        elif member in by_member:
            by_member[member].append(keyed)
        else:
            by_member[member] = [keyed]
    if restarts:
        earliest = min(key[0] for key, _ in restarts)
        accounts = {**accounts, **dict(_CONCERNED.fetch_rows(connection, service_id, earliest, _WITH_ENDED))}
        for member in accounts:
            by_member.setdefault(member, []).extend(restarts)
    if not by_member:
        return set()
    loaded = load_timelines(connection, service_id, sorted(by_member))
    moved: list[Timeline] = []
    for member, timeline in sorted(loaded.items()):
        timelines.add_events(timeline, sorted(by_member[member]))
        moved.append(timeline)
    topics = {stats_topic(code, accounts[timeline.member]) for timeline in moved if timeline.moved}
    revision = 0
    if any(timeline.has_phone_moved() for timeline in moved):
        revision = change.touch(agents_topic(code))
        topics.add(floor_topic(code))
    timelines.save(moved, revision)
    return topics
