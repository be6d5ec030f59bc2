"""Form line whose value is chosen in a window, opened by Space or by typing."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from octui.text.width import cell_width, fit_text


class Opener(Widget, can_focus=True):
    """Form line that shows a value's text (from `shown`), and a hint while focused."""

    COMPONENT_CLASSES = {"opener--value", "opener--hint"}
    DEFAULT_CSS = "Opener { height: 1; width: 1fr; }"

    @dataclass
    class Opened(Message, namespace="opener"):
        """Message: open the picker; `text` is what was typed, "" for Space, `at` the time of the key."""

        name: str
        text: str
        at: float

    def __init__(self, field: str, value: str, shown: Callable[[str], str], hint: str) -> None:
        """Create the line for the form field `field`."""
        super().__init__()
        self.field, self.value, self.shown, self.hint = field, value, shown, hint

    def set_value(self, value: str) -> None:
        """Show another value; its text comes from `shown`."""
        if value != self.value:
            self.value = value
            self.refresh()

    def refresh_texts(self, shown: Callable[[str], str], hint: str) -> None:
        """Show value and hint in another language."""
        self.shown, self.hint = shown, hint
        self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        hint = f"  {self.hint} " if self.has_focus else " "
        room = max(0, cells - cell_width(hint))
        value = Segment(fit_text(self.shown(self.value), room), self.get_component_rich_style("opener--value"))
        return Strip([value, Segment(hint, self.get_component_rich_style("opener--hint"))]).crop(0, cells)

    def on_focus(self) -> None:
        # An input method draws its composition at the hardware cursor.
        self.app.cursor_position = self.content_region.offset + Offset(0, 0)

    def on_key(self, event: events.Key) -> None:
        if event.character is not None and event.is_printable:
            event.stop()
            event.prevent_default()
            self.post_message(self.Opened(self.field, event.character.strip(), event.time))

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Opened(self.field, "", event.time))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether this line keeps a key for itself: every printable one, so that digits open no menu."""
        return character is not None and character.isprintable()
