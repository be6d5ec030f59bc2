"""Rules that turn an agent's events into running states and closed intervals (rules.md 28–30, 37–46).

A fold over the agent's events in order; it knows no days, databases or clocks. The same events always give the same
intervals, so a late event needs only a replay.

Events change facts: the login, memberships, pauses, open calls, named states. What is shown follows from the facts
after each event (`show_state`), so that no event has to know what the others did. Before each event,
`end_expired_states` ends what the time since the last one has ended.

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
ASSUMED = "assumed"
"""State of the channel login where the login is not in the log (rules.md 39)."""
READY = PhoneState.READY.value
OTHER = PhoneState.OTHER.value
REST = PhoneState.REST.value
INBOUND = PhoneState.INBOUND_CALLS.value
OUTBOUND = PhoneState.OUTBOUND_CALLS.value
TRANSFER = PhoneState.TRANSFER.value
HOLD = "hold"
RINGING = "ringing"
DIALLING = "dialling"
UNCOUNTED_STATES = frozenset(("default", RINGING, DIALLING, HOLD))
"""States without a counter of their own, shown as other (rules.md 30)."""
PHONE_STATES = frozenset(state.value for state in PhoneState) | UNCOUNTED_STATES
NO_REASON = "-"
"""Pause without a reason, in place of the state that its reason means."""
NO_QUEUE = ""
"""Queue without a name, which stands for one not known yet (rules.md 37)."""
NO_CALL = "\n"
"""Key of the first open call without an ID; the next ones have one more. No call ID has a line feed."""
LONGEST_SILENCE_MS = 12 * 3_600_000
"""After so long without any event of the agent, calls are over (rules.md 40)."""
SERVER_LOGOUT = {"cause": "server"}
"""Data of a logout because a service was suspended or a role was taken away."""
ENDED = "e"
"""Key of a stored context under which is what the log has ended, for agents of whom it has ended something."""
_TALK = frozenset((INBOUND, OUTBOUND))
_CALL_STATES = _TALK | {TRANSFER, RINGING, DIALLING, HOLD}
_STATES_WITH_CALL = _TALK | {TRANSFER, HOLD}
_CALLS_REMEMBERED = 16
_FIELDS_OF_0_2 = 11
_make = tuple.__new__


class Event(NamedTuple):
    """Validated event of an agent. `at`: epoch ms. `data`: as in schema/events.py."""

    at: int
    type: str
    data: dict[str, Any]


class Interval(NamedTuple):
    """Closed stretch of one state, not yet split at midnight. `counted`: the state was entered at its start.

    `detail`: the state that is shown as other, "" for other states.
    """

    channel: str
    state: str
    start: int
    end: int
    counted: bool
    call: str | None
    detail: str = ""


@dataclass(slots=True)
class Context:
    """What is known of an agent between two events: login, queue memberships, pauses, open calls, running states."""

    # What is shown.
    state: str | None = None
    since: int = 0
    call: str | None = None
    counted: bool = False  # the state was entered at `since`; False: it continues a state counted before
    phase: str = ""  # the state shown as other
    unexplained: bool = False  # the state was entered as that of a pause that named no reason
    all_at: int | None = None  # the state was entered by a PAUSEALL at this time
    login: int = 0
    assumed: bool = False  # the running login began by an assumption
    # The facts it follows from.
    last_at: int = 0  # of the agent's last event
    signed: bool = False  # there is a login
    members: dict[str, bool] = field(default_factory=dict)  # queues; whether the log began the membership
    pauses: dict[str, str] = field(default_factory=dict)  # queues paused, in the order in which reasons were named
    paused_all: str = ""  # reason of the PAUSEALL in force; "": none is
    pause: str = ""  # state of the pause, "" without one: follows from the three above
    calls: dict[str, str] = field(default_factory=dict)  # open calls and their states, in the order of opening
    named: str = ""  # state named by key or CTI
    named_call: tuple[str, str | None] | None = None  # state of a call named by CTI, and the call
    counts: list[str] = field(default_factory=list)  # what was counted of which calls
    # What the log has ended.
    ended: set[str] = field(default_factory=set)  # queues
    ended_all: bool = False  # all queues but `members`
    # The chats.
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
            self.unexplained,
            self.all_at,
            self.login,
            self.assumed,
            self.last_at,
            self.signed,
            self.members.copy(),
            self.pauses.copy(),
            self.paused_all,
            self.pause,
            self.calls.copy(),
            self.named,
            self.named_call,
            self.counts.copy(),
            self.ended.copy(),
            self.ended_all,
            self.chat,
            self.chat_since,
            self.chat_rest,
            self.chats.copy(),
        )

    def as_json(self) -> str:
        """Return the context as JSON text, the same for equal contexts."""
        return to_json(self.as_data()).decode()

    def as_data(self) -> dict[str, Any]:
        """Return the context as JSON data, which `from_data` reads back."""
        data: dict[str, Any] = {}
        if self.state is not None:
            data["p"] = [
                self.state,
                self.since,
                self.call,
                self.counted,
                self.phase,
                self.unexplained,
                self.all_at,
                self.login,
                self.assumed,
                self.last_at,
                self.signed,
                self.members,
                self.pauses,
                self.paused_all,
                self.pause,
                self.calls,
                self.named,
                self.named_call,
                self.counts,
            ]
        if self.ended or self.ended_all:
            data[ENDED] = [self.ended_all, sorted(self.ended)]
        if self.chat is not None:
            data["c"] = [self.chat, self.chat_since, int(self.chat_rest), self.chats]
        return data

    @staticmethod
    def from_data(data: dict[str, Any]) -> "Context":
        """Return the context that `as_data` saved."""
        phone = data.get("p")
        if phone is None:
            context = Context()
        elif len(phone) == _FIELDS_OF_0_2:
            context = _context_of_0_2(phone)
        else:
            context = Context(*phone)
            if context.named_call is not None:
                state, call = context.named_call
                context.named_call = (state, call)  # a list in JSON
        if ENDED in data:
            context.ended_all, ended = data[ENDED]
            context.ended = set(ended)
        if "c" in data:
            context.chat, context.chat_since, rest, context.chats = data["c"]
            context.chat_rest = bool(rest)
        return context


def _context_of_0_2(values: list[Any]) -> Context:
    """Convert a context stored by version 0.2.0: every queue membership counts as begun by a log event."""
    state, since, call, counted, phase, login, signed, idle, queues, all_at, counts = values
    context = Context(state, since, call, bool(counted), phase, login=login, last_at=since, signed=bool(signed))
    context.counts = counts
    context.members = {queue: True for queue, _ in queues}
    context.pauses = {queue: reason for queue, reason in queues if reason}
    context.paused_all = NO_REASON if all_at is not None and context.pauses else ""
    context.pause = pause_reason(context)
    if idle != (shown_pause(context.pause) or READY):
        context.named = idle
    if state == INBOUND:
        context.calls = {NO_CALL if call is None else call: INBOUND}
    elif state in _CALL_STATES or phase in _CALL_STATES:
        context.named_call = (phase or state, call)
    return context


def pause_reason(context: Context) -> str:
    """Return the phone state of the current pause, NO_REASON for a pause without a reason, "" without a pause."""
    if context.paused_all:
        if context.paused_all != NO_REASON:
            return context.paused_all
    elif not context.members or len(context.pauses) != len(context.members):
        return ""
    return next((reason for reason in reversed(context.pauses.values()) if reason != NO_REASON), NO_REASON)


def shown_pause(reason: str) -> str:
    """Return the phone state in which a pause with this reason is shown."""
    return REST if reason == NO_REASON else reason


def update_pause(context: Context) -> None:
    """Recalculate the pause after queue memberships or pauses changed; a change ends a state named by key or CTI."""
    before, after = context.pause, pause_reason(context)
    if after == before:
        return
    context.pause = after
    if after != NO_REASON:
        context.unexplained = False
    if shown_pause(before) != shown_pause(after):
        context.named = ""


def switch_state(
    context: Context, at: int, state: str | None, call: str | None, counted: bool, out: list[Interval]
) -> None:
    """End the running phone state at `at` and enter another, or none."""
    since, counted_before = context.since, context.counted
    if context.state is not None and (at > since or counted_before):
        # A named tuple made in this way costs half as much.
        out.append(_make(Interval, (PHONE, context.state, since, at, counted_before, context.call, context.phase)))
    context.state = state
    context.since = at
    context.call = call
    context.counted = counted
    context.phase = ""
    context.unexplained = False
    context.all_at = None


def log_out(context: Context, at: int, out: list[Interval]) -> None:
    """Log the agent out of phone: end the running state, calls, memberships and pauses."""
    if context.state is None:
        return
    switch_state(context, at, None, None, False, out)
    out.append(Interval(LOGIN, ASSUMED if context.assumed else LOGGED_IN, context.login, at, True, None))
    context.since = context.login = context.last_at = 0
    context.assumed = context.signed = False
    context.members, context.pauses, context.paused_all, context.pause = {}, {}, "", ""
    context.calls, context.named, context.named_call, context.counts = {}, "", None, []


def shown_call(calls: dict[str, str]) -> str:
    """Return the open call that decides the state: inbound before outbound before dialling, the latest of several."""
    last = next(reversed(calls))
    if calls[last] == INBOUND:
        return last
    for state in (INBOUND, OUTBOUND):
        for call in reversed(calls):
            if calls[call] == state:
                return call
    return last


def _state_of_calls(context: Context) -> tuple[str, str | None]:
    """Return the phone state that the open calls, or a key or a CTI, give, and the call that decides it."""
    if not context.calls:
        return context.named, None
    call = shown_call(context.calls)
    return context.calls[call], None if call[0] == NO_CALL else call


def show_state(context: Context, at: int, out: list[Interval], enter: bool = False) -> bool:
    """Enter the phone state that follows from the context, logging in or out; return whether a state was entered.

    Talk counts only if `enter`, which also enters the state that is shown already; other states always count.
    """
    if not (context.members or context.signed or context.calls or _is_call_named(context)):
        log_out(context, at, out)
        return False
    call, phase, by_pause = None, "", False
    if context.named_call is None and not context.calls and not context.named:
        by_pause = context.pause == NO_REASON
        state = REST if by_pause else context.pause or READY
    else:
        state, call = _state_of_calls(context) if context.named_call is None else context.named_call
        if state in UNCOUNTED_STATES:
            state, phase = OTHER, state
    if context.state is None:
        context.login = at
        context.assumed = not context.signed and bool(context.members) and not any(context.members.values())
    elif state == context.state and not enter:
        of_call = state in _TALK or state == TRANSFER
        if not of_call or call is None or context.call is None or call == context.call:
            context.phase, context.call = phase, call
            return False
    switch_state(context, at, state, call, enter or state not in _TALK, out)
    context.phase, context.unexplained = phase, by_pause
    return True


def _is_call_named(context: Context) -> bool:
    """Return whether a CTI has named the state of a call: talk, hold or transfer."""
    return context.named_call is not None and context.named_call[0] in _STATES_WITH_CALL


def rests_on_assumption(context: Context) -> bool:
    """Return whether an agent counts as logged in only by assumed queue memberships (rules.md 39)."""
    return not (
        context.state is None
        or context.signed
        or context.calls
        or _is_call_named(context)
        or any(context.members.values())
    )


def assumed_until(context: Context) -> int | None:
    """Return the last time that an event shows an assumed login, or None for a login shown by its own event."""
    return context.last_at if rests_on_assumption(context) else None


def end_expired_states(context: Context, at: int, day_start: int, out: list[Interval]) -> None:
    """End calls silent for 12 hours, and assumed logins of earlier days, as of `at` (rules.md 39, 40)."""
    if (context.calls or context.named_call is not None) and at - context.last_at >= LONGEST_SILENCE_MS:
        context.calls, context.named_call = {}, None
        show_state(context, context.last_at, out)
    if context.last_at < day_start and rests_on_assumption(context):
        log_out(context, context.last_at, out)


def context_at(context: Context, at: int, day_start: int) -> tuple[Context, list[Interval]]:
    """Return an agent's context at a time without an event, and the intervals closed by timeout until then."""
    after = context.copy()
    out: list[Interval] = []
    end_expired_states(after, at, day_start, out)
    return after, out


def count_once(context: Context, state: str, call: str) -> bool:
    """Return whether this call is new in a state (talk or transfer), and mark it as counted."""
    mark = f"{state[0]}:{call}"
    if mark in context.counts:
        return False
    context.counts.append(mark)
    if len(context.counts) > _CALLS_REMEMBERED:
        del context.counts[0]
    return True


def is_counted(context: Context, state: str, call: str | None) -> bool:
    """Return whether a call has been counted in this state since the login."""
    return f"{state[0]}:{call}" in context.counts


def begin_login(context: Context) -> None:
    """Mark the agent as logged in by an event, and clear the list of ended queue memberships."""
    context.signed = True
    context.ended, context.ended_all = set(), False


def _name_call_state(context: Context, raw: str, call: str | None) -> bool:
    """Store the call state that a CTI names; return whether it begins talk to be counted (rules.md 45)."""
    enter = False
    is_shown = context.state == raw and (call is None or context.call is None or call == context.call)
    if is_shown or (call is None and (raw == HOLD or (raw in _TALK and context.phase == HOLD))):
        call = context.call if call is None else call
        if call is not None and raw != HOLD:
            count_once(context, raw, call)
    elif raw in _TALK:
        enter = call is None or count_once(context, raw, call)
    elif raw == TRANSFER and call is not None:
        count_once(context, raw, call)
    context.named_call = (raw, call)
    return enter


def name_state(context: Context, at: int, raw: str, call: str | None, out: list[Interval]) -> None:
    """Enter a phone state that the agent's key or a CTI names (rules.md 45)."""
    enter = False
    if raw in _CALL_STATES:
        if context.state is None:
            begin_login(context)
        enter = _name_call_state(context, raw, call)
    else:
        context.calls, context.named_call, context.named = {}, None, raw
        if context.state is None or not (context.signed or context.members):
            begin_login(context)
    show_state(context, at, out, enter)


def _log_in_phone(context: Context, event: Event, out: list[Interval]) -> None:
    state = event.data.get("state")
    if state is not None:
        name_state(context, event.at, state, event.data.get("call"), out)
    begin_login(context)
    show_state(context, event.at, out)


def _log_out_phone(context: Context, event: Event, out: list[Interval]) -> None:
    """Log out of phone; no membership is assumed afterwards, unless suspension or a lost role is the cause."""
    if event.data == SERVER_LOGOUT:
        restart_agent(context, event, out)
        return
    log_out(context, event.at, out)
    context.ended, context.ended_all = set(), True


def restart_agent(context: Context, event: Event, out: list[Interval]) -> None:
    """Log an agent out after a PBX restart or by the server, so that memberships may be assumed again."""
    log_out(context, context.last_at if rests_on_assumption(context) else event.at, out)
    context.ended, context.ended_all = set(), False


def _enter_state(context: Context, event: Event, out: list[Interval]) -> None:
    name_state(context, event.at, event.data["state"], event.data.get("call"), out)


def _update_chat(context: Context, at: int, out: list[Interval]) -> None:
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
    _update_chat(context, event.at, out)


def _chat_logout(context: Context, event: Event, out: list[Interval]) -> None:
    if context.chat is not None:
        out.append(Interval(CHAT, context.chat, context.chat_since, event.at, True, None))
    context.chat, context.chat_since, context.chat_rest, context.chats = None, 0, False, []


def _chat_rest(context: Context, event: Event, out: list[Interval]) -> None:
    context.chat_rest = True
    _update_chat(context, event.at, out)


def _chat_resume(context: Context, event: Event, out: list[Interval]) -> None:
    context.chat_rest = False
    _update_chat(context, event.at, out)


def _chat_opened(context: Context, event: Event, out: list[Interval]) -> None:
    chat = event.data["chat"]
    if chat not in context.chats:
        context.chats.append(chat)
    _update_chat(context, event.at, out)


def _chat_closed(context: Context, event: Event, out: list[Interval]) -> None:
    chat = event.data["chat"]
    if chat in context.chats:
        context.chats.remove(chat)
        _update_chat(context, event.at, out)


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
    """Return the channel (phone or chat) that an event type belongs to."""
    return CHAT if kind.startswith("octui.chat.") else PHONE


_CHAT_TYPES = frozenset(kind for kind in STATE_HANDLERS if channel_of(kind) == CHAT)


def fold_events(
    context: Context, events: Iterable[Event], apply: dict[str, Handler], day_start: int
) -> tuple[Context, list[Interval]]:
    """Return the context after these events, and the intervals that they closed; `context` is not changed.

    `events` are in order and of one day of the service, which began at `day_start`. `apply` is
    `queue_log_rules.EVENT_HANDLERS`. Raises KeyError for a type it does not name.
    """
    after = context.copy()
    out: list[Interval] = []
    for event in events:
        at, kind, _ = event
        if kind in _CHAT_TYPES:
            apply[kind](after, event, out)
            continue
        if after.state is not None:
            last = after.last_at
            if last < day_start or at - last >= LONGEST_SILENCE_MS:
                end_expired_states(after, at, day_start, out)
        apply[kind](after, event, out)
        if after.state is not None:
            after.last_at = at
    return after, out
