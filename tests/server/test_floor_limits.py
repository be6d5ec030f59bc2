"""Limits of a service's floor: the usual ones, changed ones, and who may change them (rules.md 48, 51)."""

from typing import Any

import httpx
import pytest

from octui.schema.audit import Action, AuditFilter, Log, ServiceLimits
from octui.schema.floor import STATE_LIMITS
from octui.server.app import create_app
from octui.server.audit.search import search_log
from server.clients import local_client
from server.conftest import Center, Store

LIMITS = "/services/oc/floor/limits"


async def get(store: Store, path: str, account: str = "kim") -> httpx.Response:
    async with local_client(create_app(store), account) as client:
        return await client.get(path)


async def patch(store: Store, body: dict[str, Any], version: int = 0, account: str = "choi") -> httpx.Response:
    async with local_client(create_app(store), account, If_Match=f'"v{version}"') as client:
        return await client.patch(LIMITS, json=body)


async def test_service_without_limits_has_the_usual_ones(store: Store, center: Center) -> None:
    limits = (await get(store, LIMITS)).json()
    assert limits["queue"] == {
        "threshold_seconds": 20,
        "longest_wait_seconds": 60,
        "level_percent": 70,
        "level_calls": 20,
    }
    assert limits["states"] == {state.value: minutes for state, minutes in STATE_LIMITS.items()}
    assert (limits["breaks"], limits["version"]) == (35, 0)


async def test_changed_limits_stay_and_are_told_with_the_floor(store: Store, center: Center) -> None:
    changed = await patch(store, {"longest_wait_seconds": 90, "states": {"rest": 20}, "threshold_seconds": 30})
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] == '"v1"'
    limits = (await get(store, LIMITS)).json()
    assert (limits["queue"]["longest_wait_seconds"], limits["queue"]["threshold_seconds"]) == (90, 30)
    assert (limits["states"]["rest"], limits["states"]["meal"], limits["version"]) == (20, 60, 1)
    assert (await get(store, "/services/oc/floor")).json()["limits"] == limits["queue"]
    assert (await get(store, "/services/chat/floor", account="admin")).json()["limits"]["longest_wait_seconds"] == 60


async def test_changed_limits_are_recorded_once(store: Store, center: Center) -> None:
    for version in (0, 1):
        assert (await patch(store, {"breaks": 40}, version)).status_code == 200
    page = store.read(lambda connection: search_log(connection, AuditFilter(log=Log.ADMINISTRATION, limit=5)))
    (entry,) = [entry for entry in page.entries if entry.action is Action.SERVICE_LIMITS_CHANGED]
    assert isinstance(entry.before, ServiceLimits)
    assert isinstance(entry.after, ServiceLimits)
    assert (entry.before.breaks, entry.after.breaks, entry.service, entry.actor_account) == (35, 40, "oc", "choi")


async def test_second_editor_gets_the_limits_of_the_first(store: Store, center: Center) -> None:
    assert (await patch(store, {"breaks": 40})).status_code == 200
    late = await patch(store, {"breaks": 50})
    assert (late.status_code, late.json()["current"]["breaks"]) == (412, 40)


@pytest.mark.parametrize(
    "body",
    [
        {"threshold_seconds": -1},
        {"longest_wait_seconds": 0},
        {"level_percent": 101},
        {"level_calls": 1 << 63},
        {"breaks": 0},
        {"states": {"rest": 0}},
        {"states": {"asleep": 5}},
        {"states": {"ready": 5}},
        {"states": {"rest": 1441}},
        {"threshold_seconds": "30 s"},
        {"more": 1},
    ],
)
async def test_limits_out_of_range_are_refused(store: Store, center: Center, body: dict[str, Any]) -> None:
    refused = await patch(store, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert (await get(store, LIMITS)).json()["version"] == 0


async def test_agents_see_the_limits_and_cannot_change_them(store: Store, center: Center) -> None:
    assert (await patch(store, {"breaks": 40}, account="kim")).status_code == 403
    assert (await get(store, LIMITS, account="kim")).status_code == 200
    assert (await get(store, LIMITS, account="park")).status_code == 404
