"""An agent's phone day as a picture: time shares by group of states, calls by half hour, and the usual day.

Everything is calculated from the intervals of the day; the running state is one of them, ended at the present moment.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from statistics import median

from octui.schema.stats import DayInterval, PhoneDay, PhoneState
from octui.state.stats import LiveStats

MINUTE_MS = 60_000
HALF_HOUR_MS = 1_800_000
HOUR_MS = 3_600_000
FEWEST_USUAL_DAYS = 3
"""With fewer earlier days there is no usual day."""
_CELL_MINUTES = (1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60)
_SHORTEST_AXIS_MS = 17 * HALF_HOUR_MS


class Group(StrEnum):
    """Group of phone states that share a row in the picture of a day."""

    TALK = "talk"
    READY = "ready"
    WORK = "work"
    REST = "rest"
    TEAM = "team"


_GROUPS: dict[PhoneState, Group] = {
    PhoneState.INBOUND_CALLS: Group.TALK,
    PhoneState.OUTBOUND_CALLS: Group.TALK,
    PhoneState.TRANSFER: Group.TALK,
    PhoneState.READY: Group.READY,
    PhoneState.TICKET_WORK: Group.WORK,
    PhoneState.CHAT_WORK: Group.WORK,
    PhoneState.REST: Group.REST,
    PhoneState.MEAL: Group.REST,
    PhoneState.EDUCATION: Group.TEAM,
    PhoneState.REPORT: Group.TEAM,
    PhoneState.MEETING: Group.TEAM,
    PhoneState.COACHING: Group.TEAM,
}
_OF_CALLS = frozenset(("ringing", "dialling", "hold"))


def group_of(state: PhoneState, detail: str | None) -> Group | None:
    """Return the group of a phone state, None for some of OTHER; its ringing, dialling and hold count as talk."""
    if state is PhoneState.OTHER:
        return Group.TALK if detail in _OF_CALLS else None
    return _GROUPS[state]


def intervals_until(day: PhoneDay, live: LiveStats | None, now: int) -> list[DayInterval]:
    """Return the day's intervals, the running state as the last one, ended at `now` (epoch ms)."""
    intervals = list(day.intervals)
    running = live.stats.phone_open if live is not None and live.stats.date == day.date else None
    if running is not None and live is not None and live.running_phone is not None:
        proved = live.stats.proved_until
        end = min(now, day.day_end, now if proved is None else proved)
        if end > running.since:
            intervals.append((running.since, end, live.running_phone, running.detail, True))
    return intervals


@dataclass(frozen=True)
class Axis:
    """Time axis of a day's picture: its start (epoch ms), its number of cells, the ms that a cell covers."""

    start: int
    cells: int
    cell_ms: int

    @property
    def end(self) -> int:
        """The end of the last cell (epoch ms)."""
        return self.start + self.cells * self.cell_ms

    def cell_at(self, at: int) -> int:
        """Return the index of the cell that covers a moment, also one outside the axis."""
        return (at - self.start) // self.cell_ms


def axis_of(
    day_start: int, day_end: int, intervals: Sequence[DayInterval], usual: Sequence[PhoneDay], now: int, cells: int
) -> Axis:
    """Return an axis from the hour of the first interval to the usual end of work, in at most `cells` cells.

    Hours are counted from the day's start, so that a day of 23 or 25 hours has as many.
    """
    first = intervals[0][0] if intervals else now
    ends = [each.intervals[-1][1] - each.day_start for each in usual if each.intervals]
    last = max(now, day_start + round(median(ends))) if ends else now
    start = day_start + (max(day_start, min(first, now)) - day_start) // HOUR_MS * HOUR_MS
    span = max(min(last, day_end) - start, min(_SHORTEST_AXIS_MS, day_end - start), HALF_HOUR_MS)
    for minutes in _CELL_MINUTES:
        cell_ms = int(minutes * 60_000)
        if span <= cells * cell_ms:
            break
    return Axis(start, min(cells, -(-(day_end - start) // cell_ms)), cell_ms)


def group_shares(intervals: Iterable[DayInterval], axis: Axis) -> dict[Group, list[float]]:
    """Return, by group, the share of each axis cell's time that the group's states took."""
    spent = {group: [0] * axis.cells for group in Group}
    for start, end, state, detail, _ in intervals:
        group = group_of(state, detail)
        if group is None:
            continue
        row, at = spent[group], max(start, axis.start)
        last = min(end, axis.end)
        while at < last:
            cell = axis.cell_at(at)
            edge = min(last, axis.start + (cell + 1) * axis.cell_ms)
            row[cell] += edge - at
            at = edge
    return {group: [ms / axis.cell_ms for ms in row] for group, row in spent.items()}


@dataclass(frozen=True)
class HalfHour:
    """Number of calls begun in the half hour from `start` (epoch ms). `usual`: on the usual day, None if unknown."""

    start: int
    inbound: int
    outbound: int
    usual: float | None


def calls_by_half_hour(
    day_start: int, intervals: Iterable[DayInterval], usual: Sequence[PhoneDay], axis: Axis
) -> list[HalfHour]:
    """Return each half hour's calls on the axis, with the median of the earlier days."""
    counts: dict[tuple[int, PhoneState], int] = {}
    for start, _, state, _, counted in intervals:
        if counted and state in (PhoneState.INBOUND_CALLS, PhoneState.OUTBOUND_CALLS):
            key = ((start - day_start) // HALF_HOUR_MS, state)
            counts[key] = counts.get(key, 0) + 1
    earlier = [_calls_of(day) for day in usual]
    first = (axis.start - day_start) // HALF_HOUR_MS
    last = -(-(axis.end - day_start) // HALF_HOUR_MS)
    enough = len(usual) >= FEWEST_USUAL_DAYS
    return [
        HalfHour(
            day_start + place * HALF_HOUR_MS,
            counts.get((place, PhoneState.INBOUND_CALLS), 0),
            counts.get((place, PhoneState.OUTBOUND_CALLS), 0),
            median(calls.get(place, 0) for calls in earlier) if enough else None,
        )
        for place in range(first, last)
    ]


def _calls_of(day: PhoneDay) -> dict[int, int]:
    calls: dict[int, int] = {}
    for start, _, state, _, counted in day.intervals:
        if counted and state in (PhoneState.INBOUND_CALLS, PhoneState.OUTBOUND_CALLS):
            place = (start - day.day_start) // HALF_HOUR_MS
            calls[place] = calls.get(place, 0) + 1
    return calls


class UsualDay:
    """An agent's usual day: medians over earlier days with the same weekday, up to any time of day."""

    def __init__(self, days: Sequence[PhoneDay]) -> None:
        self.days = list(days)
        self._sums: dict[PhoneState, list[Callable[[int], tuple[int, int]]]] = {
            state: [_running_sum(day, state) for day in days] for state in PhoneState
        }

    @property
    def is_known(self) -> bool:
        """Whether there are enough earlier days for a median."""
        return len(self.days) >= FEWEST_USUAL_DAYS

    def figure_at(self, state: PhoneState, offset: int) -> tuple[float, float] | None:
        """Return a state's median count and ms until `offset` ms after midnight; None with too few days."""
        if not self.is_known:
            return None
        values = [sum_at(offset) for sum_at in self._sums[state]]
        return median(count for count, _ in values), median(ms for _, ms in values)


def _running_sum(day: PhoneDay, state: PhoneState) -> Callable[[int], tuple[int, int]]:
    """Return a function that gives a state's count and ms from midnight to an offset (ms) in the day."""
    intervals = [each for each in day.intervals if each[2] is state]
    starts = [start - day.day_start for start, *_ in intervals]
    spent = [0, *accumulate(end - start for start, end, *_ in intervals)]
    entered = [0, *accumulate(int(counted) for *_, counted in intervals)]

    def sum_at(offset: int) -> tuple[int, int]:
        begun = bisect_right(starts, offset)
        if not begun:
            return 0, 0
        start, end, *_ = intervals[begun - 1]
        beyond = max(0, end - day.day_start - offset)
        return entered[begun], spent[begun] - min(beyond, end - start)

    return sum_at


def likely_next(intervals: Sequence[DayInterval], state: PhoneState) -> list[PhoneState]:
    """Return the states that followed this state today, the most frequent first, without `other` and itself."""
    counts: dict[PhoneState, int] = {}
    for before, after in pairwise(intervals):
        if before[2] is state and after[2] not in (state, PhoneState.OTHER):
            counts[after[2]] = counts.get(after[2], 0) + 1
    return sorted(counts, key=lambda each: -counts[each])
