"""Data on stdout: aligned columns for people, JSON for programs. Tables into files."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from octui.cli.failures import CommandError
from octui.text.safe import safe
from octui.text.width import cell_width, fit_text

ModelT = TypeVar("ModelT")


def write_json(value: Any) -> None:
    """Print one JSON document; models in it are written as the API sends them."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=lambda model: model.model_dump(mode="json"))
    print()


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print columns as wide as their widest cell; the last one is not padded."""
    cleaned = [[safe(cell) for cell in row] for row in rows]
    widths = [max(cell_width(cell) for cell in column) for column in zip(columns, *cleaned, strict=True)]
    for row in (columns, *cleaned):
        cells = [fit_text(cell, room) for cell, room in zip(row[:-1], widths[:-1], strict=True)]
        print("  ".join([*cells, row[-1]]).rstrip())


def write_models(
    models: Sequence[ModelT], columns: Sequence[str], row_of: Callable[[ModelT], Sequence[str]], *, as_json: bool
) -> None:
    """Print models as JSON, or as a table of one row each."""
    if as_json:
        write_json(models)
    else:
        write_table(columns, map(row_of, models))


def local_time(at: int) -> str:
    """Return epoch ms as minutes in the time zone of this machine."""
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"


def sheet_path(text: str) -> Path:
    """Convert an argument that names a sheet to write: .xlsx or .csv."""
    path = Path(text)
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise argparse.ArgumentTypeError(f"{safe(text)}: the name of a sheet ends in .xlsx or .csv")
    return path


def write_sheet(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str | int | None]]) -> None:
    """Write a table into the file, whole or not at all. Raises CommandError, SheetError."""
    from octui.sheets.write import write_csv, write_xlsx

    try:
        (write_csv if path.suffix.lower() == ".csv" else write_xlsx)(path, columns, rows)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
