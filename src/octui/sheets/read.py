"""Tables of strings to and from .xlsx and .csv files.

What is written here and read back is unchanged, formulas stay text, and a hostile file costs a limited child process,
not this one. openpyxl is loaded only by the functions that need it.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from octui.sheets.zip_guard import check_zip
from octui.text.choseong import fold_case
from octui.text.safe import safe

MAX_XLSX_BYTES = 5 * 1024 * 1024
MAX_CSV_BYTES = 16 * 1024 * 1024
MAX_CELL = 32_767  # characters, Excel's own limit
MAX_SHEET_ROWS = 1_048_576
CHILD_SECONDS = 60
PROGRESS_EVERY = 1_000

Progress = Callable[[int], None]


class SheetErrorCode(StrEnum):
    """Why a file is not read or written; the screens have a sentence for each."""

    KIND = "kind"  # neither .xlsx nor .csv nor .tsv
    UNREADABLE = "unreadable"  # the system refuses
    TOO_BIG = "too_big"  # bytes, unpacked bytes, ratio, or text in all
    NOT_XLSX = "not_xlsx"  # damaged, an old .xls, or encrypted
    MACROS = "macros"
    EXTERNAL_LINKS = "external_links"
    ROWS = "rows"
    COLUMNS = "columns"
    CELL = "cell"  # a cell longer than a cell can be
    ERROR_VALUE = "error_value"  # #N/A, #REF! …
    DUPLICATE_COLUMN = "duplicate_column"
    UNNAMED_COLUMN = "unnamed_column"
    EMPTY = "empty"  # no header line
    ENCODING = "encoding"
    QUOTES = "quotes"
    TOO_HEAVY = "too_heavy"  # the child ran into its memory or time limit


class SheetError(Exception):
    """A file that cannot be read or written, in one English sentence, with a stable code."""

    def __init__(self, code: SheetErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of as many cells, all safe to show; `lines[i]` is the file's line of `rows[i]`, from 1."""

    columns: list[str]
    rows: list[list[str]]
    lines: list[int]


# --- writing


@contextmanager
def _atomic(path: Path) -> Iterator[IO[bytes]]:
    """A file (0600) that takes the place of `path` when all went well, and leaves no trace otherwise."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _counted(
    rows: Iterable[Sequence[str | int | None]], progress: Progress | None
) -> Iterator[Sequence[str | int | None]]:
    count = 0
    for row in rows:
        yield row
        count += 1
        if progress and count % PROGRESS_EVERY == 0:
            progress(count)
    if progress:
        progress(count)


_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def write_xlsx(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    progress: Progress | None = None,
) -> None:
    """Write one sheet, every string as text (never a formula), through a temporary file, readable by the owner only.

    `progress` is told the number of rows written, every 1,000 and at the end; what it or `rows` raises ends the
    writing and leaves an older file as it was. Raises SheetError and OSError.
    """
    with _atomic(path) as file:
        write_book(file, columns, _counted(rows, progress))


def write_book(file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> None:
    """`write_xlsx` into an open file, in one pass and with no more memory for more rows."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("octui")
    sheet.freeze_panes = "A2"
    for index, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = max(14, 2 * len(column) + 2)
    cells = [WriteOnlyCell(sheet) for _ in columns]

    def append(row: Sequence[str | int | None]) -> None:
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.value = _ESCAPED.sub("_x005F_", safe(value, limit=MAX_CELL, multiline=True))
                cell.data_type = "s"  # after the value, which made "=…" a formula and "#N/A" an error
            else:
                cell.value = value
        sheet.append(cells)

    try:
        append(columns)
        for count, row in enumerate(rows, 2):
            if count > MAX_SHEET_ROWS:
                raise SheetError(SheetErrorCode.ROWS, f"a sheet has at most {MAX_SHEET_ROWS} rows")
            append(row)
    except BaseException:  # openpyxl removes its own temporary file only when a book is saved
        book.save(io.BytesIO())
        raise
    book.save(file)


# What Excel and its kin take for the start of a formula; the apostrophe that disarms it is escaped the same way.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\0＝＋－＠]").match


def _disarm(value: str | int | None) -> str | int:
    if isinstance(value, str):
        value = safe(value, limit=MAX_CELL, multiline=True)
        return "'" + value if _FORMULA(value) else value
    return "" if value is None else value


def write_csv(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    progress: Progress | None = None,
) -> None:
    """Write UTF-8 with a mark (Excel needs it), CRLF, an apostrophe before cells that Excel would calculate.

    `read_table` takes the apostrophe away again. Otherwise as `write_xlsx`.
    """
    with _atomic(path) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        try:
            append_csv(text, [columns])
            append_csv(text, _counted(rows, progress))
        finally:
            text.detach()


def append_csv(file: IO[str], rows: Iterable[Sequence[str | int | None]]) -> None:
    """Rows for a CSV file opened as `utf-8-sig` and with ``newline=""``."""
    csv.writer(file).writerows([_disarm(value) for value in row] for row in rows)


def write_xlsx_apart(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    progress: Progress | None = None,
) -> None:
    """`write_xlsx` in a process of its own, so that screens do not stutter; `progress` counts the rows handed over."""
    from octui.sheets.stream import SheetWriter

    with SheetWriter(path, columns) as writer:
        writer.write(_counted(rows, progress))


def line_of(value: object) -> bytes:
    """A line of what a child is sent."""
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def child_command(*arguments: str) -> list[str]:
    """How octui.sheets.child is run."""
    return [sys.executable, "-I", "-m", "octui.sheets.child", *arguments]


# --- reading


def read_table(path: Path, *, max_rows: int = 60_000, max_columns: int = 50) -> Table:
    """Read the first visible sheet of an .xlsx file, or a .csv or .tsv file; raises SheetError.

    The first line that is not empty names the columns: at most `max_columns`, no name twice. Empty lines are passed
    over. Every cell is a string: whole numbers without ``.0``, dates as ISO, formulas as their last value.
    """
    suffix = path.suffix.lower()
    try:
        match suffix:
            case ".xlsx":
                lines = _xlsx_lines(_read_bytes(path, MAX_XLSX_BYTES), max_rows, max_columns)
            case ".csv" | ".tsv":
                lines = _csv_lines(_read_bytes(path, MAX_CSV_BYTES), "," if suffix == ".csv" else "\t")
            case _:
                raise SheetError(SheetErrorCode.KIND, f"{path.name}: only .xlsx, .csv and .tsv files are read")
    except OSError as error:
        raise SheetError(SheetErrorCode.UNREADABLE, f"{path.name}: {error.strerror}") from error
    return _table(lines, max_rows, max_columns)


def _read_bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise SheetError(SheetErrorCode.TOO_BIG, f"{path.name}: larger than {most // 1024 // 1024} MiB")
    return data


def _xlsx_lines(data: bytes, max_rows: int, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    if reason := check_zip(data, max_rows=max_rows + 1, max_columns=max_columns):
        raise SheetError(SheetErrorCode(reason.code), reason.message)
    try:
        done = subprocess.run(  # noqa: S603
            child_command("read", str(max_rows + 1), str(max_columns)),
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SheetError(SheetErrorCode.TOO_HEAVY, "reading the file took too long") from error
    *lines, last = done.stdout.splitlines() or [b""]
    raise_child_error(last, done.returncode)
    for line in lines:
        number, cells = json.loads(line)
        yield number, cells


def raise_child_error(last: bytes, returncode: int) -> None:
    """The child's last line is its verdict; a child that was killed leaves none. Raises SheetError."""
    try:
        verdict = json.loads(last) if returncode == 0 else {}
    except ValueError:
        verdict = {}
    if "error" in verdict:
        raise SheetError(SheetErrorCode(verdict["error"]), verdict["message"])
    if "end" not in verdict:
        raise SheetError(SheetErrorCode.TOO_HEAVY, "the file needs more memory or time than an import may take")


def _csv_lines(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # Universal line ends: a file of the old Mac kind, or one that passed through a terminal.
    text = _decode(data).replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, [cell[1:] if cell[:1] == "'" and _FORMULA(cell) else cell for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise SheetError(SheetErrorCode.CELL, f"line {start}: a cell longer than a cell can be") from error
        raise SheetError(SheetErrorCode.QUOTES, f"line {start}: the quotation marks do not pair") from error


def _decode(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark (Excel's "Unicode text"), or what Korean Excel writes as plain CSV."""
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp949"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise SheetError(SheetErrorCode.ENCODING, "neither UTF-8 nor UTF-16 nor CP949 text; save it as CSV UTF-8")


def _table(lines: Iterable[tuple[int, list[str]]], max_rows: int, max_columns: int) -> Table:
    columns: list[str] | None = None
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, raw in lines:
        cells = [_cell(value, number) for value in raw]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > max_columns:
            raise SheetError(SheetErrorCode.COLUMNS, f"line {number} has more than {max_columns} columns")
        if columns is None:
            columns = _named(cells, number)
            continue
        if len(cells) > len(columns):
            raise SheetError(SheetErrorCode.UNNAMED_COLUMN, f"line {number} has cells beyond the named columns")
        if len(rows) == max_rows:
            raise SheetError(SheetErrorCode.ROWS, f"more than {max_rows} rows")
        rows.append(cells + [""] * (len(columns) - len(cells)))
        numbers.append(number)
    if columns is None:
        raise SheetError(SheetErrorCode.EMPTY, "the file has no line with column names")
    return Table(columns, rows, numbers)


def _cell(value: str, number: int) -> str:
    if len(value) > MAX_CELL:
        raise SheetError(SheetErrorCode.CELL, f"line {number} has a cell of more than {MAX_CELL} characters")
    return safe(value, limit=MAX_CELL, multiline=True)


def _named(cells: list[str], number: int) -> list[str]:
    names = [" ".join(cell.split()) for cell in cells]
    seen: set[str] = set()
    for index, name in enumerate(names, 1):
        if not name:
            raise SheetError(SheetErrorCode.UNNAMED_COLUMN, f"line {number}: column {index} has no name")
        if fold_case(name) in seen:
            raise SheetError(SheetErrorCode.DUPLICATE_COLUMN, f"line {number}: two columns are named {name}")
        seen.add(fold_case(name))
    return names
