"""Dialog that shows unsaved changes, before → after, for confirmation."""

from collections.abc import Sequence

from textual import events
from textual.containers import Vertical
from textual.widget import Widget

from octui.text.width import cell_width
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_
from octui.ui.widgets.text_lines import TextLines, heading_lines


class Differences(Dialog[bool]):
    """A window with unsaved changes, before → after. Returns True for Enter (save), False for Esc."""

    KEYS = (("Enter", N_("Save")), CLOSE)

    def __init__(self, heading: str, lines: Sequence[str], keys: str) -> None:
        """Create the window; `keys` is its last line, which explains Enter and Esc."""
        super().__init__()
        self._heading, self._keys = heading, keys
        self.lines = TextLines(lines)
        self._count = len(lines)
        self._widest = max(cell_width(line) for line in (heading, keys, *lines))

    def compose_body(self) -> Vertical:
        heading, keys = heading_lines([f" {self._heading}", ""]), heading_lines(["", f" {self._keys}"])
        box = Vertical(heading, self.lines, keys, classes="differences")
        box.styles.width = max(44, self._widest + 5)
        box.styles.height = self._count + 6
        return box

    def initial_focus(self) -> Widget:
        return self.lines

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            self.dismiss(True)

    def action_close(self) -> None:
        """Go back without saving."""
        self.dismiss(False)
