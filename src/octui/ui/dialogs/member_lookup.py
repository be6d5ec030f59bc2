"""Dialog for finding a member by part of name, account or e-mail."""

from textual import events, on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.api import Api
from octui.client.errors import ClientError
from octui.schema.members import Member
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_, Words
from octui.ui.sentences import error_sentence
from octui.ui.widgets.columns import Cell, Column, ListSource
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.text_lines import heading_lines

MOST_MATCHES = 50


class MemberLookup(Dialog[Member | None]):
    """A window with a search line and the members found. Returns the chosen member, or None when it was closed."""

    KEYS = (("Enter", N_("Choose")), CLOSE)

    def __init__(self, heading: str, api: Api, t: Words) -> None:
        super().__init__()
        self._heading, self._api, self._t = heading, api, t
        self._members: ListSource[Member] = ListSource(lambda member: member.account, _member_cells)

    def compose_body(self) -> Vertical:
        t = self._t
        columns = [
            Column("account", t("ID"), 14, flex=1),
            Column("name", t("Name"), 10, flex=1),
            Column("email", t("E-mail"), 20, flex=2, priority=1),
        ]
        return Vertical(
            heading_lines([f" {self._heading}"]),
            SearchLine(t("Part of name, ID or e-mail; initials work")),
            Grid(columns, self._members),
            classes="look-up",
        )

    def initial_focus(self) -> Widget:
        return self.query_one(SearchLine)

    @on(SearchLine.Asked)
    @work(exclusive=True, group="look-up")
    async def _search_members(self, event: SearchLine.Asked) -> None:
        t, grid = self._t, self.query_one(Grid)
        members: list[Member] = []
        grid.empty = ""
        if event.text.strip():
            grid.empty = t("Nobody was found.")
            try:
                members = (await self._api.members(query=event.text.strip(), limit=MOST_MATCHES)).members
            except ClientError as error:
                grid.empty = error_sentence(error, t)
        self._members.set_rows(members)
        grid.reload()

    @on(SearchLine.Left)
    def _focus_grid(self) -> None:
        self.query_one(Grid).focus()

    @on(Grid.Activated)
    def _choose_row(self, event: Grid.Activated) -> None:
        member = self._members.row_of(event.key)
        if member is not None:
            self.dismiss(member)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+g"):
            event.stop()
            self.action_close()

    def action_close(self) -> None:
        """Close the window without a choice."""
        self.dismiss(None)


def _member_cells(member: Member) -> list[Cell]:
    return [Cell(member.account), Cell(member.name), Cell(member.email)]
