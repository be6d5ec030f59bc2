"""Unsaved edits of cells in a table whose rows other people change meanwhile; free of screen and network."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from octui.state import draft_file
from octui.state.draft_cells import (
    Base,
    CellId,
    Cells,
    Conflict,
    Difference,
    Draft,
    Mark,
    Problem,
    RowEdit,
    UniqueValues,
    Verdict,
    Version,
)
from octui.state.rows import Key
from octui.text.safe import nfc

_Step: TypeAlias = tuple[CellId, Draft | None, Draft | None]


class Drafts:
    """Unsaved edits of cells. After changes of the stored rows call `rebase`, which finds conflicts.

    `validators` return, by column, what is wrong with a value (None: nothing). Values of `unique` columns must not
    occur twice in the table as edited; empty ones may.
    """

    def __init__(
        self,
        base: Base,
        *,
        owner: Sequence[str] = (),
        validators: Mapping[str, Callable[[str], str | None]] | None = None,
        unique: Collection[str] = (),
    ) -> None:
        self.owner = tuple(owner)
        """Organization and person; a drafts file of another is refused."""
        self._base = base
        self._validators = dict(validators or {})
        self._unique = tuple(unique)
        self._values: dict[str, UniqueValues] | None = None
        self._rows: dict[Key, dict[str, Draft]] = {}
        self._versions: dict[Key, Version] = {}
        self._undo_steps: list[list[_Step]] = []
        self._redo_steps: list[list[_Step]] = []

    # Contents

    def __len__(self) -> int:
        """Return how many cells are edited."""
        return sum(map(len, self._rows.values()))

    def __iter__(self) -> Iterator[CellId]:
        return iter([(key, column) for key, row in list(self._rows.items()) for column in row])

    @property
    def can_undo(self) -> bool:
        return bool(self._undo_steps)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo_steps)

    def value(self, key: Key, column: str) -> str | None:
        """Return a cell's unsaved text, None if the cell is not edited."""
        draft = self._draft_of((key, column))
        return None if draft is None else draft.value

    def conflict(self, key: Key, column: str) -> Conflict | None:
        """Return a cell's conflict with somebody else's change, None without one."""
        draft = self._draft_of((key, column))
        return Conflict(draft.theirs) if draft is not None and draft.has_conflict else None

    def error(self, key: Key, column: str) -> Problem | None:
        """Return why an edited cell cannot be saved or was refused, None if all is well."""
        draft = self._draft_of((key, column))
        if draft is None:
            return None
        if draft.refused:
            return Problem("refused", draft.refused)
        validator = self._validators.get(column)
        if validator is not None and (text := validator(draft.value)) is not None:
            return Problem("invalid", text)
        if self._is_duplicate(column, draft.value):
            return Problem("duplicate", other=self._values_by_column()[column].other_holder(key, draft.value))
        return None

    def mark(self, key: Key, column: str) -> Mark:
        """Return the mark that the grid draws on a cell; a conflict comes before an error."""
        draft = self._draft_of((key, column))
        if draft is None:
            return ""
        if draft.has_conflict:
            return "conflict"
        if draft.refused:
            return "refused"
        return "error" if self._is_wrong(column, draft.value) else "dirty"

    def differences(self) -> list[Difference]:
        """Return every edited cell with its value before and after; rows in the order of their first edits."""
        return [
            Difference(key, column, draft.before, draft.value, self.error(key, column), self.conflict(key, column))
            for key, row in self._rows.items()
            for column, draft in row.items()
        ]

    # Editing

    def set_cells(self, changes: Iterable[tuple[Key, str, str]]) -> Cells:
        """Edit cells as one step of undo; a text equal to the stored value ends the cell's edit."""
        group: list[_Step] = []
        for key, column, value in changes:
            cell = key, column
            self._rebase_row(key)
            old, base_value = self._draft_of(cell), self._base_value(key, column)
            value = nfc(value)
            new: Draft | None
            if value == base_value:
                new = None
            elif old is None:
                new = Draft(value, before=base_value, base=base_value, theirs=base_value)
            else:
                new = replace(old, value=value, refused="")
            if new != old:
                group.append((cell, old, new))
                self._store_draft(cell, new)
        return self._record_step(group)

    def discard(self, cells: Iterable[CellId] | None = None) -> Cells:
        """Drop edits (all by default) as one step of undo; a cell in conflict then has the other person's value."""
        dropped = list(self) if cells is None else [cell for cell in cells if self._draft_of(cell) is not None]
        group: list[_Step] = [(cell, self._draft_of(cell), None) for cell in dict.fromkeys(dropped)]
        for cell, _, _ in group:
            self._store_draft(cell, None)
        return self._record_step(group)

    def keep_mine(self, key: Key, column: str) -> Cells:
        """End a conflict in favor of the edit, based on the other person's value; a removed row stays a conflict."""
        old = self._draft_of((key, column))
        if old is None or not old.has_conflict or old.theirs is None:
            return set()
        new = replace(old, before=old.theirs)
        self._store_draft((key, column), new)
        return self._record_step([((key, column), old, new)])

    def undo(self) -> Cells:
        """Undo the last step and return the cells changed."""
        if not self._undo_steps:
            return set()
        group = self._undo_steps.pop()
        self._redo_steps.append(group)
        for cell, old, _ in reversed(group):
            self._store_draft(cell, old)
        return self._rebase_cells(group)

    def redo(self) -> Cells:
        """Redo the step undone last and return the cells changed."""
        if not self._redo_steps:
            return set()
        group = self._redo_steps.pop()
        self._undo_steps.append(group)
        for cell, _, new in group:
            self._store_draft(cell, new)
        return self._rebase_cells(group)

    # Changes of the base

    def rebase(self, keys: Iterable[Key] | None = None) -> Cells:
        """Compare the edits with stored rows that were added, changed or removed (all by default), to find conflicts.

        Where the base changed under an edit there is a conflict; where it changed to the edit's own value the edit
        ends. Returns the cells whose mark may have changed.
        """
        if keys is None:
            self._values = None
            keys = list(self._rows)
        touched: Cells = set()
        for key in keys:
            touched |= self._rebase_row(key)
            if self._values is not None:
                for column in self._unique:
                    self._values[column].set_value(key, self._effective_value(key, column))
        return touched

    # Saving

    def make_batch(self) -> list[RowEdit]:
        """Return the edits that can be saved, by row: every edited cell without a conflict or an error.

        Refused cells are sent again, because the server's data may have changed too.
        """
        edits: list[RowEdit] = []
        for key, row in self._rows.items():
            edit = RowEdit(key, self._versions.get(key))
            for column, draft in row.items():
                if not draft.has_conflict and not self._is_wrong(column, draft.value):
                    edit.cells[column] = draft.value
                    edit.before[column] = draft.before or ""
            if edit.cells:
                edits.append(edit)
        return edits

    def apply_verdicts(self, edits: Iterable[RowEdit], verdicts: Iterable[Verdict]) -> Cells:
        """Apply the server's verdicts on `edits`. Call it once the table has the rows of the answer.

        A cell edited again while the save was under way stays edited, based on the value saved. Returns the cells
        touched.
        """
        values = {(edit.key, column): value for edit in edits for column, value in edit.cells.items()}
        touched: Cells = set()
        saved: Cells = set()
        for verdict in verdicts:
            cell = verdict.key, verdict.column
            value, draft = values.get(cell), self._draft_of(cell)
            if value is None:
                continue
            if verdict.outcome == "ok":
                saved.add(cell)
            if draft is None:
                continue
            touched.add(cell)
            if verdict.outcome == "ok":
                base_value = self._base_value(*cell)
                newer = replace(draft, before=value, base=base_value, theirs=value, refused="")
                self._store_draft(cell, None if draft.value == value else newer)
            elif verdict.outcome == "refused":
                if draft.value == value:
                    self._store_draft(cell, replace(draft, refused=verdict.reason or "refused"))
            elif verdict.theirs == draft.value:
                self._store_draft(cell, None)
            else:
                theirs = verdict.theirs if verdict.theirs is None else nfc(verdict.theirs)
                self._store_draft(cell, replace(draft, theirs=theirs, refused=""))
        self._drop_history(saved)
        self.rebase({key for key, _ in touched})
        return touched

    # Between two runs

    def save(self, path: Path) -> None:
        """Write the edits to the drafts file; delete it if there are none. Raises OSError.

        Short enough for a SIGHUP handler.
        """
        draft_file.write_cells(
            path,
            self.owner,
            [
                (key, column, draft.value, draft.before)
                for key, row in list(self._rows.items())
                for column, draft in list(row.items())
            ],
        )

    def load(self, path: Path) -> Cells:
        """Load an earlier run's edits as one step of undo; cells edited in this run are left alone.

        The base must be there: what changed since is a conflict. Returns the cells touched. Raises DraftsUnreadable,
        OSError.
        """
        group: list[_Step] = []
        for key, column, value, before in draft_file.read_cells(path, self.owner):
            cell = key, column
            if self._draft_of(cell) is None:
                draft = Draft(nfc(value), before=before, base=before, theirs=before)
                group.append((cell, None, draft))
                self._store_draft(cell, draft)
        self._rebase_cells(group)
        return self._record_step([step for step in group if self._draft_of(step[0]) is not None])

    # Internals

    def _draft_of(self, cell: CellId) -> Draft | None:
        row = self._rows.get(cell[0])
        return None if row is None else row.get(cell[1])

    def _base_value(self, key: Key, column: str) -> str | None:
        value = self._base.value(key, column)
        return None if value is None else nfc(value)

    def _store_draft(self, cell: CellId, draft: Draft | None) -> None:
        key, column = cell
        if draft is not None:
            self._rows.setdefault(key, {})[column] = draft
        elif (row := self._rows.get(key)) is not None:
            row.pop(column, None)
            if not row:
                del self._rows[key]
                self._versions.pop(key, None)
        if draft is not None and key not in self._versions:
            self._versions[key] = self._base.version(key)
        if self._values is not None and column in self._values:
            self._values[column].set_value(key, self._effective_value(key, column))

    def _record_step(self, group: list[_Step]) -> Cells:
        if group:
            self._undo_steps.append(group)
            self._redo_steps.clear()
        return {cell for cell, _, _ in group}

    def _rebase_row(self, key: Key) -> Cells:
        row = self._rows.get(key)
        if row is None:
            return set()
        self._versions[key] = self._base.version(key)
        touched: Cells = set()
        for column, draft in list(row.items()):
            base_value = self._base_value(key, column)
            if base_value == draft.value:
                self._store_draft((key, column), None)
            elif base_value != draft.base:
                self._store_draft((key, column), replace(draft, base=base_value, theirs=base_value))
            else:
                continue
            touched.add((key, column))
        return touched

    def _rebase_cells(self, group: Iterable[_Step]) -> Cells:
        cells = {cell for cell, _, _ in group}
        for key in {key for key, _ in cells}:
            self._rebase_row(key)
        return cells

    def _drop_history(self, cells: Cells) -> None:
        # Undoing past a save would silently bring the old value back as a new edit.
        for log in (self._undo_steps, self._redo_steps):
            log[:] = [rest for group in log if (rest := [step for step in group if step[0] not in cells])]

    def _effective_value(self, key: Key, column: str) -> str | None:
        base_value = self._base_value(key, column)
        draft = self._draft_of((key, column))
        return base_value if base_value is None or draft is None else draft.value

    def _values_by_column(self) -> dict[str, UniqueValues]:
        if self._values is None:
            self._values = {column: UniqueValues() for column in self._unique}
            for key in self._base.row_keys():
                for column, values in self._values.items():
                    values.set_value(key, self._effective_value(key, column))
        return self._values

    def _is_duplicate(self, column: str, value: str) -> bool:
        return column in self._unique and self._values_by_column()[column].is_shared(value)

    def _is_wrong(self, column: str, value: str) -> bool:
        validator = self._validators.get(column)
        return (validator is not None and validator(value) is not None) or self._is_duplicate(column, value)
