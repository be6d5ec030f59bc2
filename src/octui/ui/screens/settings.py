"""Screen of user settings: the account's own data, and the settings it may change (rules.md 32)."""

from collections.abc import Mapping
from typing import Any

from textual import on, work
from textual.widget import Widget

from octui.client.errors import ClientError, Refused, VersionMismatch
from octui.schema.settings import SettingsChange, UserSettings
from octui.text.glyphs import glyphs
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.form import sentences_of
from octui.ui.draft_form import DraftForm
from octui.ui.locale import N_
from octui.ui.menu_screen import MenuScreen
from octui.ui.widgets.fields import Field, Fields
from octui.ui.widgets.status_line import StatusLine
from octui.ui.words.languages import LANGUAGE_NAMES

TRY_AGAIN_S = 5
CHANGEABLE = ("nickname", "language", "ticket_assignment")
ON, OFF = "on", "off"
UNCHANGED = N_("Nothing has been changed.")


def form_texts(settings: UserSettings) -> dict[str, str]:
    """Return the settings as the texts of the form's fields."""
    texts = {name: getattr(settings, name) for name in ("account", "name", "nickname", "phone", "email", "language")}
    # An unknown value is shown as a dash, not as empty (rules.md 31).
    texts["phone"] = texts["phone"] or glyphs().unknown
    return texts | {"ticket_assignment": ON if settings.ticket_assignment else OFF}


def change_of(values: Mapping[str, str], before: Mapping[str, str]) -> SettingsChange:
    """Return the changed fields as a request, which the server validates."""
    changed: dict[str, Any] = {name: values[name] for name in CHANGEABLE if values[name] != before[name]}
    if "ticket_assignment" in changed:
        changed["ticket_assignment"] = values["ticket_assignment"] == ON
    return SettingsChange.model_construct(**changed)


class SettingsScreen(MenuScreen):
    """A form whose changes ^S saves against the version that is shown."""

    WORD = "settings"
    BINDINGS = bindings("settings.save", "settings.undo")

    def __init__(self) -> None:
        super().__init__()
        self._failed: ClientError | None = None
        self._ticks_failed = 0

    def compose_body(self) -> list[Widget]:
        self.form = DraftForm(self, Fields(self._form_fields()), form_texts)
        return [StatusLine(), self.form.fields, StatusLine()]

    def on_mount(self) -> None:
        heading, _ = self._status_lines()
        heading.add_class("heading")
        self.fields.first_line.focus()
        self.refresh_texts()

    @property
    def fields(self) -> Fields:
        """The fields of the form."""
        return self.form.fields

    def _status_lines(self) -> tuple[StatusLine, StatusLine]:
        first, *_, last = (line for line in self.query(StatusLine) if line.parent is self)
        return first, last

    def _form_fields(self) -> list[Field]:
        t = self.t
        onoff = ((ON, t("On")), (OFF, t("Off")))
        return [
            Field("account", t("Account"), fixed=True),
            Field("name", t("Name"), fixed=True),
            Field("nickname", t("Nickname") + " *", hint=t("shown instead of the name")),
            Field("phone", t("Phone number"), fixed=True),
            Field("email", t("E-mail"), fixed=True),
            Field("language", t("Language") + " *", t.language, options=LANGUAGE_NAMES),
            Field("ticket_assignment", t("Ticket assignment") + " *", ON, options=onoff),
        ]

    def refresh_texts(self) -> None:
        self.fields.refresh_labels(self._form_fields())
        self._status_lines()[0].say(self.t("User settings; * can be changed"))
        self._show_status()

    # --- loading and saving ---------------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        self.form.on_connected(connection)
        self._load_settings()

    @work(exclusive=True, group="settings", exit_on_error=False)
    async def _load_settings(self) -> None:
        if self.connection is None:
            return
        self._ticks_failed = 0
        try:
            self.form.show_saved(await self.connection.api.settings())
            self._failed = None
        except ClientError as error:
            self._failed = error
        self._show_status()
        self.refresh_lines()

    def on_tick(self) -> None:
        if self._failed is not None and not isinstance(self._failed, Refused) and not self.host.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= TRY_AGAIN_S:
                self._load_settings()

    @reason_for("settings.save", "settings.undo")
    def form_reason(self) -> str | None:
        """Return why there is nothing to save or discard."""
        if self.form.saved is None:
            return self.t("There is no connection yet.")
        return None if self.form.changes else self.t(UNCHANGED)

    @on(Fields.Changed)
    def _fields_changed(self) -> None:
        self.form.handle_change()
        self._show_status()
        self.refresh_lines()

    @on(Fields.Sent)
    def _fields_sent(self) -> None:
        self.action_save()

    @work(exclusive=True, group="save", exit_on_error=False)
    async def action_save(self) -> None:
        """Save the changed fields; a new language applies at once."""
        await self.fields.flush_keys()
        connection, settings = self.connection, self.form.saved
        if not self.is_enabled("settings.save") or connection is None or settings is None:
            return
        self.fields.show_problems({})
        sent = self.form.changes
        change = change_of(self.fields.values, form_texts(settings))
        try:
            saved = await connection.api.change_settings(change, settings.version)
        except VersionMismatch as error:
            if error.current is not None:
                self.form.show_saved(UserSettings.model_validate(error.current))
            self.say_error(error)
        except Refused as error:
            others = self.fields.show_problems(sentences_of(error, self.fields, self.t))
            if others:
                self.say(others[0], error=True)
        except ClientError as error:
            self.say_error(error)
        else:
            self.form.accept_saved(saved, sent)
            self.host.set_language(saved.language)
            self.say(self.t("Saved."))
        self._show_status()
        self.refresh_lines()

    def action_undo(self) -> None:
        """Discard the unsaved changes."""
        if self.is_enabled("settings.undo"):
            self.form.discard_changes()

    def _show_status(self) -> None:
        _, line = self._status_lines()
        if self._failed is not None:
            line.say(self.host.error_sentence(self._failed), error=True)
        else:
            count = len(self.form.changes)
            line.say(self.t("{count} changed: ^S saves", count=count) if count else "")
