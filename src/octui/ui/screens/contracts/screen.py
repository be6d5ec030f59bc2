"""Screen of contracts: services, their contracts, and the two-step wizard (rules.md 1–9)."""

from collections.abc import Coroutine
from typing import Any, Literal

from textual import on, work

from octui.client.errors import ClientError
from octui.schema.contracts import Contract, Contracts
from octui.schema.items import ServiceState
from octui.schema.live import CONTRACTS
from octui.state.rows import KeyedRows
from octui.state.wizard import BasicDraft, Draft, Step, drop_taken_parts
from octui.state.wizard_drafts import WizardDrafts
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.choice import Choice, Option, confirm
from octui.ui.listing import Listing
from octui.ui.locale import N_
from octui.ui.screens.contracts.rows import NAMELESS, NEW, TITLES, ServiceRow, row_cells, service_rows, table_columns
from octui.ui.screens.contracts.service_details_dialog import ServiceDetailsDialog
from octui.ui.screens.contracts.wizard.basic_step import BasicStep
from octui.ui.screens.contracts.wizard.context import WizardContext
from octui.ui.screens.contracts.wizard.contract_step import BACK_TO_BASIC, ContractStep
from octui.ui.widgets.columns import Cell, Column
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.words.contracts import STATE_LABELS

ENDED = N_("The service is terminated: nothing of it changes any more.")
STEP_1_FIRST = N_("Step 1 comes first: the service has no ID yet.")


class ContractsScreen(Listing[ServiceRow]):
    """The services with their contracts. Text typed in the wizard stays as a draft, however it is left."""

    WORD = "contracts"
    TITLES = TITLES
    BINDINGS = bindings(
        *("contracts.open", "contracts.add", "contracts.basic", "contracts.details", "contracts.switch"),
        *("contracts.detail", "list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        rows: KeyedRows[ServiceRow] = KeyedRows(lambda row: row.key, ("contract", "draft"))
        order = list(ServiceState)
        super().__init__(
            rows,
            {
                "state": lambda row: order.index(row.state),
                "next": lambda row: (row.contract.next_edit or 0) if row.contract is not None else 0,
                "type": lambda row: row.contract.type if row.contract is not None else "",
            },
        )
        self.drafts: WizardDrafts | None = None
        self._contracts: dict[str, Contract] = {}
        self._open: BasicStep | ContractStep | None = None

    # --- rows -----------------------------------------------------------------------------------------------

    def search_words(self, row: ServiceRow) -> tuple[str, ...]:
        contract = row.contract
        more = (contract.time_zone, *contract.languages) if contract is not None else ()
        return row.name, row.id, *more

    def table_columns(self) -> list[Column]:
        return table_columns(self.t)

    def row_cells(self, row: ServiceRow) -> list[Cell]:
        return row_cells(row, self.t, self.host.now_ms())

    def empty_hint(self) -> str:
        return self.t("There is no service yet: Ins adds one.")

    def summary_text(self) -> str:
        t, counts = self.t, dict.fromkeys(ServiceState, 0)
        for row in (self.rows[key] for key in self.view.keys):
            counts[row.state] += 1
        states = "   ".join(f"{t(STATE_LABELS[state])} {count}" for state, count in counts.items() if count)
        text = t("{shown} of {all} services", shown=len(self.view), all=len(self.rows))
        return f"{text}   {states}" if states else text

    def refresh_texts(self) -> None:
        super().refresh_texts()
        self.query_one(SearchLine).placeholder = self.t("Part of name, ID, language or time zone; initials work")
        self.query_one(Grid).reload()

    def _why_empty(self) -> str:
        if len(self.rows):
            return self.t("No service matches. Esc in the search line shows all again.")
        return super()._why_empty()

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        super().on_connected(connection)
        if self.drafts is None:
            owner = (connection.me.organization.id, connection.me.account)
            self.drafts = WizardDrafts(connection.folder / "wizard", owner)
            self.host.save_on_exit(self._save_open_step)
        try:
            self.drafts.load()
        except OSError as error:
            self._report_unreadable(str(error))
        if self.drafts.unreadable:
            self._report_unreadable(str(self.drafts.unreadable[0]))
        self.lease_table(CONTRACTS, self._take_contracts)
        if self.loaded:
            self._show_rows()

    def _report_unreadable(self, name: str) -> None:
        self.say(self.t("A draft kept here cannot be read, it stays where it is: {what}", what=name), error=True)

    def _take_contracts(self, body: dict[str, Any], etag: str) -> None:
        self._set_contracts(Contracts.model_validate(body).contracts)

    def _set_contracts(self, contracts: list[Contract]) -> None:
        self._contracts = {contract.id: contract for contract in contracts}
        if self.drafts is not None:
            for draft in self.drafts.all_drafts:
                if self._open is None or self._open.context.draft is not draft:
                    self._drop_saved_parts(draft)
            self._save_drafts()
        self._show_rows()

    def _drop_saved_parts(self, draft: Draft) -> None:
        """Remove the parts of a draft that the server has saved."""
        id = draft.service or (draft.basic or BasicDraft()).id.strip()
        contract = self._contracts.get(id)
        if contract is not None:
            drop_taken_parts(draft, contract)

    def _save_drafts(self) -> None:
        try:
            if self.drafts is not None:
                self.drafts.save_drafts(sync=True)
                if self._open is None:
                    self.drafts.drop_empty()
        except OSError as error:
            self.say(self.t("What you typed cannot be kept on disk: {reason}", reason=str(error)), error=True)

    def _save_open_step(self) -> None:
        """Save all drafts, including the open step, when the terminal closes or the app ends."""
        if self._open is not None:
            self._open.update_draft()
        if self.drafts is not None:
            self.drafts.save_drafts(sync=True)

    def _show_rows(self) -> None:
        drafts = [] if self.drafts is None else [draft for draft in self.drafts.all_drafts if not draft.is_empty]
        lines = service_rows(self._contracts.values(), drafts)
        self.show_rows(lines)
        self.refresh_lines()

    def _draft_of(self, row: ServiceRow) -> Draft | None:
        if self.drafts is None:
            return None
        if row.contract is not None:
            return self.drafts.draft_for(row.contract.id)
        return self.drafts.by_key(row.key.removeprefix(NEW))

    def on_tick(self) -> None:
        waiting = [contract.id for contract in self._contracts.values() if contract.next_edit is not None]
        for grid in self.query(Grid):  # There is none while the screen is being mounted or removed.
            grid.refresh_cells((id, "next") for id in waiting)

    # --- keys -----------------------------------------------------------------------------------------------

    @reason_for(*(f"contracts.{action}" for action in ("open", "basic", "details", "switch", "detail")))
    def row_reason(self) -> str | None:
        """Return why the row under the cursor allows no action."""
        return self.no_row_reason()

    @reason_for("contracts.details", "contracts.detail")
    def step_1_reason(self) -> str | None:
        """Return why the contract cannot be opened: step 1 comes first."""
        row = self.chosen_row
        return self.t(STEP_1_FIRST) if row is not None and row.contract is None else None

    @reason_for("contracts.open", "contracts.basic", "contracts.switch")
    def ended_reason(self) -> str | None:
        """Return why the service cannot be changed any more."""
        row = self.chosen_row
        return self.t(ENDED) if row is not None and row.state is ServiceState.TERMINATED else None

    @on(Grid.Activated)
    def _grid_activated(self) -> None:
        self.action_open()

    @work(exclusive=True, group="wizard")
    async def action_add(self) -> None:
        """Add a service, or continue an unsent one."""
        if not self.is_enabled("contracts.add") or self.drafts is None:
            return
        begun = [draft for draft in self.drafts.new_drafts if not draft.is_empty]
        draft: Draft | None = None
        if begun:
            t = self.t
            names = {draft.key: (draft.basic or BasicDraft()).name or t(NAMELESS) for draft in begun}
            options = [Option(key, t("Go on with {name}", name=name)) for key, name in names.items()]
            options.append(Option("", t("Another new service")))
            key = await self.app.push_screen_wait(Choice(t("A new service was begun and not sent yet"), options))
            if key is None:
                return
            draft = self.drafts.by_key(key) if key else None
        await self._run_wizard(draft or self.drafts.begin_draft(), None, Step.BASIC)

    @work(exclusive=True, group="wizard")
    async def action_open(self) -> None:
        """Continue a draft where it was left; for other services, open the basic information."""
        row = self.chosen_row
        if not self.is_enabled("contracts.open") or row is None or self.drafts is None:
            return
        draft = self._draft_of(row)
        step = Step.BASIC
        if draft is not None:
            step = draft.step
        elif row.contract is not None and row.state is ServiceState.DRAFT:
            step = Step.DETAILS
        await self._edit_service(row, step)

    @work(exclusive=True, group="wizard")
    async def action_basic(self) -> None:
        """Open step 1, the basic information."""
        row = self.chosen_row
        if self.is_enabled("contracts.basic") and row is not None:
            await self._edit_service(row, Step.BASIC)

    @work(exclusive=True, group="wizard")
    async def action_details(self) -> None:
        """Open step 2, the contract details."""
        row = self.chosen_row
        if self.is_enabled("contracts.details") and row is not None:
            await self._edit_service(row, Step.DETAILS)

    async def _edit_service(self, row: ServiceRow, step: Step) -> None:
        if self.drafts is not None:
            draft = self._draft_of(row)
            if draft is None:
                draft = self.drafts.begin_draft(row.id if row.contract is not None else "")
            await self._run_wizard(draft, row.contract, step)

    async def _run_wizard(self, draft: Draft, contract: Contract | None, step: Step) -> None:
        """Show one step after another until the wizard is left or done."""
        connection, drafts = self.connection, self.drafts
        if connection is None or drafts is None:
            return
        drafts.open_draft = draft
        context = WizardContext(connection, drafts, draft, contract, lambda: list(self._contracts.values()))
        answer: Contract | str | None
        try:
            while True:
                went_on = context.is_draft
                if step is Step.BASIC:
                    self._open = basic = BasicStep(context, self.t)
                    answer = await self.app.push_screen_wait(basic)
                else:
                    self._open = details = ContractStep(context, self.t)
                    answer = await self.app.push_screen_wait(details)
                if isinstance(answer, Contract):
                    self._contracts[answer.id] = answer
                if answer is None:
                    break
                if answer == BACK_TO_BASIC:
                    step = Step.BASIC
                elif step is Step.BASIC and went_on:
                    step = Step.DETAILS
                else:
                    self._report_done(context, step, went_on)
                    break
        finally:
            self._open = drafts.open_draft = None
        self._save_drafts()
        self._show_rows()
        if context.contract is not None:
            self.query_one(Grid).move_to(context.contract.id)
        elif drafts.by_key(draft.key) is not None:
            self.query_one(Grid).move_to(NEW + draft.key)
        connection.feed.nudge()

    def _report_done(self, context: WizardContext, step: Step, was_draft: bool) -> None:
        if was_draft and step is Step.DETAILS:
            self.say(self.t("{service} is in use now.", service=context.service_title))
        else:
            self.say(self.t("Saved, and recorded in the change log."))

    # --- switching ------------------------------------------------------------------------------------------

    @work(exclusive=True, group="wizard")
    async def action_switch(self) -> None:
        """Suspend, resume or terminate a service, or drop a draft; each after asking (rules.md 1, 6, 8)."""
        row, connection = self.chosen_row, self.connection
        if not self.is_enabled("contracts.switch") or row is None or connection is None:
            return
        if row.contract is None or row.state is ServiceState.DRAFT:
            await self._drop_draft_service(row, connection)
            return
        contract, t = row.contract, self.t
        used = contract.state is ServiceState.IN_USE
        options: list[Option[ServiceState | Literal["drop"]]] = [
            Option(ServiceState.SUSPENDED, t("Suspend"), None if used else t("it is suspended already")),
            Option(ServiceState.IN_USE, t("Resume"), t("it is in use") if used else None),
            Option(ServiceState.TERMINATED, t("Terminate"), t("suspend it first") if used else None),
        ]
        if self._draft_of(row) is not None:
            options.append(Option("drop", t("Throw away what is typed here and not saved")))
        whose = f"{contract.name} ({contract.id})"
        heading = f"{whose}: {t(STATE_LABELS[contract.state])}"
        start = ServiceState.SUSPENDED if used else ServiceState.IN_USE
        state = await self.app.push_screen_wait(Choice(heading, options, start))
        if state is None:
            return
        if state == "drop":
            self._drop_local_draft(row)
            return
        # The consequence is in the answer: in the question, a long name might push it out of the window.
        heading, yes = {
            ServiceState.SUSPENDED: (t("Suspend {service}?"), t("Yes: nobody can use it then; billing goes on")),
            ServiceState.IN_USE: (t("Resume {service}?"), t("Yes: it can be used again at once")),
            ServiceState.TERMINATED: (t("Terminate {service}?"), t("Yes, for good; today is billed last")),
        }[state]
        if await confirm(self.host, heading.format(service=whose), yes):
            await self._send_change(connection, connection.api.switch_service(contract.id, state, contract.version))

    async def _drop_draft_service(self, row: ServiceRow, connection: Connection) -> None:
        name = row.name or self.t(NAMELESS)
        question, yes = self.t("Throw the draft {name} away?", name=name), self.t("Yes, with all that was typed")
        if not await confirm(self.host, question, yes):
            return
        if row.contract is None:
            self._drop_local_draft(row)
        elif await self._send_change(connection, connection.api.drop_draft(row.contract.id, row.contract.version)):
            self._contracts.pop(row.contract.id, None)
            self._drop_local_draft(row)

    def _drop_local_draft(self, row: ServiceRow) -> None:
        draft = self._draft_of(row)
        try:
            if draft is not None and self.drafts is not None:
                self.drafts.drop_draft(draft)
        except OSError as error:
            self.say(self.t("Could not be written: {reason}", reason=str(error)), error=True)
        self._show_rows()

    async def _send_change(self, connection: Connection, call: Coroutine[Any, Any, Contract | None]) -> bool:
        try:
            changed = await call
        except ClientError as error:
            self.say_error(error)
            connection.feed.nudge()
            return False
        if changed is not None:
            self._set_contracts(
                [*(contract for contract in self._contracts.values() if contract.id != changed.id), changed]
            )
        self.say(self.t("Saved, and recorded in the change log."))
        connection.feed.nudge()
        return True

    @work(exclusive=True, group="wizard")
    async def action_detail(self) -> None:
        """Show every field of a service, and its banner."""
        row, connection = self.chosen_row, self.connection
        contract = None if row is None else row.contract
        if self.is_enabled("contracts.detail") and contract is not None and connection is not None:
            await self.app.push_screen_wait(ServiceDetailsDialog(connection, contract, self.t))
