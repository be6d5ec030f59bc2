"""Step 1 of the wizard: type, name, ID, languages, time zone, banner (rules.md 2, 3)."""

import asyncio
from collections.abc import Mapping

from textual import on, work
from textual.containers import Vertical
from textual.timer import Timer
from textual.widget import Widget

from octui.client.errors import ClientError, Refused, VersionMismatch
from octui.schema.contracts import Contract
from octui.schema.items import ServiceType
from octui.state.wizard import (
    REMOVE,
    BasicDraft,
    Step,
    basic_change_of,
    basic_information_of,
    basic_of,
    basic_problems,
    blank_basic,
    merge_basic,
)
from octui.ui.actions import bindings, reason_for
from octui.ui.dialogs.form import sentences_of
from octui.ui.dialogs.searchable_choice import SearchableChoice
from octui.ui.locale import N_, Words
from octui.ui.roles import pens_of
from octui.ui.screens.contracts.banner_picture import (
    BadPicture,
    PathSuggester,
    Picture,
    Preview,
    parse_picture,
    read_picture,
)
from octui.ui.screens.contracts.wizard.context import WizardContext, problem_sentence
from octui.ui.screens.contracts.wizard.languages_dialog import LanguagesDialog, languages_text
from octui.ui.screens.contracts.wizard.time_zones import choose_zone, zone_text
from octui.ui.screens.contracts.wizard.wizard_step import WizardStep
from octui.ui.sentences import error_sentence
from octui.ui.widgets.fields import Field, Fields
from octui.ui.widgets.opener import Opener
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import heading_lines
from octui.ui.words.contracts import TYPE_LABELS

PREVIEW_AFTER_S = 0.3
ALONE = N_("Basic information")

_HELP: dict[str, str] = {
    "type": N_("What the service is for: answering customers, or following issues."),
    "name": N_("As agents and customers see it; up to 100 characters, every service its own."),
    "id": N_("Letters a-z and A-Z, up to 45. It becomes part of web addresses and never changes."),
    "languages": N_("The languages of the help center; the first one is the main one."),
    "time_zone": N_("Days of figures begin at its midnight. The main language proposes it; you may choose another."),
    "banner": N_("A PNG or JPEG file, up to 2 MiB and 4 megapixels. May be left empty. Right completes folders."),
}


class BasicStep(WizardStep[Contract]):
    """Step 1 of the wizard, a dialog. Returns the server's present contract, or None if the user left."""

    BINDINGS = bindings("wizard.save", "wizard.theirs", "wizard.leave", "app.help", "app.quit", "app.redraw")
    SHOWN = ("app.help", "wizard.save", "wizard.theirs", "wizard.leave", "app.quit")

    def __init__(self, context: WizardContext, t: Words) -> None:
        super().__init__(context, t)
        draft = context.draft
        draft.step = Step.BASIC
        if draft.basic is None:
            draft.basic = basic_of(context.contract) if context.contract is not None else blank_basic(t.language)
            draft.at = "name"
        if draft.base is None:
            draft.version = context.contract.version if context.contract is not None else None
            draft.base = basic_of(context.contract) if context.contract is not None else blank_basic(t.language)
        self._own_zone = draft.basic.own_zone
        self._start = draft.at
        self.fields = Fields(self._form_fields(draft.basic))
        self._help = StatusLine()
        self._help.styles.height = 2
        self._preview = Preview()
        self._picture: Picture | None = None
        self._read_path: str | None = None
        self._preview_timer: Timer | None = None
        self._theirs: BasicDraft | None = None
        self._conflicts: set[str] = set()
        self._tried = False
        """Whether saving was tried: from then on missing fields are reported."""
        self._picker: LanguagesDialog | SearchableChoice[str] | None = None
        self._refused: dict[str, tuple[str, str]] = {}
        """The value that the server refused for a field, and the reason, shown while the field holds that value."""

    def _form_fields(self, basic: BasicDraft) -> list[Field]:
        t, types = self.t, tuple((kind.value, self.t(TYPE_LABELS[kind])) for kind in ServiceType)
        fixed = self.context.contract is not None
        letters = t("letters a-z and A-Z")
        had = self.context.contract.banner if self.context.contract is not None else None
        path = t("path of a PNG or JPEG file")
        if had is not None:
            path = t("{size}; another file replaces it, - removes it", size=f"{had.width}x{had.height}")
        return [
            Field("type", t("Type"), basic.type, options=types),
            Field("name", t("Service name"), basic.name, needed=True),
            Field("id", t("Service ID"), basic.id, fixed=fixed, hint=letters, needed=True, wrong=letters),
            Field(
                *("languages", t("Languages"), basic.languages),
                opens=lambda value: languages_text(value.split(), t),
                hint=t("Space: choose"),
            ),
            Field(
                *("time_zone", t("Time zone"), basic.time_zone),
                opens=lambda value: self._zone_text(value),
                hint=t("Space: choose"),
            ),
            Field("banner", t("Banner"), basic.banner, hint=path, suggester=PathSuggester()),
        ]

    def _zone_text(self, value: str) -> str:
        text = zone_text(value, self.host.now_ms())
        return text if self._own_zone else self.t("{zone}, proposed", zone=text)

    # --- the window -----------------------------------------------------------------------------------------

    def compose_body(self) -> Vertical:
        heading = heading_lines([" " + self._heading_text(), ""])
        return Vertical(heading, self.fields, self._preview, self._help, self.status, classes="wizard")

    def _heading_text(self) -> str:
        step = self.t("Step 1 of 2: basic information")
        whose = self.context.service_title if self.context.contract is not None else self.t("New service")
        # The step comes first: a long name may be cut.
        return f"{step if self.context.is_draft else self.t(ALONE)}   {whose}"

    def initial_focus(self) -> Widget:
        return self.fields.line_of(self._start) or self.fields.first_line

    def on_mount(self) -> None:
        self._show_problems()
        self._update_preview()

    def on_descendant_focus(self) -> None:
        at = self.fields.focused_name
        if at is not None:
            self._help.say(self.wrap_sentences(self.t(_HELP[at])))
            self.context.draft.at = at
        if at != "banner" and self._preview_timer is not None:
            self._preview_timer.stop()
            self._preview_timer = None
            self._update_preview()

    @reason_for("wizard.theirs")
    def theirs_reason(self) -> str | None:
        """Return why there is no other person's value to take."""
        return None if self._conflicts else self.t("Nobody else changed what you edited.")

    # --- typing ---------------------------------------------------------------------------------------------

    def update_draft(self) -> None:
        draft = self.context.draft
        if draft.basic is not None:
            draft.basic = draft.basic.model_copy(update=self.fields.values | {"own_zone": self._own_zone})
            draft.at = self.fields.focused_name or draft.at

    @property
    def basic(self) -> BasicDraft:
        """The typed values of step 1."""
        self.update_draft()
        assert self.context.draft.basic is not None
        return self.context.draft.basic

    @on(Fields.Changed)
    def _fields_changed(self) -> None:
        self.schedule_save()
        self._show_problems()
        if self._preview_timer is not None:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(PREVIEW_AFTER_S, self._update_preview)

    @on(Opener.Opened)
    def _field_opened(self, event: Opener.Opened) -> None:
        event.stop()
        if self._picker is not None:
            self._picker.type_letter(event.text, event.at)  # Of several keys at once, the first one opens the window.
        elif event.name == "languages":
            codes = self.basic.codes
            self._picker = dialog = LanguagesDialog(codes, event.text, self.t, self._take_languages)
            self.app.push_screen(dialog, self._languages_chosen)
        else:
            zone, now = self.basic.time_zone, self.host.now_ms()
            self._picker = choose_zone(
                self.app, zone, self.basic.proposed_zone or "UTC", event.text, self.t, now, self._zone_chosen
            )

    def _languages_chosen(self, codes: list[str] | None) -> None:
        self._picker = None
        if codes is not None:
            self._take_languages(codes)

    def _take_languages(self, codes: list[str]) -> None:
        self._set_basic(self.basic.with_languages(codes))

    def _zone_chosen(self, zone: str | None) -> None:
        self._picker = None
        if zone is not None:
            self._set_basic(self.basic.with_zone(zone))

    def _set_basic(self, basic: BasicDraft) -> None:
        self._own_zone = basic.own_zone
        self.fields.set_values(basic.texts())
        self.schedule_save()
        self._show_problems()

    # --- what is wrong --------------------------------------------------------------------------------------

    def _problem_sentences(self, *, complete: bool) -> dict[str, str]:
        ids, names = self.context.taken_names()
        problems = basic_problems(self.basic, ids, names, complete=complete)
        sentences = {name: problem_sentence(problem, self.t) for name, problem in problems.items()}
        typed = self.basic.texts()
        for name, (value, text) in self._refused.items():
            if typed.get(name) == value:
                sentences.setdefault(name, text)
        if self._theirs is not None:
            for name in self._conflicts:
                sentences.setdefault(name, self._conflict_sentence(name, getattr(self._theirs, name)))
        return sentences

    def _show_problems(self) -> None:
        sentences = self._problem_sentences(complete=self._tried)
        for name in self.fields.names:
            self.fields.set_note(name, sentences.get(name, ""))

    def _show_refusal(self, sentences: Mapping[str, str]) -> None:
        fields = {name.partition(".")[0]: text for name, text in sentences.items()}
        typed = self.basic.texts()
        self._refused = {name: (typed[name], text) for name, text in fields.items() if name in typed}
        others = self.fields.show_problems(self._problem_sentences(complete=False) | fields)
        self.status.say(others[0] if others else self.t("Not saved; see above."), error=True)

    def _conflict_sentence(self, name: str, value: str) -> str:
        texts = {"languages": languages_text(value.split(), self.t)}
        if name == "type":
            value = self.t(TYPE_LABELS[ServiceType(value)])
        text = texts.get(name, value)
        return self.t("Somebody else made it: {text}. ^S again saves yours, F8 takes theirs.", text=text)

    def action_theirs(self) -> None:
        """Take the other person's value in every field that both changed."""
        if self.is_enabled("wizard.theirs") and self._theirs is not None:
            theirs = self._theirs
            taken = {name: getattr(theirs, name) for name in self._conflicts}
            if "time_zone" in taken:
                taken["own_zone"] = theirs.own_zone
            self._conflicts = set()
            self._set_basic(self.basic.model_copy(update=taken))
            self.show_keys()

    # --- the banner -----------------------------------------------------------------------------------------

    @work(exclusive=True, group="banner", exit_on_error=False)
    async def _update_preview(self) -> None:
        """Show the banner at the typed path, or the service's own, and any fault of it."""
        await self._read_typed_banner()
        self._show_picture(self._picture)
        self._show_problems()

    async def _read_typed_banner(self) -> None:
        """Read the banner file at the typed path, unless it is read already."""
        typed = self.basic.banner.strip()
        if typed == self._read_path:
            return
        picture, wrong = None, ""
        try:
            if not typed:
                picture = await self._load_banner()
            elif typed != REMOVE:
                picture = await asyncio.to_thread(read_picture, typed)
        except BadPicture as bad:
            wrong = self.t(str(bad))
        if typed == self.basic.banner.strip():  # The path may have changed while the file was read.
            self._read_path, self._picture = typed, picture
            self._refused.pop("banner", None)
            if wrong:
                self._refused["banner"] = self.basic.banner, wrong

    async def _load_banner(self) -> Picture | None:
        """Load the service's stored banner."""
        contract = self.context.contract
        if contract is None or contract.banner is None:
            return None
        try:
            data = await self.context.connection.api.banner(contract.id)
            return None if data is None else await asyncio.to_thread(parse_picture, data)
        except (ClientError, BadPicture):
            return None  # The preview is optional.

    def _show_picture(self, picture: Picture | None) -> None:
        if picture is None:
            self._preview.show_picture("", None)
            return
        size = f"{picture.width}x{picture.height}"
        text = self.t("The banner: {size}, {count} KiB", size=size, count=-(-len(picture.data) // 1024))
        self._preview.show_picture(text, picture.sample, colors=pens_of(self.app).colored)

    # --- saving ---------------------------------------------------------------------------------------------

    @on(Fields.Sent)
    def _fields_sent(self) -> None:
        self.action_send()

    def action_send(self) -> None:
        """Save the step; refusals are shown at their fields, and no text is lost."""
        if self.is_enabled("wizard.save"):
            self._busy = True
            self.show_keys()
            self._send_step()

    @work(exclusive=True, group="send", exit_on_error=False)
    async def _send_step(self) -> None:
        try:
            await self.fields.flush_keys()
            contract = await self._send_all()
        except VersionMismatch as error:
            self._changed_meanwhile(error)
        except Refused as error:
            self._show_refusal(sentences_of(error, self.fields, self.t))
        except ClientError as error:
            self.status.say(error_sentence(error, self.t), error=True)
        else:
            if contract is not None:
                self._finish_step(contract)
        finally:
            self._busy = False
            self.show_keys()
            self.save_drafts(sync=True)

    async def _send_all(self) -> Contract | None:
        """Send the step; return None after showing a fault."""
        self._conflicts = set()
        typed = self.basic.banner.strip()
        await self._read_typed_banner()
        self._tried = True
        sentences = self._problem_sentences(complete=True)
        if sentences:
            others = self.fields.show_problems(sentences)
            self.status.say(others[0] if others else self.t("Not saved; see above."), error=True)
            return None
        self.status.say(self.t("One moment..."))
        contract = await self._send_texts()
        if typed:
            await self._send_banner(contract.id, typed)
        return contract

    async def _send_texts(self) -> Contract:
        context, draft, api = self.context, self.context.draft, self.context.connection.api
        if context.contract is None:
            # Saved before sending: a program killed right after the server took it finds its draft again.
            draft.sending = True
            self.save_drafts(sync=True)
            try:
                contract = await api.draft_service(basic_information_of(self.basic))
            except Refused:
                draft.sending = False
                raise
        else:
            assert draft.base is not None
            change = basic_change_of(self.basic, draft.base)
            if change is None:
                return context.contract
            contract = await api.change_service(context.contract.id, change, draft.version or context.contract.version)
        context.contract, draft.service, draft.sending = contract, contract.id, False
        draft.base, draft.version = basic_of(contract), contract.version
        self._own_zone = draft.base.own_zone
        draft.basic = draft.base.model_copy(update={"banner": self.basic.banner})
        self.fields.disable_line("id")
        self.save_drafts(sync=True)
        return contract

    async def _send_banner(self, service: str, typed: str) -> None:
        api = self.context.connection.api
        if typed == REMOVE:
            await api.remove_banner(service)
        elif self._picture is not None:
            await api.put_banner(service, self._picture.data)

    def _finish_step(self, contract: Contract) -> None:
        draft = self.context.draft
        draft.basic = draft.base = None
        if self.context.is_draft:
            draft.step, draft.at = Step.DETAILS, ""
        self.dismiss(contract)

    def _changed_meanwhile(self, error: VersionMismatch) -> None:
        """Merge another person's change: fields that both edited show the two values side by side."""
        draft = self.context.draft
        if error.current is None or draft.base is None:
            self.status.say(error_sentence(error, self.t), error=True)
            return
        current = Contract.model_validate(error.current)
        theirs = basic_of(current)
        merged, self._conflicts = merge_basic(self.basic, draft.base, theirs)
        self.context.contract, self._theirs = current, theirs
        draft.base, draft.version = theirs, current.version
        self._set_basic(merged)
        message = self.t("Somebody else changed this service meanwhile.")
        again = (
            self.t("Look at what stands side by side.") if self._conflicts else self.t("^S saves over what is shown.")
        )
        self.status.say(f"{message} {again}", error=True)
