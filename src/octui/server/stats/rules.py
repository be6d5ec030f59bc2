"""Rules that calculate an agent's statistics of one day from closed intervals and open states (rules.md 27–31).

Seconds of a running state are never stored. On the present day the figure has the state's start, and the client adds
the time since then; on a past day the state's share is added here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from octui.schema.stats import ChatState, Figure, Interval, Open, PhoneState
from octui.server.events.timeline_rules import ASSUMED, CHAT, LOGGED_IN, LOGIN, PHONE, Context, assumed_until
from octui.server.events.timeline_rules import Interval as ClosedInterval


@dataclass(frozen=True)
class RunningState:
    """Open state of an agent. `counted`: entered at `since`. `until`: last event that shows an assumed login.

    `detail`: the state shown as other, else "".
    """

    channel: str
    state: str
    since: int
    counted: bool
    call: str | None
    until: int | None = None
    detail: str = ""


class Present(NamedTuple):
    """Context of an agent at a moment, and the intervals that ended by timeout until then (rules.md 39, 40)."""

    context: Context
    ended: Sequence[ClosedInterval]


def running_states(context: Context) -> list[RunningState]:
    """Return the open phone, chat and login states in an agent's context."""
    states = []
    if context.state is not None:
        login, until = ASSUMED if context.assumed else LOGGED_IN, assumed_until(context)
        states.append(
            RunningState(PHONE, context.state, context.since, context.counted, context.call, until, context.phase)
        )
        states.append(RunningState(LOGIN, login, context.login, True, None, until))
    if context.chat is not None:
        states.append(RunningState(CHAT, context.chat, context.chat_since, True, None))
    return states


@dataclass
class DayFigures:
    """Count and duration of each state of an agent's day. `open`: its open states, none if the day is over.

    `proved_until`: up to when the running phone states are proved, if not now.
    """

    figures: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    open: dict[str, Open] = field(default_factory=dict)
    proved_until: int | None = None

    def phone_figures(self) -> dict[PhoneState, Figure]:
        """Return count and duration of every phone state, 0 for one never entered."""
        return {state: self._figure_of(PHONE, state.value) for state in PhoneState}

    def chat_figures(self) -> dict[ChatState, Figure]:
        """Return count and duration of every chat state, 0 for one never entered."""
        return {state: self._figure_of(CHAT, state.value) for state in ChatState}

    def logged_in(self) -> Figure:
        """Return the number and duration of CTI logins, including assumed ones."""
        logged, assumed = self._figure_of(LOGIN, LOGGED_IN), self.assumed()
        return Figure(count=logged.count + assumed.count, ms=logged.ms + assumed.ms)

    def assumed(self) -> Figure:
        """Return the number and duration of logins for which the PBX log has no login event (rules.md 39)."""
        return self._figure_of(LOGIN, ASSUMED)

    def _figure_of(self, channel: str, state: str) -> Figure:
        count, ms = self.figures.get((channel, state), (0, 0))
        return Figure(count=count, ms=ms)


def share_of_day(state: RunningState, start: int, end: int, now: int) -> Interval | None:
    """Return the part of a running state within the day from `start` to `end`, or None if there is none.

    Its end is None while it runs, and up to when it is proved where it is only assumed to run on.
    """
    first = max(state.since, start)
    if first >= end or start > now:
        return None
    entered = state.counted and state.since >= start
    last = end if end <= now else None
    if state.until is not None:
        last = min(state.until, end)
    return Interval(
        start=first, end=last, state=state.state, counted=entered, call=state.call, detail=state.detail or None
    )


def _ended_parts(present: Present, start: int, end: int) -> Iterator[tuple[str, Interval]]:
    """Yield the parts within the day of intervals that ended by timeout, each with its channel."""
    for channel, state, since, until, counted, call, detail in present.ended:
        if since < end and (since >= start or until > start):
            entered = counted and since >= start
            first, last = max(since, start), min(until, end)
            yield (
                channel,
                Interval(start=first, end=last, state=state, counted=entered, call=call, detail=detail or None),
            )


def parts_of_day(present: Present, start: int, end: int, now: int) -> list[tuple[str, Interval]]:
    """Return a day's intervals that no event has ended, timed out or running, each with its channel, in order."""
    running = ((state.channel, share_of_day(state, start, end, now)) for state in running_states(present.context))
    return [*_ended_parts(present, start, end), *((channel, part) for channel, part in running if part is not None)]


def figures_of_day(
    rows: Iterable[tuple[str, str, int, int]], present: Present, start: int, end: int, now: int
) -> DayFigures:
    """Return an agent's statistics of the day from `start` to `end` (epoch ms).

    `rows`: closed intervals, summed as (channel, state, count, ms). `present`: what runs at `now`.
    """
    day = DayFigures({(channel, state): (count, ms) for channel, state, count, ms in rows})

    def add(channel: str, state: str, counted: bool, ms: int) -> None:
        count, sum_ms = day.figures.get((channel, state), (0, 0))
        day.figures[channel, state] = (count + counted, sum_ms + ms)

    for channel, ended in _ended_parts(present, start, end):
        add(channel, ended.state, ended.counted, 0 if ended.end is None else ended.end - ended.start)
    for state in running_states(present.context):
        part = share_of_day(state, start, end, now)
        if part is None:
            continue
        closed = 0 if end > now or part.end is None else part.end - part.start
        add(state.channel, state.state, part.counted, closed)
        if end > now:
            day.open[state.channel] = Open(
                state=state.state, since=part.start, call=state.call, detail=state.detail or None
            )
            day.proved_until = day.proved_until if state.until is None else state.until
    return day
