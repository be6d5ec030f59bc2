"""One's own sessions and tokens: where one is signed in, and ending what should not be."""

from collections.abc import Awaitable, Callable

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.schema.sessions import Kind, Session
from octui.text.width import cell_width
from octui.ui.actions import bindings
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.dialogs.report import Lines
from octui.ui.exports import Table, export_table
from octui.ui.locale import N_, Words
from octui.ui.sentences import sentence
from octui.ui.times import date_and_time
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine

Fetch = Callable[[], Awaitable[list[Session]]]
End = Callable[[str], Awaitable[None]]
KINDS: dict[Kind, str] = {Kind.SESSION: N_("password"), Kind.TOKEN: N_("token")}


TITLES = {
    "device": N_("Device"),
    "ip": N_("IP"),
    "used": N_("Last used"),
    "expires": N_("Ends"),
    "kind": N_("Signed in by"),
    "note": N_("Note"),
}


class _Open:
    """The grid's source."""

    def __init__(self, t: Words, zone: str) -> None:
        self.sessions: list[Session] = []
        self.t, self._zone = t, zone

    def count(self) -> int:
        return len(self.sessions)

    def key_at(self, index: int) -> Key | None:
        return self.sessions[index].id if 0 <= index < len(self.sessions) else None

    def index_of(self, key: Key) -> int | None:
        return next((i for i, one in enumerate(self.sessions) if one.id == key), None)

    def cells(self, key: Key) -> list[Cell] | None:
        at = self.index_of(key)
        if at is None:
            return None
        one, t = self.sessions[at], self.t
        used, ends = (date_and_time(moment, self._zone)[5:16] for moment in (one.last_used, one.expires))
        note = t("this one") if one.current else ""
        return [Cell(one.device or "-"), Cell(one.ip), Cell(used), Cell(ends), Cell(t(KINDS[one.kind])), Cell(note)]


class SessionsDialog(Dialog[None]):
    """The list, the latest used first; Del ends one, after asking."""

    BINDINGS = bindings("sessions.end", "list.export")
    KEYS = (("Del", N_("End")), ("F9", N_("Export")), CLOSE)

    def __init__(self, fetch: Fetch, end: End, t: Words, zone: str) -> None:
        """`zone`: the time zone of the times shown."""
        super().__init__()
        self._fetch, self._end, self.t = fetch, end, t
        self._source = _Open(t, zone)

    def body(self) -> Vertical:
        t = self.t
        heading = Lines([" " + t("Sessions")])
        heading.can_focus = False
        heading.add_class("heading")
        heading.styles.height = 1
        titles = {name: t(title) for name, title in TITLES.items()}
        columns = [
            Column("device", titles["device"], 12, flex=1),
            Column("ip", titles["ip"], 15, flex=1, most=39),
            Column("used", titles["used"], 11),
            Column("expires", titles["expires"], 11, priority=2),
            Column("kind", titles["kind"], max(10, cell_width(titles["kind"])), priority=1),
            Column("note", "", 9),
        ]
        return Vertical(heading, Grid(columns, self._source), StatusLine(), classes="look-up")

    def first(self) -> Widget:
        return self.query_one(Grid)

    def on_mount(self) -> None:
        self._load()

    @work(exclusive=True, group="sessions")
    async def _load(self) -> None:
        line = self.query_one(StatusLine)
        try:
            self._source.sessions = await self._fetch()
        except ClientError as error:
            line.say(sentence(error, self.t), error=True)
            return
        self.query_one(Grid).reload()
        line.say(self.t("{count} open", count=len(self._source.sessions)))

    @on(Grid.Activated)
    def _activated(self) -> None:
        self.action_end()

    @work(exclusive=True, group="end")
    async def action_end(self) -> None:
        """End the session under the cursor, after asking."""
        t, cursor = self.t, self.query_one(Grid).cursor
        at = None if cursor is None else self._source.index_of(cursor[0])
        if at is None:
            return
        one, line = self._source.sessions[at], self.query_one(StatusLine)
        if one.current:
            line.say(t("This is the session you are in: sign out in the account menu."), error=True)
            return
        question = t("End the session of {device}?", device=one.device or one.ip)
        if await self.app.push_screen_wait(Choice(question, [Option(t("No")), Option(t("Yes"))])) != 1:
            return
        try:
            await self._end(one.id)
        except ClientError as error:
            line.say(sentence(error, t), error=True)
            return
        self._load()

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """The list as it is shown into a file of the kind chosen."""
        source, titles = self._source, [self.t(title) for title in TITLES.values()]
        rows = [[cell.text for cell in source.cells(one.id) or ()] for one in source.sessions]
        await export_table(self.octui, self.octui.say_here, Table("sessions", titles, rows))

    def action_close(self) -> None:
        """Close the window."""
        self.dismiss(None)
