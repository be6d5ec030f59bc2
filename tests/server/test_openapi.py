"""The OpenAPI document is valid and has exactly the operations of ROUTES."""

from typing import Any

import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate

from octui.schema.routes import ROUTES, Who
from octui.server.app import create_app
from octui.server.database.store import Store
from octui.server.organization import routes as organization_routes
from server.clients import network_client

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
async def document(store: Store) -> dict[str, Any]:
    app: FastAPI = create_app(store)
    async with network_client(app) as client:
        found: dict[str, Any] = (await client.get("http://octui/openapi.json")).json()
    return found


def documented_operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_document_is_valid_and_complete(document: dict[str, Any]) -> None:
    validate(document)
    found = documented_operations(document)
    assert {name: operation["operationId"] for name, operation in found.items()} == {
        f"{route.method} {route.path}": route.name for route in ROUTES
    }
    for route in ROUTES:
        assert found[f"{route.method} {route.path}"]["summary"] == route.summary


def test_every_operation_lists_its_errors_and_callers(document: dict[str, Any]) -> None:
    found = documented_operations(document)
    for route in ROUTES:
        name = f"{route.method} {route.path}"
        operation = found[name]
        responses = operation["responses"]
        assert {"401", "403", "404", "422", "500", "503"} <= set(responses), name
        for status, response in responses.items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (name, status)
        assert operation.get("security", []) == ([] if Who.ANYONE in route.who else [{"bearer": []}])
        assert operation["x-callers"]
        headers = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "header"}
        if name.startswith("POST"):
            assert ("Idempotency-Key" in headers) == route.keyed, name
            assert ("429" in responses) == (not route.keyed), name
            assert {"413", "507"} <= set(responses), name
        if name.startswith(("PATCH", "DELETE")):
            assert ("If-Match" in headers) == route.versioned, name
            assert ({"412", "428"} <= set(responses)) == route.versioned, name


def test_polled_operations_document_waiting(document: dict[str, Any]) -> None:
    found = documented_operations(document)
    for name in ("me", "organization", "services", "services/{service}/agents/head", "services/{service}/cti/head"):
        operation = found[f"GET /api/v1/{name}"]
        assert "304" in operation["responses"]
        assert "ETag" in operation["responses"]["200"]["headers"]
        assert {"If-None-Match", "Prefer"} <= {parameter["name"] for parameter in operation["parameters"]}
    assert "304" in found["GET /api/v1/live"]["responses"]
    assert "ETag" in found["PATCH /api/v1/services/{service}/agents/{account}"]["responses"]["200"]["headers"]


def test_missing_operation_is_an_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organization_routes.operations, "names", [])
    with pytest.raises(RuntimeError, match="create_organization"):
        create_app(store)
