"""A second interpreter of events for the tests, which paints minutes on a strip and counts them.

Written from rules.md without the code's ideas (no fold, no intervals): an agent's day is one cell a minute, an event
repaints all cells from its own on, ringing repaints cells before it. Times and rings in the tests are whole minutes.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = 60_000
OTHERS = {"default", "ringing", "dialling", "hold", "other"}
Figures = dict[tuple[int, str, str], tuple[int, int]]
"""(day, channel, state) → (count, ms)."""


class Strip:
    """One channel of an agent: a cell a minute, and when which state was entered."""

    def __init__(self, start: int, minutes: int) -> None:
        self.start, self.cells = start, [""] * minutes
        self.entered: list[tuple[int, str]] = []

    def paint(self, at: int, until: int | None, state: str) -> None:
        first = (at - self.start) // MINUTE
        last = len(self.cells) if until is None else (until - self.start) // MINUTE
        self.cells[first:last] = [state] * (last - first)

    def enter(self, at: int, state: str, *, count: bool = True) -> None:
        self.paint(at, None, state)
        if count and state:
            self.entered.append((at, state))


class Agent:
    """State of an agent while the reference paints."""

    def __init__(self, start: int, minutes: int) -> None:
        self.phone, self.login, self.chat = (Strip(start, minutes) for _ in range(3))
        self.stamp = 0
        self.on_break, self.chats = False, set[str]()
        self.seen: set[tuple[str, str]] = set()
        self.reset()

    def reset(self) -> None:
        self.raw, self.changed = "", 0
        self.call: str | None = None
        self.after_call, self.by_word = "ready", False
        self.member: dict[str, tuple[int, str]] = {}  # queue → (when told, pause or "")
        self.paused_all: int | None = None

    @property
    def state(self) -> str:
        return "other" if self.raw in OTHERS else self.raw

    @property
    def busy(self) -> bool:
        return self.raw in {"inbound_calls", "outbound_calls", "transfer", "ringing", "dialling", "hold"}

    def pause(self) -> str:
        told = sorted(self.member.values())
        return told[-1][1] if told and all(pause for _, pause in told) else ""

    def tell(self, queue: str, pause: str) -> None:
        self.stamp += 1
        self.member[queue] = (self.stamp, pause)

    def change(self, at: int, raw: str, call: str | None = None, *, count: bool = True) -> None:
        if not self.raw:
            self.login.enter(at, "logged_in")
        self.raw, self.call, self.changed = raw, call, at
        self.phone.enter(at, self.state, count=count)

    def leave(self, at: int) -> None:
        if self.raw:
            self.login.paint(at, None, "")
            self.phone.paint(at, None, "")
            self.seen = set()
            self.reset()

    def talk(self, at: int, raw: str, call: str | None) -> None:
        new = call is None or (raw, call) not in self.seen
        self.seen.add((raw, call or ""))
        self.change(at, raw, call, count=new)

    def ring(self, at: int, ms: int, call: str | None) -> bool:
        begin = max(self.changed, at - ms)
        if self.busy or begin >= at:
            return False
        self.phone.paint(begin, at, "other")
        self.phone.entered.append((begin, "other"))
        return True

    def settled(self, at: int, before: str) -> None:
        pause = self.pause()
        if not self.raw:
            self.after_call = pause or "ready"
            self.change(at, self.after_call)
        elif pause != before:
            self.after_call = pause or "ready"
            if not self.busy and self.state != self.after_call:
                self.change(at, self.after_call)

    def said(self, at: int, raw: str, call: str | None) -> None:
        """Enter a state named by a key press or a CTI."""
        of_call = raw in {"inbound_calls", "outbound_calls", "transfer"}
        was_held = self.raw == "hold"
        state = "other" if raw in OTHERS else raw
        if self.raw and state == self.state and (not of_call or None in (call, self.call) or call == self.call):
            if state == "other":
                self.call = call if call is not None or raw in {"default", "other"} else self.call
                self.raw = raw
            elif of_call and self.call is None and call is not None:
                self.call = call
                self.seen.add((raw, call))
        elif raw in {"inbound_calls", "outbound_calls"} and call is None and was_held:
            self.change(at, raw, self.call, count=False)
        elif raw in {"inbound_calls", "outbound_calls"}:
            self.talk(at, raw, call)
        else:
            self.change(at, raw, self.call if raw == "hold" and call is None else call)
        if not of_call and raw not in {"ringing", "dialling", "hold"}:
            self.after_call = state

    def own_call(self, call: str | None) -> bool:
        return self.raw in {"inbound_calls", "transfer", "hold"} and (None in (call, self.call) or call == self.call)

    def queue(self, kind: str, at: int, data: dict[str, Any]) -> None:
        queue, call, before = data["queue"], data["call"], self.pause()
        match kind:
            case "QUEUESTART" | "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF":
                self.leave(at)
            case "AGENTLOGIN" | "AGENTCALLBACKLOGIN":
                self.by_word = True
                self.settled(at, before)
            case "ADDMEMBER":
                self.tell(queue, "rest" if data["args"] == ["PAUSED"] else "")
                self.settled(at, before)
            case "REMOVEMEMBER" if self.raw:
                self.member.pop(queue, None)
                if self.member or self.by_word:
                    self.settled(at, before)
                else:
                    self.leave(at)
            case "PAUSE":
                self.tell(queue, data["state"])
                if self.paused_all == at == self.changed and self.raw and self.state == before:
                    # The PAUSEALL of this minute gets its reason: what it had entered was this.
                    counted = self.phone.entered[-1] == (at, self.state)
                    if counted:
                        self.phone.entered.pop()
                    self.raw = self.after_call = self.pause() or data["state"]
                    self.phone.enter(at, self.state, count=counted)
                else:
                    self.settled(at, before)
            case "UNPAUSE":
                if queue in self.member:
                    self.member[queue] = (self.member[queue][0], "")
                else:
                    self.tell(queue, "")
                self.paused_all = None
                self.settled(at, before)
            case "PAUSEALL" if self.member:
                for name, (_, pause) in sorted(self.member.items(), key=lambda item: item[1][0]):
                    told = pause if data["args"] in ([], [""]) and pause else data["state"]
                    self.member[name] = (self.member[name][0], told)
                self.settled(at, before)
                self.paused_all = at
            case "UNPAUSEALL" if self.member:
                self.member = {name: (stamp, "") for name, (stamp, _) in self.member.items()}
                self.paused_all = None
                self.settled(at, before)
            case "CONNECT":
                if queue not in self.member:
                    self.member[queue] = (0, "")
                    if before:
                        self.after_call = "ready"
                same = self.raw == "inbound_calls" and call is not None and call == self.call
                if self.raw:
                    self.ring(at, data["ring_ms"], call)
                if not same:
                    self.talk(at, "inbound_calls", call)
            case "COMPLETEAGENT" | "COMPLETECALLER" if self.own_call(call):
                self.change(at, self.after_call)
            case "BLINDTRANSFER" | "ATTENDEDTRANSFER" | "TRANSFER" if self.raw:
                if not self.own_call(call):
                    self.phone.entered.append((at, "transfer"))
                    self.changed = at
                else:
                    if self.raw != "transfer":
                        self.phone.entered.append((at, "transfer"))
                    self.change(at, self.after_call)
            case "RINGNOANSWER" if self.raw and not self.busy:
                before_ring = self.raw
                if self.ring(at, data["ring_ms"], call):
                    self.change(at, before_ring)
                    self.raw = "other" if before_ring in OTHERS else before_ring

    def chatting(self, kind: str, at: int, chat: str) -> None:
        on = bool(self.chat.cells[(at - self.chat.start) // MINUTE])
        match kind:
            case "logout":
                self.on_break, self.chats = False, set()
                self.chat.paint(at, None, "")
                return
            case "rest" | "resume":
                self.on_break = kind == "rest"
            case "opened":
                self.chats.add(chat)
            case "closed":
                if chat not in self.chats:
                    return
                self.chats.remove(chat)
        state = "rest" if self.on_break else "online" if self.chats else "ready"
        if not on or self.chat.cells[(at - self.chat.start) // MINUTE] != state:
            self.chat.enter(at, state)


def figures(events: Iterable[tuple[int, str, dict[str, Any]]], start: int, minutes: int, zone: str) -> Figures:
    """Return one agent's figures of every day after ordered events (at, type, data) that leave nothing running."""
    agent = Agent(start, minutes)
    for at, kind, data in events:
        family, _, name = kind.removeprefix("octui.").partition(".")
        if family == "queue":
            agent.queue(name, at, data)
        elif family == "chat":
            agent.chatting(name, at, data.get("chat", ""))
        elif name == "logout":
            agent.leave(at)
        elif name == "login":
            if not agent.raw or "state" in data:
                agent.said(at, data.get("state", "ready"), data.get("call"))
            agent.by_word = True
        else:
            agent.by_word = agent.by_word or not agent.raw
            agent.said(at, data["state"], data.get("call"))
    days = [_date(start + index * MINUTE, zone) for index in range(minutes)]
    counts: Counter[tuple[int, str, str]] = Counter()
    spent: Counter[tuple[int, str, str]] = Counter()
    for channel, strip in (("phone", agent.phone), ("login", agent.login), ("chat", agent.chat)):
        for day, state in zip(days, strip.cells, strict=True):
            if state:
                spent[day, channel, state] += MINUTE
        for at, state in strip.entered:
            counts[_date(at, zone), channel, state] += 1
    return {key: (counts[key], spent[key]) for key in counts.keys() | spent.keys()}


def _date(ms: int, zone: str) -> int:
    shown = datetime.fromtimestamp(ms // 1000, ZoneInfo(zone))
    return shown.year * 10_000 + shown.month * 100 + shown.day
