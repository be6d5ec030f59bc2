"""The line at the bottom: what the keys do here, dim where one is off just now; or a message for a while."""

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from octui.text.width import fit, width

KEY_NAMES = {"enter": "Enter", "insert": "Ins", "delete": "Del", "escape": "Esc", "space": "Space"}


def key_name(keys: str) -> str:
    """The first key of a binding as people write it: `ctrl+s` → `^S`, `f6` → `F6`."""
    key = keys.split(",")[0]
    if key in KEY_NAMES:
        return KEY_NAMES[key]
    if key.startswith("ctrl+"):
        rest = key.removeprefix("ctrl+")
        return f"^{KEY_NAMES.get(rest, rest.upper() if len(rest) == 1 else rest.capitalize())}"
    return key.upper() if key.startswith("f") and key[1:].isdigit() else key.capitalize()


class KeyLine(Widget):
    """One line of `key label` pairs; those that do not fit are left out from the right, F1 lists all."""

    COMPONENT_CLASSES = {"key-line--key", "key-line--label", "key-line--off", "key-line--message", "key-line--error"}
    DEFAULT_CSS = "KeyLine { height: 1; dock: bottom; }"

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[tuple[str, str, bool], ...] = ()
        self._message = ""
        self._error = False

    def show(self, keys: tuple[tuple[str, str, bool], ...]) -> None:
        """`keys`: (key name, label, can be used now)."""
        if keys != self._keys:
            self._keys = keys
            if not self._message:
                self.refresh()

    def say(self, message: str, error: bool = False) -> None:
        """Show a sentence in place of the keys; empty brings the keys back."""
        if (message, error) != (self._message, self._error):
            self._message, self._error = message, error
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        if self._message:
            style = self.get_component_rich_style("key-line--error" if self._error else "key-line--message")
            text = fit(" " + self._message, cells)
            return Strip([Segment(text, style)], cells)
        key_style = self.get_component_rich_style("key-line--key")
        label_style = self.get_component_rich_style("key-line--label")
        off_style = self.get_component_rich_style("key-line--off")
        segments: list[Segment] = []
        used = 0
        for key, label, usable in self._keys:
            text, name = f" {label} ", f" {key}"
            if used + width(name) + width(text) > cells:
                break
            used += width(name) + width(text)
            segments.append(Segment(name, key_style if usable else off_style))
            segments.append(Segment(text, label_style if usable else off_style))
        return Strip(segments).adjust_cell_length(cells, self.rich_style).simplify()
