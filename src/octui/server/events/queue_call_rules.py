"""Fold the events of a call into what became of it in the queues of a service, and count it (rules.md 47–50).

What events say of a call are its facts. The same facts always give the same outcome, so a late event appends a fact and
folds this one call again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from octui.schema.events import QUEUE_EVENT
from octui.schema.stats import PhoneState

MINUTE_MS = 60_000
LONGEST_STAY_MS = 4 * 3_600_000
"""A stay in a queue is over after so long (rules.md 47)."""
ANOTHER_CALL_MS = 12 * 3_600_000
"""After so long without an event, a call ID is that of another call (rules.md 47)."""
MOST_FACTS = 200
"""Limit of the facts kept for a call ID. Calls that are over are forgotten first."""
THRESHOLD_S = 20
"""Longest wait in time, where a service has not set another."""
OLD_MS = 30_000
"""Figures known only up to a time that is longer ago are old (rules.md 50)."""

RESTART = QUEUE_EVENT + "QUEUESTART"
_ENTERED, _CONNECTED, _TALKING, _LEFT, _RESTARTED = "a", "b", "c", "d", "e"  # in order at one time and sequence
_CONNECT = QUEUE_EVENT + "CONNECT"
_ENTER = QUEUE_EVENT + "ENTERQUEUE"
_INBOUND = PhoneState.INBOUND_CALLS.value
_WAIT_PLACES = {
    _CONNECT: 0,
    QUEUE_EVENT + "ABANDON": 2,
    QUEUE_EVENT + "EXITWITHTIMEOUT": 2,
    QUEUE_EVENT + "EXITWITHKEY": 3,
    QUEUE_EVENT + "EXITEMPTY": 2,
}
"""Place of the wait in seconds among the arguments of the events that end it."""
QUEUE_KINDS = frozenset((_ENTER, *_WAIT_PLACES))
"""Types of the events that tell of a call in a queue."""
CALL_KINDS = QUEUE_KINDS | {"octui.phone.state", "octui.phone.login"}
"""Types of the events that may be facts of a call."""


class Fact(NamedTuple):
    """What an event says of a call. `wait`: the wait in ms that the event reports itself, -1 if it reports none."""

    at: int
    sequence: int
    kind: str
    wait: int = -1


class Stay(NamedTuple):
    """Time in a queue from `start` to `end` (epoch ms; None: it runs); the wait counts from `since`."""

    start: int
    end: int | None
    since: int


@dataclass(slots=True)
class QueueCall:
    """What became of a call in the queues of a service; times are epoch ms, None: it did not happen."""

    offered_at: int | None = None
    answered_at: int | None = None
    abandoned_at: int | None = None
    stays: list[Stay] = field(default_factory=list)


def fact_of(kind: str, at: int, sequence: int, data: Mapping[str, Any]) -> tuple[str, Fact] | None:
    """Return the call ID that an event of CALL_KINDS is about with what it says of it, or None if of no call."""
    call = data.get("call")
    if not call:
        return None
    if kind == _ENTER:
        return call, Fact(at, sequence, _ENTERED)
    place = _WAIT_PLACES.get(kind)
    if place is None:
        return (call, Fact(at, sequence, _TALKING)) if data.get("state") == _INBOUND else None
    return call, Fact(at, sequence, _CONNECTED if kind == _CONNECT else _LEFT, _reported_wait(data["args"], place))


def restart_fact(at: int, sequence: int) -> Fact:
    """Return what a QUEUESTART says of every call."""
    return Fact(at, sequence, _RESTARTED)


def _reported_wait(args: Sequence[str], place: int) -> int:
    text = args[place] if place < len(args) else ""
    return min(int(text[:9]) * 1000, LONGEST_STAY_MS) if text.isascii() and text.isdigit() else -1


def fold_call(facts: Sequence[Fact], restarts: Sequence[Fact] = ()) -> list[QueueCall]:
    """Return the calls that the facts of one call ID tell of, in order; several where 12 hours lie between two.

    `restarts`: of the service, in any order.
    """
    calls: list[QueueCall] = []
    last = 0
    for fact in sorted([*facts, *restarts]):
        at, _, kind, wait = fact
        if kind == _RESTARTED:
            if calls and _is_waiting(calls[-1], at):
                _leave(calls[-1], at, wait)
            continue
        if not calls or at - last >= ANOTHER_CALL_MS:
            calls.append(QueueCall())
        call, last = calls[-1], at
        if kind == _ENTERED:
            _enter(call, at)
        elif kind == _CONNECTED or (kind == _TALKING and _is_waiting(call, at)):
            _end_stay(call, at, wait)
            if call.answered_at is None:
                call.answered_at, call.abandoned_at = at, None
        elif kind == _LEFT:
            _leave(call, at, wait)
    for call in calls[:-1]:
        _is_waiting(call, last)
    return calls


def _is_waiting(call: QueueCall, at: int) -> bool:
    """Return whether the call waits at `at`; a stay that is over by then is ended."""
    stays = call.stays
    if not stays or stays[-1].end is not None:
        return False
    start = stays[-1].start
    if at - start < LONGEST_STAY_MS:
        return True
    stays[-1] = stays[-1]._replace(end=start + LONGEST_STAY_MS)
    return False


def _enter(call: QueueCall, at: int) -> None:
    if _is_waiting(call, at):
        return
    since = at
    if call.offered_at is None:
        call.offered_at = at
    elif call.answered_at is None:
        since, call.abandoned_at = call.offered_at, None
    call.stays.append(Stay(at, None, since))


def _end_stay(call: QueueCall, at: int, wait: int) -> None:
    """End the stay in the queue, or add the one that only its end reports."""
    stays = call.stays
    if _is_waiting(call, at):
        stays[-1] = Stay(stays[-1].start, at, stays[-1].since)
        return
    start = at - max(wait, 0)
    if call.offered_at is None:
        call.offered_at = start
    elif wait < 0 or (stays and start < (stays[-1].end or 0)):
        return  # of a stay that has ended by another event
    elif call.answered_at is None:
        call.abandoned_at = None  # it has come back, though the log has no ENTERQUEUE
    stays.append(Stay(start, at, call.offered_at if call.answered_at is None else start))


def _leave(call: QueueCall, at: int, wait: int) -> None:
    _end_stay(call, at, wait)
    if call.answered_at is None and call.abandoned_at is None:
        call.abandoned_at = at


def trim_facts(facts: list[Fact]) -> list[Fact]:
    """Return the facts, in order, without those of earlier calls where they are more than MOST_FACTS."""
    facts = sorted(facts)
    while len(facts) > MOST_FACTS:
        gap = next((i for i in range(1, len(facts)) if facts[i].at - facts[i - 1].at >= ANOTHER_CALL_MS), None)
        if gap is None:
            return facts[:MOST_FACTS]
        facts = facts[gap:]
    return facts


OFFERED, ANSWERED, IN_TIME, ABANDONED, READY, ON_CALL, OUTBOUND, BREAK_WORK = range(8)
"""Columns of queue_minute, in their order."""
COLUMNS = 8


class Counted(NamedTuple):
    """A call's part in the tables: (minute since 1970, column) for each thing counted, and its stays."""

    counts: list[tuple[int, int]]
    stays: list[Stay]


def count_calls(
    calls: Iterable[QueueCall], day_end: Callable[[int], int], threshold_ms: Callable[[int], int]
) -> Counted:
    """Return what the calls of one call ID count (rules.md 48).

    `day_end`: when the service's day that holds a moment ends. `threshold_ms`: the longest wait in time of a call
    offered at a moment. Stays are those that run, and those at the end of at least one minute.
    """
    counts: list[tuple[int, int]] = []
    stays: list[Stay] = []
    for call in calls:
        offered, answered, abandoned = call.offered_at, call.answered_at, call.abandoned_at
        if offered is None:
            continue
        counts.append((offered // MINUTE_MS, OFFERED))
        if answered is not None:
            minute = min(answered, day_end(offered) - 1) // MINUTE_MS
            counts.append((minute, ANSWERED))
            if answered - offered <= threshold_ms(offered):
                counts.append((minute, IN_TIME))
        elif abandoned is not None:
            counts.append((min(abandoned, day_end(offered) - 1) // MINUTE_MS, ABANDONED))
        for stay in call.stays:
            if stay.end is None or stay.end // MINUTE_MS > stay.start // MINUTE_MS:
                stays.append(stay)
    return Counted(counts, stays)


_ON_CALL = frozenset((_INBOUND, PhoneState.TRANSFER.value, "hold", "ringing"))
_OUTBOUND = frozenset((PhoneState.OUTBOUND_CALLS.value, "dialling"))
CALL_STATES = _ON_CALL | _OUTBOUND


def agent_column(state: str, detail: str | None) -> int:
    """Return the column in which an agent counts (rules.md 49). `detail`: the state that is shown as other."""
    shown = detail or state
    if shown == PhoneState.READY.value:
        return READY
    if shown in _ON_CALL:
        return ON_CALL
    return OUTBOUND if shown in _OUTBOUND else BREAK_WORK


class SourceClock(NamedTuple):
    """Up to when a source has told what happened; `followed_at`: its last sign of life, 0 if it is not followed."""

    until_at: int
    followed_at: int


def known_until(clocks: Iterable[SourceClock], day_start: int) -> int | None:
    """Return up to when all is known on a service's day that begins at `day_start`, or None (rules.md 50)."""
    clocks = list(clocks)
    followed = [clock.until_at for clock in clocks if clock.followed_at >= day_start and clock.followed_at > 0]
    if followed:
        return min(followed)
    return max((clock.until_at for clock in clocks), default=None)
