"""PBX names: further names under which a PBX knows an agent, several in one cell (rules.md 36)."""

import re
from collections.abc import Iterable

from octui.text.choseong import fold_case
from octui.text.safe import normalize_name

_SEPARATORS = re.compile("[;；\n]")


def fold_name(name: str) -> str:
    """Return a PBX name in the form in which it is compared: NFC, case-folded, without outer spaces."""
    return fold_case(normalize_name(name))


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a cell, which are separated by semicolons: each once, in the order of their folded form."""
    names: dict[str, str] = {}
    for part in _SEPARATORS.split(text):
        name = normalize_name(part)
        if name:
            names.setdefault(fold_name(name), name)
    return tuple(names[folded] for folded in sorted(names))


def join_names(names: Iterable[str]) -> str:
    """Return the cell text that holds these names; `split_names` reverses it."""
    return "; ".join(names)


def normalize_names(text: str) -> str:
    """Return a cell's names in normal form: each once, sorted, joined by semicolons."""
    return join_names(split_names(text))


def holds_separator(name: str) -> bool:
    """Return whether a name contains the separator and therefore cannot be in a cell of names."""
    return _SEPARATORS.search(name) is not None
