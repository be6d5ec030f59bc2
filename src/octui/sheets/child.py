"""A child process with limited memory and time that parses or writes one .xlsx file, and its protocol.

``read MAX_LINES MAX_COLUMNS``: the file is on stdin; ``[line, [cell, …]]`` as JSON a line on stdout.
``write FILE``: the column names and then the rows as JSON a line on stdin, ``{"end": true}`` after the last. The file
exists already; the parent removes it when this process ends without an answer.
The last line on stdout is ``{"end": true}`` or ``{"error": code, "message": …}``.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from octui.sheets.errors import SheetError, SheetErrorCode
from octui.sheets.write import MAX_CELL, write_book
from octui.text.durations import format_duration

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 30
MAX_TEXT = 32 * 1024 * 1024  # characters in all: one shared string may stand in every cell

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def encode_line(value: object) -> bytes:
    """Return one line of the input to the child process."""
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def child_command(*arguments: str) -> list[str]:
    """Return the command that runs this module."""
    return [sys.executable, "-I", "-m", "octui.sheets.child", *arguments]


def raise_child_error(last: bytes, returncode: int) -> None:
    """Raise SheetError unless the child's last line says that all went well; a killed child leaves none."""
    try:
        verdict = json.loads(last) if returncode == 0 else {}
    except ValueError:
        verdict = {}
    if "error" in verdict:
        raise SheetError(SheetErrorCode(verdict["error"]), verdict["message"])
    if "end" not in verdict:
        raise SheetError(SheetErrorCode.TOO_HEAVY, "the file needs more memory or time than an import may take")


# --- in the child ---


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _write_line(value: object) -> None:
    sys.stdout.write(json.dumps(value, separators=(",", ":")) + "\n")


def _cell_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value)
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime():
            whole_day = value.time() == time()
            return value.date().isoformat() if whole_day else value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds")
        case timedelta():
            return format_duration(value.total_seconds())
    return str(value)


def _read_rows(data: bytes, max_lines: int, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise SheetError(SheetErrorCode.NOT_XLSX, "defusedxml is missing: files are not read without it")
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet: Any = next((s for s in book.worksheets if s.sheet_state == "visible"), None)
        if sheet is None:
            return
        sheet.reset_dimensions()  # what the file says of its size need not be true
        size = 0
        for line, cells in enumerate(sheet.iter_rows(), 1):
            if line > max_lines:
                raise SheetError(SheetErrorCode.ROWS, f"more than {max_lines - 1} rows")
            if len(cells) > max_columns:
                raise SheetError(SheetErrorCode.COLUMNS, f"line {line} has more than {max_columns} columns")
            texts = [_cell_text(cell.value) for cell in cells]
            for column, cell in enumerate(cells, 1):
                if cell.data_type == "e":
                    message = f"line {line}, column {column}: the error value {texts[column - 1][:20]}"
                    raise SheetError(SheetErrorCode.ERROR_VALUE, message)
                if len(texts[column - 1]) > MAX_CELL:
                    message = f"line {line} has a cell of more than {MAX_CELL} characters"
                    raise SheetError(SheetErrorCode.CELL, message)
            size += sum(map(len, texts))
            if size > MAX_TEXT:
                raise SheetError(SheetErrorCode.TOO_BIG, "more text than an import may have")
            if any(texts):
                yield line, texts
    except (SheetError, MemoryError):
        raise
    except Exception as error:  # whatever a hostile or damaged file makes the parser raise
        raise SheetError(SheetErrorCode.NOT_XLSX, f"not a readable .xlsx file ({type(error).__name__})") from error


def _run_read(max_lines: int, max_columns: int) -> None:
    data = sys.stdin.buffer.read()
    _limit_resources()
    for line in _read_rows(data, max_lines, max_columns):
        _write_line(line)


def _incoming_rows() -> Iterator[list[str | int | None]]:
    for line in sys.stdin.buffer:
        value = json.loads(line)
        if isinstance(value, dict):
            return
        yield value
    raise EOFError("the parent has ended")


def _run_write(path: Path) -> None:
    rows = _incoming_rows()
    columns = [str(name) for name in next(rows)]
    with path.open("wb") as file:
        write_book(file, columns, rows)
        file.flush()
        os.fsync(file.fileno())


def main(arguments: list[str]) -> int:
    """Run the command in the arguments and answer on stdout; the exit code is 0 whenever there is an answer."""
    try:
        if arguments[0] == "read":
            _run_read(int(arguments[1]), int(arguments[2]))
        else:
            _run_write(Path(arguments[1]))
        _write_line({"end": True})
    except SheetError as error:
        _write_line({"error": error.code, "message": error.message})
    except MemoryError:
        _write_line(
            {"error": SheetErrorCode.TOO_HEAVY, "message": "the file needs more memory than an import may take"}
        )
    except OSError as error:
        _write_line({"error": SheetErrorCode.UNREADABLE, "message": error.strerror or type(error).__name__})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
