"""The CTI agent table independent of a screen: rows, search, order, unsaved edits and the batch to save."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from octui.schema.common import LONGEST_CTI, LONGEST_PBX_NAME, LONGEST_PBX_NAMES
from octui.schema.cti import Column, CtiAgent, CtiBatch, CtiBatchResult, CtiEdit
from octui.schema.cti import Verdict as Judged
from octui.schema.problems import FieldProblem
from octui.state import draft_file
from octui.state.draft_cells import CellId, Cells, Mark, RowEdit, Verdict
from octui.state.draft_file import DraftsUnreadable
from octui.state.drafts import Drafts
from octui.state.rows import Changes, Key, KeyedRows, Sort, View
from octui.text.choseong import Matcher, choseong, fold_case
from octui.text.field_codes import FIELD_CODES
from octui.text.pbx_names import join_names, normalize_names, split_names
from octui.text.safe import Refusal, RefusalCode, find_refusal, normalize_name

FIELDS = ("account", "name", "email", "cti_id", "cti_no", "pbx_names", "services")
"""The columns, in the order shown."""
EDITABLE = tuple(column.value for column in Column)
_NAMES = Column.PBX_NAMES.value
_PROBLEMS: tuple[Mark, ...] = ("error", "refused", "conflict")

Explain = Callable[[FieldProblem], str]
"""Returns the sentence of a problem in the reader's language."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers for the status line: agents, agents shown, edited cells, refused cells and cells in conflict."""

    people: int
    shown: int
    edited: int = 0
    wrong: int = 0
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Numbers of saved cells by verdict. `held`: valid cells left out because another cell of the row was refused."""

    saved: int
    refused: int
    conflicts: int
    held: int


def agent_texts(agent: CtiAgent) -> tuple[str, ...]:
    """Return an agent's stored values as texts, one for each of `FIELDS`."""
    cells = agent.cti_id or "", agent.cti_no or "", join_names(agent.pbx_names)
    return agent.account, agent.name, agent.email, *cells, ", ".join(agent.services)


class CtiTable:
    """Every agent of the organization by account, with unsaved edits of CTI ID, CTI NO and PBX names (rules.md 22)."""

    def __init__(self, explain: Explain, owner: Sequence[str] = ()) -> None:
        """Make an empty table. `owner`: organization and account, whose edits are stored on disk."""
        self._explain = explain
        self.rows: KeyedRows[CtiAgent] = KeyedRows(lambda agent: agent.account, (*FIELDS[1:], "version"))
        self.view: View[CtiAgent] = View(
            self.rows,
            sort_keys={
                "name": lambda agent: fold_case(agent.name),
                "cti_id": lambda agent: (agent.cti_id is None, agent.cti_id or ""),
                "cti_no": lambda agent: (agent.cti_no is None, agent.cti_no or ""),
                _NAMES: lambda agent: (not agent.pbx_names, fold_case(join_names(agent.pbx_names))),
            },
            digest=lambda agent: (agent.account, *_search_forms("\n".join(agent_texts(agent)))),
        )
        # Whether two agents have one PBX name is left to the server: a cell holds several.
        validators = dict.fromkeys(EDITABLE, self._find_error) | {_NAMES: self._find_name_error}
        self.drafts = Drafts(
            self, owner=owner, validators=validators, unique=[column for column in EDITABLE if column != _NAMES]
        )
        self._file_loaded = False  # whether the drafts file has nothing that is not here too

    # The base of the drafts

    def row_keys(self) -> Iterable[Key]:
        return self.rows.keys()

    def value(self, key: Key, column: str) -> str | None:
        agent = self.rows.get(key)
        if agent is None:
            return None
        return join_names(agent.pbx_names) if column == _NAMES else str(getattr(agent, column) or "")

    def version(self, key: Key) -> int | None:
        agent = self.rows.get(key)
        return None if agent is None else agent.version

    def _find_error(self, value: str) -> str | None:
        return self._sentence(find_refusal(value, longest=LONGEST_CTI) if value else None)

    def _find_name_error(self, value: str) -> str | None:
        if len(value) > LONGEST_PBX_NAMES:
            return self._sentence(Refusal(RefusalCode.TOO_LONG, LONGEST_PBX_NAMES))
        refusals = (find_refusal(name, longest=LONGEST_PBX_NAME) for name in split_names(value))
        return self._sentence(next((refusal for refusal in refusals if refusal is not None), None))

    def _sentence(self, refusal: Refusal | None) -> str | None:
        if refusal is None:
            return None
        code = FIELD_CODES[refusal.code]
        return self._explain(FieldProblem(field="", code=code.value, message=refusal.code.value))

    # Rows

    def apply_rows(self, agents: Iterable[CtiAgent] = (), removed: Iterable[Key] = ()) -> tuple[bool, Changes]:
        """Apply added, changed and removed agents; return whether rows came, went or moved, and the changes."""
        changes = self.rows.apply(agents, removed)
        moved = self.view.update(changes)
        self.drafts.rebase(changes.keys)
        return moved, changes

    def row_texts(self, key: Key) -> tuple[str, ...] | None:
        """Return an agent's cells with unsaved edits applied; None for an unknown key."""
        agent = self.rows.get(key)
        if agent is None:
            return None
        edits = (self.drafts.value(key, column) if column in EDITABLE else None for column in FIELDS)
        return tuple(base if edited is None else edited for base, edited in zip(agent_texts(agent), edits, strict=True))

    def search(self, query: str) -> None:
        """Show only agents with `query` (or its initials) in any column of `FIELDS`; all for an empty query.

        Unsaved values are found as well.
        """
        query = query.strip()
        if not query:
            self.view.filter(None)
            return
        matcher = Matcher(query)
        edited_texts: dict[Key, str] = {}
        for key, column in self.drafts:
            edited_texts[key] = f"{edited_texts.get(key, '')}\n{self.drafts.value(key, column)}"
        edited_matches = {key for key, text in edited_texts.items() if matcher.matches(*_search_forms(text))}

        def is_shown(digest: tuple[Key, str, str]) -> bool:
            key, folded, initials = digest
            return matcher.matches(folded, initials) or key in edited_matches

        self.view.filter(is_shown)

    def sort(self, column: str, descending: bool) -> None:
        """Order by a column; agents without a value come last."""
        self.view.sort(Sort(column, descending))

    def hold_still(self, editing: bool) -> bool:
        """Freeze the row order while a cell is edited or unsaved, else sort again; return whether rows moved."""
        if editing or len(self.drafts):
            self.view.freeze()
            return False
        return self.view.thaw()

    # Edits

    def edit_cells(self, changes: Iterable[tuple[Key, str, str]]) -> Cells:
        """Edit cells as one step of undo, with normalized texts; return the cells changed."""
        return self.drafts.set_cells(
            (key, column, normalize_names(value) if column == _NAMES else normalize_name(value))
            for key, column, value in changes
        )

    def counts(self) -> Counts:
        """Return the numbers for the status line."""
        marks = Counter(self.drafts.mark(key, column) for key, column in self.drafts)
        return Counts(
            len(self.rows), len(self.view), marks.total(), marks["error"] + marks["refused"], marks["conflict"]
        )

    def problems(self, marks: Sequence[Mark] = _PROBLEMS) -> list[CellId]:
        """Return the cells with one of these marks: those shown in their order, then those hidden or removed.

        First those shown, in their order, then those hidden by the search, then those of removed agents.
        """

        def sort_key(cell: CellId) -> tuple[int, int, str, int]:
            key, column = cell
            at = self.view.position(key)
            hidden = 0 if at is not None else (1 if key in self.rows else 2)
            return hidden, at or 0, str(key), FIELDS.index(column)

        return sorted((cell for cell in self.drafts if self.drafts.mark(*cell) in marks), key=sort_key)

    def next_problem(self, cursor: CellId | None) -> CellId | None:
        """Return the next cell with a problem after the cursor, wrapping around; None if there is none."""
        problems = self.problems()
        at = self.view.position(cursor[0]) if cursor is not None else None
        if cursor is None or at is None:
            return next(iter(problems), None)
        current = at, FIELDS.index(cursor[1])
        for key, column in problems:
            row = self.view.position(key)
            if row is None or (row, FIELDS.index(column)) > current:
                return key, column
        return next(iter(problems), None)

    # Saving

    def make_batch(self) -> tuple[list[RowEdit], CtiBatch]:
        """Return the edits that can be saved, and the request to save them."""
        row_edits = self.drafts.make_batch()
        edits = [
            CtiEdit(
                account=str(edit.key),
                version=int(edit.version or 0),
                set={Column(column): value or None for column, value in edit.cells.items()},
            )
            for edit in row_edits
        ]
        return row_edits, CtiBatch(edits=edits)

    def apply_result(self, row_edits: Sequence[RowEdit], result: CtiBatchResult) -> tuple[bool, Outcome]:
        """Apply the server's verdicts and the rows that it sent; return whether rows came, went or moved."""
        changes = self.rows.apply(result.agents)
        moved = self.view.update(changes)
        verdicts = []
        for cell in result.verdicts:
            match cell.verdict:
                case Judged.SAVED | Judged.UNCHANGED:
                    verdicts.append(Verdict(cell.account, cell.column.value, "ok"))
                case Judged.REFUSED:
                    reason = self._explain(cell.problem) if cell.problem is not None else ""
                    verdicts.append(Verdict(cell.account, cell.column.value, "refused", reason))
                case Judged.CONFLICT:
                    theirs = cell.current or ""
                    verdicts.append(Verdict(cell.account, cell.column.value, "conflict", theirs=theirs))
        self.drafts.apply_verdicts(row_edits, verdicts)
        self.drafts.rebase(changes.keys)
        tally: Mapping[Judged, int] = Counter(cell.verdict for cell in result.verdicts)
        outcome = Outcome(
            tally.get(Judged.SAVED, 0) + tally.get(Judged.UNCHANGED, 0),
            tally.get(Judged.REFUSED, 0),
            tally.get(Judged.CONFLICT, 0),
            tally.get(Judged.HELD, 0),
        )
        return moved, outcome

    # Between two runs

    def count_saved_edits(self, path: Path) -> int:
        """Return how many edits of an earlier run of the program are in the drafts file.

        A file that cannot be read is renamed, not lost. Raises DraftsUnreadable then, and OSError.
        """
        try:
            return len(draft_file.read_cells(path, self.drafts.owner))
        except DraftsUnreadable:
            path.replace(path.with_suffix(".unreadable"))
            raise

    def load_saved_edits(self, path: Path) -> Cells:
        """Load the edits from the drafts file, once all rows are loaded. Raises DraftsUnreadable, OSError."""
        touched = self.drafts.load(path)
        self._file_loaded = True
        return touched

    def discard_saved_edits(self, path: Path) -> None:
        """Delete the edits in the drafts file. Raises OSError."""
        path.unlink(missing_ok=True)
        self._file_loaded = True

    def save_edits(self, path: Path) -> None:
        """Write the edits to the drafts file, beside those that an earlier run left there. Raises OSError."""
        if not self._file_loaded:
            if not len(self.drafts):
                return
            try:
                self.drafts.load(path)
            except DraftsUnreadable:
                path.replace(path.with_suffix(".unreadable"))
        self.drafts.save(path)
        self._file_loaded = True


def _search_forms(text: str) -> tuple[str, str]:
    return fold_case(text), choseong(text)
