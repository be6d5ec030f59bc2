"""What is about to be saved, before → after: Enter saves, Esc goes back."""

from collections.abc import Sequence

from textual import events
from textual.containers import Vertical
from textual.widget import Widget

from octui.text.width import cell_width
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.dialogs.report import Lines
from octui.ui.locale import N_


class Differences(Dialog[bool]):
    """Answers whether to save."""

    KEYS = (("Enter", N_("Save")), CLOSE)

    def __init__(self, heading: str, lines: Sequence[str], keys: str) -> None:
        """`keys`: the last line, which says what Enter and Esc do."""
        super().__init__()
        self._heading, self._keys = heading, keys
        self.lines = Lines(lines)
        self._count = len(lines)
        self._widest = max(cell_width(line) for line in (heading, keys, *lines))

    def body(self) -> Vertical:
        heading, keys = Lines([f" {self._heading}", ""]), Lines(["", f" {self._keys}"])
        for part in (heading, keys):
            part.can_focus = False
            part.add_class("heading")
            part.styles.height = 2
        box = Vertical(heading, self.lines, keys, classes="differences")
        box.styles.width = max(44, self._widest + 5)
        box.styles.height = self._count + 6
        return box

    def first(self) -> Widget:
        return self.lines

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            self.dismiss(True)

    def action_close(self) -> None:
        """Do not save."""
        self.dismiss(False)
