"""CTI agents: CTI ID and CTI NO of every agent of the organization, edited in place (rules.md 19, 22)."""

from collections.abc import Iterable
from enum import Enum, auto
from pathlib import Path

from textual import on, work
from textual.timer import Timer

from octui.client.errors import ClientError
from octui.state.cti_table import FIELDS
from octui.state.drafts import CellId, DraftsUnreadable
from octui.ui.actions import bindings, reason_for
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.differences import Differences
from octui.ui.screens.cti import words
from octui.ui.screens.cti.view import CtiView
from octui.ui.session import Session
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine

KEEP_AFTER_S = 2.0


class _Resolution(Enum):
    """How a conflict is resolved: with this person's value or the other one, in one cell or in all."""

    MINE = auto()
    THEIRS = auto()
    ALL_MINE = auto()
    ALL_THEIRS = auto()


class CtiScreen(CtiView):
    """The table of CTI IDs and NOs. Edits are drafts until they are saved, all in one request."""

    BINDINGS = bindings(
        *("cti.save", "cti.undo", "cti.redo", "cti.problems", "cti.resolve", "cti.discard"),
        *("list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._asked_for_kept = False
        self._saving = False
        self._soon: Timer | None = None

    def first_connected(self, session: Session) -> None:
        super().first_connected(session)
        self.table.drafts.owner = (session.me.organization.id, session.me.account)
        self.host.save_on_exit(self._keep)

    # --- editing --------------------------------------------------------------------------------------------

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self._say_cell()

    @on(Grid.EditStarted)
    def _edit_started(self) -> None:
        self.table.hold_still(True)

    @on(Grid.EditEnded)
    def _edit_ended(self) -> None:
        if self.table.hold_still(self.grid.editing is not None):
            self.rows_changed()

    @on(Grid.Edited)
    def _edited(self, event: Grid.Edited) -> None:
        self._edits_changed(self.table.edit_cells([(event.key, event.column, event.value)]))

    @on(Grid.BlockPasted)
    def _block_pasted(self, event: Grid.BlockPasted) -> None:
        grid = self.grid
        changes, refusal = words.laid_out(grid.source, grid.columns, event.key, event.column, event.block, self.t)
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
        """Take back the last edit; of one under way, the typing."""
        if self.grid.editing is not None:
            self.grid.cancel_edit()
        elif self.is_enabled("cti.undo"):
            self._stepped(self.table.drafts.undo())

    def action_redo(self) -> None:
        """Do the edit again that was taken back."""
        if self.is_enabled("cti.redo"):
            self._stepped(self.table.drafts.redo())

    def _edits_changed(self, cells: Iterable[CellId]) -> None:
        super()._edits_changed(cells)
        self._keep_soon()

    def _stepped(self, cells: set[CellId]) -> None:
        self._edits_changed(cells)
        shown = [cell for cell in cells if self.table.view.position(cell[0]) is not None]
        if shown:
            self.grid.move_to(*min(shown, key=lambda cell: (self.table.view.position(cell[0]), cell[1])))

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
        """Return why nothing can be taken back."""
        return None if self.table.drafts.can_undo else self.t("There is nothing to take back.")

    @reason_for("cti.redo")
    def redo_reason(self) -> str | None:
        """Return why nothing can be done again."""
        return None if self.table.drafts.can_redo else self.t("There is nothing to do again.")

    @reason_for("cti.discard")
    def discard_reason(self) -> str | None:
        """Return why there is nothing to throw away."""
        return None if len(self.table.drafts) else self.t("There are no unsaved edits.")

    @reason_for("cti.resolve")
    def resolve_reason(self) -> str | None:
        """Return why there is nothing to resolve."""
        return None if self.counts.conflicts else self.t("Nobody else changed what you edited.")

    @reason_for("cti.problems")
    def problems_reason(self) -> str | None:
        """Return why there is no cell to go to."""
        return None if self.counts.conflicts or self.counts.wrong else self.t("No cell is refused or in conflict.")

    # --- problems -------------------------------------------------------------------------------------------

    def action_next_problem(self) -> None:
        """Go to the next refused or conflicting cell, out of the search if it hides it."""
        if not self.is_enabled("cti.problems"):
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
            self.rows_changed()
        self.grid.focus()
        self.grid.move_to(*cell)

    def action_resolve(self) -> None:
        """See somebody else's value beside one's own and choose."""
        if self.is_enabled("cti.resolve"):
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
            Option(_Resolution.MINE, t("yours:  {value}", value=words.shown_value(mine, t)), gone),
            Option(_Resolution.THEIRS, t("theirs: {value}", value=theirs)),
        ]
        if len(every) > 1:
            options.append(Option(_Resolution.ALL_MINE, t("yours in all {count} conflicts", count=len(every))))
            options.append(Option(_Resolution.ALL_THEIRS, t("theirs in all {count} conflicts", count=len(every))))
        heading = f"{words.who(cell[0], self.table)}  {t(words.TITLES[cell[1]])}"
        start = _Resolution.MINE if gone is None else _Resolution.THEIRS
        resolution = await self.app.push_screen_wait(Choice(heading, options, start))
        if resolution is None:
            return
        cells = [cell] if resolution in (_Resolution.MINE, _Resolution.THEIRS) else every
        if resolution in (_Resolution.THEIRS, _Resolution.ALL_THEIRS):
            drafts.discard(cells)
        else:
            for one in cells:
                drafts.keep_mine(*one)
        self._edits_changed(cells)

    @work(exclusive=True, group="discard")
    async def action_discard(self) -> None:
        """Throw edits away, after asking."""
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
        """Show the difference and save all of it in one request."""
        edit = self.grid.take_edit()
        if edit is not None:
            self._edits_changed(self.table.edit_cells([edit]))
        session = self.session
        if not self.is_enabled("cti.save") or session is None:
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
            async with self.one_at_a_time:
                sent, batch = self.table.make_batch()
                self.say(self.t("Saving..."))
                with session.feed.pause_block():
                    result = await session.api.save_cti(session.service, batch)
                moved, outcome = self.table.apply_result(sent, result)
        except ClientError as error:
            self.say(self.host.error_sentence(error) + " " + self.t("Your edits stay here."), error=True)
            return
        finally:
            self._saving = False
        if self.table.hold_still(self.grid.editing is not None) or moved:
            self.rows_changed()
        else:
            self.cells_changed((agent.account, name) for agent in result.agents for name in FIELDS)
        self._keep_soon()
        wrong = bool(outcome.refused or outcome.conflicts)
        self.say(words.outcome_words(outcome, self.t), error=wrong)

    # --- edits of the last time -----------------------------------------------------------------------------

    @property
    def _drafts_file(self) -> Path | None:
        return self.session.folder / "cti-drafts.json" if self.session is not None else None

    def _keep_soon(self) -> None:
        """On disk a moment after the last edit: a power cut or kill -9 takes at most that moment."""
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(KEEP_AFTER_S, self._keep_now)

    def _keep_now(self) -> None:
        self._soon = None
        if self._drafts_file is None:
            return
        try:
            self.table.save_edits(self._drafts_file)
        except OSError as error:
            self.say(self.t("Your edits cannot be kept on disk: {reason}", reason=str(error)), error=True)

    def _keep(self) -> None:
        """Keep the edits for next time, the one under way too."""
        edit = self.grid.editing  # only looked at: the terminal may be gone
        if edit is not None:
            self.table.edit_cells([edit])
        if self._drafts_file is not None:
            self.table.save_edits(self._drafts_file)

    def loaded(self) -> None:
        """Once all rows are there and the screen is seen, ask about the edits of the last time."""
        path = self._drafts_file
        if path is None or self._asked_for_kept or self.revision is None or not self.is_current:
            return
        self._asked_for_kept = True
        try:
            count = self.table.count_saved_edits(path)
        except (DraftsUnreadable, OSError) as error:
            self.say(self.t("The edits kept last time cannot be read: {reason}", reason=str(error)), error=True)
            return
        if count:
            self._ask_kept(path, count)

    @work(exclusive=True, group="kept")
    async def _ask_kept(self, path: Path, count: int) -> None:
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
