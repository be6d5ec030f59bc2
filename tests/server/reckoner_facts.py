"""What the second reckoner knows of an agent's events: days, calls, presence and pauses (rules.md 28 and 37–43).

Questions look ahead (for the last event of a day, for 12 hours without an event, for the ends of calls) and back ("what
was the last word about this queue?"), place by place. What holds after the event at a place holds until the next one.

Places: the agent's events in order, and between them *silence* (12 hours without an event begin) and *evening* (the
last event of a day, or before a QUEUESTART, is over).
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

Event = tuple[int, str, dict[str, Any]]
"""Time in epoch ms, type, validated data."""
SILENCE_MS = 12 * 3_600_000
REASON_FOLLOWS_MS = 2_000
TALK = ("inbound_calls", "outbound_calls")
SHOWN_AS_OTHER = ("default", "ringing", "dialling", "hold", "other")
OF_A_CALL = (*TALK, "transfer", "ringing", "dialling", "hold")
LOGINS = ("AGENTLOGIN", "AGENTCALLBACKLOGIN", "phone.login")
LOGOFFS = ("AGENTLOGOFF", "AGENTCALLBACKLOGOFF", "phone.logout")
TRANSFERS = ("BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER")
ENDS = ("COMPLETEAGENT", "COMPLETECALLER", *TRANSFERS)
PROVING = ("inbound_calls", "outbound_calls", "hold", "transfer")
"""States of a call that keep an agent logged in when a CTI names them."""
MOST_COUNTED = 16
NAMELESS = ""


@lru_cache(maxsize=4096)
def _days_from(first: date, zone: str) -> tuple[list[int], list[int]]:
    """Return the starts (epoch ms) and numbers of the 400 days that begin with this date."""
    starts, numbers = [], []
    for offset in range(400):
        day = first + timedelta(days=offset)
        begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        start = int(begin.timestamp()) * 1000
        if starts and start == starts[-1]:  # a day that the zone left out
            starts.pop(), numbers.pop()
        starts.append(start)
        numbers.append(day.year * 10_000 + day.month * 100 + day.day)
    return starts, numbers


class Days:
    """The days of a time zone (rules.md 28), for less than a year after `first` (epoch ms)."""

    def __init__(self, first: int, zone: str) -> None:
        begin = datetime.fromtimestamp(first // 1000, UTC).date() - timedelta(days=2)
        self.starts, self.numbers = _days_from(begin, zone)

    def day_of(self, at: int) -> int:
        return self.numbers[bisect_right(self.starts, at) - 1]

    def split(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield (day, start, end) of the pieces of a span."""
        while True:
            place = bisect_right(self.starts, start)
            until = min(end, self.starts[place])
            yield self.numbers[place - 1], start, until
            if until == end:
                return
            start = until


class Station(NamedTuple):
    """A place of the stream: an event by its short name, `silence` or `evening`."""

    at: int
    name: str
    data: dict[str, Any]


def find_stations(events: Sequence[Event], days: Days) -> list[Station]:
    """Return the places of a stream in order, without chats (rules.md 39 and 40)."""
    told = []
    for at, kind, data in events:
        name = kind.removeprefix("octui.").removeprefix("queue.")
        if name in ("PAUSE", "UNPAUSE") and not data["queue"]:
            name += "ALL"
        if name == "phone.logout" and data.get("cause") == "server":
            name = "QUEUESTART"  # of this agent (rules.md 38)
        if not name.startswith("chat."):
            told.append(Station(at, name, data))
    own = [place for place, station in enumerate(told) if station.name != "QUEUESTART"]
    after = dict(zip(own, [*own[1:], None], strict=True))
    stations: list[Station] = []
    for place, station in enumerate(told):
        stations.append(station)
        if place not in after:
            continue
        if place + 1 < len(told) and told[place + 1].at - station.at >= SILENCE_MS:
            stations.append(Station(station.at, "silence", {}))
        following = after[place]
        restarts = place + 1 < len(told) and told[place + 1].name == "QUEUESTART"
        if restarts or following is None or days.day_of(told[following].at) != days.day_of(station.at):
            stations.append(Station(station.at, "evening", {}))
    return stations


def named_state(station: Station) -> str | None:
    """Return the state that a key or a CTI names."""
    return station.data.get("state") if station.name in ("phone.state", "phone.login") else None


def names_no_call(station: Station) -> bool:
    """Whether a key or a CTI names a state that is not a call's."""
    state = named_state(station)
    return state is not None and state not in OF_A_CALL


def is_same_call(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


class Words:
    """The places of each kind of event, to be asked for the last one."""

    def __init__(self, stations: list[Station]) -> None:
        self._places: dict[tuple[str, str], list[int]] = {}
        for place, (_, name, data) in enumerate(stations):
            queue = data.get("queue", NAMELESS)
            if name in ("ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE"):
                self.add(name, place, queue)
                self.add("any " + name, place)
            if name in ("PAUSEALL", "UNPAUSEALL", "QUEUESTART"):
                self.add(name, place)
            if name == "CONNECT" and data["call"] is not None:
                self.add("inbound", place, data["call"])
            if named_state(stations[place]) == "inbound_calls" and data.get("call") is not None:
                self.add("inbound", place, data["call"])
            for group, names in (("login", LOGINS), ("logoff", LOGOFFS), ("out", (*LOGOFFS, "QUEUESTART"))):
                if name in names:
                    self.add(group, place)
            if name in ("UNPAUSE", "UNPAUSEALL") or (name == "ADDMEMBER" and not is_added_paused(data)):
                self.add("end of PAUSEALL", place)

    def add(self, kind: str, place: int, queue: str = NAMELESS) -> None:
        insort(self._places.setdefault((kind, queue), []), place)

    def last(self, kind: str, place: int, queue: str = NAMELESS) -> int:
        """Return the last place of this kind up to and including `place`, or -1."""
        places = self._places.get((kind, queue))
        if not places:
            return -1
        found = bisect_right(places, place)
        return places[found - 1] if found else -1


def is_added_paused(data: dict[str, Any]) -> bool:
    return bool(data["args"]) and data["args"][0].upper() == "PAUSED"


def has_reason(data: dict[str, Any]) -> bool:
    return bool(data.get("args")) and bool(data["args"][0].strip())


@dataclass(frozen=True)
class Call:
    """An open call; `opened` and `answered` are places, an inbound call is answered when it opens."""

    call: str | None
    opened: int
    answered: int | None


@dataclass(frozen=True)
class Named:
    """A state of a call that a CTI has named and that holds; `named` is the place (rules.md 45)."""

    state: str
    call: str | None
    named: int


class Calls:
    """Which calls are open after each place, and which state of a call a CTI has named (rules.md 40, 45 and 46)."""

    def __init__(self, stations: list[Station], words: Words) -> None:
        self.stations, self.words = stations, words
        self.inbound: list[tuple[Call, ...]] = []
        self.outbound: list[tuple[Call, ...]] = []
        self.named: list[Named | None] = []

    def settle(self, place: int, gone: int) -> None:
        """Find out what is open after the event at this place. `gone`: where the agent was logged out last."""
        station = self.stations[place]
        call = station.data.get("call")
        inbound, outbound = (self.inbound[-1], self.outbound[-1]) if place else ((), ())
        if place and gone == place - 1:
            self.named[-1] = None  # forgotten with the presence
        named = self.named[-1] if place else None
        shown = self.shown_call(place - 1)
        if station.name in ("QUEUESTART", "phone.logout", "silence") or names_no_call(station):
            inbound, outbound, named = (), (), None
        elif station.name == "CONNECT":
            known = call is not None and any(each.call == call for each in inbound)
            inbound = inbound if known else (*inbound, Call(call, place, place))
            outbound = tuple(each for each in outbound if each.call != call)
            named = None
        elif station.name in ENDS:
            inbound = _end_call(inbound, call)
            if named and named.state in ("inbound_calls", "hold", "transfer") and is_same_call(named.call, call):
                named = None
        elif station.name.startswith("call."):
            if self.words.last("inbound", place, call or "") <= gone:
                outbound = _dial(outbound, station, place)
            over = named and named.state in ("outbound_calls", "hold", "transfer") and named.call == call
            named = None if station.name == "call.ended" and over else named
        elif named_state(station) is not None:
            named = self._name(named, str(named_state(station)), call, shown, place)
        self.inbound.append(inbound)
        self.outbound.append(outbound)
        self.named.append(named)

    def _name(self, before: Named | None, state: str, call: str | None, shown: str | None, place: int) -> Named:
        """Return the state of a call that a CTI names; without a call ID it may be of the call shown."""
        same_state = state == self.call_state(place - 1)
        follows_hold = before is not None and before.state == "hold" and state in TALK
        if call is None and (state == "hold" or follows_hold or (same_state and state in (*TALK, "transfer"))):
            call = shown
        return Named(state, call, place)

    def shown_call(self, place: int) -> str | None:
        """Return the ID of the call that is shown after this place."""
        if place < 0:
            return None
        named = self.named[place]
        if named is not None:
            return named.call
        shown = self._shown(place)
        return shown.call if shown is not None else None

    def _shown(self, place: int) -> Call | None:
        """Return the open call that is shown: inbound before outbound, talk before dialling, then the last."""
        if self.inbound[place]:
            return self.inbound[place][-1]
        talking = [each for each in self.outbound[place] if each.answered is not None]
        calls = talking or self.outbound[place]
        return calls[-1] if calls else None

    def call_state(self, place: int) -> str | None:
        """Return the state of a call after this place: the one named, or that of the calls."""
        if place < 0:
            return None
        if self.named[place] is not None:
            return self.named[place].state
        shown = self._shown(place)
        if shown is None:
            return None
        if self.inbound[place]:
            return "inbound_calls"
        return "outbound_calls" if shown.answered is not None else "dialling"

    def is_open(self, place: int) -> bool:
        return place >= 0 and bool(self.inbound[place] or self.outbound[place])

    def opens(self, place: int) -> bool:
        """Whether the event at this place opens an inbound call."""
        return bool(self.inbound[place]) and self.inbound[place][-1].opened == place


def _end_call(calls: tuple[Call, ...], call: str | None) -> tuple[Call, ...]:
    if call is None:
        return calls[:-1]
    ended = [each for each in calls if each.call == call] or [each for each in calls if each.call is None]
    return tuple(each for each in calls if each is not ended[-1]) if ended else calls


def _dial(calls: tuple[Call, ...], station: Station, place: int) -> tuple[Call, ...]:
    call = station.data["call"]
    if station.name == "call.ended":
        return tuple(each for each in calls if each.call != call)
    answered = place if station.name == "call.answered" else None
    known = next((each for each in calls if each.call == call), None)
    if known is None:
        return (*calls, Call(call, place, answered))
    if answered is not None and known.answered is None:
        return tuple(Call(call, known.opened, answered) if each is known else each for each in calls)
    return calls


class Presence:
    """Membership and presence of an agent (rules.md 37–39), to be settled place by place."""

    def __init__(self, stations: list[Station], words: Words, calls: Calls) -> None:
        self.stations, self.words, self.calls = stations, words, calls
        self.queues = sorted({station.data["queue"] for station in stations if station.data.get("queue")})
        self.present: list[bool] = []
        self.assumed: dict[str, int] = {}
        self.begin, self.gone = -1, -1
        self.stretches: list[tuple[int, int, bool]] = []
        """Places from and to, and whether an assumption began it; the last one may still run (to = -1)."""

    def was_present(self, place: int) -> bool:
        return place > 0 and self.present[place - 1]

    def has_ended(self, queue: str, place: int) -> bool:
        """Whether the membership of a queue counts as ended, so that it is not assumed."""
        last = self.words.last
        ended = max(last("logoff", place), last("REMOVEMEMBER", place, queue))
        return ended > max(last("QUEUESTART", place), last("login", place), last("ADDMEMBER", place, queue))

    def has_ended_any(self, place: int) -> bool:
        last = self.words.last
        all_ended = last("logoff", place) > max(last("QUEUESTART", place), last("login", place))
        return all_ended or any(self.has_ended(queue, place) for queue in self.queues)

    def is_logged(self, queue: str, place: int) -> bool:
        """Whether there is a membership that the log began."""
        last = self.words.last
        ends = max(last("REMOVEMEMBER", place, queue), last("out", place))
        return last("ADDMEMBER", place, queue) > ends

    def is_assumed(self, queue: str, place: int) -> bool:
        begun = self.assumed.get(queue, -1)
        if not 0 <= begun <= place:
            return False
        last = self.words.last
        removed = last("REMOVEMEMBER", place, queue) if queue else last("any REMOVEMEMBER", place)
        return begun > max(removed, last("out", place), self.gone)

    def memberships(self, place: int) -> list[str]:
        """Return the queues the agent is a member of; the one without a name is gone when there is another."""
        named = [each for each in self.queues if self.is_logged(each, place) or self.is_assumed(each, place)]
        if named:
            self.assumed.pop(NAMELESS, None)
        return named or ([NAMELESS] if self.is_assumed(NAMELESS, place) else [])

    def has_login(self, place: int) -> bool:
        return self.words.last("login", place) > self.words.last("out", place)

    def settle(self, place: int) -> None:
        """Find out whether the agent is present after the event at this place."""
        station = self.stations[place]
        before = self.was_present(place)
        self._settle_login(place, before=before)
        assumes = self._assumed_queue(place, station, before=before)
        if assumes is not None:
            self.assumed[assumes] = place
        members = self.memberships(place)
        present = self._is_proved(place) or (bool(members) and station.name != "evening")
        self.present.append(present)
        if present and not before:
            self.begin = place
            self.stretches.append((place, -1, assumes is not None))
        elif before and not present:
            self.gone = place
            self.stretches[-1] = (self.stretches[-1][0], place, self.stretches[-1][2])

    def _settle_login(self, place: int, *, before: bool) -> None:
        """Take a named state as a login where it is one (rules.md 37)."""
        station = self.stations[place]
        if station.name != "phone.state":
            return
        free = not before or (names_no_call(station) and not self.has_login(place) and not self.memberships(place))
        if free:
            self.words.add("login", place)

    def _assumed_queue(self, place: int, station: Station, *, before: bool) -> str | None:
        """Return the queue whose membership this event makes assumed."""
        queue = station.data.get("queue", NAMELESS)
        if station.name == "PAUSEALL" or (station.name == "CONNECT" and not queue):
            return None if before or self.has_ended_any(place) else NAMELESS
        if station.name not in ("CONNECT", "PAUSE") and not (station.name == "UNPAUSE" and before):
            return None
        known = self.is_logged(queue, place) or self.is_assumed(queue, place)
        return None if known or self.has_ended(queue, place) else str(queue)

    def _is_proved(self, place: int) -> bool:
        """Whether the agent is present by other means than assumptions."""
        named = self.calls.named[place]
        return (
            self.has_login(place)
            or self.calls.is_open(place)
            or (named is not None and named.state in PROVING)
            or any(self.is_logged(queue, place) for queue in self.queues)
        )


class Naming(NamedTuple):
    """What a pause is called: the place of the word, and the state; None: no reason."""

    place: int
    state: str | None


class Pauses:
    """Pauses of an agent and their reasons (rules.md 42 and 43), to be settled place by place."""

    def __init__(self, presence: Presence) -> None:
        self.presence, self.words, self.stations = presence, presence.words, presence.stations
        self.state: list[str | None] = []
        """State of the pause after each place; None: not paused."""
        self.has_name: list[bool] = []
        """Whether a reason names a pause in force after each place."""
        self.of_all: Naming = Naming(-1, None)
        self.of_queue: dict[str, Naming] = {}
        self.connected_paused: dict[int, bool] = {}

    def pause_of_all(self, place: int) -> int | None:
        """Return the place of the PAUSEALL in force."""
        if place < 0 or not self.presence.present[place]:
            return None
        found = self.words.last("PAUSEALL", place)
        in_force = found >= self.presence.begin >= 0 and found > self.words.last("end of PAUSEALL", place)
        return found if in_force else None

    def is_paused(self, queue: str, place: int) -> bool:
        """Whether the last word about this queue paused it."""
        last = self.words.last
        added = last("ADDMEMBER", place, queue)
        assumed = self.presence.assumed.get(queue, -1)
        words = [
            (last("PAUSE", place, queue), True),
            (last("UNPAUSE", place, queue), False),
            (added, added >= 0 and is_added_paused(self.stations[added].data)),
            (last("PAUSEALL", place), True),
            (last("UNPAUSEALL", place), False),
            (assumed, self.connected_paused[assumed]) if assumed in self.connected_paused else (-1, False),
        ]
        return max(words)[1]

    def settle(self, place: int) -> int | None:
        """Find out the pause after the event at this place.

        Return the place of a PAUSEALL from which on a reason named now may hold.
        """
        presence = self.presence
        _, name, data = self.stations[place]
        if not presence.present[place]:
            self.state.append(None)
            self.has_name.append(False)
            return None
        everything = self.pause_of_all(place)
        queue = data.get("queue", NAMELESS)
        if name == "CONNECT" and presence.assumed.get(queue) == place:
            self.connected_paused[place] = everything is not None
        queues = presence.memberships(place)
        late = self._name(place, everything, queues)
        paused = everything is not None or (bool(queues) and all(self.is_paused(each, place) for each in queues))
        named = max(self._names_in_force(place), default=None)
        self.state.append((named.state if named else "rest") if paused else None)
        self.has_name.append(named is not None)
        return late

    def names_anew(self, place: int) -> bool:
        """Whether a PAUSEREASON at this place names the reason of a pause."""
        station = self.stations[place]
        paused = place > 0 and self.state[place - 1] is not None
        return paused and station.name == "PAUSEREASON" and has_reason(station.data)

    def _names_in_force(self, place: int) -> list[Naming]:
        """Return the reasons of the pauses in force."""
        names = [
            self.of_queue[queue]
            for queue in self.presence.memberships(place)
            if queue in self.of_queue and self.is_paused(queue, place)
        ]
        if self.pause_of_all(place) is not None:
            names.append(self.of_all)
        return [name for name in names if name.state is not None]

    def _name(self, place: int, everything: int | None, queues: list[str]) -> int | None:
        _, name, data = self.stations[place]
        queue, reason = data.get("queue", NAMELESS), data.get("state") if has_reason(data) else None
        if name == "PAUSEALL":
            self._name_all(place, reason, queues)
        elif name == "PAUSE" and queue in queues:
            was_paused = queue in self.presence.memberships(place - 1) and self.is_paused(queue, place - 1)
            if reason is not None or everything is None or not was_paused:
                self.of_queue[queue] = Naming(place, reason)
            if reason is not None and everything is not None:
                self.of_all = Naming(place, reason)
                soon = self.stations[place].at - self.stations[everything].at <= REASON_FOLLOWS_MS
                return everything if soon else None
        elif name in ("ADDMEMBER", "UNPAUSE") or (name == "CONNECT" and place in self.connected_paused):
            self.of_queue[queue] = Naming(place, None)
        elif name == "UNPAUSEALL":
            self.of_queue = {}
        elif name == "PAUSEREASON" and reason is not None and self.state[-1] is not None:
            self.of_all = Naming(place, reason)
            self.of_queue |= dict.fromkeys(queues, Naming(place, reason))
        return None

    def _name_all(self, place: int, reason: str | None, queues: list[str]) -> None:
        if self.pause_of_all(place - 1) is None:
            self.of_all = Naming(place, None)
        if reason is not None:
            self.of_all = Naming(place, reason)
        for queue in queues:
            if reason is not None:
                self.of_queue[queue] = Naming(place, reason)
            elif queue not in self.presence.memberships(place - 1) or not self.is_paused(queue, place - 1):
                self.of_queue[queue] = Naming(place, None)
