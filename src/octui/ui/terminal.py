"""Terminal of the screens: its environment, its abilities, and the end of the app when it closes.

Imported before Textual, which reads its environment at import; so nothing here imports it.
"""

import contextlib
import io
import logging
import os
import re
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

_LOG = logging.getLogger(__name__)
_TEXTUAL_KEPT = {"TEXTUAL_COLOR_SYSTEM": {"standard", "256", "truecolor"}}
_SAVE_LIMIT = 1.0  # seconds
_LOOK_EVERY = 3.0  # seconds

# Cancel a half-sent sequence, pen, synchronized output, paste, in-band resize, mouse, focus, kitty keys, line wrap,
# alternate screen, cursor.
_RESTORE = (
    b"\x18\x1b[m\x1b[?2026l\x1b[?2004l\x1b[?2048l"
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l"
    b"\x1b[<u\x1b[?7h\x1b[?1049l\x1b[?25h"
)


@dataclass(frozen=True)
class Prepared:
    """What the environment variables say about the terminal. `no_color`: use reverse video, bold and underline only."""

    no_color: bool


def prepare_environment(*, kitty_keys: bool = False, environ: MutableMapping[str, str] = os.environ) -> Prepared:
    """Set Textual's environment variables; call before Textual is imported.

    Textual's variables load code (TEXTUAL_DRIVER), log keys (TEXTUAL_DEBUG), write files and press keys: all are
    removed. NO_COLOR is removed too, since it is a color set of ours: Textual would send greys for it. Frames stay at
    60 a second: measured from key to byte 2.5 ms, at 15 a second 32 ms, for the same CPU and bytes.
    """
    for name in [name for name in environ if name == "TEXTUAL" or name.startswith("TEXTUAL_")]:
        if environ[name] not in _TEXTUAL_KEPT.get(name, ()):
            del environ[name]
    environ["TEXTUAL_ANIMATIONS"] = "none"
    environ["TEXTUAL_SMOOTH_SCROLL"] = "0"
    if not kitty_keys:
        environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    delay = environ.get("ESCDELAY", "")
    if not (re.fullmatch(r"[0-9]{1,4}", delay) and 1 <= int(delay) <= 1000):
        # tmux has already waited for the rest of the sequence.
        environ["ESCDELAY"] = "25" if environ.get("TMUX") else "50"
    for stream in (sys.__stderr__, sys.__stdout__):
        if isinstance(stream, io.TextIOWrapper) and environ is os.environ:
            stream.reconfigure(encoding="utf-8", errors="replace")
    return Prepared(no_color=bool(environ.pop("NO_COLOR", "")))


def shows_256_colors(environ: MutableMapping[str, str] = os.environ) -> bool:
    """Return whether the terminal has the 256-color palette, by the same variables that rich reads."""
    system = environ.get("TEXTUAL_COLOR_SYSTEM", "")
    if system:
        return system != "standard"
    colored = environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}
    return colored or environ.get("TERM", "").rpartition("-")[2].lower() in {"256color", "kitty"}


def refusal_reason(environ: MutableMapping[str, str] = os.environ) -> str | None:
    """Return a sentence about why screens cannot be shown in this terminal, or None if they can."""
    for number, name in ((0, "input"), (2, "error output")):
        if not os.isatty(number):
            return f"The screens need a terminal, but standard {name} is not one; see `octui stats --json` for scripts."
    if environ.get("TERM", "") in {"", "dumb"}:
        return "The screens need a terminal that can move its cursor, but TERM is not set or `dumb`."
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    charset = locale.partition(".")[2].partition("@")[0]
    if charset and charset.lower().replace("-", "") != "utf8":
        return f"The screens need UTF-8, but the locale is {locale!r}; set LANG=C.UTF-8 and the terminal to UTF-8."
    return None


def takes_clipboard(environ: MutableMapping[str, str] = os.environ) -> bool:
    """Return whether the terminal may support copying by OSC 52; False if it is known not to.

    tmux takes it with `set-clipboard on`, which cannot be found out.
    """
    inside_screen = "STY" in environ and "TMUX" not in environ
    return not (environ.get("TERM_PROGRAM") == "Apple_Terminal" or environ.get("TERM") == "linux" or inside_screen)


def watch_hangup(save: Callable[[], None]) -> Callable[[], None]:
    """Save edits and end the app when the terminal closes or on SIGTERM; return a function that ends the watch.

    Call from the main thread, before the app starts. `save` gets a second. Leaving is `os._exit`, 129 after a hangup
    and 143 on SIGTERM: a regular exit waits for a terminal that is no more (architecture.md 4.9). A terminal that still
    lives is given back as it was. Where SIGHUP is ignored, the closed terminal is noticed within some seconds.
    """
    watch = _Watch(save)
    watch.start()
    return watch.stop


class _Watch:
    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self._tty = 0
        self._leaving = False
        self._gone = False
        self._stopped = threading.Event()
        self._before: dict[signal.Signals, Any] = {}
        self._settings: list[Any] | None = None
        with contextlib.suppress(termios.error):
            self._settings = termios.tcgetattr(self._tty)

    def start(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle_signal)
        if self._settings is not None:
            threading.Thread(target=self._watch_terminal, name="octui-hangup", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle_signal(self, number: int, _frame: FrameType | None) -> None:
        self._save_and_leave(129 if self._gone or number == signal.SIGHUP else 143)

    def _save_and_leave(self, code: int) -> None:
        if self._leaving:
            return
        self._leaving = True
        # A thread, so that a save that hangs does not keep the process.
        saving = threading.Thread(target=self._save_logged, name="octui-save", daemon=True)
        saving.start()
        saving.join(_SAVE_LIMIT)
        if not self._is_closed():
            self._restore_terminal()
        os._exit(code)

    def _save_logged(self) -> None:
        try:
            self._save()
        except Exception as error:
            _LOG.error("not saved on leaving: %s", type(error).__name__)

    def _restore_terminal(self) -> None:
        # Neither being in the background nor a terminal that does not read may keep the process.
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        if select.select([], [2], [], 0.2)[1]:
            with contextlib.suppress(OSError):
                os.write(2, _RESTORE)
        if self._settings is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._tty, termios.TCSANOW, self._settings)

    def _is_closed(self) -> bool:
        if self._settings is None:
            return True
        try:
            termios.tcgetattr(self._tty)
        except termios.error:
            return True
        return False

    def _watch_terminal(self) -> None:
        """Wait with poll until the terminal hangs up; where poll cannot, check every few seconds."""
        poll = select.poll()
        poll.register(self._tty, 0)
        while not self._stopped.is_set():
            if poll.poll(_LOOK_EVERY * 1000) and not self._is_closed():
                self._stopped.wait(_LOOK_EVERY)
            elif self._is_closed() and not self._stopped.is_set():
                self._gone = True
                # Saving is the main thread's: it owns what is saved. If it is stuck, leave without it.
                os.kill(os.getpid(), signal.SIGTERM)
                if not self._stopped.wait(_SAVE_LIMIT + 0.5):
                    os._exit(129)
