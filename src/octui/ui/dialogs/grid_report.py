"""Base of windows with a table to read, copy and export, such as intervals."""

from octui.ui.dialogs.dialog import Dialog
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.grid_messages import Copied


class GridReport(Dialog[None]):
    """A window with one grid, which is copied as a whole unless a block of cells is selected."""

    def on_grid_copied(self, event: Copied) -> None:
        """Copy the selected cells or, without a selection, the whole window."""
        block = self.query_one(Grid).block
        if (block.top, block.left) == (block.bottom, block.right):
            event.prevent_default()
            self.action_copy()

    def action_copy(self) -> None:
        """Copy the whole window as text."""
        raise NotImplementedError

    def action_help(self) -> None:
        """Show what every key of this window does."""
        self.host.action_help()

    def action_close(self) -> None:
        """Close the window."""
        self.dismiss(None)
