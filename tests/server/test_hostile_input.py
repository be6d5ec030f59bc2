"""Hostile texts in every text field of every body: refused with the path of the field, on both engines.

The fields are found in the JSON schemas of the `Sent` models, so that a new one cannot be forgotten.
"""

import copy
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from octui.schema.agents import AgentChange, NewAgent
from octui.schema.charges import NewDiscount, NewRateCard, Rate
from octui.schema.common import RequestBody
from octui.schema.contracts import (
    BasicChange,
    BasicInformation,
    ContractDetails,
    EstimateRequest,
    ItemTerms,
    NewService,
    StateChoice,
)
from octui.schema.cti import CtiBatch, CtiEdit, CtiSettingsChange
from octui.schema.events import FileEvents, FilePosition, LogNames, QueueLogRows
from octui.schema.floor import FloorLimitsChange
from octui.schema.members import Acceptance, NewInvitation, NewMember
from octui.schema.organization import KeyChange, NewOrganization, NewOrganizationAdmin, OrganizationChange
from octui.schema.sessions import PasswordChange, SignIn
from octui.schema.settings import SettingsChange
from octui.schema.stats import StateChange
from octui.schema.tokens import NewToken, NewWallToken
from octui.server.app import create_app
from octui.server.database import tables
from octui.server.database.secrets import Sealer
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.identity import passwords
from octui.server.identity.hashing import Hasher
from octui.server.members import invitation_codes, invitation_store
from server.clients import local_client
from server.conftest import Center
from server.test_charges import new_card

HOSTILE = {
    "control": "a\x1b]52;c;eA==\x07b",
    "null": "a\x00b",
    "line": "a\nb",
    "c1": "a\x9b31mb",
    "surrogate": "a\ud83db",
    "rtl": "a\u202egnp.exe",
    "isolate": "a\u2066b",
    "invisible": "a\u200bb",
    "filler": "\u3164\u3164\u3164",
    "tag": "a\U000e0041b",
    "marks": "e" + "\u0301" * 50,
    "blank": "   ",
    "long": "가" * 10_000,
}

CODE = invitation_codes.generate_code()
HEADERS = {"If-Match": '"v1"', "Content-Type": "application/json"}

Path = tuple[str | int, ...]

# A good body of each model, where it is sent, and with which headers. A text of one of its fields makes it bad.
BODIES: dict[type[RequestBody], tuple[str, str, dict[str, Any]]] = {
    NewOrganization: (
        "POST",
        "/organization",
        {
            "name": "Acme",
            "domain": "acme",
            "admin_account": "admin",
            "admin_name": "관리자",
            "admin_email": "a@acme.example",
            "time_zone": "Asia/Seoul",
        },
    ),
    NewService: (
        "POST",
        "/services",
        {"id": "new", "name": "새", "type": "issue", "language": "ko", "time_zone": "Asia/Seoul"},
    ),
    NewMember: ("POST", "/members", {"account": "new", "name": "새", "email": "n@acme.example", "language": "ko"}),
    NewAgent: ("POST", "/services/oc/agents", {"account": "park", "role": "ROLE_FRONT_AGENT"}),
    AgentChange: ("PATCH", "/services/oc/agents/kim", {"role": "ROLE_FRONT_AGENT"}),
    CtiBatch: (
        "POST",
        "/services/oc/cti/batch",
        {"edits": [{"account": "kim", "version": 1, "set": {"cti_id": "7001", "cti_no": "21"}}]},
    ),
    StateChange: (
        "POST",
        "/services/oc/stats/kim/state",
        {"kind": "state", "state": "rest", "channel": "phone"},
    ),
}
BODIES[NewToken] = ("POST", "/tokens", {"account": "kim", "days": 1})
BODIES[NewWallToken] = ("POST", "/wall-tokens", {"place": "3F", "services": ["oc"], "network": "::1", "days": 1})
BODIES[FloorLimitsChange] = ("PATCH", "/services/oc/floor/limits", {"breaks": 40, "states": {"rest": 20}})
BODIES[SignIn] = ("POST", "/sessions", {"account": "kim", "password": "kept in mind", "device": "desk 7"})
BODIES[PasswordChange] = ("POST", "/me/password", {"old": "kept in mind", "new": "seven blue chairs sing"})
BODIES[NewOrganizationAdmin] = ("POST", "/organization/admins", {"account": "kim"})
BODIES[NewInvitation] = (
    "POST",
    "/invitations",
    {"account": "new", "name": "새", "email": "n@acme.example", "language": "ko"},
)
BODIES[Acceptance] = ("POST", "/invitations/accept", {"code": CODE, "password": "seven blue chairs sing"})
BODIES[SettingsChange] = ("PATCH", "/me/settings", {"nickname": "별명", "language": "ja"})
BODIES[BasicInformation] = (
    "POST",
    "/contracts",
    {"id": "help", "name": "도움말", "type": "issue", "languages": ["ko"], "time_zone": "Asia/Seoul"},
)
BODIES[BasicChange] = (
    "PATCH",
    "/contracts/oc",
    {"name": "도움말", "type": "issue", "languages": ["ko"], "time_zone": "Asia/Seoul"},
)
BODIES[ContractDetails] = ("PUT", "/contracts/oc/items", {"items": [{"item": "ticket", "users": 2}]})
BODIES[StateChoice] = ("PUT", "/contracts/oc/state", {"state": "pause"})
BODIES[EstimateRequest] = ("POST", "/contracts/estimate", {"items": [{"item": "ticket", "users": 2}], "service": "oc"})
BODIES[CtiSettingsChange] = (
    "PATCH",
    "/services/oc/cti/settings",
    {"cti_version": "ipcc", "tenant_id": "T1", "tenant_name": "한빛"},
)
BODIES[NewDiscount] = ("POST", "/contracts/oc/discount", {"valid_from": "2026-07-01", "basis_points": 1_000})
BODIES[NewRateCard] = ("POST", "/rates", new_card())
BODIES[OrganizationChange] = ("PATCH", "/organization", {"name": "새 이름", "domain": "acme-2"})
BODIES[KeyChange] = ("POST", "/organization/key", {"name": "Acme 고객센터"})
PARTS_OF_OTHERS = {ItemTerms, Rate, CtiEdit, FilePosition}
_FILE = {"kind": "queue_log", "name": "queue_log", "head": "00" * 16, "position": 9, "line": 1, "digest": "00" * 16}
_ROW = [1_782_810_000_000, 0, "1", "PAUSE", "c", "q", "kim", ["break"], 1]
_EVENT = {"specversion": "1.0", "id": "1", "source": "a", "type": "octui.chat.login", "subject": "kim", "data": {}}
# Bodies made of a log: a text in it is made harmless, or its line is refused, and the other lines are taken in.
LOG_BODIES: dict[type[RequestBody], tuple[str, dict[str, Any], list[Path]]] = {
    QueueLogRows: (
        "/services/oc/queue-log",
        {"file": _FILE, "reasons": {"break": "meal"}, "rows": [_ROW]},
        [("rows", 0, place) for place in (2, 3, 4, 5, 6)] + [("rows", 0, 7, 0)],
    ),
    FileEvents: (
        "/services/oc/file-events",
        {"file": _FILE, "lines": [1], "events": [_EVENT]},
        [("events", 0, name) for name in ("id", "source", "type", "subject")],
    ),
    LogNames: (
        "/services/oc/queue-log/names",
        {"names": ["kim"], "events": ["PAUSE"], "reasons": ["break"]},
        [("names", 0), ("events", 0), ("reasons", 0)],
    ),
}
# A password that was never set is not refused for its characters: it is not the right one.
JUDGED = {(SignIn, "password"), (PasswordChange, "old")}


def text_paths(schema: dict[str, Any], definitions: dict[str, Any], body: Any, path: Path = ()) -> Iterator[Path]:
    """Where texts may stand in a body of this schema: the paths of the fields of `body` and their texts."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    for choice in schema.get("anyOf", ()):
        yield from text_paths(choice, definitions, body, path)
    if schema.get("type") == "string":
        yield path
    for name, member in schema.get("properties", {}).items():
        yield from text_paths(member, definitions, body.get(name) if isinstance(body, dict) else None, (*path, name))
    if isinstance(schema.get("additionalProperties"), dict):
        for name, value in body.items():
            yield from text_paths(schema["additionalProperties"], definitions, value, (*path, name))
    if "items" in schema:
        yield from text_paths(schema["items"], definitions, body[0], (*path, 0))


def replace_text(body: Any, path: Path, text: str) -> Any:
    body = copy.deepcopy(body)
    inner = body
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = text
    return body


def hostile_cases() -> Iterator[Any]:
    for model, (_, _, body) in BODIES.items():
        schema = model.model_json_schema()
        for path in text_paths(schema, schema.get("$defs", {}), body):
            if (model, path[0]) not in JUDGED:
                yield pytest.param(model, path, id=f"{model.__name__}-{'.'.join(map(str, path))}")


def body_models(base: type[RequestBody] = RequestBody) -> set[type[RequestBody]]:
    return {model for direct in base.__subclasses__() for model in {direct} | body_models(direct)}


def test_every_request_body_is_covered() -> None:
    assert body_models() == set(BODIES) | set(LOG_BODIES) | PARTS_OF_OTHERS
    assert sum(1 for _ in hostile_cases()) > 20


def invite_member(change: Change) -> None:
    """Invite a person whose code is CODE."""
    new = NewInvitation(account="new", name="새", email="n@acme.example")
    invitation_store.invite_member(change, new, by_mail=False)
    change.connection.execute(update(tables.invitation).values(code=invitation_codes.code_digest(CODE)))


@pytest.fixture
def app(store: Store, request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> FastAPI:
    if request.node.callspec.params["model"] is not NewOrganization:
        center: Center = request.getfixturevalue("center")
        if request.node.callspec.params["model"] in (SignIn, PasswordChange):
            hashed = Hasher().hash_password("kept in mind")
            store.write(
                lambda change: passwords.store_password(change, center.members["kim"], hashed), center.principal("kim")
            )
        if request.node.callspec.params["model"] is Acceptance:
            store.write(invite_member, center.principal("admin"))
    return create_app(store, sealer=Sealer(tmp_path / "beside"))


@pytest.mark.parametrize(("model", "path"), hostile_cases())
async def test_hostile_text_is_refused_with_its_path(app: FastAPI, model: type[RequestBody], path: Path) -> None:
    method, url, good = BODIES[model]
    field = ".".join(map(str, path))
    account = "kim" if model in (StateChange, PasswordChange) else None
    async with local_client(app, account) as client:
        for kind, text in HOSTILE.items():
            sent = json.dumps(replace_text(good, path, text))
            answer = await client.request(method, url, content=sent, headers=HEADERS)
            if answer.status_code == 200:
                # A batch is judged cell by cell: the bad one has its problem, the others stay behind with it.
                assert model is CtiBatch
                found = [verdict["problem"] for verdict in answer.json()["verdicts"] if verdict["problem"]]
                if kind == "blank" and path[-1] in ("cti_id", "cti_no"):
                    continue  # spaces alone empty a cell
                assert answer.json()["saved"] == 0 or path[-1] == "account"
            else:
                assert answer.status_code == 422, (kind, answer.text)
                found = answer.json()["errors"]
            assert field in {problem["field"] for problem in found}, (kind, answer.text)
            assert all(text not in problem["message"] for problem in found)
        assert (await client.request(method, url, json=good, headers={"If-Match": '"v1"'})).status_code in (
            200,
            201,
            204,
            409,
        )


@pytest.mark.parametrize("model", LOG_BODIES)
async def test_hostile_text_of_a_log_does_no_harm(app: FastAPI, model: type[RequestBody]) -> None:
    url, good, paths = LOG_BODIES[model]
    schema = model.model_json_schema()
    paths = paths + list(text_paths(schema, schema["$defs"], good)) if "$defs" in schema else paths
    async with local_client(app, None) as client:
        assert (await client.post(url, json=good)).status_code == 200
        for path in paths:
            for kind, text in HOSTILE.items():
                answer = await client.post(url, content=json.dumps(replace_text(good, path, text)), headers=HEADERS)
                # Half a surrogate pair is no text: whoever sends it does not send JSON.
                assert answer.status_code in ((200, 400, 422) if kind == "surrogate" else (200, 422)), (kind, path)
                assert len(answer.text) < 50_000, (kind, path)
        assert (await client.get("/services/oc/intake-files")).status_code == 200


async def test_unknown_fields_are_refused(store: Store, center: Center, tmp_path: pathlib.Path) -> None:
    async with local_client(create_app(store, sealer=Sealer(tmp_path / "beside"))) as operator:
        for model, (method, url, good) in BODIES.items():
            if model in (NewOrganization, StateChange):
                continue
            answer = await operator.request(
                method, url, json=good | {"organization_admin": True}, headers={"If-Match": "x"}
            )
            assert answer.status_code == 422
            assert [(p["field"], p["code"]) for p in answer.json()["errors"]] == [
                ("organization_admin", "unknown_field")
            ]
