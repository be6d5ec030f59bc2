"""Streams of events of every kind, for comparing the program with the second reckoner.

A stream has a flavor: what its PBX and its people do. Within a flavor anything may follow anything: the rules decide
what it means.
"""

from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from octui.server.events.pause_reasons import DEFAULT, state_of

ZONES = {  # zone → a midnight about which the clocks change, epoch s
    "Asia/Seoul": datetime(2026, 6, 30, 15, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 4, tzinfo=UTC),
    "America/Havana": datetime(2026, 11, 1, 4, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 3, 13, tzinfo=UTC),
    "America/Sao_Paulo": datetime(2018, 11, 4, 3, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 3, 28, 23, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 30, 10, tzinfo=UTC),
}
FAST = settings(deadline=None, derandomize=True, max_examples=60, suppress_health_check=list(HealthCheck))
AGENTS = ("kim", "lee")
STATES = ("ready", "rest", "meal", "ticket_work", "default", "other")
CALL_STATES = ("inbound_calls", "inbound_calls", "outbound_calls", "ringing", "dialling", "hold", "transfer")
HORIZON_S = 6 * 86_400
"""From a stream's beginning to the end of everything that is compared."""

MEMBERS = ("ADDMEMBER", "REMOVEMEMBER")
LOGINS = ("AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF")
PAUSES = ("PAUSE", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "PAUSEREASON")
CALLS = ("CONNECT", "CONNECT", "CONNECT", "COMPLETEAGENT", "COMPLETECALLER", "COMPLETECALLER")
MORE_CALLS = ("BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER", "RINGNOANSWER", "RINGNOANSWER")
LOG = (*MEMBERS, *LOGINS, *PAUSES, *CALLS, *MORE_CALLS, "QUEUESTART")
KEYS = ("phone.login", "phone.logout", "phone.state", "phone.state", "phone.login state")
CTI = ("phone.login", "phone.logout", *["phone.call"] * 4, "phone.state", "phone.login state")
CHAT = ("chat.login", "chat.logout", "chat.rest", "chat.resume", "chat.opened", "chat.opened", "chat.closed")
DIALLED = ("call.dialled", "call.dialled", "call.answered", "call.answered", "call.ended", "call.ended")

FLAVORS: dict[str, tuple[str, ...]] = {
    "members": (*MEMBERS, *PAUSES, *CALLS, *MORE_CALLS, "QUEUESTART"),
    "logins": (*LOGINS, *PAUSES, *CALLS, *MORE_CALLS, "QUEUESTART"),
    "log": LOG,
    "static": (*CALLS, *CALLS, *MORE_CALLS, *PAUSES),
    "calls": (*CALLS, *CALLS, *MORE_CALLS, *MEMBERS, "AGENTLOGOFF"),
    "pauses": (*PAUSES, *PAUSES, *MEMBERS, "CONNECT", "COMPLETECALLER", "AGENTLOGIN", "RINGNOANSWER"),
    "reasons": (*["PAUSEALL", "PAUSE"] * 3, *PAUSES[2:], "ADDMEMBER", "CONNECT", "COMPLETEAGENT"),
    "keys": (*LOG, *KEYS, *KEYS, *CHAT[:3]),
    "cti": (*CTI, *CTI, *CHAT),
    "log and cti": (*LOG, *CTI, *CTI, "phone.call"),
    "calls and cti": (*CALLS, *CALLS, *MORE_CALLS[:3], *["phone.call"] * 8),
    "outbound": (*LOG, *DIALLED, *DIALLED, *DIALLED),
    "outbound with keys": (*DIALLED, *DIALLED, *KEYS, *MEMBERS, *CALLS),
}


class Told(NamedTuple):
    """An event before it has an ID. `agent` None: it concerns everybody."""

    at: int
    agent: str | None
    kind: str
    data: dict[str, Any]


class Choices(NamedTuple):
    """What an event needs besides its name."""

    call: str | None
    queue: str
    ring: int
    reason: str
    state: str
    call_state: str
    paused: bool


def make_event(name: str, chosen: Choices) -> tuple[str, dict[str, Any]]:
    """Return type and validated data of an event."""
    if name.startswith("chat."):
        return "octui." + name, {"chat": chosen.call or "A"} if name in ("chat.opened", "chat.closed") else {}
    if name.startswith("call."):
        # Rarely the ID of a queue's call, which is no outbound call (rules.md 46).
        call = chosen.call if chosen.call and chosen.paused else f"o{chosen.ring % 3}"
        return "octui." + name, {"call": call, "direction": "outbound"}
    if name.startswith("phone."):
        return _make_phone_event(name, chosen)
    whole = name in ("PAUSEALL", "UNPAUSEALL", "PAUSEREASON", "QUEUESTART") or name.startswith("AGENT")
    data: dict[str, Any] = {"call": chosen.call, "queue": "" if whole else chosen.queue, "args": []}
    if name == "CONNECT":
        data |= {"args": ["5", "b", str(chosen.ring)], "ring_ms": chosen.ring * 1000}
    elif name == "RINGNOANSWER":
        data |= {"args": [str(chosen.ring * 1000)], "ring_ms": chosen.ring * 1000}
    elif name in ("PAUSE", "PAUSEALL", "PAUSEREASON"):
        reason = chosen.reason or ("meeting" if name == "PAUSEREASON" else "")
        data |= {"args": [reason] if reason else [], "state": (state_of(reason) or DEFAULT).value}
    elif name == "ADDMEMBER" and chosen.paused:
        data["args"] = ["PAUSED"]
    return "octui.queue." + name, data


def _make_phone_event(name: str, chosen: Choices) -> tuple[str, dict[str, Any]]:
    if name == "phone.call":
        return "octui.phone.state", {"state": chosen.call_state} | ({"call": chosen.call} if chosen.call else {})
    if name == "phone.logout" and chosen.paused:
        return "octui.phone.logout", {"cause": "server"}
    plain = name.partition(" ")[0]
    named = plain == "phone.state" or plain != name
    return "octui." + plain, {"state": chosen.state} if named else {}


CHOICES: tuple[tuple[Any, ...], ...] = (
    ("C1", "C2", "C3", None),
    ("q1", "q2", "q3"),
    (0, 1, 5, 20),
    ("", "식사", "meeting", "세차"),
    STATES,
    CALL_STATES,
    (False, False, True),
)
"""What Choices are drawn from, field by field."""
_choices: st.SearchStrategy[Choices] = st.builds(Choices, *map(st.sampled_from, CHOICES))
WAITS = (0, 0, 0, 1, 1, 2, 3, 9, 60, 600, 3600, 5 * 3600, 12 * 3600 - 1, 12 * 3600, 15 * 3600)
"""Seconds since the event before."""
_waits = st.sampled_from(WAITS)


def steps_of(flavor: str) -> st.SearchStrategy[list[tuple[int, str, str, Choices]]]:
    """Return the steps of a stream: wait, agent, name, choices."""
    step = st.tuples(_waits, st.sampled_from(AGENTS), st.sampled_from(FLAVORS[flavor]), _choices)
    return st.integers(1, 30).flatmap(lambda size: st.lists(step, min_size=size // 2, max_size=size))


@st.composite
def streams(draw: st.DrawFn, flavors: tuple[str, ...] = tuple(FLAVORS), agents: int = 1) -> tuple[str, int, list[Told]]:
    """Draw a zone, the beginning (epoch ms), and events in the order in which they happened."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    start = at = int(ZONES[zone].timestamp()) - draw(st.sampled_from([1, 1800, 42_000, 90_000]))
    events = []
    for wait, agent, name, chosen in draw(st.sampled_from(flavors).flatmap(steps_of)):
        at = min(at + wait, start + HORIZON_S - 2 * 86_400)
        kind, data = make_event(name, chosen)
        who = agent if agents > 1 else AGENTS[0]
        events.append(Told(at * 1000, None if name == "QUEUESTART" else who, kind, data))
    return zone, start * 1000, events


def random_stream(random: Random, agents: int = 1) -> tuple[str, int, list[Told]]:
    """Return a stream as `streams` draws it, for runs that need many in a short time.

    Each has a few kinds of events and a few values only, so that what belongs together meets more often.
    """
    zone = random.choice(sorted(ZONES))
    start = at = int(ZONES[zone].timestamp()) - random.choice([1, 1800, 42_000, 90_000])
    flavor = FLAVORS[random.choice(sorted(FLAVORS))]
    names = random.sample(flavor, random.randint(min(4, len(flavor)), len(flavor)))
    values = [random.sample(each, random.randint(1, len(each))) for each in CHOICES]
    nearest = WAITS[: random.choice([8, len(WAITS)])]
    waits = random.sample(nearest, random.randint(3, len(nearest)))
    events = []
    for _ in range(random.randint(1, 30)):
        at = min(at + random.choice(waits), start + HORIZON_S - 2 * 86_400)
        name = random.choice(names)
        kind, data = make_event(name, Choices(*map(random.choice, values)))
        who = random.choice(AGENTS[:agents])
        events.append(Told(at * 1000, None if name == "QUEUESTART" else who, kind, data))
    return zone, start * 1000, events


def told_to(agent: str, events: list[Told]) -> list[tuple[int, str, dict[str, Any]]]:
    """Return the events of one agent, with those of everybody."""
    return [(event.at, event.kind, event.data) for event in events if event.agent in (agent, None)]
