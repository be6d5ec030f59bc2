"""Bar chart of the last months."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.cells.bars import TallBar, tall_bars
from octui.ui.roles import pens_of

_WIDEST = 24
_WIDEST_BAR = 16
_LEAST = 6
# (divisor, decimals): the first with which every number fits is taken.
UNITS = ((1, 0), (10**3, 0), (10**6, 1), (10**6, 0), (10**9, 1), (10**9, 0))


@dataclass(frozen=True)
class Bar:
    """Bar of a month's total, None if unknown. `note`: text beside the label; `open`: the total can still change."""

    label: str
    total: int | None
    note: str = ""
    open: bool = False


def bar_pitch(bars: Sequence[Bar], cells: int) -> tuple[int, int]:
    """Return the number of the latest months that fit, and the cells from one bar to the next."""
    tail = cell_width(_bar_label(bars[-1])) if bars else 0
    for count in range(len(bars), 0, -1):
        step = max(
            (cell for cell in range(_LEAST, _WIDEST + 1) if (count - 1) * cell + max(cell, tail) <= cells), default=0
        )
        if step:
            return count, step
    return 0, _LEAST


def _bar_label(bar: Bar) -> str:
    return f"{bar.label} {bar.note}".rstrip()


def unit_for(bars: Sequence[Bar], cells: int) -> tuple[int, int]:
    """Return divisor and decimals with which each total takes at most `cells` cells."""
    totals = [bar.total for bar in bars if bar.total is not None]
    fitting = (unit for unit in UNITS if all(len(total_text(total, unit)) <= cells for total in totals))
    return next(fitting, UNITS[-1])


def total_text(total: int | None, unit: tuple[int, int]) -> str:
    """Return a total in a unit, rounded half up; `–` if unknown."""
    if total is None:
        return glyphs().unknown
    divisor, decimals = unit
    scaled = (abs(total) * 10**decimals * 2 + divisor) // (2 * divisor)
    whole, rest = divmod(scaled, 10**decimals)
    return ("-" if total < 0 else "") + f"{whole:,}" + (f".{rest:0{decimals}}" if decimals else "")


class MonthBars(Widget):
    """Bar chart with a title above, and months and totals below.

    `titles` are for the units of `UNITS` by divisor."""

    COMPONENT_CLASSES = {"month-bars--title", "month-bars--open", "month-bars--label"}
    DEFAULT_CSS = "MonthBars { height: 6; }"

    def __init__(self) -> None:
        super().__init__()
        self._bars: list[Bar] = []
        self._titles: dict[int, str] = {}
        self.auto_links = False

    def show_bars(self, bars: Sequence[Bar], titles: dict[int, str]) -> None:
        """Draw bars, the oldest first; `titles` by the divisors of `UNITS`."""
        if (list(bars), titles) != (self._bars, self._titles):
            self._bars, self._titles = list(bars), dict(titles)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells, high = self.size.width, max(1, self.size.height - 3)
        count, step = bar_pitch(self._bars, max(0, cells - 1))
        bars = self._bars[len(self._bars) - count :]
        unit = unit_for(bars, step - 1)
        if y == 0 or not bars:
            title = self._titles.get(unit[0], "") if y == 0 and bars else ""
            return self._styled_strip([(f" {title}", "title")])
        if y <= high:
            return self._bar_strip(bars, high, y - 1, step)
        if y == high + 1:
            texts = [fit_text(bar.label, step) for bar in bars[:-1]] + [_bar_label(bars[-1])]
        else:
            texts = [fit_text(total_text(bar.total, unit), step) for bar in bars]
        last = "open" if bars[-1].open else "label"
        return self._styled_strip([(" " + "".join(texts[:-1]), "label"), (texts[-1], last)])

    def _bar_strip(self, bars: Sequence[Bar], high: int, row: int, step: int) -> Strip:
        """Return a row of the bars, the highest row 0: a month that can still change is pale."""
        pens, stale = pens_of(self.app), self.has_class("-stale")
        top = max((bar.total or 0 for bar in bars), default=0)
        tall = [
            TallBar((("old" if stale else "faint" if bar.open else "talk", max(0, bar.total or 0)),)) for bar in bars
        ]
        wide = min(_WIDEST_BAR, step - 1)
        drawn = tall_bars(pens, tall, top, high, wide=wide, gap=step - wide, on="bg")[row]
        left = Segment(" ", pens.text("ink", "bg"))
        return Strip([left, *drawn]).crop_extend(0, self.size.width, pens.text("ink", "bg"))

    def _styled_strip(self, parts: Sequence[tuple[str, str]]) -> Strip:
        segments = [Segment(text, self.get_component_rich_style(f"month-bars--{style}")) for text, style in parts]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style).simplify()
