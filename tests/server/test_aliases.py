"""Several names of one agent: matched in order, kept where they match nobody, filled in afterwards (rules.md 36)."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from octui.intake.queue_log import QueueLog
from octui.schema.cti import Column, CtiBatch, CtiEdit, Reason, UnmatchedName
from octui.schema.events import EventsResult
from octui.server.core.calendar import day_bounds
from octui.server.cti import store as cti_store
from octui.server.database.unit_of_work import Change
from octui.server.events.alias_store import MOST_NAMES, list_unmatched, match_names
from octui.server.events.rules import IncomingEvent, judge_events
from octui.server.events.store import take_in
from octui.server.stats.store import read_stats
from server.clients import local_client
from server.conftest import OPERATOR, Center, Clock, Store
from server.test_events import app

DAY = 20260701
T = day_bounds(DAY, "Asia/Seoul")[0] // 1000 + 9 * 3600
AFTER = day_bounds(20260702, "Asia/Seoul")[0]
FREEPBX = f"""\
{T}|c0|q1|Local/1001@from-queue/n|ADDMEMBER|
{T + 100}|c1|q1|Kim Minsu|CONNECT|5|1780000000.1|3
{T + 400}|c1|q1|Kim Minsu|COMPLETECALLER|5|300|1
{T + 900}|c0|q1|Local/1001@from-queue/n|REMOVEMEMBER|
"""


@pytest.fixture(autouse=True)
def _later(clock: Clock) -> None:
    clock.now = AFTER


def set_names(store: Store, account: str, cti_id: str | None = None, names: str | None = None) -> None:
    edit = CtiEdit(account=account, version=99, set={Column.CTI_ID: cti_id, Column.PBX_NAMES: names})
    result = store.write(lambda change: cti_store.save_batch(change, "oc", CtiBatch(edits=[edit])), OPERATOR)
    assert result.saved, result


def _take_in(service: int, events: list[IncomingEvent], change: Change) -> EventsResult:
    return take_in(change, service, events)


def take_log(store: Store, center: Center, folder: Path, text: str) -> EventsResult:
    """Take in a queue_log that fits in one batch."""
    path = folder / "queue_log"
    path.write_text(text, encoding="utf-8")
    (batch,) = QueueLog(path).read()
    return take_events(store, center, batch.events)


def take_events(store: Store, center: Center, events: list[dict[str, Any]]) -> EventsResult:
    judged = judge_events(events, "oc", AFTER)
    assert not judged.refused, judged.refused
    return store.write(partial(_take_in, center.services["oc"], judged.events), OPERATOR)


def unmatched(store: Store) -> list[UnmatchedName]:
    return store.read(lambda connection: list_unmatched(connection, "oc")).names


def proposed(store: Store) -> dict[str, tuple[str | None, Reason | None]]:
    return {row.name: (row.account, row.reason) for row in unmatched(store)}


def seconds(store: Store, account: str) -> dict[str, int]:
    stats = store.read(lambda connection: read_stats(connection, "oc", account, DAY, AFTER))
    assert stats.phone is not None
    return {state.value: figure.ms // 1000 for state, figure in stats.phone.items() if figure.ms}


def matches(store: Store, center: Center, name: str, *, of_queue: bool = True) -> str | None:
    people = store.read(lambda connection: match_names(connection, center.services["oc"], {(of_queue, name)}))
    return people[of_queue, name][1] if people else None


def test_rule_36_the_same_file_fills_in_what_was_missing(store: Store, center: Center, tmp_path: Path) -> None:
    set_names(store, "kim", "1001")
    first = take_log(store, center, tmp_path, FREEPBX)
    assert (first.taken, first.unmatched) == (2, {"Kim Minsu": 2})
    assert seconds(store, "kim") == {"ready": 900}
    (row,) = unmatched(store)
    assert (row.name, row.count, row.first_at, row.last_at) == ("Kim Minsu", 2, (T + 100) * 1000, (T + 400) * 1000)
    assert (row.account, row.name_of, row.reason) == ("kim", "김민수", Reason.QUEUE)
    set_names(store, "kim", "1001", "Kim Minsu")
    assert unmatched(store) == []
    again = take_log(store, center, tmp_path, FREEPBX)
    assert (again.taken, again.duplicates, again.unmatched) == (2, 2, {})
    assert seconds(store, "kim") == {"inbound_calls": 300, "other": 3, "ready": 597}


def test_rule_36_names_are_matched_in_order(store: Store, center: Center) -> None:
    set_names(store, "kim", "1001", "Kim Minsu; SIP/1002; LEE")
    set_names(store, "lee", "1002")
    assert matches(store, center, "PJSIP/1001-0000001a") == "kim"
    assert matches(store, center, "Local/1001@from-queue/n") == "kim"
    assert matches(store, center, " kim minsu ") == "kim"
    assert matches(store, center, "SIP/1002") == "kim"  # whole names come first
    assert matches(store, center, "PJSIP/1002") == "lee"
    assert matches(store, center, "lee") == "kim"  # a PBX name comes before an account …
    assert matches(store, center, "lee", of_queue=False) == "lee"  # … but not where accounts are meant
    assert matches(store, center, "choi") == "choi"
    assert matches(store, center, "park") is None  # no agent of this service
    set_names(store, "lee", "1002", "Park")
    assert matches(store, center, "PARK") == "lee"


def test_rule_36_cti_nos_are_names_too(store: Store, center: Center) -> None:
    edits = [
        CtiEdit(account="kim", version=99, set={Column.CTI_NO: "2001"}),
        CtiEdit(account="lee", version=99, set={Column.CTI_ID: "2002"}),
        CtiEdit(account="choi", version=99, set={Column.CTI_NO: "2002"}),
    ]
    store.write(lambda change: cti_store.save_batch(change, "oc", CtiBatch(edits=edits)), OPERATOR)
    assert matches(store, center, "SIP/2001") == "kim"
    assert matches(store, center, "SIP/2002") == "lee"  # a CTI ID comes first


def test_rule_36_names_leave_the_list_when_they_match(store: Store, center: Center, tmp_path: Path) -> None:
    log = f"{T}|c0|q1|SIP/1001|ADDMEMBER|\n{T}|c0|q1|SIP/9|ADDMEMBER|\n{T + 5}|c1|q1|choi|CONNECT|1|x|2\n"
    take_log(store, center, tmp_path, log)
    assert [row.name for row in unmatched(store)] == ["SIP/1001", "SIP/9"]
    set_names(store, "kim", "1001")
    assert [row.name for row in unmatched(store)] == ["SIP/9"]


def test_rule_36_reading_again_does_not_count_again(store: Store, center: Center, tmp_path: Path) -> None:
    log = FREEPBX.replace("from-queue", "q")
    for _ in range(2):
        take_log(store, center, tmp_path, log)
    assert {row.name: row.count for row in unmatched(store)} == {"Kim Minsu": 2, "Local/1001@q/n": 2}
    take_log(store, center, tmp_path, f"{T + 2000}|c2|q1|Kim Minsu|CONNECT|5|x|3\n")
    assert {row.name: row.count for row in unmatched(store)} == {"Kim Minsu": 3, "Local/1001@q/n": 2}


def test_rule_36_evidence_holds_when_the_cti_id_comes_later(store: Store, center: Center, tmp_path: Path) -> None:
    take_log(store, center, tmp_path, FREEPBX)
    assert proposed(store) == {"Kim Minsu": (None, None), "Local/1001@from-queue/n": (None, None)}
    set_names(store, "kim", "1001")
    assert proposed(store) == {"Kim Minsu": ("kim", Reason.QUEUE)}


def test_rule_36_namesakes_and_nicknames_are_proposed(store: Store, center: Center, tmp_path: Path) -> None:
    log = "".join(
        f"{T + n}|c{n}|q1|{name}|CONNECT|1|x|2\n" for n, name in enumerate(("김민수", "SIP/이영희", "박철수"))
    )
    take_log(store, center, tmp_path, log)
    assert proposed(store) == {
        "SIP/이영희": ("lee", Reason.NAME),
        "김민수": ("kim", Reason.NAME),
        "박철수": (None, None),  # no agent of this service
    }


HOSTILE = ("\x9b31mKim", "김" * 200, "\u202eKim", "\u05d0\u05d1\u05d2", "a;b", "e\u0301")


def test_rule_36_hostile_names_are_kept_harmless(store: Store, center: Center, tmp_path: Path) -> None:
    log = "".join(
        f"{T + 10 * n}|c0|q{n}|SIP/1001|ADDMEMBER|\n{T + 10 * n + 5}|c{n}|q{n}|{name}|CONNECT|1|x|2\n"
        for n, name in enumerate(HOSTILE)
    )
    take_log(store, center, tmp_path, log)
    names = {row.name for row in unmatched(store)}
    assert names == {"\ufffd31mKim", "김" * 200, "\ufffdKim", "\u05d0\u05d1\u05d2", "a;b", "é", "SIP/1001"}
    set_names(store, "lee", None, "; ".join(("김" * 200, "\u05d0\u05d1\u05d2", "E\u0301")))
    assert {row.name for row in unmatched(store)} == {"\ufffd31mKim", "\ufffdKim", "a;b", "SIP/1001"}
    set_names(store, "kim", "1001")
    assert proposed(store) == {"\ufffd31mKim": (None, None), "\ufffdKim": (None, None), "a;b": (None, None)}


def test_rule_36_names_kept_are_limited(store: Store, center: Center) -> None:
    def batch(start: int) -> list[dict[str, Any]]:
        data = {"queue": "q", "args": []}
        return [
            {"specversion": "1.0", "id": str(n), "source": "s", "type": "octui.queue.ADDMEMBER", "subject": f"n{n}"}
            | {"data": data}
            for n in range(start, start + 600)
        ]

    for start in (0, 600):
        assert len(take_events(store, center, batch(start)).unmatched) == 600
    assert len(unmatched(store)) == MOST_NAMES


async def test_unmatched_names_are_listed_by_the_api(store: Store, center: Center, tmp_path: Path) -> None:
    set_names(store, "kim", "1001")
    take_log(store, center, tmp_path, FREEPBX)
    async with local_client(app(store)) as operator:
        answer = await operator.get("/services/oc/cti/unmatched")
        assert answer.status_code == 200, answer.text
        assert answer.json()["time_zone"] == "Asia/Seoul"
        assert [(row["name"], row["account"], row["reason"]) for row in answer.json()["names"]] == [
            ("Kim Minsu", "kim", "queue")
        ]
        assert (await operator.get("/services/chat/cti/unmatched")).status_code == 403
    async with local_client(app(store), "kim") as kim:
        assert (await kim.get("/services/oc/cti/unmatched")).status_code in (403, 404)
