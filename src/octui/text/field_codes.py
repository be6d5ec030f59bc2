"""Codes for why a typed text is refused, the same on the server and the screens."""

from octui.schema.problems import FieldCode
from octui.text.safe import RefusalCode

FIELD_CODES: dict[RefusalCode, FieldCode] = {
    RefusalCode.EMPTY: FieldCode.BLANK,
    RefusalCode.TOO_LONG: FieldCode.TOO_LONG,
    RefusalCode.CONTROL: FieldCode.CONTROL_CHARACTER,
    RefusalCode.INVISIBLE: FieldCode.INVISIBLE_CHARACTER,
    RefusalCode.BIDI: FieldCode.DIRECTION_CHARACTER,
    RefusalCode.UNKNOWN: FieldCode.INVISIBLE_CHARACTER,
    RefusalCode.REPLACED: FieldCode.CONTROL_CHARACTER,
    RefusalCode.SPACE: FieldCode.INVISIBLE_CHARACTER,
    RefusalCode.MARKS: FieldCode.COMBINING_MARKS,
    RefusalCode.EDGE_SPACE: FieldCode.OUTER_SPACE,
    RefusalCode.NOT_NFC: FieldCode.COMBINING_MARKS,
}
