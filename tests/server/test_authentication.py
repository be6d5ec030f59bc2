"""Authentication: local connections, tokens, and what the log says about the caller."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from octui.server.app import create_app
from octui.server.core.errors import ProblemError
from octui.server.database import tables
from octui.server.database.store import Store
from octui.server.identity import tokens
from octui.server.identity.authentication import issue_token
from server.clients import local_client, network_client
from server.conftest import Center, Clock
from server.test_people import PARTS


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store, parts=PARTS)


async def test_local_operator_acts_as_the_owner(app: FastAPI) -> None:
    async with local_client(app) as operator:
        assert (await operator.get("/me")).json()["account"] == "admin"
        assert (await operator.get("/services/oc/agents")).status_code == 200


async def test_named_person_has_only_their_own_rights(app: FastAPI) -> None:
    async with local_client(app, "kim") as kim:
        assert (await kim.get("/me")).json()["account"] == "kim"
        assert (await kim.get("/members")).status_code == 403
    for nobody in ("", "nobody", "kim\x00", "KIM"):
        async with local_client(app, nobody) as client:
            assert (await client.get("/me")).status_code == 401


@pytest.mark.parametrize("token", [None, "", "oct_", "oct_" + "x" * 43, "x" * 5000, "oct_\xe9"])
async def test_request_without_a_valid_token_is_refused(app: FastAPI, token: str | None) -> None:
    async with network_client(app, octui_as="admin") as client:
        sent = {} if token is None else {"authorization": f"Bearer {token}".encode()}
        answer = await client.get("/me", headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
        body = await client.post("/members", content=b"{not json", headers=sent)
        assert body.status_code == 401


async def test_token_is_valid_until_it_ends_or_is_revoked(
    app: FastAPI, store: Store, center: Center, clock: Clock
) -> None:
    token = issue_token(store, "kim", 1)
    other = issue_token(store, "lee", 2)
    assert token.startswith("oct_")
    assert len(token) >= 47
    kept = store.read(lambda connection: connection.execute(select(tables.token)).all())
    assert not any(token.encode() in bytes(row.hash) for row in kept)
    async with network_client(app, token, octui_as="admin") as kim:
        assert (await kim.get("/me")).json()["account"] == "kim"
        assert (await kim.get("/members")).status_code == 403
        clock.now += 86_400_000 - 1
        assert (await kim.get("/me")).status_code == 200
        clock.now += 1
        assert (await kim.get("/me")).status_code == 401
    async with network_client(app, other) as lee:
        assert (await lee.get("/me")).status_code == 200
        lees = tables.token.c.member_id == center.members["lee"]
        (token_id,) = store.read(lambda connection: connection.scalars(select(tables.token.c.id).where(lees)).all())
        store.write(lambda change: tokens.revoke_token(change, token_id), center.principal("lee"))
        assert (await lee.get("/me")).status_code == 401


@pytest.mark.parametrize(("account", "days"), [("nobody", 1), ("kim", 0), ("kim", 367)])
def test_token_for_wrong_account_or_duration_is_refused(store: Store, center: Center, account: str, days: int) -> None:
    with pytest.raises(ProblemError) as caught:
        issue_token(store, account, days)
    assert caught.value.status == 422


async def test_log_entry_has_address_and_channel(app: FastAPI, store: Store) -> None:
    agent = {"account": "park", "role": "ROLE_FRONT_AGENT"}
    async with network_client(app, issue_token(store, "choi", 1), octui_via="screen") as choi:
        assert (await choi.post("/services/oc/agents", json=agent)).status_code == 201
    async with local_client(app, octui_via="import") as operator:
        cells = {"edits": [{"account": "kim", "version": 1, "set": {"cti_id": "1"}}]}
        assert (await operator.post("/services/oc/cti/batch", json=cells)).json()["saved"] == 1
    async with local_client(app, "choi", octui_via="nonsense") as choi:
        cells = {"edits": [{"account": "kim", "version": 9, "set": {"cti_id": "2"}}]}
        assert (await choi.post("/services/oc/cti/batch", json=cells)).json()["saved"] == 1
    a, ip, person = tables.audit, tables.audit_ip, tables.audit_person
    wanted = (
        select(person.c.account, ip.c.ip, a.c.via)
        .join(ip, ip.c.id == a.c.ip_id)
        .join(person, person.c.id == a.c.actor_id)
        .order_by(a.c.seq)
    )
    rows = store.read(lambda connection: connection.execute(wanted).all())
    assert [tuple(row) for row in rows] == [
        ("choi", "192.0.2.7", "screen"),
        ("admin", "127.0.0.1", "import"),
        ("choi", "127.0.0.1", "api"),
    ]
