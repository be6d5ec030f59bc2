"""The organization, its services, members and agents through the API, on both engines."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from octui.schema.audit import Action, OrganizationAdminRight, OrganizationFacts
from octui.server.agents import routes as agents_routes
from octui.server.app import create_app
from octui.server.contracts import routes as contracts_routes
from octui.server.cti import routes as cti_routes
from octui.server.database import tables
from octui.server.database.audit_log import parse_value
from octui.server.database.store import Store
from octui.server.members import routes as members_routes
from octui.server.organization import routes as organization_routes
from server.audit_values import MEMBER, basics, cti, items, rights
from server.clients import local_client

PARTS = [part.operations for part in (organization_routes, contracts_routes, members_routes, agents_routes, cti_routes)]

NEW = {
    "name": "Acme 고객센터",
    "domain": "acme",
    "admin_account": "admin",
    "admin_name": "관리자",
    "admin_email": "admin@acme.example",
}


@pytest.fixture
def app(store: Store) -> FastAPI:
    return create_app(store, parts=PARTS)


def log_lines(store: Store) -> list[tuple[Any, ...]]:
    """Return the log: action, actor, target, service, before, after."""
    a, person, service = tables.audit, tables.audit_person, tables.audit_service
    actor, target, action = person.alias("actor"), person.alias("target"), tables.audit_action
    wanted = (
        select(action.c.action, actor.c.account, target.c.account, service.c.code, a.c.before, a.c.after)
        .join(action, action.c.id == a.c.action_id)
        .join(actor, actor.c.id == a.c.actor_id)
        .join(target, target.c.id == a.c.target_id)
        .join(service, service.c.id == a.c.service_id)
        .order_by(a.c.seq)
    )
    rows = store.read(lambda connection: connection.execute(wanted).all())
    return [(*row[:4], parse_value(row.before), parse_value(row.after)) for row in rows]


async def test_an_empty_database_becomes_a_center(app: FastAPI, store: Store) -> None:
    async with local_client(app, octui_via="command") as operator:
        nobody = await operator.get("/me")
        assert (nobody.status_code, nobody.json()["code"]) == (404, "not_found")
        early = await operator.post("/members", json={"account": "kim", "name": "김민수", "email": "k@acme.example"})
        assert early.status_code == 404
        made = await operator.post("/organization", json=NEW)
        assert made.status_code == 201
        assert len(made.json()["id"]) == 16
        assert made.json()["id"].isalnum()
        assert (await operator.post("/organization", json=NEW)).json()["code"] == "already_exists"
        service = {"id": "oc", "name": "상담", "language": "ko", "phone": True}
        assert (await operator.post("/services", json=service)).json()["items"] == ["ticket", "telticket"]
        member = {"account": "kim", "name": "김민수", "email": "kim@acme.example"}
        assert (await operator.post("/members", json=member)).status_code == 201
        agent = {"account": "kim", "role": "ROLE_FRONT_AGENT", "phone": True}
        given = await operator.post("/services/oc/agents", json=agent)
        assert given.json()["ticket"] is True
        assert given.headers["etag"] == f'"v{given.json()["version"]}"'
        me = (await operator.get("/me")).json()
        assert (me["account"], me["organization_admin"], me["services"]) == ("admin", True, [])
        assert me["known_services"] == [
            {
                "service": "oc",
                "service_name": "상담",
                "time_zone": "Asia/Seoul",
                "phone_contract": True,
                "state": "inuse",
            }
        ]
    async with local_client(app, "kim") as kim:
        me = (await kim.get("/me")).json()
        assert me["services"] == [
            {"service": "oc", "role": "ROLE_FRONT_AGENT", "ticket": True, "chat": False, "phone": True}
        ]
        assert [service["service"] for service in me["known_services"]] == ["oc"]
    code = made.json()["id"]
    assert log_lines(store) == [
        (
            Action.ORGANIZATION_CREATED,
            "",
            "",
            "",
            None,
            OrganizationFacts(id=code, domain="acme", time_zone="Asia/Seoul"),
        ),
        (Action.MEMBER_ADDED, "", "admin", "", None, MEMBER),
        (Action.ORGANIZATION_ADMIN_ADDED, "", "admin", "", None, OrganizationAdminRight()),
        (Action.SERVICE_ADDED, "admin", "", "oc", None, basics("상담")),
        (Action.SERVICE_REGISTERED, "admin", "", "oc", None, items(ticket=1, telticket=1)),
        (Action.MEMBER_ADDED, "admin", "kim", "", None, MEMBER),
        (Action.AGENT_ADDED, "admin", "kim", "oc", None, rights("agent ticket phone")),
    ]


async def test_simultaneous_requests_create_one_organization(app: FastAPI) -> None:
    async with local_client(app) as operator:
        answers = await asyncio.gather(*(operator.post("/organization", json=NEW) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ({"id": "oc", "name": "다른"}, "id", "taken"),
        ({"id": "OC", "name": "다른"}, "id", "taken"),
        ({"id": "other", "name": "상담"}, "name", "taken"),
        ({"id": "o-c", "name": "다른"}, "id", "pattern"),
        ({"id": "a" * 46, "name": "다른"}, "id", "too_long"),
        ({"id": "other", "name": " 상담 둘"}, "name", "outer_space"),
        ({"id": "other", "name": "둘", "time_zone": "Asia/Soul"}, "time_zone", "unknown_value"),
        ({"id": "other", "name": "둘", "time_zone": "../../etc/passwd"}, "time_zone", "unknown_value"),
        ({"id": "other", "name": "둘", "time_zone": ""}, "time_zone", "unknown_value"),
        ({"id": "other", "name": "둘", "language": "xx"}, "language", "unknown_value"),
        ({"id": "other", "name": "둘", "type": "chatting"}, "type", "unknown_value"),
        ({"id": "other", "name": "둘", "items": ["chat"]}, "items", "unknown_field"),
        ({"name": "둘"}, "id", "missing"),
    ],
)
async def test_an_invalid_service_is_refused_by_field(
    app: FastAPI, center: object, sent: dict[str, object], field: str, code: str
) -> None:
    async with local_client(app) as operator:
        answer = await operator.post("/services", json=sent)
        assert answer.status_code == 422
        assert [(problem["field"], problem["code"]) for problem in answer.json()["errors"]] == [(field, code)]
        assert len((await operator.get("/services")).json()["services"]) == 2


async def test_simultaneous_services_cannot_share_an_id(app: FastAPI, center: object) -> None:
    async with local_client(app) as operator:
        ids = ["new", "New", "nEw", "NEW"]
        answers = await asyncio.gather(
            *(operator.post("/services", json={"id": id, "name": f"새 {i}"}) for i, id in enumerate(ids))
        )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_a_caller_sees_only_their_own_services(app: FastAPI, center: object) -> None:
    seen = {}
    for account in ("admin", "choi", "kim", "park"):
        async with local_client(app, account) as client:
            seen[account] = [service["id"] for service in (await client.get("/services")).json()["services"]]
    assert seen == {"admin": ["chat", "oc"], "choi": ["oc"], "kim": ["oc"], "park": ["chat"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["admin", "choi", "kim", "lee", "park"]),
        ("ㄱㅁㅅ", ["kim"]),
        ("김ㅁ", ["kim"]),
        ("영희", ["lee"]),
        ("KIM", ["kim"]),
        ("ACME.EXAMPLE", ["admin", "choi", "kim", "lee", "park"]),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
        ("없는", []),
    ],
)
async def test_members_are_looked_up_by_part(app: FastAPI, center: object, query: str, found: list[str]) -> None:
    async with local_client(app) as operator:
        answer = (await operator.get("/members", params={"query": query})).json()
    assert [member["account"] for member in answer["members"]] == found
    assert answer["next"] is None


@pytest.mark.parametrize("query", ["", "example", "ㅇ"])
async def test_pages_hold_each_member_once(app: FastAPI, store: Store, center: object, query: str) -> None:
    async with local_client(app) as operator:
        for number in range(12):
            sent = {"account": f"x{number:02}", "name": f"이름{number}", "email": f"x{number}@acme.example"}
            assert (await operator.post("/members", json=sent)).status_code == 201
        whole = (await operator.get("/members", params={"query": query, "limit": 1000})).json()["members"]
        paged, after = [], None
        for _ in range(20):
            more = {} if after is None else {"after": after}
            page = (await operator.get("/members", params={"query": query, "limit": 4, **more})).json()
            assert len(page["members"]) <= 4
            paged += page["members"]
            after = page["next"]
            if after is None:
                break
    assert paged == whole
    assert len(whole) >= 12


async def test_an_account_can_be_added_once(app: FastAPI, center: object) -> None:
    async with local_client(app) as operator:
        sent = {"account": "new", "name": "새", "email": "n@acme.example"}
        answers = await asyncio.gather(*(operator.post("/members", json=sent) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["errors"][0]["field"] == "account"


async def test_an_agent_must_be_a_member_and_is_added_once(app: FastAPI, center: object) -> None:
    async with local_client(app) as operator:
        unknown = await operator.post("/services/oc/agents", json={"account": "who", "role": "ROLE_FRONT_AGENT"})
        assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "account")
        sent = {"account": "park", "role": "ROLE_FRONT_AGENT"}
        answers = await asyncio.gather(*(operator.post("/services/oc/agents", json=sent) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_an_agent_is_changed_by_version(app: FastAPI, store: Store, center: object) -> None:
    async with local_client(app, "choi", octui_via="screen") as choi:
        path = "/services/oc/agents/kim"
        assert (await choi.patch(path, json={"chat": False})).status_code == 428
        first = await choi.patch(path, json={"chat": False}, headers={"If-Match": '"v1"'})
        assert first.status_code == 200
        version = first.json()["version"]
        stale = await choi.patch(path, json={"phone": False}, headers={"If-Match": '"v1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
        assert stale.json()["current"] == first.json()
        assert stale.headers["etag"] == first.headers["etag"] == f'"v{version}"'
        for odd in ('"v01x"', "v1", "*", '"1"'):
            assert (await choi.patch(path, json={"phone": False}, headers={"If-Match": odd})).status_code == 412
        same = await choi.patch(path, json={"chat": False}, headers={"If-Match": f'"v{version}"'})
        assert same.json() == first.json()
        admin = await choi.patch(
            path, json={"role": "ROLE_FRONT_ADMIN", "phone": False}, headers={"If-Match": f'"v{version}"'}
        )
        assert admin.json()["role"] == "ROLE_FRONT_ADMIN"
    assert log_lines(store) == [
        (
            "agent.permissions_changed",
            "choi",
            "kim",
            "oc",
            rights("agent ticket chat phone"),
            rights("agent ticket phone"),
        ),
        ("agent.role_changed", "choi", "kim", "oc", rights("agent ticket phone"), rights("admin ticket")),
    ]


async def test_one_of_many_simultaneous_edits_wins(app: FastAPI, center: object) -> None:
    async with local_client(app) as operator:
        wishes = [{"chat": False}, {"phone": False}, {"role": "ROLE_FRONT_ADMIN"}, {"ticket": False}]
        answers = await asyncio.gather(
            *(operator.patch("/services/oc/agents/kim", json=w, headers={"If-Match": '"v1"'}) for w in wishes)
        )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


async def test_a_removed_role_ends_access_at_once(app: FastAPI, store: Store, center: object) -> None:
    async with local_client(app) as operator, local_client(app, "kim") as kim:
        since = (await operator.get("/services/oc/agents/head")).json()
        cells = {"edits": [{"account": "kim", "version": 1, "set": {"cti_id": "7001"}}]}
        assert (await operator.post("/services/oc/cti/batch", json=cells)).json()["saved"] == 1
        assert (await operator.delete("/services/oc/agents/kim")).status_code == 428
        assert (await operator.delete("/services/oc/agents/kim", headers={"If-Match": '"v9"'})).status_code == 412
        gone = await operator.delete("/services/oc/agents/kim", headers={"If-Match": '"v1"'})
        assert (gone.status_code, gone.content) == (204, b"")
        assert (await kim.get("/me")).json()["services"] == []
        assert (await kim.get("/services/oc/agents")).status_code == 404
        page = (await operator.get("/services/oc/agents", params={"changed_since": since["revision"]})).json()
        assert (page["agents"], page["removed"]) == ([], ["kim"])
        table = (await operator.get("/services/oc/cti/agents")).json()["agents"]
        assert [row["account"] for row in table] == ["choi", "lee", "park"]
        again = {"account": "kim", "role": "ROLE_FRONT_AGENT"}
        back = (await operator.post("/services/oc/agents", json=again)).json()
        assert back["version"] > 1
        page = (await operator.get("/services/oc/agents", params={"changed_since": since["revision"]})).json()
        assert ([agent["account"] for agent in page["agents"]], page["removed"]) == (["kim"], [])
    assert log_lines(store)[-3:] == [
        ("agent.removed", "admin", "kim", "oc", rights("agent ticket chat phone"), None),
        ("cti.changed", "admin", "kim", "oc", cti("7001", None), cti(None, None)),
        ("agent.added", "admin", "kim", "oc", None, rights("agent")),
    ]


async def test_agents_show_their_state_and_what_changed(app: FastAPI, store: Store, center) -> None:
    talk = {"specversion": "1.0", "id": "1", "source": "cti", "type": "octui.phone.state", "subject": "lee"}
    talk |= {"data": {"state": "inbound_calls", "call": "c1"}}
    async with local_client(app, "choi") as choi:
        whole = (await choi.get("/services/oc/agents")).json()
        assert [agent["state"] for agent in whole["agents"]] == [None, None, None]
        async with local_client(create_app(store)) as operator:
            answer = await operator.post("/services/oc/events", json=talk)
        assert answer.json().get("taken") == 1, answer.text
        changed = (await choi.get("/services/oc/agents", params={"changed_since": whole["revision"]})).json()
        assert [(agent["account"], agent["state"]) for agent in changed["agents"]] == [("lee", "inbound_calls")]
        assert changed["agents"][0]["since"] == store.clock()
        head = (await choi.get("/services/oc/agents/head")).json()
        assert head == {"revision": changed["revision"], "count": 3}
