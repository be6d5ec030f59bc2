"""Checks of an .xlsx file before it is parsed: unpacked size, parts, number of rows and columns."""

import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
RATIO_FROM = 1024 * 1024  # small parts may be repetitive
MAX_PARTS = 1_000
CHUNK = 1 << 16

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
# Reference in the tag of a cell or a row. It cannot match within a text, where < is escaped.
_REFERENCE = re.compile(rb"""<(?:[\w.-]+:)?(?:c|row)\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Za-z]{0,4})([0-9]{1,8})["']""")
_SEAM = 512  # bytes seen again with the next piece
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to refuse a file; `code` is a value of SheetErrorCode."""

    code: str
    message: str


def check_zip(data: bytes, *, max_rows: int, max_columns: int) -> Reason | None:
    """Return why these bytes are refused, or None. Unpacks worksheets piece by piece, never as a whole."""
    if data[:4] == _OLE:
        return Reason("not_xlsx", "an old .xls or an encrypted file; save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _check_parts(archive.infolist()) or _check_cells(archive, max_rows, max_columns)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError):
        return Reason("not_xlsx", "not an .xlsx file, or a damaged one")


def _check_parts(parts: list[zipfile.ZipInfo]) -> Reason | None:
    names = [part.filename.lower().lstrip("/") for part in parts]
    if len(parts) > MAX_PARTS or len(set(names)) < len(names):
        return Reason("not_xlsx", "not the parts an .xlsx file has")
    if any(part.flag_bits & 1 for part in parts):
        return Reason("not_xlsx", "an encrypted file; save it without a password")
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        return Reason("too_big", f"larger than {MAX_UNPACKED // 1024 // 1024} MiB when unpacked")
    if any(part.file_size > max(RATIO_FROM, MAX_RATIO * part.compress_size) for part in parts):
        return Reason("too_big", f"packed more than {MAX_RATIO} times: not what a spreadsheet program writes")
    if any("vbaproject" in name or "/activex/" in name or "/macrosheets/" in name for name in names):
        return Reason("macros", "the file has macros; save it as a plain .xlsx")
    if any("/externallinks/" in name for name in names):
        return Reason("external_links", "the file has links to other files; paste the values and save again")
    if not any(_SHEET.fullmatch(name) for name in names):
        return Reason("not_xlsx", "no worksheet in the file")
    return None


def _check_cells(archive: zipfile.ZipFile, max_rows: int, max_columns: int) -> Reason | None:
    for name in archive.namelist():
        if not _SHEET.fullmatch(name.lower().lstrip("/")):
            continue
        with archive.open(name) as part:
            tail = part.read(CHUNK)
            if not tail.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") or b"\0" in tail:
                return Reason("not_xlsx", "a worksheet is not UTF-8 text")
            while tail:
                for letters, digits in _REFERENCE.findall(tail):
                    if int(digits) > max_rows:
                        return Reason("rows", f"more than {max_rows - 1} rows")
                    if _column_number(letters) > max_columns:
                        return Reason("columns", f"more than {max_columns} columns")
                more = part.read(CHUNK)
                tail = tail[-_SEAM:] + more if more else b""
    return None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
