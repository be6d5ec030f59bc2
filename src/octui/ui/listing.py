"""Base of the screens that consist of one table with a search line and a status line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import on, work
from textual.widget import Widget

from octui.client.errors import ClientError, Refused
from octui.state.rows import Changes, KeyedRows, Sort, View
from octui.text.choseong import Matcher, choseong, fold_case
from octui.ui.actions import reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.exports import Table
from octui.ui.table_screen import TableScreen
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine

Row = TypeVar("Row")
TRY_AGAIN_S = 5


class _Source(Generic[Row]):
    """Source of the grid of a listing: the rows of its view as cells."""

    def __init__(self, view: View[Row], cells: Callable[[Row], list[Cell]]) -> None:
        self._view, self._cells = view, cells

    def row_count(self) -> int:
        return len(self._view)

    def key_at(self, index: int) -> Key | None:
        return self._view.keys[index] if 0 <= index < len(self._view) else None

    def index_of(self, key: Key) -> int | None:
        return self._view.position(key)

    def row_cells(self, key: Key) -> Sequence[Cell] | None:
        row = self._view.rows.get(key)
        return None if row is None else self._cells(row)


class Listing(TableScreen, Generic[Row]):
    """A screen with one table that it loads, filters and sorts. `TITLES`: column titles by key, in order."""

    TITLES: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        rows: KeyedRows[Row],
        sort_keys: dict[str, Callable[[Row], Any]] | None = None,
        view: View[Row] | None = None,
    ) -> None:
        """Create the screen; `view` comes from a table with its own search, else one with `sort_keys` is made."""
        super().__init__()
        self.rows = rows
        keys: dict[str, Callable[[Row], Any]] = {"name": lambda row: fold_case(self.search_words(row)[0])}
        self.view: View[Row] = (
            View(rows, sort_keys=keys | (sort_keys or {}), digest=self._digest) if view is None else view
        )
        self.loaded = False
        self.failed: ClientError | None = None
        self.foot = StatusLine()
        """The line of words under the table."""
        self._loading = False
        self._again = False
        self._ticks_failed = 0

    # Implemented by each screen

    def search_words(self, row: Row) -> tuple[str, ...]:
        """Return the texts of a row in which the search looks, the row's name first."""
        raise NotImplementedError

    def table_columns(self) -> list[Column]:
        """Return the columns, in the order of `TITLES`."""
        raise NotImplementedError

    def row_cells(self, row: Row) -> list[Cell]:
        """Return the cells of a row, in the order of the columns."""
        raise NotImplementedError

    def columns_showing(self, fields: Iterable[str]) -> Iterable[str]:
        """Return the columns that show these fields; all columns, unless a subclass knows better."""
        return self.TITLES

    def empty_hint(self) -> str:
        """Return a hint shown in the empty table, about what to do first."""
        raise NotImplementedError

    def summary_text(self) -> str:
        """Return the text of the status line: how many of the rows are shown."""
        return self.t("{shown} of {all} people", shown=len(self.view), all=len(self.rows))

    def _digest(self, row: Row) -> tuple[str, str]:
        words = " ".join(self.search_words(row))
        return fold_case(words), choseong(words)

    # Drawing

    def compose_body(self) -> list[Widget]:
        return [SearchLine(), Grid([Column("", "", 1)], _Source(self.view, self.row_cells)), self.foot]

    def on_mount(self) -> None:
        self.query_one(Grid).focus()
        self.refresh_texts()

    def refresh_texts(self) -> None:
        self.query_one(SearchLine).placeholder = self.t("Part of name, ID or e-mail; initials work")
        grid = self.query_one(Grid)
        grid.columns = self.table_columns()
        self._show_foot()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace all rows."""
        self.apply_changes(self.rows.replace(rows))

    def apply_changes(self, changes: Changes) -> None:
        """Draw the table again after these changes of `self.rows`."""
        self.draw_changes(self.view.update(changes), changes)

    def draw_changes(self, moved: bool, changes: Changes) -> None:
        """Draw changes that the view already has; `moved`: rows came, went or changed places."""
        first, self.loaded, self.failed = not self.loaded, True, None
        if moved or first or not len(self.rows):
            self.draw_rows()
        else:
            self.draw_cells(
                (key, column) for key, names in changes.changed.items() for column in self.columns_showing(names)
            )

    def draw_rows(self) -> None:
        """Draw the whole table again."""
        if self.is_mounted:
            grid = self.query_one(Grid)
            grid.empty = self._why_empty()
            grid.reload()
            self._show_foot()

    def draw_cells(self, cells: Iterable[tuple[Key, str]]) -> None:
        """Draw these cells again."""
        self.query_one(Grid).refresh_cells(cells)
        self._show_foot()

    # Loading

    async def load_rows(self, connection: Connection) -> None:
        """Load the rows and show them; do nothing in a subclass whose rows come by the feed. Raises ClientError."""

    def _request_load(self) -> None:
        """Load the rows, at once or after the load under way."""
        self._again = True
        if not self._loading:
            self._loading = True
            self._load_all()

    @work(group="load", exit_on_error=False)
    async def _load_all(self) -> None:
        self._ticks_failed = 0
        try:
            while self._again and self.connection is not None:
                self._again = False
                await self.load_rows(self.connection)
        except ClientError as error:
            self.show_failure(error)
        finally:
            self._loading = False
        self.refresh_lines()

    def on_tick(self) -> None:
        if self.failed is not None and not isinstance(self.failed, Refused) and not self.host.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= TRY_AGAIN_S:
                self._request_load()

    def show_failure(self, error: ClientError) -> None:
        """Show in the status line that the rows could not be loaded."""
        self.failed = error
        self._show_foot()

    def _show_foot(self) -> None:
        if self.failed is not None:
            self.foot.say(self.host.error_sentence(self.failed), error=True)
        else:
            self.foot.say(self.summary_text() if self.loaded else "")

    def _why_empty(self) -> str:
        if len(self.rows):
            return self.t("Nobody matches. Esc in the search line shows everybody again.")
        return self.empty_hint() if self.loaded else ""

    # Search and order

    def on_connected(self, connection: Connection) -> None:
        if self._saved is None:
            saved = self.load_preferences(connection)
            column, search = saved.get_text(self.WORD, "sort"), saved.get_text(self.WORD, "search")
            if column in self.TITLES:
                self._sort_by(column, bool(saved.get(self.WORD, "descending")))
            if search:
                self.query_one(SearchLine).value = search
                self.query_one(SearchLine).search_now()

    @on(SearchLine.Asked)
    def _search_asked(self, event: SearchLine.Asked) -> None:
        self.search_rows(event.text.strip())
        self.draw_rows()
        self.save_preferences(search=event.text.strip())

    def search_rows(self, text: str) -> None:
        """Show only the rows that match the text; all rows for an empty text."""
        matcher = Matcher(text)
        self.view.filter((lambda digest: matcher.matches(*digest)) if text else None)

    def action_sort(self) -> None:
        """Sort by the cursor's column; a second time, sort in reverse."""
        cursor = self.query_one(Grid).cursor
        if self.is_enabled("list.sort") and cursor is not None:
            self._sort_again(cursor[1])

    @on(Grid.HeaderChosen)
    def _header_chosen(self, event: Grid.HeaderChosen) -> None:
        self._sort_again(event.column)

    def _sort_again(self, column: str) -> None:
        descending = self.view.sorts == (Sort(column),)
        self._sort_by(column, descending)
        self.save_preferences(sort=column, descending=descending)

    def _sort_by(self, column: str, descending: bool) -> None:
        self.view.sort(Sort(column, descending=descending))
        grid = self.query_one(Grid)
        grid.sorts = [(column, descending)]
        grid.reload()

    # Keys

    @reason_for("list.sort", "list.copy", "list.export")
    def no_row_reason(self) -> str | None:
        """Return a sentence if there is no row under the cursor to act on, else None."""
        return self.t("There is no row to choose.") if self.chosen_row is None else None

    @property
    def chosen_row(self) -> Row | None:
        """The row under the cursor."""
        cursor = self.query_one(Grid).cursor
        return None if cursor is None else self.rows.get(cursor[0])

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self.refresh_lines()

    def table_shown(self) -> Table:
        titles = [self.t(title) for title in self.TITLES.values()]
        rows = [tuple(cell.text for cell in self.row_cells(self.rows[key])) for key in self.view.keys]
        return Table(self.WORD, titles, rows)
