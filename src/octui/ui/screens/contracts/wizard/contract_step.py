"""Step 2 of the wizard: items, their users and volumes, and the estimated cost (rules.md 4, 7–9)."""

from collections.abc import Sequence

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError, Refused, VersionMismatch
from octui.schema.charges import Rate
from octui.schema.contracts import Contract, ContractDetails
from octui.schema.items import COUNTED, Item, ServiceState
from octui.schema.problems import Code
from octui.state.wizard import (
    Items,
    Step,
    details_of,
    item_problems,
    items_of,
    number_of,
    same_items,
    spends_edit,
)
from octui.text.glyphs import glyphs
from octui.ui.actions import bindings, reason_for
from octui.ui.dialogs.differences import Differences
from octui.ui.locale import N_, Words
from octui.ui.screens.contracts.rows import seconds_until_edit
from octui.ui.screens.contracts.wizard import item_words
from octui.ui.screens.contracts.wizard.context import WizardContext, problem_sentence
from octui.ui.screens.contracts.wizard.daily_edit import edit_effect_text
from octui.ui.screens.contracts.wizard.estimator import Estimator
from octui.ui.screens.contracts.wizard.wizard_step import WizardStep
from octui.ui.sentences import error_sentence
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import heading_lines
from octui.ui.words.contracts import ITEM_LABELS
from octui.ui.words.times import date_and_time

BACK_TO_BASIC = "basic"
"""The answer when the person goes back to step 1."""
NOT_PER_USER = N_("This item is charged once, not for each user.")
NOT_COUNTED = N_("This item has no volume: nothing of it is counted.")
HELP_LINES = 5


class _Source:
    """Source of the grid: a row for each contract item."""

    def __init__(self, step: "ContractStep") -> None:
        self._step = step
        self._items = list(Item)

    def row_count(self) -> int:
        return len(self._items)

    def key_at(self, index: int) -> Key | None:
        return self._items[index].value if 0 <= index < len(self._items) else None

    def index_of(self, key: Key) -> int | None:
        return next((i for i, item in enumerate(self._items) if item.value == key), None)

    def row_cells(self, key: Key) -> list[Cell] | None:
        return self._step.item_cells(Item(str(key)))


class ContractStep(WizardStep[Contract | str]):
    """Step 2 of the wizard, a dialog. Returns the server's contract, `BACK_TO_BASIC`, or None if the user left."""

    BINDINGS = bindings(
        *("wizard.toggle", "wizard.save", "wizard.basic", "wizard.leave", "app.help", "app.quit", "app.redraw")
    )
    SHOWN = ("app.help", "wizard.toggle", "wizard.save", "wizard.basic", "wizard.leave", "app.quit")

    def __init__(self, context: WizardContext, t: Words) -> None:
        super().__init__(context, t)
        assert context.contract is not None
        self._contract = context.contract
        draft = context.draft
        draft.step = Step.DETAILS
        if draft.items is None:
            draft.items = items_of(self._contract)
            draft.at = ""
        # Compare with the contract as it is now, which somebody else may have changed since the draft.
        draft.items_base = self._base = items_of(self._contract)
        self._originals: dict[tuple[Item, str], str] = {}
        """The number that a cell had before its edit began."""
        self._rates: dict[Item, Rate] = {}
        self._asked_rates = False
        self._estimate_failed = False
        self.estimator = Estimator(context.connection, self._contract.id, self._estimate_changed)
        self.grid = Grid([Column("", "", 1)], _Source(self))
        self._item_help, self._total, self._edit_effect = StatusLine(), StatusLine(), StatusLine()
        self._item_help.styles.height, self._edit_effect.styles.height = HELP_LINES, 2

    @property
    def items(self) -> Items:
        """The typed items of step 2, including the text of the cell being edited."""
        items = self.context.draft.items
        assert items is not None
        return items

    # --- the window -----------------------------------------------------------------------------------------

    def compose_body(self) -> Vertical:
        step = self.t("Step 2 of 2: contract details") if self.context.is_draft else self.t("Contract details")
        heading = heading_lines([f" {step}   {self.context.service_title}", ""])
        self._total.add_class("total")
        return Vertical(
            heading, self.grid, self._item_help, self._total, self._edit_effect, self.status, classes="wizard"
        )

    def initial_focus(self) -> Widget:
        return self.grid

    def on_mount(self) -> None:
        self.grid.styles.height = len(Item) + 1
        self.grid.columns = item_words.table_columns(self.t)
        item, _, column = self.context.draft.at.partition(".")
        if item in list(Item):
            self.grid.move_to(item, column or None)
        self.set_interval(1.0, self._tick_second)
        self._request_estimate()
        self._load_rates()
        self._show_texts()

    @work(exclusive=True, group="rates", exit_on_error=False)
    async def _load_rates(self) -> None:
        """Load the prices to show beside the items; they are optional."""
        self._asked_rates = True
        try:
            cards = (await self.context.connection.api.rates()).cards
        except ClientError:
            self._asked_rates = False
            return
        today = date_and_time(self.host.now_ms(), self._time_zone)[:10]
        valid = [card for card in cards if card.valid_from <= today]
        if valid:
            self._rates = {rate.item: rate for rate in valid[-1].rates}
            self.grid.refresh()
            self._show_texts()

    @property
    def _time_zone(self) -> str:
        return self.context.connection.me.organization.time_zone

    # --- one row --------------------------------------------------------------------------------------------

    def per_user(self, item: Item) -> bool:
        """Return whether the item is charged for each user."""
        return item_words.per_user(item, self._rates.get(item))

    def item_cells(self, item: Item) -> list[Cell]:
        """Return the cells of a row."""
        estimator = self.estimator
        lines, current = estimator.item_lines(item), estimator.is_current
        return item_words.row_cells(
            item, self.items[item], self._base[item], self._rates.get(item), lines, current, self.t
        )

    # --- what is under the table ----------------------------------------------------------------------------

    def _show_texts(self) -> None:
        self._show_item_help()
        t, estimate = self.t, self.estimator.estimate
        if estimate is None:
            total = glyphs().cut
        else:
            total = t("{amount} KRW a month", amount=f"{estimate.total:,}")
            if estimate.before is not None and not self.context.is_draft:
                before, change = f"{estimate.before:,}", f"{estimate.total - estimate.before:+,}"
                total = t("{before} → {after} KRW a month ({change})",
                          before=before, after=f"{estimate.total:,}", change=change)  # fmt: skip
            for line in self.estimator.discount_lines:
                total += "   " + t("discount {amount} included", amount=f"{line.amount:,}")
        old = "" if self.estimator.is_current or estimate is None else "   " + t("(of before)")
        self._total.set_class(bool(old), "-old")
        message = self.wrap_sentences(t("Estimated cost") + f": {total}{old}")
        self._total.styles.height = message.count("\n") + 1
        self._total.say(message)
        self._show_edit_effect()
        if self.estimator.error is not None:
            why = error_sentence(self.estimator.error, t)
            self.status.say(t("No new estimate: {reason}", reason=why), error=True)
        elif self._estimate_failed:
            self.status.say("")
        self._estimate_failed = self.estimator.error is not None
        self.show_keys()

    def _show_item_help(self) -> None:
        """Show the help for the item under the cursor."""
        if (cursor := self.grid.cursor) is not None:
            item = Item(str(cursor[0]))
            lines = self.estimator.item_lines(item)
            self._item_help.say(self.wrap_sentences(*item_words.item_help(item, self.items[item], lines, self.t)))

    def _show_edit_effect(self) -> None:
        contract = None if self.context.is_draft else self._contract
        text = edit_effect_text(contract, self.items, self._base, self.host.now_ms(), self._time_zone, self.t)
        self._edit_effect.say(self.wrap_sentences(text))

    @property
    def seconds_until_edit(self) -> int:
        """Seconds until the contract can be edited again; 0: now."""
        return seconds_until_edit(self._contract, self.host.now_ms())

    def _tick_second(self) -> None:
        if self.estimator.needs_retry():
            self._run_estimator()
            if not self._asked_rates:
                self._load_rates()
        newest = next((contract for contract in self.context.known() if contract.id == self._contract.id), None)
        # A refusal or a conflict may have brought a newer version than the list has.
        if newest is not None and newest.version >= self._contract.version and not self._busy:
            self._contract = self._contract.model_copy(update={"next_edit": newest.next_edit})
        if not self.context.is_draft:
            self._show_edit_effect()
            self.show_keys()

    # --- typing ---------------------------------------------------------------------------------------------

    def update_draft(self) -> None:
        editing, draft = self.grid.editing, self.context.draft
        if editing is not None and draft.items is not None:
            item, column = Item(str(editing[0])), editing[1]
            if self._why_fixed(item, column) is None:
                self._originals.setdefault((item, column), getattr(self.items[item], column))
                self._set_number(item, column, editing[2])
        if (cursor := self.grid.cursor) is not None:
            draft.at = f"{cursor[0]}.{cursor[1]}"

    def _why_fixed(self, item: Item, column: str) -> str | None:
        """Return why a cell is read-only (a message ID), or None."""
        if column == "users":
            return None if self.per_user(item) else NOT_PER_USER
        return None if item in COUNTED else NOT_COUNTED

    def _set_number(self, item: Item, column: str, value: str) -> None:
        if column == "users":
            self.items[item].users = value
        elif column == "volume":
            self.items[item].volume = value

    @on(Grid.EditStarted)
    def _edit_started(self, event: Grid.EditStarted) -> None:
        why = self._why_fixed(Item(str(event.key)), event.column)
        if why is not None:
            self.grid.cancel_edit()
            self.status.say(self.t(why), error=True)
        else:
            self.status.say("")
            self._items_changed()  # The edit contains the first key already.

    @on(Grid.EditTyped)
    def _edit_typed(self) -> None:
        self._items_changed()

    @on(Grid.Edited)
    def _cell_edited(self, event: Grid.Edited) -> None:
        item = Item(str(event.key))
        if self._why_fixed(item, event.column) is not None:
            return
        number = number_of(event.value, 10**12)
        self._set_number(item, event.column, event.value if number is None else str(number))
        if not self.items[item].on:
            self.items[item].on = True  # Typing a number switches the item on.
        self._items_changed()
        problem = item_problems({item: self.items[item]}).get((item, event.column))
        if problem is not None:  # The cursor has moved on; the reason stays visible.
            message = problem_sentence(problem, self.t)
            self.status.say(f"{self.t(ITEM_LABELS[item])}: {message}", error=True)

    @on(Grid.EditEnded)
    def _edit_ended(self, event: Grid.EditEnded) -> None:
        # Esc restores the number. After Enter, `Edited` arrives before the deferred call.
        item = Item(str(event.key))
        before = self._originals.pop((item, event.column), None)
        if before is not None:
            self._set_number(item, event.column, before)
            self.call_later(self._items_changed)

    @on(Grid.BlockPasted)
    def _block_pasted(self, event: Grid.BlockPasted) -> None:
        self.status.say(self.t("One number at a time can be pasted here."), error=True)

    @on(Grid.CursorMoved)
    def _cursor_moved(self) -> None:
        self._show_item_help()
        self.update_draft()

    @on(Grid.Activated)
    def _grid_activated(self) -> None:
        self.action_toggle_item()

    def action_toggle_item(self) -> None:
        """Switch the item under the cursor on or off; `ticket` stays on (rules.md 8)."""
        cursor = self.grid.cursor
        if cursor is None or self.grid.editing is not None:
            return
        item = Item(str(cursor[0]))
        if item is Item.TICKET:
            self.status.say(self.t(item_words.ALWAYS_ON), error=True)
            return
        self.status.say("")
        self.items[item].on = not self.items[item].on
        self._items_changed()

    def _items_changed(self) -> None:
        self.schedule_save()
        self._request_estimate()
        self.grid.refresh()
        self._show_texts()

    # --- the estimate ---------------------------------------------------------------------------------------

    @property
    def current_details(self) -> ContractDetails | None:
        """Step 2 as a request, None while a number is invalid."""
        return None if item_problems(self.items) else details_of(self.items)

    def _request_estimate(self) -> None:
        if self.estimator.set_details(self.current_details):
            self._run_estimator()

    @work(group="estimate", exit_on_error=False)
    async def _run_estimator(self) -> None:
        await self.estimator.run()

    def _estimate_changed(self) -> None:
        if self.is_mounted:
            self.grid.refresh()
            self._show_texts()

    # --- saving ---------------------------------------------------------------------------------------------

    @reason_for("wizard.save")
    def save_reason(self) -> str | None:
        """Return why the contract cannot be saved."""
        t = self.t
        if self._contract.state is ServiceState.TERMINATED:
            return t("The service is terminated: nothing of it changes any more.")
        if not self.context.is_draft and same_items(self.items, self._base):
            return t("Nothing was changed yet.")
        if not self.context.is_draft and self.seconds_until_edit and spends_edit(self.items, self._base):
            return t("Today's edit is spent: this is a simulation. What you typed stays.")
        return None

    def action_basic(self) -> None:
        """Go back to step 1."""
        self.close_step(BACK_TO_BASIC)

    def action_send(self) -> None:
        """Show the differences, and save them after confirmation."""
        edited = self.grid.take_edit()
        if edited is not None:
            self._cell_edited(Grid.Edited(*edited))
        if not self.is_enabled("wizard.save"):
            return
        wrong = item_problems(self.items)
        if wrong:
            (item, column), problem = next(iter(wrong.items()))
            self.grid.move_to(item.value, column)
            self.status.say(problem_sentence(problem, self.t), error=True)
            return
        self._busy = True
        self.show_keys()
        self._confirm_and_save()

    @work(exclusive=True, group="send", exit_on_error=False)
    async def _confirm_and_save(self) -> None:
        try:
            if await self.app.push_screen_wait(
                Differences(self._question_text(), self._difference_lines(), self._keys_line())
            ):
                await self._save_contract()
        finally:
            self._busy = False
            self.show_keys()
            self.save_drafts(sync=True)

    async def _save_contract(self) -> None:
        context, api, details = self.context, self.context.connection.api, self.current_details
        if details is None:
            return
        self.status.say(self.t("One moment..."))
        try:
            contract = await api.edit_contract(self._contract.id, details, self._contract.version)
        except VersionMismatch as error:
            self._changed_meanwhile(error)
        except Refused as error:
            message = error_sentence(error, self.t)
            if error.code == Code.CONTRACT_CHANGED_TODAY:
                message = self.t("Today's edit is spent already. What you typed stays; save it after midnight.")
                self._take_next_edit(error)
            self.status.say(message, error=True)
        except ClientError as error:
            self.status.say(error_sentence(error, self.t), error=True)
        else:
            context.contract = contract
            context.draft.items = context.draft.items_base = None
            self.dismiss(contract)

    def _take_next_edit(self, error: Refused) -> None:
        following = (error.problem.current or {}).get("next_edit")
        if isinstance(following, int):
            self._contract = self._contract.model_copy(update={"next_edit": following})
            self._show_texts()

    def _changed_meanwhile(self, error: VersionMismatch) -> None:
        """Show another person's change: typed numbers stay, and those that differ are marked."""
        if error.current is None:
            self.status.say(error_sentence(error, self.t), error=True)
            return
        self._contract = self.context.contract = Contract.model_validate(error.current)
        self.context.draft.items_base = self._base = items_of(self._contract)
        self.estimator.estimate_of = None  # The contract that the estimate compares with has changed.
        self._request_estimate()
        self._run_estimator()
        self.grid.refresh()
        self._show_texts()
        message = self.t(
            "Somebody else changed this contract meanwhile: marked is where yours differs. ^S saves yours."
        )
        self.status.say(message, error=True)

    def _question_text(self) -> str:
        if self.context.is_draft:
            return self.t("Register {service}?", service=self.context.service_title)
        return self.t("Change the contract of {service}?", service=self.context.service_title)

    def _keys_line(self) -> str:
        yes = self.t("Enter: register") if self.context.is_draft else self.t("Enter: save")
        back = self.t("Esc: back")
        return f"{yes}   {back}"

    def _difference_lines(self) -> Sequence[str]:
        """Return the changes (before → after), the cost, and whether saving uses the daily edit."""
        lines = item_words.change_lines(
            None if self.context.is_draft else self._base, self.items, self.per_user, self.t
        )
        below = [*self._total.text.split("\n"), *self._edit_effect.text.split("\n")]
        return [*lines, "", *(f" {part}" for part in below)]
