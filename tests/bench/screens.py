"""The screens in a pty: start and memory beside a minimal Textual app, My stats at rest, an event until it is seen."""

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
    """The command that opens the screens on a database of one's own."""
    return [*OCTUI, "open", "--database", url, "--as", AGENT]


@dataclass
class Starts:
    """The best of several starts of each kind: what else the machine does only ever adds to a time."""

    minimal: Start
    remote: Start
    embedded_paint: Start
    embedded: Start


def starts(served: Served, url: str, folder: Path, times: int) -> Starts:
    """Start each kind in turn, `times` times. Memory is taken three seconds after it was usable."""
    env = environment(folder)
    kinds = {
        "minimal": (MINIMAL, "ready"),
        "remote": (served.command(), USABLE),
        "embedded_paint": (embedded_command(url), PAINTED),
        "embedded": (embedded_command(url), USABLE),
    }
    runs: dict[str, list[Start]] = {kind: [] for kind in kinds}
    for kind, (command, pattern) in kinds.items():
        runs[kind].append(start(command, env, pattern, settle=3))  # also fills the caches, of bytecode too
    for _ in range(times):
        for kind, (command, pattern) in kinds.items():
            runs[kind].append(start(command, env, pattern))
    best = {
        kind: Start(min(one.seconds for one in some), min(one.cpu for one in some), some[0].pss, some[0].uss)
        for kind, some in runs.items()
    }
    return Starts(**best)


@dataclass
class AtRest:
    """My stats with one tick a second and nothing else: bytes a second, CPU in percent of one core, bytes held."""

    bytes: float
    cpu: float
    pss: int


def at_rest(command: list[str], folder: Path, seconds: float) -> AtRest:
    """Watch My stats for some time, from three seconds after it was usable."""
    with Watched(command, SIZE, environment(folder)) as terminal:
        terminal.seen(USABLE)
        terminal.record(3)
        cpu, began = terminal.cpu, time.monotonic()
        written = terminal.record(seconds)
        took = time.monotonic() - began
        return AtRest(written / took, (terminal.cpu - cpu) / took * 100, memory_of(terminal.pid)["pss"])


def event_to_screen(served: Served, folder: Path, times: int) -> dict[str, float]:
    """Milliseconds from just before a ticket is posted until the new number of unassigned tickets is on screen."""
    dice = random.Random(1)
    taken: list[float] = []
    sender = served.connection()
    with Watched(served.command(), SIZE, environment(folder)) as terminal:
        terminal.seen(USABLE)
        terminal.record(1)
        found = UNASSIGNED.search(terminal.text())
        count = int(found[1]) if found else 0
        for number in range(times):
            count += 1
            began = time.perf_counter()
            sender.post(event(number, "ticket.created", ticket=f"T{time.time_ns()}", agent=None))
            seen = terminal.shown(rf"미할당\s+{count}건")
            taken.append((seen - began) * 1000)
            terminal.record(dice.uniform(0.3, 0.8))
    sender.close()
    return {"p50_ms": statistics.median(taken), "p95_ms": p95(taken), "events": len(taken)}
