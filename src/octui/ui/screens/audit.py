"""The permission-change log: one query line, newest first, endless, exported as shown (domain.md 24–26)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from textual import on, work
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.schema.audit import AuditEntry, AuditHead, AuditPage
from octui.schema.live import AUDIT_HEAD
from octui.state.audit_view import Filters, filters_of
from octui.state.rows import Window
from octui.text.query import QueryError, parse
from octui.text.sheets import SheetError, write_xlsx_apart
from octui.text.width import fit, width
from octui.ui.actions import bindings
from octui.ui.audit_words import ACTION_LABELS, QUERY_ERRORS, VIA_LABELS
from octui.ui.dialogs.report import Report
from octui.ui.exports import export_path
from octui.ui.locale import N_
from octui.ui.menu_screen import MenuScreen
from octui.ui.session import Session
from octui.ui.times import date_and_time
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine

PAGE = 100
EXPORT_PAGE = 1000
MOST_EXPORTED = 200_000
_TITLES = {
    "at": N_("Time"),
    "action": N_("Action"),
    "service": N_("Service"),
    "target_account": N_("ID"),
    "target_name": N_("Name"),
    "ip": N_("IP"),
    "change": N_("Before -> after"),
    "actor": N_("By"),
    "via": N_("Way"),
}


class _Entries:
    """The grid's source: the window's entries as cells."""

    def __init__(self, screen: "AuditScreen", window: Window[AuditEntry]) -> None:
        self._screen = screen
        self._window = window

    def count(self) -> int:
        return len(self._window)

    def key_at(self, index: int) -> Key | None:
        return self._window.key_at(index)

    def index_of(self, key: Key) -> int | None:
        return self._window.index_of(key)

    def cells(self, key: Key) -> Sequence[Cell] | None:
        entry = self._window.get(key)
        return None if entry is None else [Cell(text) for text in self._screen.row(entry)]


class AuditScreen(MenuScreen):
    """Who was given or lost what, when, by whom, from where."""

    WORD = "audit"
    BINDINGS = bindings("audit.newest", "list.search", "list.export", "audit.verify")

    def __init__(self) -> None:
        super().__init__()
        self._window: Window[AuditEntry] = Window(lambda entry: entry.seq)
        self._filters: Filters | None = None
        self._next: int | None = None
        self._count: tuple[int | None, bool] = (None, False)
        self._searched_back_to: int | None = None
        self._head: int | None = None
        self._unseen = 0

    def body(self) -> list[Widget]:
        return [SearchLine(), Grid(self._columns(), _Entries(self, self._window)), StatusLine()]

    def on_mount(self) -> None:
        self.query_one(Grid).focus()
        self.reworded()

    def reworded(self) -> None:
        self.query_one(SearchLine).placeholder = self.t("Search, e.g. name:Kim service:cs ip:10.0 since:7d")
        self.query_one(Grid).columns = self._columns()
        self._say_count()

    def _columns(self) -> list[Column]:
        def title(name: str) -> str:
            return self.t(_TITLES[name])

        return [
            Column("at", title("at"), 19),
            Column("action", title("action"), 12, flex=1, most=18),
            Column("service", title("service"), 6, flex=1, most=12),
            Column("target_account", title("target_account"), 11, flex=1, most=20),
            Column("target_name", title("target_name"), 8, flex=1, most=14),
            Column("ip", title("ip"), 11, flex=1, most=16),
            Column("change", title("change"), 22, flex=4, priority=1),
            Column("actor", title("actor"), 8, flex=1, most=18, priority=2),
            Column("via", title("via"), 6, priority=3),
        ]

    @property
    def zone(self) -> str:
        """Times are shown in the organization's time zone."""
        return self.session.me.organization.time_zone if self.session is not None else "UTC"

    def row(self, entry: AuditEntry) -> tuple[str, ...]:
        """One entry as texts, in the order of the columns."""
        return (
            date_and_time(entry.at, self.zone),
            self.t(ACTION_LABELS[entry.action]),
            entry.service,
            entry.target_account,
            entry.target_name,
            entry.ip,
            f"{entry.before or '-'} -> {entry.after or '-'}",
            entry.actor_name or entry.actor_account,
            self.t(VIA_LABELS[entry.via]),
        )

    # --- asking ---------------------------------------------------------------------------------------------

    def connected(self, session: Session) -> None:
        self.lease(AUDIT_HEAD, self._head_changed)
        if self._filters is None:
            self._ask("")

    def _head_changed(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            return
        head = AuditHead.model_validate(body).seq
        before, self._head = self._head, head
        if before is None or head <= before or self._filters is None:
            return
        grid = self.query_one(Grid)
        if self._window.at_start and (grid.cursor is None or self._window.index_of(grid.cursor[0]) == 0):
            self._load_newer()
        else:
            self._unseen += head - before
            self._say_count()

    @on(SearchLine.Asked)
    def _asked(self, event: SearchLine.Asked) -> None:
        self._ask(event.text)

    @on(SearchLine.Left)
    def _left_search(self) -> None:
        self.query_one(Grid).focus()

    def _ask(self, line: str) -> None:
        try:
            query = parse(line, now_ms=self.octui.now_ms(), zone=ZoneInfo(self.zone))
        except QueryError as error:
            where = self.t("place {place}", place=error.position + 1)
            self.query_one(StatusLine).say(f"{self.t(QUERY_ERRORS[error.code])} ({where})", error=True)
            return
        self._filters = filters_of(query)
        self._load_first()

    @work(exclusive=True, group="audit")
    async def _load_first(self) -> None:
        page = await self._page(before=None)
        if page is None:
            return
        self._window.clear()
        self._unseen = 0
        self._searched_back_to = page.searched_back_to
        self._count = (page.count, page.count_capped)
        self._take_older(page)
        grid = self.query_one(Grid)
        grid.reload()
        first = self._window.first_key
        if first is not None:
            grid.move_to(first)

    @on(Grid.EndReached)
    def _end_reached(self, event: Grid.EndReached) -> None:
        if event.direction == "down" and self._next is not None:
            self._load_older()
        elif event.direction == "up" and not self._window.at_start:
            self._load_newer()

    @work(exclusive=True, group="audit")
    async def _load_older(self) -> None:
        page = await self._page(before=self._next)
        if page is not None:
            self._take_older(page)
            self.query_one(Grid).reload()

    def _take_older(self, page: AuditPage) -> None:
        self._next = page.next_before
        self._searched_back_to = page.searched_back_to
        self._window.append(page.entries, at_end=page.next_before is None)
        self._say_count()

    @work(exclusive=True, group="audit")
    async def _load_newer(self) -> None:
        """Entries that came, or were cut off above, before the first one held."""
        newest = self._window.first_key
        if newest is None:
            self._load_first()
            return
        page = await self._page(after=int(newest))
        if page is None:
            return
        at_start = len(page.entries) < PAGE
        self._window.prepend(page.entries, at_start=at_start)
        if not self._window.at_end:
            last = self._window.last_key
            self._next = int(last) if last is not None else None
        self._unseen = 0 if at_start else self._unseen
        grid = self.query_one(Grid)
        grid.reload()
        first = self._window.first_key
        if at_start and first is not None and grid.cursor is not None and grid.cursor[0] == newest:
            grid.move_to(first)
        self._say_count()

    async def _page(self, *, before: int | None = None, after: int | None = None) -> AuditPage | None:
        if self.session is None or self._filters is None:
            return None
        try:
            return await self.session.api.audit(**self._filters, before=before, after=after, limit=PAGE)
        except ClientError as error:
            self.query_one(StatusLine).say(self.octui.sentence(error), error=True)
            return None

    def _say_count(self) -> None:
        t = self.t
        count, capped = self._count
        if not len(self._window):
            text = t("Nothing was found.") if self._filters is not None and self.session is not None else ""
        elif count is None:
            text = t("{count} shown so far", count=len(self._window))
        else:
            text = t("{count} entries", count=f"{count:,}" + ("+" if capped else ""))
        if self._searched_back_to is not None:
            moment = date_and_time(self._searched_back_to, self.zone)
            text += "  " + t("searched back to {moment}; scroll down to go on", moment=moment)
        if self._unseen:
            text += "  " + t("{count} new above: F6", count=self._unseen)
        self.query_one(StatusLine).say(text)

    # --- keys -----------------------------------------------------------------------------------------------

    def reason(self, action: str) -> str | None:
        if self.session is None:
            return self.t("There is no connection yet.")
        if action == "verify" and not self.session.me.organization_admin:
            return self.t("Only organization admins can verify the log.")
        return None

    def action_search(self) -> None:
        """Go to the query line."""
        self.query_one(SearchLine).focus()

    def action_newest(self) -> None:
        """Back to the newest entry, with what came since."""
        self._load_first()

    @on(Grid.Activated)
    def _activated(self, event: Grid.Activated) -> None:
        entry = self._window.get(event.key)
        if entry is None:
            return
        t = self.t
        lines = [
            (t("Number"), str(entry.seq)),
            (t("Time"), f"{date_and_time(entry.at, self.zone)} ({self.zone})"),
            (t("Action"), t(ACTION_LABELS[entry.action])),
            (t("Service"), entry.service or "-"),
            (t("Whom"), f"{entry.target_name} ({entry.target_account})"),
            (t("Before"), entry.before or "-"),
            (t("After"), entry.after or "-"),
            (t("By"), f"{entry.actor_name} ({entry.actor_account})"),
            (t("IP"), entry.ip),
            (t("Way"), t(VIA_LABELS[entry.via])),
            (t("Hash"), entry.hash),
        ]
        title = t("Change log")
        self.app.push_screen(Report(["", f" {title} #{entry.seq}", ""], _aligned(lines)))

    @on(Grid.Copied)
    def _copied(self, event: Grid.Copied) -> None:
        self.octui.copy(event.text)

    def action_verify(self) -> None:
        """Check the chain and its checkpoints."""
        why = self.reason("verify")
        if why is not None:
            self.say(why, error=True)
        elif self.session is not None:
            self._verify(self.session)

    @work(exclusive=True, group="verify")
    async def _verify(self, session: Session) -> None:
        self.say(self.t("Checking the whole log..."))
        try:
            outcome = await session.api.verify_audit()
        except ClientError as error:
            self.say_failed(error)
            return
        if outcome.ok:
            text = self.t(
                "{entries} entries and {checkpoints} checkpoints agree: nobody touched the log.",
                entries=f"{outcome.entries:,}",
                checkpoints=outcome.checkpoints,
            )
            self.say(text)
        else:
            self.say(self.t("THE LOG WAS TOUCHED at entry {seq}.", seq=outcome.first_bad_seq or "?"), error=True)

    def action_export(self) -> None:
        """Everything the query finds, in the order shown, into an Excel file."""
        if self.session is not None and self._filters is not None:
            self._export(self.session, self._filters)

    @work(exclusive=True, group="export")
    async def _export(self, session: Session, filters: Filters) -> None:
        rows: list[tuple[str, ...]] = []
        before: int | None = None
        try:
            while len(rows) < MOST_EXPORTED:
                page = await session.api.audit(**filters, before=before, limit=EXPORT_PAGE)
                rows.extend((str(entry.seq), *self.row(entry)) for entry in page.entries)
                self.say(self.t("Exporting: {count} rows...", count=f"{len(rows):,}"))
                before = page.next_before
                if before is None:
                    break
            path = await self._write(rows)
        except ClientError as error:
            self.say_failed(error)
        except (SheetError, OSError) as error:
            self.say(self.t("Could not be written: {reason}", reason=str(error)), error=True)
        else:
            self.say(self.t("{count} rows written to {path}", count=f"{len(rows):,}", path=str(path)))

    async def _write(self, rows: list[tuple[str, ...]]) -> Path:
        path = export_path("audit")
        titles = ["No", *(self.t(title) for title in _TITLES.values())]
        await asyncio.to_thread(write_xlsx_apart, path, titles, rows)
        return path


def _aligned(lines: Sequence[tuple[str, str]]) -> list[str]:
    """`label  value` lines with the values one below the other."""
    widest = max(width(label) for label, _ in lines)
    return [f" {fit(label, widest)}  {value}" for label, value in lines]
