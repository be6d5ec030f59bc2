"""CTI settings and readiness over HTTP (rules.md 19, 20, 23)."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select, update

from octui.server.app import create_app
from octui.server.database import tables
from server.clients import local_client
from server.conftest import OPERATOR, Center, Store
from server.test_events import set_cti

SETTINGS = "/services/oc/cti/settings"


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store)


def sql(store: Store, statement: Any) -> None:
    store.write(lambda change: change.connection.execute(statement).rowcount, OPERATOR)


async def patch(app: FastAPI, body: dict[str, Any], version: int = 1, account: str = "admin") -> Any:
    async with local_client(app, account) as client:
        return await client.patch(SETTINGS, json=body, headers={"If-Match": f'"v{version}"'})


async def get(app: FastAPI, path: str, account: str = "admin") -> Any:
    async with local_client(app, account) as client:
        return await client.get(path)


async def test_settings_are_read_changed_and_recorded(app: FastAPI) -> None:
    before = (await get(app, SETTINGS)).json()
    assert before == {
        "cti_version": "ipcc",
        "tenant_id": "acme1",
        "tenant_name": "Acme",
        "monitoring": False,
        "retention_years": 2,
        "ipcc_agreed": True,
        "mobile_contact_activated": False,
        "complete": True,
        "version": 1,
    }
    changed = await patch(app, {"tenant_name": "애크미", "monitoring": True, "retention_years": 1})
    after = before | {"tenant_name": "애크미", "monitoring": True, "retention_years": 1, "version": 2}
    assert (changed.status_code, changed.json(), changed.headers["etag"]) == (200, after, '"v2"')
    assert (await get(app, SETTINGS, "choi")).json() == after
    assert (await patch(app, {"monitoring": True}, 2)).json() == after  # nothing to change
    stale = await patch(app, {"monitoring": False}, 1)
    assert (stale.status_code, stale.json()["current"]) == (412, after)
    entries = (await get(app, "/audit?log=administration")).json()["entries"]
    told = [(one["action"], one["actor_account"], one["service"]) for one in entries]
    assert told == [("cti_settings.changed", "admin", "oc")]
    assert (entries[0]["before"]["kind"], entries[0]["before"]["monitoring"]) == ("cti_settings", False)
    settings = [entries[0]["after"][name] for name in ("tenant_name", "monitoring", "retention_years")]
    assert settings == ["애크미", True, 1]
    assert (await get(app, "/audit")).json()["entries"] == []


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"cti_version": "mobile_contact"}, "cti_version", "not_activated"),
        ({"cti_version": "carrier pigeon"}, "cti_version", "unknown_value"),
        ({"retention_years": 0}, "retention_years", "range"),
        ({"retention_years": 101}, "retention_years", "range"),
        ({"tenant_id": "a\u200bb"}, "tenant_id", "invisible_character"),
        ({"tenant_name": "x\x00"}, "tenant_name", "control_character"),
        ({"complete": True}, "complete", "unknown_field"),
    ],
)
async def test_bad_values_are_refused_by_field(app: FastAPI, body: dict[str, Any], field: str, code: str) -> None:
    before = (await get(app, SETTINGS)).json()
    refused = await patch(app, body)
    assert refused.status_code == 422
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [(field, code)]
    assert (await get(app, SETTINGS)).json() == before


async def test_rule_19_settings_are_refused_without_phone(app: FastAPI) -> None:
    async with local_client(app, "admin") as client:
        for path in ("settings", "readiness", "log/days", "log"):
            refused = await client.get(f"/services/chat/cti/{path}")
            assert (refused.status_code, refused.json()["code"]) == (403, "no_phone_contract")
        changed = await client.patch("/services/chat/cti/settings", json={}, headers={"If-Match": '"v1"'})
        assert changed.json()["code"] == "no_phone_contract"


async def test_only_an_organization_admin_changes_settings(app: FastAPI) -> None:
    assert (await patch(app, {"monitoring": True}, account="choi")).status_code == 403
    assert (await get(app, SETTINGS, "kim")).status_code == 403


async def test_changes_of_settings_flags_and_contract_change_the_etag(app: FastAPI, store: Store) -> None:
    async def tag() -> str:
        return str((await get(app, SETTINGS)).headers["etag"])

    first = await tag()
    await patch(app, {"monitoring": True})
    second = await tag()
    async with local_client(app) as operator:
        assert (await operator.patch("/organization", json={"ipcc_agreed": False})).status_code == 200
    third = await tag()
    assert len({first, second, third}) == 3
    assert (await get(app, SETTINGS)).json()["complete"] is False


async def test_rule_23_the_list_names_the_first_step_of_each_agent(app: FastAPI, store: Store, center: Center) -> None:
    async def told() -> dict[str, str | None]:
        return {one["account"]: one["unmet"] for one in (await get(app, "/services/oc/cti/readiness")).json()["agents"]}

    set_cti(store, center, "kim", "7001", "1001")
    set_cti(store, center, "lee", "7002", None)
    assert await told() == {"choi": "permission", "kim": None, "lee": "numbers"}
    one = (await get(app, "/services/oc/cti/readiness?query=ㄱㅁㅅ")).json()["agents"]
    assert one == [
        {
            "account": "kim",
            "name": "김민수",
            "met": ["contract", "settings", "permission", "numbers"],
            "unmet": None,
        }
    ]
    sql(store, update(tables.organization).values(ipcc_agreed=False))
    assert await told() == dict.fromkeys(("choi", "kim", "lee"), "settings")
    sql(store, update(tables.service).values(state="pause"))
    assert await told() == dict.fromkeys(("choi", "kim", "lee"), "contract")
    page = (await get(app, "/services/oc/cti/readiness?limit=2")).json()
    assert ([one["account"] for one in page["agents"]], page["next"]) == (["choi", "kim"], "kim")
    rest = (await get(app, "/services/oc/cti/readiness?limit=2&after=kim")).json()
    assert ([one["account"] for one in rest["agents"]], rest["next"]) == (["lee"], None)


async def test_rule_23_logging_in_names_the_first_condition_not_met(app: FastAPI, store: Store, center: Center) -> None:
    async def log_in() -> Any:
        async with local_client(app, "kim") as client:
            return await client.post("/services/oc/stats/kim/state", json={"kind": "login"})

    async def refused() -> str:
        return str((await log_in()).json()["code"])

    items = tables.contract_item
    phone = items.c.item == "telticket"
    sql(store, update(tables.cti_settings).values(tenant_name=""))
    sql(store, update(tables.agent).values(phone=False))
    rows = store.read(lambda connection: connection.execute(select(items).where(phone)).mappings().all())
    sql(store, delete(items).where(phone))
    assert await refused() == "no_phone_contract"
    sql(store, items.insert().values([dict(row) for row in rows]))
    assert await refused() == "no_cti_settings"
    sql(store, update(tables.cti_settings).values(tenant_name="Acme"))
    assert await refused() == "no_phone_permission"
    sql(store, update(tables.agent).values(phone=True))
    assert await refused() == "no_cti_numbers"
    set_cti(store, center, "kim", "7001", "1001")
    assert (await log_in()).status_code == 200
    # Who works logs out whatever has become of the settings.
    sql(store, update(tables.cti_settings).values(tenant_name=""))
    async with local_client(app, "kim") as client:
        left = await client.post("/services/oc/stats/kim/state", json={"kind": "logout"})
    assert (left.status_code, left.json()["phone_open"]) == (200, None)
