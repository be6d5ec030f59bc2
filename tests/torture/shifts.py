"""Seeded shifts of agents over days, as a PBX, a CTI and a CDR would tell them, with what goes wrong in real logs."""

from random import Random
from typing import Any

from server.reckoner_facts import Event
from server.streams import FLAVORS, Choices, make_event

DAY_S = 86_400
REASONS = ("", "", "식사", "lunch", "meeting", "교육", "세차", "coaching", "after call work")
STATES = ("ready", "rest", "meal", "ticket_work", "chat_work", "meeting", "default", "other")


class Shift:
    """One agent's shift of a day, told by one kind of center."""

    def __init__(self, random: Random, begin: int, seconds: int, events: int) -> None:
        self.random, self.at, self.end = random, begin, begin + seconds
        self.pace = seconds / max(events, 1)
        self.events: list[Event] = []
        self.queues = random.sample(["q1", "q2", "q3", "q4"], random.randint(1, 3))
        self.calls = 0

    def tell(self, name: str, **chosen: Any) -> None:
        """Add an event at the present time."""
        values = {"call": None, "queue": self.queues[0], "ring": 0, "reason": "", "state": "ready"}
        values |= {"call_state": "hold", "paused": False}
        kind, data = make_event(name, Choices(**(values | chosen)))
        self.events.append((self.at * 1000, kind, data))

    def wait(self, share: float = 1.0) -> None:
        self.at += int(self.random.expovariate(1 / (self.pace * share)))

    def next_call(self) -> str | None:
        self.calls += 1
        return None if self.random.random() < 0.02 else f"c{self.calls}"

    def take_call(self) -> None:
        """Answer a call; at times a second one comes in before it has ended, and they end in any order."""
        pick = self.random
        calls = []
        for _ in range(1 + (pick.random() < 0.08)):
            call, queue = self.next_call(), pick.choice(self.queues)
            for _ in range(pick.choice([0, 0, 0, 1, 2])):
                self.tell("RINGNOANSWER", call=call, queue=queue, ring=pick.choice([0, 5, 15]))
                self.wait(0.3)
            self.tell("CONNECT", call=call, queue=queue, ring=pick.choice([0, 2, 4, 9]))
            calls.append((call, queue))
            self.wait(0.5)
        pick.shuffle(calls)
        for call, queue in calls:
            self.wait(2)
            if pick.random() < 0.05:
                self.tell("PAUSE", queue=queue, reason=pick.choice(REASONS))
            name = pick.choice(["COMPLETEAGENT", "COMPLETECALLER", "COMPLETECALLER"])
            if pick.random() < 0.1:
                name = pick.choice(["BLINDTRANSFER", "ATTENDEDTRANSFER"])
            self.tell(name, call=call, queue=queue)
        if pick.random() < 0.05 and calls:
            self.wait(0.2)
            self.tell("CONNECT", call=calls[-1][0], queue=calls[-1][1], ring=3)
            self.wait()
            self.tell("COMPLETECALLER", call=calls[-1][0], queue=calls[-1][1])

    def take_break(self) -> None:
        """Pause all queues as Asterisk logs it, or some of them, and free them again."""
        pick, reason = self.random, self.random.choice(REASONS)
        style = pick.choice(["all", "all", "single", "reason", "some"])
        if style in ("all", "reason"):
            self.tell("PAUSEALL", reason=reason if pick.random() < 0.5 else "")
        if style == "reason":
            self.wait(0.02)
            self.tell("PAUSEREASON", reason=reason or "lunch")
        else:
            for queue in self.queues if style != "some" else self.queues[:1]:
                self.at += pick.choice([0, 0, 0, 1, 3])
                self.tell("PAUSE", queue=queue, reason=reason)
        self.wait(3)
        if pick.random() < 0.1:
            self.tell("PAUSEREASON", reason=pick.choice(REASONS))
            self.wait()
        if style in ("all", "reason"):
            self.tell("UNPAUSEALL")
        for queue in self.queues if pick.random() < 0.8 else ():
            self.tell("UNPAUSE", queue=queue)

    def dial_out(self) -> None:
        self.calls += 1
        for name, share in (("dialled", 0.1), ("answered", 1.5), ("ended", 0.1)):
            data = {"call": f"o{self.calls}", "direction": "outbound"}
            self.events.append((self.at * 1000, f"octui.call.{name}", data))
            self.wait(share)

    def press_key(self) -> None:
        self.tell("phone.state", state=self.random.choice(STATES))
        self.wait()
        if self.random.random() < 0.7:
            self.tell("phone.state", state="ready")

    def work(self, acts: tuple[str, ...]) -> None:
        while self.at < self.end:
            getattr(self, self.random.choice(acts))()
            self.wait()


BEGINNINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "members": (("ADDMEMBER",), ("REMOVEMEMBER",)),
    "logins": (("AGENTLOGIN",), ("AGENTLOGOFF",)),
    "callback": (("AGENTCALLBACKLOGIN", "ADDMEMBER"), ("AGENTCALLBACKLOGOFF", "UNPAUSEALL", "UNPAUSE")),
    "static": ((), ()),
    "keys": (("phone.login",), ("phone.logout",)),
    "forgotten": (("ADDMEMBER",), ()),
    "late": ((), ("REMOVEMEMBER",)),
}
"""How a shift begins and ends in each kind of center."""
ACTS = {
    "log": ("take_call", "take_call", "take_call", "take_break"),
    "dialling": ("take_call", "dial_out", "dial_out", "take_break"),
    "keys": ("take_call", "press_key", "take_break"),
}


def _make_shift(random: Random, center: str, acts: tuple[str, ...], begin: int, events: int) -> list[Event]:
    shift = Shift(random, begin, int(random.uniform(6, 9) * 3600), events)
    first, last = BEGINNINGS[center]
    for names in (first, last):
        for name in names:
            for queue in shift.queues if "MEMBER" in name or name == "UNPAUSE" else shift.queues[:1]:
                shift.tell(name, queue=queue, paused=random.random() < 0.05)
                shift.at += random.choice([0, 0, 1])
        if names is first:
            shift.work(acts)
    return shift.events


def _spoil(random: Random, events: list[Event]) -> list[Event]:
    """Lose lines, and put in events that do not fit."""
    spoiled = [event for event in events if random.random() > 0.02]
    names = FLAVORS["log"] if random.random() < 0.7 else FLAVORS["keys"]
    for _ in range(len(spoiled) // 60 if random.random() < 0.6 else 0):
        near = random.choice(spoiled)
        chosen = Choices(
            random.choice(["c1", "c2", "c3", None]),
            random.choice(["q1", "q2", "q3"]),
            random.choice([0, 5, 20]),
            random.choice(REASONS),
            random.choice(STATES),
            "hold",
            paused=random.random() < 0.3,
        )
        kind, data = make_event(random.choice(names), chosen)
        spoiled.append((near[0] + random.choice([0, 1000, 60_000]), kind, data))
    return sorted(spoiled, key=lambda event: event[0])


def make_stream(seed: str, zone_start: int, days: int) -> list[Event]:
    """Return one agent's events of some days from a midnight (epoch s) on, the same for the same seed."""
    random = Random(seed)
    center = random.choice(sorted(BEGINNINGS))
    acts = ACTS["keys" if center == "keys" else random.choice(["log", "log", "dialling"])]
    events: list[Event] = []
    pace = random.randint(100, 300)
    for day in range(days):
        if random.random() < 0.1:
            continue
        begin = zone_start + day * DAY_S + int(random.choice([random.uniform(7, 14), random.uniform(14, 23)]) * 3600)
        events += _make_shift(random, center, acts, begin, pace)
        if random.random() < 0.1:
            events.append(((events[-1][0] // 1000 + random.randrange(DAY_S)) * 1000, *make_restart()))
    events.sort(key=lambda event: event[0])
    return _spoil(random, events)


def make_restart() -> tuple[str, dict[str, Any]]:
    return "octui.queue.QUEUESTART", {"call": None, "queue": "", "args": []}
