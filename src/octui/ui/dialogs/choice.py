"""Dialog for choosing from a short list, by arrow keys or by the key in front of an option."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from octui.text.width import cell_width, fit_text, wrap_text
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.host import Host
from octui.ui.locale import N_
from octui.ui.roles import Role, pens_of

Value = TypeVar("Value")
_WIDEST = 76  # cells: fits a screen of 80
SIGNS = "1234567890abcdef"
# With a Korean input method on, a letter key arrives as the jamo on it (2-beolsik).
# With a Japanese one, digits may arrive in their wide forms.
_LATIN = str.maketrans("ㅁㅠㅊㅇㄷㄹ０１２３４５６７８９", "abcdef0123456789")


@dataclass(frozen=True)
class Option(Generic[Value]):
    """Option of a dialog: its value, its text, and why it cannot be chosen now (None: it can).

    `sign` is the key that takes it, by default its place; `fill` the color that the sign stands on, if any.
    """

    value: Value
    text: str
    reason: str | None = None
    sign: str = ""
    fill: Role | None = None


def signs_of(options: Sequence[Option[Any]]) -> list[str]:
    """Return the key for each option: its own, or an unused one of `SIGNS`; "" when none is left."""
    free = iter([sign for sign in SIGNS if all(option.sign != sign for option in options)])
    return [option.sign or next(free, "") for option in options]


class _Options(Widget, can_focus=True):
    COMPONENT_CLASSES = {"options--option", "options--chosen", "options--off", "options--heading"}

    def __init__(self, title: str, options: Sequence[Option[Any]], at: int) -> None:
        super().__init__()
        self.heading = title
        self.options = options
        self.signs = signs_of(options)
        self.at = at

    def heading_lines(self, cells: int) -> list[str]:
        """Return the dialog's heading, wrapped into lines."""
        return wrap_text(f" {self.heading}", max(1, cells))

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        heading = self.heading_lines(cells)
        if y < len(heading):
            return Strip([Segment(fit_text(heading[y], cells), self.get_component_rich_style("options--heading"))])
        i = y - len(heading)
        if i >= len(self.options):
            return Strip.blank(cells, self.rich_style)
        option = self.options[i]
        part = "options--off" if option.reason else "options--option"
        style = self.get_component_rich_style("options--chosen" if i == self.at else part)
        text = f"{option.text}  ({option.reason})" if option.reason else option.text
        chip = style if option.fill is None or option.reason else pens_of(self.app).fill(option.fill, bold=True)
        parts = [
            Segment(" ", style),
            Segment(self.signs[i] or " ", chip),
            Segment(fit_text(f"  {text}", cells - 2), style),
        ]
        return Strip(parts).crop_extend(0, cells, style).simplify()


class Choice(Dialog[Value | None], Generic[Value]):
    """A window with options. Returns the value of the chosen one, or None when it was closed."""

    KEYS = (("Enter", N_("Choose")), CLOSE)

    def __init__(self, title: str, options: Sequence[Option[Value]], start: Value | None = None) -> None:
        """Create the window; the cursor is on the option with the value `start`, else on the first."""
        super().__init__()
        at = next((index for index, option in enumerate(options) if option.value == start), 0)
        self._options = _Options(title, options, at)

    def compose_body(self) -> Vertical:
        options = self._options.options
        widest = max((cell_width(option.text) + cell_width(option.reason or "") + 10 for option in options), default=20)
        box = Vertical(self._options)
        cells = min(_WIDEST, max(widest, cell_width(self._options.heading) + 4, 24))
        box.styles.width = cells
        box.styles.height = min(22, len(options) + len(self._options.heading_lines(cells - 2)) + 2)
        return box

    def initial_focus(self) -> Widget:
        return self._options

    def on_key(self, event: events.Key) -> None:
        view = self._options
        last = len(view.options) - 1
        moves = {"up": view.at - 1, "down": view.at + 1, "home": 0, "end": last}
        if event.key in moves:
            event.stop()
            view.at = max(0, min(last, moves[event.key]))
            view.refresh()
        elif event.key == "enter":
            event.stop()
            self._choose_option(view.at)
        elif event.character and (sign := event.character.translate(_LATIN)) in view.signs:
            event.stop()
            self._choose_option(view.signs.index(sign))

    def _choose_option(self, at: int) -> None:
        options = self._options.options
        if 0 <= at < len(options) and options[at].reason is None:
            self.dismiss(options[at].value)

    def action_close(self) -> None:
        """Close the window without choosing."""
        self.dismiss(None)


async def confirm(host: Host, question: str, yes: str | None = None) -> bool:
    """Show a question with No and Yes; return whether Yes was chosen. Only in a worker."""
    t = host.words
    options = [Option(False, t("No")), Option(True, t("Yes") if yes is None else yes)]
    return await host.push_screen_wait(Choice(question, options)) is True
