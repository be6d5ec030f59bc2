"""Bytes of a wall in a pty at three sizes: a second, a call that comes in, a turn of the boards, the first picture."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.house import environment
from bench.terminals import Watched

SIZES = ((80, 24), (120, 40), (300, 80))
FIRST_BUDGET = {(80, 24): 3_120, (120, 40): 7_150, (300, 80): 32_500}
"""1.3 times the bytes of the drawn pictures."""
PROGRAM = Path(__file__).with_name("wall_app.py")
NO_TURN_S = 3_600
_SEEN = r"70-85|70 이하"


@dataclass(frozen=True)
class WallBytes:
    """Bytes of a wall of four services, one of them in alarm and one silent; CPU in percent of one core."""

    first: int
    second: float
    call: int
    turn: int
    cpu: float


def measure(size: tuple[int, int], folder: Path, seconds: int) -> WallBytes:
    """Return the bytes of a wall; a turn is the largest of some, in the second in which it comes."""
    path = {**environment(folder), "PYTHONPATH": str(PROGRAM.parent.parent), "TERM": "xterm-256color"}
    with Watched([sys.executable, str(PROGRAM), str(NO_TURN_S)], size, path) as terminal:
        terminal.wait_for_output(_SEEN)
        terminal.burst(0.3)
        first = len(terminal.raw)
        terminal.record(2)
        cpu = terminal.cpu
        second = terminal.record(seconds) / seconds
        cpu = (terminal.cpu - cpu) / seconds * 100
        calls = []
        for _ in range(3):
            terminal.send("f9")
            calls.append(terminal.record(0.9))
    with Watched([sys.executable, str(PROGRAM), "2"], size, path) as terminal:
        terminal.wait_for_output(_SEEN)
        terminal.record(1.5)
        turn = max(terminal.record(1) for _ in range(max(4, seconds // 2)))
    return WallBytes(first, second, max(calls), turn, cpu)
