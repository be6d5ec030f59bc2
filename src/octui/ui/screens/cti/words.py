"""Texts of the CTI agents screen: titles, reasons for refusals, results of pasting and saving."""

from collections.abc import Sequence

from octui.schema.cti import CellVerdict
from octui.schema.cti import Verdict as Judged
from octui.state.cti_table import FIELDS, Counts, CtiTable, Outcome
from octui.state.draft_cells import Conflict, Difference, Problem
from octui.state.rows import Key
from octui.text.glyphs import glyphs
from octui.text.safe import safe
from octui.text.tsv import Block, ProblemCode
from octui.text.width import cell_width, fit_text
from octui.ui.locale import N_, Words
from octui.ui.sentences import field_sentence
from octui.ui.widgets.columns import Column, Source, lay_out_block

TITLES = {
    "account": N_("ID"),
    "name": N_("Name"),
    "email": N_("E-mail"),
    "cti_id": N_("CTI ID"),
    "cti_no": N_("CTI NO"),
    "pbx_names": N_("PBX names"),
    "services": N_("Services"),
}
_WIDEST_VALUE = 24


def table_columns(t: Words) -> list[Column]:
    """Return the columns; a star in the title marks those that can be edited."""

    titles = {key: t(title) for key, title in TITLES.items()}

    def editable_column(key: str) -> Column:
        return Column(key, titles[key] + "*", 9, flex=1, most=24, editable=True)

    return [
        Column("account", titles["account"], 14, flex=1, most=24),
        Column("name", titles["name"], 8, flex=1, most=24),
        Column("email", titles["email"], 25, flex=2, most=40, priority=2),
        editable_column("cti_id"),
        editable_column("cti_no"),
        Column("pbx_names", titles["pbx_names"] + "*", 12, flex=2, most=60, editable=True),
        Column("services", titles["services"], max(6, cell_width(titles["services"])), flex=1, priority=1),
    ]


def shown_value(value: str | None, t: Words) -> str:
    """Return a cell's value as text, `(empty)` for none."""
    return safe(value) if value else t("(empty)")


def counts_text(counts: Counts, t: Words, *, hint: bool) -> str:
    """Return the counts of people and edits; with `hint` and no edits, how to edit."""
    text = t("{shown} of {people} people", shown=f"{counts.shown:,}", people=f"{counts.people:,}")
    if not counts.edited:
        how = t("Columns with * change by typing, or by pasting from Excel.")
        return f"{text}   {how}" if hint and counts.shown else text
    return f" {glyphs().dot} ".join(
        (
            text,
            t("changed {count}", count=f"{counts.edited:,}"),
            t("refused {count}", count=f"{counts.wrong:,}"),
            t("conflicts {count}", count=f"{counts.conflicts:,}"),
        )
    )


def problem_words(problem: Problem, table: CtiTable, t: Words) -> str:
    """Return why a cell cannot be saved."""
    if problem.code == "duplicate":
        return t(
            "is held by {holder} too", holder=person_text(problem.other, table) if problem.other is not None else "?"
        )
    return safe(problem.text)


def conflict_words(conflict: Conflict, t: Words) -> str:
    """Return the sentence about another person's value in an edited cell."""
    if conflict.theirs is None:
        return t("the agent is gone")
    return t("somebody else wrote {theirs}", theirs=shown_value(conflict.theirs, t))


def person_text(key: Key, table: CtiTable) -> str:
    """Return `name (account)`, or the account alone of a removed agent."""
    agent = table.rows.get(key)
    return safe(str(key)) if agent is None else f"{agent.name} ({agent.account})"


def cell_words(table: CtiTable, key: Key, column: str, t: Words) -> tuple[str, bool]:
    """Return a sentence about an edited cell, and whether it has a problem; empty for other cells."""
    drafts = table.drafts
    value = drafts.value(key, column)
    if value is None:
        return "", False
    title = t(TITLES[column])
    if (conflict := drafts.conflict(key, column)) is not None:
        return t("{column}: {what} - F7 to choose", column=title, what=conflict_words(conflict, t)), True
    if (problem := drafts.error(key, column)) is not None:
        problem_text = problem_words(problem, table, t)
        return f"{title} {shown_value(value, t)}: {problem_text}", True
    return t("{column} was {before}", column=title, before=shown_value(table.value(key, column), t)), False


def refusal_words(verdict: CellVerdict, t: Words) -> str | None:
    """Return why a single cell was not saved, or None if it was."""
    if verdict.problem is not None:
        return field_sentence(verdict.problem, t)
    if verdict.verdict is Judged.CONFLICT:
        return conflict_words(Conflict(verdict.current or ""), t)
    return None


def difference_lines(differences: Sequence[Difference], table: CtiTable, t: Words) -> list[str]:
    """Return a line for each edited cell (person, column, before, after), then why it cannot be saved."""
    rows = []
    for difference in differences:
        note = ""
        if difference.conflict is not None:
            note = f"# {conflict_words(difference.conflict, t)}"
        elif difference.problem is not None:
            note = f"! {problem_words(difference.problem, table, t)}"
        before, after = shown_value(difference.before, t), shown_value(difference.after, t)
        rows.append((person_text(difference.key, table), t(TITLES[difference.column]), before, after, note))
    widths = [min(_WIDEST_VALUE, max((cell_width(row[place]) for row in rows), default=0)) for place in range(4)]
    lines = []
    for row in rows:
        name, column, before, after = (fit_text(text, cells) for text, cells in zip(row[:4], widths, strict=True))
        lines.append(f" {name}  {column}  {before} -> {after}".rstrip())
        if row[4]:
            lines.append(f"     {row[4]}")
    return lines


def outcome_words(outcome: Outcome, t: Words) -> str:
    """Return a sentence about the result of a save."""
    if not (outcome.refused or outcome.conflicts or outcome.held):
        return t("{count} cells saved, and recorded in the change log.", count=f"{outcome.saved:,}")
    parts = [t("saved {count}", count=f"{outcome.saved:,}")]
    if outcome.refused:
        parts.append(t("refused {count}", count=f"{outcome.refused:,}"))
    if outcome.conflicts:
        parts.append(t("conflicts {count}", count=f"{outcome.conflicts:,}"))
    if outcome.held:
        parts.append(t("held back with them {count}", count=f"{outcome.held:,}"))
    return f" {glyphs().dot} ".join(parts) + "  " + t("F6 goes to the next one.")


def pasted_changes(
    source: Source, shown: Sequence[Column], key: Key, column: str, block: Block, t: Words
) -> tuple[tuple[tuple[Key, str, str], ...], str | None]:
    """Return the edits of a pasted block, or the reason to refuse it: a block is pasted whole or not at all.

    Cells over read-only columns are skipped where they hold the present value, so that whole rows of an export can be
    pasted back.
    """
    nothing = t("Nothing was pasted.")
    for problem in block.problems:
        if problem.code in (ProblemCode.ROWS, ProblemCode.COLUMNS):
            return (), t("The block is too large: {count}.", count=f"{problem.count:,}") + " " + nothing
    filled = lay_out_block(source, shown, key, column, block.rows)
    left, top = FIELDS.index(column), source.index_of(key) or 0
    if filled.outside:
        size = t(
            "The block has {rows} rows and {columns} columns; from here there are {below} rows and {right} columns.",
            rows=f"{len(block.rows):,}",
            columns=max(map(len, block.rows)),
            below=f"{source.row_count() - top:,}",
            right=len(shown) - left,
        )
        return (), f"{size} {nothing}"
    for down, texts in enumerate(block.rows if filled.read_only else ()):
        target = source.key_at(top + down)
        cells = source.row_cells(target) if target is not None else None
        for right, text in enumerate(texts):
            place = shown[left + right]
            if not place.editable and cells is not None and cells[left + right].text != text.strip():
                over = t("The block reaches over {column}, which cannot be edited.", column=t(TITLES[place.key]))
                return (), f"{over} {nothing}"
    return filled.changes, None
