"""Validation of texts and time zones in requests (rules.md 2, security.md R3)."""

from functools import cache
from zoneinfo import available_timezones

from octui.schema.problems import FieldCode, FieldProblem
from octui.server.core.errors import invalid_field
from octui.text.field_codes import FIELD_CODES
from octui.text.safe import RefusalCode, find_refusal, nfc

_REASONS: dict[RefusalCode, str] = {
    RefusalCode.EMPTY: "must not be empty",
    RefusalCode.TOO_LONG: "is too long",
    RefusalCode.CONTROL: "holds a control character",
    RefusalCode.INVISIBLE: "holds an invisible character",
    RefusalCode.BIDI: "holds a character that turns the direction of writing",
    RefusalCode.UNKNOWN: "holds a character that no font shows alike",
    RefusalCode.REPLACED: "holds a character that was damaged before (U+FFFD)",
    RefusalCode.SPACE: "holds an unusual space",
    RefusalCode.MARKS: "holds too many combining marks on one character",
    RefusalCode.EDGE_SPACE: "begins or ends with a space",
    RefusalCode.NOT_NFC: "cannot be composed",
}


def text_problem(field: str, value: str, longest: int) -> FieldProblem | None:
    """Return why a text cannot be stored, or None. `value` is NFC; `longest` counts characters."""
    refusal = find_refusal(value, longest=longest)
    if refusal is None:
        return None
    code, words = FIELD_CODES[refusal.code], _REASONS[refusal.code]
    limit = f" ({longest} characters at most)" if code is FieldCode.TOO_LONG else ""
    position = f", at character {refusal.at + 1}" if code is not FieldCode.BLANK and not limit else ""
    return FieldProblem(field=field, code=code.value, message=f"The text {words}{limit}{position}.")


def validate_text(field: str, value: str, longest: int) -> str:
    """Return the text as it is stored (NFC). Raises 422 with the field's path and a FieldCode."""
    composed = nfc(value[: longest * 8])  # more than that is refused for its length, not worth composing
    problem = text_problem(field, composed, longest)
    if problem is not None:
        raise invalid_field(field, problem.code, problem.message)
    return composed


@cache
def _time_zones() -> frozenset[str]:
    # `right/…` counts leap seconds; `posix/…`, `Factory` and the like are no places.
    return frozenset(
        zone
        for zone in available_timezones()
        if zone == "UTC" or ("/" in zone and not zone.startswith(("right/", "posix/", "SystemV/")))
    )


def validate_time_zone(zone: str, field: str = "time_zone") -> str:
    """Return the zone. Raises 422 unless it is one of the IANA database.

    The zone that a language proposes is in schema/languages.py.
    """
    if zone not in _time_zones():
        raise invalid_field(field, FieldCode.UNKNOWN_VALUE, "There is no such time zone; Asia/Seoul is one.")
    return zone
