"""Bottom line of a screen: what the keys do, or a message for a while."""

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from octui.text.width import cell_width, fit_text, wrap_text

KEY_NAMES = {"enter": "Enter", "insert": "Ins", "delete": "Del", "escape": "Esc", "space": "Space"}

_MOST_LINES = 3


def key_name(keys: str) -> str:
    """Return a binding's first key as it is shown: `ctrl+s` → `^S`, `f6` → `F6`."""
    key = keys.split(",")[0]
    if key in KEY_NAMES:
        return KEY_NAMES[key]
    if key.startswith("ctrl+"):
        rest = key.removeprefix("ctrl+")
        return f"^{KEY_NAMES.get(rest, rest.upper() if len(rest) == 1 else rest.capitalize())}"
    return key.upper() if key.startswith("f") and key[1:].isdigit() else key.capitalize()


class KeyLine(Widget):
    """Line of `key label` pairs, in which disabled actions are dim.

    Where not all fit, those that are off are left out first, then those on the right; F1 lists all. A message that is
    longer than the line takes as many lines as it needs.
    """

    COMPONENT_CLASSES = {"key-line--key", "key-line--label", "key-line--off", "key-line--message", "key-line--error"}
    DEFAULT_CSS = "KeyLine { height: 1; dock: bottom; }"

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[tuple[str, str, bool], ...] = ()
        self._message = ""
        self._error = False

    def show_keys(self, keys: tuple[tuple[str, str, bool], ...]) -> None:
        """Show keys: (key name, label, whether enabled)."""
        if keys != self._keys:
            self._keys = keys
            if not self._message:
                self.refresh()

    def say(self, message: str, error: bool = False) -> None:
        """Show a sentence in place of the keys; an empty one shows the keys again."""
        if (message, error) != (self._message, self._error):
            self._message, self._error = message, error
            self._make_room()
            self.refresh()

    def on_resize(self) -> None:
        self._make_room()

    def _message_lines(self) -> list[str]:
        return wrap_text(" " + self._message, max(1, self.size.width))

    def _make_room(self) -> None:
        high = min(_MOST_LINES, len(self._message_lines())) if self._message and self.size.width else 1
        if high != self.size.height:
            self.styles.height = high

    def _fitting_keys(self, cells: int) -> tuple[tuple[str, str, bool], ...]:
        """Return the keys that fit on the line, in their order."""

        def used_cells() -> int:
            return sum(cell_width(f" {key} {label} ") for key, label, _ in keys)

        keys = list(self._keys)
        while used_cells() > cells:
            off = [at for at, (_, _, usable) in enumerate(keys) if not usable]
            del keys[off[-1] if off else -1]
        return tuple(keys)

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        if self._message:
            style = self.get_component_rich_style("key-line--error" if self._error else "key-line--message")
            lines = self._message_lines()
            text = lines[y] if y < len(lines) else ""
            if y == _MOST_LINES - 1:
                text += "".join(lines[_MOST_LINES:])
            return Strip([Segment(fit_text(text, cells), style)], cells)
        key_style = self.get_component_rich_style("key-line--key")
        label_style = self.get_component_rich_style("key-line--label")
        off_style = self.get_component_rich_style("key-line--off")
        segments: list[Segment] = []
        for key, label, usable in self._fitting_keys(cells):
            segments.append(Segment(f" {key}", key_style if usable else off_style))
            segments.append(Segment(f" {label} ", label_style if usable else off_style))
        return Strip(segments).adjust_cell_length(cells, self.rich_style).simplify()
