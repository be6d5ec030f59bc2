"""Texts that callers write: taken as NFC, or refused with the field and the reason (security.md R3)."""

from octui.schema.problems import FieldCode, FieldProblem
from octui.server.core.errors import invalid_field
from octui.text.safe import RefusalCode, nfc, refused

_REASONS: dict[RefusalCode, tuple[FieldCode, str]] = {
    RefusalCode.EMPTY: (FieldCode.BLANK, "must not be empty"),
    RefusalCode.TOO_LONG: (FieldCode.TOO_LONG, "is too long"),
    RefusalCode.CONTROL: (FieldCode.CONTROL_CHARACTER, "holds a control character"),
    RefusalCode.INVISIBLE: (FieldCode.INVISIBLE_CHARACTER, "holds an invisible character"),
    RefusalCode.BIDI: (FieldCode.DIRECTION_CHARACTER, "holds a character that turns the direction of writing"),
    RefusalCode.UNKNOWN: (FieldCode.INVISIBLE_CHARACTER, "holds a character that no font shows alike"),
    RefusalCode.REPLACED: (FieldCode.CONTROL_CHARACTER, "holds a character that was damaged before (U+FFFD)"),
    RefusalCode.SPACE: (FieldCode.INVISIBLE_CHARACTER, "holds an unusual space"),
    RefusalCode.MARKS: (FieldCode.COMBINING_MARKS, "holds too many combining marks on one character"),
    RefusalCode.EDGE_SPACE: (FieldCode.OUTER_SPACE, "begins or ends with a space"),
    RefusalCode.NOT_NFC: (FieldCode.COMBINING_MARKS, "cannot be composed"),
}


def text_problem(field: str, value: str, longest: int) -> FieldProblem | None:
    """Why a text cannot be taken, or None. `value` as NFC; `longest` in characters."""
    refusal = refused(value, longest=longest)
    if refusal is None:
        return None
    code, words = _REASONS[refusal.code]
    more = f" ({longest} characters at most)" if code is FieldCode.TOO_LONG else ""
    where = f", at character {refusal.at + 1}" if code is not FieldCode.BLANK and not more else ""
    return FieldProblem(field=field, code=code.value, message=f"The text {words}{more}{where}.")


def validate_text(field: str, value: str, longest: int) -> str:
    """The text as it is stored (NFC). Raises 422 with the field's path and a FieldCode."""
    composed = nfc(value[: longest * 8])  # more than that is refused for its length, not worth composing
    found = text_problem(field, composed, longest)
    if found is not None:
        raise invalid_field(field, found.code, found.message)
    return composed
