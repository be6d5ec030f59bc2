"""Screen of the CTI settings, and of the service's agents with what they lack for phone (rules.md 19, 20, 23)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from textual import on, work
from textual.binding import Binding
from textual.widget import Widget

from octui.client.errors import ClientError, Refused, VersionMismatch
from octui.schema.agents import Agent
from octui.schema.common import LARGEST_PAGE, Head
from octui.schema.cti import CtiSettings, CtiSettingsChange, CtiVersion, Readiness, Step
from octui.schema.live import agents_topic, cti_settings_topic, cti_topic
from octui.schema.problems import FieldCode
from octui.state.rows import KeyedRows
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.form import sentences_of
from octui.ui.draft_form import DraftForm
from octui.ui.listing import Listing
from octui.ui.locale import N_
from octui.ui.menus import why_not
from octui.ui.screens.cti_settings.rows import TITLES, lacks_step, row_cells, table_columns, urgency
from octui.ui.screens.cti_settings.words import fields_of, form_texts
from octui.ui.sentences import field_words
from octui.ui.widgets.columns import Cell, Column
from octui.ui.widgets.fields import Fields
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine

MOST_YEARS_DIGITS = 3
ONLY_ADMINS = N_("Only organization admins change the CTI settings.")


def settings_change(values: Mapping[str, str]) -> CtiSettingsChange:
    """Return the changed fields as a request, which the server validates; retention must be a number."""
    changed: dict[str, Any] = dict(values)
    if "cti_version" in changed:
        changed["cti_version"] = CtiVersion(changed["cti_version"])
    if "monitoring" in changed:
        changed["monitoring"] = changed["monitoring"] == "on"
    if "retention_years" in changed:
        changed["retention_years"] = int(changed["retention_years"])
    return CtiSettingsChange.model_construct(**changed)


def is_years(text: str) -> bool:
    """Return whether the text is a number; the server checks its range."""
    return text.isdecimal() and len(text) <= MOST_YEARS_DIGITS


class CtiSettingsScreen(Listing[Readiness]):
    """A form of the settings, and below it every agent with the first condition they lack."""

    WORD = "cti_settings"
    TITLES = TITLES
    BINDINGS = [
        *bindings("settings.save", "settings.undo", "cti_settings.go"),
        *bindings("list.search", "list.sort", "list.export", "list.copy"),
        # Handled before the table: a key typed right after Tab, in the same read, goes to the next field.
        Binding("tab", "step(1)", show=False, priority=True),
        Binding("shift+tab", "step(-1)", show=False, priority=True),
    ]

    def __init__(self) -> None:
        sort_keys: dict[str, Callable[[Readiness], Any]] = {step.value: partial(lacks_step, step) for step in Step}
        sort_keys["unmet"] = urgency
        super().__init__(KeyedRows(lambda row: row.account, ("name", "met", "unmet")), sort_keys)
        self._agents_revision: int | None = None
        self._heading = StatusLine()
        self._heading.add_class("heading")
        self._read_only = True
        self._flag_missing = False

    # --- drawing --------------------------------------------------------------------------------------------

    def compose_body(self) -> list[Widget]:
        fields = Fields(fields_of(None, self.t), leaves=True)
        fields.set_read_only(True)
        self.form: DraftForm[CtiSettings] = DraftForm(self, fields, lambda settings: form_texts(settings, self.t))
        return [self._heading, fields, *super().compose_body()]

    def refresh_texts(self) -> None:
        self.form.fields.refresh_labels(fields_of(self.form.saved, self.t))
        if self.form.saved is not None:
            self.form.fields.set_values({"flags": form_texts(self.form.saved, self.t)["flags"]})
        super().refresh_texts()
        self.query_one(SearchLine).placeholder = self.t("Part of name or ID; initials work")
        self.query_one(Grid).empty = self._why_empty()
        self._show_heading()

    def _show_heading(self) -> None:
        t, settings, count = self.t, self.form.saved, len(self.form.changes)
        text = t("CTI settings of the organization")
        if self._read_only_reason() is not None and self.connection is not None:
            text = t("CTI settings of the organization; only organization admins change them")
        elif count:
            text += "   " + t("{count} changed: ^S saves", count=count)
        elif settings is not None:
            text += "   " + (t("complete") if settings.complete else t("not complete yet"))
        self._heading.say(text)

    # --- the list of agents ---------------------------------------------------------------------------------

    def search_words(self, row: Readiness) -> tuple[str, ...]:
        return row.name, row.account

    def table_columns(self) -> list[Column]:
        return table_columns(self.t)

    def row_cells(self, row: Readiness) -> list[Cell]:
        known = self.connection.known_service if self.connection is not None else None
        return row_cells(row, self.t, phone_contract=known is not None and known.phone_contract)

    def empty_hint(self) -> str:
        return self.t("Nobody has a role in this service yet: the menu Agents gives one.")

    def summary_text(self) -> str:
        t, rows = self.t, self.rows
        ready = sum(rows[key].unmet is None for key in rows.keys())  # noqa: SIM118
        text = t("{ready} of {all} agents are ready for phone", ready=ready, all=len(rows))
        if len(self.view) != len(rows):
            text += "   " + t("{count} shown", count=len(self.view))
        return text

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        if self._saved is None:
            self._sort_by("unmet", False)
        super().on_connected(connection)
        self.lease_topic(cti_topic(connection.service), self._cti_changed)
        self.lease_topic(agents_topic(connection.service), self._take_agents_head)
        self.form.on_connected(connection)
        self.lease_topic(cti_settings_topic(connection.service), self._take_settings)

    async def load_rows(self, connection: Connection) -> None:
        agents: list[Readiness] = []
        after: str | None = None
        while True:
            page = await connection.api.cti_readiness(connection.service, after=after, limit=LARGEST_PAGE)
            agents += page.agents
            after = page.next
            if after is None:
                break
        self.show_rows(agents)

    def _cti_changed(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is not None:
            self._request_load()

    def _take_agents_head(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        """Reload the agents when rights changed, and not for changes of phone states."""
        if body is None:
            return
        revision = Head.model_validate(body).revision
        if self._agents_revision is None:
            self._agents_revision = revision
            self._request_load()
        elif revision > self._agents_revision:
            self._look_at_agents()

    @work(exclusive=True, group="look", exit_on_error=False)
    async def _look_at_agents(self) -> None:
        connection = self.connection
        if connection is None:
            return
        try:
            page = await connection.api.agents(
                connection.service, changed_since=self._agents_revision, limit=LARGEST_PAGE
            )
        except ClientError as error:
            self.show_failure(error)
            return
        if page.next is None:
            self._agents_revision = page.revision
        removed = any(account in self.rows for account in page.removed)
        if page.next is not None or removed or any(self._is_outdated(agent) for agent in page.agents):
            self._request_load()

    def _is_outdated(self, agent: Agent) -> bool:
        row = self.rows.get(agent.account)
        return row is None or row.name != agent.name or (Step.PERMISSION in row.met) != agent.phone

    def _take_settings(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("The CTI settings may not be read any more."), error=True)
            return
        before = self.form.saved
        self._show_settings(CtiSettings.model_validate(body))
        if before is None or self.form.saved is None or before.complete != self.form.saved.complete:
            self._request_load()

    def _show_settings(self, settings: CtiSettings) -> None:
        self._read_only = self._read_only_reason() is not None
        self.form.fields.refresh_labels(fields_of(settings, self.t))
        self.form.fields.set_read_only(self._read_only)
        self.form.show_saved(settings, may_change=not self._read_only)
        self._show_heading()
        self.refresh_lines()

    def on_tick(self) -> None:
        super().on_tick()
        if self.form.saved is not None and self._read_only != (self._read_only_reason() is not None):
            self._show_settings(self.form.saved)  # The person's rights have changed.

    def action_step(self, by: int) -> None:
        """Move the focus in a circle through fields, search line and list."""
        chain = self.focus_chain
        at = chain.index(self.focused) if self.focused in chain else -by
        if chain:
            self.set_focus(chain[(at + by) % len(chain)])

    # --- the form -------------------------------------------------------------------------------------------

    def _read_only_reason(self) -> str | None:
        """Return why this person cannot change the settings (a message ID), or None."""
        connection = self.connection
        return None if connection is not None and connection.me.organization_admin else ONLY_ADMINS

    @reason_for("settings.save", "settings.undo")
    def form_reason(self) -> str | None:
        """Return why there is nothing to save or discard."""
        if self.form.saved is None:
            return self.t("There is no connection yet.")
        why = self._read_only_reason()
        if why is not None:
            return self.t(why)
        return None if self.form.changes else self.t("Nothing has been changed.")

    @reason_for("cti_settings.go")
    def row_reason(self) -> str | None:
        """Return why the row under the cursor leads to no other screen."""
        return self.no_row_reason()

    @on(Fields.Changed)
    def _fields_changed(self) -> None:
        self.form.handle_change()
        self._show_missing_flag()
        self._show_heading()
        self.refresh_lines()

    def _show_missing_flag(self) -> None:
        """Show how to enable a chosen version that may not be used yet (rules.md 20)."""
        settings, chosen = self.form.saved, self.form.fields.values["cti_version"]
        if settings is None:
            return
        code = None
        if chosen == CtiVersion.IPCC and not settings.ipcc_agreed:
            code = FieldCode.NOT_AGREED
        elif chosen == CtiVersion.MOBILE_CONTACT and not settings.mobile_contact_activated:
            code = FieldCode.NOT_ACTIVATED
        if code is not None or self._flag_missing:
            self.form.fields.set_note("cti_version", field_words(code, self.t) if code is not None else "")
        self._flag_missing = code is not None

    @on(Fields.Sent)
    def _fields_sent(self) -> None:
        self.action_save()

    @work(exclusive=True, group="save", exit_on_error=False)
    async def action_save(self) -> None:
        """Save the changed fields against the version that is shown."""
        fields = self.form.fields
        await fields.flush_keys()
        connection, settings = self.connection, self.form.saved
        if not self.is_enabled("settings.save") or connection is None or settings is None:
            return
        fields.show_problems({})
        changed = self.form.changes
        if not is_years(changed.get("retention_years", "1")):
            fields.show_problems({"retention_years": fields.wrong_form("retention_years")})
            return
        try:
            saved = await connection.api.change_cti_settings(
                connection.service, settings_change(changed), settings.version
            )
        except VersionMismatch as error:
            if error.current is not None:
                self._show_settings(CtiSettings.model_validate(error.current))
            self.say_error(error)
        except Refused as error:
            others = fields.show_problems(sentences_of(error, fields, self.t))
            if others:
                self.say(others[0], error=True)
            self._show_missing_flag()
        except ClientError as error:
            self.say_error(error)
        else:
            self.form.accept_saved(saved, changed)
            fields.refresh_labels(fields_of(saved, self.t))
            self.say(self.t("Saved, and recorded in the change log."))
            self._request_load()
        self._show_heading()
        self.refresh_lines()

    def action_undo(self) -> None:
        """Discard the unsaved changes."""
        if self.is_enabled("settings.undo"):
            self.form.discard_changes()

    # --- Enter opens the first unmet condition ---------------------------------------------------------------

    @on(Grid.Activated)
    def _grid_activated(self) -> None:
        self.action_go()

    @work(exclusive=True, group="go")
    async def action_go(self) -> None:
        """Open the screen on which the first condition an agent lacks can be met."""
        agent, connection, t = self.chosen_row, self.connection, self.t
        if not self.is_enabled("cti_settings.go") or agent is None or connection is None:
            return
        match agent.unmet:
            case None:
                self.say(t("{name} is ready for phone.", name=agent.name))
            case Step.CONTRACT:
                await self._open_menu("contracts", connection.service)
            case Step.SETTINGS:
                self._go_to_settings()
            case Step.PERMISSION:
                await self._open_menu("agents", agent.account, "phone")
            case Step.NUMBERS:
                await self._open_menu("cti", agent.account, await self._empty_cell(connection, agent.account))

    async def _open_menu(self, word: str, key: str, column: str | None = None) -> None:
        connection = self.connection
        why = None if connection is None else why_not(word, connection)
        if why is None:
            await self.host.open_menu(word, key, column)
        else:
            self.say(self.t(why), error=True)

    def _go_to_settings(self) -> None:
        settings, why = self.form.saved, self._read_only_reason()
        if settings is None or why is not None:
            self.say(self.t(why or ONLY_ADMINS), error=True)
            return
        values = self.form.fields.values
        empty = next((name for name in ("tenant_id", "tenant_name") if not values[name].strip()), "cti_version")
        self.form.fields.go_to("cti_version" if not settings.cti_version else empty)
        self._show_missing_flag()

    async def _empty_cell(self, connection: Connection, account: str) -> str:
        """Return the first empty column of an agent in the CTI table, `cti_id` if unknown."""
        try:
            page = await connection.api.cti_agents(connection.service, query=account, limit=LARGEST_PAGE)
        except ClientError:
            return "cti_id"  # The CTI screen itself reports the lost connection.
        row = next((row for row in page.agents if row.account == account), None)
        return "cti_no" if row is not None and row.cti_id else "cti_id"
