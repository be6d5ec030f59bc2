"""Windows with lines to read and scroll: details, formulas, the keys of a screen."""

from collections.abc import Sequence
from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from octui.text.tsv import format_block
from octui.text.width import cell_width
from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_
from octui.ui.widgets.text_lines import TextLines, heading_lines, wrap_line


class Report(Dialog[None]):
    """A window of lines with a heading; Esc or Enter closes it, Ctrl+C copies all of it."""

    BINDINGS = [*bindings("list.copy"), ("enter", "close", "")]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("^C", N_("Copy")), CLOSE)

    def __init__(self, heading: Sequence[str], lines: Sequence[str]) -> None:
        super().__init__()
        self._heading = [part for line in heading for part in wrap_line(line)]
        self.lines = TextLines(lines)
        self._all = [*self._heading, *lines]
        self._count = len(lines)
        self._widest = max((cell_width(line) for line in (*self._heading, *lines)), default=20)

    def compose_body(self) -> Vertical:
        box = Vertical(heading_lines(self._heading), self.lines)
        box.styles.width = max(44, self._widest + 6)
        box.styles.height = len(self._heading) + self._count + 2
        return box

    def initial_focus(self) -> Widget:
        return self.lines

    def action_copy(self) -> None:
        """Copy the heading and all lines."""
        self.host.copy_text(format_block([[line.strip()] for line in self._all]).strip())

    def action_close(self) -> None:
        """Close the window."""
        self.dismiss(None)
