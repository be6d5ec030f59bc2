"""A wall for hours in minutes, with a fault every five of its minutes, and a reader of its bytes.

    python tests/torture/wall.py [--hours 2] [--speed 60] [--seed 1]

The wall runs in a pty over a server of floors whose clock goes `--speed` times as fast, over a midnight. Each figure on
it is the time up to which it is known, so the reader (pyte) sees on the screen how old a number is that is drawn as
fresh. Exit code 1 when one was older than 30 s, or when the wall ended.
"""

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from textual.timer import Timer  # noqa: E402

from bench.house import environment  # noqa: E402
from e2e.terminal import Terminal  # noqa: E402
from octui.client.api import Api  # noqa: E402
from octui.client.errors import Unreachable  # noqa: E402
from octui.client.transport import Reply, Request  # noqa: E402
from octui.schema.floor import ServiceFloor  # noqa: E402
from octui.ui.wall.app import WallApp, WallOptions  # noqa: E402
from ui.wall_server import WallServer  # noqa: E402
from unit.floors import DAY, MIDNIGHT, floor_of  # noqa: E402

START = MIDNIGHT + DAY - 3_000_000
"""23:10:00: a midnight comes after 50 minutes."""
FAULT_EVERY_S = 300
OLD_S = 30
SLACK_S = 5
"""A picture that is read while it is being written is some seconds behind its own clock at this speed."""
SERVICES = ("Cards", "Loans", "Claims")
FAULTS = ("gone", "silent", "slow", "refused", "restarted")
SIZES = ((120, 40), (140, 50), (100, 40))
OLD_COLORS = {"9e9e9e"}


class FastServer(WallServer):
    """A server of floors with a fast clock. `delay` holds every answer back for so many of its seconds."""

    def __init__(self, speed: float) -> None:
        self.speed, self.born = speed, time.monotonic()
        self.delay = 0.0
        self.silent: set[str] = set()
        super().__init__(*(self._floor(name, START) for name in SERVICES), is_still=True)

    def elapsed(self) -> float:
        return (time.monotonic() - self.born) * self.speed

    def now_ms(self) -> int:
        return START + int(self.elapsed() * 1000)

    async def send(self, request: Request) -> Reply:
        if self.delay:
            await asyncio.sleep(self.delay / self.speed)
        return await super().send(request)

    def beat_all(self) -> None:
        """Report signs of life of all services that are not silent."""
        for name in SERVICES:
            if name not in self.silent:
                self.change(self._floor(name, self.now_ms()))

    def _floor(self, name: str, now: int) -> ServiceFloor:
        known = (now - START) // 1000
        days = (now - MIDNIGHT) // DAY * DAY
        floor = floor_of(name, name, calls=(known, known, 0, known), agents=(known, 1, 1, 1, 1), age_s=0, at=now)
        return floor.model_copy(update={"day_start": MIDNIGHT + days, "day_end": MIDNIGHT + DAY + days})


class FastWall(WallApp):
    """A wall whose seconds are those of its server."""

    def __init__(self, speed: float, seed: int) -> None:
        self.server, self.speed, self.dice = FastServer(speed), speed, random.Random(seed)
        super().__init__(
            lambda: Api(self.server),
            WallOptions(place="torture"),
            "en",
            elapsed=self.server.elapsed,
            sleep=lambda seconds: asyncio.sleep(seconds / speed),
        )

    def set_timer(self, delay: float, callback: Any = None, **options: Any) -> Timer:
        return super().set_timer(delay / self.speed, callback, **options)

    def on_mount(self) -> None:
        # Beside the wall's own: Textual calls the handlers of all classes.
        self.run_worker(self._beat())
        self.run_worker(self._break_things())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(10 / self.speed)
            self.server.beat_all()

    async def _break_things(self) -> None:
        while True:
            await asyncio.sleep(FAULT_EVERY_S / self.speed)
            fault, seconds = self.dice.choice(FAULTS), self.dice.uniform(5, 240)
            server = self.server
            match fault:
                case "gone":
                    server.failure = Unreachable("connect", "gone")
                case "silent":
                    server.silent = set(self.dice.sample(SERVICES, self.dice.randint(1, 3)))
                case "slow":
                    server.delay = self.dice.uniform(1, 40)
                case "refused":
                    server.status = 401
                case "restarted":
                    server.failure = Unreachable("broken_off", "restarted")
                    seconds = 3
            server.change(next(iter(server.floors.values())))
            await asyncio.sleep(seconds / self.speed)
            server.failure, server.status, server.delay, server.silent = None, 200, 0.0, set()


def seen_ages(terminal: Terminal) -> Iterator[tuple[str, int, bool]]:
    """Yield service, age in seconds and whether it is drawn as old, for each number on the screen."""
    lines = terminal.text().split("\n")
    clock = re.search(r"(\d\d):(\d\d):(\d\d) *$", lines[0])
    if clock is None:
        return
    hour, minute, second = map(int, clock.groups())
    now = (hour * 3600 + minute * 60 + second - (START - MIDNIGHT) // 1000) % 86_400
    for y, line in enumerate(lines):
        for name in SERVICES:
            found = re.search(rf"^ ~?[ ]?{name}\b.*?(\d[\d,]*)", line)
            if found is None:
                continue
            cell = terminal.screen.buffer[y][found.start(1)]
            yield name, now - int(found[1].replace(",", "")), cell.fg in OLD_COLORS


def watch(hours: float, speed: float, seed: int) -> int:
    """Run a wall and read its screen; return the exit code."""
    dice = random.Random(seed)
    env = environment(Path(tempfile.mkdtemp(prefix="octui-torture-"))) | {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    command = [sys.executable, __file__, "--ride", "--speed", str(speed), "--seed", str(seed)]
    read, old, oldest, wrong = 0, 0, 0, []
    with Terminal(command, size=SIZES[0], env=env) as terminal:
        terminal.wait_for("Cards", timeout=30)
        end = time.monotonic() + hours * 3600 / speed
        resize = time.monotonic() + 20
        while time.monotonic() < end:
            terminal._read(0.02)
            if time.monotonic() > resize:
                terminal.resize(*dice.choice(SIZES))
                resize = time.monotonic() + dice.uniform(5, 20)
            for name, age, is_old in seen_ages(terminal):
                read += 1
                old += is_old
                if not is_old:
                    oldest = max(oldest, age)
                    if age > OLD_S + SLACK_S:
                        wrong.append(f"{name} {age} s, drawn as fresh:\n{terminal.text()}")
        ended = terminal._has_ended()
        terminal.send("q")
    print(f"{read:,} numbers read, {old:,} drawn as old, the oldest drawn as fresh {oldest} s, {len(wrong)} wrong")
    print(*wrong[:2], sep="\n")
    return int(bool(wrong) or ended or not read or not old)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ride", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ride:
        FastWall(given.speed, given.seed).run(mouse=False)
        return 0
    return watch(given.hours, given.speed, given.seed)


if __name__ == "__main__":
    sys.exit(main())
