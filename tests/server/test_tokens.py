"""Issuing tokens through the API: by the operator only, and stored nowhere in clear."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from octui.server.app import create_app
from octui.server.database import tables
from octui.server.database.store import Store
from octui.server.organization import routes as organization_routes
from octui.server.sessions import token_routes as sessions_token_routes
from server.clients import local_client, network_client
from server.conftest import NOW, Center

DAY = 86_400_000


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store, parts=[organization_routes.operations, sessions_token_routes.operations])


async def test_token_grants_only_its_own_scope(app: FastAPI) -> None:
    async with local_client(app) as operator:
        issued = await operator.post("/tokens", json={"account": "kim", "days": 7})
    assert (issued.status_code, issued.json()["account"], issued.json()["expires"]) == (201, "kim", NOW + 7 * DAY)
    assert issued.headers["cache-control"] == "no-store"
    async with network_client(app, issued.json()["token"]) as kim:
        assert (await kim.get("/me")).json()["account"] == "kim"
        assert (await kim.post("/tokens", json={"account": "kim"})).status_code == 403


async def test_only_the_operator_may_issue_tokens(app: FastAPI) -> None:
    for account in ("admin", "choi", "kim"):
        async with local_client(app, account) as person:
            assert (await person.post("/tokens", json={"account": account})).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"account": "nobody"},
        {"account": ""},
        {"account": "kim\0"},
        {"account": "k" * 101},
        {"account": "kim", "days": 0},
        {"account": "kim", "days": 366},
        {"account": "kim", "admin": True},
    ],
)
async def test_wrong_token_requests_are_refused(app: FastAPI, body: dict[str, object]) -> None:
    async with local_client(app) as operator:
        answer = await operator.post("/tokens", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"]


async def test_token_is_stored_nowhere_and_not_replayed(app: FastAPI, store: Store) -> None:
    async with local_client(app, Idempotency_Key="k") as operator:
        first = await operator.post("/tokens", json={"account": "kim"})
        again = await operator.post("/tokens", json={"account": "kim"})
        other = await operator.post("/tokens", json={"account": "lee"})
    token = first.json()["token"]
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    everything = store.read(
        lambda connection: [row for table in tables.metadata.sorted_tables for row in connection.execute(select(table))]
    )
    assert token not in repr(everything)
    assert len([row for row in everything if "member_id" in row._fields and "hash" in row._fields]) == 1
