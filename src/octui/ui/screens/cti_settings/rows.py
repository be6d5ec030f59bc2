"""Columns and cells of the list of agents with what they lack for phone (rules.md 23)."""

from octui.schema.cti import Readiness, Step
from octui.text.width import cell_width
from octui.ui.locale import N_, Words
from octui.ui.screens.cti_settings.words import NOT_IN_USE, READY, STEP_TITLES, UNMET
from octui.ui.widgets.columns import Cell, Column

TITLES = {
    "name": N_("Name"),
    "account": N_("ID"),
    "contract": STEP_TITLES[Step.CONTRACT],
    "settings": STEP_TITLES[Step.SETTINGS],
    "permission": STEP_TITLES[Step.PERMISSION],
    "numbers": STEP_TITLES[Step.NUMBERS],
    "unmet": N_("To do"),
}


def table_columns(t: Words) -> list[Column]:
    """Return the columns, as wide as their texts."""
    # One more cell than the title needs, for the mark of the sort order.
    steps = [Column(step, t(STEP_TITLES[step]), cell_width(t(STEP_TITLES[step])) + 1) for step in Step]
    todo = max(cell_width(t(text)) for text in (*UNMET.values(), NOT_IN_USE, READY))
    return [
        Column("name", t("Name"), 9, flex=1, most=24),
        Column("account", t("ID"), 9, flex=1, most=24),
        *steps,
        Column("unmet", t("To do"), todo, flex=1, most=todo + 10),
    ]


def row_cells(row: Readiness, t: Words, *, phone_contract: bool) -> list[Cell]:
    """Return the cells of a row; `phone_contract`: the contract of the service has phone."""
    steps = [Cell("O") if step in row.met else Cell("-", "muted") for step in Step]
    if row.unmet is None:
        return [Cell(row.name), Cell(row.account), *steps, Cell(t(READY), "good")]
    text = NOT_IN_USE if row.unmet is Step.CONTRACT and phone_contract else UNMET[row.unmet]
    return [Cell(row.name), Cell(row.account), *steps, Cell(t(text), "watch")]


def lacks_step(step: Step, row: Readiness) -> bool:
    """Return whether an agent lacks a condition, as a sort key."""
    return step not in row.met


def urgency(row: Readiness) -> int:
    """Return a sort key: agents who lack the first condition come first, ready agents last."""
    return len(Step) if row.unmet is None else list(Step).index(row.unmet)
