"""Search line that searches shortly after the last key; Enter or Down moves to the rows."""

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from octui.ui.widgets.prompt import Prompt

PAUSE_S = 0.25  # an input method commits a syllable at once; nobody wants an answer to every letter


class SearchLine(Prompt):
    """Search input, a real Textual Input so that input methods draw where the text goes."""

    DEFAULT_CSS = "SearchLine { height: 1; border: none; padding: 0 1; }"

    @dataclass
    class Asked(Message, namespace="search_line"):
        """Message: search now; nothing was typed for a moment, or Enter was pressed."""

        text: str

    @dataclass
    class Left(Message, namespace="search_line"):
        """Message: the person moves on to the rows."""

        enter: bool = False
        """With Enter: a screen on which one row is chosen takes the row under the cursor."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._pause: Timer | None = None
        self._asked = ""

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_S, self.search_now)

    def search_now(self) -> None:
        """Search now, if the text has changed since the last search."""
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        if self.value != self._asked:
            self._asked = self.value
            self.post_message(self.Asked(self.value))

    def on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "down"):
            event.stop()
            event.prevent_default()
            self.search_now()
            self.post_message(self.Left(enter=event.key == "enter"))
        elif event.key in ("escape", "ctrl+g"):
            event.stop()
            event.prevent_default()
            if self.value:
                self.value = ""
            else:
                self.post_message(self.Left())
