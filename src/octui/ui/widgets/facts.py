"""Labeled values to read, one or two on a line."""

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from octui.text.safe import safe
from octui.text.width import cell_width, fit_text

LOW = 32
"""A screen with fewer lines than this needs them for the table below."""
_GAP = 2

Fact = tuple[str, str]


class Facts(Widget):
    """Widget of label and value pairs; on a low screen two pairs share a line if all fit."""

    COMPONENT_CLASSES = {"facts--label", "facts--value"}
    DEFAULT_CSS = "Facts { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._facts: list[Fact] = []

    @property
    def facts(self) -> dict[str, str]:
        """The shown values, by label."""
        return dict(self._facts)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these label and value pairs."""
        cleaned = [(label, safe(value)) for label, value in facts]
        if cleaned != self._facts:
            self._facts = cleaned
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._fact_rows(width, viewport.height))

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        lines = self._fact_rows(cells, self.app.size.height)
        label_style = self.get_component_rich_style("facts--label")
        value_style = self.get_component_rich_style("facts--value")
        columns = list(zip(*lines, strict=True)) if lines else []
        segments = [Segment(" ", value_style)]
        for place, (label, value) in enumerate(lines[y] if y < len(lines) else ()):
            last = place == len(columns) - 1
            room = _label_width(columns[place])
            left = 1 + sum(_natural_width(column) + _GAP for column in columns[:place])
            more = cells - left - room if last else _natural_width(columns[place]) - room + _GAP
            segments += [
                Segment(fit_text(label, room), label_style),
                Segment(fit_text(value, max(0, more)), value_style),
            ]
        return Strip(segments).adjust_cell_length(cells, self.rich_style)

    def _fact_rows(self, cells: int, height: int) -> list[tuple[Fact, ...]]:
        left, right = self._facts[::2], self._facts[1::2]
        right += [("", "")] * (len(left) - len(right))
        if height < LOW and left and 1 + _natural_width(left) + _GAP + _natural_width(right) <= cells:
            return list(zip(left, right, strict=True))
        return [(fact,) for fact in self._facts]


def _label_width(column: Sequence[Fact]) -> int:
    return max(cell_width(label) for label, _ in column) + _GAP


def _natural_width(column: Sequence[Fact]) -> int:
    return _label_width(column) + max(cell_width(value) for _, value in column)
