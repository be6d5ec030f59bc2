"""Events over HTTP: matched to agents, stored once, refused one by one, and touching topics."""

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from octui.schema.events import LARGEST_BATCH
from octui.schema.live import agents_topic, stats_topic, tickets_topic
from octui.server.app import create_app
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.events import routes as events_routes
from octui.server.events.rules import IncomingEvent
from octui.server.events.store import take_in
from octui.server.stats import routes as stats_routes
from server.clients import local_client
from server.conftest import NOW, OPERATOR, Center, Clock, Store

BATCH = {"content-type": "application/cloudevents-batch+json"}
PATH = "/services/oc/events"


def app(store: Store) -> FastAPI:
    """Return the application with the routes that these tests need."""
    return create_app(store, parts=[events_routes.operations, stats_routes.operations])


def iso_time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def event(number: int | str, kind: str, subject: str | None = "kim", at: int = NOW, **data: Any) -> dict[str, Any]:
    made = {
        "specversion": "1.0",
        "id": str(number),
        "source": "test",
        "type": kind,
        "time": iso_time(at),
        "data": data,
    }
    return made | ({"subject": subject} if subject is not None else {})


def set_cti(store: Store, center: Center, account: str, cti_id: str | None, cti_no: str | None = None) -> None:
    of = tables.cti_agent
    store.write(
        lambda change: change.connection.execute(
            update(of).where(of.c.member_id == center.members[account]).values(cti_id=cti_id, cti_no=cti_no)
        ),
        OPERATOR,
    )


def stored_rows(store: Store) -> int:
    return store.read(
        lambda connection: connection.execute(select(func.count()).select_from(tables.event)).scalar_one()
    )


async def send_events(store: Store, body: Any, account: str | None = None, **headers: str) -> Any:
    async with local_client(app(store), account) as client:
        return await client.post(PATH, content=json.dumps(body), headers=BATCH | headers)


async def test_every_event_is_counted_in_exactly_one_place(store: Store, center: Center) -> None:
    batch = [
        event(1, "octui.phone.login"),
        event(1, "octui.phone.login"),
        event(2, "octui.phone.login", "nobody"),
        event(3, "octui.telepathy"),
        event(4, "octui.phone.state", state="flying"),
        event(5, "octui.phone.state", at=NOW + 400_000, state="meal"),
        event(6, "octui.phone.state", None, state="meal"),
        {"id": "7"},
        "eight",
        event(9, "octui.chat.opened", "lee"),
        event(10, "octui.chat.opened", "lee", chat="A"),
        event("a\x00b", "octui.phone.login"),
        event(11, "octui.phone.login", "park"),
    ]
    answer = await send_events(store, batch)
    assert answer.status_code == 200
    result = answer.json()
    assert result["taken"] == 2
    assert result["duplicates"] == 1
    assert result["by_type"] == {"octui.phone.login": 1, "octui.chat.opened": 1}
    # park is an agent of another service: here nobody.
    assert result["unmatched"] == {"nobody": 1, "park": 1}
    assert result["unknown"] == {"octui.telepathy": 1}
    assert [(each["index"], each["id"], each["code"]) for each in result["refused"]] == [
        (4, "4", "unknown_value"),
        (5, "5", "range"),
        (6, "6", "missing"),
        (7, "7", "missing"),
        (8, None, "type"),
        (9, "9", "missing"),
        (11, "a\ufffdb", "control_character"),
    ]
    assert stored_rows(store) == 2
    assert (await send_events(store, batch)).json()["duplicates"] == 3
    assert stored_rows(store) == 2


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        ("7001", True),
        ("PJSIP/7001", True),
        ("SIP/7001", True),
        ("Agent/7001", True),
        ("Local/7001@from-queue", True),
        ("Local/7001@from-queue/n", True),
        ("PJSIP/7001x", False),
        ("PJSIP/", False),
        ("kim", True),
        ("Agent/kim", True),
        ("7002", False),
        ("KIM", False),
    ],
)
async def test_an_agent_is_found_by_cti_id_with_or_without_the_channel(
    store: Store, center: Center, agent: str, found: bool
) -> None:
    set_cti(store, center, "kim", "7001")
    line = event(1, "octui.queue.ADDMEMBER", None, call="NONE", queue="q", agent=agent, args=[""])
    result = (await send_events(store, [line])).json()
    assert (result["taken"], result["unmatched"]) == ((1, {}) if found else (0, {agent: 1}))


async def test_source_of_the_agents_keys_is_refused_from_outside(store: Store, center: Center) -> None:
    pretended = event(1, "octui.phone.login", "kim") | {"source": "octui:keys"}
    result = (await send_events(store, [pretended])).json()
    assert (result["taken"], [each["code"] for each in result["refused"]]) == (0, ["unknown_value"])


async def test_cti_ids_come_first_in_a_queue_and_accounts_elsewhere(store: Store, center: Center) -> None:
    set_cti(store, center, "lee", "kim")
    await send_events(store, [event(1, "octui.queue.ADDMEMBER", "kim", queue="q"), event(2, "octui.chat.login", "kim")])
    of = tables.event.c
    rows = store.read(lambda connection: connection.execute(select(of.event_id, of.member_id)).all())
    assert dict(map(tuple, rows)) == {"1": center.members["lee"], "2": center.members["kim"]}


async def test_an_unmatched_event_can_be_taken_in_later(store: Store, center: Center) -> None:
    batch = [event(1, "octui.queue.ADDMEMBER", "7001", queue="q"), event(2, "octui.queue.ENTERQUEUE", None, queue="q")]
    assert (await send_events(store, batch)).json()["unmatched"] == {"7001": 1}
    set_cti(store, center, "kim", "7001")
    result = (await send_events(store, batch)).json()
    assert (result["taken"], result["duplicates"]) == (1, 1)


async def test_only_changed_topics_are_touched(store: Store, center: Center) -> None:
    topics = [stats_topic("oc", "kim"), stats_topic("oc", "lee"), agents_topic("oc"), tickets_topic("oc")]

    def revisions() -> list[int]:
        return list(store.revisions(topics).values())

    await send_events(store, [event(1, "octui.phone.login")])
    assert revisions() == [1, 0, 1, 0]
    await send_events(store, [event(1, "octui.phone.login")])
    await send_events(store, [event(2, "octui.queue.ENTERQUEUE", None, queue="q")])
    assert revisions() == [1, 0, 1, 0]
    await send_events(store, [event(3, "octui.chat.login")])
    assert revisions() == [2, 0, 1, 0]
    await send_events(store, [event(4, "octui.ticket.created", None, ticket="T1")])
    assert revisions() == [2, 0, 1, 1]
    await send_events(store, [event(5, "octui.ticket.assigned", None, NOW + 1, ticket="T1", agent="lee")])
    assert revisions() == [2, 1, 1, 2]
    await send_events(store, [event(6, "octui.queue.QUEUESTART", None, NOW + 2)])
    assert revisions() == [3, 1, 2, 2]


async def test_a_late_restart_ends_earlier_logins_only(store: Store, center: Center) -> None:
    async def logged_in(account: str) -> tuple[int, bool]:
        async with local_client(app(store), account) as client:
            stats = (await client.get(f"/services/oc/stats/{account}")).json()
        return stats["logged_in"]["ms"], stats["logged_in_since"] is not None

    kim = [event(1, "octui.phone.login", at=NOW - 100_000), event(2, "octui.phone.logout", at=NOW - 10_000)]
    await send_events(store, kim)
    assert await logged_in("kim") == (90_000, False)
    await send_events(store, [event(3, "octui.queue.QUEUESTART", None, NOW - 50_000)])
    assert await logged_in("kim") == (50_000, False)
    await send_events(store, [event(4, "octui.phone.login", "lee", NOW - 80_000)])
    assert await logged_in("lee") == (30_000, False)
    await send_events(store, [event(5, "octui.phone.login", "lee", NOW - 20_000)])
    assert await logged_in("lee") == (30_000, True)


async def test_unknown_reasons_are_listed_and_mean_rest(store: Store, center: Center) -> None:
    batch = [
        event(1, "octui.queue.PAUSE", "kim", NOW - 3000, queue="q", args=["세차"]),
        event(2, "octui.queue.PAUSE", "lee", NOW - 3000, queue="q", args=["점심"]),
        event(3, "octui.queue.PAUSE", "kim", NOW - 1000, queue="q", args=["세차"], state="meeting"),
        event(4, "octui.queue.PAUSE", "kim", NOW - 500, queue="q", args=["x"], state="inbound_calls"),
    ]
    result = (await send_events(store, batch)).json()
    assert result["unknown_reasons"] == {"세차": 1}
    assert [each["id"] for each in result["refused"]] == ["4"]
    of = tables.figure.c
    rows = store.read(lambda connection: connection.execute(select(of.state, of.count, of.ms)).all())
    assert [tuple(row) for row in rows] == [("rest", 1, 2000)]


async def test_events_are_accepted_in_every_content_mode(store: Store, center: Center) -> None:
    one = event(1, "octui.phone.login")
    async with local_client(app(store)) as client:

        async def send(content: Any, kind: str | None, **more: str) -> tuple[int, Any]:
            headers = {name.replace("_", "-"): value for name, value in more.items()}
            if kind is not None:
                headers["content-type"] = kind
            if isinstance(content, bytes):
                answer = await client.post(PATH, content=content, headers=headers)
            else:
                answer = await client.post(PATH, json=content, headers=headers)
            return answer.status_code, answer.json()

        assert (await send(one, "application/cloudevents+json"))[1]["taken"] == 1
        assert (await send(event(2, "octui.phone.login"), "application/json; charset=utf-8"))[1]["taken"] == 1
        assert (await send([event(3, "octui.phone.login")], "application/json"))[1]["taken"] == 1
        binary = {
            "ce_specversion": "1.0",
            "ce_id": "4",
            "ce_source": "test%20source",
            "ce_type": "octui.phone.state",
            "ce_subject": "kim",
        }
        assert (await send({"state": "meal"}, "application/json", **binary))[1]["taken"] == 1
        bare = binary | {"ce_id": "5", "ce_type": "octui.phone.logout"}
        assert (await send(b"", None, **bare))[1]["taken"] == 1
        assert (await send(one, "text/plain"))[0] == 415
        assert (await send(b"{", "application/json"))[0] == 400
        assert (await send(b"[" * 100_000, "application/json"))[0] == 400
        assert (await send(b'"x"', "application/json"))[0] == 400
        assert (await send(one, "application/cloudevents-batch+json"))[0] == 400
        assert (await send([one] * (LARGEST_BATCH + 1), "application/json"))[0] == 413
        assert (await send([], "application/json"))[1]["taken"] == 0
    assert stored_rows(store) == 5


async def test_hostile_texts_are_refused_or_made_harmless(store: Store, center: Center) -> None:
    hostile = ["\x1b[31m", "a\u0000", "\u202eabc", "x" * 10_000, "\ud800", "a\u200bb", "\n"]
    for number, text in enumerate(hostile):
        batch = [
            event(f"{number}-1", "octui.phone.state", state="inbound_calls", call=text),
            event(f"{number}-2", "octui.phone.login", text),
            event(text, "octui.phone.login"),
            event(f"{number}-3", text),
            event(f"{number}-4", "octui.ticket.created", None, ticket=text),
            event(f"{number}-5", "octui.queue.ADDMEMBER", None, agent="kim", queue=text),
        ]
        result = (await send_events(store, batch)).json()
        assert result["taken"] == 0, text
        assert len(result["refused"]) == 6, text
    kept = event("args", "octui.queue.PAUSE", None, agent="kim", queue="q", args=[hostile[0]])
    assert (await send_events(store, [kept])).json()["unknown_reasons"] == {"\ufffd[31m": 1}


@pytest.mark.parametrize(
    ("sequence", "taken"), [("7", 1), (7, 1), ("x", 0), (-1, 0), (1 << 63, 0), ("９", 1), (None, 1)]
)
async def test_sequences_order_events_of_one_moment(store: Store, center: Center, sequence: Any, taken: int) -> None:
    one = event(1, "octui.phone.login") | {"sequence": sequence}
    assert (await send_events(store, [one])).json()["taken"] == taken


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("2026-07-01T00:00:00Z", None),
        ("2026-07-01T09:00:00.123456789+09:00", None),
        ("2026-07-01T00:00:00", "pattern"),
        ("yesterday", "pattern"),
        ("1969-12-31T00:00:00Z", "range"),
        ("2026-07-01T00:05:00Z", None),
        ("2026-07-01T00:05:01Z", "range"),
        ("0001-01-01T00:00:00+23:59", "range"),
        ("9999-12-31T23:59:59-23:59", "range"),
    ],
)
async def test_times_are_validated(store: Store, center: Center, time: str, code: str | None) -> None:
    result = (await send_events(store, [event(1, "octui.phone.login") | {"time": time}])).json()
    assert [each["code"] for each in result["refused"]] == ([] if code is None else [code])


async def test_only_managers_of_the_service_send_events(store: Store, center: Center) -> None:
    one = [event(1, "octui.phone.login")]
    assert (await send_events(store, one, "kim")).status_code == 403
    assert (await send_events(store, one, "park")).status_code == 404
    assert (await send_events(store, one, "choi")).json()["taken"] == 1


async def test_a_repeated_key_gets_the_first_answer(store: Store, center: Center) -> None:
    batch = [event(1, "octui.phone.login")]
    first = await send_events(store, batch, **{"idempotency-key": "k1"})
    again = await send_events(store, batch, **{"idempotency-key": "k1"})
    assert first.json() == again.json()
    assert again.json()["duplicates"] == 0


def test_two_services_may_share_one_log(store: Store, center: Center, clock: Clock) -> None:
    restart = IncomingEvent("1", "s", "octui.queue.QUEUESTART", NOW, 0, None, True, {}, None, None)
    for service in center.services.values():
        assert store.write(partial(_take, service, [restart]), OPERATOR) == 1


def _take(service: int, events: list[IncomingEvent], change: Change) -> int:
    return take_in(change, service, events).taken
