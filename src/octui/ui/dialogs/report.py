"""Lines to read and scroll: intervals and formulas, details, keys."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import work
from textual.containers import Vertical
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from octui.text.tsv import format_block
from octui.text.width import cell_width, fit_text
from octui.text.width import wrap_text as wrapped_to
from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.exports import Table, export_table
from octui.ui.locale import N_

WRAP = 72  # cells: fits an 80-column screen with the frame of the window


class Lines(ScrollView, can_focus=True):
    """Plain lines of text; never parsed as markup."""

    DEFAULT_CSS = "Lines { height: 1fr; scrollbar-size-vertical: 1; }"

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = list(lines)
        self.auto_links = False

    def on_mount(self) -> None:
        self._measure()

    def put(self, lines: Sequence[str]) -> None:
        """Other lines."""
        self._lines = list(lines)
        self._measure()
        self.refresh()

    def add(self, lines: Sequence[str]) -> None:
        """More lines at the end."""
        self._lines.extend(lines)
        self._measure()
        self.refresh()

    def _measure(self) -> None:
        self.virtual_size = Size(0, len(self._lines))

    def render_line(self, y: int) -> Strip:
        at = y + int(self.scroll_offset.y)
        text = self._lines[at] if at < len(self._lines) else ""
        return Strip([Segment(fit_text(text, self.size.width), self.rich_style)])


def wrapped(line: str) -> list[str]:
    """A sentence over as many lines of the window as it needs."""
    return wrapped_to(line, WRAP)


class Report(Dialog[None]):
    """A window of lines with a heading; Esc or Enter closes it, Ctrl+C copies all of it."""

    BINDINGS = [*bindings("list.copy"), ("enter", "close", "")]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("^C", N_("Copy")), CLOSE)

    def __init__(self, heading: Sequence[str], lines: Sequence[str]) -> None:
        super().__init__()
        self._heading = [part for line in heading for part in wrapped(line)]
        self.lines = Lines(lines)
        self._all = [*self._heading, *lines]
        self._count = len(lines)
        self._widest = max((cell_width(line) for line in (*self._heading, *lines)), default=20)

    def body(self) -> Vertical:
        heading = Lines(self._heading)
        heading.can_focus = False
        heading.add_class("heading")
        heading.styles.height = len(self._heading)
        box = Vertical(heading, self.lines)
        box.styles.width = max(44, self._widest + 6)
        box.styles.height = len(self._heading) + self._count + 2
        return box

    def first(self) -> Widget:
        return self.lines

    def action_copy(self) -> None:
        """Copy the heading and all lines."""
        self.octui.copy(format_block([[line.strip()] for line in self._all]).strip())

    def action_close(self) -> None:
        """Close the window."""
        self.dismiss(None)


class TableReport(Report):
    """A report of a table, which can also be written to a file."""

    BINDINGS = bindings("list.export")
    KEYS = (("F9", N_("Export")), *Report.KEYS)

    def __init__(self, heading: Sequence[str], lines: Sequence[str], table: Table) -> None:
        super().__init__(heading, lines)
        self._table = table

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """The table into a file of the kind chosen."""
        await export_table(self.octui, self.octui.say_here, self._table)
