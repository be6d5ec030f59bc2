"""Measuring which signs the terminal draws one cell wide: the terminal is asked before the first picture.

A block is printed, the terminal asked where its cursor is, and the block erased. The answer is read later, so that it
costs nothing while the screens are being loaded. Nothing here imports Textual.
"""

import contextlib
import os
import re
import select
import termios
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from octui.text.glyphs import GlyphLevel

PATIENCE = 0.2  # seconds
_QUESTION = "\r▁\x1b[6n\r\x1b[K".encode()
_ANSWER = re.compile(rb"\x1b\[[0-9]{1,4};([0-9]{1,4})R")
_MOST = 64 * 1024  # bytes typed or pasted meanwhile


class WidthQuestion:
    """A question to the terminal about the width of a sign; the context manager reads the answer.

    Meanwhile nothing typed is echoed; `typed` has the keys that came before the answer, for the screens.
    """

    def __init__(self, wanted: bool = True, read_from: int = 0, write_to: int = 2) -> None:
        self._wanted = wanted
        self._read_from, self._write_to = read_from, write_to
        self._settings: list[Any] | None = None
        self._asked_at = 0.0
        self.typed = b""

    def __enter__(self) -> Self:
        """Send the question, if measuring is wanted and the output is a terminal."""
        if not self._wanted:
            return self
        with contextlib.suppress(OSError, termios.error):
            before = termios.tcgetattr(self._read_from)
            raw = [*before[:6], list(before[6])]
            raw[0] &= ~termios.ICRNL
            raw[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(self._read_from, termios.TCSANOW, raw)
            self._settings = before
            os.write(self._write_to, _QUESTION)
            self._asked_at = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.measured_level()  # nobody else may get the answer

    def measured_level(self) -> GlyphLevel | None:
        """Return the level of signs by the terminal's answer, None without an answer within 200 ms."""
        if self._settings is None:
            return None
        end = self._asked_at + PATIENCE
        answer = None
        with contextlib.suppress(OSError, ValueError):
            while answer is None and len(self.typed) < _MOST:
                left = max(0.0, end - time.monotonic())
                if not select.select([self._read_from], [], [], left)[0]:
                    break
                more = os.read(self._read_from, 4096)
                if not more:
                    break
                self.typed += more
                answer = _ANSWER.search(self.typed)
        self._give_back()
        if answer is None:
            return None
        self.typed = self.typed[: answer.start()] + self.typed[answer.end() :]
        return level_of_column(int(answer[1]))

    def _give_back(self) -> None:
        if self._settings is not None:
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(self._read_from, termios.TCSANOW, self._settings)
            self._settings = None


def level_of_column(column: int) -> GlyphLevel:
    """Return the level of signs by the cursor's column (from 1) after drawing a block at the left edge.

    A terminal that does not know UTF-8 draws the three bytes of the block as three characters.
    """
    if column == 2:
        return GlyphLevel.FULL
    return GlyphLevel.ASCII if column >= 4 else GlyphLevel.NARROW


def terminal_name(environ: Mapping[str, str] = os.environ) -> str:
    """Return a name for this terminal, by its program and multiplexer, to tell a person's terminals apart."""
    program = environ.get("TERM_PROGRAM") or environ.get("LC_TERMINAL") or environ.get("TERM") or "terminal"
    multiplexer = "tmux" if "TMUX" in environ else "screen" if "STY" in environ else ""
    return "/".join(filter(None, (program[:40], multiplexer)))
