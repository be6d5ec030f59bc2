"""Calculate the figures of one day from closed intervals and running states (rules.md 27–31).

Seconds of a running state are never stored. On the present day the figure has the state's start, and the client adds
the time since then; on a past day the state's share is added here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from octui.schema.stats import ChatState, Figure, Interval, Open, PhoneState
from octui.server.events.timeline_rules import CHAT, LOGGED_IN, LOGIN, PHONE, Context

KEYS_SOURCE = "octui:keys"
"""Source of the events that stand for the agents' own key presses."""


@dataclass(frozen=True)
class RunningState:
    """State that is running. `counted`: it was entered when it began."""

    channel: str
    state: str
    since: int
    counted: bool
    call: str | None


def running_states(context: Context) -> list[RunningState]:
    """Return what is running in an agent's context, including the phone session."""
    states = []
    if context.state is not None:
        states.append(RunningState(PHONE, context.state, context.since, context.counted, context.call))
        states.append(RunningState(LOGIN, LOGGED_IN, context.login, True, None))
    if context.chat is not None:
        states.append(RunningState(CHAT, context.chat, context.chat_since, True, None))
    return states


@dataclass
class DayFigures:
    """Figures of a day by channel and state. `open`: running states by channel, only if the day is not over."""

    figures: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    open: dict[str, Open] = field(default_factory=dict)

    def phone_figures(self) -> dict[PhoneState, Figure]:
        """Return the figures of every phone state, including those never entered."""
        return {state: self._figure_of(PHONE, state.value) for state in PhoneState}

    def chat_figures(self) -> dict[ChatState, Figure]:
        """Return the figures of every chat state."""
        return {state: self._figure_of(CHAT, state.value) for state in ChatState}

    def logged_in(self) -> Figure:
        """Return the number of CTI logins and their time."""
        return self._figure_of(LOGIN, LOGGED_IN)

    def _figure_of(self, channel: str, state: str) -> Figure:
        count, ms = self.figures.get((channel, state), (0, 0))
        return Figure(count=count, ms=ms)


def share_of_day(state: RunningState, start: int, end: int, now: int) -> Interval | None:
    """Return the part of a running state in the day from `start` to `end`, or None. Its end is None while it runs."""
    first = max(state.since, start)
    if first >= end or start > now:
        return None
    entered = state.counted and state.since >= start
    last = end if end <= now else None
    return Interval(start=first, end=last, state=state.state, counted=entered, call=state.call)


def figures_of_day(
    rows: Iterable[tuple[str, str, int, int]], context: Context, start: int, end: int, now: int
) -> DayFigures:
    """Return the figures of the day from `start` to `end` (epoch ms).

    `rows`: closed intervals, summed as (channel, state, count, ms). `context`: the agent's running states at `now`.
    """
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
