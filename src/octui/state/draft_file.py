"""Drafts on disk, between two sessions: JSON, written whole or not at all, for its owner's eyes only."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from octui.files import write_atomically
from octui.state.rows import Key

SavedCell: TypeAlias = tuple[Key, str, str, str | None]
"""Key, column, edited value, and the base it was made over."""

_FORMAT = 1


class DraftsUnreadable(ValueError):
    """A drafts file that is not one, or not this person's."""


def write_cells(path: Path, owner: Sequence[str], cells: Sequence[SavedCell]) -> None:
    """Write the cells, mode 0600, atomically; without cells the file goes away. Raises OSError."""
    if not cells:
        path.unlink(missing_ok=True)
        return
    held = {"format": _FORMAT, "owner": list(owner), "cells": cells}
    write_atomically(path, json.dumps(held, ensure_ascii=False).encode(), sync=True)


def read_cells(path: Path, owner: Sequence[str]) -> list[SavedCell]:
    """The cells of the file, none if there is no file. Raises DraftsUnreadable, OSError."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise DraftsUnreadable("not JSON in UTF-8") from error
    if not isinstance(held, dict) or held.get("format") != _FORMAT or not isinstance(held.get("cells"), list):
        raise DraftsUnreadable("not a drafts file of this version")
    if held.get("owner") != list(owner):
        raise DraftsUnreadable("another person's drafts")
    cells: list[SavedCell] = []
    for cell in held["cells"]:
        match cell:
            case [str() | int() as key, str() as column, str() as value, str() | None as before]:
                cells.append((key, column, value, before))
            case _:
                raise DraftsUnreadable("a damaged cell")
    return cells
