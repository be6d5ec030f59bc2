"""Data on stdout: aligned columns for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

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
