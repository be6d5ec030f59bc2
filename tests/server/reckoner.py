"""A second reckoner: which state an agent is in at any second, from rules.md 28–30 and 37–46 alone.

Written without the program's ideas. The program goes through the events once and carries a context along. The reckoner
has the whole stream before it, collects facts that look ahead and back (reckoner_facts.py), decides the state after
each event by the precedence of the rules, and paints ringing and reasons named afterwards over it.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.reckoner_facts import (
    MOST_COUNTED,
    SHOWN_AS_OTHER,
    TALK,
    TRANSFERS,
    Calls,
    Days,
    Event,
    Pauses,
    Presence,
    Words,
    find_stations,
    is_same_call,
    named_state,
    names_no_call,
)


@dataclass
class Stroke:
    """A state painted from a time on; None: not logged in."""

    at: int
    state: str | None
    place: int
    of_pause: bool = False


@dataclass
class Reckoning:
    """What an agent did: strokes (phone, chat), stretches of login (start, end or None, assumed), and counts."""

    phone: list[Stroke] = field(default_factory=list)
    chat: list[Stroke] = field(default_factory=list)
    login: list[tuple[int, int | None, bool]] = field(default_factory=list)
    counts: Counter[tuple[int, str, str]] = field(default_factory=Counter)

    def state_at(self, at: int) -> str | None:
        """Return the phone state of the millisecond that begins at `at`: the primitive of it all."""
        place = bisect_right(self.phone, at, key=lambda stroke: stroke.at)
        return self.phone[place - 1].state if place else None


class Phone:
    """The painter of an agent's phone states."""

    def __init__(self, events: Sequence[Event], days: Days) -> None:
        self.stations = find_stations(events, days)
        words = Words(self.stations)
        self.calls = Calls(self.stations, words)
        self.presence = Presence(self.stations, words, self.calls)
        self.pauses = Pauses(self.presence)
        self.strokes = [Stroke(-1, None, -1)]
        self.chosen: str | None = None
        """State, not of a call, that a key or a CTI has named and that holds (rules.md 45)."""
        self.told: list[tuple[str, str]] = []
        """The last calls counted since the login, by direction, and the transfers that a CTI has named."""
        self.counted: list[tuple[int, str]] = []
        """Calls and transfers: they count by themselves, not by entering a state."""

    def paint(self) -> None:
        for place in range(len(self.stations)):
            self.calls.settle(place, self.presence.gone)
            self.presence.settle(place)
            late = self.pauses.settle(place)
            self._count_log(place)
            self._count_named(place)
            self._ring(place)
            self._rename(place, late)
            self._choose(place)
            if not self.presence.present[place]:
                self.chosen, self.told = None, []
            self._stroke(self.stations[place].at, self._state(place), place)

    def _state(self, place: int) -> str | None:
        """Return the state after the event at this place, by precedence."""
        if not self.presence.present[place]:
            return None
        state = self.calls.call_state(place) or self.chosen or self.pauses.state[place] or "ready"
        return "other" if state in SHOWN_AS_OTHER else state

    def _stroke(self, at: int, state: str | None, place: int) -> None:
        if state != self.strokes[-1].state:
            free = self.chosen is None and self.calls.call_state(place) is None
            of_pause = free and self.pauses.state[place] is not None
            self.strokes.append(Stroke(at, state, place, of_pause))

    def _ring(self, place: int) -> None:
        """Paint the ringing before CONNECT and RINGNOANSWER (rules.md 41)."""
        at, name, data = self.stations[place]
        if name not in ("CONNECT", "RINGNOANSWER") or not self.presence.was_present(place):
            return
        begin = max(at - data["ring_ms"], self.strokes[-1].at)
        if self.calls.call_state(place - 1) is None and begin < at and self.strokes[-1].state != "other":
            self.strokes.append(Stroke(begin, "other", place))
            self._stroke(at, self._state(place), place)

    def _rename(self, place: int, late: int | None) -> None:
        """Paint a reason that holds from an earlier moment on (rules.md 43)."""
        last, state = self.strokes[-1], self.pauses.state[place]
        if not last.of_pause or state is None:
            return
        names_first = self.pauses.names_anew(place) and not any(self.pauses.has_name[last.place : place])
        if names_first or (late is not None and last.place == late):
            last.state = state

    def _choose(self, place: int) -> None:
        """End the chosen state where the pause changes, and take a new one (rules.md 45)."""
        if self.chosen is not None and self.pauses.state[place] != self.pauses.state[place - 1]:
            self.chosen = None
        if names_no_call(self.stations[place]):
            self.chosen = named_state(self.stations[place])

    def _tell(self, kind: str, call: str | None) -> bool:
        """Note what is counted. Return whether it is to be counted: it has no ID, or was not told before."""
        if call is None:
            return True
        if (kind, call) in self.told:
            return False
        self.told = [*self.told, (kind, call)][-MOST_COUNTED:]
        return True

    def _count_log(self, place: int) -> None:
        """Count the calls and transfers that a log reports (rules.md 40, 44 and 46)."""
        at, name, data = self.stations[place]
        call = data.get("call")
        before = self.calls.named[place - 1] if place else None
        if name == "CONNECT" and self.calls.opens(place):
            talks = before is not None and before.state in ("inbound_calls", "hold", "transfer")
            going_on = talks and before is not None and before.call == call is not None
            if not going_on:
                self.counted.append((at, "inbound_calls"))
            self._tell("inbound_calls", call)
        elif name in TRANSFERS and self.presence.was_present(place):
            now = before is not None and before.state == "transfer" and is_same_call(before.call, call)
            told = call is not None and ("transfer", call) in self.told
            if not now and not told:
                self.counted.append((at, "transfer"))
            self.told = [each for each in self.told if each != ("transfer", call)]
        elif any(each.answered == place for each in self.calls.outbound[place]):
            is_new = self._tell("outbound_calls", call)
            if is_new and not self.calls.inbound[place]:
                self.counted.append((at, "outbound_calls"))

    def _count_named(self, place: int) -> None:
        """Count the talk and the transfers that a CTI names (rules.md 45)."""
        named = self.calls.named[place]
        if named is None or named.named != place or named.state not in (*TALK, "transfer"):
            return
        before = self.calls.named[place - 1] if place else None
        known = self.calls.shown_call(place - 1)
        same = self.calls.call_state(place - 1) == named.state and is_same_call(known, named.call)
        resumed = before is not None and before.state == "hold" and self.stations[place].data.get("call") is None
        is_new = self._tell(named.state, named.call)
        if not same and (named.state == "transfer" or (is_new and not resumed)):
            self.counted.append((self.stations[place].at, named.state))


def _paint_chat(events: Sequence[Event]) -> list[Stroke]:
    """Return an agent's chat states: a rest comes before the chats, and these before ready."""
    strokes = [Stroke(-1, None, -1)]
    rests, chats = False, set[str]()
    for place, (at, kind, data) in enumerate(events):
        family, _, name = kind.removeprefix("octui.").partition(".")
        if family != "chat" or (name == "closed" and data["chat"] not in chats):
            continue
        if name == "logout":
            rests, chats = False, set()
        elif name in ("rest", "resume"):
            rests = name == "rest"
        elif name != "login":
            chats = chats | {data["chat"]} if name == "opened" else chats - {data["chat"]}
        state = None if name == "logout" else "rest" if rests else "online" if chats else "ready"
        if state != strokes[-1].state:
            strokes.append(Stroke(at, state, place))
    return strokes


def reckon(events: Sequence[Event], zone: str) -> Reckoning:
    """Return what one agent did, from the agent's events and QUEUESTARTs in order."""
    if not events:
        return Reckoning()
    days = Days(events[0][0], zone)
    phone = Phone(events, days)
    phone.paint()
    stations = phone.stations
    found = Reckoning(phone.strokes, _paint_chat(events))
    for begin, end, assumed in phone.presence.stretches:
        found.login.append((stations[begin].at, stations[end].at if end >= 0 else None, assumed))
        found.counts[days.day_of(stations[begin].at), "login", "assumed" if assumed else "logged_in"] += 1
    for channel, strokes in (("phone", found.phone), ("chat", found.chat)):
        for stroke in strokes:
            if stroke.state is not None and (channel == "chat" or stroke.state not in (*TALK, "transfer")):
                found.counts[days.day_of(stroke.at), channel, stroke.state] += 1
    for at, state in phone.counted:
        found.counts[days.day_of(at), "phone", state] += 1
    return found
