"""Base of every dialog: Esc closes it, and a key line is at the bottom."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.color import Color as CssColor
from textual.containers import Vertical
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen
from textual.widget import Widget

from octui.ui.actions import bindings
from octui.ui.host import Host
from octui.ui.locale import N_
from octui.ui.roles import Pens, pens_of
from octui.ui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from octui.ui.widgets.grid_messages import Copied

Result = TypeVar("Result")
CLOSE = ("Esc", N_("Close"))


class FaintScreen(BackgroundScreen):
    """The screen behind a dialog, with all its text drawn faint and its filled cells emptied.

    Textual's own mixes colors that are not among the 256.
    """

    pens: Pens

    def process_segments(self, segments: Iterable[Segment], color: CssColor) -> Iterable[Segment]:  # type: ignore[override]
        """Return the segments of the screen, drawn faint."""
        faint: dict[Style | None, Style] = {}
        for text, style, control in segments:
            drawn = faint.get(style)
            if drawn is None:
                drawn = faint[style] = self.pens.faint_style(style)
            yield Segment(text, None if control else drawn, control)


class Dialog(ModalScreen[Result]):
    """A window over a screen. `KEYS`: (key name, message) pairs for the key line, Esc included."""

    BINDINGS = bindings("dialog.close")
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (CLOSE,)

    def render(self) -> RenderableType:
        behind = super().render()
        if isinstance(behind, BackgroundScreen):
            behind = FaintScreen(behind.screen, behind.color)
            behind.pens = pens_of(self.app)
        return behind

    @property
    def host(self) -> Host:
        return cast(Host, self.app)

    def compose_body(self) -> Vertical:
        """Return the widget that is the window."""
        raise NotImplementedError

    def initial_focus(self) -> Widget:
        """Return the widget that has the focus when the window opens."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        box = self.compose_body()
        box.add_class("dialog")
        yield box
        yield KeyLine()

    def on_grid_copied(self, event: "Copied") -> None:
        """Copy the cells that a grid in the dialog reports."""
        self.host.copy_text(event.text)

    def on_mount(self) -> None:
        self.show_keys()
        self.initial_focus().focus()

    def show_keys(self) -> None:
        """Update the key line."""
        t = self.host.words
        self.query_one(KeyLine).show_keys(tuple((key, t(label), True) for key, label in self.KEYS))
