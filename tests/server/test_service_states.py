"""A service that is not in use; its time zone; its banner (rules.md 2, 6, 8, 28)."""

import hashlib
import io
import threading
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import func, select, update

from octui.schema.audit import BannerFacts
from octui.schema.contracts import LARGEST_BANNER
from octui.schema.items import ServiceState
from octui.server.app import create_app
from octui.server.contracts import store as contracts_store
from octui.server.contracts.banner_images import redraw_image
from octui.server.core.errors import ProblemError
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.events.rules import IncomingEvent
from octui.server.events.store import take_in
from server.clients import local_client
from server.conftest import NOW, OPERATOR, Center, Clock, Store
from server.contract_calls import TICKET, admin_client, of, put_contract, read_contract
from server.test_events import BATCH, event, set_cti
from server.test_people import log_lines

MINUTE = 60_000


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    """Return the application; kim is ready for phone and chat in `oc`."""
    set_cti(store, center, "kim", "7001", "5001")
    return create_app(store)


async def press_key(app: FastAPI, account: str = "kim", **body: Any) -> Any:
    async with local_client(app, account) as client:
        return await client.post(f"/services/oc/stats/{account}/state", json=body)


async def read_figures(app: FastAPI) -> dict[str, Any]:
    async with local_client(app, "kim") as client:
        stats: dict[str, Any] = (await client.get("/services/oc/stats/kim")).json()
    return stats


def store_state(store: Store, state: str) -> None:
    store.write(
        lambda c: (
            c.connection.execute(
                update(tables.service).where(tables.service.c.code == "oc").values(state=state)
            ).rowcount
        ),
        OPERATOR,
    )


KEYS: list[dict[str, Any]] = [
    {"kind": "login"},
    {"kind": "state", "state": "meal"},
    {"channel": "chat", "kind": "login"},
    {"channel": "chat", "kind": "state", "state": "rest"},
]


@pytest.mark.parametrize("state", ["create", "pause", "stop"])
async def test_rule_8_keys_are_refused_unless_the_service_is_in_use(store: Store, app: FastAPI, state: str) -> None:
    store_state(store, state)
    for body in KEYS:
        answer = await press_key(app, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "service_not_in_use"), body


@pytest.mark.parametrize(("state", "status"), [("inuse", 200), ("pause", 200), ("create", 403), ("stop", 403)])
async def test_events_are_taken_in_while_there_is_a_contract(
    store: Store, app: FastAPI, state: str, status: int
) -> None:
    store_state(store, state)
    async with local_client(app) as client:
        answer = await client.post("/services/oc/events", json=[event(1, "octui.phone.login")], headers=BATCH)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "service_not_in_use"
    stored = store.read(lambda connection: connection.scalar(select(func.count()).select_from(tables.event)))
    assert stored == (1 if status == 200 else 0)


async def test_rule_8_suspending_logs_agents_out_and_keeps_their_time(store: Store, app: FastAPI, clock: Clock) -> None:
    assert (await press_key(app, kind="login")).status_code == 200
    assert (await press_key(app, channel="chat", kind="login")).status_code == 200
    clock.now = NOW + 7 * MINUTE
    async with admin_client(store) as client:
        assert (await put_contract(client, "oc", "state", {"state": "pause"})).status_code == 200
        clock.now = NOW + 60 * MINUTE
        stats = await read_figures(app)
        assert (stats["phone_open"], stats["chat_open"], stats["logged_in_since"]) == (None, None, None)
        assert stats["logged_in"]["ms"] == 7 * MINUTE
        assert (await put_contract(client, "oc", "state", {"state": "inuse"})).status_code == 200
    assert (await press_key(app, kind="login")).status_code == 200


async def test_terminating_ends_states_begun_while_suspended(store: Store, app: FastAPI, clock: Clock) -> None:
    async with admin_client(store) as client:
        await put_contract(client, "oc", "state", {"state": "pause"})
        await client.post("/services/oc/events", json=[event(1, "octui.phone.login")], headers=BATCH)
        assert (await read_figures(app))["phone_open"] is not None
        assert (await press_key(app, kind="logout")).status_code == 200
        await client.post("/services/oc/events", json=[event(2, "octui.phone.login", at=NOW + MINUTE)], headers=BATCH)
        clock.now = NOW + 5 * MINUTE
        assert (await put_contract(client, "oc", "state", {"state": "stop"})).status_code == 200
    clock.now = NOW + 600 * MINUTE
    stats = await read_figures(app)
    assert stats["phone_open"] is None
    assert stats["logged_in"]["ms"] == 4 * MINUTE


def test_events_waiting_for_the_termination_are_refused(store: Store, center: Center) -> None:
    """Events that wait for the lock of a termination are refused, whoever began first."""
    store_state(store, "pause")
    ended, asked = threading.Event(), threading.Event()
    outcome: list[str] = []

    def end(change: Change) -> None:
        contracts_store.switch_service(change, "oc", ServiceState.TERMINATED, 1)
        ended.set()
        asked.wait()

    def send(change: Change) -> None:
        login = IncomingEvent("1", "test", "octui.phone.login", NOW, 0, "kim", False, {}, None, None)
        take_in(change, center.services["oc"], [login])

    def sending() -> None:
        ended.wait()
        asked.set()
        try:
            store.write(send, OPERATOR)
        except ProblemError as error:
            outcome.append(error.code)

    thread = threading.Thread(target=sending)
    thread.start()
    store.write(end, OPERATOR)
    thread.join()
    assert outcome == ["service_not_in_use"]


async def test_a_terminated_service_only_lets_agents_be_removed(store: Store, app: FastAPI) -> None:
    async with admin_client(store) as client:
        for state in ("pause", "stop"):
            await put_contract(client, "oc", "state", {"state": state})
            new = {"account": "park", "role": "ROLE_FRONT_AGENT"}
            added = await client.post("/services/oc/agents", json=new)
            change = {"role": "ROLE_FRONT_ADMIN"}
            changed = await client.patch("/services/oc/agents/lee", json=change, headers=of(1))
            if state == "pause":
                assert (added.status_code, changed.status_code) == (201, 200)
                continue
            assert [(one.status_code, one.json()["code"]) for one in (added, changed)] == [
                (409, "service_terminated")
            ] * 2
        cell = {"edits": [{"account": "kim", "version": 1, "set": {"cti_id": "7001"}}]}
        for dry_run in (True, False):
            saved = await client.post("/services/oc/cti/batch", json=cell | {"dry_run": dry_run})
            assert (saved.status_code, saved.json()["code"]) == (409, "service_terminated")
        settings = await client.patch("/services/oc/cti/settings", json={"tenant_name": "Other"}, headers=of(1))
        assert (settings.status_code, settings.json()["code"]) == (409, "service_terminated")
        assert (await client.get("/services/oc/cti/settings")).json()["tenant_name"] == "Acme"
        assert (await client.delete("/services/oc/agents/kim", headers=of(1))).status_code == 204


async def test_rule_28_the_time_zone_is_fixed_once_figures_were_counted(
    store: Store, app: FastAPI, clock: Clock
) -> None:
    """Before the first event the zone can be changed; afterwards it is refused by field and every day stays."""
    async with admin_client(store) as client:
        changed = await client.patch("/contracts/oc", json={"time_zone": "Asia/Tokyo"}, headers=of(1))
        assert (changed.status_code, changed.json()["time_zone"]) == (200, "Asia/Tokyo")
        assert (await press_key(app, kind="login")).status_code == 200
        clock.now = NOW + 30 * MINUTE
        await press_key(app, kind="logout")
        before = await read_figures(app)
        version = (await read_contract(client, "oc"))["version"]
        refused = await client.patch(
            "/contracts/oc", json={"time_zone": "America/New_York", "name": "다른"}, headers=of(version)
        )
        assert refused.status_code == 422
        assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [("time_zone", "counted_by")]
        assert (await read_contract(client, "oc"))["name"] == "상담"
        assert await read_figures(app) == before
        same = {"time_zone": "Asia/Tokyo", "name": "다른", "languages": ["en"]}
        kept = await client.patch("/contracts/oc", json=same, headers=of(version))
        assert (kept.status_code, kept.json()["name"], kept.json()["languages"]) == (200, "다른", ["en"])


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", size, "teal").save(into, kind)
    return into.getvalue()


async def test_rule_2_a_banner_is_set_shown_and_removed(store: Store, app: FastAPI, clock: Clock) -> None:
    async with admin_client(store) as client:
        none = await client.get("/contracts/oc/banner")
        assert (none.status_code, none.content) == (204, b"")
        tag = (await client.get("/contracts")).headers["etag"]
        made = await client.put("/contracts/oc/banner", content=picture())
        assert (made.status_code, made.json()) == (
            200,
            {"width": 40, "height": 30, "media_type": "image/png", "changed": NOW},
        )
        assert (await client.get("/contracts", headers={"if-none-match": tag})).status_code == 200
        shown = await client.get("/contracts/oc/banner")
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
        assert shown.headers["x-content-type-options"] == "nosniff"
        with Image.open(io.BytesIO(shown.content)) as image:
            assert image.size == (40, 30)
        contract = await read_contract(client, "oc")
        assert contract["banner"] == made.json()
        clock.now += MINUTE
        assert (await client.put("/contracts/oc/banner", content=picture())).json() == made.json()  # the same again
        other = await client.put("/contracts/oc/banner", content=picture("JPEG", (16, 8)))
        assert other.json() == {"width": 16, "height": 8, "media_type": "image/jpeg", "changed": NOW + MINUTE}
        for _ in range(2):
            assert (await client.delete("/contracts/oc/banner")).status_code == 204
        assert (await read_contract(client, "oc")) == contract | {"banner": None}
        assert (await client.put("/contracts/nix/banner", content=picture())).status_code == 404
    png, jpeg = (
        BannerFacts(
            media_type=media_type,
            width=width,
            height=height,
            digest=hashlib.sha256(redraw_image(sent).image).hexdigest()[:12],
        )
        for media_type, width, height, sent in (
            ("image/png", 40, 30, picture()),
            ("image/jpeg", 16, 8, picture("JPEG", (16, 8))),
        )
    )
    assert [entry[3:] for entry in log_lines(store) if entry[0] == "banner.changed"] == [
        ("oc", None, png),
        ("oc", png, jpeg),
        ("oc", jpeg, None),
    ]


async def test_rule_2_an_invalid_banner_is_refused_and_the_present_one_stays(store: Store, app: FastAPI) -> None:
    wrong = {
        "not_an_image": b"<!DOCTYPE html><html>",
        "broken_image": picture()[:60],
        "too_large": picture() + bytes(LARGEST_BANNER),
        "too_many_pixels": picture(size=(2100, 2000)),
    }
    async with admin_client(store) as client:
        good = await client.put("/contracts/oc/banner", content=picture())
        for code, sent in wrong.items():
            answer = await client.put("/contracts/oc/banner", content=sent)
            assert answer.status_code == 422, code
            assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("banner", code)]
        huge = await client.put("/contracts/oc/banner", content=picture() + bytes(3 * LARGEST_BANNER))
        assert (huge.status_code, huge.json()["code"]) == (413, "too_large")
        assert (await read_contract(client, "oc"))["banner"] == good.json()


async def test_a_banner_is_dropped_with_a_draft_and_kept_after_termination(store: Store, app: FastAPI) -> None:
    async with admin_client(store) as client:
        new = {"id": "help", "name": "도움말", "languages": ["ko"]}
        version = (await client.post("/contracts", json=new)).json()["version"]
        await client.put("/contracts/help/banner", content=picture())
        assert (await client.delete("/contracts/help", headers=of(version))).status_code == 204
        await client.put("/contracts/oc/banner", content=picture())
        for state in ("pause", "stop"):
            await put_contract(client, "oc", "state", {"state": state})
        assert (await client.put("/contracts/oc/banner", content=picture("JPEG"))).status_code == 409
        assert (await client.delete("/contracts/oc/banner")).status_code == 409
        assert (await client.get("/contracts/oc/banner")).status_code == 200
        assert (await put_contract(client, "chat", "items", {"items": [TICKET]})).status_code == 200
    banners = store.read(lambda connection: connection.scalar(select(func.count()).select_from(tables.service_banner)))
    assert banners == 1
