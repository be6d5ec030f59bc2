"""HTTP routes of incoming events: CloudEvents 1.0, in structured or binary mode, and rows of a queue_log."""

import json
from typing import Any
from urllib.parse import unquote

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.requests import Request

from octui.schema.cti import UnmatchedNames
from octui.schema.events import (
    LARGEST_BATCH,
    CloudEvent,
    EventsResult,
    FileEvents,
    FilePosition,
    IntakeFiles,
    LogNames,
    LogNamesResult,
    QueueLogRows,
)
from octui.schema.problems import Code
from octui.server.core.errors import ProblemError, not_found
from octui.server.database.driver import Query
from octui.server.database.unit_of_work import Change
from octui.server.events.alias_store import list_unmatched
from octui.server.events.check_store import check_names
from octui.server.events.file_store import AHEAD, load_files, note_unmatched, save_position
from octui.server.events.row_rules import judge_rows
from octui.server.events.rules import JudgedBatch, judge_events
from octui.server.events.store import lock_service, note_life, take_in
from octui.server.web.operations import ContextArg, Operations, RequestContext
from octui.server.web.parameters import BodyArg

operations = Operations()

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
PLAIN = "application/json"
_SERVICE = Query("SELECT id FROM service WHERE code = {p}")


def _decode_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ProblemError(Code.INVALID, 400, "The body is not JSON in UTF-8.") from None


def _binary_event(request: Request, body: bytes) -> dict[str, Any]:
    """Return the event whose attributes are in `ce-` headers and whose data is the body."""
    event: dict[str, Any] = {
        name[3:]: unquote(value) for name, value in request.headers.items() if name.startswith("ce-")
    }
    if body:
        event["data"] = _decode_json(body)
    return event


def decode_events(request: Request, body: bytes) -> list[Any]:
    """Return the decoded events of a request, before validation. Raises 400, 413, 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in (PLAIN, "") and "ce-specversion" in request.headers:
        return [_binary_event(request, body)]
    if kind not in (ONE, BATCH, PLAIN):
        raise ProblemError(Code.INVALID, 415, f"Send {ONE}, {BATCH} or {PLAIN}.")
    decoded = _decode_json(body)
    if kind == ONE or (kind == PLAIN and isinstance(decoded, dict)):
        decoded = [decoded]
    if not isinstance(decoded, list):
        raise ProblemError(Code.INVALID, 400, "A batch is a JSON array of events.")
    if len(decoded) > LARGEST_BATCH:
        raise ProblemError(Code.TOO_LARGE, 413, f"At most {LARGEST_BATCH} events in a batch.")
    return decoded


@operations("take_in_events")
def take_in_events(service: str, context: ContextArg, body: BodyArg) -> EventsResult:
    """Store one CloudEvent or a batch. The answer counts every event exactly once and lists the refused ones."""
    judged = judge_events(decode_events(context.request, body), service, context.store.clock())
    return _take_in_judged(context, service, judged, None)


@operations("take_in_file_events")
def take_in_file_events(service: str, body: FileEvents, context: ContextArg) -> EventsResult:
    """Store events read from a file with their line numbers and, with `file`, the position reached in it."""
    judged = judge_events(body.events, service, context.store.clock())
    judged.events = [
        event._replace(line=body.lines[place]) for event, place in zip(judged.events, judged.places, strict=True)
    ]
    return _take_in_judged(context, service, judged, body.file)


@operations("take_in_queue_log")
def take_in_queue_log(service: str, context: ContextArg, body: BodyArg) -> EventsResult:
    """Store lines of a queue_log and, with `file`, the position reached, in one transaction."""
    rows = _decode_rows(body)
    judged = judge_rows(rows.rows, rows.reasons, service, context.store.clock())
    rows.rows.clear()  # a batch is in memory often enough
    return _take_in_judged(context, service, judged, rows.file)


@operations("intake_files")
def intake_files(service: str, context: ContextArg) -> IntakeFiles:
    """Return up to where a service's log files were read, so that a reader can continue."""

    def load(connection: Connection) -> IntakeFiles:
        services = _SERVICE.fetch_rows(connection, service)
        if not services:
            raise not_found()
        return load_files(connection, services[0][0])

    return context.store.read(load)


@operations("check_log_names")
def check_log_names(service: str, body: LogNames, context: ContextArg) -> LogNamesResult:
    """Return which agents the names in a log match, and its unknown events and reasons; store nothing."""
    return context.store.read(lambda connection: check_names(connection, service, body))


def _decode_rows(body: bytes) -> QueueLogRows:
    """Return the queue_log rows in a request body. Raises 400 and 422."""
    # Not by FastAPI, which would decode the body with `json` and copy every row.
    try:
        return QueueLogRows.model_validate_json(body)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        if errors[0]["type"] == "json_invalid":
            raise ProblemError(Code.INVALID, 400, "The body is not JSON in UTF-8.") from None
        raise RequestValidationError(errors) from None


def _take_in_judged(
    context: RequestContext, service: str, judged: JudgedBatch, file: FilePosition | None
) -> EventsResult:
    def take_in_batch(change: Change) -> EventsResult:
        services = _SERVICE.fetch_rows(change.connection, service)
        if not services:
            raise not_found()
        saved = None
        if file is not None:
            lock_service(change.connection, services[0][0])
            saved = save_position(change, services[0][0], file)
        result = take_in(change, services[0][0], judged.events, saved and saved.id)
        if file is not None:
            note_life(change, services[0][0], service, file, judged.events)
        if saved is not None and (result.unmatched or judged.is_ahead):
            note_unmatched(change.connection, saved, [*result.unmatched, *([AHEAD] if judged.is_ahead else [])])
        too_old = [refusal.model_copy(update={"index": judged.places[refusal.index]}) for refusal in result.refused]
        refused = sorted([*judged.refused, *too_old], key=lambda refusal: refusal.index)
        return result.model_copy(update={"unknown": judged.unknown, "refused": refused})

    return context.store.write(take_in_batch, context.principal)


@operations("unmatched_names")
def list_unmatched_names(service: str, context: ContextArg) -> UnmatchedNames:
    """Return the names in a service's events that match no agent. Raises 403 without phone."""
    return context.store.read(lambda connection: list_unmatched(connection, service))


def _document_bodies() -> None:
    """Add request bodies with their content types to the OpenAPI document, which FastAPI cannot derive."""
    event = CloudEvent.model_json_schema()
    batch = {"type": "array", "maxItems": LARGEST_BATCH, "items": event}
    bodies: dict[str, dict[str, Any]] = {
        "take_in_events": {ONE: event, BATCH: batch, PLAIN: {"oneOf": [event, batch]}},
        "take_in_queue_log": {PLAIN: QueueLogRows.model_json_schema()},
    }
    for route in operations.router.routes:
        if isinstance(route, APIRoute) and route.name in bodies:
            content = {kind: {"schema": schema} for kind, schema in bodies[route.name].items()}
            route.openapi_extra = {"requestBody": {"required": True, "content": content}}


_document_bodies()
