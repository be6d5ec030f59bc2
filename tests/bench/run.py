"""The budgets of architecture.md 7 in one run: `python tests/bench/run.py [--only NAME] [--quick|--full] [--json]`.

A bench is no test: the exit code is 0 whatever the numbers are, 1 only when something could not be measured. Times in
a pty are the best of several starts, or the 95th percentile of many keys or events; nothing else should be running.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from bench import audit, clients, databases, grid, house, intake, queue_log, screens, walls, wire  # noqa: E402

BUSY = 0.7
INFINITE = float("inf")
"""A value without a budget, which is only shown."""


@dataclass(frozen=True)
class Row:
    """A line of the table.

    `limit` is the upper limit (with `least` the lower one); `beside` is what the value is compared with, measured in
    the same run.
    """

    what: str
    measured: float
    limit: float
    unit: str
    beside: str = ""
    least: bool = False

    @property
    def ok(self) -> bool:
        return self.measured >= self.limit if self.least else self.measured <= self.limit


@dataclass(frozen=True)
class How:
    """The amount of measuring."""

    quick: bool
    full: bool
    folder: Path

    def pick(self, quick: int, usual: int, full: int | None = None) -> int:
        if self.quick:
            return quick
        return full if self.full and full is not None else usual


def _wire(how: How) -> Iterator[Row]:
    found = wire.measure(how.folder)
    beside = f"DataTable {found['datatable_cell']:,.0f} B"
    yield Row("one changed cell, 160x48", found["grid_cell"], 60, "B", beside)
    yield Row("nothing changed, drawn again", found["grid_nothing"], 0, "B", f"{found['datatable_nothing']:,.0f} B")


def _center(how: How, name: str, agents: int = 1) -> tuple[Path, str]:
    folder = Path(tempfile.mkdtemp(prefix=name, dir=how.folder))
    return folder, house.furnish(folder, agents)


def _start(how: How) -> Iterator[Row]:
    _, own = _center(how, "own")
    folder, url = _center(how, "served")
    times = how.pick(3, 9)
    with house.Served(url, folder) as served:
        far = served.command()
        yield _ratio("start until usable, remote", 1.6, screens.starts(far, screens.USABLE, how.folder, times))
        remote = screens.memory(far, screens.USABLE, how.folder)
        minimal = screens.memory(screens.MINIMAL, "ready", how.folder)
        beside = f"{remote / 2**20:.1f} MiB, minimal app {minimal / 2**20:.1f} MiB"
        yield Row("memory (PSS), remote", remote / minimal, 1.5, "x", beside)
    near = screens.embedded_command(own)
    yield _ratio("first paint, embedded", 2.0, screens.starts(near, screens.PAINTED, how.folder, times))
    yield _ratio("start until usable, embedded", INFINITE, screens.starts(near, screens.USABLE, how.folder, times))
    embedded = screens.memory(near, screens.USABLE, how.folder)
    yield Row("memory (PSS), embedded", embedded / minimal, INFINITE, "x", f"{embedded / 2**20:.1f} MiB")


def _ratio(what: str, limit: float, found: screens.Starts) -> Row:
    own, minimal = found.best()
    beside = f"best {own * 1000:.0f} ms, minimal app {minimal * 1000:.0f} ms; CPU {found.cpu_ratio:.2f} x"
    return Row(what, found.ratio, limit, "x", beside)


def _live(how: How) -> Iterator[Row]:
    folder, url = _center(how, "live")
    seconds = how.pick(8, 20, 60)
    own = screens.at_rest(screens.embedded_command(url), how.folder, seconds)
    with house.Served(url, folder) as served:
        far = screens.at_rest(served.command(), how.folder, seconds)
    for mode, one in (("remote", far), ("embedded", own)):
        yield Row(f"My stats live, 120x40, {mode}: wire", one.bytes, 300, "B/s", f"over {seconds} s")
        yield Row(f"My stats live, 120x40, {mode}: CPU", one.cpu, 2, "%", f"over {seconds} s")


def _wall(how: How) -> Iterator[Row]:
    seconds = how.pick(4, 10, 30)
    for size in walls.SIZES:
        found = walls.measure(size, how.folder, seconds)
        name = f"wall {size[0]}x{size[1]}"
        yield Row(f"{name}: a second", found.second, 80, "B/s", f"over {seconds} s")
        yield Row(f"{name}: a call comes in", found.call, 1_300, "B", "with the second it comes in")
        yield Row(f"{name}: a turn of the boards", found.turn, 12_500, "B", "with its second")
        yield Row(f"{name}: first picture", found.first, walls.FIRST_BUDGET[size], "B")
        yield Row(f"{name}: CPU", found.cpu, 2, "%", f"over {seconds} s")


def _event(how: How) -> Iterator[Row]:
    folder, url = _center(how, "event")
    with house.Served(url, folder) as served:
        found = screens.event_to_screen(served, how.folder, how.pick(10, 40, 200))
    beside = f"median {found['p50_ms']:.0f} ms, {found['events']:.0f} events, remote, pty"
    yield Row("event in until on screen, p95", found["p95_ms"], 250, "ms", beside)


def _cursor(how: How) -> Iterator[Row]:
    found = grid.measure()
    own, other = found["cursor_key_p95"], found["datatable_50_cursor_key_p95"]
    beside = f"{own:.1f} ms CPU, a DataTable of 50 rows {other:.1f} ms, both by Pilot"
    yield Row("cursor key in 50,000 rows, p95", found["cursor_key_ratio_p95"], 1.5, "x", beside)


def _search(how: How) -> Iterator[Row]:
    rows = how.pick(100_000, 1_000_000, 10_000_000)
    for name, url in databases.engines(postgres=how.full):
        found = audit.measure(rows, url, instances=how.pick(4, 12))
        beside = f"worst of {found['kinds']} kinds: {found['worst_kind']}; p95 of all {found['p95_ms']:.1f} ms"
        what = f"log search, {rows:,} rows, p95, {name}"
        yield Row(what, found["worst_kind_p95_ms"], found["budget_ms"], "ms", beside)


def _intake(how: How) -> Iterator[Row]:
    for name, url in databases.engines(postgres=True):
        found = intake.measure(how.pick(10_000, 50_000), url=url)
        each = f"{found['cpu_us_per_event']:.0f} us of CPU each"
        beside = f"batches of {intake.BATCH}, p95 {found['batch_p95_ms']:.0f} ms; {each}"
        what = f"events taken in, {name}"
        yield Row(what, found["per_second"], found["budget_per_second"], "/s", beside, least=True)
    log = intake.with_log(how.pick(1, 3))
    beside = f"{log['off_us']:.0f} us of CPU each without it, {log['on_us']:.0f} with it"
    yield Row("events into the CTI log as well", log["ratio"], 1.2, "x", beside)


def _queue_log(how: How) -> Iterator[Row]:
    count = how.pick(20_000, 100_000, 1_000_000)
    for name, url in databases.engines(postgres=True):
        found = queue_log.measure(count, url)
        least = queue_log.BUDGET["sqlite" if url is None else "postgresql"]
        beside = f"{count:,} lines, {found['cpu_us_per_line']:.0f} us of CPU each, without the start of the program"
        yield Row(f"queue_log lines taken in, {name}", found["per_second"], least, "/s", beside, least=True)
        beside = f"{found['again_seconds']:.1f} s; from its start {found['from_start_ratio']:.1f} x"
        again = queue_log.AGAIN if count >= 1_000_000 else 0  # less than that is the start of the program alone
        yield Row(f"the same file again, {name}", found["again_ratio"], again, "x", beside, least=True)
        yield Row(
            f"memory of taking it in, {name}", found["memory_mib"], queue_log.MEMORY_MIB, "MiB", f"{count:,} lines"
        )
    folder, url = _center(how, "followed")
    with house.Served(url, folder) as served:
        seen = queue_log.follow(served, how.folder, how.pick(5, 20))
    beside = f"{seen['per_second']:,.0f} lines a second, median {seen['p50_ms']:.0f} ms, by the API"
    yield Row("line written until in the figures, p95", seen["p95_ms"], 1_000, "ms", beside)


def _clients(how: How) -> Iterator[Row]:
    count = how.pick(300, 1_000, 5_000)
    folder, url = _center(how, "clients", count)
    with house.Served(url, folder) as served:
        found = clients.measure(served, count)
    beside = f"{found['clients']:,.0f} clients, idle CPU {found['idle_cpu_percent']:.1f} %"
    yield Row("waiting clients, each", found["kib_each"], 25, "KiB", beside)
    beside = f"median {found['change_p50_ms']:.1f} ms, {count:,} wait"
    yield Row("one change to its client, p95", found["change_p95_ms"], 20, "ms", beside)


MEASURES: dict[str, Callable[[How], Iterator[Row]]] = {
    "wire": _wire,
    "start": _start,
    "live": _live,
    "wall": _wall,
    "event": _event,
    "cursor": _cursor,
    "search": _search,
    "intake": _intake,
    "queue_log": _queue_log,
    "clients": _clients,
}


def _number(value: float, unit: str) -> str:
    if value == INFINITE:
        return "-"
    digits = 2 if unit == "x" else 0 if value == int(value) or value >= 100 else 1
    return f"{value:,.{digits}f} {unit}"


def _print(row: Row) -> None:
    sign = "" if row.limit == INFINITE else ">=" if row.least else "<="
    limit = f"{sign} {_number(row.limit, row.unit)}".strip()
    verdict = "" if row.limit == INFINITE else "ok" if row.ok else "MISSED"
    print(f"{row.what:42} {_number(row.measured, row.unit):>12}  {limit:>15}  {verdict:6}  {row.beside}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure octui against its budgets.")
    parser.add_argument("--only", action="append", choices=tuple(MEASURES), help="just this; may be repeated")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--quick", action="store_true", help="less of everything: to see that it runs")
    amount.add_argument("--full", action="store_true", help="10 million rows, 5,000 clients: half an hour")
    parser.add_argument("--json", action="store_true", help="the rows as JSON, after all is measured")
    given = parser.parse_args()
    busy = os.getloadavg()[0]
    if busy > BUSY:
        print(f"load average {busy:.1f}: the machine has other things to do, and all times suffer", file=sys.stderr)
    began, rows, failed = time.monotonic(), [], False
    if not given.json:
        print(f"{'what':42} {'measured':>12}  {'budget':>15}  {'':6}  beside it")
    with tempfile.TemporaryDirectory(prefix="octui-bench-", ignore_cleanup_errors=True) as folder:
        how = How(given.quick, given.full, Path(folder))
        for name in given.only or MEASURES:
            try:
                for row in MEASURES[name](how):
                    rows.append(row)
                    if not given.json:
                        _print(row)
            except Exception:
                failed = True
                print(f"{name}: could not be measured", file=sys.stderr)
                traceback.print_exc()
    if given.json:
        found = [asdict(row) | {"limit": row.limit if row.limit < INFINITE else None, "ok": row.ok} for row in rows]
        json.dump({"python": platform.python_version(), "rows": found}, sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        missed = sum(not row.ok for row in rows)
        took = time.monotonic() - began
        print(f"{len(rows)} measured in {took:.0f} s, {missed} missed; Python {platform.python_version()}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
