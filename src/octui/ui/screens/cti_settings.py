"""CTI settings, and which agents of the service are ready for phone and what the others lack (domain.md 19, 20, 23)."""

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
from octui.text.width import width
from octui.ui.actions import bindings
from octui.ui.cti_settings_words import NOT_IN_USE, READY, STEP_TITLES, UNMET, fields_of, shown
from octui.ui.dialogs.form import sentences_of
from octui.ui.held_form import HeldForm
from octui.ui.listing import Listing
from octui.ui.locale import N_
from octui.ui.menus import why_not
from octui.ui.sentences import field_words
from octui.ui.session import Session
from octui.ui.widgets.columns import Cell, Column
from octui.ui.widgets.fields import Fields
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine

TRY_AGAIN_S = 5
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


def _lacks(step: Step, one: Readiness) -> bool:
    return step not in one.met


def _urgency(one: Readiness) -> int:
    """Who lacks the first thing comes first, who is ready last."""
    return len(Step) if one.unmet is None else list(Step).index(one.unmet)


class CtiSettingsScreen(Listing[Readiness]):
    """The settings as a form in place, and below it every agent of the service with the first thing that is missing."""

    WORD = "cti_settings"
    TITLES = {
        "name": N_("Name"),
        "account": N_("ID"),
        "contract": STEP_TITLES[Step.CONTRACT],
        "settings": STEP_TITLES[Step.SETTINGS],
        "permission": STEP_TITLES[Step.PERMISSION],
        "numbers": STEP_TITLES[Step.NUMBERS],
        "unmet": N_("To do"),
    }
    BINDINGS = [
        *bindings("settings.save", "settings.undo", "cti_settings.go"),
        *bindings("list.search", "list.sort", "list.export", "list.copy"),
        # Before the table sees it: what is typed right after Tab, in the same read, goes where Tab leads.
        Binding("tab", "step(1)", show=False, priority=True),
        Binding("shift+tab", "step(-1)", show=False, priority=True),
    ]

    def __init__(self) -> None:
        sort_keys: dict[str, Callable[[Readiness], Any]] = {step.value: partial(_lacks, step) for step in Step}
        sort_keys["unmet"] = _urgency
        super().__init__(KeyedRows(lambda one: one.account, ("name", "met", "unmet")), sort_keys)
        self._heading = StatusLine()
        self._heading.add_class("heading")
        self._settings_failed: ClientError | None = None
        self._agents_revision: int | None = None
        self._loading = False
        self._again = False
        self._ticks_failed = 0

    # --- drawing --------------------------------------------------------------------------------------------

    def body(self) -> list[Widget]:
        fields = Fields(fields_of(None, self.t), leaves=True)
        fields.fix(True)
        self.form: HeldForm[CtiSettings] = HeldForm(self, fields, lambda settings: shown(settings, self.t))
        return [self._heading, fields, *super().body()]

    def words_of(self, row: Readiness) -> tuple[str, ...]:
        return row.name, row.account

    def columns(self) -> list[Column]:
        t = self.t
        # Beside a title there is room for the mark of the order.
        steps = [Column(step, t(STEP_TITLES[step]), width(t(STEP_TITLES[step])) + 1) for step in Step]
        return [
            Column("name", t("Name"), 9, flex=1, most=24),
            Column("account", t("ID"), 9, flex=1, most=24),
            *steps,
            Column("unmet", t("To do"), 24, flex=2, most=60),
        ]

    def cells(self, row: Readiness) -> list[Cell]:
        steps = [Cell("O") if step in row.met else Cell("-", "muted") for step in Step]
        if row.unmet is None:
            return [Cell(row.name), Cell(row.account), *steps, Cell(self.t(READY), "good")]
        text = UNMET[row.unmet]
        known = self.session.known if self.session is not None else None
        if row.unmet is Step.CONTRACT and known is not None and known.phone_contract:
            text = NOT_IN_USE
        return [Cell(row.name), Cell(row.account), *steps, Cell(self.t(text), "watch")]

    def nobody(self) -> str:
        return self.t("Nobody has a role in this service yet: the menu Agents gives one.")

    def summary(self) -> str:
        t, rows = self.t, self.rows
        ready = sum(rows[key].unmet is None for key in rows.keys())  # noqa: SIM118
        text = t("{ready} of {all} agents are ready for phone", ready=ready, all=len(rows))
        if len(self.view) != len(rows):
            text += "   " + t("{count} shown", count=len(self.view))
        return text

    def reworded(self) -> None:
        self.form.fields.relabel(fields_of(self.form.saved, self.t))
        if self.form.saved is not None:
            self.form.fields.put({"flags": shown(self.form.saved, self.t)["flags"]})
        super().reworded()
        self.query_one(SearchLine).placeholder = self.t("Part of name or ID; initials work")
        self.query_one(Grid).empty = self._why_empty()
        self._say_form()

    def _say_form(self) -> None:
        t, settings, count = self.t, self.form.saved, len(self.form.changed)
        text = t("CTI settings of the organization")
        if self._settings_failed is not None:
            self._heading.say(self.octui.sentence(self._settings_failed), error=True)
            return
        if self._why_fixed() is not None and self.session is not None:
            text = t("CTI settings of the organization; only organization admins change them")
        elif count:
            text += "   " + t("{count} changed: ^S saves", count=count)
        elif settings is not None:
            text += "   " + (t("complete") if settings.complete else t("not complete yet"))
        self._heading.say(text)

    # --- loading --------------------------------------------------------------------------------------------

    def connected(self, session: Session) -> None:
        if self._saved is None:
            self._sort_by("unmet", False)
        super().connected(session)
        self.form.connected(session)
        self.lease(cti_settings_topic(session.service), self._settings_told)
        self.lease(cti_topic(session.service), self._cti_told)
        self.lease(agents_topic(session.service), self._agents_told)

    def _settings_told(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("The CTI settings may not be read any more."), error=True)
            return
        before = self.form.saved
        self._hold(CtiSettings.model_validate(body))
        if before is None or self.form.saved is None or before.complete != self.form.saved.complete:
            self._load()

    def _hold(self, settings: CtiSettings) -> None:
        why = self._why_fixed()
        self._settings_failed = None
        self.form.fields.relabel(fields_of(settings, self.t))
        self.form.fields.fix(why is not None)
        self.form.hold(settings, may_change=why is None)
        self._say_form()
        self.refresh_lines()

    def _cti_told(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is not None:
            self._load()

    def _agents_told(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        """The head moves with every state somebody takes; only other rights are a reason to look again."""
        if body is None:
            return
        revision = Head.model_validate(body).revision
        if self._agents_revision is None:
            self._agents_revision = revision
            self._load()
        elif revision > self._agents_revision:
            self._look_at_agents()

    @work(exclusive=True, group="look", exit_on_error=False)
    async def _look_at_agents(self) -> None:
        session = self.session
        if session is None:
            return
        try:
            page = await session.api.agents(session.service, changed_since=self._agents_revision, limit=LARGEST_PAGE)
        except ClientError as error:
            self.fail(error)
            return
        if page.next is None:
            self._agents_revision = page.revision
        gone = any(account in self.rows for account in page.removed)
        if page.next is not None or gone or any(self._is_other(agent) for agent in page.agents):
            self._load()

    def _is_other(self, agent: Agent) -> bool:
        row = self.rows.get(agent.account)
        return row is None or row.name != agent.name or (Step.PERMISSION in row.met) != agent.phone

    def _load(self) -> None:
        """One load at a time; what changes meanwhile is loaded after it."""
        self._again = True
        if not self._loading:
            self._loading = True
            self._load_all()

    @work(group="readiness", exit_on_error=False)
    async def _load_all(self) -> None:
        self._ticks_failed = 0
        try:
            while self._again and self.session is not None:
                self._again = False
                self.show(await self._pages(self.session))
        except ClientError as error:
            self.fail(error)
        finally:
            self._loading = False
        self.refresh_lines()

    async def _pages(self, session: Session) -> list[Readiness]:
        agents: list[Readiness] = []
        after: str | None = None
        while True:
            page = await session.api.cti_readiness(session.service, after=after, limit=LARGEST_PAGE)
            agents += page.agents
            after = page.next
            if after is None:
                return agents

    def tick(self) -> None:
        if self.failed is not None and not isinstance(self.failed, Refused) and not self.octui.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= TRY_AGAIN_S:
                self._load()

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

    def reason(self, action: str) -> str | None:
        if action in ("save", "undo"):
            if self.session is None or self.form.saved is None:
                return self.t("There is no connection yet.")
            why = self._why_fixed()
            if why is not None:
                return self.t(why)
            return None if self.form.changed else self.t("Nothing has been changed.")
        why = super().reason(action)
        if why is None and action == "go" and self.chosen is None:
            return self.t("There is no row to choose.")
        return why

    @on(Fields.Changed)
    def _typed(self) -> None:
        self.form.typed()
        self._say_flag()
        self._say_form()
        self.refresh_lines()

    def _say_flag(self) -> None:
        """What to do where a version was chosen that may not be used yet (domain.md 20)."""
        settings, chosen = self.form.saved, self.form.fields.values["cti_version"]
        if settings is None:
            return
        code = None
        if chosen == CtiVersion.IPCC and not settings.ipcc_agreed:
            code = FieldCode.NOT_AGREED
        elif chosen == CtiVersion.MOBILE_CONTACT and not settings.mobile_contact_activated:
            code = FieldCode.NOT_ACTIVATED
        self.form.fields.note("cti_version", field_words(code, self.t) if code is not None else "")

    @on(Fields.Sent)
    def _sent(self) -> None:
        self.action_save()

    @work(exclusive=True, group="save", exit_on_error=False)
    async def action_save(self) -> None:
        """Save what was changed, as of the version that is shown."""
        fields = self.form.fields
        await fields.settled()
        session, settings = self.session, self.form.saved
        if not self.may("save") or session is None or settings is None:
            return
        fields.problems({})
        changed = self.form.changed
        if not is_years(changed.get("retention_years", "1")):
            fields.problems({"retention_years": fields.wrong_form("retention_years")})
            return
        try:
            saved = await session.api.change_cti_settings(session.service, change_of(changed), settings.version)
        except VersionMismatch as error:
            if error.current is not None:
                self._hold(CtiSettings.model_validate(error.current))
            self.say_failed(error)
        except Refused as error:
            others = fields.problems(sentences_of(error, fields, self.t))
            if others:
                self.say(others[0], error=True)
            self._say_flag()
        except ClientError as error:
            self.say_failed(error)
        else:
            self.form.taken(saved)
            fields.relabel(fields_of(saved, self.t))
            self.say(self.t("Saved, and recorded in the change log."))
            self._load()
        self._say_form()
        self.refresh_lines()

    def action_undo(self) -> None:
        """Back to what is saved."""
        if self.may("undo"):
            self.form.discard()

    # --- the first unmet step is one key away ---------------------------------------------------------------

    @on(Grid.Activated)
    def _activated(self) -> None:
        self.action_go()

    @work(exclusive=True, group="go")
    async def action_go(self) -> None:
        """To the place where the first unmet step of this agent is done."""
        one, session, t = self.chosen, self.session, self.t
        if not self.may("go") or one is None or session is None:
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
            await self.octui.open_menu(word, key, column)
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
