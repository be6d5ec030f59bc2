"""Programs in a pty, measured from outside: the times of their output, their CPU time and memory."""

import os
import re
import select
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.terminal import Terminal

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78MDE])")
SIZE = (120, 40)
_ASKS_FOR_SYNC = b"\x1b[?2026$p"
_ASKS_FOR_CURSOR = b"\x1b[6n"


class Watched(Terminal):
    """A terminal that notes the times of output and interprets it only when the screen is read.

    pyte's work would compete with the program for the machine and delay the notes.
    """

    def __init__(self, command: Sequence[str], size: tuple[int, int], env: dict[str, str | None]) -> None:
        self.began = time.perf_counter()
        self.last = self.began
        self._unread: list[bytes] = []
        super().__init__(command, size=size, env=env)

    def _read(self, timeout: float) -> bool:
        if self._master < 0 or not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.last = time.perf_counter()
        if _ASKS_FOR_SYNC in data:
            os.write(self._master, b"\x1b[?2026;2$y")
        if _ASKS_FOR_CURSOR in data:
            os.write(self._master, b"\x1b[1;2R")
        self.raw += data
        self._unread.append(data)
        return bool(data)

    def text(self) -> str:
        for data in self._unread:
            self._feed_screen(self._rest + self._decode(data))
        self._unread.clear()
        return super().text()

    def _answer_query(self, question: str) -> None:
        """Do nothing: the query was answered when it arrived."""

    def wait_for_output(self, pattern: str, since: int = 0, limit: float = 20) -> float:
        """Read until the output from byte `since` on has `pattern`; returns the moment (perf_counter) it came."""
        wanted = re.compile(pattern.encode())
        end = time.monotonic() + limit
        while not wanted.search(_ESCAPES.sub(b"", bytes(self.raw[since:]))):
            if not self._read(0.05) and (self._has_ended() or time.monotonic() > end):
                raise TimeoutError(f"{pattern!r} not seen, exit {self.exit_code}; screen:\n{self.text()}")
        return self.last

    def wait_for_screen(self, pattern: str, limit: float = 5) -> float:
        """Read until the screen has `pattern`; returns the moment of its last output."""
        wanted = re.compile(pattern)
        end = time.monotonic() + limit
        while not wanted.search(self.text()):
            if not self._read(0.05) and time.monotonic() > end:
                raise TimeoutError(f"{pattern!r} not shown; screen:\n{self.text()}")
        return self.last

    def record(self, seconds: float) -> int:
        """Return the bytes written in `seconds`."""
        before, end = self.byte_count, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(left)
        return self.byte_count - before

    def burst(self, quiet: float = 0.15) -> int:
        """Return the bytes written until there is a pause of `quiet` seconds."""
        before = len(self.raw)
        while self._read(quiet):
            pass
        return len(self.raw) - before

    @property
    def cpu(self) -> float:
        """Return the CPU seconds of the program so far (not of its children)."""
        return cpu_of(self.pid)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process, to the microsecond."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_of(pid: int) -> dict[str, int]:
    """Return the bytes of a process: `pss`, pages shared with others counted in part, and `uss`, its own alone."""
    found: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        found[name] = int(value.split()[0]) * 1024
    return {"pss": found["Pss"], "uss": found["Private_Clean"] + found["Private_Dirty"]}


@dataclass(frozen=True)
class Start:
    """One start: seconds until the text was there, CPU seconds until then, bytes of memory some time later."""

    seconds: float
    cpu: float
    pss: int
    uss: int


def start(command: Sequence[str], env: dict[str, str | None], pattern: str, settle: float = 0) -> Start:
    """Start a program in a terminal until `pattern` shows; measure its memory after `settle` more seconds."""
    with Watched(command, SIZE, env) as terminal:
        seconds = terminal.wait_for_output(pattern) - terminal.began
        cpu = terminal.cpu
        if settle:
            terminal.record(settle)
        memory = memory_of(terminal.pid)
    return Start(seconds, cpu, memory["pss"], memory["uss"])


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
