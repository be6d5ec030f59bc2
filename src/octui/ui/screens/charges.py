"""Screen of charges: the lines of a month with their formulas, and twelve months as bars (rules.md 9, 10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from textual import on, work
from textual.widget import Widget

from octui.client.errors import ClientError, Refused
from octui.schema.charges import Charges, LineKind
from octui.schema.contracts import Contract, Contracts
from octui.schema.items import ServiceType
from octui.schema.live import CONTRACTS
from octui.text.width import cell_width
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.exports import Table
from octui.ui.dialogs.report import Report
from octui.ui.dialogs.searchable_choice import SearchableChoice
from octui.ui.locale import N_
from octui.ui.table_screen import TableScreen
from octui.ui.widgets.columns import Cell, Column, Key, Tone
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.month_bars import Bar, MonthBars
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import wrap_line
from octui.ui.words.charges import (
    KIND_LABELS,
    ChargeRow,
    about_month,
    formula_sentences,
    item_word,
    rows_of,
    rule_sentences,
    short_formula,
    state_word,
    type_word,
)
from octui.ui.words.contracts import ITEM_LABELS, STATE_LABELS, TYPE_LABELS
from octui.ui.words.times import time_of_day

TRY_AGAIN_S = 5
RELOAD_AFTER_S = 60  # Usage counts on while no contract changes, and no topic reports it.
ROOM_FOR_KIND = 100  # cells
TITLES = {
    "item": N_("Item"),
    "kind": N_("Charge"),
    "how": N_("How it adds up"),
    "days": N_("Days"),
    "amount": N_("Amount (KRW)"),
}
CHART_TITLES = {
    1: N_("The last months, in KRW"),
    10**3: N_("The last months, in thousand KRW"),
    10**6: N_("The last months, in million KRW"),
    10**9: N_("The last months, in billion KRW"),
}


@dataclass(frozen=True)
class Selection:
    """Services whose charges are shown: all, those of one type, or one."""

    type: ServiceType | None = None
    service: str | None = None


def month_after(month: str, by: int) -> str:
    """Return the month `by` months after `month` (`YYYY-MM`)."""
    at = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{at // 12:04}-{at % 12 + 1:02}"


class _Rows:
    """Source of the grid: rows of the month shown."""

    def __init__(self, screen: "ChargesScreen") -> None:
        self._screen = screen
        self.rows: list[ChargeRow] = []
        self.places: dict[Key, int] = {}

    def show(self, rows: list[ChargeRow]) -> None:
        self.rows = rows
        self.places = {row.key: at for at, row in enumerate(rows)}

    def row_count(self) -> int:
        return len(self.rows)

    def key_at(self, index: int) -> Key | None:
        return self.rows[index].key if 0 <= index < len(self.rows) else None

    def index_of(self, key: Key) -> int | None:
        return self.places.get(key)

    def row_cells(self, key: Key) -> Sequence[Cell] | None:
        at = self.places.get(key)
        return None if at is None else self._screen.shown_cells(self.rows[at])


class ChargesScreen(TableScreen):
    """The charges of one month for the selected services."""

    WORD = "charges"
    BINDINGS = bindings(
        *("charges.formula", "charges.select", "charges.month_before", "charges.month_after"),
        *("list.export", "list.copy"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._source = _Rows(self)
        self._month: str | None = None  # None is the current month, also after midnight.
        self._selection = Selection()
        self._shown: tuple[Charges, Selection, int] | None = None
        self._contracts: list[Contract] = []
        self._etag: str | None = None
        self._failed: ClientError | None = None
        self._ticks = 0

    def compose_body(self) -> list[Widget]:
        heading = StatusLine()
        heading.add_class("heading")
        return [heading, MonthBars(), Grid(self._shown_columns(), self._source), StatusLine()]

    def on_mount(self) -> None:
        self.query_one(Grid).focus()
        self.refresh_texts()

    def on_resize(self) -> None:
        # The chart takes a seventh of the screen, between 3 and 10 lines.
        self.query_one(MonthBars).styles.height = 3 + max(3, min(10, self.size.height // 7))
        self.query_one(Grid).columns = self._shown_columns()

    def refresh_texts(self) -> None:
        self.query_one(Grid).columns = self._shown_columns()
        self._draw_all()

    def _shown_columns(self) -> list[Column]:
        titles = {name: self.t(title) for name, title in TITLES.items()}
        kinds = max(cell_width(self.t(label)) for label in KIND_LABELS.values())
        items = 2 + max(cell_width(self.t(label)) for label in (*ITEM_LABELS.values(), KIND_LABELS[LineKind.DISCOUNT]))
        columns = [
            Column("item", titles["item"], max(16, items), flex=2, most=40),
            Column("kind", titles["kind"], kinds),
            Column("how", titles["how"], 42, flex=3, most=90),
            Column("days", titles["days"], max(4, cell_width(titles["days"])), align="right"),
            Column("amount", titles["amount"], max(12, cell_width(titles["amount"])), align="right"),
        ]
        return [column for column in columns if self._is_column_shown(column.key)]

    def _is_column_shown(self, column: str) -> bool:
        """Return whether there is room for a column; on narrow screens the kind of a line is hidden."""
        return column != "kind" or self.size.width >= ROOM_FOR_KIND

    # --- loading --------------------------------------------------------------------------------------------

    @property
    def this_month(self) -> str:
        """The current month."""
        return datetime.fromtimestamp(self.host.now_ms() / 1000, ZoneInfo(self.time_zone)).strftime("%Y-%m")

    @property
    def asked_month(self) -> str:
        """The month that the person selected."""
        return self._month or self.this_month

    def on_connected(self, connection: Connection) -> None:
        if self._saved is None:
            saved = self.load_preferences(connection)
            kind = saved.get_text(self.WORD, "type")
            self._selection = Selection(
                ServiceType(kind) if kind in list(ServiceType) else None, saved.get_text(self.WORD, "service") or None
            )
        self.lease_table(CONTRACTS, self._take_contracts)
        self._load_charges()

    def _take_contracts(self, body: dict[str, Any], etag: str) -> None:
        self._contracts = Contracts.model_validate(body).contracts
        before, self._etag = self._etag, etag
        if before not in (None, etag):
            self._load_charges()

    @work(exclusive=True, group="charges", exit_on_error=False)
    async def _load_charges(self) -> None:
        connection, selection, month = self.connection, self._selection, self.asked_month
        if connection is None:
            return
        self._ticks = 0
        try:
            charges = await connection.api.charges(month=month, type=selection.type, service=selection.service)
        except ClientError as error:
            self._failed = error
        else:
            self._failed = None
            self._shown = charges, selection, self.host.now_ms()
            self._source.show(rows_of(charges))
        self._draw_all()

    def on_tick(self) -> None:
        self._ticks += 1
        failed = self._failed is not None and not isinstance(self._failed, Refused) and not self.host.stale
        current = self._shown is not None and not self._shown[0].closed
        if (failed and self._ticks >= TRY_AGAIN_S) or (current and self._ticks >= RELOAD_AFTER_S):
            self._load_charges()

    # --- what is shown --------------------------------------------------------------------------------------

    def _draw_all(self) -> None:
        if not self.is_mounted:
            return
        heading, foot = self.query(StatusLine)
        grid = self.query_one(Grid)
        heading.say(self._heading_text())
        grid.empty = self._why_empty()
        grid.reload()
        if self._failed is not None:
            foot.say(self.host.error_sentence(self._failed), error=True)
        else:
            self._show_formula()
        self._draw_bars()
        self.refresh_lines()

    def _draw_bars(self) -> None:
        t, bars = self.t, []
        for entry in self._shown[0].history if self._shown is not None else []:
            note = "" if entry.closed or entry.total is None else t("to date")
            bars.append(Bar(entry.month[2:], entry.total, note, open=bool(note)))
        chart = self.query_one(MonthBars)
        chart.set_class(self.host.stale, "-stale")
        chart.show_bars(bars, {divisor: t(title) for divisor, title in CHART_TITLES.items()})

    def _heading_text(self) -> str:
        """Return the heading: month, closed or to date, selection and total."""
        t = self.t
        if self._shown is None:
            return t("Loading...") if self.connection is not None and self._failed is None else ""
        charges, selection, at = self._shown
        if charges.closed:
            month = t("{month} (closed)", month=charges.month)
        else:
            moment = time_of_day(at, charges.time_zone)[:5]
            month = t(
                "{month} (to date: up to {day}, {time})", month=charges.month, day=charges.through[5:], time=moment
            )
        total = [t("total {total} KRW", total=f"{charges.total:,}")] if charges.services else []
        return "   ".join([month, self._selection_text(selection), *total])

    def _selection_text(self, selection: Selection) -> str:
        t = self.t
        if selection.service is not None:
            shown = self._shown[0].services if self._shown is not None else []
            charged = next((service for service in shown if service.service == selection.service), None)
            if charged is not None:
                state = t("now: {state}", state=state_word(charged, t))
                return f"{charged.name} ({charged.service})  {state}"
            contract = next((contract for contract in self._contracts if contract.id == selection.service), None)
            if contract is not None:
                state = t("now: {state}", state=t(STATE_LABELS[contract.state]))
                return f"{contract.name} ({contract.id})  {state}"
            return selection.service
        if selection.type is not None:
            return t(TYPE_LABELS[selection.type])
        return t("Everything")

    def _why_empty(self) -> str:
        if self._shown is None:
            return ""
        return self.t("Nothing was under contract in {month}.", month=self._shown[0].month)

    def all_cells(self, row: ChargeRow) -> list[Cell]:
        """Return the cells of a row, in the order of `TITLES`."""
        t = self.t
        old: Tone = "stale" if self.host.stale else ""
        strong: Tone = old or "strong"
        if row.line is not None:
            line = row.line
            return [
                Cell("  " + item_word(line, t), old),
                Cell("" if line.item is None else t(KIND_LABELS[line.kind]), old),
                Cell(short_formula(line, t), old),
                Cell(str(line.days) if line.days else "", old),
                Cell(f"{line.amount:,}", old),
            ]
        amount = Cell(f"{row.amount:,}", strong)
        if row.service is None:
            return [Cell(t("Total"), strong), Cell(""), Cell(""), Cell(""), amount]
        about = f"{row.service.service}   {type_word(row.service, t)}"
        return [Cell(row.service.name, strong), Cell(""), Cell(about, old or "muted"), Cell(""), amount]

    def shown_cells(self, row: ChargeRow) -> list[Cell]:
        """Return the cells of a row, in the order of the columns on screen."""
        return [cell for name, cell in zip(TITLES, self.all_cells(row), strict=True) if self._is_column_shown(name)]

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        if self._failed is None:
            self._show_formula()
        self.refresh_lines()

    def _show_formula(self) -> None:
        """Show the full formula of the cursor's row, for which its column may be too narrow."""
        foot, row = list(self.query(StatusLine))[-1], self._chosen_row
        if row is None or row.line is None or row.service is None:
            foot.say(about_month(self._shown[0], self.t) if self._shown is not None else "")
        else:
            kind = "" if row.line.item is None else self.t(KIND_LABELS[row.line.kind]) + ": "
            foot.say(f"{row.service.name}   {item_word(row.line, self.t)}   {kind}{short_formula(row.line, self.t)}")

    @property
    def _chosen_row(self) -> ChargeRow | None:
        cursor = self.query_one(Grid).cursor
        at = None if cursor is None else self._source.places.get(cursor[0])
        return None if at is None else self._source.rows[at]

    # --- keys -----------------------------------------------------------------------------------------------

    @reason_for("charges.month_after")
    def month_after_reason(self) -> str | None:
        """Return why there is no next month to show, or None if there is one."""
        return self.t("There is no later month yet.") if self.asked_month >= self.this_month else None

    @reason_for("charges.month_before")
    def month_before_reason(self) -> str | None:
        """Return why there is no previous month to show, or None if there is one."""
        if self._shown is not None:
            first = self._shown[0].first or self.this_month
            if self.asked_month <= first:
                return self.t("Nothing was under contract before {month}.", month=first)
        return None

    @reason_for("charges.formula", "list.copy", "list.export")
    def no_rows_reason(self) -> str | None:
        """Return a sentence if there is no row to explain, copy or export, else None."""
        return None if self._source.rows else self.t("There are no rows.")

    def action_month_before(self) -> None:
        """Show the previous month."""
        self._move_months("charges.month_before", -1)

    def action_month_after(self) -> None:
        """Show the next month, up to the current one."""
        self._move_months("charges.month_after", 1)

    def _move_months(self, action: str, by: int) -> None:
        if self.is_enabled(action):
            month = month_after(self.asked_month, by)
            self._month = month if month < self.this_month else None
            self._load_charges()
            self.refresh_lines()

    @work(exclusive=True, group="select")
    async def action_select(self) -> None:
        """Choose all services, one type, or one service."""
        if not self.is_enabled("charges.select"):
            return
        t = self.t
        rows: dict[Selection, Sequence[str]] = {Selection(): (t("Everything"), "", "")}
        rows |= {Selection(type=kind): (t(label), t("Type"), "") for kind, label in TYPE_LABELS.items()}
        rows |= {
            Selection(service=contract.id): (contract.name, contract.id, t(STATE_LABELS[contract.state]))
            for contract in self._contracts
        }
        columns = [Column("name", t("Name"), 20, flex=1, most=40), Column("id", t("ID"), 14), Column("state", "", 10)]
        hint = t("Part of name or ID; initials work")
        dialog = SearchableChoice(t("Charges of what?"), hint, columns, rows, t, self._selection)
        selection = await self.app.push_screen_wait(dialog)
        if selection is not None:
            self._selection = selection
            self.save_preferences(type=self._selection.type or "", service=self._selection.service or "")
            self._load_charges()

    @on(Grid.Activated)
    def _grid_activated(self) -> None:
        self.action_formula()

    def action_formula(self) -> None:
        """Show the formula of the row under the cursor in sentences, and the rules behind it."""
        row, t = self._chosen_row, self.t
        if not self.is_enabled("charges.formula") or row is None or self._shown is None:
            return
        charges = self._shown[0]
        whose = t("Total") if row.service is None else f"{row.service.name} ({row.service.service})"
        if row.line is None:
            heading = [whose, charges.month]
            parts = charges.services if row.service is None else []
            lines = [f"{service.name} ({service.service}): {service.total:,}" for service in parts]
            if row.service is not None:
                lines = [
                    f"{item_word(line, t)}  {short_formula(line, t)} = {line.amount:,}" for line in row.service.lines
                ]
            lines.append(f"= {row.amount:,}")
        else:
            kind = [] if row.line.item is None else [t(KIND_LABELS[row.line.kind])]
            heading = [whose, item_word(row.line, t), *kind, charges.month]
            lines = formula_sentences(row.line, t)
            if row.line.days:
                lines.append(t("Days in force: {days}", days=row.line.days))
        explanation = [
            "",
            t("How octui reckons:"),
            *(f"- {rule}" for rule in rule_sentences(row.line, t)),
            "",
            about_month(charges, t),
        ]
        text = [part for line in (*lines, *explanation) for part in wrap_line(f" {line}")]
        self.app.push_screen(Report(["", " " + "   ".join(heading), ""], text))

    def table_shown(self) -> Table:
        """Return the table for export, with days and amounts as numbers; unknown ones are None."""
        rows: list[tuple[str | int | None, ...]] = []
        for row in self._source.rows:
            texts = [cell.text.strip() for cell in self.all_cells(row)]
            days = row.line.days if row.line is not None and row.line.days else None
            rows.append((*texts[:3], days, row.amount))
        parts = ["charges"]
        if self._shown is not None:
            charges, selection, _ = self._shown
            parts += filter(None, [charges.month, selection.type, selection.service])
        return Table("-".join(parts), [self.t(title) for title in TITLES.values()], rows)
