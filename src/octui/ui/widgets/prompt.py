"""Input line that applies keys in the order typed, however many arrive at once."""

from bisect import bisect_right
from operator import itemgetter

from textual import events
from textual.binding import Binding
from textual.widgets import Input

_EDITING = {
    key: binding.action for binding in Input.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")
}


_Letter = tuple[float, str]
_time_of = itemgetter(0)


class Prompt(Input):
    """Input whose editing keys act on arrival, and whose letters stand in the order in which they were typed.

    It is a real Input, so that an input method draws where the text goes. Textual looks its editing keys up only after
    they have bubbled to the app: of `ab`, Backspace, `c` in one read (a slow line) it would make `ab`.
    """

    _letters: tuple[_Letter, ...] = ()
    """The time and the text of the keys typed last, in the order of their times; the value ends in them."""

    def insert_letter(self, text: str, at: float) -> None:
        """Insert a key's text at the cursor, but before the letters at the end that were typed later.

        `at`: the time of the key's event. While a window opens, keys come to its line by several queues: by that of
        the widget that opened it, by the window's, and by the line's own as soon as it has the focus.
        """
        tail = "".join(letter for _, letter in self._letters)
        if not (self.selection.is_empty and self.cursor_at_end and self.value.endswith(tail)):
            self._letters = ()
            self.replace(text, *self.selection)
            return
        place = bisect_right(self._letters, at, key=_time_of)
        later = sum(len(letter) for _, letter in self._letters[place:])
        before = self.value
        self.insert(text, len(before) - later)
        self.cursor_position = len(self.value)
        if self.value != before:  # the Input may have refused it
            self._letters = (*self._letters[:place], (at, text), *self._letters[place:])

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character is not None:
            event.stop()
            event.prevent_default()
            self.insert_letter(event.character, event.time)
            return
        action = _EDITING.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)
