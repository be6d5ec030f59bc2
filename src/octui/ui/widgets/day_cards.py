"""Widget with the cards of My stats, which redraws only changed rows."""

from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Lines = Sequence[list[Segment]]


class DayCards(Widget):
    """Widget of rows of segments, which `draw_rows` makes for a width and a height."""

    def __init__(self, draw_rows: Callable[[int, int], Lines]) -> None:
        super().__init__()
        self._draw = draw_rows
        self._lines: Lines = ()
        self.auto_links = False

    def show_cards(self) -> None:
        """Draw the cards again; unchanged rows are not sent to the terminal."""
        before, self._lines = self._lines, self._draw(self.size.width, self.size.height)
        for y in range(max(len(before), len(self._lines))):
            if before[y : y + 1] != self._lines[y : y + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self) -> None:
        self.show_cards()

    def render_line(self, y: int) -> Strip:
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        return Strip(self._lines[y]).adjust_cell_length(self.size.width, self.rich_style)
