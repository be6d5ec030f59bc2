"""Which days of the CTI log: from the days that have events, or typed (rules.md 21)."""

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
from octui.ui.dialogs.report import Lines
from octui.ui.locale import N_, Words
from octui.ui.sentences import sentence
from octui.ui.times import date_and_time
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.fields import Field, Fields
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine

WIDTH = 60
_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Log:
    """What there is to load: the days that have events, and whether new ones are recorded."""

    days: CtiLogDays
    monitoring: bool


@dataclass(frozen=True)
class Days:
    """What was chosen: first and last day (YYYY-MM-DD)."""

    first: str
    last: str


class _Days:
    """The grid's source, the newest day first."""

    def __init__(self) -> None:
        self.days: list[CtiLogDay] = []

    def count(self) -> int:
        return len(self.days)

    def key_at(self, index: int) -> Key | None:
        return self.days[index].day if 0 <= index < len(self.days) else None

    def index_of(self, key: Key) -> int | None:
        return next((i for i, one in enumerate(self.days) if one.day == key), None)

    def cells(self, key: Key) -> list[Cell] | None:
        at = self.index_of(key)
        return None if at is None else [Cell(self.days[at].day), Cell(f"{self.days[at].count:,}")]


def day_of(text: str) -> str | None:
    """A day as it is typed, in wide digits too; None where it is none."""
    text = unicodedata.normalize("NFKC", text).strip()
    try:
        return date.fromisoformat(text).isoformat() if _WRITTEN.fullmatch(text) else None
    except ValueError:
        return None


class CtiLogDialog(Dialog[Days | None]):
    """Answers the days chosen, or None when it was closed."""

    BINDINGS = bindings("dialog.send")
    KEYS = (("^S", N_("Download")), ("Tab", N_("Next")), ("Shift+Down", N_("Several days")), CLOSE)

    def __init__(self, fetch: Callable[[], Awaitable[Log]], now: int, zone: str, t: Words) -> None:
        """`now` (epoch ms) in `zone`: the day that is proposed."""
        super().__init__()
        self._fetch, self.t = fetch, t
        self._today = date_and_time(now, zone)[:10]
        self._source = _Days()
        self._log: Log | None = None
        self._heading = Lines([" " + t("CTI log download")])
        self.status = StatusLine()

    def body(self) -> Vertical:
        t = self.t
        self._heading.can_focus = False
        self._heading.add_class("heading")
        self._heading.styles.height = 1
        form = t("a day is written YYYY-MM-DD")
        self.fields = Fields(
            [
                Field("first", t("From day"), self._today, hint="YYYY-MM-DD", wrong=form),
                Field("last", t("To day"), self._today, hint="YYYY-MM-DD", wrong=form),
            ],
            leaves=True,
        )
        columns = [Column("day", t("Days with events"), 24, flex=1), Column("count", t("Events"), 12, align="right")]
        box = Vertical(self._heading, self.fields, Grid(columns, self._source), self.status, classes="days form")
        box.styles.width = WIDTH
        return box

    def first(self) -> Widget:
        return self.fields.first

    def on_mount(self) -> None:
        self._load()

    @work(exclusive=True, group="look-up")
    async def _load(self) -> None:
        t = self.t
        self.status.say(t("One moment..."))
        try:
            self._log = await self._fetch()
        except ClientError as error:
            self.status.say(sentence(error, t), error=True)
            return
        if not self._log.monitoring:
            off = wrap_text(t("Monitoring is off: nothing new is recorded. What is there can be loaded."), WIDTH - 4)
            self._heading.add([f" {line.strip()}" for line in off])
            self._heading.styles.height = 1 + len(off)
        self._source.days = self._log.days.days
        grid = self.query_one(Grid)
        grid.empty = t("There are no events yet.")
        grid.reload()
        self._say()

    # --- choosing -------------------------------------------------------------------------------------------

    @on(Grid.CursorMoved)
    def _moved(self) -> None:
        """The day under the cursor, or all days of the block, are chosen."""
        grid = self.query_one(Grid)
        if not grid.has_focus:
            return
        block, days = grid.block, self._source.days
        self.fields.problems({})
        self.fields.put({"first": days[block.bottom].day, "last": days[block.top].day})

    @on(Grid.Activated)
    def _activated(self) -> None:
        self._moved()
        self.action_send()

    @on(Fields.Changed)
    def _typed(self) -> None:
        self._say()

    def _wrong(self) -> dict[str, str]:
        """What is wrong with the days typed, by line."""
        t, values = self.t, self.fields.values
        days = {name: day_of(text) for name, text in values.items()}
        wrong = {name: self.fields.wrong_form(name) for name, day in days.items() if day is None}
        first, last = days["first"], days["last"]
        if first is not None and last is not None and first > last:
            wrong["last"] = t("is before the first day")
        return wrong

    def _count(self) -> int:
        first, last = day_of(self.fields.values["first"]), day_of(self.fields.values["last"])
        if first is None or last is None:
            return 0
        return sum(one.count for one in self._source.days if first <= one.day <= last)

    def _say(self) -> None:
        if self._log is not None:
            text = "" if self._wrong() else self.t("{count} events", count=f"{self._count():,}")
            self.status.say(text)

    @on(Fields.Sent)
    def _sent(self) -> None:
        self.action_send()

    @work(exclusive=True, group="send")
    async def action_send(self) -> None:
        """Choose these days."""
        await self.fields.settled()
        wrong, t = self._wrong(), self.t
        self.fields.problems(wrong)
        first, last = day_of(self.fields.values["first"]), day_of(self.fields.values["last"])
        if wrong or self._log is None or first is None or last is None:
            return
        if not self._count():
            self.status.say(t("There are no events on these days."), error=True)
            return
        self.dismiss(Days(first, last))

    def action_close(self) -> None:
        """Nothing is loaded."""
        self.dismiss(None)
