"""The CTI agent table without a screen: rows, what is searched and in which order, unsaved edits, the batch to save."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from octui.schema.common import LONGEST_CTI
from octui.schema.cti import Column, CtiAgent, CtiBatch, CtiBatchResult, CtiEdit
from octui.schema.cti import Verdict as Judged
from octui.schema.problems import FieldProblem
from octui.state import draft_file
from octui.state.drafts import CellId, Cells, Drafts, DraftsUnreadable, Mark, RowEdit, Verdict
from octui.state.rows import Changes, Key, KeyedRows, Sort, View
from octui.text.choseong import Matcher, choseong, fold_case
from octui.text.field_codes import FIELD_CODES
from octui.text.safe import find_refusal, normalize_name

FIELDS = ("account", "name", "email", "cti_id", "cti_no", "services")
"""The columns, in the order shown."""
EDITABLE = tuple(column.value for column in Column)
_PROBLEMS: tuple[Mark, ...] = ("error", "refused", "conflict")

Explain = Callable[[FieldProblem], str]
"""What is wrong with a field, in the reader's words."""


@dataclass(frozen=True, slots=True)
class Counts:
    """People in all and shown; cells edited, refused (here or by the service), and changed by somebody else too."""

    people: int
    shown: int
    edited: int = 0
    wrong: int = 0
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the cells of a save. `held`: good, but not saved because another cell of the row was not."""

    saved: int
    refused: int
    conflicts: int
    held: int


def agent_texts(agent: CtiAgent) -> tuple[str, ...]:
    """One agent as the service has it, a text for each of `FIELDS`."""
    services = ", ".join(agent.services)
    return agent.account, agent.name, agent.email, agent.cti_id or "", agent.cti_no or "", services


class CtiTable:
    """Every agent of the organization by account, and this person's edits of CTI ID and CTI NO (rules.md 22)."""

    def __init__(self, explain: Explain, owner: Sequence[str] = ()) -> None:
        """`owner`: organization and account; whose edits are kept on disk."""
        self._explain = explain
        self.rows: KeyedRows[CtiAgent] = KeyedRows(lambda agent: agent.account, (*FIELDS[1:], "version"))
        self.view: View[CtiAgent] = View(
            self.rows,
            sort_keys={
                "name": lambda agent: fold_case(agent.name),
                "cti_id": lambda agent: (agent.cti_id is None, agent.cti_id or ""),
                "cti_no": lambda agent: (agent.cti_no is None, agent.cti_no or ""),
            },
            digest=lambda agent: (agent.account, *_search_forms("\n".join(agent_texts(agent)))),
        )
        self.drafts = Drafts(self, owner=owner, validators=dict.fromkeys(EDITABLE, self._find_error), unique=EDITABLE)
        self._kept = False  # the drafts file holds nothing that is not here too

    # What the drafts stand on

    def row_keys(self) -> Iterable[Key]:
        return self.rows.keys()

    def value(self, key: Key, column: str) -> str | None:
        agent = self.rows.get(key)
        return None if agent is None else str(getattr(agent, column) or "")

    def version(self, key: Key) -> int | None:
        agent = self.rows.get(key)
        return None if agent is None else agent.version

    def _find_error(self, value: str) -> str | None:
        refusal = find_refusal(value, longest=LONGEST_CTI) if value else None
        if refusal is None:
            return None
        code = FIELD_CODES[refusal.code]
        return self._explain(FieldProblem(field="", code=code.value, message=refusal.code.value))

    # Rows

    def apply_rows(self, agents: Iterable[CtiAgent] = (), removed: Iterable[Key] = ()) -> tuple[bool, Changes]:
        """Rows as the service has them now, and who is gone. True if rows came, went or moved."""
        changes = self.rows.apply(agents, removed)
        moved = self.view.update(changes)
        self.drafts.rebase(changes.keys)
        return moved, changes

    def row_texts(self, key: Key) -> tuple[str, ...] | None:
        """A row as shown, edits included; None if there is none."""
        agent = self.rows.get(key)
        if agent is None:
            return None
        account, name, email, cti_id, cti_no, services = agent_texts(agent)
        mine = [self.drafts.value(key, column) for column in EDITABLE]
        return (
            *(account, name, email),
            *(base if edited is None else edited for base, edited in zip((cti_id, cti_no), mine, strict=True)),
            services,
        )

    def search(self, query: str) -> None:
        """Show whom `query` is a part of: name, ID, e-mail, CTI ID, CTI NO, service, initials; empty shows all.

        Values not saved yet are found as well.
        """
        query = query.strip()
        if not query:
            self.view.filter(None)
            return
        matcher = Matcher(query)
        edited: dict[Key, str] = {}
        for key, column in self.drafts:
            edited[key] = f"{edited.get(key, '')}\n{self.drafts.value(key, column)}"
        also = {key for key, text in edited.items() if matcher.matches(*_search_forms(text))}

        def keeps(digest: tuple[Key, str, str]) -> bool:
            key, folded, initials = digest
            return matcher.matches(folded, initials) or key in also

        self.view.filter(keeps)

    def sort(self, column: str, descending: bool) -> None:
        """Order by a column; nobody's CTI ID or NO comes last."""
        self.view.sort(Sort(column, descending))

    def hold_still(self, editing: bool) -> bool:
        """Rows keep their places while a cell is edited or an edit is unsaved. True if they moved just now."""
        if editing or len(self.drafts):
            self.view.freeze()
            return False
        return self.view.thaw()

    # Edits

    def edit_cells(self, changes: Iterable[tuple[Key, str, str]]) -> Cells:
        """Edit cells as one step of undo; what is said of a text by `tidy` is done to it. Returns the cells touched."""
        return self.drafts.set_cells((key, column, normalize_name(value)) for key, column, value in changes)

    def counts(self) -> Counts:
        """The figures of the status line."""
        marks = Counter(self.drafts.mark(key, column) for key, column in self.drafts)
        return Counts(
            len(self.rows), len(self.view), marks.total(), marks["error"] + marks["refused"], marks["conflict"]
        )

    def problems(self, marks: Sequence[Mark] = _PROBLEMS) -> list[CellId]:
        """The cells with one of these marks: those shown in the order shown, then those hidden by the search, then
        those of agents who are gone."""

        def place(cell: CellId) -> tuple[int, int, str, int]:
            key, column = cell
            at = self.view.position(key)
            hidden = 0 if at is not None else (1 if key in self.rows else 2)
            return hidden, at or 0, str(key), FIELDS.index(column)

        return sorted((cell for cell in self.drafts if self.drafts.mark(*cell) in marks), key=place)

    def next_problem(self, cursor: CellId | None) -> CellId | None:
        """The problem after the cursor in the order shown, the first one behind the last."""
        problems = self.problems()
        at = self.view.position(cursor[0]) if cursor is not None else None
        if cursor is None or at is None:
            return next(iter(problems), None)
        here = at, FIELDS.index(cursor[1])
        for key, column in problems:
            there = self.view.position(key)
            if there is None or (there, FIELDS.index(column)) > here:
                return key, column
        return next(iter(problems), None)

    # Saving

    def make_batch(self) -> tuple[list[RowEdit], CtiBatch]:
        """What can be saved, for `applied` and as it is sent."""
        sent = self.drafts.make_batch()
        edits = [
            CtiEdit(
                account=str(edit.key),
                version=int(edit.version or 0),
                set={Column(column): value or None for column, value in edit.cells.items()},
            )
            for edit in sent
        ]
        return sent, CtiBatch(edits=edits)

    def apply_result(self, sent: Sequence[RowEdit], result: CtiBatchResult) -> tuple[bool, Outcome]:
        """Take in the verdict on each cell and the rows as they are now. True if rows came, went or moved."""
        changes = self.rows.apply(result.agents)
        moved = self.view.update(changes)
        verdicts = []
        for one in result.verdicts:
            match one.verdict:
                case Judged.SAVED | Judged.UNCHANGED:
                    verdicts.append(Verdict(one.account, one.column.value, "ok"))
                case Judged.REFUSED:
                    reason = self._explain(one.problem) if one.problem is not None else ""
                    verdicts.append(Verdict(one.account, one.column.value, "refused", reason))
                case Judged.CONFLICT:
                    theirs = one.current or ""
                    verdicts.append(Verdict(one.account, one.column.value, "conflict", theirs=theirs))
        self.drafts.apply_verdicts(sent, verdicts)
        self.drafts.rebase(changes.keys)
        tally: Mapping[Judged, int] = Counter(one.verdict for one in result.verdicts)
        outcome = Outcome(
            tally.get(Judged.SAVED, 0) + tally.get(Judged.UNCHANGED, 0),
            tally.get(Judged.REFUSED, 0),
            tally.get(Judged.CONFLICT, 0),
            tally.get(Judged.HELD, 0),
        )
        return moved, outcome

    # Between two sessions

    def count_saved_edits(self, path: Path) -> int:
        """How many edits of an earlier session wait in the file. One that cannot be read is set aside, not lost:
        raises DraftsUnreadable then. Raises OSError."""
        try:
            return len(draft_file.read_cells(path, self.drafts.owner))
        except DraftsUnreadable:
            path.replace(path.with_suffix(".unreadable"))
            raise

    def load_saved_edits(self, path: Path) -> Cells:
        """Go on with the edits in the file. Call when all rows are there. Raises DraftsUnreadable, OSError."""
        touched = self.drafts.load(path)
        self._kept = True
        return touched

    def discard_saved_edits(self, path: Path) -> None:
        """Throw the edits in the file away. Raises OSError."""
        path.unlink(missing_ok=True)
        self._kept = True

    def save_edits(self, path: Path) -> None:
        """Write the edits for next time. What another session left in the file stays in it. Raises OSError."""
        if not self._kept:
            if not len(self.drafts):
                return
            try:
                self.drafts.load(path)
            except DraftsUnreadable:
                path.replace(path.with_suffix(".unreadable"))
        self.drafts.save(path)
        self._kept = True


def _search_forms(text: str) -> tuple[str, str]:
    return fold_case(text), choseong(text)
