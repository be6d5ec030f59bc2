"""A form in place: what is saved, and what was typed over it and not saved yet, kept on disk between two sessions."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from textual.timer import Timer

from octui.state.draft_file import DraftsUnreadable, read_cells, write_cells
from octui.ui.menu_screen import MenuScreen
from octui.ui.session import Session
from octui.ui.widgets.fields import Fields

KEEP_AFTER_S = 2.0
Model = TypeVar("Model")


class HeldForm(Generic[Model]):
    """The lines of a screen's form. `texts` makes the texts of the lines out of what is saved.

    What others save meanwhile is shown at once, but where something was typed that stays, and theirs is said below it.
    """

    def __init__(self, screen: MenuScreen, fields: Fields, texts: Callable[[Model], dict[str, str]]) -> None:
        self.fields = fields
        self.saved: Model | None = None
        self._screen, self._texts = screen, texts
        self._over: dict[str, str] = {}
        """What was saved when a line was first typed over."""
        self._path: Path | None = None
        self._owner: tuple[str, str] = ("", "")
        self._restored = False
        self._soon: Timer | None = None

    def connected(self, session: Session) -> None:
        """There is a connection: from now on it is known whose form it is."""
        if self._path is None:
            self._path = session.folder / f"{self._screen.WORD}-draft.json"
            self._owner = (session.me.organization.id, session.me.account)
            self._screen.octui.keep(self.keep)

    @property
    def changed(self) -> dict[str, str]:
        """The lines that say something else than what is saved."""
        if self.saved is None:
            return {}
        before = self._texts(self.saved)
        return {name: value for name, value in self.fields.values.items() if value != before[name]}

    def hold(self, saved: Model, *, may_change: bool = True) -> None:
        """These are saved now; what was typed and not saved stays, the first time also what was typed last time."""
        typed = self.changed
        if self.saved is not None:
            self._look(self._texts(self.saved), typed)
        self.saved = saved
        texts = self._texts(saved)
        self.fields.put({name: text for name, text in texts.items() if name not in typed})
        if may_change and not self._restored:
            self._restored = True
            self._restore(texts)
        for name, value in typed.items():
            if texts[name] not in (self._over[name], value):
                self._say_theirs(name, texts[name])

    def taken(self, saved: Model, sent: Mapping[str, str]) -> None:
        """What was sent has been saved; what was typed meanwhile stays."""
        before = self._texts(saved if self.saved is None else self.saved) | dict(sent)
        later = [name for name, value in self.fields.values.items() if value != before[name]]
        self.saved, texts = saved, self._texts(saved)
        self._over = {name: texts[name] for name in later}
        self.fields.problems({})
        self.fields.put({name: text for name, text in texts.items() if name not in later})
        self.keep_now()

    def discard(self) -> None:
        """Back to what is saved."""
        if self.saved is not None:
            self._over.clear()
            self.fields.problems({})
            self.fields.put(self._texts(self.saved))
            self.keep_now()

    def typed(self) -> None:
        """Something was typed or chosen: on disk in a moment, so that a power cut takes at most that moment."""
        if self.saved is None:
            return
        self._look(self._texts(self.saved), self.changed)
        if self._soon is not None:
            self._soon.stop()
        self._soon = self._screen.set_timer(KEEP_AFTER_S, self.keep_now)

    def _look(self, before: dict[str, str], changed: dict[str, str]) -> None:
        for name in self._over.keys() - changed.keys():
            self.fields.note(name, "")
        self._over = {name: self._over.get(name, before[name]) for name in changed}

    # --- on disk --------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Keep what was typed for next time. Only looks at the lines: the terminal may be gone. Raises OSError."""
        if self._path is None or self.saved is None or not self._restored:
            return
        before = self._texts(self.saved)
        cells = [
            (self._screen.WORD, name, value, self._over.get(name, before[name])) for name, value in self.changed.items()
        ]
        write_cells(self._path, self._owner, cells)

    def keep_now(self) -> None:
        """`keep`, and say so where that cannot be."""
        self._soon = None
        try:
            self.keep()
        except OSError as error:
            reason = error.strerror or str(error)
            self._screen.say(self._screen.t("Your edits cannot be kept on disk: {reason}", reason=reason), error=True)

    def _restore(self, texts: dict[str, str]) -> None:
        """Type again what was typed last time and not saved."""
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
            if name in lines and value != texts[name] and self.fields.takes(name, value):
                self.fields.put({name: value})
                self._over[name] = texts[name] if before is None else before
                if self._over[name] != texts[name]:
                    self._say_theirs(name, texts[name])
        if self._over:
            self._screen.say(t("What you typed last time is here again: ^S saves, F8 discards it."))

    def _say_theirs(self, name: str, text: str) -> None:
        theirs = self.fields.text_of(name, text) or "–"
        t = self._screen.t
        self.fields.note(name, t("saved by somebody else meanwhile: {value}", value=theirs))
