"""Bytes on the wire for a changed cell in a table of 160×48, and for no change; both in a pty."""

import statistics
import sys
from pathlib import Path

from bench.house import environment
from bench.terminals import Watched

SIZE = (160, 48)
PROGRAM = Path(__file__).with_name("cell_app.py")
TIMES = 20


def measure(folder: Path) -> dict[str, float]:
    """Return the median bytes of a changed cell and of no change, for octui's grid and for DataTable."""
    found: dict[str, float] = {}
    path = {**environment(folder), "PYTHONPATH": str(PROGRAM.parent.parent)}
    for which in ("grid", "datatable"):
        with Watched([sys.executable, str(PROGRAM), which], SIZE, path) as terminal:
            terminal.wait_for_output("agent00010")
            terminal.burst(0.5)
            for key, name in (("f9", "cell"), ("f10", "nothing")):
                spent = []
                for _ in range(TIMES):
                    terminal.send(key)
                    spent.append(terminal.burst())
                found[f"{which}_{name}"] = statistics.median(spent)
            if not found[f"{which}_cell"]:
                raise RuntimeError(f"the cell did not change; screen:\n{terminal.text()}")
    return found
