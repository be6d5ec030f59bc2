"""Dialog for the days of the CTI log to download, chosen from a list or typed (rules.md 21)."""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.schema.cti import CtiLogDay, CtiLogDays
from octui.text.width import wrap_text
from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_, Words
from octui.ui.sentences import error_sentence
from octui.ui.widgets.columns import Cell, Column, ListSource
from octui.ui.widgets.fields import Field, Fields
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import heading_lines
from octui.ui.words.times import date_and_time

WIDTH = 60
_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class AvailableDays:
    """The days for which the CTI log has events, and whether new events are recorded."""

    days: CtiLogDays
    monitoring: bool


@dataclass(frozen=True)
class Days:
    """First and last day of a download (YYYY-MM-DD)."""

    first: str
    last: str


def parse_day(text: str) -> str | None:
    """Return a typed day as YYYY-MM-DD, full-width digits included, or None."""
    text = unicodedata.normalize("NFKC", text).strip()
    try:
        return date.fromisoformat(text).isoformat() if _WRITTEN.fullmatch(text) else None
    except ValueError:
        return None


class CtiLogDaysDialog(Dialog[Days | None]):
    """A window with two typed days above the list of days with events. Returns the days, or None when it was closed."""

    BINDINGS = bindings("dialog.send")
    KEYS = (("^S", N_("Download")), ("Tab", N_("Next")), ("Shift+Down", N_("Several days")), CLOSE)

    def __init__(self, fetch: Callable[[], Awaitable[AvailableDays]], now: int, zone: str, t: Words) -> None:
        """Create the window; the day of `now` (epoch ms) in `zone` is proposed."""
        super().__init__()
        self._fetch, self.t = fetch, t
        self._today = date_and_time(now, zone)[:10]
        self._rows: ListSource[CtiLogDay] = ListSource(lambda day: day.day, _day_cells)
        self._available: AvailableDays | None = None
        self._heading = heading_lines([" " + t("CTI log download")])
        self.status = StatusLine()

    def compose_body(self) -> Vertical:
        t = self.t
        form = t("a day is written YYYY-MM-DD")
        self.fields = Fields(
            [
                Field("first", t("From day"), self._today, hint="YYYY-MM-DD", wrong=form),
                Field("last", t("To day"), self._today, hint="YYYY-MM-DD", wrong=form),
            ],
            leaves=True,
        )
        columns = [Column("day", t("Days with events"), 24, flex=1), Column("count", t("Events"), 12, align="right")]
        box = Vertical(self._heading, self.fields, Grid(columns, self._rows), self.status, classes="days form")
        box.styles.width = WIDTH
        return box

    def initial_focus(self) -> Widget:
        return self.fields.first_line

    def on_mount(self) -> None:
        self._load_days()

    @work(exclusive=True, group="look-up")
    async def _load_days(self) -> None:
        t = self.t
        self.status.say(t("One moment..."))
        try:
            self._available = await self._fetch()
        except ClientError as error:
            self.status.say(error_sentence(error, t), error=True)
            return
        if not self._available.monitoring:
            off = wrap_text(t("Monitoring is off: nothing new is recorded. What is there can be loaded."), WIDTH - 4)
            self._heading.add([f" {line.strip()}" for line in off])
            self._heading.styles.height = 1 + len(off)
        self._rows.set_rows(self._available.days.days)
        grid = self.query_one(Grid)
        grid.empty = t("There are no events yet.")
        grid.reload()
        self._show_count()

    # --- choosing -------------------------------------------------------------------------------------------

    @on(Grid.CursorMoved)
    def _choose_block(self) -> None:
        """Put the day under the cursor, or the selected days, into the two typed lines."""
        grid = self.query_one(Grid)
        if grid.has_focus:
            block, days = grid.block, self._rows.rows
            self.fields.show_problems({})
            self.fields.set_values({"first": days[block.bottom].day, "last": days[block.top].day})

    @on(Grid.Activated)
    def _send_activated(self) -> None:
        self._choose_block()
        self.action_send()

    def _typed_days(self) -> tuple[str | None, str | None]:
        values = self.fields.values
        return parse_day(values["first"]), parse_day(values["last"])

    def _day_problems(self) -> dict[str, str]:
        """Return the faults of the typed days, by line."""
        first, last = self._typed_days()
        days = {"first": first, "last": last}
        problems = {name: self.fields.wrong_form(name) for name, day in days.items() if day is None}
        if first is not None and last is not None and first > last:
            problems["last"] = self.t("is before the first day")
        return problems

    def _event_count(self) -> int:
        first, last = self._typed_days()
        if first is None or last is None:
            return 0
        return sum(day.count for day in self._rows.rows if first <= day.day <= last)

    @on(Fields.Changed)
    def _show_count(self) -> None:
        if self._available is not None:
            count = f"{self._event_count():,}"
            self.status.say("" if self._day_problems() else self.t("{count} events", count=count))

    @on(Fields.Sent)
    def _send_fields(self) -> None:
        self.action_send()

    @work(exclusive=True, group="send")
    async def action_send(self) -> None:
        """Close the window and return the typed days, if they are valid."""
        await self.fields.flush_keys()
        problems = self._day_problems()
        self.fields.show_problems(problems)
        first, last = self._typed_days()
        if problems or self._available is None or first is None or last is None:
            return
        if not self._event_count():
            self.status.say(self.t("There are no events on these days."), error=True)
            return
        self.dismiss(Days(first, last))

    def action_close(self) -> None:
        """Close the window without choosing."""
        self.dismiss(None)


def _day_cells(day: CtiLogDay) -> list[Cell]:
    return [Cell(day.day), Cell(f"{day.count:,}")]
