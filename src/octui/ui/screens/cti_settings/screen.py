"""CTI settings, and which agents of the service are ready for phone and what the others lack (rules.md 19, 20, 23)."""

from collections.abc import Mapping
from typing import Any

from textual import on, work
from textual.binding import Binding
from textual.widget import Widget

from octui.client.errors import ClientError, Refused, VersionMismatch
from octui.schema.common import LARGEST_PAGE
from octui.schema.cti import CtiSettings, CtiSettingsChange, CtiVersion, Step
from octui.schema.live import cti_settings_topic
from octui.schema.problems import FieldCode
from octui.ui.actions import bindings, reason_for
from octui.ui.dialogs.form import sentences_of
from octui.ui.draft_form import DraftForm
from octui.ui.locale import N_
from octui.ui.menus import why_not
from octui.ui.screens.cti_settings.readiness import ReadinessView
from octui.ui.screens.cti_settings.words import fields_of, shown
from octui.ui.sentences import field_words
from octui.ui.session import Session
from octui.ui.widgets.fields import Fields
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine

MOST_YEARS_DIGITS = 3
ONLY_ADMINS = N_("Only organization admins change the CTI settings.")


def change_of(values: Mapping[str, str]) -> CtiSettingsChange:
    """What was changed, to be judged by the service. The retention must be a number."""
    changed: dict[str, Any] = dict(values)
    if "cti_version" in changed:
        changed["cti_version"] = CtiVersion(changed["cti_version"])
    if "monitoring" in changed:
        changed["monitoring"] = changed["monitoring"] == "on"
    if "retention_years" in changed:
        changed["retention_years"] = int(changed["retention_years"])
    return CtiSettingsChange.model_construct(**changed)


def is_years(text: str) -> bool:
    """Whether the text is a number at all; the service says whether it is one of the right size."""
    return text.isdecimal() and len(text) <= MOST_YEARS_DIGITS


class CtiSettingsScreen(ReadinessView):
    """The settings as a form in place, and below it every agent of the service with the first thing that is missing."""

    WORD = "cti_settings"
    BINDINGS = [
        *bindings("settings.save", "settings.undo", "cti_settings.go"),
        *bindings("list.search", "list.sort", "list.export", "list.copy"),
        # Before the table sees it: what is typed right after Tab, in the same read, goes where Tab leads.
        Binding("tab", "step(1)", show=False, priority=True),
        Binding("shift+tab", "step(-1)", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._heading = StatusLine()
        self._heading.add_class("heading")
        self._fixed = True
        self._flagged = False

    # --- drawing --------------------------------------------------------------------------------------------

    def compose_body(self) -> list[Widget]:
        fields = Fields(fields_of(None, self.t), leaves=True)
        fields.set_read_only(True)
        self.form: DraftForm[CtiSettings] = DraftForm(self, fields, lambda settings: shown(settings, self.t))
        return [self._heading, fields, *super().compose_body()]

    def refresh_texts(self) -> None:
        self.form.fields.refresh_labels(fields_of(self.form.saved, self.t))
        if self.form.saved is not None:
            self.form.fields.set_values({"flags": shown(self.form.saved, self.t)["flags"]})
        super().refresh_texts()
        self._say_form()

    def _say_form(self) -> None:
        t, settings, count = self.t, self.form.saved, len(self.form.changes)
        text = t("CTI settings of the organization")
        if self._why_fixed() is not None and self.session is not None:
            text = t("CTI settings of the organization; only organization admins change them")
        elif count:
            text += "   " + t("{count} changed: ^S saves", count=count)
        elif settings is not None:
            text += "   " + (t("complete") if settings.complete else t("not complete yet"))
        self._heading.say(text)

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, session: Session) -> None:
        super().on_connected(session)
        self.form.on_connected(session)
        self.lease_topic(cti_settings_topic(session.service), self._settings_told)

    def _settings_told(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("The CTI settings may not be read any more."), error=True)
            return
        before = self.form.saved
        self._hold(CtiSettings.model_validate(body))
        if before is None or self.form.saved is None or before.complete != self.form.saved.complete:
            self.load()

    def _hold(self, settings: CtiSettings) -> None:
        self._fixed = self._why_fixed() is not None
        self.form.fields.refresh_labels(fields_of(settings, self.t))
        self.form.fields.set_read_only(self._fixed)
        self.form.show_saved(settings, may_change=not self._fixed)
        self._say_form()
        self.refresh_lines()

    def on_tick(self) -> None:
        super().on_tick()
        if self.form.saved is not None and self._fixed != (self._why_fixed() is not None):
            self._hold(self.form.saved)  # the rights of the person have changed

    def action_step(self, by: int) -> None:
        """To the next line of the form, the search line or the list; round."""
        chain = self.focus_chain
        at = chain.index(self.focused) if self.focused in chain else -by
        if chain:
            self.set_focus(chain[(at + by) % len(chain)])

    # --- the form -------------------------------------------------------------------------------------------

    def _why_fixed(self) -> str | None:
        """Why this person cannot change the settings (a message id), or None."""
        session = self.session
        return None if session is not None and session.me.organization_admin else ONLY_ADMINS

    @reason_for("settings.save", "settings.undo")
    def form_reason(self) -> str | None:
        """Return why there is nothing to save or discard."""
        if self.form.saved is None:
            return self.t("There is no connection yet.")
        why = self._why_fixed()
        if why is not None:
            return self.t(why)
        return None if self.form.changes else self.t("Nothing has been changed.")

    @reason_for("cti_settings.go")
    def row_reason(self) -> str | None:
        """Return why there is nowhere to go."""
        return self.no_row_reason()

    @on(Fields.Changed)
    def _typed(self) -> None:
        self.form.handle_change()
        self._say_flag()
        self._say_form()
        self.refresh_lines()

    def _say_flag(self) -> None:
        """What to do where a version was chosen that may not be used yet (rules.md 20)."""
        settings, chosen = self.form.saved, self.form.fields.values["cti_version"]
        if settings is None:
            return
        code = None
        if chosen == CtiVersion.IPCC and not settings.ipcc_agreed:
            code = FieldCode.NOT_AGREED
        elif chosen == CtiVersion.MOBILE_CONTACT and not settings.mobile_contact_activated:
            code = FieldCode.NOT_ACTIVATED
        if code is not None or self._flagged:
            self.form.fields.set_note("cti_version", field_words(code, self.t) if code is not None else "")
        self._flagged = code is not None

    @on(Fields.Sent)
    def _sent(self) -> None:
        self.action_save()

    @work(exclusive=True, group="save", exit_on_error=False)
    async def action_save(self) -> None:
        """Save what was changed, as of the version that is shown."""
        fields = self.form.fields
        await fields.flush_keys()
        session, settings = self.session, self.form.saved
        if not self.is_enabled("settings.save") or session is None or settings is None:
            return
        fields.show_problems({})
        changed = self.form.changes
        if not is_years(changed.get("retention_years", "1")):
            fields.show_problems({"retention_years": fields.wrong_form("retention_years")})
            return
        try:
            saved = await session.api.change_cti_settings(session.service, change_of(changed), settings.version)
        except VersionMismatch as error:
            if error.current is not None:
                self._hold(CtiSettings.model_validate(error.current))
            self.say_error(error)
        except Refused as error:
            others = fields.show_problems(sentences_of(error, fields, self.t))
            if others:
                self.say(others[0], error=True)
            self._say_flag()
        except ClientError as error:
            self.say_error(error)
        else:
            self.form.accept_saved(saved, changed)
            fields.refresh_labels(fields_of(saved, self.t))
            self.say(self.t("Saved, and recorded in the change log."))
            self.load()
        self._say_form()
        self.refresh_lines()

    def action_undo(self) -> None:
        """Back to what is saved."""
        if self.is_enabled("settings.undo"):
            self.form.discard_changes()

    # --- the first unmet step is one key away ---------------------------------------------------------------

    @on(Grid.Activated)
    def _activated(self) -> None:
        self.action_go()

    @work(exclusive=True, group="go")
    async def action_go(self) -> None:
        """To the place where the first unmet step of this agent is done."""
        one, session, t = self.chosen_row, self.session, self.t
        if not self.is_enabled("cti_settings.go") or one is None or session is None:
            return
        match one.unmet:
            case None:
                self.say(t("{name} is ready for phone.", name=one.name))
            case Step.CONTRACT:
                await self._go("contracts", session.service)
            case Step.SETTINGS:
                self._go_to_settings()
            case Step.PERMISSION:
                await self._go("agents", one.account, "phone")
            case Step.NUMBERS:
                await self._go("cti", one.account, await self._empty_cell(session, one.account))

    async def _go(self, word: str, key: str, column: str | None = None) -> None:
        session = self.session
        why = None if session is None else why_not(word, session)
        if why is None:
            await self.host.open_menu(word, key, column)
        else:
            self.say(self.t(why), error=True)

    def _go_to_settings(self) -> None:
        settings, why = self.form.saved, self._why_fixed()
        if settings is None or why is not None:
            self.say(self.t(why or ONLY_ADMINS), error=True)
            return
        values = self.form.fields.values
        empty = next((name for name in ("tenant_id", "tenant_name") if not values[name].strip()), "cti_version")
        self.form.fields.go_to("cti_version" if not settings.cti_version else empty)
        self._say_flag()

    async def _empty_cell(self, session: Session, account: str) -> str:
        """The first empty cell of an agent in the table of CTI IDs; the first where that cannot be told."""
        try:
            page = await session.api.cti_agents(session.service, query=account, limit=LARGEST_PAGE)
        except ClientError:
            return "cti_id"  # the table itself says what is wrong with the connection
        row = next((row for row in page.agents if row.account == account), None)
        return "cti_no" if row is not None and row.cti_id else "cti_id"
