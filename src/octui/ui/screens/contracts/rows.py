"""Rows of the contracts table: one for each service, and for each unsent new service."""

from collections.abc import Iterable
from dataclasses import dataclass

from octui.schema.contracts import Contract
from octui.schema.items import ServiceState
from octui.state.wizard import BasicDraft, Draft
from octui.text.glyphs import glyphs
from octui.text.width import cell_width
from octui.ui.locale import N_, Words
from octui.ui.widgets.columns import Cell, Column, Tone
from octui.ui.words.contracts import STATE_LABELS, TYPE_LABELS

NEW = "new/"
"""Prefix of the keys of services that are not sent yet; no service ID begins with it."""
TITLES = {
    "state": N_("State"),
    "name": N_("Service name"),
    "id": N_("Service ID"),
    "type": N_("Type"),
    "languages": N_("Languages"),
    "zone": N_("Time zone"),
    "basic": N_("Step 1"),
    "details": N_("Step 2"),
    "next": N_("Next edit"),
    "note": N_("Note"),
}
TONES: dict[ServiceState, Tone] = {
    ServiceState.DRAFT: "watch",
    ServiceState.IN_USE: "good",
    ServiceState.SUSPENDED: "bad",
    ServiceState.TERMINATED: "muted",
}
REGISTER, EDIT = N_("Register"), N_("Edit")
NAMELESS = N_("(no name yet)")


@dataclass(frozen=True)
class ServiceRow:
    """A service of the organization, or one not sent yet. `draft`: its unsaved texts."""

    key: str
    contract: Contract | None
    draft: Draft | None
    name: str
    id: str

    @property
    def state(self) -> ServiceState:
        return ServiceState.DRAFT if self.contract is None else self.contract.state


def service_rows(contracts: Iterable[Contract], drafts: Iterable[Draft]) -> list[ServiceRow]:
    """Return the rows: the organization's services, then unsent new ones."""
    drafts_by_service = {draft.service: draft.model_copy(deep=True) for draft in drafts if draft.service}
    lines = [
        ServiceRow(contract.id, contract, drafts_by_service.get(contract.id), contract.name, contract.id)
        for contract in sorted(contracts, key=lambda contract: contract.id.casefold())
    ]
    for draft in drafts:
        if not draft.service:
            basic = draft.basic or BasicDraft()
            copy = draft.model_copy(deep=True)
            lines.append(ServiceRow(NEW + draft.key, None, copy, basic.name, basic.id))
    return lines


def table_columns(t: Words) -> list[Column]:
    """Return the columns, as wide as their texts."""
    titles = {key: t(title) for key, title in TITLES.items()}
    states = max(cell_width(t(label)) for label in STATE_LABELS.values())
    types = max(cell_width(t(label)) for label in (*TYPE_LABELS.values(), TITLES["type"]))
    steps = max(cell_width(t(label)) for label in (REGISTER, EDIT, TITLES["basic"], TITLES["details"]))
    return [
        Column("state", titles["state"], states),
        Column("name", titles["name"], 12, flex=3, most=40),
        Column("id", titles["id"], 10, flex=2, most=30),
        Column("type", titles["type"], types, priority=2),
        Column("languages", titles["languages"], 10, flex=1, most=24, priority=4),
        Column("zone", titles["zone"], 16, flex=1, most=30, priority=5),
        Column("basic", titles["basic"], steps),
        Column("details", titles["details"], steps),
        # The title leaves room for the sign that there are more columns.
        Column("next", titles["next"], max(9, cell_width(titles["next"])) + 4),
        Column("note", titles["note"], 24, flex=1, most=40, priority=3),
    ]


def row_cells(row: ServiceRow, t: Words, now: int) -> list[Cell]:
    """Return the cells of a row; `now` in epoch ms."""
    state = Cell(t(STATE_LABELS[row.state]), TONES[row.state])
    if row.contract is None:
        basic = (row.draft.basic if row.draft is not None else None) or BasicDraft()
        return [
            state,
            Cell(row.name or t(NAMELESS), "" if row.name else "muted"),
            Cell(row.id),
            Cell(""),
            Cell(basic.languages.replace(" ", ", "), "muted"),
            Cell(basic.time_zone, "muted"),
            Cell(t(REGISTER), "strong"),
            Cell(t(REGISTER), "muted"),
            Cell(glyphs().unknown, "muted"),
            Cell(t("only on this machine"), "watch"),
        ]
    contract = row.contract
    ended = contract.state is ServiceState.TERMINATED
    tone: Tone = "muted" if ended else ""
    steps = [Cell(glyphs().unknown, "muted")] * 2
    if not ended:
        step_2 = REGISTER if contract.state is ServiceState.DRAFT else EDIT
        steps = [Cell(t(EDIT), "strong"), Cell(t(step_2), "strong")]
    return [
        state,
        Cell(contract.name, tone),
        Cell(contract.id, tone),
        Cell(t(TYPE_LABELS[contract.type]), tone),
        Cell(", ".join(contract.languages), tone),
        Cell(contract.time_zone, tone),
        *steps,
        _next_edit(contract, t, now),
        Cell(t("unsaved edits kept here") if row.draft is not None else "", "watch"),
    ]


def _next_edit(contract: Contract, t: Words, now: int) -> Cell:
    if contract.state in (ServiceState.DRAFT, ServiceState.TERMINATED):
        return Cell(glyphs().unknown, "muted")
    left = seconds_until_edit(contract, now)
    return Cell(countdown_text(left), "watch") if left else Cell(t("now"), "good")


def seconds_until_edit(contract: Contract, now: int) -> int:
    """Return the seconds until the contract can be edited again (rules.md 7); 0: now."""
    following = contract.next_edit
    return 0 if following is None else max(0, -(-(following - now) // 1000))


def countdown_text(seconds: int) -> str:
    """Return a duration as `07:12:33`."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
