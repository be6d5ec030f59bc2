"""Outbound calls from a CDR and a CEL beside the queue's calls from a queue_log (rules.md 46)."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from octui.intake.batches import Report
from octui.intake.call_log import CallLog, CallOptions
from octui.intake.queue_log import QueueLog
from octui.schema.stats import PhoneState, Stats
from octui.server.stats.store import read_stats
from server.clients import local_client
from server.conftest import NOW, Center, Clock, Store
from server.test_events import app, event, set_cti
from server.test_queue_log import AFTER, AGENTS, take
from server.test_queue_log_rows import FILE, stored_events

DATA = Path(__file__).parents[1] / "data"
NINE = 1782777600
DAY = 20260630
QUEUE_LOG = [
    (0, "NONE", "PJSIP/7001", "ADDMEMBER", ""),
    (0, "NONE", "PJSIP/7002", "ADDMEMBER", ""),
    (13, "1782777610.1", "NONE", "ENTERQUEUE", "|0212345678|1"),
    (29, "1782777610.1", "PJSIP/7002", "RINGNOANSWER", "15000"),
    (30, "1782777610.1", "PJSIP/7001", "CONNECT", "17|1782777624.3|6"),
    (200, "1782777610.1", "PJSIP/7001", "COMPLETECALLER", "17|170|1"),
    (1220, "1782778800.16", "Local/7002@from-queue/n", "CONNECT", "17|1782778804.17|15"),
    (1290, "1782778800.16", "Local/7002@from-queue/n", "COMPLETEAGENT", "17|70|1"),
    (2010, "1782779600.27", "PJSIP/7001", "CONNECT", "7|1782779604.28|6"),
    (2200, "1782779600.27", "PJSIP/7001", "ATTENDEDTRANSFER", "BRIDGE|7|190|1"),
    (3600, "NONE", "PJSIP/7001", "REMOVEMEMBER", ""),
    (3600, "NONE", "PJSIP/7002", "REMOVEMEMBER", ""),
]
Batches = list[list[dict[str, Any]]]


@pytest.fixture
def queue_log(tmp_path: Path) -> Batches:
    path = tmp_path / "queue_log"
    path.write_text(
        "".join(f"{NINE + at}|{call}|support|{who}|{name}|{data}\n" for at, call, who, name, data in QUEUE_LOG)
    )
    return [batch.events for batch in QueueLog(path).read()]


def calls_in(name: str) -> Batches:
    options = CallOptions(name[:3], Report(), ZoneInfo("Asia/Seoul"))
    return [batch.events for batch in CallLog(DATA / name, options).read()]


def figures(store: Store) -> dict[str, Stats]:
    return {
        account: store.read(lambda c, a=account: read_stats(c, "oc", a, DAY, AFTER))  # type: ignore[misc]
        for account in AGENTS
    }


def take_all(
    store: Store, center: Center, clock: Clock, files: Sequence[Batches]
) -> dict[str, dict[str, tuple[int, int]]]:
    """Take files in and return the count and the seconds of each state that there was, by account."""
    clock.now = AFTER
    for account, cti_id in AGENTS.items():
        set_cti(store, center, account, cti_id)
    for batches in files:
        result = take(store, center, batches)
        assert set(result.unmatched) <= {"PJSIP/kt"}
    found = {}
    for account, stats in figures(store).items():
        assert stats.phone is not None
        assert stats.logged_in is not None
        assert sum(figure.ms for figure in stats.phone.values()) == stats.logged_in.ms == 3_600_000
        found[account] = {
            state.value: (figure.count, figure.ms // 1000)
            for state, figure in stats.phone.items()
            if figure.ms and state is not PhoneState.READY
        }
    return found


LEE = {"inbound_calls": (1, 70), "outbound_calls": (1, 25), "other": (3, 15 + 15 + 5)}


@pytest.mark.parametrize("name", ["cdr.csv", "cdr_table.tsv"])
def test_rule_46_cdr_gives_count_and_talk(
    store: Store, center: Center, clock: Clock, queue_log: Batches, name: str
) -> None:
    """The consultation at 2105 s lies in a call of the queue: part of that."""
    found = take_all(store, center, clock, [queue_log, calls_in(name)])
    kim = {"inbound_calls": (2, 170 + 190), "outbound_calls": (3, 88 + 90 + 96), "other": (6, 2 * 6 + 12 + 15 + 10 + 4)}
    assert found == {"kim": kim, "lee": LEE}


def test_rule_46_cel_gives_count_and_talk(store: Store, center: Center, clock: Clock, queue_log: Batches) -> None:
    """A program began the call at 1500 s: the CEL knows when the customer answered, the CDR when the agent did."""
    found = take_all(store, center, clock, [queue_log, calls_in("cel_table.csv")])
    kim = {"inbound_calls": (2, 360), "outbound_calls": (3, 88 + 90 + 84), "other": (6, 2 * 6 + 12 + 15 + 10 + 16)}
    assert found == {"kim": kim, "lee": LEE}


def test_rule_46_files_in_any_order_give_the_same(
    store: Store, center: Center, clock: Clock, queue_log: Batches
) -> None:
    files = {"queue_log": queue_log, "cdr": calls_in("cdr_table.tsv"), "cel": calls_in("cel.csv")}
    orders = [*permutations(files)]
    take_all(store, center, clock, [files[name] for name in orders[0]])
    first = figures(store)
    assert first["kim"].phone is not None
    assert first["kim"].phone[PhoneState.OUTBOUND_CALLS].count == 3
    for order in orders[1:]:
        empty_timelines(store)
        take_all(store, center, clock, [files[name] for name in order])
        assert figures(store) == first


def empty_timelines(store: Store) -> None:
    """Forget all events."""
    for table in ("event", "interval", "figure", "agent_day", "agent_state"):
        store.write(lambda change, table=table: change.connection.exec_driver_sql(f"DELETE FROM {table}"), None)  # type: ignore[misc]


async def test_events_of_a_file_keep_their_lines_and_its_position(store: Store, center: Center) -> None:
    set_cti(store, center, "kim", "7001")
    path = "/services/oc/file-events"
    answered = event("1", "octui.call.answered", "PJSIP/7001", NOW, call="c1", direction="outbound")
    strange = event("2", "octui.call.answered", "PJSIP/kt", NOW, call="c2", direction="outbound")
    refused = event("3", "octui.call.answered", "PJSIP/7001", NOW, call="c3", direction="inbound")
    file = FILE | {"kind": "cdr", "name": "/var/log/asterisk/cdr-csv/Master.csv"}
    body: dict[str, Any] = {"file": file, "events": [strange, refused, answered], "lines": [4, 5, 6]}
    async with local_client(app(store)) as client:
        result = (await client.post(path, json=body)).json()
        wrong = await client.post(path, json=body | {"lines": [4]})
        (listed,) = (await client.get("/services/oc/intake-files")).json()["files"]
    assert (result["taken"], result["unmatched"]) == (1, {"PJSIP/kt": 1})
    assert [each["index"] for each in result["refused"]] == [1]
    assert wrong.status_code == 422
    assert (listed["kind"], listed["name"], listed["line"]) == ("cdr", file["name"], file["line"])
    ((*_, file_id, line),) = stored_events(store)
    assert (file_id is not None, line) == (True, 6)
    unmatched = "SELECT count(*) FROM unmatched_name"
    assert store.read(lambda connection: connection.exec_driver_sql(unmatched).scalar()) == 0


async def test_outbound_call_is_explained_by_its_lines(store: Store, center: Center, clock: Clock) -> None:
    clock.now = AFTER
    set_cti(store, center, "kim", "7001")
    (batch,) = CallLog(DATA / "cdr.csv", CallOptions("cdr", Report(), ZoneInfo("Asia/Seoul"))).read()
    assert batch.position is not None
    body = {"file": batch.position.model_dump(), "events": batch.events, "lines": batch.lines}
    async with local_client(app(store)) as client:
        assert (await client.post("/services/oc/file-events", json=body)).json()["taken"] > 0
        query = f"channel=phone&state=outbound_calls&date=2026-06-30&start={(NINE + 612) * 1000}"
        answer = await client.get(f"/services/oc/stats/kim/evidence?{query}")
    assert answer.status_code == 200, answer.text
    found = [answer.json()[name]["event"] for name in ("began", "ended")]
    assert [(each["type"], each["line"]) for each in found] == [("octui.call.answered", 3), ("octui.call.ended", 3)]
    assert {each["file"] for each in found} == {str(DATA / "cdr.csv")}
