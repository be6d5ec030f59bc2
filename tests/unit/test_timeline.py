"""What events change in an agent's states, as tables of cases (rules.md 28–30 and "Real call data")."""

import json
import unicodedata
from typing import Any

import pytest

from octui.server.events.pause_reasons import state_of
from octui.server.events.queue_log_rules import EVENT_HANDLERS
from octui.server.events.timeline_rules import Context, Event, Interval, fold_events

Told = tuple[str, dict[str, Any]]
Story = list[tuple[int, Told]]


def queue_event(name: str, *, call: str | None = None, queue: str = "q1", **more: Any) -> Told:
    return f"octui.queue.{name}", {"call": call, "queue": queue, "args": more.pop("args", []), **more}


def run_steps(*steps: tuple[int, Told]) -> tuple[list[str], Context]:
    """Return phone and chat intervals as `state:seconds`, with * where entered, and the last context.

    Steps are in seconds.
    """
    events = [Event(at * 1000, kind, data) for at, (kind, data) in steps]
    context, closed = fold_events(Context(), events, EVENT_HANDLERS, 0)
    assert sum(i.end - i.start for i in closed if i.channel == "phone") + (
        0 - context.since if context.state else 0
    ) == sum(i.end - i.start for i in closed if i.channel == "login") + (0 - context.login if context.state else 0)
    return [interval_texts(each) for each in closed if each.channel != "login"], context


def interval_texts(each: Interval) -> str:
    return f"{each.state}{'*' if each.counted else ''}:{(each.end - each.start) // 1000}"


LOGIN: Told = ("octui.phone.login", {})
LOGOUT: Told = ("octui.phone.logout", {})


def phone_event(name: str, call: str | None = None) -> Told:
    return "octui.phone.state", {"state": name} | ({"call": call} if call else {})


def chat_event(name: str, chat: str = "") -> Told:
    return f"octui.chat.{name}", {"chat": chat} if chat else {}


ADD, REMOVE = queue_event("ADDMEMBER"), queue_event("REMOVEMEMBER")
ADD2, REMOVE2 = queue_event("ADDMEMBER", queue="q2"), queue_event("REMOVEMEMBER", queue="q2")
MEAL, MEAL2 = queue_event("PAUSE", state="meal", args=["x"]), queue_event("PAUSE", queue="q2", state="meal", args=["x"])
REST = queue_event("PAUSE", state="rest", args=["y"])
GO, GO2 = queue_event("UNPAUSE"), queue_event("UNPAUSE", queue="q2")
ALL_BLANK = queue_event("PAUSEALL", queue="", state="rest", args=[""])
ALL_REST = queue_event("PAUSEALL", queue="", state="rest", args=["y"])
ALL_GO = queue_event("UNPAUSEALL", queue="")


def connect(call: str | None, ring: int = 0, name: str = "q1") -> Told:
    return queue_event("CONNECT", call=call, queue=name, ring_ms=ring * 1000)


def complete(call: str | None) -> Told:
    return queue_event("COMPLETEAGENT", call=call)


CASES: dict[str, tuple[Story, list[str], str | None]] = {
    "logging in is ready": ([(0, LOGIN), (10, LOGOUT)], ["ready*:10"], None),
    "logging in may name a state": (
        [(0, ("octui.phone.login", {"state": "meal"})), (5, phone_event("ready"))],
        ["meal*:5"],
        "ready",
    ),
    "logging in twice is one session": ([(0, LOGIN), (5, LOGIN), (9, LOGOUT), (9, LOGOUT)], ["ready*:9"], None),
    "a state logs in first": ([(0, phone_event("education")), (4, LOGOUT)], ["education*:4"], None),
    "the same state again is nothing": (
        [(0, LOGIN), (3, phone_event("ready")), (5, phone_event("rest"))],
        ["ready*:5"],
        "rest",
    ),
    "held and back is one call": (
        [
            (0, phone_event("inbound_calls", "A")),
            (5, phone_event("hold")),
            (7, phone_event("inbound_calls", "A")),
            (9, LOGOUT),
        ],
        ["inbound_calls*:5", "other*:2", "inbound_calls:2"],
        None,
    ),
    "held and back without an id is one call": (
        [(0, phone_event("inbound_calls")), (5, phone_event("hold")), (7, phone_event("inbound_calls")), (9, LOGOUT)],
        ["inbound_calls*:5", "other*:2", "inbound_calls:2"],
        None,
    ),
    "another call without an id is another": (
        [(0, phone_event("inbound_calls")), (5, phone_event("ready")), (7, phone_event("inbound_calls")), (9, LOGOUT)],
        ["inbound_calls*:5", "ready*:2", "inbound_calls*:2"],
        None,
    ),
    "a call in between does not make it two": (
        [
            (0, phone_event("inbound_calls", "A")),
            (2, phone_event("outbound_calls", "B")),
            (4, phone_event("inbound_calls", "A")),
            (6, phone_event("inbound_calls", "C")),
            (8, LOGOUT),
        ],
        ["inbound_calls*:2", "outbound_calls*:2", "inbound_calls:2", "inbound_calls*:2"],
        None,
    ),
    "ringing, dialling and default are other": (
        [(0, phone_event("default")), (2, phone_event("ringing")), (4, phone_event("dialling")), (5, LOGOUT)],
        ["other*:5"],
        None,
    ),
    "entered and left in one instant counts": (
        [(0, LOGIN), (0, phone_event("meal")), (0, LOGOUT)],
        ["ready*:0", "meal*:0"],
        None,
    ),
    "member of any queue is logged in": (
        [(0, ADD), (1, ADD2), (4, REMOVE), (6, REMOVE2), (7, REMOVE2)],
        ["ready*:6"],
        None,
    ),
    "added paused": (
        [(0, queue_event("ADDMEMBER", args=["PAUSED"])), (3, GO), (5, REMOVE)],
        ["rest*:3", "ready*:2"],
        None,
    ),
    "paused in one of two queues is ready": (
        [(0, ADD), (0, ADD2), (3, MEAL), (5, REMOVE), (6, REMOVE2)],
        ["ready*:6"],
        None,
    ),
    "paused in all of them": (
        [(0, ADD), (0, ADD2), (3, MEAL), (3, MEAL2), (5, GO), (6, GO2), (7, LOGOUT)],
        ["ready*:3", "meal*:2", "ready*:2"],
        None,
    ),
    "leaving the only queue that was not paused": (
        [(0, ADD), (0, ADD2), (3, MEAL), (5, REMOVE2), (6, REMOVE)],
        ["ready*:5", "meal*:1"],
        None,
    ),
    "paused anew with another reason": (
        [(0, ADD), (2, MEAL), (5, REST), (6, GO)],
        ["ready*:2", "meal*:3", "rest*:1"],
        "ready",
    ),
    "paused anew with the same reason": ([(0, ADD), (2, MEAL), (5, MEAL), (6, GO)], ["ready*:2", "meal*:4"], "ready"),
    "all paused, then one by one with the reason": (
        [(0, ADD), (0, ADD2), (2, ALL_BLANK), (2, MEAL), (3, MEAL2), (6, ALL_GO), (6, GO), (6, GO2)],
        ["ready*:2", "meal*:4"],
        "ready",
    ),
    "all paused with a reason of its own": (
        [(0, ADD), (2, ALL_REST), (2, REST), (6, ALL_GO), (6, GO)],
        ["ready*:2", "rest*:4"],
        "ready",
    ),
    "all paused again without a word keeps the reason": (
        [(0, ADD), (2, MEAL), (4, ALL_BLANK), (4, MEAL), (6, ALL_GO)],
        ["ready*:2", "meal*:4"],
        "ready",
    ),
    "all paused of an agent nobody knows": ([(0, ALL_BLANK), (0, MEAL), (4, GO)], ["meal*:4"], "ready"),
    "a pause proves a membership": ([(0, MEAL), (4, GO), (6, REMOVE)], ["meal*:4", "ready*:2"], None),
    "a call with its ringing": (
        [(0, ADD), (20, connect("A", 5)), (50, complete("A")), (60, REMOVE)],
        ["ready*:15", "other*:5", "inbound_calls*:30", "ready*:10"],
        None,
    ),
    "ringing never before the last change": (
        [(0, ADD), (18, MEAL), (19, GO), (20, connect("A", 5)), (21, complete("A")), (21, REMOVE)],
        ["ready*:18", "meal*:1", "ready*:0", "other*:1", "inbound_calls*:1", "ready*:0"],
        None,
    ),
    "a call logs in": (
        [(10, connect("A", 5)), (15, complete("A")), (20, REMOVE)],
        ["inbound_calls*:5", "ready*:5"],
        None,
    ),
    "paused during a call": (
        [(0, ADD), (2, connect("A")), (4, MEAL), (6, complete("A")), (9, REMOVE)],
        ["ready*:2", "inbound_calls*:4", "meal*:3"],
        None,
    ),
    "another call's end is not this one's": (
        [(0, ADD), (2, connect("A")), (4, complete("B")), (6, complete("A"))],
        ["ready*:2", "inbound_calls*:4"],
        "ready",
    ),
    "the end of the call was lost": (
        [(0, ADD), (2, connect("A")), (9, connect("B", 4)), (12, complete("A")), (13, complete("B"))],
        ["ready*:2", "inbound_calls*:7", "inbound_calls*:4"],
        "ready",
    ),
    "logged off in a call": (
        [(0, ADD), (2, connect("A")), (5, REMOVE), (8, complete("A"))],
        ["ready*:2", "inbound_calls*:6"],
        None,
    ),
    "not answered": (
        [(0, ADD), (20, queue_event("RINGNOANSWER", call="A", ring_ms=15_000)), (30, REMOVE)],
        ["ready*:5", "other*:15", "ready*:10"],
        None,
    ),
    "not reachable at all": (
        [(0, ADD), (20, queue_event("RINGNOANSWER", ring_ms=0)), (30, REMOVE)],
        ["ready*:30"],
        None,
    ),
    "rung after leaving": ([(0, ADD), (5, REMOVE), (9, queue_event("RINGNOANSWER", ring_ms=9000))], ["ready*:5"], None),
    "a blind transfer ends the call": (
        [(0, ADD), (2, connect("A")), (8, queue_event("BLINDTRANSFER", call="A")), (9, REMOVE)],
        ["ready*:2", "inbound_calls*:6", "transfer*:0", "ready*:1"],
        None,
    ),
    "a transfer the CTI has told of is not counted again": (
        [
            (0, connect("A")),
            (3, phone_event("transfer", "A")),
            (8, queue_event("ATTENDEDTRANSFER", call="A")),
            (9, REMOVE),
        ],
        ["inbound_calls*:3", "transfer*:5", "ready*:1"],
        None,
    ),
    "a restart ends everything": (
        [(0, ADD), (1, MEAL), (2, connect("A")), (5, queue_event("QUEUESTART", queue="")), (6, complete("A"))],
        ["ready*:1", "meal*:1", "inbound_calls*:3"],
        None,
    ),
    "logged in as agent": (
        [(0, queue_event("AGENTLOGIN", queue="")), (2, MEAL), (4, queue_event("AGENTLOGOFF", queue=""))],
        ["ready*:2", "meal*:2"],
        None,
    ),
    "logged in by key, not by queue": ([(0, LOGIN), (2, ADD), (4, REMOVE), (6, LOGOUT)], ["ready*:6"], None),
    "a key stands until the pause changes": (
        [(0, ADD), (2, phone_event("ticket_work")), (3, GO), (5, connect("A")), (6, complete("A")), (8, MEAL), (9, GO)],
        ["ready*:2", "ticket_work*:3", "inbound_calls*:1", "ticket_work*:2", "meal*:1"],
        "ready",
    ),
    "chats": (
        [
            (0, chat_event("login")),
            (2, chat_event("opened", "A")),
            (3, chat_event("opened", "B")),
            (3, chat_event("opened", "B")),
            (5, chat_event("closed", "A")),
            (6, chat_event("closed", "Z")),
            (7, chat_event("closed", "B")),
            (9, chat_event("logout")),
        ],
        ["ready*:2", "online*:5", "ready*:2"],
        None,
    ),
    "a break in a chat": (
        [
            (0, chat_event("opened", "A")),
            (2, chat_event("rest")),
            (4, chat_event("resume")),
            (5, chat_event("logout")),
            (6, chat_event("closed", "A")),
        ],
        ["online*:2", "rest*:2", "online*:1"],
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_events_give_the_expected_intervals(name: str) -> None:
    steps, expected, after = CASES[name]
    found, context = run_steps(*steps)
    assert found == expected
    assert context.state == after


@pytest.mark.parametrize("name", CASES)
def test_a_context_survives_storage_at_any_step(name: str) -> None:
    steps, _, _ = CASES[name]
    context, closed = Context(), []
    for at, (kind, data) in steps:
        before = context.as_json()
        context, ended = fold_events(context, [Event(at * 1000, kind, data)], EVENT_HANDLERS, 0)
        closed += ended
        again = Context.from_data(json.loads(context.as_json()))
        assert again == context
        assert (
            fold_events(Context.from_data(json.loads(before)), [Event(at * 1000, kind, data)], EVENT_HANDLERS, 0)[0]
            == context
        )
    whole = fold_events(Context(), [Event(at * 1000, kind, data) for at, (kind, data) in steps], EVENT_HANDLERS, 0)
    assert whole == (context, closed)


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        ("", "rest"),
        ("  ", "rest"),
        ("점심", "meal"),
        ("식사 중", "meal"),
        (unicodedata.normalize("NFD", "점심"), "meal"),  # decomposed, as a Mac sends it
        ("Lunch", "meal"),
        ("회의", "meeting"),
        ("취합/보고", "report"),
        ("After-call work", "ticket_work"),
        ("ACW", "ticket_work"),
        ("ticket_work", "ticket_work"),
        ("채팅처리", "chat_work"),
        ("교육", "education"),
        ("기타", "other"),
        ("inbound_calls", None),
        ("세차", None),
    ],
)
def test_pause_reasons_mean_their_state(reason: str, found: str | None) -> None:
    assert state_of(reason) == found
