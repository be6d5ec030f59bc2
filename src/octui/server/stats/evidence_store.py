"""SQL that explains an interval by its stored events, read again from the start of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from pydantic_core import from_json
from sqlalchemy import Connection

from octui.schema.stats import Boundary, BoundaryKind, Channel, Evidence, Interval
from octui.server.core.calendar import day_bounds, day_of
from octui.server.core.errors import not_found
from octui.server.database.driver import Query
from octui.server.events.timeline_rules import Context, channel_of
from octui.server.events.timeline_store import EVERYBODY
from octui.server.stats import evidence_rules as rules
from octui.server.stats.rules import parts_of_day, running_states
from octui.server.stats.store import AgentDay, find_agent_day, read_present, require_state, stored_states

PAGE = 200
FARTHEST_MS = 8 * 86_400_000
"""How far before and after its day the events of an interval that was cut at midnight are looked for."""

_INTERVAL = Query(
    'SELECT "end", state, counted, call, detail, emitted FROM interval WHERE service_id = {p} AND member_id = {p} '
    'AND day = {p} AND channel = {p} AND state {texts} AND start = {p} ORDER BY "end", id LIMIT 1'
)
_OPENING = Query(
    "SELECT day, opening, time_zone FROM agent_day WHERE service_id = {p} AND member_id = {p} AND day <= {p} "
    "ORDER BY day DESC LIMIT 1"
)
_EVENTS = Query(
    "SELECT e.at, e.sequence, e.event_id, s.name, e.type, e.data, e.member_id, f.name, e.line FROM event e "
    "JOIN source s ON s.id = e.source_id LEFT JOIN intake_file f ON f.id = e.file_id "
    "WHERE e.service_id = {p} AND e.member_id {ints} AND e.at >= {p} AND e.at < {p} AND e.ticket IS NULL"
)


@dataclass(frozen=True)
class IntervalKey:
    """Identity of an interval of an agent's day: channel, state and start (epoch ms)."""

    channel: Channel
    state: str
    start: int

    @property
    def stored_channel(self) -> str:
        """The channel under which the interval is stored."""
        return stored_states(self.channel, self.state)[0]


def read_evidence(
    connection: Connection, service: str, account: str, day: int | None, key: IntervalKey, after: int, now: int
) -> Evidence:
    """Return the event that began an interval of a day (YYYYMMDD; None: today), the one that ended it, the rest.

    The events between come in pages, `after` so many. Raises 404 if there is no such interval, 422 for a state that the
    channel does not have.
    """
    require_state(key.channel, key.state)
    agent_day = find_agent_day(connection, service, account, day, now)
    interval, emitted = _find_interval(connection, agent_day, key, now)
    context, events = _read_events(connection, agent_day, key, interval, emitted, now)
    intervals = rules.trace_intervals(context, events, agent_day.time_zone, now)
    traced = _find_traced(intervals, agent_day, key.stored_channel, interval)
    if traced is None:
        began = ended = rules.Place(BoundaryKind.UNKNOWN, None)
    else:
        began = rules.beginning_of(traced, events, agent_day.start)
        ended = rules.end_of(traced, events, agent_day.end, interval.end)
    last = interval.end if interval.end is not None else now
    between = rules.events_between(events, began, ended, interval.start, last)
    page = [rules.source_event(event) for event in islice(between, after, after + PAGE)]
    named = None if traced is None or traced.named is None else rules.source_event(events[traced.named])
    return Evidence(
        date=agent_day.date,
        time_zone=agent_day.time_zone,
        channel=key.channel,
        interval=interval,
        began=_boundary(began, events),
        ended=_boundary(ended, events),
        named=named,
        events=page,
        next=after + PAGE if len(between) > after + PAGE else None,
    )


def _boundary(place: rules.Place, events: Sequence[rules.StoredEvent]) -> Boundary:
    return Boundary(kind=place.kind, event=None if place.event is None else rules.source_event(events[place.event]))


def _find_interval(connection: Connection, at: AgentDay, key: IntervalKey, now: int) -> tuple[Interval, int]:
    """Return an interval of the day, and the day of the event that ended it (0: no event). Raises 404."""
    channel, states = stored_states(key.channel, key.state)
    rows = _INTERVAL.fetch_rows(connection, at.service, at.member, at.day, channel, states, key.start)
    if rows:
        end, name, counted, call, detail, emitted = rows[0]
        interval = Interval(
            start=key.start, end=end, state=name, counted=bool(counted), call=call, detail=detail or None
        )
        return interval, emitted
    for each_channel, part in parts_of_day(read_present(connection, at, now), at.start, at.end, now):
        if each_channel == channel and part.state in states and part.start == key.start:
            return part, 0
    raise not_found()


def _read_events(
    connection: Connection, at: AgentDay, key: IntervalKey, interval: Interval, emitted: int, now: int
) -> tuple[Context, list[rules.StoredEvent]]:
    """Return the agent's context at some time before an interval, and the stored events from there on."""
    agent = (at.service, at.member)
    rows = _OPENING.fetch_rows(connection, *agent, at.day)
    if rows and interval.start == at.start:
        began = _running_since(Context.from_data(from_json(rows[0][1])), key.stored_channel)
        if began is not None and at.start - FARTHEST_MS <= began < at.start:
            rows = _OPENING.fetch_rows(connection, *agent, min(rows[0][0], day_of(began, at.time_zone))) or rows
    context, first = Context(), at.start
    if rows:
        day, opening, zone = rows[0]
        context, first = Context.from_data(from_json(opening)), day_bounds(day, zone)[0]
    until = at.end
    if emitted != at.day:
        # It was ended by an event of a later day, or by none so far.
        ended = now if emitted == 0 else day_bounds(emitted, at.time_zone)[1]
        until = max(until, min(ended, at.end + FARTHEST_MS))
    stored = sorted(_EVENTS.fetch_rows(connection, at.service, [at.member, EVERYBODY], first, until), key=_order_of)
    events = [
        rules.StoredEvent(moment, sequence, name, source, kind, from_json(data), member == EVERYBODY, file, line)
        for moment, sequence, name, source, kind, data, member, file, line in stored
        if channel_of(kind) == key.channel.value
    ]
    return context, events


def _order_of(row: tuple[object, ...]) -> tuple[object, ...]:
    return row[:4]


def _running_since(context: Context, stored_channel: str) -> int | None:
    return next((state.since for state in running_states(context) if state.channel == stored_channel), None)


def _find_traced(
    traced: Sequence[rules.Traced], at: AgentDay, stored_channel: str, interval: Interval
) -> rules.Traced | None:
    """Return the uncut interval of which `interval` is the part within the day, or None."""
    for each in traced:
        if (each.channel, each.state) != (stored_channel, interval.state) or each.start >= at.end:
            continue
        end = None if each.end is None else min(each.end, at.end)
        if max(each.start, at.start) == interval.start and (end == interval.end or end is None):
            return each
    return None
