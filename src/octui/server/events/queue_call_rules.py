"""Rules that turn the events of a call into its fate in the queues of a service, and count it (rules.md 47–50).

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
"""Limit of the facts kept for a call ID. The oldest are forgotten first."""
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


_make = tuple.__new__


class Fact(NamedTuple):
    """What one event says about a call. `wait`: the wait in ms that the event itself reports, -1 if none."""

    at: int
    sequence: int
    kind: str
    wait: int = -1


class Stay(NamedTuple):
    """A call's time in a queue, from `start` to `end` (epoch ms; None: still waiting); its wait counts from `since`."""

    start: int
    end: int | None
    since: int


@dataclass(slots=True)
class QueueCall:
    """A call's history in the queues of a service; times are epoch ms, None for what did not happen."""

    offered_at: int | None = None
    answered_at: int | None = None
    abandoned_at: int | None = None
    stays: list[Stay] = field(default_factory=list)


def fact_of(kind: str, at: int, sequence: int, data: Mapping[str, Any]) -> tuple[str, Fact] | None:
    """Return the call ID in an event of CALL_KINDS and the event's fact about that call, or None without a call."""
    call = data.get("call")
    if not call:
        return None
    place = _WAIT_PLACES.get(kind)
    if place is not None:
        wait = _reported_wait(data["args"], place)
        return call, _make(Fact, (at, sequence, _CONNECTED if place == 0 else _LEFT, wait))
    if kind == _ENTER:
        return call, _make(Fact, (at, sequence, _ENTERED, -1))
    return (call, Fact(at, sequence, _TALKING)) if data.get("state") == _INBOUND else None


def restart_fact(at: int, sequence: int) -> Fact:
    """Return the fact that a PBX restart (QUEUESTART) adds to every call."""
    return Fact(at, sequence, _RESTARTED)


def _reported_wait(args: Sequence[str], place: int) -> int:
    text = args[place] if place < len(args) else ""
    return min(int(text[:9]) * 1000, LONGEST_STAY_MS) if text.isascii() and text.isdigit() else -1


def fold_call(facts: Sequence[Fact], restarts: Sequence[Fact] = ()) -> list[QueueCall]:
    """Return the calls that the facts of one call ID describe, in order; 12 hours of silence begin another call.

    The facts are in order; `restarts`, those of the service, are in any.
    """
    calls: list[QueueCall] = []
    last = 0
    for fact in sorted([*facts, *restarts]) if restarts else facts:
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
    """Return whether a call waits at `at`; a stay in the queue that has timed out by then is ended."""
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
    """End a call's stay in the queue; add a stay if only its end was reported."""
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


def trim_facts(found: Iterable[Fact]) -> list[Fact]:
    """Return the newest MOST_FACTS facts in order.

    The newest of a set are the same in whatever parts they came; the gaps between calls are not.
    """
    return sorted(found)[-MOST_FACTS:]


OFFERED, ANSWERED, IN_TIME, ABANDONED, READY, ON_CALL, OUTBOUND, BREAK_WORK = range(8)
"""Columns of queue_minute, in their order."""
COLUMNS = 8


class DayTerms(NamedTuple):
    """End of a service's day (epoch ms), and its threshold (ms): the longest wait of a call answered in time."""

    end: int
    threshold: int


class CallContribution(NamedTuple):
    """What calls add to the minutes: a (minute since 1970, column) for each thing counted, and their stays."""

    counts: list[tuple[int, int]]
    stays: list[Stay]


def count_calls(calls: Iterable[QueueCall], day_of: Callable[[int], DayTerms]) -> CallContribution:
    """Return what the calls of one call ID add to the minutes. `day_of`: the service's day that holds a moment.

    Stays are those that run, and those at the end of at least one minute.
    """
    counts: list[tuple[int, int]] = []
    stays: list[Stay] = []
    for call in calls:
        offered, answered, abandoned = call.offered_at, call.answered_at, call.abandoned_at
        if offered is None:
            continue
        counts.append((offered // MINUTE_MS, OFFERED))
        if answered is not None:
            day_end, threshold_ms = day_of(offered)
            minute = min(answered, day_end - 1) // MINUTE_MS
            counts.append((minute, ANSWERED))
            if answered - offered <= threshold_ms:
                counts.append((minute, IN_TIME))
        elif abandoned is not None:
            counts.append((min(abandoned, day_of(offered)[0] - 1) // MINUTE_MS, ABANDONED))
        for stay in call.stays:
            if stay.end is None or stay.end // MINUTE_MS > stay.start // MINUTE_MS:
                stays.append(stay)
    return CallContribution(counts, stays)


def count_plain_call(facts: Sequence[Fact], day_of: Callable[[int], DayTerms]) -> CallContribution | None:
    """Return what a call adds that entered one queue and was answered or left; None for any other call.

    Nearly all calls are such; it is the same as folding and counting them, in a fifth of the time.
    """
    if len(facts) != 2:
        return None
    (start, _, first, _), (end, _, last, _) = facts
    if first != _ENTERED or last not in (_CONNECTED, _LEFT) or end - start >= LONGEST_STAY_MS:
        return None
    day_end, threshold_ms = day_of(start)
    offered, minute = start // MINUTE_MS, (end if end < day_end else day_end - 1) // MINUTE_MS
    if last == _LEFT:
        counts = [(offered, OFFERED), (minute, ABANDONED)]
    elif end - start <= threshold_ms:
        counts = [(offered, OFFERED), (minute, ANSWERED), (minute, IN_TIME)]
    else:
        counts = [(offered, OFFERED), (minute, ANSWERED)]
    return CallContribution(counts, [Stay(start, end, start)] if end // MINUTE_MS > offered else [])


_COLUMN_OF = {
    PhoneState.READY.value: READY,
    **dict.fromkeys((_INBOUND, PhoneState.TRANSFER.value, "hold", "ringing"), ON_CALL),
    **dict.fromkeys((PhoneState.OUTBOUND_CALLS.value, "dialling"), OUTBOUND),
}
CALL_STATES = frozenset(state for state, column in _COLUMN_OF.items() if column != READY)


def agent_column(state: str, detail: str | None) -> int:
    """Return the column that counts an agent in this phone state (rules.md 49). `detail`: the state shown as other."""
    return _COLUMN_OF.get(detail or state, BREAK_WORK)


class SourceClock(NamedTuple):
    """Time up to which a log has been read; `followed_at`: when its reader last reported, 0 if not followed."""

    until_at: int
    followed_at: int


def known_until(clocks: Iterable[SourceClock], day_start: int) -> int | None:
    """Return the time up to which all sources have told of a day, None if none has (rules.md 50)."""
    clocks = list(clocks)
    followed = [clock.until_at for clock in clocks if clock.followed_at >= day_start and clock.followed_at > 0]
    if followed:
        return min(followed)
    return max((clock.until_at for clock in clocks), default=None)
