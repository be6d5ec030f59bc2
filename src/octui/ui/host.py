"""Protocol of the app for its screens and dialogs, which therefore do not import the app."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from textual.screen import Screen

from octui.client.errors import ClientError
from octui.text.glyphs import GlyphLevel
from octui.ui.connection import Connection
from octui.ui.locale import Words
from octui.ui.roles import ColorSet
from octui.ui.sign_in_port import SignInPort
from octui.ui.widgets.top_line import Top

Result = TypeVar("Result")


class Host(Protocol):
    """Protocol of the app as its screens use it; `OctuiApp` implements it."""

    words: Words
    connection: Connection | None
    """The connection; None until it is there."""
    sign_in_port: SignInPort | None
    """Operations for signing in; None with a database of the person's own, where nobody signs in."""
    signed_out: bool
    """The server does not accept the session any more, and nobody has signed in since."""

    @property
    def stale(self) -> bool:
        """Whether the figures on screen may be outdated; outdated ones are dimmed and their age is shown."""

    def now_ms(self) -> int:
        """Return the server's time (epoch ms)."""

    def top_line(self, word: str) -> Top:
        """Return what the top line shows in a menu."""

    def error_sentence(self, error: ClientError) -> str:
        """Return an error as a sentence in the user's language."""

    def show_message(self, message: str, error: bool = False) -> None:
        """Show a sentence on the bottom line of the topmost screen or dialog."""

    def copy_text(self, text: str) -> None:
        """Copy a text to the terminal's clipboard."""

    def forget_copied(self, text: str) -> None:
        """Delete this program's copy of a secret that was copied."""

    def sign_in(self) -> None:
        """Show the sign-in dialog, for account and password."""

    @property
    def theme(self) -> str:
        """The name of the color set that the app shows."""

    @property
    def glyph_level(self) -> GlyphLevel:
        """The level of signs (full, narrow or ascii) at which the screens are drawn."""

    def choose_colors(self, colors: ColorSet) -> None:
        """Use this color set, from now on and at the next start."""

    def choose_glyphs(self, level: GlyphLevel | None) -> None:
        """Draw at this level of signs, from now on and at the next start; None: at the level measured."""

    def set_language(self, language: str) -> None:
        """Change the language of every screen."""

    async def open_menu(self, word: str, key: str | int | None = None, column: str | None = None) -> None:
        """Go to a menu; with `key`, to that row (and column) of its table."""

    async def push_screen_wait(self, screen: Screen[Result]) -> Result | Any:
        """Show a dialog and wait for its answer; only in a worker."""

    def save_on_exit(self, save: Callable[[], None]) -> None:
        """Register `save` to be called when the terminal closes or the app ends."""

    def save_all(self) -> None:
        """Save every unsaved edit on disk. Raises OSError if some could not be saved."""

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        """End the app."""

    def action_leave(self) -> None:
        """Save unsaved edits and end the app."""

    def action_help(self) -> None:
        """Show what every key of this screen does."""

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
