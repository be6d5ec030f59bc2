"""Look a member up by part of name, account or e-mail, and choose one."""

from collections.abc import Awaitable, Callable

from textual import events, on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.schema.members import Member
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.dialogs.report import Lines
from octui.ui.locale import N_, Words
from octui.ui.sentences import sentence
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine

Find = Callable[[str], Awaitable[list[Member]]]


class _Found:
    def __init__(self) -> None:
        self.members: list[Member] = []

    def count(self) -> int:
        return len(self.members)

    def key_at(self, index: int) -> Key | None:
        return self.members[index].account if 0 <= index < len(self.members) else None

    def index_of(self, key: Key) -> int | None:
        return next((i for i, member in enumerate(self.members) if member.account == key), None)

    def cells(self, key: Key) -> list[Cell] | None:
        at = self.index_of(key)
        if at is None:
            return None
        member = self.members[at]
        return [Cell(member.account), Cell(member.name), Cell(member.email)]


class LookUp(Dialog[Member | None]):
    """Answers the member chosen, or None when it was closed."""

    KEYS = (("Enter", N_("Choose")), CLOSE)

    def __init__(self, heading: str, find: Find, t: Words) -> None:
        super().__init__()
        self._heading, self._find, self._t = heading, find, t
        self._found = _Found()

    def body(self) -> Vertical:
        t = self._t
        heading = Lines([f" {self._heading}"])
        heading.can_focus = False
        heading.add_class("heading")
        heading.styles.height = 1
        columns = [
            Column("account", t("ID"), 14, flex=1),
            Column("name", t("Name"), 10, flex=1),
            Column("email", t("E-mail"), 20, flex=2, priority=1),
        ]
        return Vertical(
            heading,
            SearchLine(t("Part of name, ID or e-mail; initials work")),
            Grid(columns, self._found),
            classes="look-up",
        )

    def first(self) -> Widget:
        return self.query_one(SearchLine)

    @on(SearchLine.Asked)
    @work(exclusive=True, group="look-up")
    async def _asked(self, event: SearchLine.Asked) -> None:
        t, grid = self._t, self.query_one(Grid)
        found: list[Member] = []
        grid.empty = ""
        if event.text.strip():
            grid.empty = t("Nobody was found.")
            try:
                found = await self._find(event.text.strip())
            except ClientError as error:
                grid.empty = sentence(error, t)
        self._found.members = found
        grid.reload()

    @on(SearchLine.Left)
    def _left(self) -> None:
        self.query_one(Grid).focus()

    @on(Grid.Activated)
    def _chosen(self, event: Grid.Activated) -> None:
        at = self._found.index_of(event.key)
        if at is not None:
            self.dismiss(self._found.members[at])

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+g"):
            event.stop()
            self.action_close()

    def action_close(self) -> None:
        """Nobody was chosen."""
        self.dismiss(None)
