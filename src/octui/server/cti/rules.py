"""Judge a batch of CTI IDs and NOs as a whole, so that every value has one holder (rules.md 22)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from octui.schema.common import LONGEST_CTI
from octui.schema.cti import CellVerdict, Column, CtiEdit, Verdict
from octui.schema.problems import FieldCode, FieldProblem
from octui.server.core import validation
from octui.text.safe import normalize_name

COLUMNS = tuple(Column)
Cell = tuple[str, Column]
"""Account and column."""


@dataclass(frozen=True)
class Row:
    """Present cells of an agent, and for each the row's version when it last changed."""

    values: Mapping[Column, str | None]
    changed: Mapping[Column, int]


@dataclass
class Judgement:
    """Verdicts of all cells sent, in the order sent, and the new values of the cells to save."""

    verdicts: list[CellVerdict] = field(default_factory=list)
    save: dict[Cell, str | None] = field(default_factory=dict)


def sent_values(edits: Sequence[CtiEdit]) -> dict[Column, set[str]]:
    """Return the values a batch sets, as they would be stored, so that their holders can be looked up."""
    values: dict[Column, set[str]] = {column: set() for column in COLUMNS}
    for edit in edits:
        for column, value in edit.set.items():
            # No agent holds a value with a NUL, and PostgreSQL refuses to look for one.
            if value and (text := normalize_name(value)) and "\0" not in text:
                values[column].add(text)
    return values


def judge_batch(
    edits: Sequence[CtiEdit],
    rows: Mapping[str, Row],
    holders: Mapping[tuple[Column, str], str],
    *,
    all_or_nothing: bool = False,
) -> Judgement:
    """Judge `edits`, given the agents they name (`rows`, by account) and the present `holders` of the values sent.

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
    for cell, holder in _duplicate_values(new_values).items():
        problem = _cell_problem(
            edit_index[cell], cell[1], FieldCode.DUPLICATE, "Another agent of this batch has it too.", holder
        )
        verdicts_by_edit[edit_index[cell]][cell[1]] = _refused_verdict(cell, problem)
        bad.add(cell[0])
    moving = {cell for cell, place in edit_index.items() if not _is_unchanged(verdicts_by_edit[place].get(cell[1]))}
    good = {
        cell: new_value for cell, new_value in new_values.items() if cell[1] not in verdicts_by_edit[edit_index[cell]]
    }
    for cell, holder in _taken_values(good, holders, moving).items():
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
    new_value = normalize_name(value) or None if value is not None else None
    if new_value is not None:
        problem = validation.text_problem(f"edits.{place}.set.{column.value}", new_value, LONGEST_CTI)
        if problem is not None:
            return None, _refused_verdict(cell, problem)
    if new_value == row.values[column]:
        return None, CellVerdict(account=edit.account, column=column, verdict=Verdict.UNCHANGED)
    if row.changed[column] > edit.version:
        return None, CellVerdict(
            account=edit.account, column=column, verdict=Verdict.CONFLICT, current=row.values[column]
        )
    return new_value, None


def _duplicate_values(new_values: Mapping[Cell, str | None]) -> dict[Cell, str]:
    """Return the cells whose value another agent of the batch wants too, each with one such agent."""
    by_value: dict[tuple[Column, str], list[str]] = {}
    for (account, column), new_value in new_values.items():
        if new_value is not None:
            by_value.setdefault((column, new_value), []).append(account)
    return {
        (account, column): accounts[1] if account == accounts[0] else accounts[0]
        for (column, _), accounts in by_value.items()
        if len(accounts) > 1
        for account in accounts
    }


def _is_unchanged(verdict: CellVerdict | None) -> bool:
    return verdict is not None and verdict.verdict is Verdict.UNCHANGED


def _taken_values(
    good: Mapping[Cell, str | None], holders: Mapping[tuple[Column, str], str], moving: set[Cell]
) -> dict[Cell, str]:
    """Return the cells whose value belongs to an agent who keeps it, each with that agent."""
    taken: dict[Cell, str] = {}
    for (account, column), new_value in good.items():
        holder = holders.get((column, new_value)) if new_value is not None else None
        if holder is not None and (holder, column) not in moving:
            taken[account, column] = holder
    return taken


def _accounts_left_out(
    good: Mapping[Cell, str | None], holders: Mapping[tuple[Column, str], str], bad: set[str]
) -> set[str]:
    """Return the agents who cannot be saved: those with a bad cell, and those waiting for a value of one of them."""
    waiting: dict[Cell, list[str]] = {}
    for (account, column), new_value in good.items():
        holder = holders.get((column, new_value)) if new_value is not None else None
        if holder is not None:
            waiting.setdefault((holder, column), []).append(account)
    left_out = set(bad)
    todo = list(bad)
    while todo:
        account = todo.pop()
        for column in COLUMNS:
            for other in waiting.get((account, column), ()):
                if other not in left_out:
                    left_out.add(other)
                    todo.append(other)
    return left_out


def _cell_problem(place: int, column: Column, code: FieldCode, message: str, holder: str | None) -> FieldProblem:
    return FieldProblem(field=f"edits.{place}.set.{column.value}", code=code.value, message=message, holder=holder)


def _refused_verdict(cell: Cell, problem: FieldProblem) -> CellVerdict:
    return CellVerdict(account=cell[0], column=cell[1], verdict=Verdict.REFUSED, problem=problem)
