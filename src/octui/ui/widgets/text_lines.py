"""Plain lines of text to read and scroll, and the heading of a dialog."""

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from octui.text.width import fit_text, wrap_text

WRAP = 72  # cells: fits an 80-column screen with the frame of the window


class TextLines(ScrollView, can_focus=True):
    """Lines of text that are never parsed as markup."""

    DEFAULT_CSS = "TextLines { height: 1fr; scrollbar-size-vertical: 1; }"

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = list(lines)
        self.auto_links = False

    def on_mount(self) -> None:
        self._set_size()

    def set_lines(self, lines: Sequence[str]) -> None:
        """Replace the lines."""
        self._lines = list(lines)
        self._set_size()
        self.refresh()

    def add(self, lines: Sequence[str]) -> None:
        """Append lines."""
        self.set_lines([*self._lines, *lines])

    def _set_size(self) -> None:
        self.virtual_size = Size(0, len(self._lines))

    def render_line(self, y: int) -> Strip:
        at = y + int(self.scroll_offset.y)
        text = self._lines[at] if at < len(self._lines) else ""
        return Strip([Segment(fit_text(text, self.size.width), self.rich_style)])


def heading_lines(lines: Sequence[str]) -> TextLines:
    """Return a widget with a dialog's heading lines, as high as they are many, without focus."""
    heading = TextLines(lines)
    heading.can_focus = False
    heading.add_class("heading")
    heading.styles.height = len(lines)
    return heading


def wrap_line(line: str) -> list[str]:
    """Return a sentence wrapped into lines that fit a dialog."""
    return wrap_text(line, WRAP)
