"""CTI agents: CTI ID and CTI NO of every agent of the organization, edited in place (domain.md 19, 22)."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from textual import on, work
from textual.widget import Widget

from octui.client.errors import ClientError, Refused
from octui.schema.common import LARGEST_PAGE, Head
from octui.schema.live import cti_topic
from octui.schema.problems import FieldProblem
from octui.state.cti_sheet import COLUMNS as SHEET_COLUMNS
from octui.state.cti_table import FIELDS, Counts, CtiTable
from octui.state.drafts import CellId, DraftsUnreadable
from octui.state.saved import Saved
from octui.text.sheets import SheetError, write_xlsx_apart
from octui.ui import cti_words as words
from octui.ui.actions import bindings
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.differences import Differences
from octui.ui.exports import export_path
from octui.ui.menu_screen import MenuScreen
from octui.ui.sentences import field_sentence
from octui.ui.session import Session
from octui.ui.widgets.columns import Cell, Key, Tone
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine

_TRY_AGAIN_S = 5


class _Rows:
    """The grid's source: the table's rows with this person's edits."""

    def __init__(self, screen: "CtiScreen") -> None:
        self._screen = screen

    def count(self) -> int:
        return len(self._screen.table.view)

    def key_at(self, index: int) -> Key | None:
        keys = self._screen.table.view.keys
        return keys[index] if 0 <= index < len(keys) else None

    def index_of(self, key: Key) -> int | None:
        return self._screen.table.view.position(key)

    def cells(self, key: Key) -> Sequence[Cell] | None:
        table = self._screen.table
        texts = table.texts(key)
        if texts is None:
            return None
        tone: Tone = "stale" if self._screen.octui.stale else ""
        return [Cell(text, tone, table.drafts.mark(key, name)) for name, text in zip(FIELDS, texts, strict=True)]


class CtiScreen(MenuScreen):
    """The table of CTI IDs and NOs. Edits are drafts until they are saved, all in one request."""

    WORD = "cti"
    BINDINGS = bindings(
        *("cti.save", "cti.undo", "cti.redo", "cti.problems", "cti.resolve", "cti.discard"),
        *("list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.table = CtiTable(self._explain)
        self._counts = Counts(0, 0)
        self._saved: Saved | None = None
        self._sort: tuple[str, bool] | None = None
        self._revision: int | None = None
        self._expected = 0
        self._loading = False
        self._again = False
        self._failed: ClientError | None = None
        self._ticks_failed = 0
        self._asked_for_kept = False
        self._saving = False
        self._exporting = False
        self._one_at_a_time = asyncio.Lock()

    def body(self) -> list[Widget]:
        return [SearchLine(), Grid(words.columns(self.t), _Rows(self)), StatusLine()]

    def on_mount(self) -> None:
        self.grid.focus()
        self.reworded()

    @property
    def grid(self) -> Grid:
        """The table on screen."""
        return self.query_one(Grid)

    def _explain(self, problem: FieldProblem) -> str:
        return field_sentence(problem, self.t)

    def reworded(self) -> None:
        self.query_one(SearchLine).placeholder = self.t(
            "Part of name, ID, e-mail, CTI ID, CTI NO or service; initials work"
        )
        self.grid.columns = words.columns(self.t)
        self._rows_changed()

    # --- loading --------------------------------------------------------------------------------------------

    def connected(self, session: Session) -> None:
        self.release()
        if self._saved is None:
            self._first_connected(session)
        self.lease(cti_topic(session.service), self._head_changed)
        self._rows_changed()
        self._offer_kept()

    def _first_connected(self, session: Session) -> None:
        self.table.drafts.owner = (session.me.organization.id, session.me.account)
        self._saved = Saved(session.folder / "screens.json")
        self.octui.keep(self._keep)
        column = self._saved.text(self.WORD, "sort")
        if column in FIELDS:
            self._sort_by(column, bool(self._saved.get(self.WORD, "descending")))
        search = self._saved.text(self.WORD, "search")
        if search:
            self.query_one(SearchLine).value = search
            self.query_one(SearchLine).ask()

    def _head_changed(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("This table may not be read any more."), error=True)
            return
        head = Head.model_validate(body)
        self._expected = head.count
        if self._revision is None or head.revision > self._revision:
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
        self._rows_changed()
        self._offer_kept()

    async def _load_pages(self, session: Session) -> None:
        since, after, revision = self._revision, None, None
        seen: set[Key] = set()
        while True:
            # A page asked for before a save must not be taken in after it.
            async with self._one_at_a_time:
                page = await session.api.cti_agents(
                    session.service, after=after, changed_since=since, limit=LARGEST_PAGE
                )
                revision = page.revision if revision is None else min(revision, page.revision)
                seen.update(agent.account for agent in page.agents)
                gone: list[Key] = list(page.removed)
                if page.next is None and since is None:
                    gone += [key for key in self.table.row_keys() if key not in seen]
                moved, changes = self.table.take(page.agents, gone)
            if moved:
                self._rows_changed()
            else:
                self._cells_changed((key, name) for key, names in changes.changed.items() for name in names)
            after = page.next
            if after is None:
                self._revision = revision
                return

    def tick(self) -> None:
        if self._failed is not None and not isinstance(self._failed, Refused) and not self.octui.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= _TRY_AGAIN_S:
                self._load()

    # --- what is shown --------------------------------------------------------------------------------------

    def _rows_changed(self) -> None:
        """Rows came, went or moved, or everything is to be drawn again."""
        if not self.is_mounted:
            return
        self.grid.empty = self._why_empty()
        self.grid.reload()
        self._say_status()

    def _cells_changed(self, cells: Iterable[CellId]) -> None:
        """Cells changed, and with them perhaps the marks of other edits."""
        self.grid.refresh_cells({*cells, *self.table.drafts})
        self._say_status()

    def _edits_changed(self, cells: Iterable[CellId]) -> None:
        if self.table.hold_still(self.grid.editing is not None):
            self._rows_changed()
        else:
            self._cells_changed(cells)

    def _why_empty(self) -> str:
        t = self.t
        if len(self.table.rows):
            return t("Nobody matches. Esc in the search line shows everybody again.")
        if self._revision is None:
            return t("Loading...") if self.session is not None and self._failed is None else ""
        return t("There are no agents yet. Give a member a role in the menu Agents; then they are listed here.")

    def _say_status(self) -> None:
        self._counts = self.table.counts()
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
            line.say(self.octui.sentence(self._failed), error=True)
            return
        parts = [words.status(self._counts, self.t)] if self._revision is not None or self._counts.people else []
        if self._loading and self._revision is None and self._expected:
            parts.append(self.t("loading, {count} in all", count=f"{self._expected:,}"))
        line.say("   ".join([*parts, *filter(None, [text])]))

    # --- search and sort ------------------------------------------------------------------------------------

    @on(SearchLine.Asked)
    def _asked(self, event: SearchLine.Asked) -> None:
        self.table.search(event.text)
        self._rows_changed()
        self._remember(search=event.text.strip())

    @on(SearchLine.Left)
    def _left_search(self) -> None:
        self.grid.focus()

    def action_search(self) -> None:
        """Go to the search line."""
        self.query_one(SearchLine).focus()

    def action_sort(self) -> None:
        """Sort by the column of the cursor; again turns it round."""
        if self.grid.cursor is not None:
            self._sort_again(self.grid.cursor[1])

    @on(Grid.HeaderChosen)
    def _header_chosen(self, event: Grid.HeaderChosen) -> None:
        self._sort_again(event.column)

    def _sort_again(self, column: str) -> None:
        self._sort_by(column, self._sort == (column, False))
        self._rows_changed()
        self._remember(sort=column, descending=self._sort == (column, True))

    def _sort_by(self, column: str, descending: bool) -> None:
        self._sort = column, descending
        self.table.sort(column, descending)
        self.grid.sorts = [(column, descending)]

    def _remember(self, **values: str | bool) -> None:
        if self._saved is None:
            return
        try:
            self._saved.put(self.WORD, values)
        except (OSError, ValueError) as error:
            self.say(self.t("The search and order are not kept for next time: {reason}", reason=str(error)))

    # --- editing --------------------------------------------------------------------------------------------

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self._say_cell()

    @on(Grid.EditStarted)
    def _edit_started(self) -> None:
        self.table.hold_still(True)

    @on(Grid.EditEnded)
    def _edit_ended(self) -> None:
        self._edits_changed(())

    @on(Grid.Edited)
    def _edited(self, event: Grid.Edited) -> None:
        self._edits_changed(self.table.edit([(event.key, event.column, event.value)]))

    @on(Grid.BlockPasted)
    def _block_pasted(self, event: Grid.BlockPasted) -> None:
        grid = self.grid
        changes, refusal = words.laid_out(grid.source, grid.columns, event.key, event.column, event.block, self.t)
        if refusal is not None:
            self.say(refusal, error=True)
            return
        cells = self.table.edit(changes)
        self._edits_changed(cells)
        self.say(self.t("{count} cells changed; ^Z takes it back.", count=f"{len(cells):,}"))

    @on(Grid.EditLost)
    def _edit_lost(self) -> None:
        self.say(self.t("This row is not shown any more. Enter keeps the edit, Esc drops it."), error=True)

    @on(Grid.Copied)
    def _copied(self, event: Grid.Copied) -> None:
        self.octui.copy(event.text)

    def action_copy(self) -> None:
        """Copy the selected cells, or the cursor's."""
        if self.grid.cursor is not None:
            self.octui.copy(self.grid.block_text())

    def action_undo(self) -> None:
        """Take back the last edit; of one under way, the typing."""
        if self.grid.editing is not None:
            self.grid.cancel_edit()
        elif self._may("undo"):
            self._stepped(self.table.drafts.undo())

    def action_redo(self) -> None:
        """Do the edit again that was taken back."""
        if self._may("redo"):
            self._stepped(self.table.drafts.redo())

    def _stepped(self, cells: set[CellId]) -> None:
        self._edits_changed(cells)
        shown = [cell for cell in cells if self.table.view.position(cell[0]) is not None]
        if shown:
            self.grid.move_to(*min(shown, key=lambda cell: (self.table.view.position(cell[0]), cell[1])))

    def reason(self, action: str) -> str | None:
        t, drafts = self.t, self.table.drafts
        match action:
            case "save" if not len(drafts):
                return t("Nothing was changed yet.")
            case "save" if self._saving:
                return t("A save is under way.")
            case "save" if self.session is None or self.octui.stale:
                return t("There is no connection: nothing can be saved now. Your edits stay here.")
            case "undo" if not drafts.can_undo:
                return t("There is nothing to take back.")
            case "redo" if not drafts.can_redo:
                return t("There is nothing to do again.")
            case "discard" if not len(drafts):
                return t("There are no unsaved edits.")
            case "resolve" if not self._counts.conflicts:
                return t("Nobody else changed what you edited.")
            case "next_problem" if not (self._counts.conflicts or self._counts.wrong):
                return t("No cell is refused or in conflict.")
            case "sort" | "copy" | "export" if not len(self.table.view):
                return t("There are no rows.")
            case "export" if self._exporting:
                return t("An export is under way.")
        return None

    def _may(self, action: str) -> bool:
        """Whether the action can be done now; says why not."""
        why = self.reason(action)
        if why is not None:
            self.say(why, error=True)
        return why is None

    # --- problems -------------------------------------------------------------------------------------------

    def action_next_problem(self) -> None:
        """Go to the next refused or conflicting cell, out of the search if it hides it."""
        if not self._may("next_problem"):
            return
        cell = self.table.next_problem(self.grid.cursor)
        if cell is None:
            return
        if cell[0] not in self.table.rows:
            self._resolve(cell)
            return
        if self.table.view.position(cell[0]) is None:
            self.query_one(SearchLine).value = ""
            self.query_one(SearchLine).ask()
            self.table.search("")
            self._rows_changed()
        self.grid.focus()
        self.grid.move_to(*cell)

    def action_resolve(self) -> None:
        """See somebody else's value beside one's own and choose."""
        if self._may("resolve"):
            cursor = self.grid.cursor
            here = cursor is not None and self.table.drafts.mark(*cursor) == "conflict"
            self._resolve(cursor if cursor is not None and here else self.table.problems(("conflict",))[0])

    @work(exclusive=True, group="resolve")
    async def _resolve(self, cell: CellId) -> None:
        t, drafts = self.t, self.table.drafts
        conflict, mine = drafts.conflict(*cell), drafts.value(*cell)
        if conflict is None:
            return
        self.grid.move_to(*cell)
        every = self.table.problems(("conflict",))
        gone = t("the agent is gone") if conflict.theirs is None else None
        theirs = words.shown_value(conflict.theirs, t) if gone is None else gone
        options = [
            Option(t("yours:  {value}", value=words.shown_value(mine, t)), gone),
            Option(t("theirs: {value}", value=theirs)),
        ]
        if len(every) > 1:
            options.append(Option(t("yours in all {count} conflicts", count=len(every))))
            options.append(Option(t("theirs in all {count} conflicts", count=len(every))))
        heading = f"{words.who(cell[0], self.table)}  {t(words.TITLES[cell[1]])}"
        chosen = await self.app.push_screen_wait(Choice(heading, options, 0 if gone is None else 1))
        if chosen is None:
            return
        cells = [cell] if chosen < 2 else every
        if chosen % 2:
            drafts.discard(cells)
        else:
            for one in cells:
                drafts.keep_mine(*one)
        self._edits_changed(cells)

    @work(exclusive=True, group="discard")
    async def action_discard(self) -> None:
        """Throw edits away, after asking."""
        if not self._may("discard"):
            return
        t, drafts, cursor = self.t, self.table.drafts, self.grid.cursor
        options = [Option(t("No")), Option(t("All {count} edits", count=f"{len(drafts):,}"))]
        if cursor is not None and drafts.value(*cursor) is not None:
            options.append(Option(t("Only this cell")))
        chosen = await self.app.push_screen_wait(Choice(t("Throw unsaved edits away?"), options))
        if chosen:
            self._edits_changed(drafts.discard(None if chosen == 1 or cursor is None else [cursor]))
            self.say(self.t("Thrown away; ^Z brings it back."))

    # --- saving ---------------------------------------------------------------------------------------------

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Show the difference and save all of it in one request."""
        edit = self.grid.take_edit()
        if edit is not None:
            self._edits_changed(self.table.edit([edit]))
        session = self.session
        if not self._may("save") or session is None:
            return
        t = self.t
        differences = self.table.drafts.differences()
        count = sum(one.problem is None or one.problem.code == "refused" for one in differences if not one.conflict)
        if not count:
            self.say(t("No edit can be saved as it is: F6 goes to the next refused or conflicting one."), error=True)
            return
        heading = t("Save {count} changed cells?", count=f"{count:,}")
        if count < len(differences):
            heading += "  " + t("({count} more cannot be saved yet)", count=f"{len(differences) - count:,}")
        lines = words.difference_lines(differences, self.table, t)
        if await self.app.push_screen_wait(Differences(heading, lines, t("Enter saves, Esc goes back"))):
            await self._save(session)

    async def _save(self, session: Session) -> None:
        self._saving = True
        try:
            async with self._one_at_a_time:
                sent, batch = self.table.batch()
                self.say(self.t("Saving..."))
                with session.feed.paused():
                    result = await session.api.save_cti(session.service, batch)
                moved, outcome = self.table.applied(sent, result)
        except ClientError as error:
            self.say(f"{self.octui.sentence(error)} {self.t('Your edits stay here.')}", error=True)
            return
        finally:
            self._saving = False
        if self.table.hold_still(self.grid.editing is not None) or moved:
            self._rows_changed()
        else:
            self._cells_changed((agent.account, name) for agent in result.agents for name in FIELDS)
        wrong = bool(outcome.refused or outcome.conflicts)
        self.say(words.outcome_words(outcome, self.t), error=wrong)

    # --- edits of the last time -----------------------------------------------------------------------------

    @property
    def _drafts_file(self) -> Path | None:
        return self.session.folder / "cti-drafts.json" if self.session is not None else None

    def _keep(self) -> None:
        """Keep the edits for next time, the one under way too."""
        edit = self.grid.editing  # only looked at: the terminal may be gone
        if edit is not None:
            self.table.edit([edit])
        if self._drafts_file is not None:
            self.table.keep(self._drafts_file)

    def _offer_kept(self) -> None:
        """Once all rows are there and the screen is seen, ask about the edits of the last time."""
        path = self._drafts_file
        if path is None or self._asked_for_kept or self._revision is None or not self.is_current:
            return
        self._asked_for_kept = True
        try:
            count = self.table.kept(path)
        except (DraftsUnreadable, OSError) as error:
            self.say(self.t("The edits kept last time cannot be read: {reason}", reason=str(error)), error=True)
            return
        if count:
            self._ask_kept(path, count)

    @work(exclusive=True, group="kept")
    async def _ask_kept(self, path: Path, count: int) -> None:
        t = self.t
        heading = t("{count} edits of last time were not saved", count=f"{count:,}")
        options = [Option(t("Go on with them")), Option(t("Throw them away"))]
        chosen = await self.app.push_screen_wait(Choice(heading, options))
        try:
            if chosen == 0:
                self._edits_changed(self.table.take_kept(path))
            elif chosen == 1:
                self.table.drop_kept(path)
        except (DraftsUnreadable, OSError) as error:
            self.say(t("The edits kept last time cannot be read: {reason}", reason=str(error)), error=True)

    # --- export ---------------------------------------------------------------------------------------------

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Exactly what is shown, in the order shown, into an Excel file that can be read in again."""
        if not self._may("export"):
            return
        t, path, loop = self.t, export_path("cti"), asyncio.get_running_loop()
        rows = [texts for key in self.table.view.keys if (texts := self.table.texts(key)) is not None]
        unsaved = len(self.table.drafts)

        def progress(count: int) -> None:
            text = t("Exporting: {count} rows...", count=f"{count:,}")
            loop.call_soon_threadsafe(self.say, text)

        self._exporting = True
        try:
            await asyncio.to_thread(write_xlsx_apart, path, SHEET_COLUMNS, rows, progress)
        except (SheetError, OSError) as error:
            self.say(t("Could not be written: {reason}", reason=str(error)), error=True)
            return
        finally:
            self._exporting = False
        text = t("{count} rows written to {path}", count=f"{len(rows):,}", path=str(path))
        self.say(f"{text}  {t('(with {count} unsaved edits)', count=unsaved)}" if unsaved else text)
