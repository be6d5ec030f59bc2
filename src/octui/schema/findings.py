"""Errors of pydantic as FieldProblems, with the same sentences in server, screens and commands."""

from collections.abc import Mapping
from typing import Any

from octui.schema.problems import FieldCode, FieldProblem

_CODES: dict[str, FieldCode] = {
    "missing": FieldCode.MISSING,
    "extra_forbidden": FieldCode.UNKNOWN_FIELD,
    "string_too_long": FieldCode.TOO_LONG,
    "too_long": FieldCode.TOO_LONG,
    "string_too_short": FieldCode.TOO_SHORT,
    "too_short": FieldCode.TOO_SHORT,
    "string_pattern_mismatch": FieldCode.PATTERN,
    "string_unicode": FieldCode.CONTROL_CHARACTER,
    "enum": FieldCode.UNKNOWN_VALUE,
    "literal_error": FieldCode.UNKNOWN_VALUE,
    "greater_than": FieldCode.RANGE,
    "greater_than_equal": FieldCode.RANGE,
    "less_than": FieldCode.RANGE,
    "less_than_equal": FieldCode.RANGE,
}


def field_problem(error: Mapping[str, Any], path: tuple[int | str, ...]) -> FieldProblem:
    """Return an entry of `ValidationError.errors()` as a problem of the field at `path`, without the value sent."""
    code = _CODES.get(error["type"], FieldCode.TYPE)
    return FieldProblem(field=".".join(map(str, path)), code=code.value, message=_problem_text(error))


def _problem_text(error: Mapping[str, Any]) -> str:
    limits: Mapping[str, Any] = error.get("ctx") or {}
    match error["type"]:
        case "missing":
            return "It is missing."
        case "extra_forbidden":
            return "There is no such field."
        case "string_too_long":
            return f"The text is too long ({limits['max_length']} characters at most)."
        case "string_too_short":
            least = limits["min_length"]
            return "The text must not be empty." if least == 1 else f"The text has fewer than {least} characters."
        case "string_pattern_mismatch":
            return f"The text is not written as it has to be: {limits['pattern']}"
        case "string_unicode":
            return "The text holds damaged characters."
    return str(error["msg"])
