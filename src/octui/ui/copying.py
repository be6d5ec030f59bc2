"""Copying to the terminal's clipboard, or showing the text to be selected by mouse."""

from typing import Any, TypeVar

from textual import events
from textual.app import App

from octui.ui.locale import Words
from octui.ui.widgets.key_line import KeyLine

ReturnType = TypeVar("ReturnType")
MOST = 50_000  # bytes; several terminals drop a longer OSC 52 without a word


class Copying(App[ReturnType]):
    """Mixin of the app that copies to the terminal's clipboard; a second press of the copy key shows the text instead.

    A terminal never says whether it took a copy.

    `clipboard` off: the terminal is known to take no copy, or the user wants none; then the text is shown at once.
    """

    words: Words

    def __init__(self, *args: Any, clipboard: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self._by_clipboard = clipboard
        self._copied: str | None = None

    def copy_text(self, text: str) -> None:
        """Copy a text to the terminal's clipboard (OSC 52), which some terminals and multiplexers ignore."""
        again, self._copied = text == self._copied, None
        if again or not self._by_clipboard:
            from octui.ui.dialogs.plain_text import PlainText

            self.push_screen(PlainText(text))
            return
        t = self.words
        if len(text.encode()) > MOST:
            self.show_message(t("Too much for a terminal's clipboard; F9 writes it to a file."), error=True)
            return
        self.copy_to_clipboard(text)
        self._copied = text
        self.show_message(t("Sent to the terminal's clipboard. If it does not arrive: ^C again shows it plainly."))

    def forget_copied(self, text: str) -> None:
        """Delete this program's copy of a copied secret; the terminal's clipboard still has it."""
        if self._clipboard == text:
            self._clipboard = ""
        if self._copied == text:
            self._copied = None

    def show_message(self, message: str, error: bool = False) -> None:
        """Show a sentence on the bottom line of the topmost screen or dialog."""
        for line in self.screen.query(KeyLine):
            line.say(message, error)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and self._screen_stacks.get(self.current_mode):
            # Here and not in the screen: a table keeps the keys it uses to itself.
            self.show_message("")
            if event.key != "ctrl+c":
                self._copied = None
        await super().on_event(event)
