"""Sheets written in one go: .xlsx and .csv. What is written here and read back is unchanged, formulas stay text.

openpyxl is loaded only by the functions that need it.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from octui.files import atomic_file
from octui.sheets.errors import SheetError, SheetErrorCode
from octui.text.safe import safe

MAX_CELL = 32_767  # characters, Excel's own limit
MAX_SHEET_ROWS = 1_048_576
PROGRESS_EVERY = 1_000

Row = Sequence[str | int | None]
Progress = Callable[[int], None]
"""Is told the number of rows written, every 1,000 and at the end."""


def count_rows(rows: Iterable[Row], progress: Progress | None) -> Iterator[Row]:
    """Yield the rows unchanged, and call `progress` with their number so far."""
    count = 0
    for row in rows:
        yield row
        count += 1
        if progress and count % PROGRESS_EVERY == 0:
            progress(count)
    if progress:
        progress(count)


_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Row], progress: Progress | None = None) -> None:
    """Write one sheet, every string as text (never a formula), through a temporary file, readable by the owner only.

    What `progress` or `rows` raises ends the writing and leaves an older file as it was. Raises SheetError and OSError.
    """
    with atomic_file(path) as file:
        write_book(file, columns, count_rows(rows, progress))


def write_book(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write the sheet into an open file, in one pass and with no more memory for more rows."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("octui")
    sheet.freeze_panes = "A2"
    for index, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = max(14, 2 * len(column) + 2)
    cells = [WriteOnlyCell(sheet) for _ in columns]

    def append_row(row: Row) -> None:
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.value = _ESCAPED.sub("_x005F_", safe(value, limit=MAX_CELL, multiline=True))
                cell.data_type = "s"  # after the value, which made "=…" a formula and "#N/A" an error
            else:
                cell.value = value
        sheet.append(cells)

    try:
        append_row(columns)
        for count, row in enumerate(rows, 2):
            if count > MAX_SHEET_ROWS:
                raise SheetError(SheetErrorCode.ROWS, f"a sheet has at most {MAX_SHEET_ROWS} rows")
            append_row(row)
    except BaseException:  # openpyxl removes its own temporary file only when a book is saved
        book.save(io.BytesIO())
        raise
    book.save(file)


# Characters that start a formula in spreadsheet programs; the apostrophe that prevents it is escaped the same way.
starts_formula = re.compile("'*[=+\\-@\t\r\n\0＝＋－＠]").match


def _disarm_formula(value: str | int | None) -> str | int:
    if isinstance(value, str):
        value = safe(value, limit=MAX_CELL, multiline=True)
        return "'" + value if starts_formula(value) else value
    return "" if value is None else value


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row], progress: Progress | None = None) -> None:
    """Write UTF-8 with a mark (Excel needs it), CRLF, an apostrophe before cells that Excel would calculate.

    `read_table` takes the apostrophe away again. Otherwise as `write_xlsx`.
    """
    with atomic_file(path) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        try:
            append_csv(text, [columns])
            append_csv(text, count_rows(rows, progress))
        finally:
            text.detach()


def append_csv(file: IO[str], rows: Iterable[Row]) -> None:
    """Append rows to a CSV file opened as `utf-8-sig` and with ``newline=""``."""
    csv.writer(file).writerows([_disarm_formula(value) for value in row] for row in rows)
