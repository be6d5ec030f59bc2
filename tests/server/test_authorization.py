"""Every operation of ROUTES, for every kind of caller, on own, other and missing objects (security.md R11).

The expected status is computed here from the declarations, not with server/identity/policy.py.
"""

import itertools
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select

from octui.schema.routes import PREFIX, ROUTES, Route, Who
from octui.schema.tokens import NewWallToken
from octui.server.app import create_app
from octui.server.database import tables
from octui.server.database.secrets import Sealer
from octui.server.database.store import Store
from octui.server.identity import wall_tokens
from octui.server.identity.authentication import issue_token
from server.clients import local_client, network_client
from server.conftest import OPERATOR, Center

SERVICES = ("oc", "chat", "nix")
ACCOUNTS = {"oc": ("kim", "lee", "nobody"), "chat": ("park", "nobody"), "nix": ("kim", "nobody")}

# What each caller is, on which services they have a role and which.
CALLERS: dict[str, tuple[set[Who], dict[str, Who]]] = {
    "nobody": (set(), {}),
    "mina": ({Who.SIGNED_IN}, {}),
    "kim": ({Who.SIGNED_IN}, {"oc": Who.SERVICE_AGENT}),
    "park": ({Who.SIGNED_IN}, {"chat": Who.SERVICE_AGENT}),
    "choi": ({Who.SIGNED_IN, Who.ANY_SERVICE_ADMIN}, {"oc": Who.SERVICE_ADMIN}),
    "wall": ({Who.WALL}, {"oc": Who.WALL}),
    "admin": ({Who.SIGNED_IN, Who.ORGANIZATION_ADMIN}, {}),
    "operator": ({Who.SIGNED_IN, Who.ORGANIZATION_ADMIN, Who.OPERATOR}, {}),
}
MANAGERS = {Who.ORGANIZATION_ADMIN, Who.OPERATOR}


def route_targets(route: Route) -> list[tuple[str | None, str | None]]:
    """Objects to call a route with: service and account, None where it has none."""
    if "{service}" not in route.path:
        # Of the organization: the caller who may, who then is refused for being themself, and a missing one.
        return [(None, "admin"), (None, "nobody")] if "{account}" in route.path else [(None, None)]
    if "{account}" not in route.path:
        return [(service, None) for service in SERVICES]
    return [(service, account) for service in SERVICES for account in ACCOUNTS[service]]


def expected_status(route: Route, who: str, service: str | None, account: str | None) -> int:
    """Expected status: 401, 403, 404, or 200 for any result of an allowed request."""
    if Who.ANYONE in route.who:
        return 200
    if who == "nobody":
        return 401
    general, roles = CALLERS[who]
    manages = bool(general & MANAGERS)
    if service is not None and not manages and service not in roles:
        return 404
    is_what = general | ({roles[service]} if service in roles else set())
    myself = "admin" if who == "operator" else who
    if account == myself:
        is_what = is_what | {Who.SELF}
    return 200 if route.who & is_what else 403


@pytest.fixture
async def clients(store: Store, center: Center, tmp_path: Path) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A client for every kind of caller, half of them over the network."""
    app: FastAPI = create_app(store, sealer=Sealer(tmp_path / "beside"))
    mina = {"account": "mina", "name": "미나", "email": "mina@acme.example", "folded": "미나", "choseong": "ㅁㄴ"}
    store.write(
        lambda change: change.connection.execute(insert(tables.member).values(**mina)).rowcount,
        center.principal("admin"),
    )
    async with AsyncExitStack() as stack:
        found = {
            "nobody": await stack.enter_async_context(network_client(app)),
            "operator": await stack.enter_async_context(local_client(app)),
            "mina": await stack.enter_async_context(local_client(app, "mina")),
            "park": await stack.enter_async_context(local_client(app, "park")),
        }
        for account in ("kim", "choi", "admin"):
            token = issue_token(store, account, 1)
            found[account] = await stack.enter_async_context(network_client(app, token))
        wall = NewWallToken(place="3F", services=["oc"], network="192.0.2.0/24")
        token = store.write(lambda change: wall_tokens.issue_wall_token(change, wall), OPERATOR).token
        found["wall"] = await stack.enter_async_context(network_client(app, token))
        yield found


async def send_request(
    client: httpx.AsyncClient, route: Route, service: str | None, account: str | None
) -> httpx.Response:
    ids = dict.fromkeys(("session", "invitation", "token"), "0123")
    path = route.path.removeprefix(PREFIX).format(service=service, account=account, **ids)
    if route.name == "live":
        return await client.get(path, params={"have": "me;"})
    body: dict[str, Any] = {} if route.method in ("GET", "DELETE") else {"json": {}}
    return await client.request(route.method, path, **body)


def recorded_entries(store: Store) -> list[str]:
    """Actions in the log, in their order."""
    found = select(tables.audit_action.c.action).join(
        tables.audit, tables.audit.c.action_id == tables.audit_action.c.id
    )
    return store.read(lambda connection: list(connection.scalars(found.order_by(tables.audit.c.seq))))


def is_expected_answer(
    route: Route, answer: httpx.Response, wanted: int, service: str | None, account: str | None
) -> bool:
    """Whether an answer is expected; an allowed request may still find its object missing or its body wrong."""
    if wanted != 200:
        return answer.status_code == wanted
    status = answer.status_code
    if status == 403 and answer.json()["code"] == "no_phone_contract":
        return "/cti/" in route.path
    if service == "nix" or account == "nobody" or re.search(r"\{(session|invitation|token)\}", route.path):
        return status in (404, 422, 428)
    return status < 500 and status not in (401, 403, 404)


async def test_every_operation_is_authorized_for_every_caller(
    store: Store, clients: dict[str, httpx.AsyncClient]
) -> None:
    wrong = []
    answers: dict[tuple[str, str, str | None, str | None], tuple[int, str]] = {}
    # Who has signed out is nobody any more.
    for route, who in itertools.product(sorted(ROUTES, key=lambda route: route.name == "sign_out"), CALLERS):
        for service, account in route_targets(route):
            answer = await send_request(clients[who], route, service, account)
            answers[route.name, who, service, account] = answer.status_code, answer.text
            wanted = expected_status(route, who, service, account)
            if not is_expected_answer(route, answer, wanted, service, account):
                wrong.append((route.name, who, service, account, "expected", wanted, "was", answer.status_code))
    assert wrong == []
    assert len(answers) > 250
    for (name, who, service, account), answered in answers.items():
        # A service or person one may not know of looks like one that is not there, to the last byte.
        if service == "chat" and answered[0] == 404:
            assert answered == answers[name, who, "nix", "nobody" if account else None]
        denied = account is not None and answers[name, who, service, "nobody"][0] == 403
        if denied and account != who:
            assert answered == answers[name, who, service, "nobody"]
    # An empty body changes nothing; it is enough to see the organization key, once.
    assert recorded_entries(store) == ["wall.added", "organization_key.made", "organization_key.shown"]


async def test_operator_without_organization_may_only_create_one(store: Store, tmp_path: Path) -> None:
    app = create_app(store, sealer=Sealer(tmp_path / "beside"))
    async with local_client(app) as operator:
        for route in ROUTES:
            answer = await send_request(operator, route, "oc", "kim")
            wanted = {"create_organization": (422,), "live": (200,), "services": (200,)}.get(route.name)
            if wanted is None:
                assert answer.status_code < 500, route.name
                if route.who <= {Who.SIGNED_IN, Who.SELF}:
                    assert answer.status_code == 404, route.name
            else:
                assert answer.status_code in wanted, route.name


async def test_removed_role_counts_from_the_next_request(clients: dict[str, httpx.AsyncClient]) -> None:
    choi, operator = clients["choi"], clients["operator"]
    assert (await choi.get("/services/oc/agents")).status_code == 200
    demoted = await operator.patch(
        "/services/oc/agents/choi", json={"role": "ROLE_FRONT_AGENT"}, headers={"If-Match": '"v1"'}
    )
    assert demoted.status_code == 200
    for path in ("/services/oc/agents", "/services/oc/cti/agents", "/members", "/audit"):
        assert (await choi.get(path)).status_code == 403
    patched = await choi.patch("/services/oc/agents/choi", json={"role": "ROLE_FRONT_ADMIN"}, headers={"If-Match": "x"})
    assert patched.status_code == 403
