"""The permission-change and the administration log on screen: asking, endless scrolling, what came since."""

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
from octui.text.width import cell_width
from octui.ui.screens.audit.words import LOG_LABELS, QUERY_ERRORS, TITLES, VIA_LABELS, texts
from octui.ui.session import Session
from octui.ui.table_screen import TableScreen
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine
from octui.ui.words.times import date_and_time

PAGE = 100
TRY_AGAIN_S = 5


class _Entries:
    """The grid's source: the window's entries as cells."""

    def __init__(self, screen: "AuditView", window: Window[AuditEntry]) -> None:
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
        return None if entry is None else [Cell(text) for text in self._screen.row(entry)]


class AuditView(TableScreen):
    """Everything of the log's screen but its keys; see `screens.audit`."""

    WORD = "audit"

    def __init__(self) -> None:
        super().__init__()
        self._window: Window[AuditEntry] = Window(lambda entry: entry.seq)
        self._pages = Pages()
        self.shown_log = Log.PERMISSIONS
        self._filter: AuditFilter | None = None
        self._next: int | None = None
        self._count: tuple[int | None, bool] = (None, False)
        self._searched_back_to: int | None = None
        self._head: int | None = None
        self._newest = 0
        self._unseen: tuple[int, bool] = (0, False)
        self._query_error = ""
        self._failed: ClientError | None = None
        self._ticks_failed = 0

    def compose_body(self) -> list[Widget]:
        return [SearchLine(), Grid(self._columns(), _Entries(self, self._window)), StatusLine()]

    def on_mount(self) -> None:
        self.query_one(Grid).focus()
        self.refresh_texts()

    def refresh_texts(self) -> None:
        self.query_one(SearchLine).placeholder = self.t("Search, e.g. name:Kim service:cs ip:10.0 since:7d")
        self.query_one(Grid).columns = self._columns()
        self._say_count()

    def _columns(self) -> list[Column]:
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
        return [column for column in columns if self._shows(column.key)]

    @property
    def zone(self) -> str:
        """Times are shown in the organization's time zone."""
        return self.session.me.organization.time_zone if self.session is not None else "UTC"

    def row(self, entry: AuditEntry) -> tuple[str, ...]:
        """One entry as texts, in the order of the columns. Its seconds are in its detail and in files."""
        at, *others = texts(entry, self.zone, self.t)
        return tuple(text for key, text in zip(TITLES, (at[:16], *others), strict=True) if self._shows(key))

    def _shows(self, column: str) -> bool:
        """What is administered has a name and no account."""
        return column != "target_account" or self.shown_log is not Log.ADMINISTRATION

    # --- asking ---------------------------------------------------------------------------------------------

    def on_connected(self, session: Session) -> None:
        self.lease_topic(AUDIT_HEAD, self._head_changed)
        if self._saved is None:
            search = self.query_one(SearchLine)
            search.value = search.value or self.load_preferences(session).get_text(self.WORD, "search")
            if self.load_preferences(session).get_text(self.WORD, "log") == Log.ADMINISTRATION:
                self.shown_log = Log.ADMINISTRATION
                self.query_one(Grid).columns = self._columns()
            if search.value:
                search.ask()
            else:
                self._ask("")
        elif not len(self._window):
            self._ask_again()

    def _head_changed(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("This table may not be read any more."), error=True)
            return
        head = AuditHead.model_validate(body).seq
        before, self._head = self._head, head
        if before is None or head <= before or self._filter is None:
            return
        if self._at_top:
            self._load_newer()
        else:
            self._count_newer()

    @property
    def _at_top(self) -> bool:
        """The newest entry is on screen and under the cursor: what comes now may push the rest down."""
        cursor = self.query_one(Grid).cursor
        return self._window.at_start and (cursor is None or self._window.index_of(cursor[0]) == 0)

    @work(exclusive=True, group="count", exit_on_error=False)
    async def _count_newer(self) -> None:
        """How many of the entries that came since are among those searched for."""
        page = await self._page(after=self._newest)
        if page is not None:
            self._unseen = (len(page.entries), page.next_before is not None)
            self._say_count()

    @on(SearchLine.Asked)
    def _asked(self, event: SearchLine.Asked) -> None:
        if self._ask(event.text):
            self.save_preferences(search=event.text.strip())

    def _ask(self, line: str) -> bool:
        """Search for what the line says; False if it cannot be understood: then the rows stay as they are."""
        try:
            self._filter = parse_query(line, now_ms=self.host.now_ms(), zone=ZoneInfo(self.zone), log=self.shown_log)
        except QueryError as error:
            where = self.t("place {place}", place=error.position + 1)
            self._query_error = f"{self.t(QUERY_ERRORS[error.code])} ({where})"
            self._say_count()
            return False
        self._query_error = ""
        self._load_first()
        return True

    def show_log(self, log: Log) -> None:
        """Show another log, searched for what the line says."""
        self.shown_log = log
        self.save_preferences(log=log.value)
        self._window.clear()
        self.query_one(Grid).columns = self._columns()
        self._count, self._searched_back_to, self._unseen = (None, False), None, (0, False)
        if not self._ask(self.query_one(SearchLine).value):
            self._filter = None
        self.query_one(Grid).reload()
        self._say_count()

    def _ask_again(self) -> None:
        if self._filter is not None:
            self._load_first()

    @work(exclusive=True, group="audit")
    async def _load_first(self) -> None:
        page = await self._page(before=None)
        if page is None:
            return
        self._window.clear()
        self._pages.clear()
        self._unseen = (0, False)
        self._searched_back_to = page.searched_back_to
        self._count = (page.count, page.count_capped)
        self._take_older(page, None)
        self._newest = max(self._head or 0, page.entries[0].seq if page.entries else 0)
        grid = self.query_one(Grid)
        grid.empty = self.t("Nothing was found.") if self._next is None else ""
        grid.reload()
        first = self._window.first_key
        if first is not None:
            grid.move_to(first)
        while self._next is not None and len(self._window) < grid.page and await self._go_on():
            pass

    async def _go_on(self) -> bool:
        """Take the next older page; False if it could not be had."""
        before = self._next
        page = await self._page(before=before)
        if page is not None:
            self._take_older(page, before)
        # Even when nothing came: the next step down asks again.
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
        held = self._window.last_key
        while await self._go_on() and self._next is not None and self._window.last_key == held:
            # The service looks only so long for one answer.
            pass

    def _take_older(self, page: AuditPage, before: int | None) -> None:
        if page.entries:
            self._pages.add(before, page.entries[0].seq)
        self._next = page.next_before
        self._searched_back_to = page.searched_back_to
        self._window.append(page.entries, at_end=page.next_before is None)
        self._say_count()

    @work(exclusive=True, group="audit")
    async def _load_newer(self) -> None:
        """Entries that came while the newest was under the cursor."""
        newest, head = self._window.first_key, self._head
        page = await self._page(after=self._newest) if newest is not None else None
        if newest is None or (page is not None and page.next_before is not None):
            self._load_first()
            return
        if page is None:
            return
        self._newest = max(self._newest, head or 0, page.entries[0].seq if page.entries else 0)
        count, capped = self._count
        self._count = (None if count is None else count + len(page.entries), capped)
        grid = self.query_one(Grid)
        follows = grid.cursor is not None and grid.cursor[0] == newest
        self._prepend(page.entries, at_start=True)
        first = self._window.first_key
        if follows and first is not None:
            grid.move_to(first)

    @work(exclusive=True, group="audit")
    async def _load_above(self) -> None:
        """The page that was cut off above the first entry held."""
        first = self._window.first_key
        if first is None:
            return
        start = self._pages.start_above(int(first))
        before, found = start, list[AuditEntry]()
        while True:
            page = await self._page(before=before, after=int(first))
            if page is None:
                self.query_one(Grid).reload()
                return
            found += page.entries
            before = page.next_before
            if before is None:
                break
            if len(found) > self._window.limit:
                self._load_first()
                return
        self._prepend(found, at_start=start is None)

    def _prepend(self, entries: Sequence[AuditEntry], *, at_start: bool) -> None:
        self._window.prepend(entries, at_start=at_start)
        if not self._window.at_end:
            last = self._window.last_key
            self._next = int(last) if last is not None else None
        if at_start:
            self._unseen = (0, False)
            self._newest = max(self._newest, int(self._window.first_key or 0))
        self.query_one(Grid).reload()
        self._say_count()

    async def _page(self, *, before: int | None = None, after: int | None = None) -> AuditPage | None:
        if self.session is None or self._filter is None:
            return None
        page: AuditPage | None = None
        self._failed, self._ticks_failed = None, 0
        try:
            page = await self.session.api.audit(
                self._filter.model_copy(update={"before": before, "after": after, "limit": PAGE})
            )
        except ClientError as error:
            self._failed = error
            self._say_count()
        return page

    def on_tick(self) -> None:
        if self._failed is not None and not isinstance(self._failed, Refused) and not self.host.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= TRY_AGAIN_S and not len(self._window):
                self._load_first()

    def _say_count(self) -> None:
        self.refresh_lines()
        t = self.t
        name = t(LOG_LABELS[self.shown_log])
        wrong = self._query_error or (self.host.error_sentence(self._failed) if self._failed is not None else "")
        if wrong:
            self.query_one(StatusLine).say(wrong, error=True)
            return
        count, capped = self._count
        if not len(self._window):
            asked = self._filter is not None and self.session is not None and self._next is None
            text = t("Nothing was found.") if asked else ""
        elif count is None:
            text = t("{count} shown so far", count=len(self._window))
        else:
            text = t("{count} entries", count=f"{count:,}" + ("+" if capped else ""))
        if self._searched_back_to is not None:
            moment = date_and_time(self._searched_back_to, self.zone)
            back = t("searched to {moment}, more below", moment=moment)
            text = f"{text}  {back}".strip()
        unseen, more = self._unseen
        if unseen:
            text += "  " + t("{count} new above: F6", count=f"{unseen}+" if more else unseen)
        self.query_one(StatusLine).say(f"{name}: {text}" if text else name)
