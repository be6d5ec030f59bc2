"""`octui ingest`: take in Asterisk's queue_log or CloudEvents; what was taken in before is passed over."""

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from octui.cli.connection import NO_SERVICE, run_with_api
from octui.cli.failures import DONE, FAILED, IN_PART, WRONG_USE, CommandError, say
from octui.cli.options import add_connection, settings
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.client.errors import ClientError, Throttled, Unreachable
from octui.intake.batches import SHOWN, Batch, Report
from octui.intake.cloud_events import CloudEvents
from octui.intake.queue_log import QueueLog
from octui.intake.reasons import ReasonsError, load
from octui.schema.audit import Via
from octui.schema.events import EventsResult

_LOOK_S = 1.0
_TRY_AGAIN_S = 5.0


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui ingest queue-log /var/log/asterisk/queue_log --service cs\n"
        "  octui ingest queue-log /var/log/asterisk/queue_log --service cs --follow\n"
        "  octui ingest events events.json --service cs"
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    log = what.add_parser(
        "queue-log",
        help="Asterisk's queue_log",
        epilog="example: octui ingest queue-log /var/log/asterisk/queue_log --service cs --reasons reasons.csv",
    )
    log.add_argument("file", type=Path)
    log.add_argument("--follow", action="store_true", help="go on with what is added, over rotation; Ctrl+C ends it")
    log.add_argument("--reasons", type=Path, metavar="FILE", help="CSV reason,state: your words for kinds of pause")
    events = what.add_parser(
        "events",
        help="CloudEvents: JSON, a JSON array, or one object a line",
        epilog="example: cat events.json | octui ingest events - --service cs",
    )
    events.add_argument("file", help="- is standard input")
    for sub in (log, events):
        sub.add_argument("--service", metavar="ID", help="may be left out where there is only one")
        sub.add_argument("--json", action="store_true", help="the summary as JSON")
        add_connection(sub)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments), via=Via.IMPORT)


@dataclass
class Tally:
    """What became of everything sent so far."""

    taken: int = 0
    duplicates: int = 0
    clamped: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[str] = field(default_factory=Counter)
    unknown_reasons: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)
    """Line and message of the first refused ones."""
    stopped: str | None = None
    """Why it ended before the end of the file."""

    def add(self, batch: Batch, result: EventsResult) -> None:
        """Count a batch's answer."""
        self.taken += result.taken
        self.duplicates += result.duplicates
        self.clamped += result.clamped
        self.by_type.update(result.by_type)
        self.unknown.update(result.unknown)
        self.unmatched.update(result.unmatched)
        self.unknown_reasons.update(result.unknown_reasons)
        self.refused += len(result.refused)
        for one in result.refused[: SHOWN - len(self.shown)]:
            self.shown.append((batch.lines[one.index], one.message))

    def exit_code(self, report: Report) -> int:
        """Done, or in part when anything was left out. Events of unknown types are passed over by rule."""
        if self.stopped is not None and not (self.taken or self.duplicates):
            return FAILED
        left_out = self.stopped is not None or self.unmatched or self.refused or report.unreadable
        return IN_PART if left_out else DONE


async def _run(api: Api, given: argparse.Namespace) -> int:
    service = await _service(api, given)
    tally = Tally()
    stopping = threading.Event()
    follow = given.what == "queue-log" and given.follow
    with ExitStack() as stack:
        report, batches = stack.enter_context(_reader(given, stopping))
        advance = stack.enter_context(_bar(report, wanted=not follow))
        stack.enter_context(_stop_on_signals(stopping))
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            try:
                tally.add(batch, await _send(api, service, batch, follow, stopping))
            except ClientError as error:
                tally.stopped = str(error)
                break
            advance()
            if stopping.is_set():
                break
        advance()
        if stopping.is_set() and not follow:
            tally.stopped = tally.stopped or "stopped by you"
    _say_what_happened(tally, report)
    if given.json:
        write_json(summary(tally, report))
    else:
        rows = [(name.removeprefix("octui."), str(count), "") for name, count in sorted(tally.by_type.items())]
        rows += [(name.removeprefix("octui."), str(n), "passed over") for name, n in sorted(tally.unknown.items())]
        if rows:
            write_table(("event", "count", ""), rows)
    return tally.exit_code(report)


async def _service(api: Api, given: argparse.Namespace) -> str:
    """The service the events are of. Raises CommandError where it must be named."""
    known = [one.id for one in (await api.services()).services]
    named: str | None = settings(given).service
    if named is None and len(known) != 1:
        raise CommandError(f"name the service: --service {' or '.join(known)}" if known else NO_SERVICE, WRONG_USE)
    service = named or known[0]
    if service not in known:
        raise CommandError(f"there is no service {service}; there are: {', '.join(known)}" if known else NO_SERVICE)
    return service


@contextmanager
def _reader(given: argparse.Namespace, stopping: threading.Event) -> Iterator[tuple[Report, Iterator[Batch]]]:
    """The report of what is read, and the reading. Raises OSError, CommandError."""
    if given.what == "queue-log":
        try:
            reasons = load(given.reasons) if given.reasons is not None else None
        except ReasonsError as error:
            raise CommandError(f"{given.reasons}: {error}", WRONG_USE) from None
        log = QueueLog(given.file, reasons=reasons)
        yield log.report, log.follow(lambda: not stopping.wait(_LOOK_S)) if given.follow else log.read()
    elif given.file == "-":
        events = CloudEvents(sys.stdin.buffer)
        yield events.report, events.read()
    else:
        with Path(given.file).open("rb") as file:
            events = CloudEvents(file, size=Path(given.file).stat().st_size)
            yield events.report, events.read()


async def _send(api: Api, service: str, batch: Batch, patient: bool, stopping: threading.Event) -> EventsResult:
    """Send a batch; who follows a file waits for a service that is away."""
    while True:
        try:
            return await api.take_in_events(service, batch.events)
        except (Unreachable, Throttled) as error:
            if not patient or stopping.is_set():
                raise
            say(f"{error} It is tried again.")
            await asyncio.sleep(_TRY_AGAIN_S)


@contextmanager
def _stop_on_signals(stopping: threading.Event) -> Iterator[None]:
    """Ctrl+C and SIGTERM end it after the batch under way; the second time at once."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopping.is_set():
            os._exit(130)  # a thread may be waiting for input that never comes; nothing acknowledged is lost
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        stopping.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextmanager
def _bar(report: Report, *, wanted: bool) -> Iterator[Callable[[], None]]:
    """A progress bar of bytes on a terminal's error output; gives what moves it on."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TextColumn("{task.fields[events]:,} events"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=report.size or None, events=0)

        def advance() -> None:
            progress.update(task, completed=report.done, total=report.size or None, events=report.events)

        yield advance


def _say_what_happened(tally: Tally, report: Report) -> None:
    for unreadable in report.shown:
        say(f"line {unreadable.line} could not be read: {unreadable.reason}: {unreadable.text}")
    _say_more(report.unreadable - len(report.shown), "unreadable lines")
    for line, message in tally.shown:
        say(f"line {line} was refused: {message}")
    _say_more(tally.refused - len(tally.shown), "refused events")
    for agent, count in tally.unmatched.most_common(SHOWN):
        say(f"agent {agent} matches nobody's CTI ID or account: {count} events left out")
    _say_more(len(tally.unmatched) - SHOWN, "agents that match nobody")
    for reason, count in tally.unknown_reasons.most_common(SHOWN):
        say(f"reason {reason!r} is not known: counted as rest, {count} times; name its state with --reasons")
    _say_more(len(tally.unknown_reasons) - SHOWN, "unknown reasons")
    clamped = tally.clamped + report.clamped
    if clamped:
        say(f"the clock ran backwards at {clamped} events; they have the time of the one before.")
    say(
        f"{report.lines} lines: {tally.taken} events taken in, {tally.duplicates} were there already, "
        f"{tally.unmatched.total()} of agents that match nobody, {tally.unknown.total()} of types without a meaning "
        f"here, {tally.refused} refused; {report.unreadable} lines unreadable, {report.blank} blank."
    )
    if tally.stopped is not None:
        say(f"ended early: {tally.stopped} What was taken in stays; run the same command again for the rest.")


def _say_more(count: int, what: str) -> None:
    if count > 0:
        say(f"and {count} more {what}")


def summary(tally: Tally, report: Report) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "lines": report.lines,
        "blank": report.blank,
        "taken": tally.taken,
        "duplicates": tally.duplicates,
        "clamped": tally.clamped + report.clamped,
        "by_type": dict(sorted(tally.by_type.items())),
        "unknown": dict(sorted(tally.unknown.items())),
        "unmatched": dict(sorted(tally.unmatched.items())),
        "unknown_reasons": dict(sorted(tally.unknown_reasons.items())),
        "refused": {"count": tally.refused, "first": [{"line": n, "reason": text} for n, text in tally.shown]},
        "unreadable": {
            "count": report.unreadable,
            "first": [{"line": one.line, "reason": one.reason, "text": one.text} for one in report.shown],
        },
        "stopped": tally.stopped,
    }
