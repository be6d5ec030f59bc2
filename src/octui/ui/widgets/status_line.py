"""Line of text above or below a table: number of rows, results, errors."""

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from octui.text.width import fit_text


class StatusLine(Widget):
    """A sentence on one or several lines, redrawn only when it changes."""

    COMPONENT_CLASSES = {"status-line--text", "status-line--error"}
    DEFAULT_CSS = "StatusLine { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._error = False

    @property
    def text(self) -> str:
        """The text that is shown."""
        return self._text

    def say(self, text: str, error: bool = False) -> None:
        """Show `text`."""
        if (text, error) != (self._text, self._error):
            self._text, self._error = text, error
            self.refresh()

    def render_line(self, y: int) -> Strip:
        style = self.get_component_rich_style("status-line--error" if self._error else "status-line--text")
        lines = self._text.split("\n")
        text = " " + lines[y] if y < len(lines) else ""
        return Strip([Segment(fit_text(text, self.size.width), style)], self.size.width)
