"""Drafts file: unsaved edits of cells in a private JSON file, replaced atomically."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from octui.files import write_atomically
from octui.state.rows import Key

SavedCell: TypeAlias = tuple[Key, str, str, str | None]
"""Key, column, edited value, and the base value before."""

_FORMAT = 1


class DraftsUnreadable(ValueError):
    """Error for a file that is not a drafts file, or is another person's."""


def write_cells(path: Path, owner: Sequence[str], cells: Sequence[SavedCell]) -> None:
    """Write edited cells to the drafts file (0600); delete the file if there are none. Raises OSError."""
    if not cells:
        path.unlink(missing_ok=True)
        return
    document = {"format": _FORMAT, "owner": list(owner), "cells": cells}
    write_atomically(path, json.dumps(document, ensure_ascii=False).encode(), sync=True)


def read_cells(path: Path, owner: Sequence[str]) -> list[SavedCell]:
    """Return the edited cells in the drafts file, none without a file. Raises DraftsUnreadable, OSError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise DraftsUnreadable("not JSON in UTF-8") from error
    if (
        not isinstance(document, dict)
        or document.get("format") != _FORMAT
        or not isinstance(document.get("cells"), list)
    ):
        raise DraftsUnreadable("not a drafts file of this version")
    if document.get("owner") != list(owner):
        raise DraftsUnreadable("another person's drafts")
    cells: list[SavedCell] = []
    for cell in document["cells"]:
        match cell:
            case [str() | int() as key, str() as column, str() as value, str() | None as before]:
                cells.append((key, column, value, before))
            case _:
                raise DraftsUnreadable("a damaged cell")
    return cells
