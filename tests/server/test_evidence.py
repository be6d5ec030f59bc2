"""The events behind each interval: which began it, named it and ended it, with file and line (rules.md 35–45)."""

from typing import Any

import pytest
from sqlalchemy import delete

from octui.server.database import tables
from server.clients import local_client
from server.conftest import OPERATOR, Center, Clock, Store
from server.test_events import app, event, send_events, set_cti
from server.test_stats import STATS, TODAY, TOMORROW, get, press_key

HOUR = 3_600_000
MINUTE = 60_000
NINE = TODAY + 9 * HOUR
AGENT = "PJSIP/7001"


async def take_lines(
    store: Store, center: Center, clock: Clock, text: str, name: str | None = "/var/log/queue_log"
) -> None:
    """Take in a log: lines of seconds since nine, call, queue, agent, event and arguments; `name`: of the file."""
    clock.now = TOMORROW + 12 * HOUR
    set_cti(store, center, "kim", "7001")
    rows: list[list[Any]] = []
    for place, line in enumerate(text.split()):
        second, call, queue, agent, kind, *args = line.split("|")
        at = NINE + int(second) * 1000
        rows.append([at, place, f"{at // 1000:012d}-{place:016x}-0", kind, call, queue, agent, args, place + 1])
    digests = {"head": "00", "digest": "00"}
    file = None if name is None else {"kind": "queue_log", "name": name, "position": 9, "line": len(rows)} | digests
    async with local_client(app(store)) as client:
        answer = await client.post("/services/oc/queue-log", json={"rows": rows, "file": file})
    assert (answer.status_code, answer.json()["taken"]) == (200, len(rows)), answer.text


async def evidence_of(
    store: Store, state: str, place: int = 0, *, date: str = "2026-07-01", channel: str = "phone"
) -> dict[str, Any]:
    """Return the evidence of the interval at `place` of a state's list."""
    query = f"?channel={channel}&state={state}&date={date}"
    intervals = (await get(store, f"{STATS}/intervals{query}")).json()["intervals"]
    answer = await get(store, f"{STATS}/evidence{query}&start={intervals[place]['start']}")
    assert answer.status_code == 200, answer.text
    evidence: dict[str, Any] = answer.json()
    assert evidence["interval"] == intervals[place]
    return evidence


def cause(boundary: dict[str, Any]) -> tuple[str, str | None, int | None]:
    """Return kind, event and line of a boundary."""
    event = boundary["event"]
    return (boundary["kind"], None, None) if event is None else (boundary["kind"], name_of(event), event["line"])


def name_of(event: dict[str, Any]) -> str:
    return str(event["type"]).removeprefix("octui.queue.")


MORNING = f"""
0|NONE|sales|{AGENT}|ADDMEMBER|
60|17.1|sales|NONE|ENTERQUEUE||0101234|1
70|17.1|sales|{AGENT}|CONNECT|10|17.2|8
370|17.1|sales|{AGENT}|COMPLETECALLER|10|300|1
400|NONE|NONE|{AGENT}|PAUSEALL|
400|NONE|sales|{AGENT}|PAUSE|lunch
1000|NONE|NONE|{AGENT}|UNPAUSEALL|
1000|NONE|sales|{AGENT}|UNPAUSE|
1100|17.9|sales|{AGENT}|RINGNOANSWER|15000
2000|NONE|sales|{AGENT}|REMOVEMEMBER|
"""


async def test_call_is_explained_by_its_lines(store: Store, center: Center, clock: Clock) -> None:
    await take_lines(store, center, clock, MORNING)
    talk = await evidence_of(store, "inbound_calls")
    assert cause(talk["began"]) == ("event", "CONNECT", 3)
    assert cause(talk["ended"]) == ("event", "COMPLETECALLER", 4)
    assert talk["began"]["event"] == {
        "at": NINE + 70_000,
        "type": "octui.queue.CONNECT",
        "origin": "log",
        "source": "asterisk/queue_log",
        "call": "17.1",
        "queue": "sales",
        "args": ["10", "17.2", "8"],
        "state": None,
        "everybody": False,
        "text": f"{NINE // 1000 + 70}|17.1|sales|{AGENT}|CONNECT|10|17.2|8",
        "file": "/var/log/queue_log",
        "line": 3,
    }
    assert [(name_of(each), each["line"]) for each in talk["events"]] == [("CONNECT", 3), ("COMPLETECALLER", 4)]
    assert (talk["date"], talk["time_zone"], talk["channel"], talk["next"]) == (
        "2026-07-01",
        "Asia/Seoul",
        "phone",
        None,
    )


async def test_session_lists_all_events_in_pages(
    store: Store, center: Center, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_lines(store, center, clock, MORNING)
    monkeypatch.setattr("octui.server.stats.evidence_store.PAGE", 4)
    path = f"{STATS}/evidence?channel=phone&state=logged_in&date=2026-07-01&start={NINE}"
    lines: list[int] = []
    after: int | None = 0
    while after is not None:
        page = (await get(store, f"{path}&after={after}")).json()
        assert cause(page["began"]) == ("event", "ADDMEMBER", 1)
        assert cause(page["ended"]) == ("event", "REMOVEMEMBER", 10)
        lines += [each["line"] for each in page["events"]]
        after = page["next"]
    # ENTERQUEUE is the queue's and concerns no agent.
    assert lines == [1, 3, 4, 5, 6, 7, 8, 9, 10]


STATIC = f"""
0|17.1|sales|{AGENT}|CONNECT|10|17.2|0
100|17.1|sales|{AGENT}|COMPLETECALLER|10|100|1
200|17.2|sales|{AGENT}|BLINDTRANSFER|600|x
300|NONE|sales|{AGENT}|UNPAUSE|
"""


@pytest.mark.parametrize("later", ["", f"90000|17.5|sales|{AGENT}|CONNECT|1|17.6|0\n"])
async def test_login_that_is_not_in_the_log_ends_at_its_last_event(
    store: Store, center: Center, clock: Clock, later: str
) -> None:
    await take_lines(store, center, clock, STATIC + later)
    for state in ("logged_in", "assumed"):
        session = await evidence_of(store, state)
        assert session["interval"]["state"] == "assumed"
        assert cause(session["began"]) == ("event", "CONNECT", 1)
        assert cause(session["ended"]) == ("proved", "UNPAUSE", 4)
    ready = await evidence_of(store, "ready")
    assert cause(ready["began"]) == ("event", "COMPLETECALLER", 2)
    assert cause(ready["ended"]) == ("proved", "UNPAUSE", 4)


async def test_transfer_of_a_call_that_is_not_open_ends_nothing(store: Store, center: Center, clock: Clock) -> None:
    await take_lines(store, center, clock, STATIC)
    transfer = await evidence_of(store, "transfer")
    assert cause(transfer["began"]) == cause(transfer["ended"]) == ("event", "BLINDTRANSFER", 3)


async def test_interval_cut_at_midnight_names_the_events_of_other_days(
    store: Store, center: Center, clock: Clock
) -> None:
    late = (TOMORROW - NINE) // 1000
    lines = f"0|NONE|sales|{AGENT}|ADDMEMBER| {late - 60}|5|sales|{AGENT}|CONNECT|1|6|0"
    await take_lines(store, center, clock, lines + f" {late + 90}|5|sales|{AGENT}|COMPLETEAGENT|1|150|1")
    evening = await evidence_of(store, "inbound_calls")
    assert cause(evening["began"]) == ("event", "CONNECT", 2)
    assert cause(evening["ended"]) == ("day", "COMPLETEAGENT", 3)
    assert [each["line"] for each in evening["events"]] == [2]
    morning = await evidence_of(store, "inbound_calls", date="2026-07-02")
    assert cause(morning["began"]) == ("day", "CONNECT", 2)
    assert cause(morning["ended"]) == ("event", "COMPLETEAGENT", 3)
    assert [each["line"] for each in morning["events"]] == [3]
    session = await evidence_of(store, "logged_in", date="2026-07-02")
    assert cause(session["began"]) == ("day", "ADDMEMBER", 1)
    assert cause(session["ended"]) == ("now", None, None)


async def test_keys_and_a_cti_have_no_file(store: Store, center: Center, clock: Clock) -> None:
    clock.now = NINE
    set_cti(store, center, "kim", "7001", "1001")
    for body in ({"kind": "login"}, {"kind": "state", "state": "meal"}):
        assert (await press_key(store, **body)).status_code == 200
        clock.now += MINUTE
    await send_events(store, [event(1, "octui.phone.state", at=clock.now, state="rest")])
    clock.now += MINUTE
    meal, rest = await evidence_of(store, "meal"), await evidence_of(store, "rest")
    assert meal["began"]["event"]["origin"] == "key"
    assert meal["began"]["event"]["state"] == "meal"
    assert (meal["ended"]["event"]["origin"], meal["ended"]["event"]["source"]) == ("cti", "test")
    assert meal["ended"]["event"]["text"] is None
    assert (meal["ended"]["event"]["file"], meal["ended"]["event"]["line"]) == (None, None)
    assert cause(rest["began"])[0] == "event"
    assert rest["ended"] == {"kind": "now", "event": None}


async def test_chat_is_explained_by_its_events(store: Store, center: Center, clock: Clock) -> None:
    clock.now = NINE + HOUR
    batch = [
        event(1, "octui.chat.login", at=NINE),
        event(2, "octui.phone.login", at=NINE + 1000),
        event(3, "octui.chat.opened", at=NINE + 2000, chat="X"),
        event(4, "octui.chat.closed", at=NINE + 9000, chat="X"),
    ]
    await send_events(store, batch)
    online = await evidence_of(store, "online", channel="chat")
    assert [each["type"] for each in online["events"]] == ["octui.chat.opened", "octui.chat.closed"]
    assert online["began"]["event"]["call"] == "X"


async def test_late_line_changes_the_evidence(store: Store, center: Center, clock: Clock) -> None:
    await take_lines(store, center, clock, f"0|NONE|sales|{AGENT}|ADDMEMBER| 600|NONE|sales|{AGENT}|REMOVEMEMBER|")
    late = event("late", "octui.queue.PAUSE", None, at=NINE + 60_000, agent=AGENT, queue="sales", args=[], call="NONE")
    await send_events(store, [late])
    ready = await evidence_of(store, "ready")
    assert cause(ready["ended"]) == ("event", "PAUSE", None)
    assert ready["ended"]["event"]["file"] is None


async def test_purged_day_says_that_nothing_is_left(store: Store, center: Center, clock: Clock) -> None:
    await take_lines(store, center, clock, MORNING)
    store.write(lambda change: change.connection.execute(delete(tables.event)), OPERATOR)
    talk = await evidence_of(store, "inbound_calls")
    assert (talk["began"], talk["ended"]) == ({"kind": "unknown", "event": None}, {"kind": "unknown", "event": None})
    assert talk["events"] == []


async def test_unknown_interval_is_not_found(store: Store, center: Center, clock: Clock) -> None:
    await take_lines(store, center, clock, MORNING)
    path = f"{STATS}/evidence?channel=phone&date=2026-07-01&start={NINE + 1}"
    assert (await get(store, f"{path}&state=ready")).status_code == 404
    assert (await get(store, f"{path}&state=flying")).status_code == 422
    assert (await get(store, f"{path}&state=ready", "lee")).status_code == 403
