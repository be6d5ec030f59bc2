"""Cursor and selected block of a grid, independent of the widget."""

from collections.abc import Sequence

from octui.text.tsv import format_block
from octui.ui.widgets.columns import Block, Column, Key, Source

COPY_ROWS = 5_000  # as many as a paste takes


class GridCursor:
    """Cursor by row key and column, so that it stays on its row when the order changes.

    A second corner, set by moving with Shift, makes a selected block.
    """

    def __init__(self) -> None:
        self.key: Key | None = None
        self.row = 0
        """The index of the row when it was last looked up."""
        self.column = 0
        self.selection: Block | None = None
        self._corner: tuple[Key, int] | None = None

    @property
    def block(self) -> Block:
        """The selected block, or the cursor's cell; call it only when there are rows."""
        return self.selection or Block(self.row, self.row, self.column, self.column)

    def move_to_cell(self, key: Key, row: int, column: int, *, extend: bool) -> bool:
        """Move to a cell, with `extend` keeping the other corner of the block; return whether the cell changed."""
        if extend and self._corner is None and self.key is not None:
            self._corner = self.key, self.column
        elif not extend:
            self._corner = None
        is_other = (key, column) != (self.key, self.column)
        self.key, self.row, self.column = key, row, column
        return is_other

    def find_selection(self, source: Source) -> Block | None:
        """Return the present place of the selected block."""
        self.selection = None
        if self._corner is not None and self.key is not None:
            index = source.index_of(self._corner[0])
            if index is None:
                self._corner = None
            elif self._corner != (self.key, self.column):
                rows, columns = sorted((index, self.row)), sorted((self._corner[1], self.column))
                self.selection = Block(rows[0], rows[1], columns[0], columns[1])
        return self.selection

    def drop_selection(self) -> Block | None:
        """Clear the selection; return the block that was selected."""
        block, self._corner, self.selection = self.selection, None, None
        return block

    def block_text(self, source: Source) -> str:
        """Return the selected block, or the cursor's cell, as tab-separated text for a spreadsheet."""
        block, rows = self.block, []
        for index in range(block.top, min(block.bottom, block.top + COPY_ROWS - 1) + 1):
            key = source.key_at(index)
            cells = None if key is None else source.row_cells(key)
            columns = range(block.left, block.right + 1)
            rows.append(["" if cells is None else cells[column].text for column in columns])
        return format_block(rows) if self.selection is not None else rows[0][0]

    def fill_block(self, rows: list[list[str]]) -> list[list[str]]:
        """Return pasted rows fitted to the selected block: a single text fills it, others keep their size."""
        if len(rows) != 1 or len(rows[0]) != 1:
            return rows
        block = self.block
        high = min(block.bottom - block.top + 1, COPY_ROWS)
        return [rows[0] * (block.right - block.left + 1) for _ in range(high)]

    def arrow_target(self, key: str, page: int, rows: int, columns: int) -> tuple[int, int] | None:
        """Return the row and column that an arrow or paging key leads to, None for another key."""
        row, column = self.row, self.column
        return {
            "up": (row - 1, column),
            "down": (row + 1, column),
            "left": (row, column - 1),
            "right": (row, column + 1),
            "pageup": (row - page, column),
            "pagedown": (row + page, column),
            "home": (row, 0),
            "end": (row, columns - 1),
            "ctrl+home": (0, column),
            "ctrl+end": (rows - 1, column),
        }.get(key.removeprefix("shift+"))

    def editable_target(self, step: int, columns: Sequence[Column], rows: int) -> tuple[int, int] | None:
        """Return the next (`step` 1) or previous (-1) editable cell across row ends, or None."""
        editable = [index for index, column in enumerate(columns) if column.editable]
        ahead = [index for index in editable if (index - self.column) * step > 0]
        if ahead:
            return self.row, min(ahead) if step > 0 else max(ahead)
        if editable and 0 <= self.row + step < rows:
            return self.row + step, editable[0] if step > 0 else editable[-1]
        return None
