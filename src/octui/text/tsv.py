"""Blocks of cells as spreadsheets put them on the clipboard: tabs, line breaks, Excel's quoting."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from octui.text.safe import REPLACEMENT, nfc, safe

MAX_ROWS = 5_000
MAX_COLUMNS = 50
MAX_CELL = 4_096  # characters


class ProblemCode(StrEnum):
    """Kind of a change to a pasted block, or of a cell left out; the screens report each."""

    ROWS = "rows"  # more than MAX_ROWS: `count` rows pasted, the rest left out
    COLUMNS = "columns"  # more than MAX_COLUMNS in this row: `count` cells pasted, the rest left out
    QUOTES = "quotes"  # quotation marks do not pair: taken as plain characters
    CONTROL = "control"  # control or invisible characters in this cell, shown as U+FFFD
    NEWLINE = "newline"  # a line break inside this cell, kept
    LONG = "long"  # a cell longer than MAX_CELL, `count` characters, cut


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in a pasted block (indexes from 0); `column` is None for a whole row or block."""

    code: ProblemCode
    row: int = 0
    column: int | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of pasted cells, made safe to show; rows may differ in length."""

    rows: list[list[str]]
    problems: list[Problem]


def parse_block(text: str) -> Block:
    """Parse a pasted block. One line break at the end is not a row; an empty text has no rows.

    Line breaks may be CR (what terminals send), LF or CRLF. Cells in quotes may hold tabs and line breaks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    if not text:
        return Block([], [])
    problems: list[Problem] = []
    try:
        raw = list(csv.reader(io.StringIO(text + "\n", newline=""), delimiter="\t", strict=True))
    except csv.Error:  # unpaired quotes, or a cell beyond the csv module's own limit
        raw = [line.split("\t") for line in text.split("\n")]
        if '"' in text:
            problems.append(Problem(ProblemCode.QUOTES))
    if len(raw) > MAX_ROWS:
        problems.append(Problem(ProblemCode.ROWS, MAX_ROWS, count=len(raw)))
    rows = [_clean_row(cells, row, problems) for row, cells in enumerate(raw[:MAX_ROWS])]
    return Block(rows, problems)


def _clean_row(cells: list[str], row: int, problems: list[Problem]) -> list[str]:
    if len(cells) > MAX_COLUMNS:
        problems.append(Problem(ProblemCode.COLUMNS, row, MAX_COLUMNS, len(cells)))
    return [_clean_cell(cell, row, column, problems) for column, cell in enumerate(cells[:MAX_COLUMNS])] or [""]


def _clean_cell(cell: str, row: int, column: int, problems: list[Problem]) -> str:
    if cell.isascii() and cell.isprintable() and len(cell) <= MAX_CELL:
        return cell
    shown = safe(cell, limit=MAX_CELL, multiline=True)
    if shown.count(REPLACEMENT) != cell.count(REPLACEMENT):
        problems.append(Problem(ProblemCode.CONTROL, row, column))
    if "\n" in shown:
        problems.append(Problem(ProblemCode.NEWLINE, row, column))
    if len(nfc(cell)) > MAX_CELL:
        problems.append(Problem(ProblemCode.LONG, row, column, len(cell)))
    return shown


def format_block(rows: Iterable[Sequence[str]]) -> str:
    """Return the block as text for Excel: LF between rows, none at the end; `parse_block` reads it back."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for cells in rows:
        writer.writerow([cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells])
    return out.getvalue().removesuffix("\n")
