"""A service's floor as walls and lists show it: rates with verdicts, the age of its numbers, sums (rules.md 33, 50)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from octui.schema.floor import AgentCounts, CallCounts, ServiceFloor

OLD_AFTER_MS = 30_000
GOOD_PERCENT = 85
BAD_PERCENT = 70


class RateVerdict(StrEnum):
    """Verdict on a rate: good, watch or bad; the value is also the name of its color's role."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Rate:
    """Share of calls, `part` of `whole`, of at least one call."""

    part: int
    whole: int

    @property
    def percent(self) -> int:
        """The rate in whole percent, rounded down: 84.9 is 84."""
        return 100 * self.part // self.whole

    @property
    def verdict(self) -> RateVerdict:
        """The verdict on the rate's exact value: 85 % or more is good, 70 % or less is bad."""
        if 100 * self.part >= GOOD_PERCENT * self.whole:
            return RateVerdict.GOOD
        return RateVerdict.BAD if 100 * self.part <= BAD_PERCENT * self.whole else RateVerdict.WATCH


def rate_of(part: int, whole: int) -> Rate | None:
    """Return the rate `part` of `whole`, or None if `whole` is 0."""
    return Rate(part, whole) if whole > 0 else None


@dataclass(frozen=True, slots=True)
class FloorRow:
    """Numbers of one service's floor, or the sum of several, at a moment; None is unknown.

    `age_ms`: age of the figures where they are old (rules.md 50), else None. `partial`: a sum in which figures are old
    or missing. `longest_wait_ms` is None where nobody waits.
    """

    service: str
    name: str
    age_ms: int | None = None
    waiting: int | None = None
    longest_wait_ms: int | None = None
    calls: CallCounts | None = None
    agents: AgentCounts | None = None
    partial: bool = False

    @property
    def is_old(self) -> bool:
        return self.age_ms is not None

    @property
    def is_known(self) -> bool:
        """Whether any number of the day is known."""
        return self.calls is not None or self.waiting is not None or self.agents is not None

    @property
    def answer_rate(self) -> Rate | None:
        return rate_of(self.calls.answered, self.calls.offered) if self.calls is not None else None

    @property
    def service_level(self) -> Rate | None:
        return rate_of(self.calls.answered_in_time, self.calls.offered) if self.calls is not None else None


def known_until(floor: ServiceFloor) -> int | None:
    """Return up to when a floor's numbers are known (epoch ms), at most the time of the server's answer."""
    return None if floor.known_until is None else min(floor.known_until, floor.at)


def floor_row(floor: ServiceFloor, now: int) -> FloorRow:
    """Return a service's numbers at `now` (server's epoch ms), all unknown once the floor's day is over."""
    known = known_until(floor)
    if known is None or now >= floor.day_end:
        return FloorRow(floor.service, floor.name)
    is_old = now - known > OLD_AFTER_MS
    wait = None
    if floor.waiting and floor.waiting_since is not None:
        wait = max(0, (known if is_old else now) - floor.waiting_since)
    return FloorRow(
        floor.service,
        floor.name,
        now - known if is_old else None,
        None if floor.waiting is None else max(0, floor.waiting),
        wait,
        floor.calls,
        floor.agents,
    )


def sum_rows(rows: Sequence[FloorRow]) -> FloorRow:
    """Return the sum of several rows' known numbers; its longest wait is the longest of all."""
    ages = [row.age_ms for row in rows if row.age_ms is not None]
    return FloorRow(
        "",
        "",
        max(ages) if ages and len(ages) == sum(row.is_known for row in rows) else None,
        _sum_known(row.waiting for row in rows),
        max((row.longest_wait_ms for row in rows if row.longest_wait_ms is not None), default=None),
        _sum_calls([row.calls for row in rows if row.calls is not None]),
        _sum_agents([row.agents for row in rows if row.agents is not None]),
        partial=bool(ages) or not all(row.is_known for row in rows),
    )


def _sum_known(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _sum_calls(counts: Sequence[CallCounts]) -> CallCounts | None:
    if not counts:
        return None
    return CallCounts(
        offered=sum(count.offered for count in counts),
        answered=sum(count.answered for count in counts),
        abandoned=sum(count.abandoned for count in counts),
        answered_in_time=sum(count.answered_in_time for count in counts),
    )


def _sum_agents(counts: Sequence[AgentCounts]) -> AgentCounts | None:
    if not counts:
        return None
    return AgentCounts(
        logged_in=sum(count.logged_in for count in counts),
        ready=sum(count.ready for count in counts),
        on_call=sum(count.on_call for count in counts),
        outbound=sum(count.outbound for count in counts),
        break_work=sum(count.break_work for count in counts),
    )
