"""Dialog with the sessions and tokens of the signed-in person, each of which can be ended."""

from collections.abc import Awaitable, Callable

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.schema.sessions import Kind, Session
from octui.text.width import cell_width
from octui.ui.actions import bindings
from octui.ui.dialogs.choice import confirm
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.dialogs.exports import Table, export_table
from octui.ui.locale import N_, Words
from octui.ui.sentences import error_sentence
from octui.ui.widgets.columns import Cell, Column, ListSource
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import heading_lines
from octui.ui.words.times import date_and_time

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


class SessionsDialog(Dialog[None]):
    """A window with a person's sessions, the latest used first; Del ends a session after a confirmation."""

    BINDINGS = bindings("sessions.end", "list.export")
    KEYS = (("Del", N_("End")), ("F9", N_("Export")), CLOSE)

    def __init__(self, fetch: Fetch, end: End, t: Words, zone: str) -> None:
        """Create the window; `zone` is the time zone of the times shown."""
        super().__init__()
        self._fetch, self._end, self.t, self._zone = fetch, end, t, zone
        self._sessions: ListSource[Session] = ListSource(lambda session: session.id, self._cells_of)

    def compose_body(self) -> Vertical:
        t = self.t
        heading = heading_lines([" " + t("Sessions")])
        titles = {name: t(title) for name, title in TITLES.items()}
        columns = [
            Column("device", titles["device"], 12, flex=1),
            Column("ip", titles["ip"], 15, flex=1, most=39),
            Column("used", titles["used"], 11),
            Column("expires", titles["expires"], 11, priority=2),
            Column("kind", titles["kind"], max(10, cell_width(titles["kind"])), priority=1),
            Column("note", "", 9),
        ]
        return Vertical(heading, Grid(columns, self._sessions), StatusLine(), classes="look-up")

    def initial_focus(self) -> Widget:
        return self.query_one(Grid)

    def _cells_of(self, session: Session) -> list[Cell]:
        t = self.t
        used, ends = (date_and_time(moment, self._zone)[5:16] for moment in (session.last_used, session.expires))
        texts = [session.device or "-", session.ip, used, ends, t(KINDS[session.kind])]
        return [*map(Cell, texts), Cell(t("this one") if session.current else "")]

    def on_mount(self) -> None:
        self._load_sessions()

    @work(exclusive=True, group="sessions")
    async def _load_sessions(self) -> None:
        line = self.query_one(StatusLine)
        try:
            self._sessions.set_rows(await self._fetch())
        except ClientError as error:
            line.say(error_sentence(error, self.t), error=True)
            return
        self.query_one(Grid).reload()
        line.say(self.t("{count} open", count=self._sessions.row_count()))

    @on(Grid.Activated)
    def _end_activated(self) -> None:
        self.action_end()

    @work(exclusive=True, group="end")
    async def action_end(self) -> None:
        """End the session under the cursor, after a confirmation."""
        t, cursor, line = self.t, self.query_one(Grid).cursor, self.query_one(StatusLine)
        session = None if cursor is None else self._sessions.row_of(cursor[0])
        if session is None:
            return
        if session.current:
            line.say(t("This is the session you are in: sign out in the account menu."), error=True)
            return
        if not await confirm(self.host, t("End the session of {device}?", device=session.device or session.ip)):
            return
        try:
            await self._end(session.id)
        except ClientError as error:
            line.say(error_sentence(error, t), error=True)
            return
        self._load_sessions()

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Write the shown list to a file, in the format that the person chooses."""
        titles = [self.t(title) for title in TITLES.values()]
        rows = [[cell.text for cell in self._cells_of(session)] for session in self._sessions.rows]
        await export_table(self.host, self.host.show_message, Table("sessions", titles, rows))

    def action_close(self) -> None:
        """Close the window."""
        self.dismiss(None)
