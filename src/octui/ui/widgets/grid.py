"""The grid: a table for many rows over a slow line, edited in place like a spreadsheet.

The cell editor is drawn by the grid itself, no widget is laid over it: starting an edit costs 5 ms and half a kilobyte.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from textual import events

from octui.text.tsv import Block as Pasted
from octui.text.tsv import format_block, parse_block
from octui.ui.widgets import grid_messages as messages
from octui.ui.widgets.columns import Column, Glyphs, Key, Source, tidy
from octui.ui.widgets.grid_edit import CellEdit, LateSyllables, Outcome
from octui.ui.widgets.grid_view import GridView
from octui.ui.widgets.line_edit import LineEdit

COPY_ROWS = 5_000  # as many as a paste takes


class Grid(GridView):
    """A `GridView` with keys, editing, paste and copy. See `grid_messages` for what it reports.

    Typing on an editable cell replaces it, Enter or F2 edits it; Enter accepts and goes down, Tab to the next editable
    cell, Esc or Ctrl+G cancels. The grid changes nothing itself: the screen takes `Edited` and `BlockPasted` to its
    drafts and has the cells painted again.
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

    def __init__(
        self,
        columns: Sequence[Column],
        source: Source | None = None,
        *,
        glyphs: Glyphs | None = None,
        zebra: bool = False,
        empty: str = "",
        clock: Callable[[], float] = time.monotonic,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(columns, source, glyphs=glyphs, zebra=zebra, empty=empty, id=id, classes=classes)
        self._late = LateSyllables(clock)

    # Editing

    @property
    def editing(self) -> tuple[Key, str, str] | None:
        """Key, column and text of the edit under way."""
        edit = self._edit
        return None if edit is None else (edit.key, edit.column, edit.line.text)

    @property
    def edit_lost(self) -> bool:
        """The row under edit is not shown any more."""
        return self._ghost is not None

    def start_edit(self, text: str | None = None) -> bool:
        """Edit the cursor's cell: its own text with the caret at the end, or `text` in its place. False if the cell is
        not editable or not loaded."""
        if self._key is None or self._edit is not None or not self._columns[self._col].editable:
            return False
        cells = self._source.cells(self._key)
        if cells is None:
            return False
        own = cells[self._col].text
        self._edit_cells = cells
        self._edit = CellEdit(self._key, self._columns[self._col].key, own, LineEdit(own if text is None else text))
        self._drop_block()
        self._show_line(self._at)
        self._refresh_edit()
        self.post_message(messages.EditStarted(self._edit.key, self._edit.column))
        return True

    def take_edit(self) -> tuple[Key, str, str] | None:
        """End the edit and return what `Edited` would say (None if nothing changed), without a message: for a screen
        that must have it now, as when it saves."""
        edit = self._end_edit()
        return None if edit is None or edit.value == edit.original else (edit.key, edit.column, edit.value)

    def accept_edit(self) -> None:
        """End the edit and report it."""
        if (edited := self.take_edit()) is not None:
            self.post_message(messages.Edited(*edited))

    def cancel_edit(self) -> None:
        """End the edit as if it had not been."""
        self._end_edit()

    def _end_edit(self) -> CellEdit | None:
        edit, self._edit = self._edit, None
        if edit is None:
            return None
        self._edit_cells = ()
        self.post_message(messages.EditEnded(edit.key, edit.column))
        if self._ghost is None:
            self._refresh_edit()
        else:
            self._ghost = None
            self.reload()
        return edit

    def _refresh_edit(self) -> None:
        if self._key is not None:
            self._refresh_cell(self._key, self._col)
        self.place_cursor()

    # Keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Printable keys are text here, not shortcuts."""
        if character is None or not character.isprintable():
            return False
        # Where one column can be typed into, a digit in another must not lead away to a menu.
        return self._edit is not None or (character != " " and any(column.editable for column in self._columns))

    def on_key(self, event: events.Key) -> None:
        character = event.character if event.is_printable else None
        press = self._press_moving if self._edit is None else self._press_editing
        if press(event.key, character):
            event.stop()
            event.prevent_default()

    def _press_editing(self, key: str, character: str | None) -> bool:
        assert self._edit is not None
        edit = self._edit
        outcome = edit.press(key, character)
        if outcome is None:
            return False
        if outcome == "edited":
            if self._ghost is None:
                self._show_line(self._at)
            self._refresh_edit()
            self.post_message(messages.EditTyped(edit.key, edit.column))
        elif outcome == "cancel":
            self.cancel_edit()
        else:
            lost = self._ghost is not None
            self._late.leave(edit)
            self.accept_edit()
            if not lost:
                self._leave(outcome)
        return True

    def _leave(self, outcome: Outcome) -> None:
        if outcome in ("next", "previous"):
            self._go_editable(1 if outcome == "next" else -1)
        else:
            self._go(self._at + (1 if outcome == "down" else -1), self._col)

    def _press_moving(self, key: str, character: str | None) -> bool:
        if self._late.is_echo(key):
            self._late.forget()
            return True
        if character is not None and self._type(character):
            return True
        self._late.forget()
        if self._key is None:
            return False
        if key in ("enter", "f2"):
            return self._open(key)
        if key in ("tab", "shift+tab"):
            return self._go_editable(1 if key == "tab" else -1)
        if key in ("delete", "backspace"):
            return self._clear(key)
        if key == "ctrl+c":
            self.post_message(messages.Copied(self.block_text()))
            return True
        if key == "ctrl+v":
            return self._paste(self.app.clipboard)
        if key == "escape":
            return self._drop_block()
        return self._press_arrow(key)

    def _press_arrow(self, key: str) -> bool:
        extend = key.startswith("shift+")
        row, col, last = self._at, self._col, self._source.count() - 1
        places = {
            "up": (row - 1, col),
            "down": (row + 1, col),
            "left": (row, col - 1),
            "right": (row, col + 1),
            "pageup": (row - self.page, col),
            "pagedown": (row + self.page, col),
            "home": (row, 0),
            "end": (row, len(self._columns) - 1),
            "ctrl+home": (0, col),
            "ctrl+end": (last, col),
        }
        place = places.get(key.removeprefix("shift+"))
        if place is None:
            return False
        if key.endswith(("pageup", "pagedown")):
            # By a page, so that the cursor keeps its line of the screen.
            top = self.scroll_offset.y + place[0] - row
            self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self._go(*place, extend=extend)
        return True

    def _type(self, character: str) -> bool:
        """A printable key in navigation. False if it is no text here."""
        if (retracted := self._late.retract()) is not None:
            key, column, value, late = retracted
            self.post_message(messages.Edited(key, column, value))
            return self.start_edit(late + character)
        if (taken := self._late.take(character)) is not None:
            self.post_message(messages.Edited(*taken))
            return True
        return self._types_here() and character != " " and self.start_edit(character)

    def _types_here(self) -> bool:
        return self._key is not None and self._columns[self._col].editable

    def _open(self, key: str) -> bool:
        if self.start_edit():
            return True
        if key == "enter" and self.cursor is not None:
            self.post_message(messages.Activated(*self.cursor))
        return key == "enter"

    def _go_editable(self, step: int) -> bool:
        """To the next or previous editable cell, over the ends of rows. False if there is none that way."""
        editable = [i for i, column in enumerate(self._columns) if column.editable]
        ahead = [i for i in editable if (i - self._col) * step > 0]
        if ahead:
            self._go(self._at, min(ahead) if step > 0 else max(ahead))
        elif editable and 0 <= self._at + step < self._source.count():
            self._go(self._at + step, editable[0] if step > 0 else editable[-1])
        else:
            return False
        return True

    # Blocks

    def block_text(self) -> str:
        """The selected block, or the cursor's cell, as a spreadsheet takes it."""
        block = self.block
        rows = []
        for index in range(block.top, min(block.bottom, block.top + COPY_ROWS - 1) + 1):
            key = self._source.key_at(index)
            cells = None if key is None else self._source.cells(key)
            columns = range(block.left, block.right + 1)
            rows.append(["" if cells is None else cells[column].text for column in columns])
        return format_block(rows) if self._block is not None else rows[0][0]

    def _clear(self, key: str) -> bool:
        if self._block is not None:
            self._post_block([[""]])
        elif not self._types_here():
            return False
        elif key == "backspace":
            self.start_edit("")
        elif self.cursor is not None and (cell := self.cell(self.cursor[0], self._col)) is not None and cell.text:
            self.post_message(messages.Edited(*self.cursor, ""))
        return True

    def on_paste(self, event: events.Paste) -> None:
        if self._paste(event.text):
            event.stop()
            event.prevent_default()

    def _paste(self, text: str) -> bool:
        """Take in a paste. False if nothing can be pasted here."""
        self._late.forget()
        pasted = parse_block(text)
        if self._key is None or not any(column.editable for column in self._columns):
            return False
        single = len(pasted.rows) == 1 and len(pasted.rows[0]) == 1
        if not pasted.rows:
            return True
        if self._edit is not None:
            if single:
                self._edit.line.insert(pasted.rows[0][0])
                self._refresh_edit()
                self.post_message(messages.EditTyped(self._edit.key, self._edit.column))
                return True
            edit = self._edit
            self.cancel_edit()
            self.post_message(messages.BlockPasted(edit.key, edit.column, pasted))
        elif single and self._block is None and self._types_here():
            value, cell = tidy(LineEdit(pasted.rows[0][0]).text), self.cell(self._key, self._col)
            if cell is not None and cell.text != value:
                self.post_message(messages.Edited(self._key, self._columns[self._col].key, value))
        else:
            self._post_block(pasted.rows, pasted)
        return True

    def _post_block(self, rows: list[list[str]], pasted: Pasted | None = None) -> None:
        """A block for the selected one; a single text fills it."""
        block = self.block
        key = self._source.key_at(block.top)
        if key is None:
            return
        if len(rows) == 1 and len(rows[0]) == 1:
            wide, high = block.right - block.left + 1, min(block.bottom - block.top + 1, COPY_ROWS)
            rows = [rows[0] * wide for _ in range(high)]
        result = Pasted(rows, [] if pasted is None else pasted.problems)
        self.post_message(messages.BlockPasted(key, self._columns[block.left].key, result))

    def _drop_block(self) -> bool:
        block, self._corner, self._block = self._block, None, None
        self._refresh_block(block)
        return block is not None

    # Mouse

    def on_click(self, event: events.Click) -> None:
        place = self._placing.at(event.x)
        if place is None:
            return
        event.stop()
        if event.y == 0:
            self.post_message(messages.HeaderChosen(place.column.key))
            return
        index = self.scroll_offset.y + event.y - 1
        if index >= self._source.count():
            return
        if self._edit is not None:
            if self._ghost is None and (index, place.index) == (self._at, self._col):
                return
            self.accept_edit()
        self._late.forget()
        self._go(index, place.index, extend=event.shift)
        if event.chain == 2:
            self._open("enter")
