"""A second reckoner of calls in queues, from rules.md 47 and 48 alone.

Written without the program's ideas: it has all events of a call before it and looks for the end of each stay ahead,
where the program goes through the events once.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from server.reckoner_facts import Days, Event

HOUR = 3_600_000
MINUTE = 60_000
LEAVES = {"ABANDON": 2, "EXITWITHTIMEOUT": 2, "EXITWITHKEY": 3, "EXITEMPTY": 2}


class Wait(NamedTuple):
    """A stay in a queue, `end` None where it never ended; it shows a wait since `since`."""

    start: int
    end: int | None
    since: int


class Moment(NamedTuple):
    """Something that a call did: `what` is enter, connect, talk, leave or restart. `reported`: start of its wait."""

    at: int
    place: int
    what: str
    reported: int | None


def _moment(place: int, event: Event) -> tuple[str, Moment] | None:
    """Return the call that an event is about, and what it did; "" for a restart, which is about all."""
    at, kind, data = event
    name = kind.rpartition(".")[2]
    call, args = data.get("call") or "", data.get("args", [])
    if name == "QUEUESTART":
        return "", Moment(at, place, "restart", None)
    if not call:
        return None
    if kind.startswith("octui.phone."):
        return (call, Moment(at, place, "talk", None)) if data.get("state") == "inbound_calls" else None
    if name == "ENTERQUEUE":
        return call, Moment(at, place, "enter", None)
    if name != "CONNECT" and name not in LEAVES:
        return None
    index = LEAVES.get(name, 0)
    waited = int(args[index]) * 1000 if index < len(args) and args[index].isdigit() else None
    reported = None if waited is None else at - min(waited, 4 * HOUR)
    return call, Moment(at, place, "connect" if name == "CONNECT" else "leave", reported)


class Call:
    """What became of one call."""

    def __init__(self, own: Sequence[Moment], restarts: Sequence[Moment]) -> None:
        self.waits: list[Wait] = []
        self.offered: int | None = None
        self.answered: int | None = None
        self.abandoned: int | None = None
        everything = sorted([*own, *restarts], key=lambda moment: (moment.at, moment.place))
        busy = -1  # the place in `everything` up to which all has been looked at
        for index, moment in enumerate(everything):
            if index <= busy:
                continue
            if moment.what == "enter":
                busy = self._stay(index, everything)
            elif moment.what in ("connect", "leave"):
                self._end_unseen(moment)

    def _stay(self, index: int, everything: Sequence[Moment]) -> int:
        """Enter, look for the end of the stay, and return the place in `everything` up to which it reaches."""
        start = everything[index].at
        self.offered = start if self.offered is None else self.offered
        since = start if self.answered is not None else self.offered
        self.abandoned = None
        later = range(index + 1, len(everything))
        within = [place for place in later if everything[place].at - start < 4 * HOUR]
        ends = [place for place in within if everything[place].what != "enter"]
        if not ends:
            # Its end is not in the log: what comes in those four hours is only more entries.
            is_over = any(everything[place].what != "restart" for place in later if place not in within)
            self.waits.append(Wait(start, start + 4 * HOUR if is_over else None, since))
            return within[-1] if within else index
        end = everything[ends[0]]
        self.waits.append(Wait(start, end.at, since))
        self._be_done(end)
        return ends[0]

    def _end_unseen(self, moment: Moment) -> None:
        """Take an end of a stay whose beginning is not in the log."""
        last = max((wait.start + 4 * HOUR if wait.end is None else wait.end for wait in self.waits), default=0)
        start = moment.at if moment.reported is None else moment.reported
        if self.offered is None:
            self.offered = start
            self.waits.append(Wait(start, moment.at, start))
        elif moment.reported is not None and start >= last:
            if self.answered is None:
                self.abandoned = None
            self.waits.append(Wait(start, moment.at, start if self.answered is not None else self.offered))
        self._be_done(moment)

    def _be_done(self, moment: Moment) -> None:
        if self.answered is not None:
            return
        if moment.what in ("connect", "talk"):
            self.answered, self.abandoned = moment.at, None
        elif self.abandoned is None:
            self.abandoned = moment.at


def reckon_calls(events: Sequence[Event]) -> list[Call]:
    """Return the calls in the queues of a service, from its events in order."""
    by_call: dict[str, list[Moment]] = {}
    for place, event in enumerate(events):
        found = _moment(place, event)
        if found is not None:
            by_call.setdefault(found[0], []).append(found[1])
    restarts = by_call.pop("", [])
    calls = []
    for moments in by_call.values():
        begins = [0, *(i for i in range(1, len(moments)) if moments[i].at - moments[i - 1].at >= 12 * HOUR)]
        for begin, end in zip(begins, [*begins[1:], len(moments)], strict=True):
            first, last = moments[begin].at, moments[end - 1].at
            until = moments[end].at if end < len(moments) else last + 5 * HOUR
            calls.append(Call(moments[begin:end], [each for each in restarts if first <= each.at < until]))
    return calls


class Minutes(NamedTuple):
    """What is counted in minutes since 1970, and who waits since when at the end of each."""

    counts: Counter[tuple[int, str]]
    waiting: dict[int, list[int]]


def reckon_minutes(calls: Sequence[Call], zone: str, threshold_s: Callable[[int], int]) -> Minutes:
    """Return the minutes of a service. `threshold_s`: longest wait in time on a day (YYYYMMDD)."""
    counts: Counter[tuple[int, str]] = Counter()
    waiting: dict[int, list[int]] = {}
    for call in calls:
        for wait in call.waits:
            end = wait.start + 4 * HOUR if wait.end is None else wait.end
            for minute in range(wait.start // MINUTE, end // MINUTE):
                waiting.setdefault(minute, []).append(wait.since)
        if call.offered is None:
            continue
        days = Days(call.offered, zone)
        day = days.day_of(call.offered)
        counts[call.offered // MINUTE, "offered"] += 1

        def minute_of(at: int, days: Days = days, day: int = day) -> int:
            minute = at // MINUTE
            while days.day_of(minute * MINUTE) != day:
                minute -= 1
            return minute

        if call.answered is not None:
            counts[minute_of(call.answered), "answered"] += 1
            if call.answered - call.offered <= threshold_s(day) * 1000:
                counts[minute_of(call.answered), "answered_in_time"] += 1
        elif call.abandoned is not None:
            counts[minute_of(call.abandoned), "abandoned"] += 1
    return Minutes(counts, waiting)


def first_minutes(events: Sequence[Event], calls: Sequence[Call], zone: str) -> dict[int, int]:
    """Return the minute since 1970 in which each day (YYYYMMDD) has its first event or offered call."""
    first: dict[int, int] = {}
    for at in (*(at for at, _, _ in events), *(call.offered for call in calls if call.offered is not None)):
        day = Days(at, zone).day_of(at)
        first[day] = min(at // MINUTE, first.get(day, at // MINUTE))
    return first
