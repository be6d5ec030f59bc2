"""What every dialog shares: it closes by Esc, and the line at the bottom says what its keys do."""

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from octui.ui.actions import bindings
from octui.ui.locale import N_
from octui.ui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from octui.ui.app import OctuiApp
    from octui.ui.widgets.grid_messages import Copied

Result = TypeVar("Result")
CLOSE = ("Esc", N_("Close"))


class Dialog(ModalScreen[Result]):
    """A window over the menu's screen. `KEYS` are (key name, message): Esc is one of them."""

    BINDINGS = bindings("dialog.close")
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (CLOSE,)

    @property
    def octui(self) -> "OctuiApp":
        """The app, with its own attributes."""
        return self.app  # type: ignore[return-value]

    def body(self) -> Vertical:
        """The window itself."""
        raise NotImplementedError

    def first(self) -> Widget:
        """What has the focus when the window opens."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        box = self.body()
        box.add_class("dialog")
        yield box
        yield KeyLine()

    def on_grid_copied(self, event: "Copied") -> None:
        """By its name and not by its class: most windows have no table to load."""
        self.octui.copy(event.text)

    def on_mount(self) -> None:
        self.show_keys()
        self.first().focus()

    def show_keys(self) -> None:
        """Bring the line of keys up to date."""
        t = self.octui.words
        self.query_one(KeyLine).show(tuple((key, t(label), True) for key, label in self.KEYS))
