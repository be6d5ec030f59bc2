"""The compact wire of a queue_log: rows over HTTP, with the position of their file in the same transaction."""

import json
from typing import Any

from sqlalchemy import select

from octui.schema.events import LARGEST_BATCH, LARGEST_CHECK
from octui.server.database import tables
from server.clients import local_client
from server.conftest import NOW, Center, Clock, Store
from server.test_events import app, event, send_events, set_cti

PATH = "/services/oc/queue-log"
FILE: dict[str, Any] = {
    "kind": "queue_log",
    "name": "/var/log/asterisk/queue_log",
    "head": "00ff",
    "device": 1,
    "inode": 2,
    "position": 100,
    "line": 3,
    "digest": "aa",
    "state": {"last": 5},
}


def row(number: int, name: str, agent: str = "PJSIP/7001", *args: str, at: int = NOW) -> list[Any]:
    return [at, number, f"{at // 1000:012d}-{number}", name, "NONE", "q", agent, list(args), number + 1]


async def send_rows(store: Store, rows: list[Any], account: str | None = None, **fields: Any) -> Any:
    async with local_client(app(store), account) as client:
        return await client.post(PATH, content=json.dumps({"rows": rows, **fields}))


def stored_events(store: Store) -> list[tuple[Any, ...]]:
    of = tables.event.c
    columns = (of.event_id, of.type, of.member_id, of.at, of.sequence, of.data, of.file_id, of.line)
    return store.read(lambda connection: [tuple(each) for each in connection.execute(select(*columns).order_by(of.id))])


async def test_rows_and_cloud_events_are_the_same_events(store: Store, center: Center) -> None:
    set_cti(store, center, "kim", "7001")
    rows = [
        row(0, "ADDMEMBER"),
        row(1, "PAUSE", "PJSIP/7001", "세차"),
        row(2, "QUEUESTART", "NONE"),
        row(3, "PAUSE", "Agent/9"),
        row(4, "CONFIGRELOAD", "NONE"),
        row(5, "PAUSE", "NONE"),
    ]
    answer = await send_rows(store, rows, reasons={"세차": "meeting"})
    assert answer.status_code == 200
    result = answer.json()
    assert (result["taken"], result["unmatched"], result["unknown"]) == (
        3,
        {"Agent/9": 1},
        {"octui.queue.CONFIGRELOAD": 1},
    )
    assert [(each["index"], each["code"]) for each in result["refused"]] == [(5, "missing")]
    kim = center.members["kim"]
    assert [(each[1], each[2], each[6], each[7]) for each in stored_events(store)] == [
        ("octui.queue.ADDMEMBER", kim, None, 1),
        ("octui.queue.PAUSE", kim, None, 2),
        ("octui.queue.QUEUESTART", 0, None, 3),
    ]
    assert json.loads(stored_events(store)[1][5])["state"] == "meeting"
    old = event(rows[0][2], "octui.queue.ADDMEMBER", None, NOW, call="NONE", queue="q", agent="7001")
    again = (await send_events(store, [old | {"source": "asterisk/queue_log"}])).json()
    assert (again["taken"], again["duplicates"]) == (0, 1)
    assert (await send_rows(store, rows)).json()["duplicates"] == 3


async def test_position_is_stored_with_the_events(store: Store, center: Center) -> None:
    set_cti(store, center, "kim", "7001")
    await send_rows(store, [row(0, "ADDMEMBER")], file=FILE)
    moved = FILE | {"name": "/var/log/asterisk/queue_log.1", "position": 200, "line": 6}
    await send_rows(store, [row(1, "PAUSE")], file=moved)
    of = tables.intake_file.c
    found = select(of.id, of.name, of.head, of.position, of.line, of.digest, of.state, of.at)
    (file,) = store.read(lambda connection: connection.execute(found).all())
    assert tuple(file)[1:] == (moved["name"], b"\x00\xff", 200, 6, b"\xaa", '{"last":5}', NOW)
    assert {each[6] for each in stored_events(store)} == {file.id}


async def known_files(store: Store) -> list[dict[str, Any]]:
    async with local_client(app(store)) as client:
        files: list[dict[str, Any]] = (await client.get("/services/oc/intake-files")).json()["files"]
        return files


async def test_known_files_are_listed_with_their_positions(store: Store, center: Center) -> None:
    await send_rows(store, [], file=FILE)
    await send_rows(store, [], file=FILE | {"head": "01", "kind": "cdr"})
    listed = await known_files(store)
    assert listed[1] == FILE | {"at": NOW, "fills_in": False}
    assert [file["kind"] for file in listed] == ["cdr", "queue_log"]


async def test_rule_36_file_fills_in_when_a_name_matches_that_matched_nobody(store: Store, center: Center) -> None:
    await send_rows(store, [row(0, "ADDMEMBER", "Agent/9")], file=FILE)
    await send_rows(store, [row(1, "ADDMEMBER", "Agent/8")], file=FILE | {"after": 3, "line": 6})
    assert not (await known_files(store))[0]["fills_in"]
    set_cti(store, center, "kim", "9")
    assert (await known_files(store))[0]["fills_in"]
    await send_rows(store, [row(0, "ADDMEMBER", "Agent/9")], file=FILE | {"after": 0, "line": 3})
    await send_rows(store, [row(1, "ADDMEMBER", "Agent/8")], file=FILE | {"after": 3, "line": 6})
    assert not (await known_files(store))[0]["fills_in"]


async def test_names_of_a_log_are_looked_up_without_writing(store: Store, center: Center) -> None:
    set_cti(store, center, "kim", "7001")
    before = stored_events(store)
    body = {"names": ["PJSIP/7001", "7001", "Nobody"], "events": ["CONNECT", "HELLO"], "reasons": ["점심", "세차"]}
    async with local_client(app(store), None) as client:
        answer = await client.post(PATH + "/names", json=body)
        missing = await client.post("/services/none/queue-log/names", json=body)
        many = await client.post(PATH + "/names", json={"names": ["x"] * (LARGEST_CHECK + 1)})
    assert answer.json() == {
        "accounts": {"PJSIP/7001": "kim", "7001": "kim", "Nobody": None},
        "unknown_events": ["HELLO"],
        "unknown_reasons": ["세차"],
        "first_day": None,
    }
    assert (missing.status_code, many.status_code) == (404, 422)
    assert stored_events(store) == before


async def test_file_fills_in_when_lines_were_ahead_of_the_clock(store: Store, center: Center, clock: Clock) -> None:
    set_cti(store, center, "kim", "7001")
    early = row(0, "ADDMEMBER", at=NOW + 600_000)
    assert (await send_rows(store, [early], file=FILE)).json()["refused"][0]["code"] == "range"
    assert (await known_files(store))[0]["fills_in"]
    clock.now = NOW + 600_000
    assert (await send_rows(store, [early], file=FILE | {"after": 0})).json()["taken"] == 1
    assert not (await known_files(store))[0]["fills_in"]
    far = row(1, "PAUSE", at=NOW + 10**12)
    await send_rows(store, [far], file=FILE | {"after": 3, "line": 4})
    assert not (await known_files(store))[0]["fills_in"]


async def test_broken_bodies_are_refused_whole(store: Store, center: Center) -> None:
    async with local_client(app(store)) as client:
        assert (await client.post(PATH, content=b"{")).status_code == 400
        assert (await client.post(PATH, content=b'{"rows": [["\\ud800"]]}')).status_code == 400
        assert (await client.post(PATH, content=b"[]")).status_code == 422
    assert (await send_rows(store, [[]] * (LARGEST_BATCH + 1))).status_code == 422
    assert (await send_rows(store, [], other=1)).status_code == 422
    for broken in ({"head": "x"}, {"position": -1}, {"kind": "secrets"}, {"state": {"x": "y" * 300_000}}):
        assert (await send_rows(store, [], file=FILE | broken)).status_code == 422
    assert (await send_rows(store, [row(0, "ADDMEMBER")], "kim")).status_code == 403
    assert stored_events(store) == []
