"""The organization: its name, its URL, and what the operator changes (rules.md 11–13, 20)."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError

from octui.schema.audit import OrganizationFacts
from octui.schema.live import ME, ORGANIZATION
from octui.schema.organization import Domain
from octui.server.app import create_app
from octui.server.database.secrets import Sealer
from octui.server.organization.rules import organization_url
from server.clients import local_client
from server.conftest import Center, Store

DOMAIN = TypeAdapter(Domain)


@pytest.fixture
def app(store: Store, tmp_path: Path) -> FastAPI:
    return create_app(store, sealer=Sealer(tmp_path / "beside"))


@pytest.mark.parametrize("domain", ["abc", "0ab", "A-1", "a--", "9" * 40, "ABC-def-0", "a1-"])
def test_rule_13_valid_domains_are_accepted(domain: str) -> None:
    assert DOMAIN.validate_python(domain) == domain


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "ab",
        "-ab",
        "a" * 41,
        "a_b",
        "a.b",
        "a b",
        " abc",
        "abc ",
        "abc\n",
        "한빛센터",
        "ａｂｃ",
        "abć",
        "a/b",
        "abc\0",
    ],
)
def test_rule_13_invalid_domains_are_refused(domain: str) -> None:
    with pytest.raises(ValidationError):
        DOMAIN.validate_python(domain)


def test_rule_12_the_url_follows_from_the_domain() -> None:
    assert organization_url("acme") == "https://acme.oc.toast.com"
    assert organization_url("Han-2", "center.example") == "https://Han-2.center.example"


async def test_rules_11_12_every_caller_sees_the_organization(store: Store, center: Center, app: FastAPI) -> None:
    async with local_client(app, "kim") as kim:
        organization = (await kim.get("/organization")).json()
        assert organization == (await kim.get("/me")).json()["organization"]
    assert organization == {
        "id": "acme",
        "name": "Acme 고객센터",
        "domain": "acme",
        "time_zone": "Asia/Seoul",
        "url": "https://acme.oc.toast.com",
        "ipcc_agreed": True,
        "mobile_contact_activated": False,
    }
    async with local_client(create_app(store, url_suffix="elsewhere.example"), "kim") as kim:
        assert (await kim.get("/organization")).json()["url"] == "https://acme.elsewhere.example"
        assert (await kim.get("/me")).json()["organization"]["url"] == "https://acme.elsewhere.example"


async def test_only_the_operator_changes_the_organization_and_waiters_wake(center: Center, app: FastAPI) -> None:
    async with local_client(app) as operator, local_client(app, "admin") as admin, local_client(app, "kim") as kim:
        had = await kim.get("/live", params={"have": [f"{ORGANIZATION};", f"{ME};"]})
        tags = [f"{topic};{told['etag']}" for topic, told in had.json()["changed"].items()]
        assert (await admin.patch("/organization", json={"name": "Mine"})).status_code == 403
        assert (await kim.get("/live", params={"have": tags})).status_code == 304
        changed = await operator.patch("/organization", json={"domain": "Acme-2", "ipcc_agreed": False})
        assert changed.status_code == 200
        assert (changed.json()["url"], changed.json()["name"]) == ("https://Acme-2.oc.toast.com", "Acme 고객센터")
        told = (await kim.get("/live", params={"have": tags})).json()["changed"]
        assert told[ORGANIZATION]["body"] == told[ME]["body"]["organization"] == changed.json()
        page = (await admin.get("/audit", params={"log": "administration"})).json()
        (entry,) = page["entries"]
        assert entry["action"] == "organization.changed"
        before, after = (OrganizationFacts.model_validate(entry[name]) for name in ("before", "after"))
        assert before == OrganizationFacts(domain="acme", ipcc_agreed=True)
        assert after == OrganizationFacts(domain="Acme-2", ipcc_agreed=False)


async def test_unchanged_values_are_not_recorded(center: Center, app: FastAPI) -> None:
    async with local_client(app) as operator:
        etag = (await operator.get("/organization")).headers["etag"]
        for same in ({}, {"name": None}, {"domain": "acme"}, {"name": "Acme 고객센터", "ipcc_agreed": True}):
            assert (await operator.patch("/organization", json=same)).status_code == 200
        assert (await operator.get("/organization")).headers["etag"] == etag
        assert (await operator.get("/audit", params={"log": "all"})).json()["entries"] == []


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ({"domain": "a_b"}, "domain", "pattern"),
        ({"domain": "ab"}, "domain", "pattern"),
        ({"name": ""}, "name", "too_short"),
        ({"name": "가" * 101}, "name", "too_long"),
        ({"name": " A"}, "name", "outer_space"),
        ({"name": "A\u202eB"}, "name", "direction_character"),
        ({"ipcc_agreed": "perhaps"}, "ipcc_agreed", "type"),
        ({"url": "https://mine.example"}, "url", "unknown_field"),
        ({"id": "mine"}, "id", "unknown_field"),
    ],
)
async def test_invalid_values_are_refused_by_field(
    sent: dict[str, object], field: str, code: str, center: Center, app: FastAPI
) -> None:
    async with local_client(app) as operator:
        before = (await operator.get("/organization")).json()
        refused: httpx.Response = await operator.patch("/organization", json=sent)
        assert refused.status_code == 422
        assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [(field, code)]
        assert (await operator.get("/organization")).json() == before
