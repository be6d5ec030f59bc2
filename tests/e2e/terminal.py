"""A terminal for end-to-end tests: a program in a pty, its screen read by pyte."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

_KEYS = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "esc": "\x1b",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "shift+up": "\x1b[1;2A",
    "shift+down": "\x1b[1;2B",
    "shift+right": "\x1b[1;2C",
    "shift+left": "\x1b[1;2D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "ctrl+home": "\x1b[1;5H",
    "ctrl+end": "\x1b[1;5F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    **{f"f{n}": f"\x1bO{code}" for n, code in enumerate("PQRS", 1)},
    **{f"f{n}": f"\x1b[{code}~" for n, code in enumerate((15, 17, 18, 19, 20, 21, 23, 24), 5)},
    **{f"ctrl+{letter}": chr(ord(letter) & 0x1F) for letter in "abcdefghijklmnopqrstuvwxyz"},
}

# What pyte would print or misread: private and intermediate sequences, OSC, DCS.
_NOT_FOR_PYTE = re.compile(
    r"\x1b\[(?P<ask>\?[0-9;]*\$p|6n|c|0c)"
    r"|\x1b\[[<=>][0-9;]*[a-zA-Z]"
    r"|\x1b[\]P_^][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_PRIVATE = re.compile(r"\x1b\[\?([0-9;]+)([hl])")
_UNFINISHED = re.compile(r"\x1b(?:\[[<=>?]?[0-9;]*\$?|[\]P_^][^\x07\x1b]*\x1b?)?\Z")
_ENVIRONMENT = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TMUX", "STY", "TERM_PROGRAM")


class Terminal:
    r"""A program running in a pseudo-terminal.

    >>> with Terminal(["octui", "demo"], size=(80, 24)) as terminal:
    ...     terminal.wait_for(r"octui")
    ...     terminal.send("down", "down", "enter")
    ...     terminal.type("김민수")
    ...     terminal.wait_for("김민수")
    ...     terminal.resize(120, 40)
    ...     terminal.send("ctrl+q")
    ...     assert terminal.wait_exit() == 0

    `env` is laid over this process's environment without color and multiplexer variables; None removes a name.
    `ignore` are signals that the program starts with ignored, as `nohup` does with SIGHUP. `wide_blocks`: a block (▁)
    at the left edge moves the cursor by two cells, as in terminals where ambiguous characters are wide.
    """

    def __init__(
        self,
        command: Sequence[str],
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str | None] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        ignore: Sequence[signal.Signals] = (),
        wide_blocks: bool = False,
    ) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self.screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._wide_blocks = wide_blocks
        self.raw = bytearray()
        self.modes: set[int] = set()
        self.exit_code: int | None = None
        """None while it runs; minus the signal's number when one ended it."""
        environ = {name: value for name, value in os.environ.items() if name not in _ENVIRONMENT}
        environ = {"LANG": "C.UTF-8", **environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        changed: dict[str, str | None] = {**environ, **(env or {})}
        environ = {name: value for name, value in changed.items() if value is not None}
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            try:
                for number in (signal.SIGPIPE, signal.SIGHUP):
                    signal.signal(number, signal.SIG_DFL)
                for number in ignore:
                    signal.signal(number, signal.SIG_IGN)
                if cwd is not None:
                    os.chdir(cwd)
                _set_size(0, *size)
                os.execvpe(command[0], list(command), environ)
            finally:
                os._exit(127)
        _set_size(self._master, *size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def byte_count(self) -> int:
        """The number of bytes the program has written so far; unread output is read first."""
        self._read(0)
        return len(self.raw)

    def text(self) -> str:
        """Return the screen, one line a row, without trailing blanks."""
        columns = range(self.screen.columns)
        rows = (self.screen.buffer[y] for y in range(self.screen.lines))
        return "\n".join("".join(row[x].data for x in columns).rstrip() for row in rows)

    def send(self, *keys: str) -> None:
        """Press keys by name ("down", "ctrl+s", "f2", "shift+tab"), or a single character."""
        self.type("".join(_KEYS[key] if len(key) > 1 else key for key in keys))

    def type(self, text: str) -> None:
        """Send text as it is."""
        data = text.encode()
        while data:
            self._read(0)
            data = data[os.write(self._master, data[:512]) :]

    def paste(self, text: str) -> None:
        """Paste as a terminal does: bracketed where the program asked for it, CR between lines."""
        lines = text.replace("\n", "\r")
        self.type(f"\x1b[200~{lines}\x1b[201~" if 2004 in self.modes else lines)

    def wait_for(self, pattern: str, timeout: float = 10) -> re.Match[str]:
        """Read until the screen's text matches; TimeoutError shows the screen."""
        found: list[re.Match[str]] = []

        def has_match() -> bool:
            match = re.search(pattern, self.text(), re.MULTILINE)
            found.extend([match] if match else [])
            return match is not None

        self.wait_until(has_match, timeout, pattern)
        return found[-1]

    def wait_gone(self, pattern: str, timeout: float = 10) -> None:
        """Read until the screen's text does not match any more."""
        self.wait_until(lambda: not re.search(pattern, self.text(), re.MULTILINE), timeout, f"no {pattern}")

    def wait_until(self, condition: Callable[[], bool], timeout: float = 10, what: str = "condition") -> None:
        """Read until the condition holds; TimeoutError shows the screen."""
        end = time.monotonic() + timeout
        while not condition():
            left = end - time.monotonic()
            if left <= 0 or (not self._read(min(left, 0.05)) and self._has_ended() and not condition()):
                state = "still running" if self.exit_code is None else f"ended with {self.exit_code}"
                raise TimeoutError(f"{what!r} not seen within {timeout} s, program {state}; screen:\n{self.text()}")

    def wait_quiet(self, quiet: float = 0.2, timeout: float = 10) -> None:
        """Read until nothing was written for `quiet` seconds."""
        end = time.monotonic() + timeout
        while self._read(quiet):
            if time.monotonic() > end:
                raise TimeoutError(f"not quiet within {timeout} s")

    def wait_exit(self, timeout: float = 10) -> int:
        """Wait for the end and return the exit code (minus the number of the signal that ended the program)."""
        self.wait_until(lambda: self._has_ended(), timeout, "exit")
        while self._read(0):
            pass
        assert self.exit_code is not None
        return self.exit_code

    def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)
        _set_size(self._master, width, height)

    def hangup(self) -> None:
        """Close the terminal as a lost connection does: the kernel sends SIGHUP."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        if not self._has_ended():
            os.kill(self.pid, number)

    def close(self) -> None:
        """Kill the program if it still runs, and release everything."""
        self.hangup()
        if not self._has_ended():
            os.kill(self.pid, signal.SIGKILL)
            self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _has_ended(self) -> bool:
        if self.exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code is not None

    def _read(self, timeout: float) -> bool:
        """Read what was written; return whether there was anything."""
        if self._master < 0:
            # Nothing to wait on but the program's end.
            select.select([], [], [], min(timeout, 0.02))
            return False
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux's end of file on a pty whose programs have all ended
            select.select([], [], [], min(timeout, 0.02))
            return False
        self.raw += data
        self._feed_screen(self._rest + self._decode(data))
        return bool(data)

    def _feed_screen(self, text: str) -> None:
        cut = _UNFINISHED.search(text)
        self._rest = text[cut.start() :] if cut else ""
        text = text[: cut.start()] if cut else text
        for modes, on in _PRIVATE.findall(text):
            numbers = {int(mode) for mode in modes.split(";")}
            self.modes = self.modes | numbers if on == "h" else self.modes - numbers
        at = 0
        for match in _NOT_FOR_PYTE.finditer(text):
            self._stream.feed(text[at : match.start()])
            at = match.end()
            if match["ask"]:
                self._answer_query(match["ask"])
        self._stream.feed(text[at:])

    def _answer_query(self, question: str) -> None:
        if question == "6n":
            x, y = self.screen.cursor.x, self.screen.cursor.y
            wide = self._wide_blocks and x == 1 and self.screen.buffer[y][0].data == "▁"
            reply = f"\x1b[{y + 1};{x + 2 if wide else x + 1}R"
        elif question.endswith("$p"):
            mode = int(question[1:-2])
            # As xterm: synchronized output is known and off, in-band resize is not known.
            reply = f"\x1b[?{mode};{2 if mode in {2026, 2004, 25} else 0}$y"
        else:
            reply = "\x1b[?62;22c"
        os.write(self._master, reply.encode())


def _set_size(file: int, width: int, height: int) -> None:
    fcntl.ioctl(file, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
