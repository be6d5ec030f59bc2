"""Dialog with the names in events that match no agent, and the agents proposed for them (rules.md 36)."""

from collections.abc import Awaitable, Callable, Mapping

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.schema.cti import Reason, UnmatchedName, UnmatchedNames
from octui.text.width import cell_width
from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.dialogs.exports import Table, export_table
from octui.ui.dialogs.searchable_choice import SearchableChoice
from octui.ui.locale import N_, Words
from octui.ui.sentences import error_sentence
from octui.ui.widgets.columns import Cell, Column, ListSource
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import heading_lines
from octui.ui.words.times import date_and_time

Fetch = Callable[[], Awaitable[UnmatchedNames]]
Take = Callable[[str, str], Awaitable[str | None]]
"""Gives a name to an account; returns why not, or None when it is saved."""

TITLES = {
    "name": N_("Name in the events"),
    "count": N_("Events"),
    "last": N_("Last"),
    "agent": N_("Proposed"),
    "reason": N_("Because"),
}
REASONS: dict[Reason, str] = {
    Reason.CHANNEL: N_("its calls went to a channel of theirs"),
    Reason.CALL: N_("one name answered the call, the other ended it"),
    Reason.PAUSE: N_("paused in the same second as in all queues"),
    Reason.SECOND: N_("in the same second in the same queue"),
    Reason.NAME: N_("it is their name or nickname, nobody else's"),
    Reason.QUEUE: N_("they alone were in the queue at its calls"),
}


class UnmatchedNamesDialog(Dialog[None]):
    """A window with unmatched names, most frequent first: Enter accepts the proposal, F2 chooses an agent."""

    BINDINGS = bindings("names.choose", "list.export")
    KEYS = (("Enter", N_("Take proposal")), ("F2", N_("Choose agent")), ("F9", N_("Export")), CLOSE)

    def __init__(self, fetch: Fetch, take: Take, agents: Mapping[str, str], t: Words) -> None:
        """Create the window; `agents`: names of the agents to choose from, by account."""
        super().__init__()
        self._fetch, self._take, self._agents, self.t = fetch, take, agents, t
        self._zone = "UTC"
        self._names: ListSource[UnmatchedName] = ListSource(lambda row: row.name, self._cells_of)
        self._status = StatusLine()

    def compose_body(self) -> Vertical:
        titles = {key: self.t(title) for key, title in TITLES.items()}
        columns = [
            Column("name", titles["name"], max(18, cell_width(titles["name"])), flex=2, most=60),
            Column("count", titles["count"], max(7, cell_width(titles["count"])), align="right"),
            Column("last", titles["last"], 16, priority=2),
            Column("agent", titles["agent"], 18, flex=1, most=40),
            Column("reason", titles["reason"], 20, flex=2, most=60, priority=1),
        ]
        heading = heading_lines([" " + self.t("Names that match nobody")])
        return Vertical(heading, Grid(columns, self._names), self._status, classes="look-up unmatched")

    def initial_focus(self) -> Widget:
        return self.query_one(Grid)

    def _cells_of(self, row: UnmatchedName) -> list[Cell]:
        agent = f"{row.name_of} ({row.account})" if row.account is not None else "-"
        reason = self.t(REASONS[row.reason]) if row.reason is not None else ""
        last = date_and_time(row.last_at, self._zone)[:16]
        return [Cell(row.name), Cell(f"{row.count:,}"), Cell(last), Cell(agent), Cell(reason, "muted")]

    def on_mount(self) -> None:
        self._load_names()

    @work(exclusive=True, group="look-up")
    async def _load_names(self) -> None:
        try:
            answer = await self._fetch()
        except ClientError as error:
            self._status.say(error_sentence(error, self.t), error=True)
            return
        self._zone = answer.time_zone
        self._names.set_rows(answer.names)
        grid = self.query_one(Grid)
        grid.empty = self.t("Every name in the events matches an agent.")
        grid.reload()
        self._show_reason()

    @on(Grid.CursorMoved)
    def _show_reason(self) -> None:
        """Show the full reason for the proposal in the cursor's row."""
        row, t = self._row_at_cursor(), self.t
        if row is None:
            self._status.say("")
        elif row.reason is None:
            self._status.say(t("Nothing in the log suggests one agent: F2 chooses."))
        else:
            self._status.say(f"{row.name_of} ({row.account}): {t(REASONS[row.reason])}")

    def _row_at_cursor(self) -> UnmatchedName | None:
        cursor = self.query_one(Grid).cursor
        return None if cursor is None else self._names.row_of(cursor[0])

    @on(Grid.Activated)
    def _take_proposal(self) -> None:
        row = self._row_at_cursor()
        if row is not None and row.account is not None:
            self._give_name(row.name, row.account)
        elif row is not None:
            self.action_choose_agent()

    @work(exclusive=True, group="choose")
    async def action_choose_agent(self) -> None:
        """Choose the agent to whom the name belongs."""
        row, t = self._row_at_cursor(), self.t
        if row is None:
            return
        columns = [Column("name", t("Name"), 16, flex=1, most=40), Column("account", t("ID"), 14, flex=1, most=30)]
        rows = {account: (name, account) for account, name in self._agents.items()}
        heading = t("Whose name is {name}?", name=row.name)
        hint = t("Part of name or ID; initials work")
        account = await self.app.push_screen_wait(SearchableChoice(heading, hint, columns, rows, t, row.account))
        if account is not None:
            self._give_name(row.name, account)

    @work(exclusive=True, group="take")
    async def _give_name(self, name: str, account: str) -> None:
        refusal = await self._take(name, account)
        if refusal is not None:
            self._status.say(refusal, error=True)
            return
        agent = f"{self._agents.get(account, account)} ({account})"
        self.host.show_message(self.t("{name} is {agent} now; take in the same file again.", name=name, agent=agent))
        self._load_names()

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Write the shown list to a file, in the format that the person chooses."""
        titles = [self.t(title) for title in TITLES.values()]
        rows = [[cell.text for cell in self._cells_of(row)] for row in self._names.rows]
        await export_table(self.host, self.host.show_message, Table("names", titles, rows))

    def action_close(self) -> None:
        """Close the window."""
        self.dismiss(None)
