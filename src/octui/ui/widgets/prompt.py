"""An input line that keeps the order of its keys, however many come at once."""

from textual import events
from textual.binding import Binding
from textual.widgets import Input

_EDITING = {
    key: binding.action for binding in Input.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")
}


class Prompt(Input):
    """Input whose editing keys act when they come.

    It is a real Input, so that an input method draws where the text goes. Textual looks its editing keys up only after
    they have bubbled to the app: of `ab`, Backspace, `c` in one read (a slow line) it would make `ab`.
    """

    async def _on_key(self, event: events.Key) -> None:
        action = _EDITING.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)
