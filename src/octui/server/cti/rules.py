"""Judge a batch of CTI IDs, NOs and PBX names as a whole, so that every value has one holder (rules.md 22, 36)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from octui.schema.common import LONGEST_CTI, LONGEST_PBX_NAME
from octui.schema.cti import CellVerdict, Column, CtiEdit, Verdict
from octui.schema.problems import FieldCode, FieldProblem
from octui.server.core import validation
from octui.text.pbx_names import fold_name, normalize_names, split_names
from octui.text.safe import normalize_name

COLUMNS = tuple(Column)
Cell = tuple[str, Column]
"""Account and column."""
Claim = tuple[Column, str]
"""What one agent alone may have."""


@dataclass(frozen=True)
class Row:
    """An agent's row as stored: the value of each cell, and the row's version at which that cell last changed."""

    values: Mapping[Column, str | None]
    changed: Mapping[Column, int]


@dataclass
class Judgement:
    """Verdicts of all cells sent, in the order sent, and the new values of the cells to save."""

    verdicts: list[CellVerdict] = field(default_factory=list)
    save: dict[Cell, str | None] = field(default_factory=dict)


def claims_of(column: Column, value: str | None) -> frozenset[Claim]:
    """Return the values that a cell reserves for its agent: a CTI ID, a CTI NO or PBX names.

    A PBX name may be no other agent's PBX name, nor CTI ID or CTI NO, and so it claims all three. PBX names are
    compared in their folded form, the others letter for letter.
    """
    if value is None:
        return frozenset()
    if column is not Column.PBX_NAMES:
        return frozenset(((column, value),))
    names = split_names(value)
    return frozenset(
        claim for name in names for claim in ((column, fold_name(name)), (Column.CTI_ID, name), (Column.CTI_NO, name))
    )


def sent_claims(edits: Sequence[CtiEdit]) -> dict[Column, set[str]]:
    """Return the normalized values that a batch reserves, so that their present holders can be looked up."""
    texts: dict[Column, set[str]] = {column: set() for column in COLUMNS}
    for edit in edits:
        for column, value in edit.set.items():
            for claimed, text in claims_of(column, _normalize_value(column, value)):
                # No agent holds a value with a NUL, and PostgreSQL refuses to look for one.
                if "\0" not in text:
                    texts[claimed].add(text)
    return texts


def _normalize_value(column: Column, value: str | None) -> str | None:
    if value is None:
        return None
    return (normalize_names(value) if column is Column.PBX_NAMES else normalize_name(value)) or None


def judge_batch(
    edits: Sequence[CtiEdit],
    rows: Mapping[str, Row],
    holders: Mapping[Claim, str],
    *,
    all_or_nothing: bool = False,
) -> Judgement:
    """Judge `edits`, given the agents they name (`rows`, by account) and the present `holders` of what they claim.

    A cell is refused for its text, an unknown agent, a value that two agents of the batch want, or a value that another
    agent keeps. It is a conflict if that very cell changed after the version the edit is based on. Values may be
    swapped and handed on within the batch. The good cells of a row with a bad cell are held, and so are cells that wait
    for a value of a row left out; with `all_or_nothing` one bad cell holds all.
    """
    verdicts_by_edit: dict[int, dict[Column, CellVerdict]] = {}
    new_values: dict[Cell, str | None] = {}
    edit_index: dict[Cell, int] = {}
    bad: set[str] = set()
    for place, edit in enumerate(edits):
        row = rows.get(edit.account)
        verdicts = verdicts_by_edit.setdefault(place, {})
        for column, value in edit.set.items():
            cell = edit.account, column
            new_value, verdict = _judge_cell(place, edit, column, value, row, cell in edit_index)
            if verdict is None:
                new_values[cell] = new_value
                edit_index[cell] = place
            else:
                verdicts[column] = verdict
                edit_index.setdefault(cell, place)
                if verdict.verdict is not Verdict.UNCHANGED:
                    bad.add(edit.account)
    for cell, holder in _duplicate_values(new_values, rows).items():
        problem = _cell_problem(
            edit_index[cell], cell[1], FieldCode.DUPLICATE, "Another agent of this batch has it too.", holder
        )
        verdicts_by_edit[edit_index[cell]][cell[1]] = _refused_verdict(cell, problem)
        bad.add(cell[0])
    moving = {cell for cell, place in edit_index.items() if not _is_unchanged(verdicts_by_edit[place].get(cell[1]))}
    good = {
        cell: new_value for cell, new_value in new_values.items() if cell[1] not in verdicts_by_edit[edit_index[cell]]
    }
    for cell, holder in _taken_values(good, rows, holders, moving).items():
        problem = _cell_problem(edit_index[cell], cell[1], FieldCode.TAKEN, "Another agent has it.", holder)
        verdicts_by_edit[edit_index[cell]][cell[1]] = _refused_verdict(cell, problem)
        bad.add(cell[0])
        del good[cell]
    left_out = {account for account, _ in good} if bad and all_or_nothing else _accounts_left_out(good, holders, bad)
    judgement = Judgement(save={cell: new_value for cell, new_value in good.items() if cell[0] not in left_out})
    for cell in good:
        verdict_of = Verdict.HELD if cell[0] in left_out else Verdict.SAVED
        verdicts_by_edit[edit_index[cell]][cell[1]] = CellVerdict(account=cell[0], column=cell[1], verdict=verdict_of)
    judgement.verdicts = [verdicts_by_edit[place][column] for place, edit in enumerate(edits) for column in edit.set]
    return judgement


def _judge_cell(
    place: int, edit: CtiEdit, column: Column, value: str | None, row: Row | None, is_repeated: bool
) -> tuple[str | None, CellVerdict | None]:
    """Return the cell's new value, or a verdict that does not depend on other cells."""
    cell = edit.account, column
    if row is None:
        unknown_agent = FieldProblem(
            field=f"edits.{place}.account", code=FieldCode.UNKNOWN_VALUE.value, message="There is no such agent."
        )
        return None, _refused_verdict(cell, unknown_agent)
    if is_repeated:
        duplicate = _cell_problem(place, column, FieldCode.DUPLICATE, "This cell is in the batch twice.", None)
        return None, _refused_verdict(cell, duplicate)
    new_value = _normalize_value(column, value)
    problem = _text_problem(place, column, new_value)
    if problem is not None:
        return None, _refused_verdict(cell, problem)
    if new_value == row.values[column]:
        return None, CellVerdict(account=edit.account, column=column, verdict=Verdict.UNCHANGED)
    if row.changed[column] > edit.version:
        return None, CellVerdict(
            account=edit.account, column=column, verdict=Verdict.CONFLICT, current=row.values[column]
        )
    return new_value, None


def _text_problem(place: int, column: Column, value: str | None) -> FieldProblem | None:
    if value is None:
        return None
    texts, longest = (
        ((value,), LONGEST_CTI) if column is not Column.PBX_NAMES else (split_names(value), LONGEST_PBX_NAME)
    )
    problems = (validation.text_problem(f"edits.{place}.set.{column.value}", text, longest) for text in texts)
    return next((problem for problem in problems if problem is not None), None)


def _duplicate_values(new_values: Mapping[Cell, str | None], rows: Mapping[str, Row]) -> dict[Cell, str]:
    """Return the cells that newly claim what another agent of the batch claims too, each with one such agent."""
    by_claim: dict[Claim, list[Cell]] = {}
    for (account, column), new_value in new_values.items():
        for claim in claims_of(column, new_value):
            by_claim.setdefault(claim, []).append((account, column))
    duplicates: dict[Cell, str] = {}
    for claim, cells in by_claim.items():
        accounts = list(dict.fromkeys(account for account, _ in cells))
        for account, column in cells if len(accounts) > 1 else ():
            if claim not in claims_of(column, rows[account].values[column]):
                duplicates[account, column] = accounts[1] if account == accounts[0] else accounts[0]
    return duplicates


def _is_unchanged(verdict: CellVerdict | None) -> bool:
    return verdict is not None and verdict.verdict is Verdict.UNCHANGED


def _taken_values(
    good: Mapping[Cell, str | None], rows: Mapping[str, Row], holders: Mapping[Claim, str], moving: set[Cell]
) -> dict[Cell, str]:
    """Return the cells that claim what belongs to an agent who keeps it, each with that agent."""

    def is_kept(holder: str, claim: Claim) -> bool:
        if holder not in rows:
            return True
        values = rows[holder].values
        return any(claim in claims_of(column, values[column]) for column in values if (holder, column) not in moving)

    taken: dict[Cell, str] = {}
    for (account, column), new_value in good.items():
        for claim in claims_of(column, new_value):
            holder = holders.get(claim)
            if holder not in (None, account) and is_kept(holder, claim):
                taken[account, column] = holder
    return taken


def _accounts_left_out(good: Mapping[Cell, str | None], holders: Mapping[Claim, str], bad: set[str]) -> set[str]:
    """Return the agents that cannot be saved: those with a bad cell or needing a value of such an agent."""
    waiting: dict[str, set[str]] = {}
    for (account, column), new_value in good.items():
        for claim in claims_of(column, new_value):
            holder = holders.get(claim)
            if holder is not None and holder != account:
                waiting.setdefault(holder, set()).add(account)
    left_out = set(bad)
    todo = list(bad)
    while todo:
        for other in waiting.get(todo.pop(), ()):
            if other not in left_out:
                left_out.add(other)
                todo.append(other)
    return left_out


def _cell_problem(place: int, column: Column, code: FieldCode, message: str, holder: str | None) -> FieldProblem:
    return FieldProblem(field=f"edits.{place}.set.{column.value}", code=code.value, message=message, holder=holder)


def _refused_verdict(cell: Cell, problem: FieldProblem) -> CellVerdict:
    return CellVerdict(account=cell[0], column=cell[1], verdict=Verdict.REFUSED, problem=problem)
