"""Base of the screens with a table: search line, copying, export."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual import on, work

from octui.client.errors import ClientError
from octui.ui.dialogs.exports import Table, export_table
from octui.ui.menu_screen import MenuScreen
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine


class TableScreen(MenuScreen):
    """A screen with one `Grid`, and in most cases a `SearchLine`."""

    def __init__(self) -> None:
        super().__init__()
        self._exporting = False

    def lease_table(self, topic: str, callback: Callable[[dict[str, Any], str], None]) -> None:
        """Call `callback(body, etag)` at each change of the table's topic; show a sentence if the right is lost."""

        def take(topic: str, body: dict[str, Any] | None, etag: str) -> None:
            if body is None:
                self.say(self.t("This table may not be read any more."), error=True)
            else:
                callback(body, etag)

        self.lease_topic(topic, take)

    async def send_change(self, request: Awaitable[object]) -> None:
        """Send a change that the server records in the log, and show whether it was saved."""
        try:
            await request
        except ClientError as error:
            self.say_error(error)
        else:
            self.say(self.t("Saved, and recorded in the change log."))

    def table_shown(self) -> Table:
        """Return the table for export exactly as it is shown."""
        raise NotImplementedError

    @on(SearchLine.Left)
    def _left_search(self) -> None:
        self.query_one(Grid).focus()

    def action_search(self) -> None:
        """Focus the search line at once, where Textual's `focus` would do so only later."""
        self.set_focus(self.query_one(SearchLine))

    @on(Grid.Copied)
    def _grid_copied(self, event: Grid.Copied) -> None:
        self.host.copy_text(event.text)

    def action_copy(self) -> None:
        """Copy the selected cells, or the cursor's cell."""
        if self.is_enabled("list.copy"):
            self.host.copy_text(self.query_one(Grid).block_text())

    @work(group="export")
    async def action_export(self) -> None:
        """Write the shown rows and columns to a file, in the format that the person chooses."""
        if self._exporting:
            self.say(self.t("An export is under way."), error=True)
        elif self.is_enabled("list.export"):
            self._exporting = True
            try:
                await self.export_rows()
            finally:
                self._exporting = False

    async def export_rows(self) -> None:
        """Ask for the file format and write the shown rows."""
        await export_table(self.host, self.say, self.table_shown())
