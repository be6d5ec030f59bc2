"""Error responses: every error becomes one RFC 9457 problem (schema/problems.py)."""

import logging
import secrets
import traceback
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from octui.schema.findings import field_problem
from octui.schema.problems import Code, FieldProblem, Problem
from octui.server.core.errors import ProblemError
from octui.server.database.idempotency import ReplayedAnswer

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 1_000

_log = logging.getLogger(__name__)

_TITLES = {
    Code.INVALID: "The request is not valid",
    Code.UNAUTHENTICATED: "Not signed in",
    Code.FORBIDDEN: "Not allowed",
    Code.NO_PHONE_CONTRACT: "The service's contract has no phone",
    Code.NO_CTI_SETTINGS: "The CTI settings are not complete",
    Code.NO_PHONE_PERMISSION: "No phone permission",
    Code.NO_CTI_NUMBERS: "No CTI ID or CTI NO",
    Code.NOT_FOUND: "Not found",
    Code.ALREADY_EXISTS: "Exists already",
    Code.CONFLICT: "Conflict",
    Code.LAST_ADMIN: "The last organization admin",
    Code.ONESELF: "Oneself",
    Code.KEY_ALREADY_SHOWN: "Shown already",
    Code.KEY_FILE_UNUSABLE: "The key file cannot be used",
    Code.SERVICE_NOT_IN_USE: "The service is not in use",
    Code.SERVICE_TERMINATED: "The service is terminated",
    Code.NOT_SUSPENDED: "Not suspended",
    Code.NOT_REGISTERED: "Not registered yet",
    Code.NOT_A_DRAFT: "Not a draft",
    Code.CONTRACT_CHANGED_TODAY: "The contract was edited today",
    Code.VERSION_MISMATCH: "Changed meanwhile",
    Code.VERSION_REQUIRED: "Version needed",
    Code.IDEMPOTENCY_MISMATCH: "Idempotency-Key used for another request",
    Code.TOO_LARGE: "Too large",
    Code.TOO_MANY_ATTEMPTS: "Too many attempts",
    Code.TOO_BUSY: "Too many at this moment",
    Code.NOT_READY: "Not ready",
    Code.STORAGE_BUSY: "The database is busy",
    Code.STORAGE_FULL: "The disk is full",
    Code.STORAGE_READ_ONLY: "The database cannot be written",
    Code.STORAGE_FAILED: "The database failed",
    Code.INTERNAL: "Internal error",
}


def problem_response(
    status: int,
    code: Code,
    detail: str = "",
    *,
    errors: list[FieldProblem] | None = None,
    current: dict[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem as an `application/problem+json` response."""
    problem = Problem(
        title=_TITLES[code], status=status, code=code.value, detail=detail, errors=errors or [], current=current
    )
    all_headers = {"cache-control": "no-store", **(headers or {})}
    return Response(problem.model_dump_json(exclude_none=True), status, all_headers, MEDIA_TYPE)


def error_response(error: ProblemError) -> Response:
    """Return the HTTP response to a refused request."""
    headers: dict[str, str] = {}
    if error.status == 401:
        headers["www-authenticate"] = 'Bearer realm="octui"'
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if error.status == 412 and error.current is not None and isinstance(error.current.get("version"), int):
        headers["etag"] = f'"v{error.current["version"]}"'
    return problem_response(
        error.status, error.code, error.detail, errors=error.errors, current=error.current, headers=headers
    )


def field_problems(errors: Iterable[Mapping[str, Any]]) -> list[FieldProblem]:
    """Return pydantic's errors as problems with the field's path and a stable code, without any value sent."""
    return [field_problem(error, _body_path(error["loc"])) for error in errors][:MOST_ERRORS]


def _body_path(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    parts = location[1:] if location and location[0] in ("body", "query", "path", "header") else location
    return tuple(part for part in parts if part != "[key]")


def unexpected_error(error: BaseException) -> Response:
    """Return a 500 problem with an event number; the server log has its traceback, without values."""
    event = secrets.token_hex(6)
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("event %s: %s\n%s", event, type(error).__name__, frames)
    return problem_response(500, Code.INTERNAL, f"Something went wrong here; event {event}.")


def install_handlers(app: FastAPI) -> None:
    """Install the application's handlers for every error that a request can raise."""

    async def handle_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)
        return error_response(error)

    async def handle_replay(request: Request, error: Exception) -> Response:
        assert isinstance(error, ReplayedAnswer)
        headers = {"cache-control": "no-store", "idempotency-replayed": "true"}
        return Response(error.body, error.status, headers, "application/json" if error.body else None)

    async def handle_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = field_problems(error.errors())
        return problem_response(422, Code.INVALID, "; ".join(problem.message for problem in errors[:3]), errors=errors)

    async def handle_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = {404: Code.NOT_FOUND, 413: Code.TOO_LARGE}.get(error.status_code, Code.INVALID)
        detail = "" if error.status_code == 404 else str(error.detail)
        return problem_response(error.status_code, code, detail, headers=error.headers)

    app.add_exception_handler(ProblemError, handle_problem)
    app.add_exception_handler(ReplayedAnswer, handle_replay)
    app.add_exception_handler(RequestValidationError, handle_invalid)
    app.add_exception_handler(HTTPException, handle_http)
