"""The seen half of the grid: rows, cursor, selected block and scrolling; `grid.py` adds keys and editing."""

from collections.abc import Iterable, Sequence
from typing import Literal

from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from octui.ui.widgets import grid_messages as messages
from octui.ui.widgets.columns import Block, Cell, Column, Glyphs, Key, Layout, NoRows, Source, arrange
from octui.ui.widgets.grid_edit import CellEdit, Ghost
from octui.ui.widgets.grid_paint import COMPONENTS, Palette, Row, paint_header, paint_note, paint_row
from octui.ui.widgets.line_edit import LineEdit


class GridView(ScrollView, inherit_bindings=False, can_focus=True):
    """Rows of a `Source` under a line of titles. The cursor is a row's key and a column, never a place: it stays on its
    row whatever happens to the order, and on its line of the screen where that is possible.

    The source is read while painting. Call `reload` when rows came, went or moved, `refresh_cells` when only cells did.
    """

    COMPONENT_CLASSES = COMPONENTS
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    GridView {
        width: 1fr;
        height: 1fr;
        overflow: hidden auto;
        scrollbar-size-vertical: 1;
        & > .grid--header { text-style: bold; }
        & > .grid--row { text-style: bold; }
        & > .grid--strong { text-style: bold; }
        & > .grid--muted, & > .grid--stale, & > .grid--placeholder, & > .grid--lost { text-style: dim; }
        & > .grid--selected { text-style: reverse; }
        & > .grid--cursor { text-style: underline; }
        &:focus > .grid--cursor { text-style: reverse; }
        & > .grid--edit { text-style: underline; }
        & > .grid--caret { text-style: reverse; }
    }
    """

    def __init__(
        self,
        columns: Sequence[Column],
        source: Source | None = None,
        *,
        glyphs: Glyphs | None = None,
        zebra: bool = False,
        empty: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.auto_links = False
        self.glyphs = glyphs or Glyphs()
        self.zebra = zebra
        self.empty = empty
        """What is said where there are no rows."""
        self._columns = tuple(columns)
        self._source: Source = source or NoRows()
        self._sorts: tuple[tuple[str, bool], ...] = ()
        self._palette = Palette(self)
        self._placing = Layout()
        self._key: Key | None = None
        self._at = 0  # the row index of the cursor when last looked at
        self._col = 0
        self._corner: tuple[Key, int] | None = None  # the other corner of the selected block
        self._block: Block | None = None
        self._edit: CellEdit | None = None
        self._edit_cells: Sequence[Cell] = ()
        self._ghost: Ghost | None = None
        self._drawn: dict[int, Key] = {}
        self._missing: set[int] = set()
        self._asked: set[int] = set()
        self._ends: set[str] = set()
        self._sought: tuple[Key, str | None] | None = None

    # What it shows

    @property
    def source(self) -> Source:
        return self._source

    @source.setter
    def source(self, source: Source) -> None:
        self._source = source
        self.reload()

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        key = self._columns[self._col].key
        self._columns = tuple(columns)
        self._col = self.column_index(key) or 0
        self._corner = self._block = None
        self._rearrange()
        self.refresh()

    @property
    def sorts(self) -> tuple[tuple[str, bool], ...]:
        """Column and whether descending, most important first: marks in the titles, nothing else."""
        return self._sorts

    @sorts.setter
    def sorts(self, sorts: Sequence[tuple[str, bool]]) -> None:
        self._sorts = tuple(sorts)
        self.refresh(Region(0, 0, self.size.width, 1))

    @property
    def cursor(self) -> tuple[Key, str] | None:
        """The row's key and the column; None where there are no rows."""
        return None if self._key is None else (self._key, self._columns[self._col].key)

    @property
    def page(self) -> int:
        """How many rows are on the screen."""
        return max(1, self.size.height - 1)

    @property
    def line_width(self) -> int:
        """Cells of a line, without the scroll bar. Textual tells its own state of the bar one layout too late."""
        bar = self.styles.scrollbar_size_vertical if self._source.count() >= self.size.height else 0
        return max(0, self.size.width - bar)

    def column_index(self, column: str) -> int | None:
        """The place of a column among all."""
        return next((i for i, c in enumerate(self._columns) if c.key == column), None)

    def cell(self, key: Key, column: int) -> Cell | None:
        """The cell as the source has it."""
        cells = self._source.cells(key)
        return None if cells is None else cells[column]

    def cell_region(self, key: Key, column: int) -> Region | None:
        """Where a cell is, its mark included, in the widget's own coordinates; None if it is not on the screen."""
        place = self._placing.find(column)
        line = self._line_of(key)
        return None if place is None or line is None else Region(place.x, line + 1, place.width + 1, 1)

    # The source changed

    def reload(self) -> None:
        """Rows came, went or moved."""
        source, line, before = self._source, self._at - self.scroll_offset.y, self.cursor
        self._missing.clear()
        self._asked.clear()
        self._ends.clear()
        off_screen = self._key is None or not 0 <= line < self.page
        scroll = self._anchored_scroll() if off_screen else None
        index = None if self._key is None else source.index_of(self._key)
        if index is not None:
            self._at = index
            self._found()
        elif not self._lose(line):
            self._at = max(0, min(self._at, source.count() - 1))
            self._key = source.key_at(self._at) if source.count() else None
        self._find_block()
        self._rearrange()
        self.virtual_size = Size(self.line_width, source.count() + 1)
        top = self._at - line if scroll is None else scroll
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self.refresh()
        self.place_cursor()
        if self.cursor != before and self.cursor is not None:
            self.post_message(messages.CursorMoved(*self.cursor))
        if self._sought is not None:
            self.move_to(*self._sought)

    def refresh_cells(self, cells: Iterable[tuple[Key, str]]) -> None:
        """Paint these cells again, those of them that are on the screen."""
        indexes = {column.key: index for index, column in enumerate(self._columns)}
        for key, column in cells:
            if column in indexes:
                self._refresh_cell(key, indexes[column])

    def refresh_row(self, key: Key) -> None:
        """Paint a row again, if it is on the screen."""
        line = self._line_of(key)
        if line is not None:
            self.refresh(Region(0, line + 1, self.size.width, 1))

    # The cursor

    def move_to(self, key: Key, column: str | None = None) -> bool:
        """Put the cursor on a row (and column) and bring it into view. False if the row or column is not there."""
        index = self._source.index_of(key)
        col = self._col if column is None else self.column_index(column)
        if index is None or col is None:
            return False
        self._go(index, col)
        return True

    def seek(self, key: Key, column: str | None = None) -> bool:
        """`move_to`, now or as soon as the row is there, unless the cursor has been moved until then."""
        found = self.move_to(key, column)
        self._sought = None if found else (key, column)
        return found

    def _go(self, index: int, col: int, *, extend: bool = False) -> bool:
        """Put the cursor at a place, as near as there are cells. True if it moved."""
        self._sought = None
        source = self._source
        if index != self._at:
            self._near_an_end(index, down=index > self._at)
        index = max(0, min(index, source.count() - 1))
        col = max(0, min(col, len(self._columns) - 1))
        key = source.key_at(index) if source.count() else None
        if key is None:
            self._show_line(index)
            return False
        before, col_before = self._key, self._col
        if extend and self._corner is None and before is not None:
            self._corner = before, col_before
        elif not extend:
            self._corner = None
        moved = (key, col) != (before, col_before)
        self._key, self._at, self._col = key, index, col
        rearranged = self._rearrange()
        if rearranged:
            self.refresh()
        if not self._show_line(index) and moved and not rearranged:
            self._refresh_moved(before, col_before)
        block = self._block
        if self._find_block() != block:
            self._refresh_block(block)
            self._refresh_block(self._block)
        self.place_cursor()
        if moved:
            self.post_message(messages.CursorMoved(key, self._columns[col].key))
        return moved

    def _refresh_moved(self, before: Key | None, col_before: int) -> None:
        if self._col != col_before:
            for col in (col_before, self._col):
                if (place := self._placing.find(col)) is not None:
                    self.refresh(Region(place.x, 0, place.width + 1, 1))
        # The first cell of a line is bold where the cursor is.
        first = self._placing.placed[0].index if self._placing.placed else 0
        for key, cols in ((before, {col_before, first}), (self._key, {self._col, first})):
            for col in cols if key is not None else ():
                assert key is not None
                self._refresh_cell(key, col)

    def _show_line(self, index: int) -> bool:
        """Scroll so that the row is seen. True if that painted everything."""
        top = self.scroll_offset.y
        wanted = min(max(top, index - self.page + 1), index)
        if wanted == top:
            return False
        self.scroll_to(y=wanted, animate=False, force=True, immediate=True)
        return self.scroll_offset.y != top

    def _near_an_end(self, index: int, *, down: bool) -> None:
        """Say so when the user is on the way to a row less than a page from the end."""
        near = index >= self._source.count() - self.page if down else index < self.page
        direction: Literal["up", "down"] = "down" if down else "up"
        if near and direction not in self._ends:
            self._ends.add(direction)
            self.post_message(messages.EndReached(direction))

    def place_cursor(self) -> None:
        """Put the terminal's own cursor at the cursor's cell, if the grid has the focus. Also for `on_screen_resume`.

        The terminal draws there what an input method composes, before a byte of it arrives; so in navigation too.
        """
        if not self.has_focus or not self.region or not self.screen.is_active:
            return
        place = self._placing.find(self._col)
        x = 0 if place is None else place.x + 1
        if self._edit is not None and place is not None:
            x += self._edit.line.window(place.width)[1]
        line = min(max(0, self._cursor_line()), self.page - 1)
        self.app.cursor_position = self.content_region.offset + Offset(x, line + 1)

    def _cursor_line(self) -> int:
        return self._ghost.line if self._ghost is not None else self._at - self.scroll_offset.y

    # The selected block

    @property
    def block(self) -> Block:
        """The selected block, or the cursor's cell. There must be rows."""
        return self._block or Block(self._at, self._at, self._col, self._col)

    def _find_block(self) -> Block | None:
        self._block = None
        if self._corner is not None and self._key is not None:
            index = self._source.index_of(self._corner[0])
            if index is None:
                self._corner = None
            elif self._corner != (self._key, self._col):
                rows, cols = sorted((index, self._at)), sorted((self._corner[1], self._col))
                self._block = Block(rows[0], rows[1], cols[0], cols[1])
        return self._block

    def _refresh_block(self, block: Block | None) -> None:
        if block is not None:
            top = max(0, block.top - self.scroll_offset.y)
            bottom = min(self.page - 1, block.bottom - self.scroll_offset.y)
            if top <= bottom:
                self.refresh(Region(0, top + 1, self.size.width, bottom - top + 1))

    # A row under edit that is not shown any more

    def _lose(self, line: int) -> bool:
        """The cursor's row is gone. If it is under edit, go on showing it where it was."""
        if self._edit is None:
            return False
        if self._ghost is None:
            self._ghost = Ghost(min(max(0, line), self.page - 1), self._edit_cells)
            self.post_message(messages.EditLost(self._edit.key, self._edit.column))
        self._at = max(0, min(self._at, self._source.count() - 1))
        return True

    def _found(self) -> None:
        self._ghost = None
        if self._edit is not None:
            self._edit_cells = self._source.cells(self._edit.key) or self._edit_cells

    # Painting

    def render_line(self, y: int) -> Strip:
        width, palette = self.line_width, self._palette
        cursor = self._col if self._key is not None else None
        if y == 0:
            return paint_header(self._placing, width, palette, self.glyphs, cursor=cursor, sorts=self._sorts)
        line = y - 1
        if self._ghost is not None and self._ghost.line == line:
            self._drawn.pop(line, None)
            return self._paint(Row(self._ghost.cells, "lost", self._col, (), *self._editing()))
        index = self.scroll_offset.y + line
        if index >= self._source.count():
            self._drawn.pop(line, None)
            return paint_note(self.empty if index == 0 else "", width, palette, self.glyphs)
        key = self._source.key_at(index)
        cells = None if key is None else self._source.cells(key)
        if key is not None:
            self._drawn[line] = key
        if cells is None:
            self._want(index)
            return paint_note("…", width, palette, self.glyphs)
        block = self._block
        inside = block is not None and block.top <= index <= block.bottom
        selected = range(block.left, block.right + 1) if block is not None and inside else ()
        ground = "zebra" if self.zebra and index % 2 else ""
        if key != self._key:
            return self._paint(Row(cells, ground, None, selected))
        return self._paint(Row(cells, ground, cursor, selected, *self._editing()))

    def _editing(self) -> tuple[int | None, LineEdit | None]:
        return (None, None) if self._edit is None else (self._col, self._edit.line)

    def _paint(self, row: Row) -> Strip:
        return paint_row(row, self._placing, self.line_width, self._palette, self.glyphs)

    def _want(self, index: int) -> None:
        if index in self._asked:
            return
        if not self._missing:
            self.call_next(self._ask)
        self._asked.add(index)
        self._missing.add(index)

    def _ask(self) -> None:
        if self._missing:
            self.post_message(messages.Wanted(min(self._missing), max(self._missing)))
            self._missing.clear()

    def _line_of(self, key: Key) -> int | None:
        if self._ghost is not None and key == self._key:
            return self._ghost.line
        index = self._source.index_of(key)
        line = -1 if index is None else index - self.scroll_offset.y
        return line if 0 <= line < self.page else None

    def _refresh_cell(self, key: Key, column: int) -> None:
        if (region := self.cell_region(key, column)) is not None:
            self.refresh(region)

    def _anchored_scroll(self) -> int:
        """Where to scroll so that the first row on the screen that is still there keeps its line."""
        for line, key in sorted(self._drawn.items()):
            if (index := self._source.index_of(key)) is not None:
                return index - line
        return self.scroll_offset.y

    def _rearrange(self) -> bool:
        """Give the width to the columns again. True if that changed anything."""
        placing = arrange(self._columns, self.line_width, self._col)
        changed = placing != self._placing
        self._placing = placing
        return changed

    # Textual's hooks

    def notify_style_update(self) -> None:
        self._palette.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._rearrange()
        self._drawn.clear()
        self.virtual_size = Size(self.line_width, self._source.count() + 1)
        if self._edit is not None or self._cursor_line() >= self.page:
            self._show_line(self._at)
        self.refresh()
        self.place_cursor()

    def on_mount(self) -> None:
        self.reload()

    def on_focus(self) -> None:
        self._focus_changed()

    def on_blur(self) -> None:
        self._focus_changed()

    def _focus_changed(self) -> None:
        self._palette.clear()
        if self._key is not None:
            self.refresh_row(self._key)
        self.place_cursor()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._drawn.clear()
            down = new_value > old_value
            self._near_an_end(round(new_value) + (self.page - 1 if down else 0), down=down)
            self.place_cursor()
