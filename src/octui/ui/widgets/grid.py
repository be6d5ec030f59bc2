"""Table widget for many rows over a slow line, edited in place like a spreadsheet.

The cell editor is drawn by the grid itself, no widget is laid over it: starting an edit costs 5 ms and half a kilobyte.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from textual import events
from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from octui.text.glyphs import glyphs
from octui.text.tsv import Block as Pasted
from octui.text.tsv import parse_block
from octui.ui.widgets import grid_messages as messages
from octui.ui.widgets.columns import Block, Column, Key, Layout, ListSource, Source, arrange_columns, tidy_text
from octui.ui.widgets.grid_cursor import GridCursor
from octui.ui.widgets.grid_edit import CellEdit, LateSyllables
from octui.ui.widgets.grid_paint import COMPONENTS, DEFAULT_CSS, Palette, Row, paint_header, paint_note, paint_row
from octui.ui.widgets.grid_viewport import Viewport
from octui.ui.widgets.line_edit import LineEdit


class Grid(ScrollView, inherit_bindings=False, can_focus=True):
    """Rows of a `Source` under a line of titles, with cursor, editing, copy and paste. It reports in `grid_messages`.

    Typing on an editable cell replaces it, Enter or F2 edits it; Enter accepts and goes down, Tab to the next editable
    cell, Esc or Ctrl+G cancels. The grid changes nothing itself: the screen takes `Edited` and `BlockPasted` to its
    drafts and has the cells painted again.

    The cursor stays on its row whatever happens to the order, and on its line of the screen where that is possible.
    The source is read while painting: call `reload` when rows came, went or moved, `refresh_cells` when only cells did.
    """

    Activated: TypeAlias = messages.Activated
    BlockPasted: TypeAlias = messages.BlockPasted
    Copied: TypeAlias = messages.Copied
    CursorMoved: TypeAlias = messages.CursorMoved
    EditEnded: TypeAlias = messages.EditEnded
    EditLost: TypeAlias = messages.EditLost
    EditStarted: TypeAlias = messages.EditStarted
    EditTyped: TypeAlias = messages.EditTyped
    Edited: TypeAlias = messages.Edited
    EndReached: TypeAlias = messages.EndReached
    HeaderChosen: TypeAlias = messages.HeaderChosen
    Wanted: TypeAlias = messages.Wanted

    COMPONENT_CLASSES = COMPONENTS
    ALLOW_SELECT = False
    DEFAULT_CSS = DEFAULT_CSS

    def __init__(
        self,
        columns: Sequence[Column],
        source: Source | None = None,
        *,
        zebra: bool = False,
        empty: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create a grid; `empty`: text without rows, `clock` (seconds): for syllables that an input method delays."""
        super().__init__()
        self.auto_links = False
        self.zebra = zebra
        self.empty = empty
        self._columns = tuple(columns)
        self._source: Source = source or ListSource[Key](lambda key: key, lambda key: ())
        self._sorts: tuple[tuple[str, bool], ...] = ()
        self._palette = Palette(self)
        self._column_layout = Layout()
        self._cursor = GridCursor()
        self._edit: CellEdit | None = None
        self._late = LateSyllables(clock)
        self._viewport = Viewport(self.post_message)
        self._sought: tuple[Key, str | None] | None = None

    # --- what it shows --------------------------------------------------------------------------------------

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
        key = self._columns[self._cursor.column].key
        self._columns = tuple(columns)
        self._cursor.column = self.column_index(key) or 0
        self._cursor.drop_selection()
        self._arrange_columns()
        self.refresh()

    @property
    def sorts(self) -> tuple[tuple[str, bool], ...]:
        """The sort marks in the titles, most important first: column, and whether descending. They do not sort rows."""
        return self._sorts

    @sorts.setter
    def sorts(self, sorts: Sequence[tuple[str, bool]]) -> None:
        self._sorts = tuple(sorts)
        self.refresh(Region(0, 0, self.size.width, 1))

    @property
    def cursor(self) -> tuple[Key, str] | None:
        """The cursor's row key and column, None if the grid has no rows."""
        key = self._cursor.key
        return None if key is None else (key, self._columns[self._cursor.column].key)

    @property
    def block(self) -> Block:
        """The selected block, or the cursor's cell; call it only when there are rows."""
        return self._cursor.block

    @property
    def page(self) -> int:
        """The number of rows that fit on the screen."""
        return max(1, self.size.height - 1)

    @property
    def line_width(self) -> int:
        """Width of a line in cells, without the scroll bar."""
        bar = self.styles.scrollbar_size_vertical if self._source.row_count() >= self.size.height else 0
        return max(0, self.size.width - bar)

    def column_index(self, column: str) -> int | None:
        """Return the index of a column, None if there is no such column."""
        return next((index for index, each in enumerate(self._columns) if each.key == column), None)

    def cell_region(self, key: Key, column: int) -> Region | None:
        """Return where a cell is, its mark included, in the widget's own coordinates; None if it is off the screen."""
        place = self._column_layout.place_of(column)
        line = self._line_of(key)
        return None if place is None or line is None else Region(place.x, line + 1, place.width + 1, 1)

    def reload(self) -> None:
        """Draw all rows again after some came, went or moved."""
        source, cursor, before = self._source, self._cursor, self.cursor
        line = cursor.row - self.scroll_offset.y
        self._viewport.clear_requests()
        is_off_screen = cursor.key is None or not 0 <= line < self.page
        scroll = self._viewport.anchored_scroll(source, self.scroll_offset.y) if is_off_screen else None
        index = None if cursor.key is None else source.index_of(cursor.key)
        if index is not None:
            cursor.row = index
            if self._edit is not None:
                self._edit.set_found(source.row_cells(self._edit.key))
        else:
            cursor.row = max(0, min(cursor.row, source.row_count() - 1))
            if self._edit is None:
                cursor.key = source.key_at(cursor.row) if source.row_count() else None
            elif self._edit.lost_line is None:
                self._edit.lost_line = min(max(0, line), self.page - 1)
                self.post_message(messages.EditLost(self._edit.key, self._edit.column))
        cursor.find_selection(source)
        self._arrange_columns()
        self.virtual_size = Size(self.line_width, source.row_count() + 1)
        self._scroll_to_row(cursor.row - line if scroll is None else scroll)
        self.refresh()
        self.place_cursor()
        if self.cursor != before and self.cursor is not None:
            self.post_message(messages.CursorMoved(*self.cursor))
        if self._sought is not None:
            self.move_to(*self._sought)

    def refresh_cells(self, cells: Iterable[tuple[Key, str]]) -> None:
        """Draw these cells again, if they are on the screen."""
        indexes = {column.key: index for index, column in enumerate(self._columns)}
        for key, column in cells:
            if column in indexes:
                self._refresh_cell(key, indexes[column])

    # --- the cursor -----------------------------------------------------------------------------------------

    def move_to(self, key: Key, column: str | None = None) -> bool:
        """Move the cursor to a row (and column), scrolled into view; return False if the grid has no such cell."""
        row = self._source.index_of(key)
        index = self._cursor.column if column is None else self.column_index(column)
        if row is None or index is None:
            return False
        self._move_cursor(row, index)
        return True

    def seek_row(self, key: Key, column: str | None = None) -> bool:
        """Move the cursor to a row once it is loaded, unless the cursor is moved before."""
        is_there = self.move_to(key, column)
        self._sought = None if is_there else (key, column)
        return is_there

    def _move_cursor(self, row: int, column: int, *, extend: bool = False) -> None:
        """Move the cursor to a place, or to the nearest cell."""
        self._sought = None
        source, cursor = self._source, self._cursor
        if row != cursor.row:
            self._viewport.report_end(row, self.page, source.row_count(), down=row > cursor.row)
        row = max(0, min(row, source.row_count() - 1))
        column = max(0, min(column, len(self._columns) - 1))
        key = source.key_at(row) if source.row_count() else None
        if key is None:
            self._show_row(row)
            return
        key_before, column_before, block_before = cursor.key, cursor.column, cursor.selection
        has_moved = cursor.move_to_cell(key, row, column, extend=extend)
        is_rearranged = self._arrange_columns()
        if is_rearranged:
            self.refresh()
        if not self._show_row(row) and has_moved and not is_rearranged:
            self._refresh_moved(key_before, column_before)
        if cursor.find_selection(source) != block_before:
            self._refresh_block(block_before)
            self._refresh_block(cursor.selection)
        self.place_cursor()
        if has_moved:
            self.post_message(messages.CursorMoved(key, self._columns[column].key))

    def _refresh_moved(self, key_before: Key | None, column_before: int) -> None:
        key, column, layout = self._cursor.key, self._cursor.column, self._column_layout
        if column != column_before:
            for index in (column_before, column):
                if (place := layout.place_of(index)) is not None:
                    self.refresh(Region(place.x, 0, place.width + 1, 1))
        # The first cell of a line is bold where the cursor is.
        first = layout.placed[0].index if layout.placed else 0
        for row, indexes in ((key_before, {column_before, first}), (key, {column, first})):
            for index in indexes:
                if row is not None:
                    self._refresh_cell(row, index)

    def _show_row(self, index: int) -> bool:
        """Scroll a row into view; return whether that redrew everything."""
        top = self.scroll_offset.y
        target = min(max(top, index - self.page + 1), index)
        if target != top:
            self._scroll_to_row(target)
        return self.scroll_offset.y != top

    def _scroll_to_row(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def place_cursor(self) -> None:
        """Put the terminal's cursor on the cursor's cell, if the grid has the focus.

        The terminal draws there what an input method composes, before a byte of it arrives; so in navigation too.
        """
        if not self.has_focus or not self.region or not self.screen.is_active:
            return
        place = self._column_layout.place_of(self._cursor.column)
        x = 0 if place is None else place.x + 1
        if self._edit is not None and place is not None:
            x += self._edit.line.visible_window(place.width)[1]
        line = min(max(0, self._cursor_line()), self.page - 1)
        self.app.cursor_position = self.content_region.offset + Offset(x, line + 1)

    @property
    def _lost_line(self) -> int | None:
        """Line on screen of an edit whose row is no longer in the grid."""
        return None if self._edit is None else self._edit.lost_line

    def _cursor_line(self) -> int:
        return self._lost_line if self._lost_line is not None else self._cursor.row - self.scroll_offset.y

    def _refresh_block(self, block: Block | None) -> None:
        if block is not None:
            top = max(0, block.top - self.scroll_offset.y)
            bottom = min(self.page - 1, block.bottom - self.scroll_offset.y)
            if top <= bottom:
                self.refresh(Region(0, top + 1, self.size.width, bottom - top + 1))

    def _drop_block(self) -> bool:
        block = self._cursor.drop_selection()
        self._refresh_block(block)
        return block is not None

    # --- painting -------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, palette, cursor, layout = self.line_width, self._palette, self._cursor, self._column_layout
        column, line = cursor.column if cursor.key is not None else None, y - 1
        if y == 0:
            return paint_header(layout, width, palette, cursor=column, sorts=self._sorts)
        editing = (None, None) if self._edit is None else (cursor.column, self._edit.line)
        if self._edit is not None and self._edit.lost_line == line:
            self._viewport.note_drawn(line, None)
            return self._paint_row(Row(self._edit.cells, "lost", cursor.column, (), *editing))
        index = self.scroll_offset.y + line
        if index >= self._source.row_count():
            self._viewport.note_drawn(line, None)
            return paint_note(self.empty if index == 0 else "", width, palette)
        key = self._source.key_at(index)
        cells = None if key is None else self._source.row_cells(key)
        self._viewport.note_drawn(line, key)
        if cells is None:
            if self._viewport.add_missing(index):
                self.call_next(self._viewport.post_missing)
            return paint_note(glyphs().cut, width, palette)
        block = cursor.selection
        is_inside = block is not None and block.top <= index <= block.bottom
        selected = range(block.left, block.right + 1) if block is not None and is_inside else ()
        ground = "zebra" if self.zebra and index % 2 else ""
        if key != cursor.key:
            return self._paint_row(Row(cells, ground, None, selected))
        return self._paint_row(Row(cells, ground, column, selected, *editing))

    def _paint_row(self, row: Row) -> Strip:
        return paint_row(row, self._column_layout, self.line_width, self._palette)

    def _line_of(self, key: Key) -> int | None:
        if self._lost_line is not None and key == self._cursor.key:
            return self._lost_line
        index = self._source.index_of(key)
        line = -1 if index is None else index - self.scroll_offset.y
        return line if 0 <= line < self.page else None

    def _refresh_cell(self, key: Key, column: int) -> None:
        if (region := self.cell_region(key, column)) is not None:
            self.refresh(region)

    def _arrange_columns(self) -> bool:
        """Distribute the width over the columns; return whether that changed anything."""
        before = self._column_layout
        self._column_layout = arrange_columns(self._columns, self.line_width, self._cursor.column)
        return self._column_layout != before

    # --- editing --------------------------------------------------------------------------------------------

    @property
    def editing(self) -> tuple[Key, str, str] | None:
        """The edit under way: row key, column and text; None without one."""
        edit = self._edit
        return None if edit is None else (edit.key, edit.column, edit.line.text)

    def start_edit(self, text: str | None = None) -> bool:
        """Edit the cursor's cell: its own text with the caret at the end, or `text` instead.

        False if the cell is not editable or not loaded.
        """
        key, column = self._cursor.key, self._columns[self._cursor.column]
        if key is None or self._edit is not None or not column.editable:
            return False
        cells = self._source.row_cells(key)
        if cells is None:
            return False
        original = cells[self._cursor.column].text
        self._edit = CellEdit(key, column.key, original, LineEdit(original if text is None else text), cells)
        self._drop_block()
        self._show_row(self._cursor.row)
        self._refresh_edit()
        self.post_message(messages.EditStarted(key, column.key))
        return True

    def take_edit(self) -> tuple[Key, str, str] | None:
        """End the edit and return its `Edited` message instead of posting it; None if nothing changed.

        For a screen that must have it now, as when it saves.
        """
        edit = self._edit
        self.cancel_edit()
        return None if edit is None or edit.value == edit.original else (edit.key, edit.column, edit.value)

    def accept_edit(self) -> None:
        """End the edit and post its result."""
        if (edited := self.take_edit()) is not None:
            self.post_message(messages.Edited(*edited))

    def cancel_edit(self) -> None:
        """End the edit and discard its text."""
        edit, self._edit = self._edit, None
        if edit is not None:
            self.post_message(messages.EditEnded(edit.key, edit.column))
            if edit.lost_line is None:
                self._refresh_edit()
            else:
                self.reload()

    def _refresh_edit(self) -> None:
        if self._cursor.key is not None:
            self._refresh_cell(self._cursor.key, self._cursor.column)
        self.place_cursor()

    def _report_typed(self, edit: CellEdit) -> None:
        self._refresh_edit()
        self.post_message(messages.EditTyped(edit.key, edit.column))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether a key types text into the grid, so that it starts no shortcut."""
        if character is None or not character.isprintable():
            return False
        # Where one column can be typed into, a digit in another must not lead away to a menu.
        return self._edit is not None or (character != " " and any(column.editable for column in self._columns))

    def on_key(self, event: events.Key) -> None:
        edit, character = self._edit, event.character if event.is_printable else None
        is_used = self._press_key(event.key, character) if edit is None else self._edit_key(edit, event.key, character)
        if is_used:
            event.stop()
            event.prevent_default()

    def _edit_key(self, edit: CellEdit, key: str, character: str | None) -> bool:
        outcome = edit.press_key(key, character)
        if outcome is None:
            return False
        if outcome == "edited":
            if edit.lost_line is None:
                self._show_row(self._cursor.row)
            self._report_typed(edit)
        elif outcome == "cancel":
            self.cancel_edit()
        else:
            self._late.leave_cell(edit)
            self.accept_edit()
            if edit.lost_line is None and outcome in ("next", "previous"):
                self._move_to_editable(1 if outcome == "next" else -1)
            elif edit.lost_line is None:
                self._move_cursor(self._cursor.row + (1 if outcome == "down" else -1), self._cursor.column)
        return True

    def _press_key(self, key: str, character: str | None) -> bool:
        """Handle a key outside an edit; return False if the grid has no use for it."""
        if self._late.is_echo(key):
            self._late.forget_cell()
            return True
        if character is not None and self._type_character(character):
            return True
        self._late.forget_cell()
        if self._cursor.key is None:
            return False
        match key:
            case "enter" | "f2":
                return self._open_cell(key)
            case "tab" | "shift+tab":
                return self._move_to_editable(1 if key == "tab" else -1)
            case "delete" | "backspace":
                return self._clear_cells(key)
            case "ctrl+c":
                self.post_message(messages.Copied(self.block_text()))
                return True
            case "ctrl+v":
                return self._paste_text(self.app.clipboard)
            case "escape":
                return self._drop_block()
        return self._press_arrow(key)

    def _press_arrow(self, key: str) -> bool:
        cursor = self._cursor
        target = cursor.arrow_target(key, self.page, self._source.row_count(), len(self._columns))
        if target is None:
            return False
        if key.endswith(("pageup", "pagedown")):
            # By a page, so that the cursor keeps its line of the screen.
            self._scroll_to_row(self.scroll_offset.y + target[0] - cursor.row)
        self._move_cursor(*target, extend=key.startswith("shift+"))
        return True

    def _type_character(self, character: str) -> bool:
        """Begin an edit with a printable key; return False if none can begin."""
        if (retracted := self._late.retract_late()) is not None:
            key, column, value, late = retracted
            self.post_message(messages.Edited(key, column, value))
            return self.start_edit(late + character)
        if (edited := self._late.take_late(character)) is not None:
            self.post_message(messages.Edited(*edited))
            return True
        return self._is_editable() and character != " " and self.start_edit(character)

    def _is_editable(self) -> bool:
        return self._cursor.key is not None and self._columns[self._cursor.column].editable

    def _open_cell(self, key: str) -> bool:
        if self.start_edit():
            return True
        if key == "enter" and self.cursor is not None:
            self.post_message(messages.Activated(*self.cursor))
        return key == "enter"

    def _move_to_editable(self, step: int) -> bool:
        """Move to the next or previous editable cell; return False if there is none."""
        target = self._cursor.editable_target(step, self._columns, self._source.row_count())
        if target is not None:
            self._move_cursor(*target)
        return target is not None

    def block_text(self) -> str:
        """Return the selected block, or the cursor's cell, as tab-separated text for a spreadsheet."""
        return self._cursor.block_text(self._source)

    def _clear_cells(self, key: str) -> bool:
        if self._cursor.selection is not None:
            self._post_block(Pasted([[""]], []))
        elif not self._is_editable():
            return False
        elif key == "backspace":
            self.start_edit("")
        elif self.cursor is not None:
            self._post_changed(*self.cursor, "")
        return True

    def _post_changed(self, key: Key, column: str, value: str) -> None:
        """Post a new text for the cursor's cell, unless the cell has it already."""
        cells = self._source.row_cells(key)
        if cells is not None and cells[self._cursor.column].text != value:
            self.post_message(messages.Edited(key, column, value))

    def on_paste(self, event: events.Paste) -> None:
        if self._paste_text(event.text):
            event.stop()
            event.prevent_default()

    def _paste_text(self, text: str) -> bool:
        """Paste a text; return False if nothing can be pasted at the cursor."""
        self._late.forget_cell()
        pasted, edit = parse_block(text), self._edit
        if self.cursor is None or not any(column.editable for column in self._columns):
            return False
        is_single = len(pasted.rows) == 1 and len(pasted.rows[0]) == 1
        if edit is not None and is_single:
            edit.line.insert_text(pasted.rows[0][0])
            self._report_typed(edit)
        elif edit is not None and pasted.rows:
            self.cancel_edit()
            self.post_message(messages.BlockPasted(edit.key, edit.column, pasted))
        elif is_single and self._cursor.selection is None and self._is_editable():
            self._post_changed(*self.cursor, tidy_text(LineEdit(pasted.rows[0][0]).text))
        elif pasted.rows:
            self._post_block(pasted)
        return True

    def _post_block(self, pasted: Pasted) -> None:
        """Post a message about a block pasted over the selected one."""
        block = self.block
        key = self._source.key_at(block.top)
        if key is not None:
            result = Pasted(self._cursor.fill_block(pasted.rows), pasted.problems)
            self.post_message(messages.BlockPasted(key, self._columns[block.left].key, result))

    def on_click(self, event: events.Click) -> None:
        place = self._column_layout.place_at(event.x)
        if place is None:
            return
        event.stop()
        if event.y == 0:
            self.post_message(messages.HeaderChosen(place.column.key))
            return
        index = self.scroll_offset.y + event.y - 1
        if index >= self._source.row_count():
            return
        if self._edit is not None:
            if self._lost_line is None and (index, place.index) == (self._cursor.row, self._cursor.column):
                return
            self.accept_edit()
        self._late.forget_cell()
        self._move_cursor(index, place.index, extend=event.shift)
        if event.chain == 2:
            self._open_cell("enter")

    def notify_style_update(self) -> None:
        self._palette.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._arrange_columns()
        self._viewport.clear_drawn()
        self.virtual_size = Size(self.line_width, self._source.row_count() + 1)
        if self._edit is not None or self._cursor_line() >= self.page:
            self._show_row(self._cursor.row)
        self.refresh()
        self.place_cursor()

    def on_mount(self) -> None:
        self.reload()

    def _refresh_focus(self) -> None:
        self._palette.clear()
        line = None if self._cursor.key is None else self._line_of(self._cursor.key)
        if line is not None:
            self.refresh(Region(0, line + 1, self.size.width, 1))
        self.place_cursor()

    on_focus = on_blur = _refresh_focus

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._viewport.clear_drawn()
            is_down = new_value > old_value
            index = round(new_value) + (self.page - 1 if is_down else 0)
            self._viewport.report_end(index, self.page, self._source.row_count(), down=is_down)
            self.place_cursor()
