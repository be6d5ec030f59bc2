"""Dialog with plain text over the whole screen, to be selected with the terminal's own mouse handling."""

from textual.app import ComposeResult
from textual.screen import ModalScreen

from octui.text.safe import safe
from octui.text.tsv import parse_block
from octui.text.width import cell_width, cut_text, fit_text
from octui.ui.actions import bindings
from octui.ui.locale import N_
from octui.ui.widgets.key_line import KeyLine
from octui.ui.widgets.text_lines import TextLines

HINT = N_("Back. This is plain text: select it with the terminal itself.")


def plain_lines(text: str, cells: int) -> list[str]:
    """Return table cells as lines of at most `cells`: columns aligned, long rows over several lines."""
    rows = [[safe(cell) for cell in row] for row in parse_block(text).rows]
    count = max(map(len, rows), default=0)
    widths = [max((cell_width(row[at]) for row in rows if at < len(row)), default=0) for at in range(count)]
    whole = ["  ".join(fit_text(cell, widths[at]) for at, cell in enumerate(row)).rstrip() for row in rows]
    return [
        cut_text(line, start, cells).rstrip()
        for line in whole
        for start in range(0, max(1, cell_width(line)), max(1, cells))
    ]


class PlainText(ModalScreen[None]):
    """A screen of plain text, on which the terminal's own mouse selection works."""

    BINDINGS = [*bindings("dialog.close"), ("enter", "close", ""), ("ctrl+c", "close", "")]
    DEFAULT_CSS = "PlainText { background: $role-bg; } PlainText TextLines { height: 1fr; scrollbar-size-vertical: 0; }"

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._lines = TextLines([])

    def compose(self) -> ComposeResult:
        yield self._lines
        yield KeyLine()

    def on_mount(self) -> None:
        self._lines.focus()
        self._lines.add(plain_lines(self._text, self.app.size.width))
        self.query_one(KeyLine).show_keys((("Esc", self.app.words(HINT), True),))  # type: ignore[attr-defined]
        self._let_mouse(False)

    def on_unmount(self) -> None:
        self._let_mouse(True)

    def _let_mouse(self, ours: bool) -> None:
        """Switch octui's mouse handling on or off; it stays off if the settings say so."""
        switch = getattr(self.app._driver, "_enable_mouse_support" if ours else "_disable_mouse_support", None)
        if switch is not None:
            switch()

    def action_close(self) -> None:
        """Close the window."""
        self.dismiss(None)
