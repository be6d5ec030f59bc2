"""Lines of a queue_log taken in a second, from the file to the answer after the commit, by the real command.

`write_log` writes a seeded log of a center: shifts, calls of several queues, pauses. `measure` takes it in by the real
command, into an empty database, and then again. By hand: ``python tests/bench/queue_log.py [LINES] [URL]``.
"""

import heapq
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from bench import house, intake  # noqa: E402
from bench.terminals import p95  # noqa: E402
from octui.server.database.engine import open_store, upgrade_database  # noqa: E402

AGENTS = 200
QUEUES = ("support", "sales", "billing")
BUDGET = {"sqlite": 20_000, "postgresql": 12_000}
MEMORY_MIB = 120
AGAIN = 10
DAY = 86_400


def lines_of(agents: int = AGENTS) -> Iterator[str]:
    """Yield the lines of a log without end, in order of time: working days of eight hours from `intake.START` on."""
    chance = random.Random(20_261_128)
    day = intake.START
    while True:
        yield from _day(chance, day, agents)
        day += DAY


def _day(chance: random.Random, start: int, agents: int) -> Iterator[str]:
    """Yield a day's lines. Each agent does one thing after the other; a heap puts them in order."""
    pending: list[tuple[int, int, str]] = []
    written = 0

    def add(at: float, call: str, queue: str, agent: str, event: str, *data: object) -> None:
        nonlocal written
        written += 1
        heapq.heappush(pending, (int(at), written, "|".join((call, queue, agent, event, *map(str, data)))))

    ready = [(start + chance.random() * 1800, agent) for agent in range(agents)]
    heapq.heapify(ready)
    ends = start + 8 * 3600
    for at, agent in sorted(ready):
        for queue in QUEUES[: 1 + agent % len(QUEUES)]:
            add(at, "NONE", queue, f"PJSIP/{7000 + agent}", "ADDMEMBER", "")
    while ready:
        at, number = heapq.heappop(ready)
        while pending and pending[0][0] < int(at):
            moment, _, text = heapq.heappop(pending)
            yield f"{moment}|{text}\n"
        agent, queue = f"PJSIP/{7000 + number}", QUEUES[number % len(QUEUES)]
        if at > ends:
            for each in QUEUES[: 1 + number % len(QUEUES)]:
                add(at, "NONE", each, agent, "REMOVEMEMBER", "")
            continue
        if chance.random() < 0.12:
            reason = chance.choice(("휴식", "식사", "후처리", "meeting"))
            for each in QUEUES[: 1 + number % len(QUEUES)]:
                add(at, "NONE", each, agent, "PAUSE", reason)
            at += chance.expovariate(1 / 400)
            for each in QUEUES[: 1 + number % len(QUEUES)]:
                add(at, "NONE", each, agent, "UNPAUSE", "")
        else:
            waited, rang, talk = chance.randrange(40), chance.randrange(1, 9), chance.expovariate(1 / 200)
            call = f"{int(at)}.{chance.randrange(10**6)}"
            add(at, call, queue, "NONE", "ENTERQUEUE", "", f"010{chance.randrange(10**8):08}", 1)
            if chance.random() < 0.08:
                add(at + waited, call, queue, "NONE", "ABANDON", 1, 1, waited)
            else:
                if chance.random() < 0.1:
                    add(at + waited, call, queue, agent, "RINGNOANSWER", rang * 1000)
                add(at + waited + rang, call, queue, agent, "CONNECT", waited + rang, call + "9", rang)
                ended = chance.choice(("COMPLETEAGENT", "COMPLETECALLER"))
                at += waited + rang + talk
                add(at, call, queue, agent, ended, waited + rang, int(talk), 1)
        heapq.heappush(ready, (at + chance.expovariate(1 / 60), number))
    while pending:
        moment, _, text = heapq.heappop(pending)
        yield f"{moment}|{text}\n"


def write_log(path: Path, count: int) -> None:
    """Write a log of so many lines."""
    with path.open("w", encoding="utf-8") as file:
        for _, line in zip(range(count), lines_of(), strict=False):
            file.write(line)


@dataclass(frozen=True)
class Run:
    """A run of the command: seconds, CPU seconds of its process, highest memory, and its summary."""

    seconds: float
    cpu: float
    memory_mib: float
    taken: int
    lines: int


def take_in(log: Path, url: str, folder: Path, *options: str) -> Run:
    """Run `octui ingest queue-log` and return what it took. Raises RuntimeError when it fails."""
    command = [*house.OCTUI, "ingest", "queue-log", str(log), "--service", "oc", "--json", "--database", url, *options]
    environ = {**os.environ, **{name: value for name, value in house.environment(folder).items() if value is not None}}
    out = folder / "summary.json"
    began = time.perf_counter()
    actions = [
        (os.POSIX_SPAWN_OPEN, 1, str(out), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    child = os.posix_spawn(command[0], command, environ, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    summary = json.loads(out.read_text())
    cpu = usage.ru_utime + usage.ru_stime
    return Run(seconds, cpu, usage.ru_maxrss / 1024, summary["taken"], summary["lines"])


def measure(count: int, url: str | None = None) -> dict[str, float]:
    """Return lines a second of the first time, of the same file again, and once more from its start, and the memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "queue_log"
        write_log(log, count)
        url = url or f"sqlite:///{folder / 'octui.db'}"
        store = open_store(url)
        store.write(lambda change: intake._furnish(change, AGENTS, False), intake.OPERATOR)
        store.close()
        first = take_in(log, url, folder)
        if first.taken != count:
            raise RuntimeError(f"of {count} lines {first.taken} were taken in")
        again = take_in(log, url, folder)
        whole = take_in(log, url, folder, "--again")
        return {
            "lines": count,
            # Both without the start of the program; CPU time on PostgreSQL is that of the client's side alone.
            "per_second": count / (first.seconds - again.seconds),
            "cpu_us_per_line": (first.cpu - again.cpu) / count * 1e6,
            "memory_mib": first.memory_mib,
            "again_ratio": first.seconds / again.seconds,
            "from_start_ratio": first.seconds / whole.seconds,
            "from_start_us_per_line": (whole.cpu - again.cpu) / count * 1e6,
            "again_seconds": again.seconds,
        }


def follow(served: house.Served, folder: Path, times: int, per_second: int = 1_000) -> dict[str, float]:
    """Return ms from writing a call into a log that is followed, among many other lines, until the figures have it."""
    log = folder / "followed_log"
    log.touch()
    token = folder / "follow.token"
    token.touch(mode=0o600)
    token.write_text(served.token(house.ADMIN))
    options = ["--service", house.SERVICE, "--follow", "--url", served.address, "--token-file", str(token)]
    taken: list[float] = []
    with (
        subprocess.Popen(
            [*house.OCTUI, "ingest", "queue-log", str(log), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process,
        log.open("a", encoding="utf-8") as file,
    ):
        try:
            writer = _Writer(file, per_second)
            first = writer.connect()
            writer.write_until(lambda: _calls(served) >= first, 30)  # the program has started
            began, written = time.perf_counter(), writer.lines
            for _ in range(times):
                wanted, moment = writer.connect(), time.perf_counter()
                writer.write_until(lambda: _calls(served) >= wanted, 30)  # noqa: B023 called at once
                taken.append((time.perf_counter() - moment) * 1000)
            rate = (writer.lines - written) / (time.perf_counter() - began)
        finally:
            process.terminate()
    return {"p50_ms": statistics.median(taken), "p95_ms": p95(taken), "per_second": rate}


class _Writer:
    """Writer of lines at a steady rate, and of calls of one agent between them."""

    def __init__(self, file: TextIO, per_second: int) -> None:
        self._file = file
        self._per_second = per_second
        self._began = time.perf_counter()
        self.lines = self._calls = 0

    def connect(self) -> int:
        """Write a call of the agent, from its answer to its end, and return how many there were."""
        self._calls += 1
        for event, data in (("CONNECT", "3|9.9|2"), ("COMPLETEAGENT", "3|0|1")):
            call = f"{int(time.time())}.{self._calls}"
            self._file.write(f"{int(time.time())}|{call}|support|cs{house.AGENT}|{event}|{data}\n")
        self._file.flush()
        return self._calls

    def write_until(self, is_done: Callable[[], bool], seconds: float) -> None:
        """Write on until it is done. Raises RuntimeError after so many seconds."""
        end = time.perf_counter() + seconds
        while not is_done():
            if time.perf_counter() > end:
                raise RuntimeError("the figures do not come")
            due = int((time.perf_counter() - self._began) * self._per_second)
            for number in range(self.lines, due):
                self._file.write(f"{int(time.time())}|{number}.1|support|NONE|ENTERQUEUE||01012345678|1\n")
            self.lines = max(self.lines, due)
            self._file.flush()
            time.sleep(0.01)


def _calls(served: house.Served) -> int:
    """Return the agent's inbound calls of today."""
    way = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    try:
        path = f"/api/v1/services/{house.SERVICE}/stats/{house.AGENT}"
        way.request("GET", path, headers={"authorization": f"Bearer {served.token(house.ADMIN)}"})
        phone = json.loads(way.getresponse().read())["phone"]
        count: int = phone["inbound_calls"]["count"]
        return count
    finally:
        way.close()


if __name__ == "__main__":
    given = sys.argv[2] if len(sys.argv) > 2 else None
    if given is not None:
        upgrade_database(given)
    print({name: round(value, 2) for name, value in measure(int((sys.argv[1:] or ["100000"])[0]), given).items()})
