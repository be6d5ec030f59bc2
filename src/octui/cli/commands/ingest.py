"""`octui ingest`: take in Asterisk's logs or CloudEvents; events that are stored already are skipped."""

import argparse
import asyncio
import gc
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from octui.cli.commands.cti_alias import proposal_words
from octui.cli.commands.ingest_calls import add_call_options, call_options, read_calls, say_files, say_left_out
from octui.cli.commands.ingest_check import configure_check
from octui.cli.commands.ingest_options import (
    add_log_options,
    find_service,
    follow_log,
    place_of,
    plan_files,
    read_logs,
    say_forms,
    say_gaps,
    zone_of,
)
from octui.cli.connection import add_api_command
from octui.cli.failures import DONE, FAILED, IN_PART, say
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.client.errors import ClientError, Throttled, Unreachable
from octui.intake.batches import SHOWN, Batch, Report
from octui.intake.call_log import CallBatch
from octui.intake.cloud_events import CloudEvents
from octui.intake.queue_log import RowBatch
from octui.schema.audit import Via
from octui.schema.events import EventsResult

AnyBatch = Batch | CallBatch | RowBatch
_FOLLOW_S = 0.2
_RETRY_S = 5.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui ingest queue-log /var/log/asterisk/queue_log --service cs\n"
        "  octui ingest queue-log /var/log/asterisk/queue_log --service cs --follow\n"
        "  octui ingest cdr /var/log/asterisk/cdr-csv/Master.csv --service cs --follow\n"
        "  octui ingest events events.json --service cs"
    )
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    log = subcommands.add_parser(
        "queue-log",
        help="Asterisk's queue_log",
        epilog="example: octui ingest queue-log /var/log/asterisk/queue_log --service cs --reasons reasons.csv",
    )
    add_log_options(log)
    log.add_argument("--again", action="store_true", help="from the start, also of what was read before")
    log.add_argument("--follow", action="store_true", help="go on with what is added, over rotation; Ctrl+C ends it")
    check = subcommands.add_parser(
        "check",
        help="what a queue_log would give, and where it contradicts itself; writes nothing",
        epilog="example: octui ingest check /var/log/asterisk/queue_log* --service cs",
    )
    configure_check(check)
    cdr = subcommands.add_parser(
        "cdr",
        help="outbound calls from Asterisk's CDR",
        epilog="example: octui ingest cdr /var/log/asterisk/cdr-csv/Master.csv --service cs --follow",
    )
    add_call_options(cdr, "cdr")
    cel = subcommands.add_parser(
        "cel",
        help="outbound calls from Asterisk's CEL",
        epilog="example: octui ingest cel /var/log/asterisk/cel-custom/Master.csv --service cs --follow",
    )
    add_call_options(cel, "cel")
    events = subcommands.add_parser(
        "events",
        help="CloudEvents: JSON, a JSON array, or one object a line",
        epilog="example: cat events.json | octui ingest events - --service cs",
    )
    events.add_argument("file", help="- is standard input")
    handlers = ((log, ingest_queue_log), (cdr, ingest_calls), (cel, ingest_calls), (events, ingest_events))
    for subparser, handler in handlers:
        subparser.add_argument("--service", metavar="ID", help="may be left out where there is only one")
        subparser.add_argument("--json", action="store_true", help="the summary as JSON")
        add_api_command(subparser, handler, Via.IMPORT)


@dataclass
class Tally:
    """Counts of the events sent so far, by their result: taken, duplicate, refused and so on."""

    taken: int = 0
    duplicates: int = 0
    clamped: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[str] = field(default_factory=Counter)
    expects_strangers: bool = False
    """Names that match nobody are normal: not everything that calls is an agent's."""
    proposals: dict[str, str] = field(default_factory=dict)
    """What is proposed for names that match nobody, in words."""
    unknown_reasons: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    shown: list[tuple[int, str, str]] = field(default_factory=list)
    """Line, message and file of the first refused events."""
    stopped: str | None = None
    """Why sending ended before the end of the file."""

    def add(self, batch: AnyBatch, result: EventsResult) -> None:
        """Add the server's result for a batch to the counts."""
        self.taken += result.taken
        self.duplicates += result.duplicates
        self.clamped += result.clamped
        self.by_type.update(result.by_type)
        self.unknown.update(result.unknown)
        self.unmatched.update(result.unmatched)
        self.unknown_reasons.update(result.unknown_reasons)
        self.refused += len(result.refused)
        for refusal in result.refused[: SHOWN - len(self.shown)]:
            self.shown.append((batch.lines[refusal.index], refusal.message, batch.file))

    def exit_code(self, report: Report) -> int:
        """Return DONE, or IN_PART when anything was left out. Events of unknown types are skipped by rule."""
        if self.stopped is not None and not (self.taken or self.duplicates):
            return FAILED
        unmatched = bool(self.unmatched) and not self.expects_strangers
        left_out = self.stopped is not None or unmatched or self.refused or report.unreadable or report.gaps
        return IN_PART if left_out else DONE


async def ingest_queue_log(api: Api, arguments: argparse.Namespace) -> int:
    """Take in files of a queue_log, or follow one."""
    service = await find_service(api, arguments)
    stopping = threading.Event()
    report = Report()
    known = (await api.intake_files(service.id)).files
    if arguments.follow:
        follower = follow_log(arguments, service, report, known)
        batches: Iterator[RowBatch] = follower.read(lambda: not stopping.wait(_FOLLOW_S))
    else:
        batches = read_logs(arguments, service, report, plan_files(arguments, service, known))
    batches = say_gaps(batches, report, zone_of(arguments, service))
    tally = await _send_batches(api, service.id, report, batches, stopping, follow=arguments.follow)
    await _find_proposals(api, service.id, tally)
    say_forms(report)
    return _report_outcome(tally, report, as_json=arguments.json)


async def ingest_calls(api: Api, arguments: argparse.Namespace) -> int:
    """Take in outbound calls from a CDR or CEL, once or as they are written."""
    service = await find_service(api, arguments)
    stopping = threading.Event()
    tally, report = Tally(expects_strangers=True), Report()
    options = call_options(arguments, service, report)
    known = (await api.intake_files(service.id)).files
    batches = read_calls(arguments, options, known, tally.unmatched, lambda: not stopping.wait(_FOLLOW_S))
    batches = say_gaps(batches, report, zone_of(arguments, service))
    await _send_batches(api, service.id, report, batches, stopping, follow=arguments.follow, tally=tally)
    tally.unmatched += options.left_out or Counter()
    say_left_out(tally.unmatched)
    say_files(report)
    return _report_outcome(tally, report, as_json=arguments.json)


async def ingest_events(api: Api, arguments: argparse.Namespace) -> int:
    """Take in CloudEvents from a file or standard input."""
    service = await find_service(api, arguments)
    with _open_events(arguments.file) as events:
        tally = await _send_batches(api, service.id, events.report, events.read(), threading.Event())
    await _find_proposals(api, service.id, tally)
    return _report_outcome(tally, events.report, as_json=arguments.json)


async def _find_proposals(api: Api, service: str, tally: Tally) -> None:
    """Return the agents proposed for names that match no agent, or none if the service has no phone."""
    if not tally.unmatched:
        return
    try:
        rows = (await api.unmatched_names(service)).names
    except ClientError:
        return
    tally.proposals = {row.name: words for row in rows if (words := proposal_words(row))}


@contextmanager
def _open_events(name: str) -> Iterator[CloudEvents]:
    if name == "-":
        yield CloudEvents(sys.stdin.buffer)
        return
    path = Path(name)
    with path.open("rb") as file:
        yield CloudEvents(file, size=path.stat().st_size)


async def _send_batches(
    api: Api,
    service: str,
    report: Report,
    batches: Iterator[AnyBatch],
    stopping: threading.Event,
    *,
    follow: bool = False,
    tally: Tally | None = None,
) -> Tally:
    """Send all batches with a progress bar; after Ctrl+C has set `stopping`, only the current batch is finished."""
    tally = Tally() if tally is None else tally
    with _progress_bar(report, visible=not follow) as advance, _stop_on_signals(stopping), _rare_collections():
        reading = _read_batch(batches)
        try:
            while (batch := await reading) is not None:
                reading = _read_batch(batches)  # the next one, while the server works
                tally.add(batch, await _send_batch(api, service, batch, stopping if follow else None))
                del batch
                gc.collect()  # the request holds the batch in a circle
                advance()
                if stopping.is_set():
                    break
        except ClientError as error:
            tally.stopped = str(error)
        was_stopped = stopping.is_set()
        stopping.set()  # which ends the waiting for more lines
        await asyncio.gather(reading, return_exceptions=True)
        advance()
        if was_stopped and not follow:
            tally.stopped = tally.stopped or "stopped by you"
    return tally


def _read_batch(batches: Iterator[AnyBatch]) -> "asyncio.Task[AnyBatch | None]":
    """Begin to read the next batch in a thread."""
    return asyncio.create_task(asyncio.to_thread(next, batches, None))


async def _send_batch(api: Api, service: str, batch: AnyBatch, stopping: threading.Event | None) -> EventsResult:
    """Send a batch, waiting for an unreachable server until `stopping` is set."""
    while True:
        try:
            if isinstance(batch, RowBatch):
                return await api.take_in_queue_log(service, batch.rows, batch.named_states(), batch.position)
            if isinstance(batch, CallBatch):
                return await api.take_in_file_events(service, batch.events, batch.lines, batch.position)
            return await api.take_in_events(service, batch.events)
        except (Unreachable, Throttled) as error:
            if stopping is None or stopping.is_set():
                raise
            say(f"{error} It is tried again.")
            await asyncio.sleep(_RETRY_S)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Run Python's garbage collector on request only: among a batch's rows it took a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1000)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@contextmanager
def _stop_on_signals(stopping: threading.Event) -> Iterator[None]:
    """Let the first Ctrl+C or SIGTERM set `stopping`, and the second end the program at once."""
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
def _progress_bar(report: Report, *, visible: bool) -> Iterator[Callable[[], None]]:
    """Draw a progress bar of bytes on stderr if that is a terminal; yield the function that advances it."""
    if not (visible and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TextColumn("{task.fields[events]:,} events"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=report.size or None, events=0)

        def advance() -> None:
            progress.update(task, completed=report.bytes_read, total=report.size or None, events=report.events)

        yield advance


def _report_outcome(tally: Tally, report: Report, *, as_json: bool) -> int:
    _print_problems(tally, report)
    if as_json:
        write_json(summary_of(tally, report))
    else:
        rows = [(_short_name(type), str(count), "") for type, count in sorted(tally.by_type.items())]
        rows += [(_short_name(type), str(count), "passed over") for type, count in sorted(tally.unknown.items())]
        if rows:
            write_table(("event", "count", ""), rows)
    return tally.exit_code(report)


def _short_name(event_type: str) -> str:
    return event_type.removeprefix("octui.")


def _print_problems(tally: Tally, report: Report) -> None:
    for unreadable in report.examples:
        place = place_of(unreadable.line, unreadable.file)
        say(f"{place} could not be read: {unreadable.reason}: {unreadable.text}")
    _say_remaining(report.unreadable - len(report.examples), "unreadable lines")
    for line, message, file in tally.shown:
        say(f"{place_of(line, file)} was refused: {message}")
    _say_remaining(tally.refused - len(tally.shown), "refused events")
    strangers = Counter[str]() if tally.expects_strangers else tally.unmatched
    for agent, count in strangers.most_common(SHOWN):
        proposal = tally.proposals.get(agent)
        say(f"agent {agent} matches nobody: {count} events left out" + (f"; {proposal}" if proposal else ""))
    _say_remaining(len(strangers) - SHOWN, "agents that match nobody")
    if tally.proposals:
        say("take proposals with these commands, or all: octui cti alias add --proposed; then take in the file again.")
    for reason, count in tally.unknown_reasons.most_common(SHOWN):
        say(f"reason {reason!r} is not known: counted as rest, {count} times; name its state with --reasons")
    _say_remaining(len(tally.unknown_reasons) - SHOWN, "unknown reasons")
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


def _say_remaining(count: int, things: str) -> None:
    if count > 0:
        say(f"and {count} more {things}")


def summary_of(tally: Tally, report: Report) -> dict[str, Any]:
    """Return the counts that `--json` prints."""
    return {
        "lines": report.lines,
        "blank": report.blank,
        "taken": tally.taken,
        "duplicates": tally.duplicates,
        "clamped": tally.clamped + report.clamped,
        "by_type": dict(sorted(tally.by_type.items())),
        "unknown": dict(sorted(tally.unknown.items())),
        "unmatched": dict(sorted(tally.unmatched.items())),
        "proposals": dict(sorted(tally.proposals.items())),
        "unknown_reasons": dict(sorted(tally.unknown_reasons.items())),
        "refused": {"count": tally.refused, "first": [{"line": n, "reason": text} for n, text, _ in tally.shown]},
        "unreadable": {
            "count": report.unreadable,
            "first": [{"line": line.line, "reason": line.reason, "text": line.text} for line in report.examples],
        },
        "files": [asdict(file) for file in report.files],
        "gaps": [asdict(gap) for gap in report.gaps],
        "stopped": tally.stopped,
    }
