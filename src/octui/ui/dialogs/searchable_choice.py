"""Dialog for choosing from a long list: part of any word of a row finds it."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from textual import events, on
from textual.containers import Vertical
from textual.widget import Widget

from octui.text.choseong import Matcher, choseong, fold_case
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_, Words
from octui.ui.widgets.columns import Cell, Column, Key, ListSource
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.text_lines import heading_lines

Value = TypeVar("Value", bound=Hashable)


class SearchableChoice(Dialog[Value | None], Generic[Value]):
    """A window with a search line and rows. Returns the value of the chosen row, or None when it was closed."""

    KEYS = (("Enter", N_("Choose")), CLOSE)

    def __init__(
        self,
        heading: str,
        hint: str,
        columns: Sequence[Column],
        rows: Mapping[Value, Sequence[str]],
        t: Words,
        start: Value | None = None,
        *,
        typed: str = "",
    ) -> None:
        """Create the window; `rows`: texts by value, `start`: value under the cursor, `typed`: first search."""
        super().__init__()
        # What opened the window was typed before everything that comes to it.
        self._typed, self._is_ready = [(typed, 0.0)] if typed else [], False
        self._heading, self._hint, self._columns, self._t = heading, hint, columns, t
        self._values, self._texts = list(rows), list(rows.values())
        self._start = next((index for index, value in enumerate(self._values) if value == start), 0)
        self._digests = [(fold_case(" ".join(row)), choseong(" ".join(row))) for row in self._texts]
        self._source: ListSource[int] = ListSource(lambda index: index, self._cells_of)
        self._search_rows("")

    def _cells_of(self, index: int) -> list[Cell]:
        return [Cell(text, "muted" if column else "") for column, text in enumerate(self._texts[index])]

    def _search_rows(self, text: str) -> None:
        matcher = Matcher(text)
        matches = (not text or matcher.matches(*digest) for digest in self._digests)
        self._source.set_rows([index for index, is_match in enumerate(matches) if is_match])

    def compose_body(self) -> Vertical:
        grid = Grid(self._columns, self._source)
        box = Vertical(heading_lines([f" {self._heading}"]), SearchLine(self._hint), grid)
        box.styles.width = max(44, sum(max(column.width, column.most) + 2 for column in self._columns) + 4)
        box.styles.height = len(self._values) + 6
        return box

    def initial_focus(self) -> Widget:
        return self.query_one(Grid)

    def on_mount(self) -> None:
        grid = self.query_one(Grid)
        grid.reload()
        grid.move_to(self._start)
        self._is_ready = True
        for text, time in self._typed:
            self.type_letter(text, time)

    def type_letter(self, text: str, at: float) -> None:
        """Add a letter to the search, even before the window is mounted; `at`: time of the key press."""
        if not self._is_ready:
            self._typed.append((text, at))
            return
        line = self.query_one(SearchLine)
        self.set_focus(line)
        line.insert_letter(text, at)

    @on(SearchLine.Asked)
    def _show_matches(self, event: SearchLine.Asked) -> None:
        grid = self.query_one(Grid)
        self._search_rows(event.text.strip())
        grid.empty = "" if self._source.rows else self._t("Nothing was found.")
        grid.reload()
        if self._source.rows:
            grid.move_to(self._source.rows[0])

    @on(SearchLine.Left)
    def _leave_search(self, event: SearchLine.Left) -> None:
        grid = self.query_one(Grid)
        if event.enter and self.query_one(SearchLine).value.strip() and grid.cursor is not None:
            self._choose_key(grid.cursor[0])
        else:
            grid.focus()

    @on(Grid.Activated)
    def _choose_activated(self, event: Grid.Activated) -> None:
        self._choose_key(event.key)

    def _choose_key(self, key: Key) -> None:
        self.dismiss(self._values[int(key)])

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+g"):
            event.stop()
            self.action_close()
        elif event.character is not None and event.is_printable:
            # Typing searches, wherever the cursor is; and a key may have been on its way when the line got the focus.
            event.stop()
            self.type_letter(event.character, event.time)

    def action_close(self) -> None:
        """Close the window without choosing."""
        self.dismiss(None)
