"""Canvas of the wall: a picture of cells with pens by role, turned into lines for Textual."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from rich.cells import split_graphemes
from rich.segment import Segment
from textual.strip import Strip

from octui.text.glyphs import GlyphLevel, Glyphs, glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.roles import Pens, Role
from octui.ui.wall.letters import Shape

Align = Literal["left", "right"]


class Pen(NamedTuple):
    """Style of a cell: color roles of text and background, bold, underlined."""

    role: Role = "ink"
    on: Role = "bg"
    bold: bool = False
    underline: bool = False


Cell = tuple[str, Pen]
"""A grapheme and its pen; the second cell of a wide character holds the empty string."""
Row = list[Cell]


@lru_cache(4096)
def _cells_of(text: str, pen: Pen) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for first, last, width in split_graphemes(text)[0]:
        if width:
            cells.append((text[first:last], pen))
            cells += [("", pen)] * (width - 1)
    return tuple(cells)


class Canvas:
    """Rows of cells to draw on, all as wide as the terminal."""

    def __init__(self, width: int, height: int, *, colored: bool = True) -> None:
        self.width, self.height, self.colored = width, height, colored
        self.signs = glyphs()
        ground = (" ", Pen("ink", "bg"))
        self.rows: list[Row] = [[ground] * width for _ in range(height)]

    @property
    def halves(self) -> bool:
        """Whether half-block characters may be drawn."""
        return self.signs.level is GlyphLevel.FULL

    def fill(self, x: int, y: int, width: int, height: int, pen: Pen) -> None:
        """Fill a rectangle with a pen's background."""
        first, last = max(0, x), min(self.width, x + width)
        for row in self.rows[max(0, y) : max(0, y + height)]:
            if last > first:
                row[first:last] = [(" ", pen)] * (last - first)
                _close_halves(row, first)
                _close_halves(row, last)

    def put(self, x: int, y: int, text: str, pen: Pen, cells: int | None = None, align: Align = "left") -> None:
        """Write a text at column x of row y, or fit it into `cells` cells; cut it at the right edge."""
        room = self.width - x
        if cells is not None:
            text = fit_text(text, min(cells, room), align)
        elif cell_width(text) > room:
            text = fit_text(text, room)
        if not (0 <= y < self.height and 0 <= x < self.width):
            return
        part, row = _cells_of(text, pen), self.rows[y]
        row[x : x + len(part)] = part
        _close_halves(row, x)
        _close_halves(row, x + len(part))

    def put_right(self, end: int, y: int, text: str, pen: Pen) -> int:
        """Write a text so that it ends before column `end`; return where it begins."""
        x = max(0, end - cell_width(text))
        self.put(x, y, text, pen)
        return x

    def underline_row(self, y: int, x: int = 0, end: int | None = None) -> None:
        """Underline a row, blank cells in the color of lines, text in its own color."""
        if not 0 <= y < self.height:
            return
        row = self.rows[y]
        end = self.width if end is None else end
        row[x:end] = map(_underlined, row[x:end])

    def stamp(self, x: int, y: int, shape: Shape, pen: Pen, *, old: bool = False) -> None:
        """Draw large letters in the pen's color; those of outdated numbers dotted instead of solid."""
        for at, line in enumerate(shape, y):
            if not 0 <= at < self.height:
                continue
            first = max(0, -x)
            part = _shape_cells(line[first : max(first, self.width - x)], pen, self.signs, old, self.colored)
            row = self.rows[at]
            for column, cell in enumerate(part, x + first):
                if cell is not None:
                    row[column] = cell
            _close_halves(row, x + first)
            _close_halves(row, x + first + len(part))

    def lines(self) -> list[tuple[Cell, ...]]:
        """Return the rows of cells, to be compared with those of the next picture."""
        return [tuple(row) for row in self.rows]


def _close_halves(row: Row, edge: int) -> None:
    """Blank a wide character of which something written beside it has left only a half."""
    if not 0 < edge < len(row):
        return
    (text, pen), (after, after_pen) = row[edge - 1], row[edge]
    is_wide = text != "" and not text.isascii() and cell_width(text) > 1
    if after == "" and not is_wide:
        row[edge] = (" ", after_pen)
    elif is_wide and after != "":
        row[edge - 1] = (" ", pen)


@lru_cache(1024)
def _underlined(cell: Cell) -> Cell:
    text, pen = cell
    return text, pen._replace(underline=True, role="line" if text == " " else pen.role)


@lru_cache(2048)
def _shape_cells(line: str, pen: Pen, signs: Glyphs, old: bool, colored: bool) -> tuple[Cell | None, ...]:
    if old:
        drawn: Cell = (signs.dotted, pen._replace(bold=False))
        return tuple(None if dot == " " else drawn for dot in line)
    if signs.level is GlyphLevel.FULL:
        return tuple(None if dot == " " else (dot, pen) for dot in line)
    plain = signs.level is GlyphLevel.ASCII and not colored
    filled: Cell = ("#", pen) if plain else (" ", Pen("onstate", pen.role))
    return tuple(None if dot == " " else filled for dot in line)


def strip_of(line: Sequence[Cell], pens: Pens) -> Strip:
    """Return a row of cells as a Textual strip."""
    runs = groupby(line, key=lambda cell: cell[1])
    segments = [
        Segment(
            "".join(text for text, _ in cells),
            pens.text(pen.role, pen.on, bold=pen.bold, underline=pen.underline),
        )
        for pen, cells in runs
    ]
    return Strip(segments, len(line))
