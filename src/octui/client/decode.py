"""Decoding of replies: JSON to models, problems to errors (architecture.md 4.3)."""

import json
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pydantic import ValidationError

from octui.client.errors import BadAnswer, ClientError, Refused, SignInNeeded, Throttled, Unreachable, VersionMismatch
from octui.client.transport import Reply
from octui.schema.common import Answer
from octui.schema.problems import Code, Problem
from octui.text.safe import safe_json

LONGEST_WAIT_S = 300.0
_DEFAULT_WAIT_S = 5.0

Model = TypeVar("Model", bound=Answer)


def decode_reply(reply: Reply, model: type[Model]) -> Model:
    """Return the body of a 2xx reply as `model`, every string made harmless. Raises BadAnswer."""
    try:
        return model.model_validate(_parse_json(reply))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadAnswer("shape", f"The answer is not as expected at {place}: {first['msg']}.") from None


def error_of(reply: Reply) -> ClientError:
    """Return the error for a reply whose status is neither 2xx nor 304."""
    if reply.status == 429:
        wait = retry_after(reply)
        wait = _DEFAULT_WAIT_S if wait is None else wait
        problem = _read_problem(reply)
        if problem is None:
            return Throttled(wait)
        return Throttled(wait, problem.detail, busy=problem.code == Code.TOO_BUSY)
    if 300 <= reply.status < 400:
        return BadAnswer(
            "redirect", "The address leads elsewhere: is it the service's (or a sign-in page of a network)?"
        )
    problem = _read_problem(reply)
    if reply.status == 401:
        return SignInNeeded(problem.detail or problem.title) if problem is not None else SignInNeeded()
    if problem is not None:
        kind = VersionMismatch if reply.status == 412 else Refused
        return kind(problem, retry_after(reply))
    if reply.status in (502, 503, 504):
        return Unreachable("gateway", f"Something in between answered {reply.status} for the service.", maybe_done=True)
    return BadAnswer("status", f"The answer {reply.status} is not one of octui's service.")


def retry_after(reply: Reply) -> float | None:
    """Return the seconds of `Retry-After` (a number, or a date measured against the reply's own `Date`), 0 … 300."""
    value = reply.headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(value).timestamp()
        now = parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, until - now), LONGEST_WAIT_S)


def _read_problem(reply: Reply) -> Problem | None:
    if not _is_json(reply):
        return None
    try:
        problem = decode_reply(reply, Problem)
    except BadAnswer:
        return None
    # The status line is what the server sent; the copy in the body is advisory (RFC 9457 3.1.2).
    return problem.model_copy(update={"status": reply.status})


def _is_json(reply: Reply) -> bool:
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _parse_json(reply: Reply) -> object:
    if not _is_json(reply):
        raise BadAnswer("not_json", "Something else than octui's service answered (a sign-in page of a network?).")
    try:
        return safe_json(json.loads(reply.body, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        raise BadAnswer("not_json", "The answer was cut off or is not JSON.") from None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
