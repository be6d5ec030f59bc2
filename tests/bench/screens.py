"""The screens in a pty: start and memory beside a minimal Textual app, My stats at rest, an event until it shows."""

import random
import re
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.house import AGENT, OCTUI, Served, environment, event
from bench.terminals import SIZE, Start, Watched, memory_of, p95, start

MINIMAL = [sys.executable, str(Path(__file__).with_name("minimal_app.py"))]
PAINTED = "octui"
USABLE = r"\d\d:\d\d:\d\d"
"""The first duration on screen: the figures are there. Until then every one of them is a dash."""
UNASSIGNED = re.compile(r"미할당\s+(\d+)건")


def embedded_command(url: str) -> list[str]:
    """Return the command that opens the screens on an embedded server."""
    return [*OCTUI, "open", "--database", url, "--as", AGENT]


@dataclass
class Starts:
    """Several starts of one kind, each with the start of the minimal app just before it."""

    own: list[Start]
    minimal: list[Start]

    @property
    def ratio(self) -> float:
        """The median of the ratios of the pairs, because the load of the machine changes from minute to minute."""
        return statistics.median(one.seconds / other.seconds for one, other in zip(self.own, self.minimal, strict=True))

    @property
    def cpu_ratio(self) -> float:
        """As `ratio`, of the CPU time."""
        return statistics.median(one.cpu / other.cpu for one, other in zip(self.own, self.minimal, strict=True))

    def best(self) -> tuple[float, float]:
        """Seconds of the fastest start, and of the minimal app's."""
        return min(one.seconds for one in self.own), min(one.seconds for one in self.minimal)


def starts(command: list[str], pattern: str, folder: Path, times: int) -> Starts:
    """Start a program until it shows `pattern`, the minimal app before each time; the first pair does not count."""
    env = environment(folder)
    own, minimal = [], []
    for _ in range(times + 1):
        minimal.append(start(MINIMAL, env, "ready"))
        own.append(start(command, env, pattern))
    return Starts(own[1:], minimal[1:])


def memory(command: list[str], pattern: str, folder: Path) -> int:
    """Return the PSS in bytes, three seconds after the program is usable."""
    return start(command, environment(folder), pattern, settle=3).pss


@dataclass
class AtRest:
    """My stats with one tick a second and nothing else: bytes a second, CPU in percent of one core, bytes held."""

    bytes: float
    cpu: float
    pss: int


def at_rest(command: list[str], folder: Path, seconds: float) -> AtRest:
    """Watch My stats for some time, from three seconds after it is usable."""
    with Watched(command, SIZE, environment(folder)) as terminal:
        terminal.wait_for_output(USABLE)
        terminal.record(3)
        cpu, began = terminal.cpu, time.monotonic()
        written = terminal.record(seconds)
        took = time.monotonic() - began
        return AtRest(written / took, (terminal.cpu - cpu) / took * 100, memory_of(terminal.pid)["pss"])


def event_to_screen(served: Served, folder: Path, times: int) -> dict[str, float]:
    """Return ms from just before a ticket is posted until the new number of unassigned tickets is on screen."""
    dice = random.Random(1)
    taken: list[float] = []
    sender = served.connection()
    with Watched(served.command(), SIZE, environment(folder)) as terminal:
        terminal.wait_for_output(USABLE)
        terminal.record(1)
        found = UNASSIGNED.search(terminal.text())
        count = int(found[1]) if found else 0
        for number in range(times):
            count += 1
            began = time.perf_counter()
            sender.post(event(number, "ticket.created", ticket=f"T{time.time_ns()}", agent=None))
            seen = terminal.wait_for_screen(rf"미할당\s+{count}건")
            taken.append((seen - began) * 1000)
            terminal.record(dice.uniform(0.3, 0.8))
    sender.close()
    return {"p50_ms": statistics.median(taken), "p95_ms": p95(taken), "events": len(taken)}
