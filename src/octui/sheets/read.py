"""Sheets read as tables of strings. A hostile file costs a limited child process, not this one."""

import csv
import io
import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from octui.sheets.child import child_command, raise_child_error
from octui.sheets.errors import SheetError, SheetErrorCode
from octui.sheets.write import MAX_CELL, starts_formula
from octui.sheets.zip_guard import check_zip
from octui.text.choseong import fold_case
from octui.text.safe import safe

MAX_XLSX_BYTES = 5 * 1024 * 1024
MAX_CSV_BYTES = 16 * 1024 * 1024
CHILD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of as many cells, all safe to show; `lines[i]` is the file's line of `rows[i]`, from 1."""

    columns: list[str]
    rows: list[list[str]]
    lines: list[int]


def read_table(path: Path, *, max_rows: int = 60_000, max_columns: int = 50) -> Table:
    """Read the first visible sheet of an .xlsx file, or a .csv or .tsv file; raises SheetError.

    The first line that is not empty names the columns: at most `max_columns`, no name twice. Empty lines are
    skipped. Every cell is a string: whole numbers without ``.0``, dates as ISO, formulas as their last value.
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
    return _make_table(lines, max_rows, max_columns)


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
        process = subprocess.run(  # noqa: S603
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
    *lines, last = process.stdout.splitlines() or [b""]
    raise_child_error(last, process.returncode)
    for line in lines:
        number, cells = json.loads(line)
        yield number, cells


def _csv_lines(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # Any line end: old Mac files, or files that passed through a terminal.
    text = _decode_text(data).replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, [cell[1:] if cell[:1] == "'" and starts_formula(cell) else cell for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise SheetError(SheetErrorCode.CELL, f"line {start}: a cell longer than a cell can be") from error
        raise SheetError(SheetErrorCode.QUOTES, f"line {start}: the quotation marks do not pair") from error


def _decode_text(data: bytes) -> str:
    """Decode UTF-8, UTF-16 with a mark (Excel's "Unicode text"), or the CP949 that Korean Excel writes."""
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp949"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise SheetError(SheetErrorCode.ENCODING, "neither UTF-8 nor UTF-16 nor CP949 text; save it as CSV UTF-8")


def _make_table(lines: Iterable[tuple[int, list[str]]], max_rows: int, max_columns: int) -> Table:
    columns: list[str] | None = None
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, raw in lines:
        cells = [_clean_cell(value, number) for value in raw]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > max_columns:
            raise SheetError(SheetErrorCode.COLUMNS, f"line {number} has more than {max_columns} columns")
        if columns is None:
            columns = _column_names(cells, number)
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


def _clean_cell(value: str, number: int) -> str:
    if len(value) > MAX_CELL:
        raise SheetError(SheetErrorCode.CELL, f"line {number} has a cell of more than {MAX_CELL} characters")
    return safe(value, limit=MAX_CELL, multiline=True)


def _column_names(cells: list[str], number: int) -> list[str]:
    names = [" ".join(cell.split()) for cell in cells]
    seen: set[str] = set()
    for index, name in enumerate(names, 1):
        if not name:
            raise SheetError(SheetErrorCode.UNNAMED_COLUMN, f"line {number}: column {index} has no name")
        if fold_case(name) in seen:
            raise SheetError(SheetErrorCode.DUPLICATE_COLUMN, f"line {number}: two columns are named {name}")
        seen.add(fold_case(name))
    return names
