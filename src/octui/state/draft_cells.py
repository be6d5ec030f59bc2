"""What the drafts are made of: the parts of an edit, of a save and of its answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from octui.state.rows import Key

CellId: TypeAlias = tuple[Key, str]
Cells: TypeAlias = set[CellId]
Version: TypeAlias = str | int | None
Mark: TypeAlias = Literal["", "dirty", "error", "refused", "conflict"]


class Base(Protocol):
    """The rows as the service last gave them."""

    def row_keys(self) -> Iterable[Key]:
        """All rows."""

    def value(self, key: Key, column: str) -> str | None:
        """The text of a cell, "" when empty; None if there is no such row."""

    def version(self, key: Key) -> Version:
        """What If-Match wants for this row."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell cannot be saved: `invalid` (text: what the validator said), `duplicate` (other: the row that has the
    value too) or `refused` (text: what the service said)."""

    code: Literal["invalid", "duplicate", "refused"]
    text: str = ""
    other: Key | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed the cell after the edit began. `theirs` is None if the row is gone."""

    theirs: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the difference screen."""

    key: Key
    column: str
    before: str | None
    after: str
    problem: Problem | None
    conflict: Conflict | None


@dataclass(frozen=True, slots=True)
class RowEdit:
    """One row of a save: the version the edit was based on, the changed cells, and what they were."""

    key: Key
    version: Version
    cells: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the service said about one cell of a save."""

    key: Key
    column: str
    outcome: Literal["ok", "refused", "conflict"]
    reason: str = ""
    theirs: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One edited cell."""

    value: str
    before: str | None
    """The base the person saw when the edit began."""
    base: str | None
    """The base when last looked at: only its next move says something new."""
    theirs: str | None
    refused: str = ""

    @property
    def conflicted(self) -> bool:
        return self.theirs is None or self.theirs != self.before


class UniqueValues:
    """How often each value of a unique column is held, and by whom, as edited."""

    def __init__(self) -> None:
        self.held: dict[Key, str] = {}
        self.counts: dict[str, int] = {}

    def put(self, key: Key, value: str | None) -> None:
        old = self.held.pop(key, None)
        if old is not None:
            left = self.counts[old] - 1
            if left:
                self.counts[old] = left
            else:
                del self.counts[old]
        if value:
            self.held[key] = value
            self.counts[value] = self.counts.get(value, 0) + 1

    def other(self, key: Key, value: str) -> Key | None:
        return next((k for k, held in self.held.items() if held == value and k != key), None)
