"""OpenAPI document: FastAPI's, with the problems, 304 answers, headers and sign-in that it lacks."""

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from octui.schema.live import LiveAnswer
from octui.schema.problems import Problem
from octui.schema.routes import ROUTES, Route, Who
from octui.server.web.operations import BY_NAME, PolledResource

_MEDIA = "application/problem+json"
_REFERENCE = "#/components/schemas/"

_PROBLEMS = {
    "400": "The request cannot be read",
    "401": "Not signed in",
    "403": "Not allowed",
    "404": "No such object, or one the caller may not know of",
    "409": "It exists already, or conflicts with what is there",
    "412": "Changed meanwhile; `current` is the present state",
    "413": "Too large",
    "422": "Fields refused, each with its path and code",
    "428": "If-Match is missing",
    "429": "Too many attempts, or requests of one session that wait; Retry-After says when the next may be made",
    "500": "Unexpected; the detail names the event",
    "503": "The database cannot do it now",
    "507": "The disk is full",
}
_READ = ("401", "403", "404", "422", "500", "503")
_WRITE = ("400", "401", "403", "404", "409", "413", "422", "500", "503", "507")
_EDIT = ("412", "428")
_LIMITED = ("429",)


def openapi_document(app: FastAPI, polls: Sequence[PolledResource]) -> dict[str, Any]:
    """Return the OpenAPI document of all registered operations, built at the first call."""
    if app.openapi_schema is None:
        app.openapi_schema = _build_document(app, polls)
    return app.openapi_schema


def _build_document(app: FastAPI, polls: Sequence[PolledResource]) -> dict[str, Any]:
    document = get_openapi(
        title="octui",
        version=app.version,
        summary="Administration and figures of a contact center.",
        description="JSON. Times are milliseconds since 1970, UTC. Errors are RFC 9457 problems with a stable `code`.",
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    models: set[type[BaseModel]] = {polled.answer for polled in polls} | {LiveAnswer, Problem}
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        (model, "serialization") for model in sorted(models, key=lambda model: model.__name__)
    ]
    _, definitions = models_json_schema(modes, ref_template=_REFERENCE + "{model}")
    for name, schema in definitions.get("$defs", {}).items():
        schemas.setdefault(name, schema)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `sign_in`, or of `octui token`."}
    }
    paths = document.setdefault("paths", {})
    for polled in polls:
        parameters = [_query_parameter(name, text) for name, text in polled.query.items()]
        headers = [_header_parameter("If-None-Match", "The ETag held."), _prefer_parameter()]
        paths.setdefault(polled.route.path, {})["get"] = _polled_operation(
            polled.route, polled.answer.__name__, parameters + headers, etag=True
        )
    live = BY_NAME["live"]
    have = _query_parameter("have", "`<topic>;<etag>`: a path below /api/v1/ and the ETag held, empty for none.") | {
        "required": True,
        "schema": {"type": "array", "items": {"type": "string"}},
    }
    paths.setdefault(live.path, {})["get"] = _polled_operation(
        live, LiveAnswer.__name__, [have, _prefer_parameter()], etag=False
    )
    for route in ROUTES:
        operation = paths.get(route.path, {}).get(route.method.lower())
        if operation is not None:
            _add_responses(operation, route)
    return document


def _polled_operation(route: Route, answer: str, parameters: list[dict[str, Any]], *, etag: bool) -> dict[str, Any]:
    headers = {"Preference-Applied": {"schema": {"type": "string"}}} | (_etag_header() if etag else {})
    names = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
    return {
        "summary": route.summary,
        "operationId": route.name,
        "parameters": [
            *({"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names),
            *parameters,
        ],
        "responses": {
            "200": {
                "description": "The present state",
                "headers": headers,
                "content": {"application/json": {"schema": {"$ref": _REFERENCE + answer}}},
            },
            "304": {"description": "Nothing new", "headers": headers},
        },
    }


def _add_responses(operation: dict[str, Any], route: Route) -> None:
    responses = operation.setdefault("responses", {})
    if route.method == "GET":
        statuses = (*_READ, *(_LIMITED if "304" in responses else ()))
    else:
        is_attempt = route.method == "POST" and not route.keyed
        statuses = (*_WRITE, *(_EDIT if route.versioned else ()), *(_LIMITED if is_attempt else ()))
    for status in statuses:
        responses[status] = {
            "description": _PROBLEMS[status],
            "content": {_MEDIA: {"schema": {"$ref": _REFERENCE + Problem.__name__}}},
        }
    parameters = operation.setdefault("parameters", [])
    if route.keyed:
        parameters.append(_header_parameter("Idempotency-Key", "The same key again is answered as the first time."))
    if route.versioned:
        parameters.append(_header_parameter("If-Match", 'The version edited: `"v<version>"`.') | {"required": True})
    if route.method == "PATCH":
        responses["200"].setdefault("headers", {}).update(_etag_header())
    if Who.ANYONE not in route.who:
        operation["security"] = [{"bearer": []}]
    operation["x-callers"] = sorted(who.value for who in route.who)


def _query_parameter(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string"}}


def _header_parameter(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": {"type": "string"}}


def _prefer_parameter() -> dict[str, Any]:
    return _header_parameter(
        "Prefer", "`wait=N`: hold the answer until there is something new, at most N ≤ 30 seconds."
    )


def _etag_header() -> dict[str, Any]:
    return {"ETag": {"schema": {"type": "string"}}}
