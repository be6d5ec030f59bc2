"""The CTI agents table on screen: loading it, searching, sorting, what is said of it, export."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from textual import on, work
from textual.widget import Widget

from octui.client.errors import ClientError, Refused
from octui.schema.common import LARGEST_PAGE, Head
from octui.schema.live import cti_topic
from octui.schema.problems import FieldProblem
from octui.sheets.cti import COLUMNS as SHEET_COLUMNS
from octui.state.cti_table import EDITABLE, FIELDS, Counts, CtiTable
from octui.state.drafts import CellId
from octui.ui.actions import reason_for
from octui.ui.exports import Table
from octui.ui.screens.cti import words
from octui.ui.sentences import field_sentence
from octui.ui.session import Session
from octui.ui.table_screen import TableScreen
from octui.ui.widgets.columns import Cell, Key, Tone
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine

_TRY_AGAIN_S = 5


class _Rows:
    """The grid's source: the table's rows with this person's edits."""

    def __init__(self, screen: "CtiView") -> None:
        self._screen = screen

    def row_count(self) -> int:
        return len(self._screen.table.view)

    def key_at(self, index: int) -> Key | None:
        keys = self._screen.table.view.keys
        return keys[index] if 0 <= index < len(keys) else None

    def index_of(self, key: Key) -> int | None:
        return self._screen.table.view.position(key)

    def row_cells(self, key: Key) -> Sequence[Cell] | None:
        table = self._screen.table
        texts = table.row_texts(key)
        if texts is None:
            return None
        tone: Tone = "stale" if self._screen.host.stale else ""
        return [Cell(text, tone, table.drafts.mark(key, name)) for name, text in zip(FIELDS, texts, strict=True)]


class CtiView(TableScreen):
    """Everything of the CTI agents screen but the editing; see `screens.cti`."""

    WORD = "cti"

    def __init__(self) -> None:
        super().__init__()
        self.table = CtiTable(self._explain)
        self.counts = Counts(0, 0)
        self._sort: tuple[str, bool] | None = None
        self.revision: int | None = None
        self._expected = 0
        self._loading = False
        self._again = False
        self._failed: ClientError | None = None
        self._ticks_failed = 0
        self.one_at_a_time = asyncio.Lock()

    def compose_body(self) -> list[Widget]:
        return [SearchLine(), Grid(words.columns(self.t), _Rows(self)), StatusLine()]

    def on_mount(self) -> None:
        self.grid.focus()
        self.refresh_texts()

    @property
    def grid(self) -> Grid:
        """The table on screen."""
        return self.query_one(Grid)

    def _explain(self, problem: FieldProblem) -> str:
        return field_sentence(problem, self.t)

    def refresh_texts(self) -> None:
        self.query_one(SearchLine).placeholder = self.t(
            "Part of name, ID, e-mail, CTI ID, CTI NO or service; initials work"
        )
        self.grid.columns = words.columns(self.t)
        self.rows_changed()

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, session: Session) -> None:
        self.release_topics()
        if self._saved is None:
            self.first_connected(session)
        self.lease_topic(cti_topic(session.service), self._head_changed)
        self.rows_changed()
        self.loaded()

    def loaded(self) -> None:
        """All rows are there, or the screen is shown again."""

    def first_connected(self, session: Session) -> None:
        """The first connection of this screen: what was searched last time."""
        saved = self.load_preferences(session)
        column = saved.get_text(self.WORD, "sort")
        if column in FIELDS:
            self._sort_by(column, bool(saved.get(self.WORD, "descending")))
        search = saved.get_text(self.WORD, "search")
        if search:
            self.query_one(SearchLine).value = search
            self.query_one(SearchLine).ask()

    def _head_changed(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("This table may not be read any more."), error=True)
            return
        head = Head.model_validate(body)
        self._expected = head.count
        if self.revision is None or head.revision > self.revision:
            self._load()

    def _load(self) -> None:
        """One load at a time; what changes meanwhile is loaded after it."""
        self._again = True
        if not self._loading:
            self._loading = True
            self._load_changes()

    @work(group="cti", exit_on_error=False)
    async def _load_changes(self) -> None:
        self._failed, self._ticks_failed = None, 0
        try:
            while self._again and self.session is not None:
                self._again = False
                await self._load_pages(self.session)
        except ClientError as error:
            self._failed = error
        finally:
            self._loading = False
        self.rows_changed()
        self.loaded()

    async def _load_pages(self, session: Session) -> None:
        since, after, revision = self.revision, None, None
        seen: set[Key] = set()
        while True:
            # A page asked for before a save must not be taken in after it.
            async with self.one_at_a_time:
                page = await session.api.cti_agents(
                    session.service, after=after, changed_since=since, limit=LARGEST_PAGE
                )
                revision = page.revision if revision is None else min(revision, page.revision)
                seen.update(agent.account for agent in page.agents)
                gone: list[Key] = list(page.removed)
                if page.next is None and since is None:
                    gone += [key for key in self.table.row_keys() if key not in seen]
                moved, changes = self.table.apply_rows(page.agents, gone)
            if moved:
                self.rows_changed()
            else:
                self.cells_changed((key, name) for key, names in changes.changed.items() for name in names)
            after = page.next
            if after is None:
                self.revision = revision
                return

    def on_tick(self) -> None:
        if self._failed is not None and not isinstance(self._failed, Refused) and not self.host.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= _TRY_AGAIN_S:
                self._load()

    # --- what is shown --------------------------------------------------------------------------------------

    def rows_changed(self) -> None:
        """Rows came, went or moved, or everything is to be drawn again."""
        if not self.is_mounted:
            return
        self.grid.empty = self._why_empty()
        self.grid.reload()
        self._say_status()

    def cells_changed(self, cells: Iterable[CellId]) -> None:
        """Cells changed, and with them perhaps the marks of other edits."""
        first = int(self.grid.scroll_offset.y)
        seen = self.table.view.keys[first : first + self.grid.page]
        edited = ((key, name) for key in seen for name in EDITABLE if self.table.drafts.value(key, name) is not None)
        self.grid.refresh_cells({*cells, *edited})
        self._say_status()

    def _edits_changed(self, cells: Iterable[CellId]) -> None:
        if self.table.hold_still(self.grid.editing is not None):
            self.rows_changed()
        else:
            self.cells_changed(cells)

    def _why_empty(self) -> str:
        t = self.t
        if len(self.table.rows):
            return t("Nobody matches. Esc in the search line shows everybody again.")
        if self.revision is None:
            return t("Loading...") if self.session is not None and self._failed is None else ""
        return t("No agents yet: give a member a role in the menu Agents.")

    def _say_status(self) -> None:
        self.counts = self.table.counts()
        self._say_cell()
        self.refresh_lines()

    def _say_cell(self) -> None:
        """What is said of the cursor's cell, else the counts."""
        line = self.query_one(StatusLine)
        cursor = self.grid.cursor
        text, wrong = words.cell_words(self.table, *cursor, self.t) if cursor is not None else ("", False)
        if wrong:
            line.say(text, error=True)
            return
        if self._failed is not None:
            line.say(self.host.error_sentence(self._failed), error=True)
            return
        if self._loading and self.revision is None and self._expected:
            parts = [self.t("loading, {count} in all", count=f"{self._expected:,}")]
        else:
            parts = []
        if self.revision is not None or self.counts.people:
            parts.insert(0, words.status(self.counts, self.t, hint=not parts and not text))
        line.say("   ".join([*parts, *filter(None, [text])]))

    # --- search and sort ------------------------------------------------------------------------------------

    @on(SearchLine.Asked)
    def _asked(self, event: SearchLine.Asked) -> None:
        self.table.search(event.text)
        self.rows_changed()
        self.save_preferences(search=event.text.strip())

    def action_sort(self) -> None:
        """Sort by the column of the cursor; again turns it round."""
        if self.grid.cursor is not None:
            self._sort_again(self.grid.cursor[1])

    @on(Grid.HeaderChosen)
    def _header_chosen(self, event: Grid.HeaderChosen) -> None:
        self._sort_again(event.column)

    def _sort_again(self, column: str) -> None:
        self._sort_by(column, self._sort == (column, False))
        self.rows_changed()
        self.save_preferences(sort=column, descending=self._sort == (column, True))

    def _sort_by(self, column: str, descending: bool) -> None:
        self._sort = column, descending
        self.table.sort(column, descending)
        self.grid.sorts = [(column, descending)]

    # --- keys -----------------------------------------------------------------------------------------------

    @reason_for("list.sort", "list.copy", "list.export")
    def no_rows_reason(self) -> str | None:
        """Return why there is nothing to sort, copy or export."""
        return None if len(self.table.view) else self.t("There are no rows.")

    # --- export ---------------------------------------------------------------------------------------------

    def table_shown(self) -> Table:
        rows = [texts for key in self.table.view.keys if (texts := self.table.row_texts(key)) is not None]
        unsaved = len(self.table.drafts)
        note = self.t("(with {count} unsaved edits)", count=f"{unsaved:,}") if unsaved else ""
        return Table(self.WORD, SHEET_COLUMNS, rows, note)
