"""Comparing the program's intervals with the second reckoner, second by second and count by count."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from server.reckoner import Reckoning, Stroke
from server.reckoner_facts import Days

Span = tuple[int, int, str]
"""From and to (epoch ms), and the state in between."""
Counts = Counter[tuple[int, str, str]]
"""How often a (day, channel, state) was entered."""


class Row(NamedTuple):
    """A stored interval. `login` has the states logged_in and assumed."""

    day: int
    channel: str
    state: str
    start: int
    end: int
    counted: bool


class DifferenceError(AssertionError):
    """The program and the reckoner differ."""


def join_spans(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, without empty ones, and with neighbors of the same state as one."""
    joined: list[Span] = []
    for start, end, state in sorted(span for span in spans if span[1] > span[0]):
        if joined and joined[-1][2] == state and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end, state)
        else:
            joined.append((start, end, state))
    return joined


def spans_of_strokes(strokes: Sequence[Stroke]) -> list[Span]:
    """Return what the reckoner painted, up to the last stroke."""
    return join_spans(
        (stroke.at, after.at, stroke.state) for stroke, after in pairwise(strokes) if stroke.state is not None
    )


def state_in(spans: list[Span], at: int) -> str | None:
    """Return the state of the millisecond that begins at `at`."""
    return next((state for start, end, state in spans if start <= at < end), None)


def compare_spans(what: str, program: list[Span], reckoner: list[Span]) -> None:
    """Compare which state holds at any time. Between two changes nothing changes, so the changes are the times to look.

    Raises DifferenceError with the first time at which the two differ.
    """
    if program == reckoner:
        return
    for at in sorted({at for start, end, _ in (*program, *reckoner) for at in (start, end)}):
        states = state_in(program, at), state_in(reckoner, at)
        if states[0] != states[1]:
            raise DifferenceError(f"{what} at {at}: the program says {states[0]}, the reckoner {states[1]}")
    raise DifferenceError(f"{what}: spans overlap")


def compare(rows: Sequence[Row], found: Reckoning, zone: str) -> int:
    """Compare every second of phone, login and chat, and the counts. Return the ms logged in."""
    compare_spans("phone", _spans_of(rows, "phone"), spans_of_strokes(found.phone))
    compare_spans("chat", _spans_of(rows, "chat"), spans_of_strokes(found.chat))
    login = join_spans(
        (start, end, "assumed" if assumed else "logged_in") for start, end, assumed in found.login if end is not None
    )
    compare_spans("login", _spans_of(rows, "login"), login)
    compare_days(rows, zone)
    counts: Counts = Counter((row.day, row.channel, row.state) for row in rows if row.counted)
    if counts != found.counts:
        extra, missing = counts - found.counts, found.counts - counts
        raise DifferenceError(f"counts: the program has {dict(extra)} more and {dict(missing)} less")
    return sum(end - start for start, end, _ in login)


def _spans_of(rows: Sequence[Row], channel: str) -> list[Span]:
    spans = [(row.start, row.end, row.state) for row in rows if row.channel == channel]
    ordered = sorted(span for span in spans if span[1] > span[0])
    for before, after in pairwise(ordered):
        if before[1] > after[0]:
            raise DifferenceError(f"{channel}: two intervals at {after[0]}")
    return join_spans(ordered)


def compare_days(rows: Sequence[Row], zone: str) -> None:
    """Compare each interval's day with the day of its times (rules.md 28)."""
    for row in rows:
        days = Days(row.start, zone)
        if days.day_of(row.start) != row.day or (row.end > row.start and days.day_of(row.end - 1) != row.day):
            raise DifferenceError(f"day {row.day} has an interval from {row.start} to {row.end}")


def figures_from(rows: Iterable[Row]) -> dict[tuple[int, str, str], tuple[int, int]]:
    """Return count and ms by (day, channel, state), as the table `figure` keeps them."""
    sums: dict[tuple[int, str, str], tuple[int, int]] = {}
    for row in rows:
        count, ms = sums.get((row.day, row.channel, row.state), (0, 0))
        sums[row.day, row.channel, row.state] = (count + row.counted, ms + row.end - row.start)
    return sums


def describe_stream(events: Sequence[tuple[int, str, dict[str, Any]]], start: int) -> str:
    """Return a stream as text, one event a line, for a failure."""
    return "\n".join(f"{(at - start) / 1000:>10} {kind} {data}" for at, kind, data in events)
