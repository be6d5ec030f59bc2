"""The OpenAPI document: what FastAPI knows of the operations, and what it does not: problems, 304, headers, sign-in."""

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
_TRY = ("429",)


def openapi_document(app: FastAPI, polls: Sequence[PolledResource]) -> dict[str, Any]:
    """The document, made once; every entry of ROUTES that is registered is in it and nothing else."""
    if app.openapi_schema is None:
        app.openapi_schema = _build(app, polls)
    return app.openapi_schema


def _build(app: FastAPI, polls: Sequence[PolledResource]) -> dict[str, Any]:
    made = get_openapi(
        title="octui",
        version=app.version,
        summary="Administration and figures of a contact centre.",
        description="JSON. Times are milliseconds since 1970, UTC. Errors are RFC 9457 problems with a stable `code`.",
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    answers: set[type[BaseModel]] = {polled.answer for polled in polls} | {LiveAnswer, Problem}
    wanted: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        (answer, "serialization") for answer in sorted(answers, key=lambda answer: answer.__name__)
    ]
    _, definitions = models_json_schema(wanted, ref_template=_REFERENCE + "{model}")
    for name, schema in definitions.get("$defs", {}).items():
        schemas.setdefault(name, schema)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `sign_in`, or of `octui token`."}
    }
    paths = made.setdefault("paths", {})
    for polled in polls:
        parameters = [_query(name, text) for name, text in polled.query.items()]
        headers = [_header("If-None-Match", "The ETag held."), _prefer()]
        paths.setdefault(polled.route.path, {})["get"] = _waited(
            polled.route, polled.answer.__name__, parameters + headers, etag=True
        )
    live = BY_NAME["live"]
    have = _query("have", "`<topic>;<etag>`: a path below /api/v1/ and the ETag held, empty for none.") | {
        "required": True,
        "schema": {"type": "array", "items": {"type": "string"}},
    }
    paths.setdefault(live.path, {})["get"] = _waited(live, LiveAnswer.__name__, [have, _prefer()], etag=False)
    for route in ROUTES:
        operation = paths.get(route.path, {}).get(route.method.lower())
        if operation is not None:
            _complete(operation, route)
    return made


def _waited(route: Route, answer: str, parameters: list[dict[str, Any]], *, etag: bool) -> dict[str, Any]:
    headers = {"Preference-Applied": {"schema": {"type": "string"}}} | (_etag() if etag else {})
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


def _complete(operation: dict[str, Any], route: Route) -> None:
    responses = operation.setdefault("responses", {})
    tries = route.method == "POST" and not route.keyed
    more = (*(_EDIT if route.versioned else ()), *(_TRY if tries else ()))
    held = _TRY if "304" in responses else ()
    statuses = (*_READ, *held) if route.method == "GET" else (*_WRITE, *more)
    for status in statuses:
        responses[status] = {
            "description": _PROBLEMS[status],
            "content": {_MEDIA: {"schema": {"$ref": _REFERENCE + Problem.__name__}}},
        }
    parameters = operation.setdefault("parameters", [])
    if route.keyed:
        parameters.append(_header("Idempotency-Key", "The same key again is answered as the first time."))
    if route.versioned:
        parameters.append(_header("If-Match", 'The version edited: `"v<version>"`.') | {"required": True})
    if route.method == "PATCH":
        responses["200"].setdefault("headers", {}).update(_etag())
    if Who.ANYONE not in route.who:
        operation["security"] = [{"bearer": []}]
    operation["x-callers"] = sorted(who.value for who in route.who)


def _query(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string"}}


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": {"type": "string"}}


def _prefer() -> dict[str, Any]:
    return _header("Prefer", "`wait=N`: hold the answer until there is something new, at most N ≤ 30 seconds.")


def _etag() -> dict[str, Any]:
    return {"ETag": {"schema": {"type": "string"}}}
