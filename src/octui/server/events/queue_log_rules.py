"""Rules that read Asterisk's queue_log: how each event changes an agent's context (rules.md 37–46)."""

from octui.server.events.timeline_rules import (
    DIALLING,
    HOLD,
    INBOUND,
    NO_CALL,
    NO_QUEUE,
    NO_REASON,
    OTHER,
    OUTBOUND,
    PHONE,
    REST,
    RINGING,
    STATE_HANDLERS,
    TRANSFER,
    Context,
    Event,
    Handler,
    Interval,
    begin_login,
    count_once,
    is_counted,
    restart_agent,
    show_state,
    shown_call,
    switch_state,
    update_pause,
)

PREFIX = "octui.queue."
CALL_PREFIX = "octui.call."
RESTART = PREFIX + "QUEUESTART"
"""Event that concerns all agents of the service."""
QUEUE_ONLY = frozenset(
    PREFIX + name for name in ("ENTERQUEUE", "ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY")
)
"""Events of a queue that change no agent, stored for the wallboard."""
_SINGLE_PAUSES_FOLLOW_MS = 2000
_ENDED_BY_QUEUE = frozenset((INBOUND, TRANSFER, HOLD))
_ENDED_BY_HANGUP = frozenset((OUTBOUND, TRANSFER, HOLD))


def _reason_of(event: Event) -> str:
    """Return the phone state that a pause event's reason means, or NO_REASON without a reason."""
    data = event.data
    args, state = data["args"], data["state"]
    return str(state) if state != REST or (args and args[0].strip()) else NO_REASON


def _assume_member(context: Context, queue: str) -> bool:
    """Make the agent an assumed member of the queue unless that was ended; return whether a member now."""
    if queue in context.members:
        return True
    if context.ended_all or queue in context.ended:
        return False
    _forget_queue(context, NO_QUEUE)
    context.members[queue] = False
    return True


def _assume_nameless(context: Context) -> bool:
    """Make an agent an assumed member of an unnamed queue if no membership ended; return whether logged in."""
    if context.state is None and not context.ended_all and not context.ended:
        context.members[NO_QUEUE] = False
        return True
    return context.state is not None


def _forget_queue(context: Context, queue: str) -> None:
    context.members.pop(queue, None)
    context.pauses.pop(queue, None)


def _add_member(context: Context, event: Event, out: list[Interval]) -> None:
    queue = event.data["queue"]
    _forget_queue(context, NO_QUEUE)
    context.members[queue] = True
    context.ended.discard(queue)
    if event.data["args"][:1] == ["PAUSED"]:
        context.pauses[queue] = NO_REASON
    else:
        context.pauses.pop(queue, None)
        context.paused_all = ""
    update_pause(context)
    show_state(context, event.at, out)


def _remove_member(context: Context, event: Event, out: list[Interval]) -> None:
    queue = event.data["queue"]
    _forget_queue(context, queue)
    _forget_queue(context, NO_QUEUE)
    if not context.ended_all:
        context.ended.add(queue)
    update_pause(context)
    show_state(context, event.at, out)


def _agent_login(context: Context, event: Event, out: list[Interval]) -> None:
    begin_login(context)
    show_state(context, event.at, out)


def _agent_logoff(context: Context, event: Event, out: list[Interval]) -> None:
    context.signed, context.members, context.pauses = False, {}, {}
    context.ended, context.ended_all = set(), True
    update_pause(context)
    show_state(context, event.at, out)


def _pause_queue(context: Context, event: Event, out: list[Interval]) -> None:
    queue = event.data["queue"]
    if not queue:
        _pause_all(context, event, out)
        return
    if not _assume_member(context, queue):
        return
    reason = _reason_of(event)
    if reason != NO_REASON:
        context.pauses.pop(queue, None)
        context.pauses[queue] = reason
        if context.paused_all:
            context.paused_all = reason
            entered = context.all_at
            if entered is not None and event.at - entered <= _SINGLE_PAUSES_FOLLOW_MS:
                context.state = reason
    elif not (context.paused_all and queue in context.pauses):
        context.pauses[queue] = NO_REASON
    update_pause(context)
    show_state(context, event.at, out)


def _unpause_queue(context: Context, event: Event, out: list[Interval]) -> None:
    queue = event.data["queue"]
    if not queue:
        _unpause_all(context, event, out)
        return
    if context.state is None:
        return
    if _assume_member(context, queue):
        context.pauses.pop(queue, None)
    context.paused_all = ""
    update_pause(context)
    show_state(context, event.at, out)


def _pause_all(context: Context, event: Event, out: list[Interval]) -> None:
    if not _assume_nameless(context):
        return
    reason = _reason_of(event)
    if reason != NO_REASON:
        context.paused_all = reason
        context.pauses = dict.fromkeys(context.members, reason)
    else:
        context.paused_all = context.paused_all or NO_REASON
        for queue in context.members:
            context.pauses.setdefault(queue, NO_REASON)
    update_pause(context)
    context.all_at = None
    if show_state(context, event.at, out):
        context.all_at = event.at


def _unpause_all(context: Context, event: Event, out: list[Interval]) -> None:
    if context.state is None:
        return
    context.pauses, context.paused_all = {}, ""
    update_pause(context)
    show_state(context, event.at, out)


def _name_reason(context: Context, event: Event, out: list[Interval]) -> None:
    reason = _reason_of(event)
    if not context.pause or reason == NO_REASON:
        return
    if context.unexplained:
        context.state = reason
    context.pauses = dict.fromkeys(context.pauses, reason)
    if context.paused_all:
        context.paused_all = reason
    update_pause(context)
    show_state(context, event.at, out)


def _add_ringing(context: Context, ring_ms: int, at: int, call: str | None, out: list[Interval]) -> bool:
    """Insert a ringing state of `ring_ms` before `at` if rules.md 41 allows it; return whether it was inserted."""
    start = max(context.since, at - ring_ms)
    if context.state in (None, OTHER) or start >= at or context.calls or context.named_call is not None:
        return False
    switch_state(context, start, OTHER, call, True, out)
    context.phase = RINGING
    return True


def _connect_call(context: Context, event: Event, out: list[Interval]) -> None:
    call, queue = event.data["call"], event.data["queue"]
    is_open = call is not None and context.calls.get(call) == INBOUND
    named = context.named_call
    is_named = named is not None and call is not None and named[1] == call and named[0] in _ENDED_BY_QUEUE
    _add_ringing(context, event.data["ring_ms"], event.at, call, out)
    if not queue:
        _assume_nameless(context)
    elif queue not in context.members and _assume_member(context, queue):
        if context.paused_all:
            context.pauses[queue] = NO_REASON
        update_pause(context)
    context.named_call = None
    if call is None:
        count = sum(each_call.startswith(NO_CALL) for each_call in context.calls)
        context.calls[NO_CALL * (count + 1)] = INBOUND
    elif not is_open:
        context.calls.pop(call, None)
        context.calls[call] = INBOUND
        count_once(context, INBOUND, call)
    if is_open or is_named or context.state is None:
        show_state(context, event.at, out, not is_open and not is_named)
    else:
        switch_state(context, event.at, INBOUND, call, True, out)


def _last_call(context: Context, prefix: str = "") -> str | None:
    """Return the inbound call opened last whose key begins with `prefix`, or None."""
    calls = context.calls
    return next((call for call in reversed(calls) if calls[call] == INBOUND and call.startswith(prefix)), None)


def _end_call(context: Context, call: str | None) -> None:
    """End a call from a queue, and the state that a CTI named for that call (rules.md 40, 45)."""
    if call is None:
        ended = _last_call(context)
    else:
        ended = call if context.calls.get(call) == INBOUND else _last_call(context, NO_CALL)
    if ended is not None:
        del context.calls[ended]
    named = context.named_call
    if named is not None and named[0] in _ENDED_BY_QUEUE and (call is None or named[1] is None or named[1] == call):
        context.named_call = None


def _complete_call(context: Context, event: Event, out: list[Interval]) -> None:
    if context.state is not None:
        _end_call(context, event.data["call"])
        show_state(context, event.at, out)


def _transfer_call(context: Context, event: Event, out: list[Interval]) -> None:
    if context.state is None:
        return
    call = event.data["call"]
    named = context.named_call
    is_named = named is not None and named[0] == TRANSFER and (call is None or named[1] is None or named[1] == call)
    if call is not None and is_counted(context, TRANSFER, call):
        context.counts.remove(f"{TRANSFER[0]}:{call}")
        is_named = True
    _end_call(context, call)
    show_state(context, event.at, out)
    if not is_named:
        out.append(Interval(PHONE, TRANSFER, event.at, event.at, True, call))


def _ring_no_answer(context: Context, event: Event, out: list[Interval]) -> None:
    if _add_ringing(context, event.data["ring_ms"], event.at, event.data["call"], out):
        show_state(context, event.at, out)


def _dial(context: Context, event: Event, out: list[Interval]) -> None:
    call = event.data["call"]
    if call not in context.calls and not is_counted(context, INBOUND, call):
        context.calls[call] = DIALLING
        show_state(context, event.at, out)


def _answer(context: Context, event: Event, out: list[Interval]) -> None:
    call = event.data["call"]
    if context.calls.get(call, DIALLING) != DIALLING or is_counted(context, INBOUND, call):
        return
    is_consultation = INBOUND in context.calls.values()
    context.calls[call] = OUTBOUND
    counted = count_once(context, OUTBOUND, call) and not is_consultation
    is_shown = context.named_call is None and shown_call(context.calls) == call
    show_state(context, event.at, out, counted and is_shown)
    if counted and not is_shown:
        out.append(Interval(PHONE, OUTBOUND, event.at, event.at, True, call))


def _hang_up(context: Context, event: Event, out: list[Interval]) -> None:
    call = event.data["call"]
    if context.calls.get(call) in (OUTBOUND, DIALLING):
        del context.calls[call]
    named = context.named_call
    if named is not None and named[0] in _ENDED_BY_HANGUP and named[1] == call:
        context.named_call = None
    show_state(context, event.at, out)


CALL_HANDLERS: dict[str, Handler] = {
    CALL_PREFIX + "dialled": _dial,
    CALL_PREFIX + "answered": _answer,
    CALL_PREFIX + "ended": _hang_up,
}
"""Handler of each event of an outbound call, from a CDR or CEL (rules.md 46)."""

EVENT_HANDLERS: dict[str, Handler] = {
    **STATE_HANDLERS,
    **CALL_HANDLERS,
    RESTART: restart_agent,
    PREFIX + "ADDMEMBER": _add_member,
    PREFIX + "REMOVEMEMBER": _remove_member,
    PREFIX + "AGENTLOGIN": _agent_login,
    PREFIX + "AGENTCALLBACKLOGIN": _agent_login,
    PREFIX + "AGENTLOGOFF": _agent_logoff,
    PREFIX + "AGENTCALLBACKLOGOFF": _agent_logoff,
    PREFIX + "PAUSE": _pause_queue,
    PREFIX + "UNPAUSE": _unpause_queue,
    PREFIX + "PAUSEALL": _pause_all,
    PREFIX + "UNPAUSEALL": _unpause_all,
    PREFIX + "PAUSEREASON": _name_reason,
    PREFIX + "CONNECT": _connect_call,
    PREFIX + "COMPLETEAGENT": _complete_call,
    PREFIX + "COMPLETECALLER": _complete_call,
    PREFIX + "BLINDTRANSFER": _transfer_call,
    PREFIX + "ATTENDEDTRANSFER": _transfer_call,
    PREFIX + "TRANSFER": _transfer_call,
    PREFIX + "RINGNOANSWER": _ring_no_answer,
}
"""Handler of every event type that concerns an agent."""
