"""Hours of a service's day, summed up from its minutes (rules.md 33, 48)."""

from collections.abc import Sequence
from dataclasses import dataclass

from octui.schema.floor import CallCounts, FloorMinutes
from octui.state.floor import Rate, rate_of

MINUTE_MS = 60_000
HOUR_MINUTES = 60
_CELL_MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
FEWEST_HOURS = 9
"""The least hours on the axis of a chart, so that a morning does not fill all of it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sums of consecutive minutes of a day from `start` (epoch ms) on; None where no minute of them is known.

    `waiting` is the most customers at the end of a minute, `longest_ms` the longest wait.
    """

    start: int
    calls: CallCounts | None
    waiting: int | None
    longest_ms: int | None

    @property
    def service_level(self) -> Rate | None:
        """The calls answered in time of those offered in the stretch, at most all of these."""
        if self.calls is None:
            return None
        return rate_of(min(self.calls.answered_in_time, self.calls.offered), self.calls.offered)


def stretch_of(minutes: FloorMinutes, first: int, last: int) -> Stretch:
    """Return the sums of the minutes from number `first` up to, not including, `last`."""

    def known(values: Sequence[int | None]) -> list[int]:
        return [value for value in values[max(0, first) : max(0, last)] if value is not None]

    offered = known(minutes.offered)
    calls = None
    if offered:
        calls = CallCounts(
            offered=sum(offered),
            answered=sum(known(minutes.answered)),
            abandoned=sum(known(minutes.abandoned)),
            answered_in_time=sum(known(minutes.answered_in_time)),
        )
    return Stretch(
        minutes.day_start + first * MINUTE_MS,
        calls,
        max(known(minutes.waiting), default=None),
        max(known(minutes.longest_ms), default=None),
    )


def first_hour(minutes: FloorMinutes) -> int | None:
    """Return the number of the first hour with a call, else of the first known hour; None if no hour is known."""
    known: int | None = None
    for number, (offered, waiting) in enumerate(zip(minutes.offered, minutes.waiting, strict=True)):
        if offered or waiting:
            return number // HOUR_MINUTES
        if known is None and offered is not None:
            known = number // HOUR_MINUTES
    return known


def hours_until(minutes: FloorMinutes, until: int) -> list[Stretch]:
    """Return the sums of each hour, from the first hour with a call to the hour of `until` (epoch ms).

    Minutes after `until` count nowhere.
    """
    first = first_hour(minutes)
    if first is None:
        return []
    ended = min(len(minutes.offered), max(0, (until - minutes.day_start) // MINUTE_MS))
    last = max(0, min(until, minutes.day_end - 1) - minutes.day_start) // MINUTE_MS // HOUR_MINUTES
    return [
        stretch_of(minutes, hour * HOUR_MINUTES, min(ended, (hour + 1) * HOUR_MINUTES))
        for hour in range(min(first, last), last + 1)
    ]


@dataclass(frozen=True, slots=True)
class QueueChart:
    """Columns of the queue's chart: sums of stretches of equal length, None for those not ended yet."""

    start: int
    cell_minutes: int
    cells: tuple[Stretch | None, ...]


def queue_chart(minutes: FloorMinutes, until: int, cells: int) -> QueueChart:
    """Return the chart of the waiting calls of a day in at most `cells` columns of equal time."""
    first = (first_hour(minutes) or 0) * HOUR_MINUTES
    of_day = (minutes.day_end - minutes.day_start) // MINUTE_MS
    ended = min(len(minutes.offered), max(0, (until - minutes.day_start) // MINUTE_MS))
    last = min(of_day, max(first + FEWEST_HOURS * HOUR_MINUTES, -(-ended // HOUR_MINUTES) * HOUR_MINUTES))
    size = next((size for size in _CELL_MINUTES if last - first <= size * cells), _CELL_MINUTES[-1])
    count = min(cells, -(-(last - first) // size))
    return QueueChart(
        minutes.day_start + first * MINUTE_MS,
        size,
        tuple(
            stretch_of(minutes, at, min(ended, at + size)) if at < ended else None
            for at in range(first, first + count * size, size)
        ),
    )
