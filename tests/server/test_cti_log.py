"""The CTI log: what goes into it, its days, its pages (rules.md 21)."""

from typing import Any

from fastapi import FastAPI
from sqlalchemy import delete, text, update

from octui.server.app import create_app
from octui.server.core.calendar import day_bounds
from octui.server.cti import log_store
from octui.server.database import tables
from server.clients import local_client
from server.conftest import NOW, OPERATOR, Center, Clock, Store
from server.test_events import event, send_events, set_cti

LOG = "/services/oc/cti/log"
TODAY, TOMORROW = day_bounds(20260701, "Asia/Seoul")
HOUR = 3_600_000


def turn_monitoring_on(store: Store, on: bool = True) -> None:
    statement = update(tables.cti_settings).values(monitoring=on)
    store.write(lambda change: change.connection.execute(statement).rowcount, OPERATOR)


async def get(store: Store, path: str = LOG, **params: Any) -> Any:
    app: FastAPI = create_app(store)
    async with local_client(app, "choi") as client:
        answer = await client.get(path, params={name.rstrip("_"): value for name, value in params.items()})
        return answer.json() if answer.status_code == 200 else answer


async def test_rule_21_the_log_holds_monitored_events_only(store: Store, center: Center) -> None:
    await send_events(store, [event(1, "octui.phone.login")])
    assert (await get(store))["entries"] == []
    turn_monitoring_on(store)
    set_cti(store, center, "kim", "7001", "1001")
    batch = [
        event(1, "octui.phone.login"),  # taken in before anybody monitored
        event(2, "octui.phone.state", state="inbound_calls", call="C1", at=NOW + 1),
        event(3, "octui.chat.login"),
        event(4, "octui.ticket.created", None, ticket="T"),
        event(5, "octui.queue.CONNECT", "PJSIP/7001", NOW + 2, queue="support", args=["7", "b", "3", ""], call="C2"),
        event(6, "octui.queue.ENTERQUEUE", None, NOW + 3, queue="support", args=["", "01012345678", "1"], call="C3"),
        event(7, "octui.queue.QUEUESTART", None, NOW + 4),
        event(8, "octui.phone.login", "nobody"),
    ]
    assert (await send_events(store, batch)).json()["taken"] == 6
    page = await get(store)
    assert (page["count"], page["time_zone"], page["next"]) == (4, "Asia/Seoul", None)
    assert [
        (one["type"], one["account"], one["name"], one["cti_id"], one["call"], one["detail"]) for one in page["entries"]
    ] == [
        ("octui.phone.state", "kim", "김민수", "7001", "C1", "inbound_calls"),
        ("octui.queue.CONNECT", "kim", "김민수", "7001", "C2", "support 7|b|3"),
        ("octui.queue.ENTERQUEUE", "", "", "", "C3", "support |01012345678|1"),
        ("octui.queue.QUEUESTART", "", "", "", "", ""),
    ]
    assert {(one["at"] - NOW, one["day"]) for one in page["entries"]} == {(at, "2026-07-01") for at in (1, 2, 3, 4)}
    # The same again is no second entry, and what comes while nobody monitors is none.
    await send_events(store, batch)
    turn_monitoring_on(store, False)
    await send_events(store, [event(9, "octui.phone.logout", at=NOW + 9)])
    assert (await get(store))["count"] == 4
    days = await get(store, LOG + "/days")
    assert days == {"days": [{"day": "2026-07-01", "count": 4}], "time_zone": "Asia/Seoul"}


async def test_an_event_belongs_to_the_services_day_of_its_time(store: Store, center: Center, clock: Clock) -> None:
    turn_monitoring_on(store)
    clock.now = TOMORROW + HOUR
    ats = {1: TODAY - 1, 2: TODAY, 3: TOMORROW - 1, 4: TOMORROW}
    await send_events(store, [event(number, "octui.phone.login", at=ats[number]) for number in (4, 3)])
    await send_events(store, [event(number, "octui.phone.login", at=ats[number]) for number in (2, 1)])
    days = (await get(store, LOG + "/days"))["days"]
    assert days == [
        {"day": "2026-07-02", "count": 1},
        {"day": "2026-07-01", "count": 2},
        {"day": "2026-06-30", "count": 1},
    ]

    async def ats_of(**params: Any) -> list[int]:
        return [one["at"] for one in (await get(store, **params))["entries"]]

    # By day, and those of a day as they came.
    assert await ats_of() == [TODAY - 1, TOMORROW - 1, TODAY, TOMORROW]
    assert await ats_of(from_="2026-07-01", to="2026-07-01") == [TOMORROW - 1, TODAY]
    assert await ats_of(from_="2026-07-02") == [TOMORROW]
    assert await ats_of(to="2026-06-29") == []
    for date in ("2026-02-30", "20260701", "x", "9999-12-31"):
        for name in ("from", "to"):
            refused = await get(store, **{name: date})
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, name)


async def test_pages_hold_each_entry_once(store: Store, center: Center, clock: Clock) -> None:
    turn_monitoring_on(store)
    clock.now = TOMORROW + 2 * HOUR
    events = [
        event(
            number,
            "octui.phone.state",
            at=TOMORROW + (number * 37 % 100 - 50) * 60_000,
            state=("rest", "meal")[number % 2],
        )
        for number in range(100)
    ]
    for first in range(0, 100, 30):
        await send_events(store, events[first : first + 30])
    whole = (await get(store, limit=1000))["entries"]
    assert len({one["id"] for one in whole}) == 100
    assert [(one["day"], one["id"]) for one in whole] == sorted((one["day"], one["id"]) for one in whole)
    for limit in (1, 33, 50, 100):
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        counts = []
        while True:
            page = await get(store, limit=limit, **after)
            found += page["entries"]
            counts.append(page["count"])
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert found == whole
        assert counts == [100] + [None] * (-(-100 // limit) - 1)
    for wrong in ("x", "20260701", "20260701.-1", "20260701.1 OR 1=1"):
        assert (await get(store, after=wrong)).status_code == 422


async def test_a_removed_member_is_shown_by_number(store: Store, center: Center) -> None:
    turn_monitoring_on(store)
    await send_events(store, [event(1, "octui.phone.login", "lee")])

    def remove(change: Any) -> int:
        for table in (tables.agent, tables.cti_agent):
            change.connection.execute(delete(table).where(table.c.member_id == center.members["lee"]))
        gone: int = change.connection.execute(delete(tables.member).where(tables.member.c.account == "lee")).rowcount
        return gone

    assert store.write(remove, OPERATOR) == 1
    (entry,) = (await get(store))["entries"]
    assert (entry["account"], entry["name"], entry["cti_id"]) == (f"#{center.members['lee']}", "", "")


def test_a_page_is_found_by_an_index(store: Store, center: Center) -> None:
    def plan(connection: Any) -> str:
        if store.dialect == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        words = "EXPLAIN " if store.dialect == "postgresql" else "EXPLAIN QUERY PLAN "
        statement = words + log_store._ENTRIES._texts[store.dialect]
        return " ".join(
            str(row) for row in connection.exec_driver_sql(statement, (1, 20260701, 20260702, 20260701, 5, 9))
        )

    found = store.read(plan)
    assert "ix_event_cti_log" in found
    assert "TEMP B-TREE" not in found
    assert "Sort" not in found
