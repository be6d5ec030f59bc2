"""Rules that find which events began, named and ended an interval (rules.md 35–45).

The agent's events are folded again one by one, by the same rules that made the figures, so that cause and figure cannot
differ.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from octui.schema.stats import BoundaryKind, Origin, SourceEvent
from octui.server.core.calendar import day_bounds, day_of
from octui.server.events.queue_log_rules import EVENT_HANDLERS, PREFIX
from octui.server.events.rules import KEYS_SOURCE
from octui.server.events.timeline_rules import (
    INBOUND,
    OTHER,
    OUTBOUND,
    PHONE,
    TRANSFER,
    Context,
    Event,
    context_at,
    fold_events,
)
from octui.server.events.timeline_rules import Interval as Closed
from octui.server.stats.rules import RunningState, running_states
from octui.text.safe import safe

_RING_EVENTS = frozenset((PREFIX + "CONNECT", PREFIX + "RINGNOANSWER"))
_NAMING_EVENTS = frozenset((PREFIX + "PAUSE", PREFIX + "PAUSEREASON"))
"""Events that may name the state of a pause that began just before, in the same second too."""
_CALL_STATES = frozenset((INBOUND, OUTBOUND, TRANSFER, OTHER))
_LINE_ID = re.compile(r"(\d{12})-[0-9a-f]{16}-\d+", re.ASCII)


class StoredEvent(NamedTuple):
    """Stored event of an agent or of everybody. `file`, `line`: where in a log it was read."""

    at: int
    sequence: int
    id: str
    source: str
    type: str
    data: dict[str, Any]
    everybody: bool
    file: str | None
    line: int | None


class Traced(NamedTuple):
    """Interval not yet cut at midnight, with the indexes of its events. `end` None: still running.

    `began`, `named`, `ended`: places among the events; None: before the first of them, never, not yet.
    """

    channel: str
    state: str
    start: int
    end: int | None
    began: int | None
    named: int | None
    ended: int | None


@dataclass
class _Running:
    state: str
    start: int
    began: int | None
    named: int | None = None

    def follow(self, state: RunningState, place: int, event: StoredEvent) -> None:
        """Update the state of a running interval that goes on renamed, and note the event that renamed it."""
        if state.state != self.state:
            if event.at > self.start or event.type in _NAMING_EVENTS:
                self.named = place
            else:
                self.began = place
            self.state = state.state


def trace_intervals(context: Context, events: Sequence[StoredEvent], zone: str, now: int) -> list[Traced]:
    """Return the intervals that the events produce after `context`, with their causes; running ones last.

    What ended or began without an event, as the time went by, has the place after the last of them.
    """
    running = {state.channel: _Running(state.state, state.since, None) for state in running_states(context)}
    traced: list[Traced] = []

    def add_closed(closed: Sequence[Closed], place: int) -> None:
        for interval in closed:
            before = running.get(interval.channel)
            if before is None or (before.start, before.state) != (interval.start, interval.state):
                # It took no time: the running interval goes on, or has ended already.
                before = _Running(interval.state, interval.start, place)
            else:
                del running[interval.channel]
            traced.append(Traced(*interval[:4], before.began, before.named, place))

    def follow_running(place: int, event: StoredEvent | None) -> None:
        states = {state.channel: state for state in running_states(context)}
        for channel in [channel for channel in running if channel not in states]:
            del running[channel]
        for channel, state in states.items():
            begun = running.get(channel)
            if begun is None or begun.start != state.since:
                running[channel] = _Running(state.state, state.since, place)
            elif event is not None:
                begun.follow(state, place, event)

    for place, event in enumerate(events):
        context, closed = fold_events(
            context, [Event(event.at, event.type, event.data)], EVENT_HANDLERS, _day_start(event.at, zone)
        )
        add_closed(closed, place)
        follow_running(place, event)
    context, closed = context_at(context, now, _day_start(now, zone))
    add_closed(closed, len(events))
    follow_running(len(events), None)
    return [
        *traced,
        *(Traced(name, each.state, each.start, None, each.began, each.named, None) for name, each in running.items()),
    ]


def _day_start(at: int, zone: str) -> int:
    return day_bounds(day_of(at, zone), zone)[0]


class Place(NamedTuple):
    """Beginning or end of an interval: its reason, and the index of the event that caused it."""

    kind: BoundaryKind
    event: int | None


def beginning_of(traced: Traced, events: Sequence[StoredEvent], day_start: int) -> Place:
    """Return how an interval began and by which event, within the day that starts at `day_start` (epoch ms)."""
    place = traced.began
    if traced.start < day_start:
        return Place(BoundaryKind.DAY, None if place == len(events) else place)
    if place is None:
        return Place(BoundaryKind.UNKNOWN, None)
    if place < len(events):
        event = events[place]
        if event.at <= traced.start:
            return Place(BoundaryKind.EVENT, place)
        if event.type in _RING_EVENTS and traced.state == OTHER:
            return Place(BoundaryKind.RINGING, place)
    return Place(BoundaryKind.LAST_EVENT, _last_until(events, traced.start))


def end_of(traced: Traced, events: Sequence[StoredEvent], day_end: int, until: int | None) -> Place:
    """Return how an interval ended and by which event, within the day that ends at `day_end` (epoch ms).

    `until`: when it ended, None while it runs; before the day's end and without an event, presence was proved so long.
    """
    place = traced.ended
    if until is None:
        return Place(BoundaryKind.NOW, None)
    if until >= day_end and (traced.end is None or traced.end > day_end):
        return Place(BoundaryKind.DAY, None if place == len(events) else place)
    if place is not None and place < len(events):
        event = events[place]
        if event.at <= until:
            return Place(BoundaryKind.EVENT, place)
        if traced.channel == PHONE and event.type in _RING_EVENTS and event.at - event.data["ring_ms"] == until:
            return Place(BoundaryKind.RINGING, place)
    kind = BoundaryKind.LAST_EVENT if traced.state in _CALL_STATES else BoundaryKind.PROVED
    return Place(kind, _last_until(events, until))


def _last_until(events: Sequence[StoredEvent], at: int) -> int | None:
    place = bisect_right(events, at, key=_time_of) - 1
    return place if place >= 0 else None


def _time_of(event: StoredEvent) -> int:
    return event.at


def events_between(
    events: Sequence[StoredEvent], began: Place, ended: Place, first: int, last: int
) -> Sequence[StoredEvent]:
    """Return an interval's events with those that began and ended it; `first`, `last`: its times (epoch ms)."""
    low = began.event if began.kind in (BoundaryKind.EVENT, BoundaryKind.LAST_EVENT) else None
    high = ended.event if ended.kind not in (BoundaryKind.DAY, BoundaryKind.NOW, BoundaryKind.UNKNOWN) else None
    low = bisect_left(events, first, key=_time_of) if low is None else low
    until = bisect_right if ended.kind in (BoundaryKind.NOW, BoundaryKind.UNKNOWN) else bisect_left
    return events[low : until(events, last, key=_time_of) if high is None else high + 1]


def source_event(event: StoredEvent) -> SourceEvent:
    """Return a stored event as the API shows it."""
    data = event.data
    of_queue = event.type.startswith(PREFIX)
    origin = Origin.LOG if of_queue or event.file is not None else Origin.CTI
    return SourceEvent(
        at=event.at,
        type=event.type,
        origin=Origin.KEY if event.source == KEYS_SOURCE else origin,
        source=event.source,
        call=data.get("call") or data.get("chat"),
        queue=data.get("queue") or None,
        args=data.get("args", []),
        state=data.get("state"),
        everybody=event.everybody,
        text=_log_line(event) if of_queue else None,
        file=event.file,
        line=event.line,
    )


def _log_line(event: StoredEvent) -> str:
    """Return an event as a queue_log line, with the time that was written in the log."""
    data, match = event.data, _LINE_ID.fullmatch(event.id)
    second = int(match[1]) if match else event.at // 1000
    fraction = f".{event.at % 1000:03d}" if event.at % 1000 and second == event.at // 1000 else ""
    names = (data.get("call"), data.get("queue"), data.get("agent"))
    args = data.get("args") or [""]
    fields = [f"{second}{fraction}", *(name or "NONE" for name in names), event.type.removeprefix(PREFIX), *args]
    return safe("|".join(fields))
