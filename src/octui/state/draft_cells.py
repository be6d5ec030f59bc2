"""Parts of drafts: edited cells, problems, conflicts, rows to save, and the server's verdicts on cells."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from octui.state.rows import Key

CellId: TypeAlias = tuple[Key, str]
Cells: TypeAlias = set[CellId]
Version: TypeAlias = str | int | None
Mark: TypeAlias = Literal["", "dirty", "error", "refused", "conflict"]


class Base(Protocol):
    """Protocol of the table's rows as the server last sent them."""

    def row_keys(self) -> Iterable[Key]:
        """Return the keys of all rows."""

    def value(self, key: Key, column: str) -> str | None:
        """Return the text of a cell, "" when empty; None if the table has no such row."""

    def version(self, key: Key) -> Version:
        """Return the version of a row for If-Match."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Reason why an edited cell cannot be saved.

    `invalid`: `text` is the validator's sentence; `duplicate`: `other` is the row that has the value too; `refused`:
    `text` is the server's sentence.
    """

    code: Literal["invalid", "duplicate", "refused"]
    text: str = ""
    other: Key | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another person's change of a cell that has an unsaved edit. `theirs` is None if the row was removed."""

    theirs: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One edited cell, before and after, for the dialog that asks before saving."""

    key: Key
    column: str
    before: str | None
    after: str
    problem: Problem | None
    conflict: Conflict | None


@dataclass(frozen=True, slots=True)
class RowEdit:
    """One row to save: its version when the edit began, the changed cells, and their values before."""

    key: Key
    version: Version
    cells: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The server's verdict on one cell of a save."""

    key: Key
    column: str
    outcome: Literal["ok", "refused", "conflict"]
    reason: str = ""
    theirs: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An edited cell that is not saved: its new text, and the stored value on which the edit is based."""

    value: str
    before: str | None
    """The base value that the person saw when the edit began."""
    base: str | None
    """The base value when last compared: only a change from it is news."""
    theirs: str | None
    refused: str = ""

    @property
    def has_conflict(self) -> bool:
        return self.theirs is None or self.theirs != self.before


class UniqueValues:
    """Index of a unique column: which rows have each value, unsaved edits included."""

    def __init__(self) -> None:
        self._values: dict[Key, str] = {}
        # A single holder is stored as it is: a dict for each of 50,000 values would take 20 MB.
        self._holders: dict[str, Key | dict[Key, None]] = {}

    def set_value(self, key: Key, value: str | None) -> None:
        """Set a row's value in the index; an empty value or None removes the row."""
        old = self._values.pop(key, None)
        if old is not None:
            holders = self._holders[old]
            if isinstance(holders, dict) and len(holders) > 2:
                del holders[key]
            elif isinstance(holders, dict):
                self._holders[old] = next(other for other in holders if other != key)
            else:
                del self._holders[old]
        if value:
            self._values[key] = value
            holders = self._holders.setdefault(value, key)
            if isinstance(holders, dict):
                holders[key] = None
            elif holders != key:
                self._holders[value] = {holders: None, key: None}

    def is_shared(self, value: str) -> bool:
        """Return whether more than one row has this value."""
        return isinstance(self._holders.get(value), dict)

    def other_holder(self, key: Key, value: str) -> Key | None:
        """Return the key of another row with this value in the unique column, None if no other row has it."""
        holders = self._holders.get(value)
        if isinstance(holders, dict):
            return next((other for other in holders if other != key), None)
        return None if holders == key else holders
