"""Data on stdout: aligned columns for people, JSON for programs. Tables into files."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from octui.cli.failures import CommandError
from octui.text.safe import safe
from octui.text.width import fit, width


def write_json(value: Any) -> None:
    """One JSON document."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    print()


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their widest cell; the last one is not padded."""
    cleaned = [[safe(cell) for cell in row] for row in rows]
    widths = [max(width(cell) for cell in column) for column in zip(columns, *cleaned, strict=True)]
    for row in (columns, *cleaned):
        cells = [fit(cell, room) for cell, room in zip(row[:-1], widths[:-1], strict=True)]
        print("  ".join([*cells, row[-1]]).rstrip())


def sheet(text: str) -> Path:
    """The type of an argument that names a sheet to write: .xlsx or .csv."""
    path = Path(text)
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise argparse.ArgumentTypeError(f"{safe(text)}: the name of a sheet ends in .xlsx or .csv")
    return path


def write_sheet(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str | int | None]]) -> None:
    """A table into the file, whole or not at all. Raises CommandError, SheetError."""
    from octui.sheets.read import write_csv, write_xlsx

    try:
        (write_csv if path.suffix.lower() == ".csv" else write_xlsx)(path, columns, rows)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
