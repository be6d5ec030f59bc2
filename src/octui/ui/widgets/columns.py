"""Content of a grid: columns, cells, their source, and how columns share the width."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

from octui.text.glyphs import glyphs
from octui.ui.roles import State

Key: TypeAlias = str | int
Row = TypeVar("Row")
Tone: TypeAlias = Literal["", "strong", "muted", "good", "watch", "bad", "stale"] | State
Mark: TypeAlias = Literal["", "dirty", "error", "refused", "conflict"]

_LEAST = 4  # cells a column keeps when everything else has been given up


@dataclass(frozen=True, slots=True)
class Cell:
    """Cell of a grid: its text, its color tone, and the mark of an unsaved edit."""

    text: str
    tone: Tone = ""
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a grid.

    `width` is in cells and does not count the mark before the text; with `flex` it is the minimum, and the column takes
    its share of the rest, up to `most` if that is given. Where room is short, columns with the highest `priority` are
    left out first; those with 0 stay.
    """

    key: str
    title: str
    width: int
    flex: int = 0
    most: int = 0
    align: Literal["left", "right"] = "left"
    editable: bool = False
    priority: int = 0


def sign_of(mark: Mark) -> str:
    """Return the character drawn before a cell with this mark."""
    if not mark:
        return " "
    signs = glyphs()
    return {"dirty": signs.changed, "conflict": signs.conflict}.get(mark, signs.refused)


class Source(Protocol):
    """Protocol of a grid's rows in the order shown; the grid reads the visible ones each time it paints."""

    def row_count(self) -> int:
        """Return the number of rows."""

    def key_at(self, index: int) -> Key | None:
        """Return the key of a row, None if it is not loaded."""

    def index_of(self, key: Key) -> int | None:
        """Return the index of a row's key, None if it is not shown."""

    def row_cells(self, key: Key) -> Sequence[Cell] | None:
        """Return a row's cells in the columns' order; None if the row is not loaded (the grid posts `Wanted`)."""


class ListSource(Generic[Row]):
    """A source over a list of rows: `key_of` gives the key of a row, `cells_of` its cells."""

    def __init__(self, key_of: Callable[[Row], Key], cells_of: Callable[[Row], Sequence[Cell]]) -> None:
        self._key_of, self._cells_of = key_of, cells_of
        self.set_rows([])

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows."""
        self.rows = rows
        self._places = {self._key_of(row): index for index, row in enumerate(rows)}

    def row_of(self, key: Key) -> Row | None:
        """Return the row with a key, or None."""
        index = self._places.get(key)
        return None if index is None else self.rows[index]

    def row_count(self) -> int:
        return len(self.rows)

    def key_at(self, index: int) -> Key | None:
        return self._key_of(self.rows[index]) if 0 <= index < len(self.rows) else None

    def index_of(self, key: Key) -> int | None:
        return self._places.get(key)

    def row_cells(self, key: Key) -> Sequence[Cell] | None:
        row = self.row_of(key)
        return None if row is None else self._cells_of(row)


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of cells: first and last row, first and last column, all of them inside."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Place of a column on screen: its index, the cell of its mark, and the width of its text."""

    index: int
    column: Column
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that fit on the screen, and how many are hidden."""

    placed: tuple[Placed, ...] = ()
    hidden: int = 0

    def place_of(self, index: int) -> Placed | None:
        """Return the place of the column with this index, None if it is hidden."""
        return next((place for place in self.placed if place.index == index), None)

    def place_at(self, x: int) -> Placed | None:
        """Return the column that a cell of the line belongs to, or None."""
        return next((place for place in self.placed if place.x <= x <= place.x + place.width), None)


def arrange_columns(columns: Sequence[Column], width: int, keep: int | None = None) -> Layout:
    """Distribute `width` cells over the columns; the column with index `keep` is always shown."""
    widths = {index: max(column.width, 1) for index, column in enumerate(columns)}

    def excess_cells() -> int:
        return sum(widths.values()) + len(widths) - width

    droppable = sorted((i for i in widths if columns[i].priority and i != keep), key=lambda i: (columns[i].priority, i))
    while excess_cells() > 0 and droppable:
        del widths[droppable.pop()]
    while excess_cells() > 0:
        widest = max(widths, key=lambda i: (widths[i], i), default=None)
        if widest is None or widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
    while excess_cells() > 0 and len(widths) > 1:
        del widths[max(i for i in widths if i != keep)]
    for index in widths:  # a single column on a screen narrower than the least
        if excess_cells() > 0:
            widths[index] = max(1, widths[index] - excess_cells())
        widths[index] = max(widths[index], min(columns[index].width, widths[index] - excess_cells()))

    # Columns with a limit first: what they leave goes to the others.
    flexible = sorted((i for i in widths if columns[i].flex), key=lambda i: not columns[i].most)
    spare, shares = max(0, -excess_cells()), sum(columns[i].flex for i in flexible)
    for index in flexible:
        column = columns[index]
        share = spare * column.flex // shares
        if column.most:
            share = max(0, min(share, column.most - widths[index]))
        widths[index] += share
        spare, shares = spare - share, shares - column.flex

    placed, x = [], 0
    for index, cells in widths.items():
        placed.append(Placed(index, columns[index], x, cells))
        x += cells + 1
    return Layout(tuple(placed), len(columns) - len(placed))


@dataclass(frozen=True, slots=True)
class Fill:
    """Result of pasting a block: the cells to write, and the number of cells outside the table."""

    changes: tuple[tuple[Key, str, str], ...] = ()
    outside: int = 0
    read_only: int = 0


def lay_out_block(
    source: Source, columns: Sequence[Column], key: Key, column: str, rows: Iterable[Sequence[str]]
) -> Fill:
    """Return the cells that a block fills when pasted right and down from a cell.

    Columns count in their order, shown or not, so that a paste does not depend on the width of the terminal; texts lose
    line breaks and spaces at their ends.
    """
    top = source.index_of(key)
    left = next((i for i, c in enumerate(columns) if c.key == column), None)
    result, changes = Fill(), []
    for down, texts in enumerate(rows):
        index = None if top is None else top + down
        target = None if index is None or index >= source.row_count() else source.key_at(index)
        for right, text in enumerate(texts):
            if target is None or left is None or left + right >= len(columns):
                result = replace(result, outside=result.outside + 1)
            elif not columns[left + right].editable:
                result = replace(result, read_only=result.read_only + 1)
            else:
                changes.append((target, columns[left + right].key, tidy_text(text)))
    return replace(result, changes=tuple(changes))


def tidy_text(text: str) -> str:
    """Return a typed or pasted text as a cell's content: one line, no spaces at its ends."""
    return " ".join(text.splitlines()).strip()
