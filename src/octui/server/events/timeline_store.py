"""SQL of the agents' timelines (contexts, intervals, figures), extended by new events or rebuilt after late ones.

Rebuilding starts from the context at the start of a day (`agent_day.opening`), replays the stored events, and stops at
the first later day whose opening is unchanged. `interval.emitted`, the day of the event that ended an interval, tells
which intervals to delete: pieces of one may lie on earlier days.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection

from octui.server.core.calendar import day_bounds, day_of, split_by_day
from octui.server.database import tables
from octui.server.database.driver import Insert, Query, Row
from octui.server.events.minute_changes import MinuteChanges
from octui.server.events.queue_call_rules import MINUTE_MS
from octui.server.events.queue_log_rules import EVENT_HANDLERS
from octui.server.events.timeline_rules import (
    CHAT,
    LONGEST_SILENCE_MS,
    PHONE,
    Context,
    Event,
    Interval,
    assumed_until,
    channel_of,
    fold_events,
)

EventKey = tuple[int, int, str, str]
"""Sort key of events (at, sequence, ID, source), independent of the order of arrival."""
NO_EVENT_KEY: EventKey = (0, 0, "", "")
EVERYBODY = 0

_STATES = Query(
    "SELECT member_id, context, state, changed FROM agent_state WHERE service_id = {p} AND member_id {ints}"
)
_DAYS = Query(
    "SELECT day, opening FROM agent_day WHERE service_id = {p} AND member_id = {p} AND day >= "
    "(SELECT coalesce(max(day), 0) FROM agent_day WHERE service_id = {p} AND member_id = {p} AND day <= {p}) "
    "ORDER BY day"
)
_EVENTS = Query(
    "SELECT e.at, e.sequence, e.event_id, s.name, e.type, e.data FROM event e JOIN source s ON s.id = e.source_id "
    "WHERE e.service_id = {p} AND e.member_id {ints} AND e.at >= {p} AND e.at < {p} AND e.ticket IS NULL"
)
_GONE_DAYS = Query(
    "SELECT DISTINCT day FROM interval WHERE service_id = {p} AND member_id = {p} AND day >= {p} "
    "AND emitted >= {p} AND emitted < {p}"
)
_DELETE_INTERVALS = Query(
    "DELETE FROM interval WHERE service_id = {p} AND member_id = {p} AND day >= {p} AND emitted >= {p} "
    'AND emitted < {p} RETURNING day, channel, state, start, "end", detail'
)
_DELETE_DAYS = Query("DELETE FROM agent_day WHERE service_id = {p} AND member_id = {p} AND day >= {p} AND day < {p}")
_DELETE_FIGURES = Query("DELETE FROM figure WHERE service_id = {p} AND member_id = {p} AND day {ints}")
_SUM_FIGURES = Query(
    'INSERT INTO figure (service_id, member_id, day, channel, state, "count", ms) '
    'SELECT service_id, member_id, day, channel, state, sum(counted), sum("end" - start) FROM interval '
    "WHERE service_id = {p} AND member_id = {p} AND day {ints} GROUP BY service_id, member_id, day, channel, state"
)
_INSERT_INTERVALS = Insert(
    tables.interval,
)
_ADD_FIGURES = Insert(
    tables.figure,
    'ON CONFLICT (service_id, member_id, day, channel, state) DO UPDATE SET "count" = figure."count" + '
    'excluded."count", ms = figure.ms + excluded.ms',
)
_INSERT_DAYS = Insert(
    tables.agent_day,
    "ON CONFLICT (service_id, member_id, day) DO NOTHING",
)
_SAVE_STATES = Insert(
    tables.agent_state,
    "ON CONFLICT (service_id, member_id) DO UPDATE SET at = excluded.at, state = excluded.state, "
    "since = excluded.since, detail = excluded.detail, expires = excluded.expires, context = excluded.context, "
    "changed = excluded.changed",
)
_END_OF_TIME = 1 << 62
_NO_DAY = 99_999_999


@dataclass(slots=True)
class Timeline:
    """An agent's progress through the events: context, day, and the last event of phone and of chat."""

    member: int
    context: Context = field(default_factory=Context)
    day: int = 0
    phone: EventKey = NO_EVENT_KEY
    chat: EventKey = NO_EVENT_KEY
    state: str | None = None  # the stored phone state
    detail: str = ""
    since: int = 0
    until: int | None = None  # up to when the stored phone state was proved
    changed: int = 0
    moved: bool = False

    def as_json(self) -> str:
        return to_json({"x": self.context.as_data(), "m": (self.day, self.phone, self.chat)}).decode()

    def has_phone_moved(self) -> bool:
        """Return whether the agent's phone state differs from the stored one."""
        context = self.context
        shown = (context.state, context.phase, context.since, assumed_until(context))
        return context.state != self.state or (
            self.state is not None and shown != (self.state, self.detail, self.since, self.until)
        )


def load_timelines(connection: Connection, service: int, members: list[int]) -> dict[int, Timeline]:
    """Return the members' stored timelines; a new timeline for a member without one."""
    timelines = {member: Timeline(member) for member in members}
    for member, text, state, changed in _STATES.fetch_rows(connection, service, members):
        stored: dict[str, Any] = from_json(text)
        context = Context.from_data(stored["x"])
        day, phone, chat = stored["m"]
        since, until = (context.since, assumed_until(context)) if state else (0, None)
        detail = context.phase if state else ""
        timelines[member] = Timeline(
            member, context, day, tuple(phone), tuple(chat), state, detail, since, until, changed
        )
    return timelines


def read_timeline_context(stored: str) -> Context:
    """Return the context in a timeline that `Timeline.as_json` wrote."""
    return Context.from_data(from_json(stored)["x"])


class TimelineUpdater:
    """Extends the timelines of a service's agents by new events; `save` writes them."""

    def __init__(self, connection: Connection, service: int, zone: str, last_restart: int, floor: int = 0) -> None:
        """Create an updater; `last_restart`: the PBX's last restart before these events (0: none).

        Only agents logged in have that restart in their timelines, so events as old are always replayed. `floor`:
        events before this day have been purged; no day is rebuilt from them, and no new event is as old.
        """
        self._connection = connection
        self._last_restart = last_restart
        self._service = service
        self._zone = zone
        self._floor = floor
        self._intervals: list[Row] = []
        self._figures: defaultdict[tuple[int, int, str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._days: list[Row] = []
        self._minutes = MinuteChanges()

    def add_events(self, timeline: Timeline, events: list[tuple[EventKey, Event]]) -> None:
        """Add an agent's new events, which are already stored and in order."""
        zone = self._zone
        first, last = day_of(events[0][1].at, zone), day_of(events[-1][1].at, zone)
        phone, chat = timeline.phone, timeline.chat
        # The events are in order, so the first of each channel tells whether any of it is late.
        of_chat = [channel_of(event.type) == CHAT for _, event in events]
        late = (
            first < timeline.day
            or events[0][1].at <= self._last_restart
            or (not all(of_chat) and events[of_chat.index(False)][0] < phone)
            or (any(of_chat) and events[of_chat.index(True)][0] < chat)
        )
        if late:
            self._rebuild_days(timeline, first, last)
        elif first == last:
            self._append_day(timeline, first, [event for _, event in events])
        else:
            for day, run in _daily_runs(events, zone):
                self._append_day(timeline, day, run)
        for (key, _), is_chat in zip(reversed(events), reversed(of_chat), strict=True):
            if is_chat:
                timeline.chat = max(timeline.chat, key)
            else:
                timeline.phone = max(timeline.phone, key)
            if timeline.chat is not chat and timeline.phone is not phone:
                break

    def _append_day(self, timeline: Timeline, day: int, run: list[Event]) -> None:
        """Apply one day's events to a timeline."""
        if day != timeline.day:
            self._days.append((self._service, timeline.member, day, timeline.context.as_json(), self._zone))
            timeline.day = day
        before = timeline.context
        start = day_bounds(day, self._zone)[0]
        timeline.context, closed = fold_events(before, run, EVENT_HANDLERS, start)
        timeline.moved = timeline.moved or bool(closed) or _shown_values(before) != _shown_values(timeline.context)
        for piece in self._interval_rows(timeline.member, closed, day):
            self._intervals.append(piece)
            figure = self._figures[piece[1:5]]
            figure[0] += piece[7]
            figure[1] += piece[6] - piece[5]

    def _interval_rows(self, member: int, intervals: list[Interval], emitted: int) -> list[Row]:
        service, zone, minutes = self._service, self._zone, self._minutes
        rows = []
        for channel, state, start, end, counted, call, detail in intervals:
            entered = int(counted)
            for day, first, last in split_by_day(start, end, zone):
                rows.append((service, member, day, channel, state, first, last, entered, call, detail, emitted))
                if channel == PHONE and first // MINUTE_MS != last // MINUTE_MS:
                    minutes.add_interval(state, detail, first, last, day_bounds(day, zone)[1], 1)
                entered = 0
        return rows

    def _rebuild_days(self, timeline: Timeline, first_late: int, last_new: int) -> None:
        self.flush()  # Rows of earlier events must be in the tables before some are deleted.
        connection, service, member = self._connection, self._service, timeline.member
        days_begun = _DAYS.fetch_rows(connection, service, member, service, member, first_late)
        openings: dict[int, str] = {day: opening for day, opening in days_begun if day >= self._floor}
        first = min([first_late, *(day for day in openings if day <= first_late)])
        after = sorted(day for day in openings if day > first)
        if first in openings:
            context = Context.from_data(from_json(openings[first]))
        else:
            # Nothing is stored from here to the next day begun, so both begin with the same context.
            context = Context.from_data(from_json(openings[after[0]])) if after else timeline.context
        open_since = [first, *(day_of(since, self._zone) for since in _open_since(context))]
        replay = Timeline(member, context)
        rows: list[Row] = []
        days: list[Row] = []
        current, stop = first, _NO_DAY
        while current != stop:
            following = after.pop(0) if after else _NO_DAY
            for day, run in self._stored_runs(replay, current, following):
                days.append((service, member, day, replay.context.as_json(), self._zone))
                replay.day = day
                start = day_bounds(day, self._zone)[0]
                replay.context, closed = fold_events(replay.context, run, EVENT_HANDLERS, start)
                rows += self._interval_rows(member, closed, day)
            unchanged = following > last_new and replay.context.as_json() == openings.get(following)
            if following == _NO_DAY or unchanged:
                stop = following
            current = following
        if stop == _NO_DAY:
            timeline.context, timeline.day = replay.context, replay.day
            timeline.phone, timeline.chat = max(timeline.phone, replay.phone), max(timeline.chat, replay.chat)
        timeline.moved = True
        lowest = min(open_since)
        span = (service, member, lowest, first, stop)
        affected = {day for (day,) in _GONE_DAYS.fetch_rows(connection, *span)} | {row[2] for row in rows}
        for day, channel, state, start, end, detail in _DELETE_INTERVALS.fetch_rows(connection, *span):
            if channel == PHONE and detail is not None:  # 0.2.0 had no minutes
                self._minutes.add_interval(state, detail, start, end, day_bounds(day, self._zone)[1], -1)
        _DELETE_DAYS.run(connection, service, member, first, stop)
        _INSERT_INTERVALS.run(connection, rows)
        _INSERT_DAYS.run(connection, days)
        if affected:
            _DELETE_FIGURES.run(connection, service, member, sorted(affected))
            _SUM_FIGURES.run(connection, service, member, sorted(affected))

    def _stored_runs(self, replay: Timeline, first: int, until: int) -> list[tuple[int, list[Event]]]:
        """Return the stored events of the days from `first` to before `until`, grouped by day."""
        start = day_bounds(first, self._zone)[0]
        end = _END_OF_TIME if until == _NO_DAY else day_bounds(until, self._zone)[0]
        rows = sorted(_EVENTS.fetch_rows(self._connection, self._service, [replay.member, EVERYBODY], start, end))
        events = []
        for at, sequence, name, source, kind, data in rows:
            key = (at, sequence, name, source)
            if channel_of(kind) == CHAT:
                replay.chat = key
            else:
                replay.phone = key
            events.append((key, Event(at, kind, from_json(data))))
        return _daily_runs(events, self._zone)

    def flush(self) -> None:
        """Write the pending intervals, statistics and days."""
        connection, service = self._connection, self._service
        _INSERT_INTERVALS.run(connection, self._intervals)
        _ADD_FIGURES.run(connection, [(service, *key, *added) for key, added in sorted(self._figures.items())])
        _INSERT_DAYS.run(connection, sorted(self._days))
        self._minutes.flush(connection, service)
        self._intervals, self._days = [], []
        self._figures.clear()

    def save(self, moved: list[Timeline], revision: int) -> None:
        """Write the collected intervals and figures, and these agents' states; changed ones get `revision`."""
        self.flush()
        _SAVE_STATES.run(
            self._connection,
            [
                (
                    self._service,
                    timeline.member,
                    max(timeline.phone[0], timeline.chat[0]),
                    timeline.context.state,
                    timeline.context.since if timeline.context.state is not None else None,
                    timeline.context.phase or None,
                    expiry_of(timeline.context, self._zone),
                    timeline.as_json(),
                    revision if timeline.has_phone_moved() else timeline.changed,
                )
                for timeline in sorted(moved, key=lambda timeline: timeline.member)
            ],
        )


def expiry_of(context: Context, zone: str) -> int | None:
    """Return when the running phone state ends without another event (epoch ms), or None for never.

    Presence that rests on assumed memberships is shown for the day of the last event (rules.md 39), a call until
    12 hours after it (rules.md 40).
    """
    if context.state is None:
        return None
    if context.calls or context.named_call is not None:
        return context.last_at + LONGEST_SILENCE_MS
    until = assumed_until(context)
    return None if until is None else day_bounds(day_of(until, zone), zone)[1]


def _open_since(context: Context) -> list[int]:
    """Return the starts of the running states, on whose days their intervals may have pieces."""
    since = []
    if context.state is not None:
        since += [context.since, context.login]
    if context.chat is not None:
        since.append(context.chat_since)
    return since


def _shown_values(context: Context) -> tuple[object, ...]:
    """Return the parts of a context that an agent's statistics show."""
    return (
        context.state,
        context.since,
        context.call,
        context.login,
        assumed_until(context),
        context.chat,
        context.chat_since,
    )


def _daily_runs(events: list[tuple[EventKey, Event]], zone: str) -> list[tuple[int, list[Event]]]:
    """Return events grouped by day."""
    runs: list[tuple[int, list[Event]]] = []
    for _, event in events:
        day = day_of(event.at, zone)
        if not runs or runs[-1][0] != day:
            runs.append((day, []))
        runs[-1][1].append(event)
    return runs


__all__ = ["CHAT", "EVERYBODY", "PHONE", "EventKey", "Timeline", "TimelineUpdater", "load_timelines"]
