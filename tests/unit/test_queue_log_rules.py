"""The rules of real call data, one after the other, with the cases of real centers (rules.md 37–46).

A log here has lines `second|call|queue|EVENT|data…` of one agent; seconds count from 09:00 of a day in UTC.
"""

import json
from itertools import groupby
from typing import Any

import pytest

from octui.server.events.queue_log_rules import EVENT_HANDLERS
from octui.server.events.rules import queue_content
from octui.server.events.timeline_rules import (
    SERVER_LOGOUT,
    Context,
    Event,
    Interval,
    assumed_until,
    context_at,
    fold_events,
)

DAY = 86_400
NINE = 9 * 3600
DAYS = 20_000 * DAY


def parse_log(log: str) -> list[Event]:
    """Return the events of a log; `phone.STATE`, `login` and `logout` are keys or a CTI, `call.X` is from a CDR."""
    events = []
    for line in filter(None, map(str.strip, log.splitlines())):
        second, call, queue, name, *args = line.split("|")
        data: dict[str, Any]
        if name.startswith("phone."):
            kind, data = "octui.phone.state", {"state": name[6:], **({"call": call} if call != "NONE" else {})}
        elif name in ("login", "logout"):
            kind, data = f"octui.phone.{name}", {}
        elif name.startswith("call."):
            kind, data = f"octui.{name}", {"call": call}
        else:
            kind = f"octui.queue.{name}"
            data, _ = queue_content(kind, call, queue, None, args, None)
        events.append(Event((DAYS + NINE + int(second)) * 1000, kind, data))
    return events


def day_start(at: int) -> int:
    return at - at % (DAY * 1000)


def fold(log: str) -> tuple[Context, list[Interval]]:
    context, closed = Context(), []
    for start, events in groupby(parse_log(log), lambda event: day_start(event.at)):
        context, ended = fold_events(context, events, EVENT_HANDLERS, start)
        closed += ended
        context = Context.from_data(json.loads(context.as_json()))
    return context, closed


def seconds(ms: int) -> int:
    return ms // 1000 - DAYS - NINE


def told(log: str, channel: str = "phone", until: int | None = None) -> list[str]:
    """Return the intervals of a log as `state* start-end`, with * where entered, up to `until` where they run on."""
    context, closed = fold(log)
    if until is not None:
        now = (DAYS + NINE + until) * 1000
        context, ended = context_at(context, now, day_start(now))
        closed += ended
        end = assumed_until(context) or now
        if context.state is not None:
            login = "assumed" if context.assumed else "logged_in"
            closed.append(Interval("phone", context.state, context.since, end, context.counted, context.call))
            closed.append(Interval("login", login, context.login, end, True, None))
    phone, login_ms = (
        sum(interval.end - interval.start for interval in closed if interval.channel == name)
        for name in ("phone", "login")
    )
    if until is not None or context.state is None:
        assert phone == login_ms
    return [
        f"{each.state}{'*' if each.counted else ''} {seconds(each.start)}-{seconds(each.end)}"
        for each in closed
        if each.channel == channel
    ]


def totals(log: str, until: int | None = None) -> dict[str, tuple[int, int]]:
    """Return times entered and seconds of each state."""
    sums: dict[str, tuple[int, int]] = {}
    for text in told(log, until=until):
        state, span = text.split()
        first, _, last = span.partition("-")
        count, length = sums.get(state.rstrip("*"), (0, 0))
        sums[state.rstrip("*")] = count + state.endswith("*"), length + int(last) - int(first)
    return sums


LOGIN, LOGOFF = "0|x|NONE|AGENTLOGIN|c", "900|x|NONE|AGENTLOGOFF|c|900"


def test_rule_42_pauseall_pauses_an_agent_of_whom_only_the_login_is_known() -> None:
    log = f"{LOGIN}\n100|NONE|NONE|PAUSEALL|\n400|NONE|NONE|UNPAUSEALL|\n{LOGOFF}"
    assert totals(log) == {"ready": (2, 600), "rest": (1, 300)}


def test_rule_37_pauseall_as_the_first_line_proves_presence() -> None:
    log = "0|NONE|NONE|PAUSEALL|\n300|NONE|NONE|UNPAUSEALL|\n400|NONE|q1|PAUSE|lunch\n500|NONE|q1|UNPAUSE|"
    assert told(log, until=700) == ["rest* 0-300", "ready* 300-400", "meal* 400-500", "ready* 500-500"]
    assert told(log, "login", until=700) == ["assumed* 0-500"]


@pytest.mark.parametrize("seconds_later", [0, 1])
@pytest.mark.parametrize(
    ("login", "logoff"), [("AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF"), ("AGENTLOGIN", "AGENTLOGOFF")]
)
def test_rule_37_what_only_closes_a_pause_never_logs_in(login: str, logoff: str, seconds_later: int) -> None:
    late = 900 + seconds_later
    log = f"""
        0|x|NONE|{login}|1001|chan
        0|NONE|q1|ADDMEMBER|
        900|x|NONE|{logoff}|1001|900|
        {late}|NONE|NONE|UNPAUSEALL|
        {late}|NONE|q1|UNPAUSE|
        {late}|x|q1|RINGNOANSWER|5000
        {late}|NONE|q1|REMOVEMEMBER|
        {late}|x|q1|COMPLETECALLER|1|2|1
        {late}|NONE|NONE|PAUSEREASON|lunch
    """
    assert told(log, "login", until=5000) == ["logged_in* 0-900"]


@pytest.mark.parametrize("proof", ["950|NONE|q1|PAUSE|lunch", "950|NONE|NONE|PAUSEALL|"])
@pytest.mark.parametrize("end", ["NONE|q1|REMOVEMEMBER|", "NONE|NONE|AGENTLOGOFF|", "NONE|NONE|logout"])
def test_rule_37_what_the_log_has_ended_is_not_assumed(proof: str, end: str) -> None:
    assert told(f"0|NONE|q1|ADDMEMBER|\n900|{end}\n{proof}", "login", until=5000) == ["logged_in* 0-900"]


def test_rule_37_an_ended_membership_proves_the_call_alone() -> None:
    log = "0|NONE|q1|ADDMEMBER|\n900|NONE|q1|REMOVEMEMBER|\n950|c1|q1|CONNECT|1|x|5\n990|c1|q1|COMPLETEAGENT|1|40|1"
    assert told(log) == ["ready* 0-900", "inbound_calls* 950-990"]
    assert told(log, "login") == ["logged_in* 0-900", "logged_in* 950-990"]


@pytest.mark.parametrize(
    "again",
    ["NONE|NONE|QUEUESTART|", "NONE|q1|ADDMEMBER|\n910|NONE|q1|REMOVEMEMBER|\n910|NONE|NONE|AGENTLOGIN|c"],
)
def test_rule_38_a_restart_or_a_login_lets_memberships_be_assumed_again(again: str) -> None:
    log = f"0|NONE|q1|ADDMEMBER|\n900|NONE|q1|REMOVEMEMBER|\n905|{again}\n950|NONE|q1|PAUSE|lunch"
    assert fold(log)[0].members == {"q1": False}


def test_rule_38_a_suspended_service_ends_nothing_for_later() -> None:
    context, _ = fold(STATIC)
    suspended = Event((DAYS + NINE + 5000) * 1000, "octui.phone.logout", SERVER_LOGOUT)
    context, closed = fold_events(context, [suspended], EVENT_HANDLERS, day_start(suspended.at))
    assert (seconds(closed[-1].end), closed[-1].state) == (1100, "assumed")
    assert (context.state, context.ended, context.ended_all) == (None, set(), False)


def test_rule_38_other_queues_stay_ended_when_one_begins_again() -> None:
    log = "0|NONE|NONE|AGENTLOGOFF|\n5|NONE|q1|ADDMEMBER|\n6|NONE|q2|PAUSE|lunch\n9|NONE|q1|REMOVEMEMBER|"
    assert told(log) == ["ready* 5-9"]


def test_rule_38_a_call_outlives_its_membership() -> None:
    log = """
        0|NONE|q1|ADDMEMBER|
        100|c1|q1|CONNECT|1|x|0
        200|NONE|q1|REMOVEMEMBER|
        201|NONE|q2|ADDMEMBER|
        500|c1|q1|COMPLETECALLER|1|400|1
        900|NONE|q2|REMOVEMEMBER|
    """
    assert totals(log) == {"inbound_calls": (1, 400), "ready": (2, 500)}
    assert told(log, "login") == ["logged_in* 0-900"]


@pytest.mark.parametrize("end", ["200|NONE|q1|REMOVEMEMBER|", "200|NONE|NONE|AGENTLOGOFF|"])
def test_rule_38_the_last_call_logs_out(end: str) -> None:
    log = f"0|NONE|q1|ADDMEMBER|\n100|c1|q1|CONNECT|1|x|0\n{end}\n500|c1|q1|COMPLETECALLER|1|400|1"
    assert told(log) == ["ready* 0-100", "inbound_calls* 100-500"]


@pytest.mark.parametrize("end", ["200|NONE|NONE|QUEUESTART|", "200|NONE|NONE|logout"])
def test_rule_38_a_restart_or_a_logout_by_key_ends_calls_too(end: str) -> None:
    log = f"0|NONE|q1|ADDMEMBER|\n100|c1|q1|CONNECT|1|x|0\n{end}\n500|c1|q1|COMPLETECALLER|1|400|1"
    assert told(log) == ["ready* 0-100", "inbound_calls* 100-200"]


STATIC = """
    0|c1|q1|CONNECT|1|x|0
    100|c1|q1|COMPLETECALLER|1|100|1
    1000|c2|q1|CONNECT|1|x|0
    1100|c2|q1|COMPLETEAGENT|1|100|1
"""


def test_rule_39_a_login_that_nothing_ends_lasts_to_the_last_event_of_its_day() -> None:
    expected = ["inbound_calls* 0-100", "ready* 100-1000", "inbound_calls* 1000-1100", "ready* 1100-1100"]
    for until in (1100, 2000, DAY - NINE, DAY, 7 * DAY):
        assert told(STATIC, until=until) == expected
        assert told(STATIC, "login", until=until) == ["assumed* 0-1100"]


def test_rule_39_a_later_day_proves_its_own_login() -> None:
    log = f"{STATIC}\n{2 * DAY}|c3|q1|CONNECT|1|x|5\n{2 * DAY + 50}|c3|q1|COMPLETEAGENT|1|50|1"
    assert told(log, "login", until=3 * DAY) == ["assumed* 0-1100", f"assumed* {2 * DAY}-{2 * DAY + 50}"]
    assert totals(log, until=3 * DAY)["inbound_calls"] == (3, 250)


@pytest.mark.parametrize(
    "line",
    ["NONE|NONE|UNPAUSEALL|", "x|q1|RINGNOANSWER|0", "x|q1|COMPLETECALLER|1|2|1", "NONE|NONE|PAUSEREASON|lunch"],
)
def test_rule_39_any_event_of_the_agent_proves_an_assumed_presence(line: str) -> None:
    assert told(f"{STATIC}\n3000|{line}", "login", until=5000) == ["assumed* 0-3000"]


def test_rule_39_a_restart_is_no_event_of_the_agent() -> None:
    assert told(f"{STATIC}\n3000|NONE|NONE|QUEUESTART|", "login") == ["assumed* 0-1100"]


def test_rule_39_an_open_call_is_presence_over_midnight() -> None:
    midnight = DAY - NINE
    log = f"{midnight - 100}|c1|q1|CONNECT|1|x|0\n{midnight + 200}|c1|q1|COMPLETEAGENT|1|300|1"
    assert told(log, until=DAY) == [
        f"inbound_calls* {midnight - 100}-{midnight + 200}",
        f"ready* {midnight + 200}-{midnight + 200}",
    ]


@pytest.mark.parametrize("begin", ["NONE|q2|ADDMEMBER|", "NONE|NONE|AGENTLOGIN|c", "NONE|NONE|login"])
def test_rule_39_a_login_in_the_log_goes_on_over_midnight(begin: str) -> None:
    log = f"{STATIC}\n2000|{begin}"
    assert told(log, "login", until=2 * DAY) == [f"assumed* 0-{2 * DAY}"]
    assert told(f"0|{begin}", "login", until=2 * DAY) == [f"logged_in* 0-{2 * DAY}"]


def test_rule_39_presence_rests_on_assumptions_again_when_the_login_has_ended() -> None:
    log = "0|NONE|q1|ADDMEMBER|\n10|NONE|q2|PAUSE|lunch\n20|NONE|q1|REMOVEMEMBER|\n30|NONE|q2|UNPAUSE|"
    assert told(log, "login", until=5000) == ["logged_in* 0-30"]


@pytest.mark.parametrize("ends", [["c1", "c2"], ["c2", "c1"]])
def test_rule_40_several_calls_end_in_any_order(ends: list[str]) -> None:
    log = f"""
        0|NONE|q1|ADDMEMBER|
        100|c1|q1|CONNECT|1|x|0
        200|c2|q1|CONNECT|1|x|0
        300|{ends[0]}|q1|COMPLETECALLER|1|100|1
        500|{ends[1]}|q1|COMPLETECALLER|1|400|1
        900|NONE|q1|REMOVEMEMBER|
    """
    assert totals(log) == {"ready": (2, 500), "inbound_calls": (2, 400)}


def test_rule_40_a_call_that_comes_back_counts_again() -> None:
    log = """
        0|NONE|q1|ADDMEMBER|
        100|c1|q1|CONNECT|1|x|0
        200|c1|q1|BLINDTRANSFER|600|default|1|100|1
        250|c1|q1|CONNECT|1|x|0
        300|c1|q1|COMPLETEAGENT|1|50|1
    """
    # The ENTERQUEUE between names no agent.
    assert totals(log, until=300) == {"ready": (3, 150), "inbound_calls": (2, 150), "transfer": (1, 0)}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # The very same call is open already.
        ("10|c1|q1|CONNECT|1|x|0\n20|c1|q1|CONNECT|1|x|0\n30|c1|q1|COMPLETEAGENT|", "inbound_calls* 10-30"),
        # A CTI has named the talk of this call, and it goes on.
        ("10|c1||phone.inbound_calls\n20|c1|q1|CONNECT|1|x|0\n30|c1|q1|COMPLETEAGENT|", "inbound_calls* 10-30"),
        # Calls without an ID: each end ends one.
        ("10|NONE|q1|CONNECT|1|x|0\n30|NONE|q1|COMPLETEAGENT|", "inbound_calls* 10-30"),
        ("10|NONE|q1|CONNECT|1|x|0\n30|c7|q1|COMPLETEAGENT|", "inbound_calls* 10-30"),
        (
            "10|NONE|q1|CONNECT|1|x|0\n20|NONE|q1|CONNECT|1|x|0\n25|c7|q1|COMPLETEAGENT|\n30|NONE|q1|COMPLETEAGENT|",
            "inbound_calls* 10-20 inbound_calls* 20-30",
        ),
        (
            "10|c1|q1|CONNECT|1|x|0\n20|NONE|q1|CONNECT|1|x|0\n25|c1|q1|COMPLETEAGENT|\n30|c1|q1|COMPLETEAGENT|",
            "inbound_calls* 10-20 inbound_calls* 20-30",
        ),
        # The end of a call that is not open is nothing.
        ("10|c1|q1|CONNECT|1|x|0\n20|c2|q1|COMPLETEAGENT|\n30|c1|q1|COMPLETEAGENT|", "inbound_calls* 10-30"),
    ],
)
def test_rule_40_calls_are_told_apart(lines: str, expected: str) -> None:
    found = told(f"0|NONE|q1|ADDMEMBER|\n{lines}\n100|NONE|q1|REMOVEMEMBER|")
    assert " ".join(found) == f"ready* 0-10 {expected} ready* 30-100"


@pytest.mark.parametrize(("gap", "talk"), [(12 * 3600 - 1, 12 * 3600 - 1), (12 * 3600, 50), (40 * 3600, 50)])
def test_rule_40_after_twelve_silent_hours_calls_are_over(gap: int, talk: int) -> None:
    log = f"0|NONE|q1|ADDMEMBER|\n10|c1|q1|CONNECT|1|x|0\n60|NONE|q2|ADDMEMBER|\n{60 + gap}|NONE|q1|UNPAUSE|"
    talk = 50 + gap if gap < 12 * 3600 else talk
    assert totals(log, until=60 + gap)["inbound_calls"] == (1, talk)
    # Without any further event, too.
    assert totals(log.rpartition("\n")[0], until=60 + gap)["inbound_calls"] == (1, talk)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("20|c1|q1|CONNECT|5|x|5", "ready* 0-15 other* 15-20 inbound_calls* 20-50"),
        ("20|c1|q1|CONNECT|5|x|90", "ready* 0-0 other* 0-20 inbound_calls* 20-50"),
        ("20|c1|q1|RINGNOANSWER|5000", "ready* 0-15 other* 15-20 ready* 20-50"),
        ("10|c1|q1|CONNECT|1|x|0\n20|c2|q1|RINGNOANSWER|5000", "ready* 0-10 inbound_calls* 10-50"),
        ("10|c1|q1|CONNECT|1|x|0\n20|c2|q1|CONNECT|1|x|5", "ready* 0-10 inbound_calls* 10-20 inbound_calls* 20-50"),
        ("10|NONE||phone.default\n20|c2|q1|RINGNOANSWER|5000", "ready* 0-10 other* 10-50"),
        ("10|NONE||phone.hold\n20|c2|q1|CONNECT|1|x|5", "ready* 0-10 other* 10-20 inbound_calls* 20-50"),
    ],
)
def test_rule_41_ringing_lies_before_the_event(lines: str, expected: str) -> None:
    assert " ".join(told(f"0|NONE|q1|ADDMEMBER|\n{lines}", until=50)) == expected


def test_rule_42_unpauseall_frees_every_queue() -> None:
    log = """
        0|NONE|q1|ADDMEMBER|
        0|NONE|q1|PAUSE|
        900|NONE|NONE|PAUSEALL|
        2700|NONE|NONE|UNPAUSEALL|
        3600|NONE|q1|UNPAUSE|
        3600|NONE|q1|REMOVEMEMBER|
    """
    assert totals(log) == {"ready": (2, 900), "rest": (1, 45 * 60)}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("10|NONE|NONE|PAUSEALL|\n20|NONE|q1|UNPAUSE|", "ready* 0-10 rest* 10-20 ready* 20-50"),
        ("10|NONE|NONE|PAUSEALL|\n20|NONE|q3|ADDMEMBER|", "ready* 0-10 rest* 10-20 ready* 20-50"),
        ("10|NONE|NONE|PAUSEALL|\n20|NONE|q3|ADDMEMBER|PAUSED", "ready* 0-10 rest* 10-50"),
        (
            "10|NONE|NONE|PAUSEALL|\n20|c1|q3|CONNECT|1|x|0\n30|c1|q3|COMPLETEAGENT|",
            "ready* 0-10 rest* 10-20 inbound_calls* 20-30 rest* 30-50",
        ),
        ("10|NONE|NONE|PAUSE|\n20|NONE|NONE|UNPAUSE|", "ready* 0-10 rest* 10-20 ready* 20-50"),
        ("10|NONE|q1|PAUSE|\n20|NONE|q2|PAUSE|\n30|NONE|q1|UNPAUSE|", "ready* 0-20 rest* 20-30 ready* 30-50"),
        ("10|NONE|q1|PAUSE|\n20|NONE|q2|REMOVEMEMBER|", "ready* 0-20 rest* 20-50"),
        # UNPAUSE of an ended queue still ends a PAUSEALL; the other queues stay paused.
        ("10|NONE|q1|REMOVEMEMBER|\n20|NONE|NONE|PAUSEALL|\n30|NONE|q1|UNPAUSE|", "ready* 0-20 rest* 20-50"),
    ],
)
def test_rule_42_an_agent_is_paused_in_all_queues_or_not_at_all(lines: str, expected: str) -> None:
    log = f"0|NONE|q1|ADDMEMBER|\n0|NONE|q2|ADDMEMBER|\n{lines}"
    assert " ".join(told(log, until=50)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # Asterisk: PAUSEALL without a reason, then one PAUSE a queue with it.
        ("10|NONE|NONE|PAUSEALL|\n10|NONE|q1|PAUSE|lunch\n11|NONE|q2|PAUSE|lunch", "ready* 0-10 meal* 10-50"),
        ("10|NONE|NONE|PAUSEALL|\n12|NONE|q1|PAUSE|lunch", "ready* 0-10 meal* 10-50"),
        ("10|NONE|NONE|PAUSEALL|\n13|NONE|q1|PAUSE|lunch", "ready* 0-10 rest* 10-13 meal* 13-50"),
        ("10|NONE|NONE|PAUSEALL|lunch\n10|NONE|q1|PAUSE|\n11|NONE|q2|PAUSE|", "ready* 0-10 meal* 10-50"),
        # The reason of the PAUSEALL stays when the queue that named it is left.
        (
            "10|NONE|NONE|PAUSEALL|\n10|NONE|q1|PAUSE|lunch\n20|NONE|q1|REMOVEMEMBER|",
            "ready* 0-10 meal* 10-50",
        ),
        # VICIdial and QueueMetrics: the reason comes after the pause.
        ("10|NONE|NONE|PAUSEALL|\n20|NONE|NONE|PAUSEREASON|lunch", "ready* 0-10 meal* 10-50"),
        ("10|NONE|NONE|PAUSEALL|\n20|NONE|NONE|PAUSEREASON|", "ready* 0-10 rest* 10-50"),
        (
            "10|NONE|NONE|PAUSEALL|\n20|NONE|NONE|PAUSEREASON|lunch\n30|NONE|NONE|PAUSEREASON|training",
            "ready* 0-10 meal* 10-30 education* 30-50",
        ),
        ("10|NONE|NONE|PAUSEALL|rest\n20|NONE|NONE|PAUSEREASON|lunch", "ready* 0-10 rest* 10-20 meal* 20-50"),
        ("10|NONE|NONE|PAUSEREASON|lunch\n20|NONE|NONE|PAUSEALL|", "ready* 0-20 rest* 20-50"),
        ("10|NONE|q1|PAUSE|\n20|NONE|NONE|PAUSEREASON|lunch\n30|NONE|NONE|PAUSEALL|", "ready* 0-30 rest* 30-50"),
        # The reason is named in a call, or after it.
        (
            "10|c1|q1|CONNECT|1|x|0\n12|NONE|NONE|PAUSEALL|\n20|NONE|NONE|PAUSEREASON|lunch\n30|c1|q1|COMPLETEAGENT|",
            "ready* 0-10 inbound_calls* 10-30 meal* 30-50",
        ),
        (
            "10|c1|q1|CONNECT|1|x|0\n12|NONE|NONE|PAUSEALL|\n30|c1|q1|COMPLETEAGENT|\n40|NONE|NONE|PAUSEREASON|lunch",
            "ready* 0-10 inbound_calls* 10-30 meal* 30-50",
        ),
        # A key's word is not the pause's.
        (
            "10|NONE||phone.rest\n20|NONE|NONE|PAUSEALL|\n30|NONE|NONE|PAUSEREASON|lunch",
            "ready* 0-10 rest* 10-30 meal* 30-50",
        ),
        # The reason named last counts, of the pauses in force.
        (
            "10|NONE|q1|PAUSE|lunch\n20|NONE|q2|PAUSE|training\n30|NONE|q2|REMOVEMEMBER|",
            "ready* 0-20 education* 20-30 meal* 30-50",
        ),
        ("10|NONE|q1|PAUSE|lunch\n20|NONE|q2|PAUSE|", "ready* 0-20 meal* 20-50"),
        (
            "10|NONE|q1|PAUSE|lunch\n10|NONE|q2|PAUSE|lunch\n20|NONE|q1|PAUSE|\n30|NONE|q2|PAUSE|",
            "ready* 0-10 meal* 10-30 rest* 30-50",
        ),
        ("10|NONE|NONE|PAUSEALL|lunch\n20|NONE|q1|PAUSE|식사", "ready* 0-10 meal* 10-50"),
    ],
)
def test_rule_43_the_reason_named_last_counts(lines: str, expected: str) -> None:
    log = f"0|NONE|q1|ADDMEMBER|\n0|NONE|q2|ADDMEMBER|\n{lines}"
    assert " ".join(told(log, until=50)) == expected


@pytest.mark.parametrize(
    ("lines", "transfers"),
    [
        ("10|c1|q1|CONNECT|1|x|0\n20|c1|q1|BLINDTRANSFER|600|d|1|2|1", 1),
        ("20|c1|q1|ATTENDEDTRANSFER|x", 1),
        ("10|c1|q1|CONNECT|1|x|0\n15|c1||phone.transfer\n20|c1|q1|ATTENDEDTRANSFER|x", 1),
        ("10|c1||phone.transfer\n15|NONE||phone.ready\n20|c1|q1|ATTENDEDTRANSFER|x", 1),
        ("10|c1||phone.transfer\n15|NONE||phone.ready\n20|c1|q1|TRANSFER|x\n21|c1|q1|TRANSFER|x", 2),
        ("10|c1||phone.transfer\n20|c2|q1|ATTENDEDTRANSFER|x", 2),
    ],
)
def test_rule_44_a_transfer_counts_once(lines: str, transfers: int) -> None:
    assert totals(f"0|NONE|q1|ADDMEMBER|\n{lines}", until=50)["transfer"][0] == transfers


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # A named state outlasts calls and ends with the pause.
        (
            "5|NONE||phone.ticket_work\n10|c1|q1|CONNECT|1|x|0\n20|c1|q1|COMPLETEAGENT|\n30|NONE|q1|PAUSE|lunch\n"
            "40|NONE|q1|UNPAUSE|",
            "ready* 0-5 ticket_work* 5-10 inbound_calls* 10-20 ticket_work* 20-30 meal* 30-40 ready* 40-50",
        ),
        # It says that no call is open any more.
        (
            "10|c1|q1|CONNECT|1|x|0\n20|NONE||phone.ready\n30|c1|q1|COMPLETEAGENT|",
            "ready* 0-10 inbound_calls* 10-20 ready* 20-50",
        ),
        # Held and back is one call, and its end ends both.
        (
            "10|c1|q1|CONNECT|1|x|0\n20|NONE||phone.hold\n30|c1||phone.inbound_calls\n40|c1|q1|COMPLETEAGENT|",
            "ready* 0-10 inbound_calls* 10-20 other* 20-30 inbound_calls 30-40 ready* 40-50",
        ),
        (
            "10|c1|q1|CONNECT|1|x|0\n20|NONE||phone.hold\n40|c1|q1|COMPLETEAGENT|",
            "ready* 0-10 inbound_calls* 10-20 other* 20-40 ready* 40-50",
        ),
        # Consulting another by phone, the queue's call ends meanwhile.
        (
            "10|c1|q1|CONNECT|1|x|0\n20|c9||phone.outbound_calls\n30|c1|q1|COMPLETEAGENT|\n40|NONE||phone.ready",
            "ready* 0-10 inbound_calls* 10-20 outbound_calls* 20-40 ready* 40-50",
        ),
    ],
)
def test_rule_45_named_states(lines: str, expected: str) -> None:
    assert " ".join(told(f"0|NONE|q1|ADDMEMBER|\n{lines}", until=50)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "10|c1||call.dialled\n20|c1||call.answered\n40|c1||call.ended",
            "ready* 0-10 other* 10-20 outbound_calls* 20-40 ready* 40-50",
        ),
        ("10|c1||call.dialled\n20|c1||call.ended", "ready* 0-10 other* 10-20 ready* 20-50"),
        (
            "20|c1||call.answered\n30|c1||call.answered\n40|c1||call.ended",
            "ready* 0-20 outbound_calls* 20-40 ready* 40-50",
        ),
        # The inbound call comes first; what is answered meanwhile is a consultation and never counts.
        (
            "10|c1|q1|CONNECT|1|x|0\n15|c2||call.dialled\n20|c2||call.answered\n30|c1|q1|COMPLETEAGENT|\n40|c2||call.ended",
            "ready* 0-10 inbound_calls* 10-30 outbound_calls 30-40 ready* 40-50",
        ),
        # A call counts at its answer, also where a later one is shown.
        (
            "5|c1||call.dialled\n10|c2||call.answered\n20|c1||call.answered\n30|c2||call.ended\n40|c1||call.ended",
            "ready* 0-5 other* 5-10 outbound_calls* 20-20 outbound_calls* 10-30 outbound_calls 30-40 ready* 40-50",
        ),
        # A call of the queue is no outbound call.
        (
            "10|c1|q1|CONNECT|1|x|0\n15|c1||call.dialled\n20|c1||call.answered\n30|c1|q1|COMPLETEAGENT|\n40|c1||call.ended",
            "ready* 0-10 inbound_calls* 10-30 ready* 30-50",
        ),
        (
            "5|c1||call.dialled\n10|c1|q1|CONNECT|1|x|0\n15|c1||call.answered\n30|c1|q1|COMPLETEAGENT|\n40|c1||call.ended",
            "ready* 0-5 other* 5-10 inbound_calls* 10-30 ready* 30-50",
        ),
        # A CTI that has told of the talk.
        (
            "10|c1||phone.outbound_calls\n12|c1||call.answered\n40|c1||call.ended",
            "ready* 0-10 outbound_calls* 10-40 ready* 40-50",
        ),
    ],
)
def test_rule_46_outbound_calls(lines: str, expected: str) -> None:
    assert " ".join(told(f"0|NONE|q1|ADDMEMBER|\n{lines}", until=50)) == expected


def test_rule_46_an_outbound_call_proves_its_own_time_alone() -> None:
    log = "10|c1||call.dialled\n20|c1||call.answered\n40|c1||call.ended"
    assert told(log, "login", until=50) == ["logged_in* 10-40"]


def test_a_context_of_0_2_0_goes_on() -> None:
    old = ["inbound_calls", 5000, "c1", 1, "", 1000, 0, "meal", [["q1", ""], ["q2", "meal"]], None, ["i:c1"]]
    context = Context.from_data({"p": old, "c": ["ready", 7000, 0, []]})
    assert context.chat == "ready"
    assert (context.state, context.members, context.named) == ("inbound_calls", {"q1": True, "q2": True}, "meal")
    events = [
        Event(at * 1000, f"octui.queue.{name}", {"queue": "q1", "call": "c1", "args": [], "state": "rest"})
        for at, name in ((9, "COMPLETEAGENT"), (12, "PAUSE"), (15, "REMOVEMEMBER"))
    ]
    events.append(Event(20_000, "octui.queue.REMOVEMEMBER", {"queue": "q2", "call": None, "args": []}))
    _, closed = fold_events(context, events, EVENT_HANDLERS, 0)
    assert [(each.state, each.start, each.end) for each in closed] == [
        ("inbound_calls", 5000, 9000),
        ("meal", 9000, 20_000),
        ("logged_in", 1000, 20_000),
    ]


@pytest.mark.parametrize(
    ("state", "phase", "after"), [("other", "hold", "ready"), ("transfer", "", "ready"), ("outbound_calls", "", None)]
)
def test_a_call_state_of_0_2_0_ends_as_it_did(state: str, phase: str, after: str | None) -> None:
    old = [state, 5000, "c1", 1, phase, 1000, 1, "ready", [], None, []]
    end = Event(9000, "octui.queue.COMPLETEAGENT", {"queue": "q1", "call": "c1", "args": []})
    context, _ = fold_events(Context.from_data({"p": old}), [end], EVENT_HANDLERS, 0)
    assert context.state == (after or state)
    assert Context.from_data(json.loads(context.as_json())) == context
