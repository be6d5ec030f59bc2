"""Screen of CTI agents: CTI ID, CTI NO and PBX names of every agent, edited in place (rules.md 19, 22)."""

import asyncio
from collections.abc import Iterable
from enum import Enum, auto
from pathlib import Path
from typing import Any

from textual import on, work
from textual.timer import Timer

from octui.client.errors import ClientError
from octui.schema.common import LARGEST_PAGE, Head
from octui.schema.cti import Column as CtiColumn
from octui.schema.cti import CtiAgent, CtiBatch, CtiEdit
from octui.schema.live import cti_topic
from octui.sheets.cti import COLUMNS as SHEET_COLUMNS
from octui.state.cti_table import EDITABLE, FIELDS, Counts, CtiTable
from octui.state.draft_cells import CellId
from octui.state.draft_file import DraftsUnreadable
from octui.text.pbx_names import join_names
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.differences import Differences
from octui.ui.dialogs.exports import Table
from octui.ui.listing import Listing
from octui.ui.screens.cti import words
from octui.ui.screens.cti.unmatched_dialog import UnmatchedNamesDialog
from octui.ui.sentences import field_sentence
from octui.ui.widgets.columns import Cell, Column, Key, Tone
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine

KEEP_AFTER_S = 2.0


class _Resolution(Enum):
    """Which value resolves a conflict, in one cell or in all."""

    MINE = auto()
    THEIRS = auto()
    ALL_MINE = auto()
    ALL_THEIRS = auto()


class CtiScreen(Listing[CtiAgent]):
    """The table of CTI IDs and NOs. Edits are drafts until they are saved, all in one request."""

    WORD = "cti"
    TITLES = words.TITLES
    BINDINGS = bindings(
        *("cti.save", "cti.undo", "cti.redo", "cti.problems", "cti.resolve", "cti.discard", "cti.names"),
        *("list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        self.table = CtiTable(lambda problem: field_sentence(problem, self.t))
        super().__init__(self.table.rows, view=self.table.view)
        self.counts = Counts(0, 0)
        self.revision: int | None = None
        """The revision of the rows; None until all of them are loaded."""
        self._expected_count = 0
        self._rows_lock = asyncio.Lock()
        self._saving = False
        self._asked_about_saved_edits = False
        self._save_timer: Timer | None = None

    @property
    def grid(self) -> Grid:
        """The table on screen."""
        return self.query_one(Grid)

    # --- rows -----------------------------------------------------------------------------------------------

    def table_columns(self) -> list[Column]:
        return words.table_columns(self.t)

    def row_cells(self, row: CtiAgent) -> list[Cell]:
        table, key = self.table, row.account
        tone: Tone = "stale" if self.host.stale else ""
        texts = table.row_texts(key) or ()
        return [Cell(text, tone, table.drafts.mark(key, name)) for name, text in zip(FIELDS, texts, strict=True)]

    def columns_showing(self, fields: Iterable[str]) -> Iterable[str]:
        return fields

    def refresh_texts(self) -> None:
        super().refresh_texts()
        self.query_one(SearchLine).placeholder = self.t(
            "Part of name, ID, e-mail, CTI ID, CTI NO, PBX name or service; initials work"
        )
        self.draw_rows()

    def draw_cells(self, cells: Iterable[CellId]) -> None:
        # With these cells the marks of other edits may change: two equal values are duplicates of each other.
        first = int(self.grid.scroll_offset.y)
        shown = self.view.keys[first : first + self.grid.page]
        edited = ((key, name) for key in shown for name in EDITABLE if self.table.drafts.value(key, name) is not None)
        super().draw_cells({*cells, *edited})

    def search_rows(self, text: str) -> None:
        self.table.search(text)

    def empty_hint(self) -> str:
        return self.t("No agents yet: give a member a role in the menu Agents.")

    def _why_empty(self) -> str:
        if self.revision is None and not len(self.rows):
            return self.t("Loading...") if self.connection is not None and self.failed is None else ""
        return super()._why_empty()

    def _show_foot(self) -> None:
        self.counts = self.table.counts()
        self._show_status()
        self.refresh_lines()

    def _show_status(self) -> None:
        """Show the fault of the cursor's cell, else the counts and the cell's former value."""
        cursor = self.grid.cursor
        text, wrong = words.cell_words(self.table, *cursor, self.t) if cursor is not None else ("", False)
        if wrong:
            self.foot.say(text, error=True)
            return
        if self.failed is not None:
            self.foot.say(self.host.error_sentence(self.failed), error=True)
            return
        parts = []
        if self._loading and self.revision is None and self._expected_count:
            parts = [self.t("loading, {count} in all", count=f"{self._expected_count:,}")]
        if self.revision is not None or self.counts.people:
            parts.insert(0, words.counts_text(self.counts, self.t, hint=not parts and not text))
        self.foot.say("   ".join([*parts, *filter(None, [text])]))

    def no_row_reason(self) -> str | None:
        return None if len(self.view) else self.t("There are no rows.")

    def table_shown(self) -> Table:
        rows = [texts for key in self.view.keys if (texts := self.table.row_texts(key)) is not None]
        unsaved = len(self.table.drafts)
        note = self.t("(with {count} unsaved edits)", count=f"{unsaved:,}") if unsaved else ""
        return Table(self.WORD, SHEET_COLUMNS, rows, note)

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        if self._saved is None:
            self.table.drafts.owner = (connection.me.organization.id, connection.me.account)
            self.host.save_on_exit(self._save_edits)
        super().on_connected(connection)
        self.lease_table(cti_topic(connection.service), self._take_head)
        self.draw_rows()
        self._ask_about_saved_edits()

    def _take_head(self, body: dict[str, Any], etag: str) -> None:
        head = Head.model_validate(body)
        self._expected_count = head.count
        if self.revision is None or head.revision > self.revision:
            self._request_load()

    async def load_rows(self, connection: Connection) -> None:
        since, after, revision = self.revision, None, None
        seen: set[Key] = set()
        while True:
            # A page requested before a save must not be applied after it.
            async with self._rows_lock:
                page = await connection.api.cti_agents(
                    connection.service, after=after, changed_since=since, limit=LARGEST_PAGE
                )
                revision = page.revision if revision is None else min(revision, page.revision)
                seen.update(agent.account for agent in page.agents)
                removed: list[Key] = list(page.removed)
                if page.next is None and since is None:
                    removed += [key for key in self.table.row_keys() if key not in seen]
                moved, changes = self.table.apply_rows(page.agents, removed)
            after = page.next
            if after is None:
                self.revision = revision
            self.draw_changes(moved, changes)
            if after is None:
                self._ask_about_saved_edits()
                return

    def show_failure(self, error: ClientError) -> None:
        super().show_failure(error)
        self.draw_rows()

    # --- editing --------------------------------------------------------------------------------------------

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self._show_status()

    @on(Grid.EditStarted)
    def _edit_started(self) -> None:
        self.table.hold_still(True)

    @on(Grid.EditEnded)
    def _edit_ended(self) -> None:
        if self.table.hold_still(self.grid.editing is not None):
            self.draw_rows()

    @on(Grid.Edited)
    def _cell_edited(self, event: Grid.Edited) -> None:
        self._edits_changed(self.table.edit_cells([(event.key, event.column, event.value)]))

    @on(Grid.BlockPasted)
    def _block_pasted(self, event: Grid.BlockPasted) -> None:
        grid = self.grid
        changes, refusal = words.pasted_changes(grid.source, grid.columns, event.key, event.column, event.block, self.t)
        if refusal is not None:
            self.say(refusal, error=True)
            return
        cells = self.table.edit_cells(changes)
        self._edits_changed(cells)
        self.say(self.t("{count} cells changed; ^Z takes it back.", count=f"{len(cells):,}"))

    @on(Grid.EditLost)
    def _edit_lost(self) -> None:
        self.say(self.t("This row is not shown any more. Enter keeps the edit, Esc drops it."), error=True)

    def action_undo(self) -> None:
        """Undo the last edit, or cancel the edit under way."""
        if self.grid.editing is not None:
            self.grid.cancel_edit()
        elif self.is_enabled("cti.undo"):
            self._show_undone(self.table.drafts.undo())

    def action_redo(self) -> None:
        """Redo the edit that was undone."""
        if self.is_enabled("cti.redo"):
            self._show_undone(self.table.drafts.redo())

    def _edits_changed(self, cells: Iterable[CellId]) -> None:
        if self.table.hold_still(self.grid.editing is not None):
            self.draw_rows()
        else:
            self.draw_cells(cells)
        self._schedule_save()

    def _show_undone(self, cells: set[CellId]) -> None:
        self._edits_changed(cells)
        shown = [cell for cell in cells if self.view.position(cell[0]) is not None]
        if shown:
            self.grid.move_to(*min(shown, key=lambda cell: (self.view.position(cell[0]), cell[1])))

    @reason_for("cti.save")
    def save_reason(self) -> str | None:
        """Return why nothing can be saved."""
        if not len(self.table.drafts):
            return self.t("Nothing was changed yet.")
        if self._saving:
            return self.t("A save is under way.")
        if self.host.stale:
            return self.t("There is no connection: nothing can be saved now. Your edits stay here.")
        return None

    @reason_for("cti.undo")
    def undo_reason(self) -> str | None:
        """Return why nothing can be undone."""
        return None if self.table.drafts.can_undo else self.t("There is nothing to take back.")

    @reason_for("cti.redo")
    def redo_reason(self) -> str | None:
        """Return why nothing can be redone."""
        return None if self.table.drafts.can_redo else self.t("There is nothing to do again.")

    @reason_for("cti.discard")
    def discard_reason(self) -> str | None:
        """Return why there is nothing to discard."""
        return None if len(self.table.drafts) else self.t("There are no unsaved edits.")

    @reason_for("cti.resolve")
    def resolve_reason(self) -> str | None:
        """Return why there is no conflict to resolve."""
        return None if self.counts.conflicts else self.t("Nobody else changed what you edited.")

    @reason_for("cti.problems")
    def problems_reason(self) -> str | None:
        """Return why there is no refused or conflicting cell to go to."""
        return None if self.counts.conflicts or self.counts.wrong else self.t("No cell is refused or in conflict.")

    # --- problems -------------------------------------------------------------------------------------------

    def action_next_problem(self) -> None:
        """Go to the next refused or conflicting cell; clear the search if that hides it."""
        if not self.is_enabled("cti.problems"):
            return
        cell = self.table.next_problem(self.grid.cursor)
        if cell is None:
            return
        if cell[0] not in self.rows:
            self._resolve_conflict(cell)
            return
        if self.view.position(cell[0]) is None:
            self.query_one(SearchLine).value = ""
            self.query_one(SearchLine).search_now()
            self.search_rows("")
            self.draw_rows()
        self.grid.focus()
        self.grid.move_to(*cell)

    def action_resolve(self) -> None:
        """Show the two values of a conflict, and let the person choose."""
        if self.is_enabled("cti.resolve"):
            cursor = self.grid.cursor
            is_conflict = cursor is not None and self.table.drafts.mark(*cursor) == "conflict"
            self._resolve_conflict(
                cursor if cursor is not None and is_conflict else self.table.problems(("conflict",))[0]
            )

    @work(exclusive=True, group="resolve")
    async def _resolve_conflict(self, cell: CellId) -> None:
        t, drafts = self.t, self.table.drafts
        conflict, mine = drafts.conflict(*cell), drafts.value(*cell)
        if conflict is None:
            return
        self.grid.move_to(*cell)
        conflicts = self.table.problems(("conflict",))
        removed_text = t("the agent is gone") if conflict.theirs is None else None
        theirs = words.shown_value(conflict.theirs, t) if removed_text is None else removed_text
        options = [
            Option(_Resolution.MINE, t("yours:  {value}", value=words.shown_value(mine, t)), removed_text),
            Option(_Resolution.THEIRS, t("theirs: {value}", value=theirs)),
        ]
        if len(conflicts) > 1:
            options.append(Option(_Resolution.ALL_MINE, t("yours in all {count} conflicts", count=len(conflicts))))
            options.append(Option(_Resolution.ALL_THEIRS, t("theirs in all {count} conflicts", count=len(conflicts))))
        heading = f"{words.person_text(cell[0], self.table)}  {t(words.TITLES[cell[1]])}"
        start = _Resolution.MINE if removed_text is None else _Resolution.THEIRS
        resolution = await self.app.push_screen_wait(Choice(heading, options, start))
        if resolution is None:
            return
        cells = [cell] if resolution in (_Resolution.MINE, _Resolution.THEIRS) else conflicts
        if resolution in (_Resolution.THEIRS, _Resolution.ALL_THEIRS):
            drafts.discard(cells)
        else:
            for conflict_cell in cells:
                drafts.keep_mine(*conflict_cell)
        self._edits_changed(cells)

    @work(exclusive=True, group="discard")
    async def action_discard(self) -> None:
        """Discard edits, after asking."""
        if not self.is_enabled("cti.discard"):
            return
        t, drafts, cursor = self.t, self.table.drafts, self.grid.cursor
        options = [Option("none", t("No")), Option("all", t("All {count} edits", count=f"{len(drafts):,}"))]
        if cursor is not None and drafts.value(*cursor) is not None:
            options.append(Option("cell", t("Only this cell")))
        answer = await self.app.push_screen_wait(Choice(t("Throw unsaved edits away?"), options))
        if answer in ("all", "cell"):
            self._edits_changed(drafts.discard(None if answer == "all" or cursor is None else [cursor]))
            self.say(self.t("Thrown away; ^Z brings it back."))

    # --- saving ---------------------------------------------------------------------------------------------

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Show the differences and save all edits in one request."""
        edit = self.grid.take_edit()
        if edit is not None:
            self._edits_changed(self.table.edit_cells([edit]))
        connection = self.connection
        if not self.is_enabled("cti.save") or connection is None:
            return
        t = self.t
        differences = self.table.drafts.differences()
        count = sum(
            difference.problem is None or difference.problem.code == "refused"
            for difference in differences
            if not difference.conflict
        )
        if not count:
            self.say(t("No edit can be saved as it is: F6 goes to the next refused or conflicting one."), error=True)
            return
        heading = t("Save {count} changed cells?", count=f"{count:,}")
        if count < len(differences):
            heading += "  " + t("({count} more cannot be saved yet)", count=f"{len(differences) - count:,}")
        lines = words.difference_lines(differences, self.table, t)
        if await self.app.push_screen_wait(Differences(heading, lines, t("Enter saves, Esc goes back"))):
            await self._send_batch(connection)

    async def _send_batch(self, connection: Connection) -> None:
        self._saving = True
        try:
            async with self._rows_lock:
                sent, batch = self.table.make_batch()
                self.say(self.t("Saving..."))
                with connection.feed.pause_block():
                    result = await connection.api.save_cti(connection.service, batch)
                moved, outcome = self.table.apply_result(sent, result)
        except ClientError as error:
            self.say(self.host.error_sentence(error) + " " + self.t("Your edits stay here."), error=True)
            return
        finally:
            self._saving = False
        if self.table.hold_still(self.grid.editing is not None) or moved:
            self.draw_rows()
        else:
            self.draw_cells((agent.account, name) for agent in result.agents for name in FIELDS)
        self._schedule_save()
        wrong = bool(outcome.refused or outcome.conflicts)
        self.say(words.outcome_words(outcome, self.t), error=wrong)

    # --- names that match nobody ----------------------------------------------------------------------------

    @work(exclusive=True, group="names")
    async def action_show_unmatched(self) -> None:
        """Show the names in events that match no agent, to assign them to agents."""
        connection = self.connection
        if not self.is_enabled("cti.names") or connection is None:
            return
        service = connection.service
        rows = (self.rows.get(key) for key in self.rows.keys())  # noqa: SIM118
        known = sorted((row.name, row.account) for row in rows if row is not None and service in row.services)
        agents = {account: name for name, account in known}

        async def take(name: str, account: str) -> str | None:
            return await self._give_name(connection, account, name)

        await self.app.push_screen_wait(
            UnmatchedNamesDialog(lambda: connection.api.unmatched_names(service), take, agents, self.t)
        )

    async def _give_name(self, connection: Connection, account: str, name: str) -> str | None:
        """Add a PBX name to an agent and save it at once. Return why it was refused, or None."""
        t, agent, column = self.t, self.rows.get(account), CtiColumn.PBX_NAMES
        if agent is None:
            return t("the agent is gone")
        if self.table.drafts.value(account, column.value) is not None:
            return t("You have an unsaved edit of this agent's PBX names: save it or throw it away first.")
        edit = CtiEdit(account=account, version=agent.version, set={column: join_names([*agent.pbx_names, name])})
        try:
            async with self._rows_lock:
                with connection.feed.pause_block():
                    result = await connection.api.save_cti(connection.service, CtiBatch(edits=[edit]))
                self.table.apply_result([], result)
        except ClientError as error:
            return self.host.error_sentence(error)
        self.draw_rows()
        return words.refusal_words(result.verdicts[0], t)

    # --- edits of the last time -----------------------------------------------------------------------------

    @property
    def _drafts_file(self) -> Path | None:
        return self.connection.folder / "cti-drafts.json" if self.connection is not None else None

    def _schedule_save(self) -> None:
        """Write the edits to disk soon: a power cut or kill -9 loses at most the last seconds."""
        if self._save_timer is not None:
            self._save_timer.stop()
        self._save_timer = self.set_timer(KEEP_AFTER_S, self._save_scheduled)

    def _save_scheduled(self) -> None:
        self._save_timer = None
        if self._drafts_file is None:
            return
        try:
            self.table.save_edits(self._drafts_file)
        except OSError as error:
            self.say(self.t("Your edits cannot be kept on disk: {reason}", reason=str(error)), error=True)

    def _save_edits(self) -> None:
        """Write the edits to disk, including the cell being edited."""
        edit = self.grid.editing  # The edit is only read: the terminal may be gone.
        if edit is not None:
            self.table.edit_cells([edit])
        if self._drafts_file is not None:
            self.table.save_edits(self._drafts_file)

    def _ask_about_saved_edits(self) -> None:
        """Offer the unsaved edits of an earlier session, once all rows are loaded and the screen is visible."""
        path = self._drafts_file
        if path is None or self._asked_about_saved_edits or self.revision is None or not self.is_current:
            return
        self._asked_about_saved_edits = True
        try:
            count = self.table.count_saved_edits(path)
        except (DraftsUnreadable, OSError) as error:
            self.say(self.t("The edits kept last time cannot be read: {reason}", reason=str(error)), error=True)
            return
        if count:
            self._offer_saved_edits(path, count)

    @work(exclusive=True, group="saved-edits")
    async def _offer_saved_edits(self, path: Path, count: int) -> None:
        t = self.t
        heading = t("{count} edits of last time were not saved", count=f"{count:,}")
        options = [Option("restore", t("Go on with them")), Option("drop", t("Throw them away"))]
        answer = await self.app.push_screen_wait(Choice(heading, options))
        try:
            if answer == "restore":
                self._edits_changed(self.table.load_saved_edits(path))
            elif answer == "drop":
                self.table.discard_saved_edits(path)
        except (DraftsUnreadable, OSError) as error:
            self.say(t("The edits kept last time cannot be read: {reason}", reason=str(error)), error=True)
