"""Base of every dialog: Esc closes it, and the bottom line says what its keys do."""

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from octui.ui.actions import bindings
from octui.ui.host import Host
from octui.ui.locale import N_
from octui.ui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from octui.ui.widgets.grid_messages import Copied

Result = TypeVar("Result")
CLOSE = ("Esc", N_("Close"))


class Dialog(ModalScreen[Result]):
    """A window over the menu's screen. `KEYS` are (key name, message): Esc is one of them."""

    BINDINGS = bindings("dialog.close")
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (CLOSE,)

    @property
    def host(self) -> Host:
        return cast(Host, self.app)

    def compose_body(self) -> Vertical:
        """Return the window itself."""
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
        """Copy from a grid. Found by this name, so that dialogs without a grid do not import it."""
        self.host.copy_text(event.text)

    def on_mount(self) -> None:
        self.show_keys()
        self.initial_focus().focus()

    def show_keys(self) -> None:
        """Bring the key line up to date."""
        t = self.host.words
        self.query_one(KeyLine).show_keys(tuple((key, t(label), True) for key, label in self.KEYS))
