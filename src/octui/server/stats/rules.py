"""The figures of one day from what is closed and what is running (rules.md 27–31).

Seconds of the running state are never stored: on the present day it is given with its start and ticks at the reader's,
on a day that is over its share is added.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from octui.schema.stats import ChatState, Figure, Interval, Open, PhoneState
from octui.server.events.timeline_rules import CHAT, LOGGED_IN, LOGIN, PHONE, Context


@dataclass(frozen=True)
class RunningState:
    """A state that runs: `counted` if it was entered when it began."""

    channel: str
    state: str
    since: int
    counted: bool
    call: str | None


def running_states(context: Context) -> list[RunningState]:
    """What runs in an agent's context, the session included."""
    found = []
    if context.state is not None:
        found.append(RunningState(PHONE, context.state, context.since, context.counted, context.call))
        found.append(RunningState(LOGIN, LOGGED_IN, context.login, True, None))
    if context.chat is not None:
        found.append(RunningState(CHAT, context.chat, context.chat_since, True, None))
    return found


@dataclass
class DayFigures:
    """A day's figures by channel and state; `open` by channel, only where the day is not over."""

    figures: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    open: dict[str, Open] = field(default_factory=dict)

    def phone(self) -> dict[PhoneState, Figure]:
        """Every phone state, the ones never entered too."""
        return {state: self._figure(PHONE, state.value) for state in PhoneState}

    def chat(self) -> dict[ChatState, Figure]:
        """Every chat state."""
        return {state: self._figure(CHAT, state.value) for state in ChatState}

    def logged_in(self) -> Figure:
        """CTI logins and their time."""
        return self._figure(LOGIN, LOGGED_IN)

    def _figure(self, channel: str, state: str) -> Figure:
        count, ms = self.figures.get((channel, state), (0, 0))
        return Figure(count=count, ms=ms)


def share_of_day(state: RunningState, start: int, end: int, now: int) -> Interval | None:
    """The part of a running state in the day from `start` to `end`, or None; its end is None where it goes on."""
    first = max(state.since, start)
    if first >= end or start > now:
        return None
    entered = state.counted and state.since >= start
    last = end if end <= now else None
    return Interval(start=first, end=last, state=state.state, counted=entered, call=state.call)


def figures_of_day(
    rows: Iterable[tuple[str, str, int, int]], context: Context, start: int, end: int, now: int
) -> DayFigures:
    """The day from `start` to `end` (epoch ms): closed rows (channel, state, count, ms) and what runs at `now`."""
    day = DayFigures({(channel, state): (count, ms) for channel, state, count, ms in rows})
    for state in running_states(context):
        part = share_of_day(state, start, end, now)
        if part is None:
            continue
        key = (state.channel, state.state)
        count, ms = day.figures.get(key, (0, 0))
        closed = 0 if part.end is None else part.end - part.start
        day.figures[key] = (count + int(part.counted), ms + closed)
        if part.end is None:
            day.open[state.channel] = Open(state=state.state, since=part.start, call=state.call)
    return day
