"""One thing out of a list that may be long: part of any of its words finds it."""

from collections.abc import Sequence

from textual import events, on
from textual.containers import Vertical
from textual.widget import Widget

from octui.text.choseong import Matcher, choseong, fold_case
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.dialogs.report import Lines
from octui.ui.locale import N_, Words
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine


class _Found:
    """The grid's source: the rows that match, by their place in the whole list."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        self.rows = rows
        self._digests = [(fold_case(" ".join(row)), choseong(" ".join(row))) for row in rows]
        self.shown = list(range(len(rows)))

    def search(self, text: str) -> None:
        matcher = Matcher(text)
        self.shown = [i for i, digest in enumerate(self._digests) if not text or matcher.matches(*digest)]

    def count(self) -> int:
        return len(self.shown)

    def key_at(self, index: int) -> Key | None:
        return self.shown[index] if 0 <= index < len(self.shown) else None

    def index_of(self, key: Key) -> int | None:
        return self.shown.index(int(key)) if key in self.shown else None

    def cells(self, key: Key) -> list[Cell] | None:
        return [Cell(text, "muted" if at else "") for at, text in enumerate(self.rows[int(key)])]


class Pick(Dialog[int | None]):
    """Answers the place of the row chosen, or None when it was closed. `rows`: a cell for each of the `columns`."""

    KEYS = (("Enter", N_("Choose")), CLOSE)

    def __init__(
        self,
        heading: str,
        hint: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        t: Words,
        at: int = 0,
        *,
        typed: str = "",
    ) -> None:
        """`typed`: searched for from the beginning."""
        super().__init__()
        self._typed, self._there = typed, False
        self._heading, self._hint, self._columns, self._t, self._start = heading, hint, columns, t, at
        self._found = _Found(rows)

    def body(self) -> Vertical:
        heading = Lines([f" {self._heading}"])
        heading.can_focus = False
        heading.add_class("heading")
        heading.styles.height = 1
        grid = Grid(self._columns, self._found)
        box = Vertical(heading, SearchLine(self._hint), grid)
        box.styles.width = max(44, sum(max(column.width, column.most) + 2 for column in self._columns) + 4)
        box.styles.height = len(self._found.rows) + 6
        return box

    def first(self) -> Widget:
        return self.query_one(Grid)

    def on_mount(self) -> None:
        grid = self.query_one(Grid)
        grid.reload()
        if 0 <= self._start < len(self._found.rows):
            grid.move_to(self._start)
        self._there = True
        if self._typed:
            self.type(self._typed)

    def type(self, text: str) -> None:
        """Search for this too: keys that came before the window could take them."""
        if not self._there:
            self._typed += text
            return
        line = self.query_one(SearchLine)
        self.set_focus(line)
        line.value += text
        line.cursor_position = len(line.value)

    @on(SearchLine.Asked)
    def _asked(self, event: SearchLine.Asked) -> None:
        grid = self.query_one(Grid)
        self._found.search(event.text.strip())
        grid.empty = "" if self._found.shown else self._t("Nothing was found.")
        grid.reload()
        if self._found.shown:
            grid.move_to(self._found.shown[0])

    @on(SearchLine.Left)
    def _left(self, event: SearchLine.Left) -> None:
        grid = self.query_one(Grid)
        if event.enter and self.query_one(SearchLine).value.strip() and grid.cursor is not None:
            self.dismiss(int(grid.cursor[0]))
        else:
            grid.focus()

    @on(Grid.Activated)
    def _chosen(self, event: Grid.Activated) -> None:
        self.dismiss(int(event.key))

    def on_key(self, event: events.Key) -> None:
        line = self.query_one(SearchLine)
        if event.key in ("escape", "ctrl+g"):
            event.stop()
            self.action_close()
        elif not line.has_focus and event.character is not None and event.is_printable:
            # Typing searches, wherever the cursor is.
            event.stop()
            self.type(event.character)

    def action_close(self) -> None:
        """Nothing was chosen."""
        self.dismiss(None)
