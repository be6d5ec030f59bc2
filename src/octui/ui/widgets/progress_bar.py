"""Progress as a bar and a percentage, redrawn only when it changes."""

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget


class ProgressBar(Widget):
    """Bar of completed work in whole cells and whole percent; 0 of 0 is 0 percent."""

    COMPONENT_CLASSES = {"progress-bar--done", "progress-bar--rest"}
    DEFAULT_CSS = "ProgressBar { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._done = self._total = 0

    def show_progress(self, done: int, total: int) -> None:
        """Show `done` of `total`; drawn only when that looks different."""
        before = self._shown_values()
        self._done, self._total = done, total
        if self._shown_values() != before:
            self.refresh()

    def _shown_values(self) -> tuple[int, int]:
        """Return the full cells of the bar and the percentage, neither full before all is done."""
        room = max(1, self.size.width - 7)
        if self._total <= 0:
            return 0, 0
        return room * self._done // self._total, 100 * self._done // self._total

    def render_line(self, y: int) -> Strip:
        full, percent = self._shown_values()
        rest = max(1, self.size.width - 7) - full
        done, empty = (self.get_component_rich_style(f"progress-bar--{part}") for part in ("done", "rest"))
        segments = [Segment(" "), Segment(" " * full, done), Segment(" " * rest, empty), Segment(f" {percent:3} %")]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)
