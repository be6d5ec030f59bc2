"""Tokens of wall terminals: what they read, what they may not, and where from (rules.md 52)."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from octui.schema.audit import Action, AuditFilter, WallAccess
from octui.schema.routes import PREFIX, ROUTES, Who
from octui.server.app import create_app
from octui.server.audit.search import search_log
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.server.database.store import Store
from octui.server.identity import wall_tokens
from server.clients import local_client, network_client
from server.conftest import NOW, OPERATOR, Center

DAY = 86_400_000
WALL: dict[str, Any] = {"place": "3층 동쪽", "services": ["oc"], "network": "192.0.2.0/24", "days": 30}


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store)


async def _issue(app: FastAPI, account: str | None = "admin", **fields: Any) -> dict[str, Any]:
    async with local_client(app, account) as person:
        issued = await person.post("/wall-tokens", json=WALL | fields)
    assert issued.status_code == 201, issued.text
    answer: dict[str, Any] = issued.json()
    return answer


async def test_wall_sees_its_services_alone(app: FastAPI) -> None:
    token = await _issue(app)
    assert (token["place"], token["network"], token["expires"]) == ("3층 동쪽", "192.0.2.0/24", NOW + 30 * DAY)
    async with network_client(app, token["token"]) as wall:
        services = await wall.get("/services")
    assert [service["id"] for service in services.json()["services"]] == ["oc"]


async def test_wall_may_call_nothing_but_what_is_declared_for_walls(app: FastAPI) -> None:
    token = await _issue(app)
    places = {"service": "oc", "account": "kim", "session": "x", "token": token["id"], "invitation": "x"}
    async with network_client(app, token["token"]) as wall:
        for route in ROUTES:
            if Who.WALL in route.who or Who.ANYONE in route.who:
                continue
            url = route.path.removeprefix(PREFIX).format(**places)
            answer = await wall.request(route.method, url, headers={"if-match": '"v1"'}, json={})
            assert answer.status_code == 403, (route.name, answer.text)


async def test_wall_knows_of_no_other_service(app: FastAPI) -> None:
    token = await _issue(app)
    async with network_client(app, token["token"]) as wall:
        for route in ROUTES:
            if "{service}" in route.path:
                url = route.path.removeprefix(PREFIX).format(service="chat", account="kim")
                answer = await wall.request(route.method, url, headers={"if-match": '"v1"'}, json={})
                assert answer.status_code == 404, (route.name, answer.text)


@pytest.mark.parametrize(
    ("network", "is_inside"),
    [
        ("192.0.2.7", True),
        ("192.0.2.0/29", True),
        ("0.0.0.0/0", True),
        ("192.0.2.8/29", False),
        ("192.0.2.6", False),
        ("10.0.0.0/8", False),
        ("::/0", False),
    ],
)
async def test_wall_token_holds_in_its_network_alone(app: FastAPI, network: str, is_inside: bool) -> None:
    token = await _issue(app, network=network)
    async with network_client(app, token["token"]) as wall:  # calls from 192.0.2.7
        answer = await wall.get("/services")
    assert answer.status_code == (200 if is_inside else 403)
    assert is_inside or "octui token wall" in answer.json()["detail"]


@pytest.mark.parametrize("address", ["::ffff:192.0.2.7", "192.0.2.7"])
def test_ipv4_in_ipv6_form_is_the_ipv4_address(store: Store, center: Center, address: str) -> None:
    issued = store.write(lambda change: wall_tokens.issue_wall_token(change, _new()), OPERATOR)
    wall = store.read(lambda connection: wall_tokens.find_wall(connection, issued.token, address, NOW))
    assert wall is not None
    assert wall.wall_services == {"oc"}


def _new(**fields: Any) -> wall_tokens.NewWallToken:
    return wall_tokens.NewWallToken(**WALL | fields)


@pytest.mark.parametrize(
    "body",
    [
        {"services": []},
        {"services": ["nope"]},
        {"services": ["oc\0"]},
        {"services": ["oc"] * 201},
        {"network": ""},
        {"network": "192.0.2.7/24"},
        {"network": "192.0.2.300"},
        {"network": "anywhere"},
        {"place": ""},
        {"place": "a\x1b[31m"},
        {"place": "x" * 101},
        {"days": 0},
        {"days": 91},
        {"admin": True},
    ],
)
async def test_wrong_wall_token_requests_are_refused(app: FastAPI, body: dict[str, Any]) -> None:
    async with local_client(app, "admin") as admin:
        answer = await admin.post("/wall-tokens", json=WALL | body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"]


async def test_network_in_ipv6_form_is_the_ipv4_network(app: FastAPI) -> None:
    token = await _issue(app, network="::ffff:192.0.2.0/120")
    assert token["network"] == "192.0.2.0/24"
    async with network_client(app, token["token"]) as wall:
        assert (await wall.get("/services")).status_code == 200


async def test_wall_shows_no_draft_whose_id_may_come_to_mean_another_service(app: FastAPI) -> None:
    async with local_client(app, "admin") as admin:
        draft = {"id": "help", "name": "도움말", "languages": ["ko", "ja"]}
        added = await admin.post("/contracts", json=draft)
        assert added.status_code == 201, added.text
        answer = await admin.post("/wall-tokens", json=WALL | {"services": ["oc", "help"]})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["services.1"]


async def test_agents_and_service_admins_may_not_issue_wall_tokens(app: FastAPI) -> None:
    for account in ("choi", "kim"):
        async with local_client(app, account) as person:
            assert (await person.post("/wall-tokens", json=WALL)).status_code == 403
            assert (await person.get("/wall-tokens")).status_code == 403


async def test_expired_and_changed_wall_tokens_are_refused(app: FastAPI, store: Store, center: Center) -> None:
    issued = store.write(lambda change: wall_tokens.issue_wall_token(change, _new(days=1)), OPERATOR)

    def find_at(token: str, now: int) -> Principal | None:
        return store.read(lambda connection: wall_tokens.find_wall(connection, token, "192.0.2.7", now))

    assert find_at(issued.token, NOW + DAY - 1) is not None
    assert find_at(issued.token, NOW + DAY) is None
    assert find_at(issued.token[:-1] + "!", NOW) is None
    async with network_client(app, "octwall_" + "x" * 200) as wall:
        assert (await wall.get("/services")).status_code == 401


async def test_revoked_wall_token_ends_at_once(app: FastAPI) -> None:
    token = await _issue(app)
    async with network_client(app, token["token"]) as wall, local_client(app, "admin") as admin:
        assert (await wall.get("/services")).status_code == 200
        assert (await admin.delete(f"/wall-tokens/{token['id']}")).status_code == 204
        assert (await wall.get("/services")).status_code == 401
        assert (await admin.delete(f"/wall-tokens/{token['id']}")).status_code == 404
        assert (await admin.get("/wall-tokens")).json() == {"tokens": []}


async def test_list_of_wall_tokens_has_no_secret_and_their_last_use(app: FastAPI) -> None:
    token = await _issue(app)
    async with network_client(app, token["token"]) as wall, local_client(app, "admin") as admin:
        before = (await admin.get("/wall-tokens")).json()["tokens"]
        await wall.get("/services")
        answer = await admin.get("/wall-tokens")
    assert [row["last_used"] for row in before] == [None]
    assert [row["last_used"] for row in answer.json()["tokens"]] == [NOW]
    assert token["token"] not in answer.text


def test_wall_tokens_are_recorded_in_the_permission_log(store: Store, center: Center) -> None:
    issued = store.write(lambda change: wall_tokens.issue_wall_token(change, _new()), center.principal("admin"))
    store.write(lambda change: wall_tokens.revoke_wall_token(change, issued.id), center.principal("admin"))
    page = store.read(lambda connection: search_log(connection, AuditFilter(limit=2), None))
    access = WallAccess(services=["oc"], network="192.0.2.0/24", days=30)
    changes = [(entry.action, entry.target_name, entry.before, entry.after) for entry in page.entries]
    assert changes == [
        (Action.WALL_REMOVED, "3층 동쪽", access, None),
        (Action.WALL_ADDED, "3층 동쪽", None, access),
    ]


def test_wall_token_is_stored_nowhere(store: Store, center: Center) -> None:
    issued = store.write(lambda change: wall_tokens.issue_wall_token(change, _new()), OPERATOR)
    rows = store.read(lambda connection: connection.execute(select(tables.wall_token)).all())
    assert len(rows) == 1
    assert not any(issued.token[8:] in str(value) for value in rows[0])
