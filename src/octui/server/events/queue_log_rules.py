"""Interpret Asterisk's queue_log: what each event changes in an agent's states (rules.md, "Real call data").

The log leaves some cases open. They are decided here:

* An agent is logged in while a member of any queue, or between AGENTLOGIN and AGENTLOGOFF, which also ends all
  memberships. CONNECT, PAUSE and UNPAUSE of an agent who is not logged in prove a membership older than the log, so
  they log in first. RINGNOANSWER and the end of a call do not, because they may follow a REMOVEMEMBER.
* An agent is paused when paused in every queue they are a member of; the state is that of the latest reason. When
  paused in some queues only, calls still come in: ready.
* Ringing (shown as other) lies before CONNECT and RINGNOANSWER, as long as the log says it rang, but never before the
  agent's last change and never in another call.
* A transfer is counted when the log reports it, and takes no time; the consultation before it is part of the call. If
  a CTI has reported the state transfer for this call, it is not counted again.
* PAUSEALL pauses every queue at once; the single PAUSEs that follow within two seconds only give a better reason.
* A key press or a CTI's state event holds until the pause of the queues changes.
"""

from octui.schema.stats import PhoneState
from octui.server.events.timeline_rules import (
    HOLD,
    INBOUND,
    OTHER,
    READY,
    RINGING,
    STATE_HANDLERS,
    TRANSFER,
    Context,
    Event,
    Handler,
    Interval,
    count_talk_once,
    is_on_call,
    log_in,
    log_out,
    switch_state,
)

PREFIX = "octui.queue."
RESTART = PREFIX + "QUEUESTART"
"""Event that concerns all agents of the service."""
QUEUE_ONLY = frozenset(
    PREFIX + name for name in ("ENTERQUEUE", "ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY")
)
"""Events of a queue that change no agent, stored for the wallboard."""
_REST = PhoneState.REST.value
_SINGLE_PAUSES_FOLLOW_MS = 2000


def _pause_state(context: Context) -> str:
    """Return the state of the pause, or "" when calls still come in."""
    if not context.queues or not all(context.queues.values()):
        return ""
    return next(reversed(context.queues.values()))


def _settle_state(context: Context, at: int, before: str, out: list[Interval]) -> None:
    """After a change of memberships or pauses, log in if necessary, and enter the new pause or ready."""
    after = _pause_state(context)
    if context.state is None:
        log_in(context, at, out)
        context.idle = after or READY
        switch_state(context, at, context.idle, None, True, out)
    elif after != before:
        context.idle = after or READY
        if not is_on_call(context) and context.state != context.idle:
            switch_state(context, at, context.idle, None, True, out)


def _add_member(context: Context, event: Event, out: list[Interval]) -> None:
    before = _pause_state(context)
    queue = event.data["queue"]
    context.queues.pop(queue, None)
    context.queues[queue] = _REST if event.data["args"][:1] == ["PAUSED"] else ""
    _settle_state(context, event.at, before, out)


def _remove_member(context: Context, event: Event, out: list[Interval]) -> None:
    if context.state is None:
        return
    before = _pause_state(context)
    context.queues.pop(event.data["queue"], None)
    if context.queues or context.signed:
        _settle_state(context, event.at, before, out)
    else:
        log_out(context, event.at, out)


def _agent_login(context: Context, event: Event, out: list[Interval]) -> None:
    before = _pause_state(context)
    context.signed = True
    _settle_state(context, event.at, before, out)


def _agent_logoff(context: Context, event: Event, out: list[Interval]) -> None:
    log_out(context, event.at, out)


def _pause_queue(context: Context, event: Event, out: list[Interval]) -> None:
    queue = event.data["queue"]
    if not queue:
        _pause_all(context, event, out)
        return
    before = _pause_state(context)
    context.queues.pop(queue, None)
    context.queues[queue] = state = event.data["state"]
    follows_all = context.all_at is not None and event.at - context.all_at <= _SINGLE_PAUSES_FOLLOW_MS
    if follows_all and context.since == context.all_at and context.state == before:
        context.idle = context.state = _pause_state(context) or state
        return
    _settle_state(context, event.at, before, out)


def _unpause_queue(context: Context, event: Event, out: list[Interval]) -> None:
    queue = event.data["queue"]
    if not queue:
        _unpause_all(context, event, out)
        return
    before = _pause_state(context)
    context.queues[queue] = ""
    context.all_at = None
    _settle_state(context, event.at, before, out)


def _pause_all(context: Context, event: Event, out: list[Interval]) -> None:
    # Without known memberships, only the single PAUSEs that follow tell which queues are paused.
    if not context.queues:
        return
    before = _pause_state(context)
    state = event.data["state"]
    if event.data["args"][:1] in ([], [""]):  # Asterisk gives the reason in the single PAUSEs.
        context.queues = {queue: paused or state for queue, paused in context.queues.items()}
    else:
        context.queues = dict.fromkeys(context.queues, state)
    _settle_state(context, event.at, before, out)
    context.all_at = event.at


def _unpause_all(context: Context, event: Event, out: list[Interval]) -> None:
    if not context.queues:
        return
    before = _pause_state(context)
    context.queues = dict.fromkeys(context.queues, "")
    context.all_at = None
    _settle_state(context, event.at, before, out)


def _add_ringing(context: Context, ring_ms: int, at: int, call: str | None, out: list[Interval]) -> None:
    start = max(context.since, at - ring_ms)
    if start < at and not is_on_call(context):
        switch_state(context, start, OTHER, call, True, out)
        context.phase = RINGING


def _connect_call(context: Context, event: Event, out: list[Interval]) -> None:
    call, queue = event.data["call"], event.data["queue"]
    if queue and queue not in context.queues:
        before = _pause_state(context)
        context.queues = {queue: "", **context.queues}
        # The call changes the state; the membership only changes the state after it.
        if before and not _pause_state(context):
            context.idle = READY
    if context.state is None:
        log_in(context, event.at, out)
        context.signed = context.signed or not queue
    else:
        _add_ringing(context, event.data["ring_ms"], event.at, call, out)
    counted = count_talk_once(context, INBOUND, call) if call is not None else True
    if context.state == INBOUND and call is not None and call == context.call:
        return
    switch_state(context, event.at, INBOUND, call, counted, out)


def _is_on_this_call(context: Context, call: str | None) -> bool:
    queued = context.state in (INBOUND, TRANSFER) or context.phase == HOLD
    return queued and (call is None or context.call is None or call == context.call)


def _complete_call(context: Context, event: Event, out: list[Interval]) -> None:
    if _is_on_this_call(context, event.data["call"]):
        switch_state(context, event.at, context.idle, None, True, out)


def _transfer_call(context: Context, event: Event, out: list[Interval]) -> None:
    if context.state is None:
        return
    call = event.data["call"]
    if _is_on_this_call(context, call):
        if context.state != TRANSFER:
            switch_state(context, event.at, TRANSFER, call, True, out)
        switch_state(context, event.at, context.idle, None, True, out)
        return
    # The transferred call is already over or unknown: count the transfer and return to the present state.
    state, running, phase = context.state, context.call, context.phase
    switch_state(context, event.at, TRANSFER, call, True, out)
    switch_state(context, event.at, state, running, False, out)
    context.phase = phase


def _ring_no_answer(context: Context, event: Event, out: list[Interval]) -> None:
    if context.state is None or is_on_call(context):
        return
    before = context.state
    _add_ringing(context, event.data["ring_ms"], event.at, event.data["call"], out)
    if context.phase == RINGING:
        switch_state(context, event.at, before, None, True, out)


EVENT_HANDLERS: dict[str, Handler] = {
    **STATE_HANDLERS,
    RESTART: _agent_logoff,
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
    PREFIX + "CONNECT": _connect_call,
    PREFIX + "COMPLETEAGENT": _complete_call,
    PREFIX + "COMPLETECALLER": _complete_call,
    PREFIX + "BLINDTRANSFER": _transfer_call,
    PREFIX + "ATTENDEDTRANSFER": _transfer_call,
    PREFIX + "TRANSFER": _transfer_call,
    PREFIX + "RINGNOANSWER": _ring_no_answer,
}
"""Handler of every event type that concerns an agent."""
