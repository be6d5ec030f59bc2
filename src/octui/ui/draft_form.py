"""Base of a form on a screen whose unsaved text is stored on disk as drafts."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from textual.timer import Timer

from octui.state.draft_file import DraftsUnreadable, read_cells, write_cells
from octui.text.glyphs import glyphs
from octui.ui.connection import Connection
from octui.ui.menu_screen import MenuScreen
from octui.ui.widgets.fields import Fields

SAVE_AFTER_S = 2.0
Model = TypeVar("Model")


class DraftForm(Generic[Model]):
    """A screen's form whose unsaved text survives; `texts` turns a saved model into the text of each field.

    What others save meanwhile is shown at once. Where something was typed, that stays, and theirs is noted below it.
    """

    def __init__(self, screen: MenuScreen, fields: Fields, texts: Callable[[Model], dict[str, str]]) -> None:
        self.fields = fields
        self.saved: Model | None = None
        self._screen, self._texts = screen, texts
        self._replaced: dict[str, str] = {}
        """Saved values at the moment when a line was first typed over."""
        self._path: Path | None = None
        self._owner: tuple[str, str] = ("", "")
        self._restored = False
        self._save_timer: Timer | None = None

    def on_connected(self, connection: Connection) -> None:
        """Store who is signed in, whose drafts the form saves, and have them saved when the app ends."""
        if self._path is None:
            self._path = connection.folder / f"{self._screen.WORD}-draft.json"
            self._owner = (connection.me.organization.id, connection.me.account)
            self._screen.host.save_on_exit(self.save_drafts)

    @property
    def changes(self) -> dict[str, str]:
        """The fields whose text differs from the saved value, by name."""
        if self.saved is None:
            return {}
        before = self._texts(self.saved)
        return {name: value for name, value in self.fields.values.items() if value != before[name]}

    def show_saved(self, saved: Model, *, may_change: bool = True) -> None:
        """Show the saved values, except in fields with unsaved text; the first time, restore drafts from disk."""
        typed = self.changes
        if self.saved is not None:
            self._update_replaced(self._texts(self.saved), typed)
        self.saved = saved
        texts = self._texts(saved)
        self.fields.set_values({name: text for name, text in texts.items() if name not in typed})
        if may_change and not self._restored:
            self._restored = True
            self._restore_drafts(texts)
        for name, value in typed.items():
            if texts[name] not in (self._replaced[name], value):
                self._note_theirs(name, texts[name])

    def accept_saved(self, saved: Model, sent: Mapping[str, str]) -> None:
        """Show a newly saved model; text typed while it was being saved stays."""
        before = self._texts(saved if self.saved is None else self.saved) | dict(sent)
        later = [name for name, value in self.fields.values.items() if value != before[name]]
        self.saved, texts = saved, self._texts(saved)
        self._replaced = {name: texts[name] for name in later}
        self.fields.show_problems({})
        self.fields.set_values({name: text for name, text in texts.items() if name not in later})
        self.save_drafts_or_say()

    def discard_changes(self) -> None:
        """Discard the typed text and show the saved values."""
        if self.saved is not None:
            self._replaced.clear()
            self.fields.show_problems({})
            self.fields.set_values(self._texts(self.saved))
            self.save_drafts_or_say()

    def handle_change(self) -> None:
        """Schedule a save of the drafts after a change, so that a power cut loses at most two seconds."""
        if self.saved is None:
            return
        self._update_replaced(self._texts(self.saved), self.changes)
        if self._save_timer is not None:
            self._save_timer.stop()
        self._save_timer = self._screen.set_timer(SAVE_AFTER_S, self.save_drafts_or_say)

    def _update_replaced(self, before: dict[str, str], changed: dict[str, str]) -> None:
        for name in self._replaced.keys() - changed.keys():
            self.fields.set_note(name, "")
        self._replaced = {name: self._replaced.get(name, before[name]) for name in changed}

    # --- on disk --------------------------------------------------------------------------------------------

    def save_drafts(self) -> None:
        """Save the drafts on disk, only reading the widgets, since the terminal may be gone. Raises OSError."""
        if self._path is None or self.saved is None or not self._restored:
            return
        before = self._texts(self.saved)
        cells = [
            (self._screen.WORD, name, value, self._replaced.get(name, before[name]))
            for name, value in self.changes.items()
        ]
        write_cells(self._path, self._owner, cells)

    def save_drafts_or_say(self) -> None:
        """Save the drafts on disk, and show a message if that fails."""
        self._save_timer = None
        try:
            self.save_drafts()
        except OSError as error:
            reason = error.strerror or str(error)
            self._screen.say(self._screen.t("Your edits cannot be kept on disk: {reason}", reason=reason), error=True)

    def _restore_drafts(self, texts: dict[str, str]) -> None:
        """Fill in the drafts that were saved on disk."""
        t = self._screen.t
        if self._path is None:
            return
        try:
            cells = read_cells(self._path, self._owner)
        except (DraftsUnreadable, OSError) as error:
            self._screen.say(t("The edits kept last time cannot be read: {reason}", reason=str(error)), error=True)
            return
        lines = self.fields.values
        for _, name, value, before in cells:
            if name in lines and value != texts[name] and self.fields.can_take(name, value):
                self.fields.set_values({name: value})
                self._replaced[name] = texts[name] if before is None else before
                if self._replaced[name] != texts[name]:
                    self._note_theirs(name, texts[name])
        if self._replaced:
            self._screen.say(t("What you typed last time is here again: ^S saves, F8 discards it."))

    def _note_theirs(self, name: str, text: str) -> None:
        theirs = self.fields.text_of(name, text) or glyphs().unknown
        t = self._screen.t
        self.fields.set_note(name, t("saved by somebody else meanwhile: {value}", value=theirs))
