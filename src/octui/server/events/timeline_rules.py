"""Interpret events: an agent's running states, and the intervals they leave (rules.md 28–30).

A fold over the agent's events in order; it knows no days, databases or clocks. The same events always give the same
intervals, so a late event needs only a replay.

An agent is logged in to phone from a login to a logout, and in exactly one state all that time. The intervals of the
channel `login` are kept apart from those of the states: their sums must be equal, which tests verify.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic_core import to_json

from octui.schema.stats import ChatState, PhoneState

PHONE = "phone"
CHAT = "chat"
LOGIN = "login"
LOGGED_IN = "logged_in"
READY = PhoneState.READY.value
OTHER = PhoneState.OTHER.value
INBOUND = PhoneState.INBOUND_CALLS.value
OUTBOUND = PhoneState.OUTBOUND_CALLS.value
TRANSFER = PhoneState.TRANSFER.value
HOLD = "hold"
RINGING = "ringing"
UNCOUNTED_STATES = frozenset(("default", RINGING, "dialling", HOLD))
"""States without a counter of their own, shown as other (rules.md 30)."""
PHONE_STATES = frozenset(state.value for state in PhoneState) | UNCOUNTED_STATES
_CALL_PHASES = frozenset((RINGING, "dialling", HOLD))
_TALK = frozenset((INBOUND, OUTBOUND))
_CALLS_REMEMBERED = 16


class Event(NamedTuple):
    """Event as the interpreter needs it. `at`: epoch ms. `data`: as in schema/events.py, validated before."""

    at: int
    type: str
    data: dict[str, Any]


class Interval(NamedTuple):
    """Closed stretch of one state, not yet split at midnight. `counted`: the state was entered at its start."""

    channel: str
    state: str
    start: int
    end: int
    counted: bool
    call: str | None


@dataclass(slots=True)
class Context:
    """State of an agent between two events. When logged out, everything but the chat part is empty."""

    state: str | None = None
    since: int = 0
    call: str | None = None
    counted: bool = False  # the state was entered at `since`; False: it continues a state counted before
    phase: str = ""  # the state shown as other
    login: int = 0
    signed: bool = False  # logged in explicitly, not only as a member of queues
    idle: str = READY  # the state after a call
    queues: dict[str, str] = field(default_factory=dict)  # memberships with the state of their pause; "": not paused
    all_at: int | None = None  # time of the PAUSEALL whose single PAUSEs may still follow
    calls: list[str] = field(default_factory=list)  # calls whose talk is already counted
    chat: str | None = None
    chat_since: int = 0
    chat_rest: bool = False
    chats: list[str] = field(default_factory=list)

    def copy(self) -> "Context":
        """Return a copy that can be changed."""
        return Context(
            self.state,
            self.since,
            self.call,
            self.counted,
            self.phase,
            self.login,
            self.signed,
            self.idle,
            dict(self.queues),
            self.all_at,
            list(self.calls),
            self.chat,
            self.chat_since,
            self.chat_rest,
            list(self.chats),
        )

    def as_json(self) -> str:
        """Return a text that is equal if and only if the contexts are equal."""
        return to_json(self.as_data()).decode()

    def as_data(self) -> dict[str, Any]:
        """Return the context as JSON data for `from_data`."""
        data: dict[str, Any] = {}
        if self.state is not None:
            data["p"] = [
                self.state,
                self.since,
                self.call,
                int(self.counted),
                self.phase,
                self.login,
                int(self.signed),
                self.idle,
                list(self.queues.items()),
                self.all_at,
                self.calls,
            ]
        if self.chat is not None:
            data["c"] = [self.chat, self.chat_since, int(self.chat_rest), self.chats]
        return data

    @staticmethod
    def from_data(data: dict[str, Any]) -> "Context":
        """Return the context stored as `data`."""
        context = Context()
        if "p" in data:
            state, since, call, counted, phase, login, signed, idle, queues, all_at, calls = data["p"]
            context.state, context.since, context.call, context.counted = state, since, call, bool(counted)
            context.phase, context.login, context.signed, context.idle = phase, login, bool(signed), idle
            context.queues, context.all_at, context.calls = dict(queues), all_at, calls
        if "c" in data:
            context.chat, context.chat_since, rest, context.chats = data["c"]
            context.chat_rest = bool(rest)
        return context


def switch_state(
    context: Context, at: int, state: str | None, call: str | None, counted: bool, out: list[Interval]
) -> None:
    """End the running phone state at `at` and enter another, or none."""
    if context.state is not None and (at > context.since or context.counted):
        out.append(Interval(PHONE, context.state, context.since, at, context.counted, context.call))
    context.state, context.since, context.call, context.counted = state, at, call, counted
    context.phase = ""


def log_in(context: Context, at: int, out: list[Interval]) -> None:
    """Begin a phone session; the caller enters its first state."""
    context.login = at
    context.since = at


def log_out(context: Context, at: int, out: list[Interval]) -> None:
    """End the phone session with its state, call, memberships and pauses."""
    if context.state is None:
        return
    switch_state(context, at, None, None, False, out)
    out.append(Interval(LOGIN, LOGGED_IN, context.login, at, True, None))
    context.since = context.login = 0
    context.signed = False
    context.idle = READY
    context.queues = {}
    context.all_at = None
    context.calls = []


def is_on_call(context: Context) -> bool:
    """Return whether the agent is talking, ringing, dialing, holding or transferring."""
    return context.state in _TALK or context.state == TRANSFER or context.phase in _CALL_PHASES


def count_talk_once(context: Context, state: str, call: str) -> bool:
    """Return whether the agent talks in this call and direction for the first time, and remember it."""
    mark = f"{state[0]}:{call}"
    if mark in context.calls:
        return False
    context.calls.append(mark)
    del context.calls[:-_CALLS_REMEMBERED]
    return True


def take_state(context: Context, at: int, raw: str, call: str | None, out: list[Interval]) -> None:
    """Enter a named state; naming the present one again changes nothing.

    Talk counts once per call. Talk after hold is the same call; so is hold without a call ID.
    """
    state = OTHER if raw in UNCOUNTED_STATES else raw
    if context.state is None:
        log_in(context, at, out)
    of_call = state in _TALK or state == TRANSFER
    if state == context.state and (not of_call or call is None or context.call is None or call == context.call):
        if of_call and context.call is None and call is not None:
            context.call = call
            if state in _TALK:
                count_talk_once(context, state, call)
        elif state == OTHER:
            context.call = call if call is not None or raw not in _CALL_PHASES else context.call
            context.phase = raw if raw in UNCOUNTED_STATES else ""
    else:
        counted = True
        if state in _TALK:
            was_held = context.phase == HOLD
            if call is None and was_held:
                call, counted = context.call, False
            elif call is not None:
                counted = count_talk_once(context, state, call)
        elif raw == HOLD and call is None:
            call = context.call
        switch_state(context, at, state, call, counted, out)
        context.phase = raw if raw in UNCOUNTED_STATES else ""
    if not of_call and raw not in _CALL_PHASES:
        context.idle = state


def _log_in_phone(context: Context, event: Event, out: list[Interval]) -> None:
    state = event.data.get("state")
    if context.state is None or state is not None:
        take_state(context, event.at, state or READY, event.data.get("call"), out)
    context.signed = True


def _log_out_phone(context: Context, event: Event, out: list[Interval]) -> None:
    log_out(context, event.at, out)


def _enter_state(context: Context, event: Event, out: list[Interval]) -> None:
    was_out = context.state is None
    take_state(context, event.at, event.data["state"], event.data.get("call"), out)
    context.signed = context.signed or was_out


def _settle_chat(context: Context, at: int, out: list[Interval]) -> None:
    """Update the chat state: a break comes before open chats, which come before waiting."""
    if context.chat_rest:
        state = ChatState.REST.value
    else:
        state = (ChatState.ONLINE if context.chats else ChatState.READY).value
    if state != context.chat:
        if context.chat is not None:
            out.append(Interval(CHAT, context.chat, context.chat_since, at, True, None))
        context.chat, context.chat_since = state, at


def _chat_login(context: Context, event: Event, out: list[Interval]) -> None:
    _settle_chat(context, event.at, out)


def _chat_logout(context: Context, event: Event, out: list[Interval]) -> None:
    if context.chat is not None:
        out.append(Interval(CHAT, context.chat, context.chat_since, event.at, True, None))
    context.chat, context.chat_since, context.chat_rest, context.chats = None, 0, False, []


def _chat_rest(context: Context, event: Event, out: list[Interval]) -> None:
    context.chat_rest = True
    _settle_chat(context, event.at, out)


def _chat_resume(context: Context, event: Event, out: list[Interval]) -> None:
    context.chat_rest = False
    _settle_chat(context, event.at, out)


def _chat_opened(context: Context, event: Event, out: list[Interval]) -> None:
    chat = event.data["chat"]
    if chat not in context.chats:
        context.chats.append(chat)
    _settle_chat(context, event.at, out)


def _chat_closed(context: Context, event: Event, out: list[Interval]) -> None:
    chat = event.data["chat"]
    if chat in context.chats:
        context.chats.remove(chat)
        _settle_chat(context, event.at, out)


Handler = Callable[[Context, Event, list[Interval]], None]

STATE_HANDLERS: dict[str, Handler] = {
    "octui.phone.login": _log_in_phone,
    "octui.phone.logout": _log_out_phone,
    "octui.phone.state": _enter_state,
    "octui.chat.login": _chat_login,
    "octui.chat.logout": _chat_logout,
    "octui.chat.rest": _chat_rest,
    "octui.chat.resume": _chat_resume,
    "octui.chat.opened": _chat_opened,
    "octui.chat.closed": _chat_closed,
}
"""Handler of each event type of octui; queue_log_rules.py has those of queue_log."""


def channel_of(kind: str) -> str:
    """Return the channel an event type belongs to."""
    return CHAT if kind.startswith("octui.chat.") else PHONE


def fold_events(context: Context, events: Iterable[Event], apply: dict[str, Handler]) -> tuple[Context, list[Interval]]:
    """Return the context after these events, and the intervals they closed; `context` is not changed.

    `events` are in order. `apply` is `queue_log_rules.EVENT_HANDLERS`. Raises KeyError for a type it does not name.
    """
    after = context.copy()
    out: list[Interval] = []
    for event in events:
        apply[event.type](after, event, out)
    return after, out
