"""Screen of the log: query line, endless scrolling, new entries on top, export (rules.md 24–26)."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from textual import on, work
from textual.widget import Widget

from octui.client.errors import ClientError, Refused
from octui.schema.audit import ADMINISTRATION, Action, AuditEntry, AuditFilter, AuditHead, AuditPage, Log
from octui.schema.live import AUDIT_HEAD
from octui.state.audit_pages import Pages
from octui.state.rows import Window
from octui.text.action_labels import action_label
from octui.text.query import QueryError, parse_query
from octui.text.width import cell_width, cut_text, fit_text
from octui.ui.actions import Action as KeyAction
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.exports import Table, ask_format, write_table
from octui.ui.dialogs.report import Report
from octui.ui.screens.audit.status import SearchStatus
from octui.ui.screens.audit.words import LOG_LABELS, QUERY_ERRORS, TITLES, VIA_LABELS, entry_details, entry_texts
from octui.ui.table_screen import TableScreen
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import WRAP

PAGE = 100
EXPORT_PAGE = 1000
MOST_EXPORTED = 200_000
TRY_AGAIN_S = 5


class _Entries:
    """Source of the grid: the loaded log entries as cells."""

    def __init__(self, screen: "AuditScreen", window: Window[AuditEntry]) -> None:
        self._screen = screen
        self._window = window

    def row_count(self) -> int:
        return len(self._window)

    def key_at(self, index: int) -> Key | None:
        return self._window.key_at(index)

    def index_of(self, key: Key) -> int | None:
        return self._window.index_of(key)

    def row_cells(self, key: Key) -> Sequence[Cell] | None:
        entry = self._window.get(key)
        return None if entry is None else [Cell(text) for text in self._screen.row_texts(entry)]


class AuditScreen(TableScreen):
    """Screen of the permission-change log and the administration log."""

    WORD = "audit"

    BINDINGS = bindings(
        *("audit.detail", "audit.newest", "audit.log", "list.search", "list.export", "audit.verify", "list.copy"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._window: Window[AuditEntry] = Window(lambda entry: entry.seq)
        self._pages = Pages()
        self.shown_log = Log.PERMISSIONS
        self._filter: AuditFilter | None = None
        self._next: int | None = None
        self._status = SearchStatus()
        self._head: int | None = None
        self._newest = 0
        self._query_error = ""
        self._failed: ClientError | None = None
        self._ticks_failed = 0

    def compose_body(self) -> list[Widget]:
        return [SearchLine(), Grid(self._build_columns(), _Entries(self, self._window)), StatusLine()]

    def on_mount(self) -> None:
        self.query_one(Grid).focus()
        self.refresh_texts()

    def refresh_texts(self) -> None:
        self.query_one(SearchLine).placeholder = self.t("Search, e.g. name:Kim service:cs ip:10.0 since:7d")
        self.query_one(Grid).columns = self._build_columns()
        self._show_status()

    def _build_columns(self) -> list[Column]:
        def title(name: str) -> str:
            return self.t(TITLES[name])

        wide = self.shown_log is Log.ADMINISTRATION
        actions = max(
            cell_width(action_label(action, self.t.language)) for action in Action if (action in ADMINISTRATION) is wide
        )
        columns = [
            Column("at", title("at"), 16),
            Column("action", title("action"), actions),
            Column("service", title("service"), max(6, cell_width(title("service"))), flex=1, most=12, priority=2),
            Column("target_account", title("target_account"), 13, flex=1, most=20),
            Column("target_name", title("target_name"), 12 if wide else 8, flex=1, most=30 if wide else 14),
            Column("ip", title("ip"), 15, flex=1, most=39, priority=1),
            Column("change", title("change"), 24, flex=4),
            Column("actor", title("actor"), 8, flex=1, most=18, priority=3),
            Column("via", title("via"), max(cell_width(self.t(label)) for label in VIA_LABELS.values()), priority=4),
        ]
        return [column for column in columns if self._has_column(column.key)]

    def row_texts(self, entry: AuditEntry) -> tuple[str, ...]:
        """Return a log entry as texts in the order of the columns, with its time to the minute."""
        at, *others = entry_texts(entry, self.time_zone, self.t)
        return tuple(text for key, text in zip(TITLES, (at[:16], *others), strict=True) if self._has_column(key))

    def _has_column(self, column: str) -> bool:
        """Return whether this log has a column; the administration log has none for a target's account."""
        return column != "target_account" or self.shown_log is not Log.ADMINISTRATION

    # --- keys -----------------------------------------------------------------------------------------------

    @reason_for("audit.verify")
    def verify_reason(self) -> str | None:
        """Return why this person cannot verify the log."""
        admin = self.connection is not None and self.connection.me.organization_admin
        return None if admin else self.t("Only organization admins can verify the log.")

    @reason_for("audit.detail", "list.copy", "list.export")
    def no_rows_reason(self) -> str | None:
        """Return a sentence if there is no log entry to show, copy or export, else None."""
        return None if len(self._window) else self.t("There are no rows.")

    def label_of(self, action: KeyAction) -> str:
        return self.t(LOG_LABELS[_other_log(self.shown_log)]) if action.id == "audit.log" else super().label_of(action)

    def action_other_log(self) -> None:
        """Show the administration log, or the permission-change log again, with the same query."""
        if self.is_enabled("audit.log"):
            self.show_log(_other_log(self.shown_log))

    def action_newest(self) -> None:
        """Go to the newest log entry, loading new ones."""
        if self.is_enabled("audit.newest"):
            self._search_again()

    @on(Grid.Activated)
    def _row_activated(self, event: Grid.Activated) -> None:
        self._show_entry(event.key)

    def action_detail(self) -> None:
        """Show all fields of the log entry under the cursor."""
        cursor = self.query_one(Grid).cursor
        if self.is_enabled("audit.detail") and cursor is not None:
            self._show_entry(cursor[0])

    def _show_entry(self, key: Key) -> None:
        entry = self._window.get(key)
        if entry is None:
            return
        title = self.t(LOG_LABELS[Log.ADMINISTRATION if entry.action in ADMINISTRATION else Log.PERMISSIONS])
        lines = _align_lines(entry_details(entry, self.time_zone, self.t))
        self.app.push_screen(Report(["", f" {title} #{entry.seq}", ""], lines))

    def action_verify(self) -> None:
        """Verify the log's hash chain and its checkpoints."""
        if self.is_enabled("audit.verify") and self.connection is not None:
            self._verify_log(self.connection)

    @work(exclusive=True, group="verify")
    async def _verify_log(self, connection: Connection) -> None:
        self.say(self.t("Checking the whole log..."))
        try:
            verification = await connection.api.verify_audit()
        except ClientError as error:
            self.say_error(error)
            return
        if verification.ok:
            text = self.t(
                "{entries} entries and {checkpoints} checkpoints agree: nobody touched the log.",
                entries=f"{verification.entries:,}",
                checkpoints=verification.checkpoints,
            )
            self.say(text)
        else:
            self.say(self.t("THE LOG WAS TOUCHED at entry {seq}.", seq=verification.first_bad_seq or "?"), error=True)

    async def export_rows(self) -> None:
        """Export every log entry that the query finds, in the order shown."""
        connection, query, t = self.connection, self._filter, self.t
        suffix = await ask_format(self.host)
        if suffix is None or connection is None or query is None:
            return
        stem = "audit" if self.shown_log is Log.PERMISSIONS else "administration"
        rows: list[tuple[str, ...]] = []
        before: int | None = None
        try:
            while len(rows) < MOST_EXPORTED:
                page = await connection.api.audit(query.model_copy(update={"before": before, "limit": EXPORT_PAGE}))
                rows.extend(
                    (str(entry.seq), *entry_texts(entry, self.time_zone, t, whole=True)) for entry in page.entries
                )
                self.say(t("Exporting: {count} rows...", count=f"{len(rows):,}"))
                before = page.next_before
                if before is None:
                    break
        except ClientError as error:
            self.say_error(error)
            return
        table = Table(stem, ["No", *(t(title) for title in TITLES.values())], rows)
        await write_table(self.host, self.say, table, suffix)

    # --- searching ------------------------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        self.lease_topic(AUDIT_HEAD, self._head_changed)
        if self._saved is None:
            search = self.query_one(SearchLine)
            search.value = search.value or self.load_preferences(connection).get_text(self.WORD, "search")
            if self.load_preferences(connection).get_text(self.WORD, "log") == Log.ADMINISTRATION:
                self.shown_log = Log.ADMINISTRATION
                self.query_one(Grid).columns = self._build_columns()
            if search.value:
                search.search_now()
            else:
                self._search("")
        elif not len(self._window):
            self._search_again()

    def _head_changed(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("This table may not be read any more."), error=True)
            return
        head = AuditHead.model_validate(body).seq
        before, self._head = self._head, head
        if before is None or head <= before or self._filter is None:
            return
        if self._is_at_top:
            self._load_newer()
        else:
            self._count_newer()

    @property
    def _is_at_top(self) -> bool:
        """Whether the cursor is on the newest entry, so that new ones may be inserted above."""
        cursor = self.query_one(Grid).cursor
        return self._window.at_start and (cursor is None or self._window.index_of(cursor[0]) == 0)

    @work(exclusive=True, group="count", exit_on_error=False)
    async def _count_newer(self) -> None:
        """Count the new entries that match the query."""
        page = await self._fetch_page(after=self._newest)
        if page is not None:
            self._status.unseen, self._status.has_more_unseen = len(page.entries), page.next_before is not None
            self._show_status()

    @on(SearchLine.Asked)
    def _search_line_submitted(self, event: SearchLine.Asked) -> None:
        if self._search(event.text):
            self.save_preferences(search=event.text.strip())

    def _search(self, line: str) -> bool:
        """Search by the query line; return False, and leave the rows, if the line cannot be parsed."""
        try:
            self._filter = parse_query(
                line, now_ms=self.host.now_ms(), zone=ZoneInfo(self.time_zone), log=self.shown_log
            )
        except QueryError as error:
            where = self.t("place {place}", place=error.position + 1)
            self._query_error = f"{self.t(QUERY_ERRORS[error.code])} ({where})"
            self._show_status()
            return False
        self._query_error = ""
        self._load_first()
        return True

    def show_log(self, log: Log) -> None:
        """Show another log, filtered by the query line."""
        self.shown_log = log
        self.save_preferences(log=log.value)
        self._window.clear()
        self.query_one(Grid).columns = self._build_columns()
        self._status = SearchStatus()
        if not self._search(self.query_one(SearchLine).value):
            self._filter = None
        self.query_one(Grid).reload()
        self._show_status()

    def _search_again(self) -> None:
        if self._filter is not None:
            self._load_first()

    @work(exclusive=True, group="audit")
    async def _load_first(self) -> None:
        page = await self._fetch_page(before=None)
        if page is None:
            return
        self._window.clear()
        self._pages.clear()
        self._status = SearchStatus(page.count, page.count_capped)
        self._append_page(page, None)
        self._newest = max(self._head or 0, page.entries[0].seq if page.entries else 0)
        grid = self.query_one(Grid)
        grid.empty = self.t("Nothing was found.") if self._next is None else ""
        grid.reload()
        first = self._window.first_key
        if first is not None:
            grid.move_to(first)
        while self._next is not None and len(self._window) < grid.page and await self._load_next_page():
            pass

    async def _load_next_page(self) -> bool:
        """Load the next older page; return False if that failed."""
        before = self._next
        page = await self._fetch_page(before=before)
        if page is not None:
            self._append_page(page, before)
        # Also without a page, so that the next step down tries again.
        self.query_one(Grid).reload()
        return page is not None

    @on(Grid.EndReached)
    def _end_reached(self, event: Grid.EndReached) -> None:
        if event.direction == "down" and self._next is not None:
            self._load_older()
        elif event.direction == "up" and not self._window.at_start:
            self._load_above()

    @work(exclusive=True, group="audit")
    async def _load_older(self) -> None:
        last = self._window.last_key
        while await self._load_next_page() and self._next is not None and self._window.last_key == last:
            # The server searches for a limited time, so a page may be empty.
            pass

    def _append_page(self, page: AuditPage, before: int | None) -> None:
        if page.entries:
            self._pages.add(before, page.entries[0].seq)
        self._next = page.next_before
        self._status.searched_back_to = page.searched_back_to
        self._window.append(page.entries, at_end=page.next_before is None)
        self._show_status()

    @work(exclusive=True, group="audit")
    async def _load_newer(self) -> None:
        """Load the entries that arrived while the cursor was on the newest one."""
        newest, head = self._window.first_key, self._head
        page = await self._fetch_page(after=self._newest) if newest is not None else None
        if newest is None or (page is not None and page.next_before is not None):
            self._load_first()
            return
        if page is None:
            return
        self._newest = max(self._newest, head or 0, page.entries[0].seq if page.entries else 0)
        if self._status.count is not None:
            self._status.count += len(page.entries)
        grid = self.query_one(Grid)
        follows = grid.cursor is not None and grid.cursor[0] == newest
        self._prepend_entries(page.entries, at_start=True)
        first = self._window.first_key
        if follows and first is not None:
            grid.move_to(first)

    @work(exclusive=True, group="audit")
    async def _load_above(self) -> None:
        """Load the page that was dropped above the first loaded entry."""
        first = self._window.first_key
        if first is None:
            return
        start = self._pages.start_above(int(first))
        before, entries = start, list[AuditEntry]()
        while True:
            page = await self._fetch_page(before=before, after=int(first))
            if page is None:
                self.query_one(Grid).reload()
                return
            entries += page.entries
            before = page.next_before
            if before is None:
                break
            if len(entries) > self._window.limit:
                self._load_first()
                return
        self._prepend_entries(entries, at_start=start is None)

    def _prepend_entries(self, entries: Sequence[AuditEntry], *, at_start: bool) -> None:
        self._window.prepend(entries, at_start=at_start)
        if not self._window.at_end:
            last = self._window.last_key
            self._next = int(last) if last is not None else None
        if at_start:
            self._status.unseen = 0
            self._newest = max(self._newest, int(self._window.first_key or 0))
        self.query_one(Grid).reload()
        self._show_status()

    async def _fetch_page(self, *, before: int | None = None, after: int | None = None) -> AuditPage | None:
        if self.connection is None or self._filter is None:
            return None
        page: AuditPage | None = None
        self._failed, self._ticks_failed = None, 0
        try:
            page = await self.connection.api.audit(
                self._filter.model_copy(update={"before": before, "after": after, "limit": PAGE})
            )
        except ClientError as error:
            self._failed = error
            self._show_status()
        return page

    def on_tick(self) -> None:
        if self._failed is not None and not isinstance(self._failed, Refused) and not self.host.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= TRY_AGAIN_S and not len(self._window):
                self._load_first()

    def _show_status(self) -> None:
        self.refresh_lines()
        line = self.query_one(StatusLine)
        error = self._query_error or (self.host.error_sentence(self._failed) if self._failed is not None else "")
        if error:
            line.say(error, error=True)
            return
        is_finished = self._filter is not None and self.connection is not None and self._next is None
        text = self._status.describe(len(self._window), self.time_zone, self.t, is_finished=is_finished)
        name = self.t(LOG_LABELS[self.shown_log])
        line.say(f"{name}: {text}" if text else name)


def _other_log(log: Log) -> Log:
    return Log.ADMINISTRATION if log is Log.PERMISSIONS else Log.PERMISSIONS


def _align_lines(lines: Sequence[tuple[str, str]]) -> list[str]:
    """Return `label  value` lines with aligned values; long values continue on further lines."""
    widest = max(cell_width(label) for label, _ in lines)
    room = WRAP - widest - 3
    return [
        f" {fit_text(label if not start else '', widest)}  {cut_text(value, start, room).rstrip()}"
        for label, value in lines
        for start in range(0, max(1, cell_width(value)), room)
    ]
