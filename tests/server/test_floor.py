"""The floor over HTTP: the queue and the agents of a service, now, at a past minute, and minute by minute."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from octui.server.app import create_app
from octui.server.cti.log_purge import purge_due
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.events import routes as events_routes
from octui.server.events.rules import judge_events
from octui.server.events.store import take_in
from octui.server.floor import routes as floor_routes
from octui.server.floor import store as floor_store
from octui.server.stats import routes as stats_routes
from server.clients import local_client
from server.conftest import NOW, OPERATOR, Center, Clock, Store
from server.test_events import event, send_events, set_cti

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
FLOOR = "/services/oc/floor"
POSITION = {"kind": "queue_log", "name": "/var/log/queue_log", "head": "ab", "position": 0, "line": 0, "digest": "ab"}


def app(store: Store) -> FastAPI:
    parts = [events_routes.operations, stats_routes.operations, floor_routes.operations]
    return create_app(store, parts=parts)


async def get(store: Store, path: str = FLOOR, account: str | None = None, status: int = 200) -> Any:
    async with local_client(app(store), account) as client:
        answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


def queue(at: int, name: str, call: str, *args: str, agent: str = "") -> dict[str, Any]:
    """A queue_log event of a call at `at` (epoch ms)."""
    data = {"call": call, "queue": "q", "args": list(args)} | ({"agent": agent} if agent else {})
    return event(f"{at}-{name}-{call}", f"octui.queue.{name}", None, at=at, **data)


def call(start: int, name: str, wait: int, *, agent: str = "") -> list[dict[str, Any]]:
    """A call that enters at `start` and waits so many seconds, then is answered by the agent or abandoned."""
    entered = queue(start, "ENTERQUEUE", name, "", "010")
    if agent:
        return [entered, queue(start + wait * SECOND, "CONNECT", name, str(wait), "x", "1", agent=agent)]
    return [entered, queue(start + wait * SECOND, "ABANDON", name, "1", "1", str(wait))]


async def send_heartbeat(store: Store) -> None:
    body = {"rows": [], "file": POSITION | {"followed": "/var/log/queue_log"}}
    async with local_client(app(store)) as client:
        answer = await client.post("/services/oc/queue-log", json=body)
    assert answer.status_code == 200, answer.text


async def test_floor_of_a_service_without_events_is_unknown(store: Store, center: Center) -> None:
    floor = await get(store)
    assert floor.pop("limits")["threshold_seconds"] == 20
    assert floor == {
        "service": "oc",
        "name": "상담",
        "time_zone": "Asia/Seoul",
        "date": "2026-07-01",
        "day_start": NOW - 9 * HOUR,
        "day_end": NOW + 15 * HOUR,
        "at": NOW,
        "known_until": None,
        "waiting": None,
        "waiting_since": None,
        "calls": None,
        "agents": None,
    }
    minutes = await get(store, FLOOR + "/minutes")
    assert len(minutes["waiting"]) == 9 * 60
    assert set(minutes["waiting"]) == set(minutes["offered"]) == {None}


async def test_floor_counts_calls_and_agents(store: Store, center: Center, clock: Clock) -> None:
    set_cti(store, center, "kim", "1001")
    batch = [
        event(1, "octui.phone.login", "lee", at=NOW - HOUR),
        event(2, "octui.phone.login", "kim", at=NOW - HOUR),
        event(3, "octui.phone.state", "lee", at=NOW - HOUR, state="dialling"),
        *call(NOW - 30 * MINUTE, "a", 20, agent="1001"),
        *call(NOW - 20 * MINUTE, "b", 21, agent="stranger"),
        *call(NOW - 10 * MINUTE, "c", 70),
        queue(NOW - 50 * SECOND, "ENTERQUEUE", "d"),
        queue(NOW - 40 * SECOND, "ENTERQUEUE", "e"),
    ]
    await send_events(store, batch)
    floor = await get(store)
    assert floor["calls"] == {"offered": 5, "answered": 2, "abandoned": 1, "answered_in_time": 1}
    assert (floor["waiting"], floor["waiting_since"]) == (2, NOW - 50 * SECOND)
    assert floor["agents"] == {"logged_in": 2, "ready": 0, "on_call": 1, "outbound": 1, "break_work": 0}
    assert floor["known_until"] == NOW - 40 * SECOND
    past = await get(store, f"{FLOOR}?at={NOW - 10 * MINUTE}")
    assert (past["waiting"], past["waiting_since"]) == (1, NOW - 10 * MINUTE)
    assert past["calls"] == {"offered": 3, "answered": 2, "abandoned": 0, "answered_in_time": 1}
    assert (await get(store, f"{FLOOR}?at={NOW - 45 * MINUTE}"))["agents"]["ready"] == 1
    assert (await get(store, f"{FLOOR}?at={NOW - 61 * MINUTE}"))["calls"] is None
    clock.now = NOW + 4 * HOUR
    assert (await get(store))["waiting"] == 0  # both waits are over, though their ends are not in the log


async def test_minutes_add_up_to_the_floor(store: Store, center: Center) -> None:
    set_cti(store, center, "kim", "1001")
    await send_events(store, [*call(NOW - 30 * MINUTE, "a", 200, agent="1001"), *call(NOW - MINUTE, "b", 10)])
    assert (await get(store, FLOOR + "/minutes"))["offered"][-1] is None  # not all of it is known
    await send_heartbeat(store)
    minutes, floor = await get(store, FLOOR + "/minutes"), await get(store)
    assert minutes["offered"][: 8 * 60 + 30] == [None] * (8 * 60 + 30)
    known = slice(8 * 60 + 30, None)
    assert sum(minutes["offered"][known]) == floor["calls"]["offered"] == 2
    assert sum(minutes["answered"][known]) == 1
    assert sum(minutes["answered_in_time"][known]) == 0
    assert sum(minutes["abandoned"][known]) == 1
    assert minutes["waiting"][known] == [1, 1, 1, *[0] * 27]
    assert minutes["longest_ms"][known][:4] == [MINUTE, 2 * MINUTE, 3 * MINUTE, 0]
    assert minutes["on_call"][known] == [0, 0, 0, *[1] * 27]


async def test_late_events_change_the_minutes_they_belong_to(store: Store, center: Center) -> None:
    set_cti(store, center, "kim", "1001")
    batch = [
        event(1, "octui.phone.login", at=NOW - HOUR),
        event(2, "octui.phone.state", at=NOW - 40 * MINUTE, state="meal"),
        event(3, "octui.phone.state", at=NOW - 20 * MINUTE, state="ready"),
        *call(NOW - 15 * MINUTE, "a", 100),
        *call(NOW - 10 * MINUTE, "b", 100, agent="1001"),
        queue(NOW - 7 * MINUTE, "COMPLETECALLER", "b", "1", "1", agent="1001"),
        queue(NOW - 5 * MINUTE, "QUEUESTART", "NONE"),
    ]
    await send_events(store, batch)
    expected = await get(store, FLOOR + "/minutes")
    store.write(_forget_events, OPERATOR)
    for each in reversed(batch):
        await send_events(store, [each])
    assert await get(store, FLOOR + "/minutes") == expected


def _forget_events(change: Any) -> None:
    for table in (
        *(tables.event, tables.agent_state, tables.agent_day, tables.interval, tables.figure),
        *(tables.queue_call, tables.queue_stay, tables.queue_minute, tables.service_day, tables.source_clock),
    ):
        change.connection.execute(table.delete())


async def test_a_threshold_holds_from_today_on(store: Store, center: Center, clock: Clock) -> None:
    set_cti(store, center, "kim", "1001")
    await send_events(store, call(NOW - DAY, "a", 15, agent="1001"))
    await send_events(store, call(NOW - HOUR, "b", 15, agent="1001"))
    yesterday = f"{FLOOR}?at={NOW - 12 * HOUR}"
    assert (await get(store))["calls"]["answered_in_time"] == 1
    store.write(lambda change: floor_store.set_threshold(change, "oc", 10), OPERATOR)
    assert (await get(store))["calls"]["answered_in_time"] == 0
    assert (await get(store, yesterday))["calls"]["answered_in_time"] == 1
    clock.now = NOW + DAY
    await send_events(store, call(NOW + 20 * HOUR, "c", 11, agent="1001"))
    assert (await get(store))["calls"]["answered_in_time"] == 0


async def test_rule_50_a_followed_log_tells_up_to_when_all_is_known(store: Store, center: Center, clock: Clock) -> None:
    await send_events(store, call(NOW - 10 * MINUTE, "a", 5))
    assert (await get(store))["known_until"] == NOW - 10 * MINUTE + 5 * SECOND
    await send_heartbeat(store)
    assert (await get(store))["known_until"] == NOW
    clock.now = NOW + 5 * MINUTE
    await send_events(store, [queue(NOW + 4 * MINUTE, "ENTERQUEUE", "b")])
    assert (await get(store))["known_until"] == NOW
    assert (await get(store, f"{FLOOR}?at={NOW + 2 * MINUTE}"))["waiting"] is None
    await send_heartbeat(store)
    assert (await get(store))["known_until"] == NOW + 5 * MINUTE
    assert (await get(store, f"{FLOOR}?at={NOW + 2 * MINUTE}"))["waiting"] == 0
    assert (await get(store, f"{FLOOR}?at={NOW + 4 * MINUTE}"))["waiting"] == 1


async def test_a_day_that_is_over_keeps_its_calls(store: Store, center: Center) -> None:
    await send_events(store, call(NOW - DAY, "a", 5))
    floor = await get(store, f"{FLOOR}?at={NOW - 12 * HOUR}")
    assert floor["calls"]["abandoned"] == 1
    assert floor["waiting"] is None  # nobody knows


async def test_keys_are_no_source_of_calls(store: Store, center: Center) -> None:
    body = {"kind": "login"}
    set_cti(store, center, "kim", "1001", "501")
    async with local_client(app(store), "kim") as client:
        answer = await client.post("/services/oc/stats/kim/state", json=body)
    assert answer.status_code == 200, answer.text
    floor = await get(store)
    assert (floor["known_until"], floor["calls"]) == (None, None)


@pytest.mark.parametrize("at", ["", "x", "-1", "1e9", "9" * 30, "٣", "0"])
async def test_a_moment_that_is_none_is_refused(store: Store, center: Center, at: str) -> None:
    assert (await get(store, f"{FLOOR}?at={at}", status=422))["errors"][0]["field"] == "at"


async def test_agents_of_a_service_see_its_floor_and_no_other(store: Store, center: Center) -> None:
    await get(store, account="kim")
    await get(store, account="choi")
    await get(store, account="park", status=404)


async def test_rule_50_calls_are_unknown_where_no_source_tells_of_them(store: Store, center: Center) -> None:
    await send_events(store, [event(1, "octui.phone.login", at=NOW - MINUTE)])
    floor = await get(store)
    assert (floor["calls"], floor["waiting"], floor["agents"]["ready"]) == (None, None, 1)
    await send_heartbeat(store)
    floor, minutes = await get(store), await get(store, FLOOR + "/minutes")
    assert (floor["calls"]["offered"], floor["waiting"]) == (0, 0)
    assert (minutes["offered"][-1], minutes["waiting"][-1]) == (0, 0)


async def test_rule_50_days_before_minutes_were_counted_stay_unknown(store: Store, center: Center) -> None:
    def mark_upgrade(change: Change) -> None:
        row = {"service_id": center.services["oc"], "counted_after": NOW - HOUR, "has_calls": 0}
        change.connection.execute(tables.floor_service.insert().values(**row))

    store.write(mark_upgrade, OPERATOR)
    await send_events(store, [*call(NOW - 12 * HOUR, "a", 5), *call(NOW - MINUTE, "b", 5)])
    for at in (NOW - 10 * HOUR, NOW):
        assert (await get(store, f"{FLOOR}?at={at}"))["calls"] is None


def test_minutes_go_with_the_events_of_their_days(store: Store, center: Center) -> None:
    service = center.services["oc"]

    def take_in_calls(change: Change) -> None:
        change.connection.execute(update(tables.cti_settings).values(monitoring=True, retention_years=1))
        body = [*call(NOW - 800 * DAY, "old", 90), *call(NOW - HOUR, "new", 90)]
        take_in(change, service, judge_events(body, "oc", NOW).events)

    store.write(take_in_calls, OPERATOR)
    purge_due(store)
    columns = (tables.queue_call.c.call, tables.queue_stay.c.call, tables.service_day.c.day)
    left = store.read(lambda connection: [connection.execute(select(column)).scalars().all() for column in columns])
    assert left == [["new"], ["new"], [20260701]]
    first = store.read(lambda connection: connection.execute(select(func.min(tables.queue_minute.c.minute))).scalar())
    assert first == (NOW - HOUR) // MINUTE


@pytest.mark.parametrize(
    "args",
    [[], ["-5"], ["1" * 200], ["١٢"], ["nan"], ["1.5"], ["\x1b[2J"], [""] * 16, ["9" * 9, "9" * 9, "9" * 9, "9" * 9]],
)
async def test_hostile_waits_never_break_the_floor(store: Store, center: Center, args: list[str]) -> None:
    for number, name in enumerate(("CONNECT", "ABANDON", "EXITWITHKEY", "EXITWITHTIMEOUT", "EXITEMPTY")):
        answer = await send_events(store, [queue(NOW - MINUTE, name, f"c{number}", *args, agent="stranger")])
        assert answer.status_code == 200
    floor = await get(store)
    assert floor["calls"] | {"answered_in_time": 0} == {
        "offered": 5,
        "answered": 1,
        "abandoned": 4,
        "answered_in_time": 0,
    }
    assert all(number is None or number >= 0 for number in (await get(store, FLOOR + "/minutes"))["longest_ms"])


@pytest.mark.parametrize("call_id", ["'; DROP TABLE queue_call; --", "한" * 150, "\N{PILE OF POO}", "0", "null"])
async def test_hostile_call_ids_are_only_names(store: Store, center: Center, call_id: str) -> None:
    await send_events(store, call(NOW - MINUTE, call_id, 5))
    await send_events(store, [queue(NOW - 30 * SECOND, "ENTERQUEUE", call_id)])
    floor = await get(store)
    assert (floor["calls"]["offered"], floor["waiting"]) == (1, 1)


async def test_a_call_id_with_a_thousand_events_stays_small(store: Store, center: Center) -> None:
    body = [queue(NOW - HOUR + number * SECOND, "ENTERQUEUE", "c", str(number)) for number in range(1000)]
    await send_events(store, body)
    stored = store.read(lambda connection: connection.execute(select(tables.queue_call.c.data)).scalar_one())
    assert len(stored) < 10_000
    assert (await get(store))["calls"]["offered"] == 1


@pytest.mark.parametrize(
    ("followed", "status"), [("x" * 4096, 200), ("x" * 4097, 422), (True, 422), (["x"], 422), ("\x1b[2J\x00", 200)]
)
async def test_sign_of_life_of_any_name_is_taken_or_refused(
    store: Store, center: Center, followed: object, status: int
) -> None:
    body = {"rows": [], "file": POSITION | {"followed": followed}}
    async with local_client(app(store)) as client:
        answer = await client.post("/services/oc/queue-log", json=body)
    assert answer.status_code == status
    assert (await get(store))["known_until"] == (NOW if status == 200 else None)


async def test_late_restart_ends_a_wait_that_a_later_restart_had_ended(store: Store, center: Center) -> None:
    restarts = [queue(NOW - minutes * MINUTE, "QUEUESTART", "") for minutes in (20, 10)]
    await send_events(store, [queue(NOW - 30 * MINUTE, "ENTERQUEUE", "a"), queue(NOW - MINUTE, "ENTERQUEUE", "b")])
    for restart in reversed(restarts):
        await send_events(store, [restart])
    assert (await get(store, f"{FLOOR}?at={NOW - 15 * MINUTE}"))["waiting"] == 0
