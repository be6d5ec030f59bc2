"""The mutants: one place of the rules' text each, and what it is changed to."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """A change of one place in a module's text, named by the rule it breaks."""

    rule: str
    module: str
    text: str
    instead: str


def _in(module: str, *changes: tuple[str, str, str]) -> tuple[Mutant, ...]:
    return tuple(Mutant(rule, module, text, instead) for rule, text, instead in changes)


MUTANTS = (
    *_in(
        "timeline_rules",
        ("30 what is shown as other", "DIALLING, HOLD))\n", "DIALLING))\n"),
        (
            "37 a login lifts what has ended",
            "signed = True\n    context.ended, context.ended_all = set(), False",
            "signed = True",
        ),
        (
            "37 a key logs in who has no membership",
            "if context.state is None or not (context.signed or context.members):",
            "if context.state is None:",
        ),
        (
            "38 a logout by key ends all queues",
            "    log_out(context, event.at, out)\n    context.ended, context.ended_all = set(), True",
            "    log_out(context, event.at, out)",
        ),
        (
            "38 a logout by the server ends no queue",
            "        restart_agent(context, event, out)\n        return\n",
            "        pass\n",
        ),
        (
            "38 a restart forgets what has ended",
            "else event.at, out)\n    context.ended, context.ended_all = set(), False",
            "else event.at, out)",
        ),
        (
            "39 a restart and an assumed presence",
            "context.last_at if rests_on_assumption(context) else event.at",
            "event.at",
        ),
        (
            "38 a named talk keeps logged in",
            " or context.calls or _is_call_named(context)):\n        log_out",
            " or context.calls):\n        log_out",
        ),
        (
            "39 the last event of the day",
            "        log_out(context, context.last_at, out)\n\n",
            "        log_out(context, day_start, out)\n\n",
        ),
        ("39 a logged membership is no assumption", "        or any(context.members.values())\n    )", "    )"),
        (
            "39 a call is no assumption",
            "        or context.calls\n        or _is_call_named",
            "        or _is_call_named",
        ),
        (
            "39 which stretch is assumed",
            "not context.signed and bool(context.members) and not any(",
            "not context.signed and not any(",
        ),
        ("40 12 hours", "12 * 3_600_000", "13 * 3_600_000"),
        (
            "40 12 hours or more",
            "context.named_call is not None) and at - context.last_at >= LONGEST",
            "context.named_call is not None) and at - context.last_at > LONGEST",
        ),
        (
            "40 the calls are over at the last event",
            "show_state(context, context.last_at, out)",
            "show_state(context, at, out)",
        ),
        ("40 going on with an earlier call", "enter or state not in _TALK, out)", "True, out)"),
        ("42 paused in every queue", "len(context.pauses) != len(context.members)", "not context.pauses"),
        ("43 the reason named last", "reversed(context.pauses.values())", "context.pauses.values()"),
        (
            "43 a reason that was named is not named backwards",
            "    if after != NO_REASON:\n        context.unexplained = False\n",
            "",
        ),
        (
            "45 a key says that no call is open",
            "context.calls, context.named_call, context.named = {}, None, raw",
            "context.named_call, context.named = None, raw",
        ),
        (
            "45 a change of the pause ends what is named",
            '    if shown_pause(before) != shown_pause(after):\n        context.named = ""\n',
            "",
        ),
        (
            "45 a talk counts once",
            "if mark in context.counts:\n        return False",
            "if mark in context.counts:\n        return True",
        ),
        (
            "45 hold without an ID",
            "(raw == HOLD or (raw in _TALK and context.phase == HOLD))",
            "(raw in _TALK and context.phase == HOLD)",
        ),
        ("45 talk after hold", "(raw == HOLD or (raw in _TALK and context.phase == HOLD))", "raw == HOLD"),
        ("46 inbound first", "    for state in (INBOUND, OUTBOUND):", "    for state in (OUTBOUND, INBOUND):"),
        (
            "29 a break comes before chats",
            "    if context.chat_rest:\n        state = ChatState.REST",
            "    if context.chat_rest and not context.chats:\n        state = ChatState.REST",
        ),
    ),
    *_in(
        "queue_log_rules",
        ("37 REMOVEMEMBER ends one queue", "if context.ended_all or queue in context.ended:", "if context.ended_all:"),
        (
            "37 AGENTLOGOFF ends all queues",
            "if context.ended_all or queue in context.ended:",
            "if queue in context.ended:",
        ),
        (
            "37 an assumed membership is not logged",
            "    context.members[queue] = False\n",
            "    context.members[queue] = True\n",
        ),
        (
            "37 no nameless queue once something has ended",
            "not context.ended_all and not context.ended:",
            "not context.ended_all:",
        ),
        (
            "37 the queue without a name is gone",
            "        return False\n    _forget_queue(context, NO_QUEUE)\n",
            "        return False\n",
        ),
        (
            "37 UNPAUSE logs nobody in",
            "    if context.state is None:\n        return\n    if _assume_member(context, queue):",
            "    if _assume_member(context, queue):",
        ),
        ("38 REMOVEMEMBER is remembered", "    if not context.ended_all:\n        context.ended.add(queue)\n", ""),
        ("38 AGENTLOGOFF is remembered", "    context.ended, context.ended_all = set(), True\n", ""),
        (
            "38 AGENTLOGOFF ends the login",
            "context.signed, context.members, context.pauses = False, {}, {}",
            "context.members, context.pauses = {}, {}",
        ),
        ("40 the call opened last", "(call for call in reversed(calls) if", "(call for call in calls if"),
        ("40 an end of another call ends none", "else _last_call(context, NO_CALL)", "else _last_call(context)"),
        ("40 an end of another call ends one without an ID", "else _last_call(context, NO_CALL)", "else None"),
        (
            "40 a call the CTI has named",
            "    if is_open or is_named or context.state is None:\n"
            "        show_state(context, event.at, out, not is_open and not is_named)",
            "    if is_open or context.state is None:\n        show_state(context, event.at, out, not is_open)",
        ),
        ("41 ringing never before the present state", "max(context.since, at - ring_ms)", "at - ring_ms"),
        ("41 no ringing in a call", "or start >= at or context.calls or", "or start >= at or"),
        (
            "42 ADDMEMBER ends a PAUSEALL",
            '        context.paused_all = ""\n    update_pause(context)\n'
            "    show_state(context, event.at, out)\n\n\ndef _remove",
            "    update_pause(context)\n    show_state(context, event.at, out)\n\n\ndef _remove",
        ),
        (
            "42 UNPAUSE ends a PAUSEALL",
            '        context.pauses.pop(queue, None)\n    context.paused_all = ""\n',
            "        context.pauses.pop(queue, None)\n",
        ),
        (
            "42 UNPAUSEALL frees every queue",
            '    context.pauses, context.paused_all = {}, ""\n',
            '    context.paused_all = ""\n',
        ),
        (
            "42 CONNECT under a PAUSEALL",
            "        if context.paused_all:\n            context.pauses[queue] = NO_REASON\n",
            "",
        ),
        (
            "42 PAUSEALL pauses all queues",
            "            context.pauses.setdefault(queue, NO_REASON)\n",
            "            pass\n",
        ),
        (
            "43 a PAUSE without a reason under a PAUSEALL",
            "    elif not (context.paused_all and queue in context.pauses):\n",
            "    else:\n",
        ),
        (
            "43 a PAUSEALL without a reason keeps those named",
            "context.pauses.setdefault(queue, NO_REASON)",
            "context.pauses[queue] = NO_REASON",
        ),
        ("43 two seconds", "_FOLLOW_MS = 2000", "_FOLLOW_MS = 1000"),
        ("43 not three seconds", "_FOLLOW_MS = 2000", "_FOLLOW_MS = 3000"),
        ("43 PAUSEREASON holds from the entry on", "    if context.unexplained:\n        context.state = reason\n", ""),
        ("44 a transfer counts once", "    if not is_named:\n        out.append", "    if True:\n        out.append"),
        (
            "45 hold ends with its call",
            "_ENDED_BY_QUEUE = frozenset((INBOUND, TRANSFER, HOLD))",
            "_ENDED_BY_QUEUE = frozenset((INBOUND, TRANSFER))",
        ),
        (
            "46 a call of the queue is not outbound",
            "if call not in context.calls and not is_counted(context, INBOUND, call):",
            "if call not in context.calls:",
        ),
        ("46 an answer behind an inbound call counts", "    if counted and not is_shown:\n", "    if False:\n"),
        (
            "46 the hang-up ends the call",
            "    if context.calls.get(call) in (OUTBOUND, DIALLING):\n",
            "    if context.calls.get(call) == DIALLING:\n",
        ),
    ),
)
