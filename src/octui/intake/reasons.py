"""File of a center's own pause reasons: CSV lines `reason,state` (architecture.md 5)."""

import csv
import io
import unicodedata
from pathlib import Path

from octui.schema.stats import PhoneState
from octui.text.safe import safe

STATES = frozenset(PhoneState) - {PhoneState.INBOUND_CALLS, PhoneState.OUTBOUND_CALLS, PhoneState.TRANSFER}
"""The states that a pause reason can stand for; calls are not among them."""
LARGEST = 1 << 20
_HEADER = ("reason", "state")


class ReasonsError(ValueError):
    """Error for a pause-reasons file; `problems` are sentences with line numbers."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def normalize_reason(reason: str) -> str:
    """Return a pause reason in the form in which it is compared: NFC, casefolded, no outer spaces."""
    return unicodedata.normalize("NFC", reason).strip().casefold()


def load_reasons(path: Path) -> dict[str, str]:
    """Return phone states by normalized pause reason, from a UTF-8 or CP949 CSV. Raises OSError, ReasonsError."""
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ReasonsError([f"longer than {LARGEST} bytes"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("cp949")
        except UnicodeDecodeError:
            raise ReasonsError(["neither UTF-8 nor CP949 text"]) from None
    return _parse_reasons(text)


def _parse_reasons(text: str) -> dict[str, str]:
    states: dict[str, str] = {}
    problems: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in reader:
            row = tuple(cell.strip() for cell in cells)
            if not any(row) or tuple(cell.casefold() for cell in row) == _HEADER:
                continue
            place = f"line {reader.line_num}"
            if len(row) != len(_HEADER):
                problems.append(f"{place}: {len(row)} columns instead of reason,state")
                continue
            reason, state = normalize_reason(row[0]), row[1].casefold()
            if state not in STATES:
                shown = safe(row[1], limit=40)
                problems.append(
                    f"{place}: {shown!r} is not one of {', '.join(each for each in PhoneState if each in STATES)}"
                )
            elif states.setdefault(reason, state) != state:
                problems.append(f"{place}: {safe(row[0], limit=40)!r} has another state above")
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")
    if problems:
        raise ReasonsError(problems)
    return states
