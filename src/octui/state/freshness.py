"""Freshness of the numbers shown, judged by the time since the last successful answer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

FIRST_GAP_S = 2.0
"""The assumed time between answers until the feed reports one."""


class Level(IntEnum):
    """Level of freshness (fresh, late, stale, lost), the worst last.

    FRESH: on time. LATE: an answer is overdue or a try failed. STALE: dim the numbers and show their age. LOST: say so
    across the screen, with the time of the next try.
    """

    FRESH = 0
    LATE = 1
    STALE = 2
    LOST = 3


@dataclass(frozen=True)
class Limits:
    """Times in seconds that separate the levels of freshness.

    An answer is overdue `slack` after the gap between answers. While tries fail, STALE and LOST follow from the time
    since the first failure. `stall`: a longer time between two judgements means that this program stood still; `grace`
    is the time that one refresh may then take.
    """

    slack: float = 5.0
    stale_failing: float = 5.0
    lost_failing: float = 20.0
    stall: float = 5.0
    grace: float = 5.0


DEFAULT = Limits()


@dataclass(frozen=True)
class Judgement:
    """Level of freshness and seconds since the last successful answer. `refresh_wanted`: poll once, now."""

    level: Level
    age_seconds: float | None
    refresh_wanted: bool = False


class Freshness:
    """Judge of how old the feed's numbers are. Its clock must be the feed's (`octui.state.clock.elapsed_seconds`)."""

    def __init__(self, clock: Callable[[], float], limits: Limits = DEFAULT) -> None:
        self._clock = clock
        self._limits = limits
        self._born = clock()
        self._success: float | None = None
        self._failing: float | None = None
        self._gap = FIRST_GAP_S
        self._judged = self._born
        self._excused_until: float | None = None

    def set_health(self, last_success: float | None, failing_since: float | None, gap: float) -> None:
        """Store the feed's health (`client.feed.Health`): its last success and failure, its polling interval."""
        if last_success != self._success or failing_since != self._failing:
            # The refresh that a stall asked for has ended, one way or the other.
            self._excused_until = None
        self._success = last_success
        self._failing = failing_since
        self._gap = gap

    def judge(self) -> Judgement:
        """Return the freshness now. Call it about once a second, and before anything is drawn.

        After this program itself stood still (a terminal that did not read, a suspended job, a sleeping machine) the
        level is at most LATE until one refresh has been tried; the age is true.
        """
        now = self._clock()
        stalled = now - self._judged > self._limits.stall
        self._judged = now
        age = None if self._success is None else max(0.0, now - self._success)
        level = max(self._by_age(now), self._by_failures(now))
        if stalled and level is not Level.FRESH:
            self._excused_until = now + self._limits.grace
        if self._excused_until is not None:
            if now < self._excused_until:
                return Judgement(min(level, Level.LATE), age, refresh_wanted=stalled)
            self._excused_until = None
        return Judgement(level, age)

    def _by_age(self, now: float) -> Level:
        # Before the first success nothing is shown that could be old: only failures count then.
        since = self._born if self._success is None else self._success
        age = now - since - self._limits.slack
        for level, gaps in ((Level.FRESH, 1), (Level.LATE, 2), (Level.STALE, 4)):
            if age <= self._gap * gaps:
                return level
        return Level.LOST

    def _by_failures(self, now: float) -> Level:
        if self._failing is None:
            return Level.FRESH
        failing = now - self._failing
        if failing >= self._limits.lost_failing:
            return Level.LOST
        return Level.STALE if failing >= self._limits.stale_failing else Level.LATE
