"""Options, service lookup and file reading shared by the commands that read PBX logs."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from octui.cli.connection import NO_SERVICE, missing_service
from octui.cli.failures import WRONG_USE, CommandError, say
from octui.cli.settings import settings_of
from octui.client.api import Api
from octui.intake.batches import SHOWN, Report
from octui.intake.follow import Follower
from octui.intake.log_reader import BatchT, MakeReader, read_plan
from octui.intake.positions import Part, Plan, plan_file, plan_log
from octui.intake.queue_log import RowBatch, order_logs, queue_log_maker
from octui.intake.queue_log_formats import FORMATS, QUEUE_LOG
from octui.intake.reasons import ReasonsError, load_reasons
from octui.schema.contracts import Service
from octui.schema.events import IntakeFile


def add_log_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for queue_log files: paths, format, time zone and pause reasons."""
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="plain or .gz; several in any order")
    parser.add_argument("--format", choices=FORMATS, help="else the first lines tell it")
    parser.add_argument(
        "--time-zone", type=parse_zone, metavar="TZ", help="of times without one in a table; else the service's"
    )
    parser.add_argument("--reasons", type=Path, metavar="FILE", help="CSV reason,state: your words for kinds of pause")


def parse_zone(name: str) -> ZoneInfo:
    """Return the time zone of an argument. Raises ArgumentTypeError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"{name!r} is no time zone; one is Asia/Seoul") from None


async def find_service(api: Api, arguments: argparse.Namespace) -> Service:
    """Return the service that the events belong to. Raises CommandError where it must be named."""
    services = {service.id: service for service in (await api.services()).services}
    ids = list(services)
    named = settings_of(arguments).service
    if named is None and len(ids) != 1:
        raise CommandError(f"name the service: --service {' or '.join(ids)}" if ids else NO_SERVICE, WRONG_USE)
    service = services.get(named or ids[0])
    if service is None:
        raise CommandError(missing_service(named or "", ids))
    return service


def own_reasons(arguments: argparse.Namespace) -> Mapping[str, str]:
    """Return the phone states for the pause reasons in the file of `--reasons`. Raises CommandError, OSError."""
    if arguments.reasons is None:
        return {}
    try:
        return load_reasons(arguments.reasons)
    except ReasonsError as error:
        raise CommandError(f"{arguments.reasons}: {error}", WRONG_USE) from None


def zone_of(arguments: argparse.Namespace, service: Service) -> ZoneInfo:
    """Return the time zone of log times that do not name one."""
    zone: ZoneInfo = arguments.time_zone or ZoneInfo(service.time_zone)
    return zone


def plan_files(arguments: argparse.Namespace, service: Service, known: Sequence[IntakeFile]) -> Plan:
    """Return the log files to read, each from its position in `known` on. Raises OSError, QueueLogError.

    One file is read with its rotated predecessors, as far as they were begun; of several, just those.
    """
    paths: list[Path] = arguments.files
    if len(paths) == 1 and paths[0].is_file():
        plan = plan_log(paths[0], known, again=arguments.again)
        say_plan(plan, again=arguments.again)
        return plan
    paths = order_logs(paths, zone=zone_of(arguments, service), only=arguments.format)
    return Plan([plan_file(path, known, again=arguments.again) for path in paths])


def say_plan(plan: Plan, command: str = "queue-log", *, again: bool) -> None:
    """Print which rotated files are read as well, and which files are skipped because they were read before."""
    for part in plan.parts:
        if part.fills_in:
            say(f"{part.path} is read again: what was left out of it before can be taken in now.")
    for part in plan.parts[:-1]:
        if part.known is not None or again:  # which asks for files that were read
            continue
        say(f"{part.path} was not read before and comes first.")
    if plan.unread:
        names = " ".join(str(path) for path in plan.unread[:SHOWN])
        say(f"older files beside it were never read; for their days too: octui ingest {command} {names}")


def read_logs(
    arguments: argparse.Namespace, service: Service, report: Report, plan: Plan | None = None
) -> Iterator[RowBatch]:
    """Read the log files of the arguments in order of time, as `plan` says or each from its start.

    Raises CommandError, OSError, QueueLogError.
    """
    if plan is None:
        paths = order_logs(arguments.files, zone=zone_of(arguments, service), only=arguments.format)
        plan = Plan([Part(path) for path in paths])
    return read_plan(plan, _reader_maker(arguments, service, report), report)


def _reader_maker(arguments: argparse.Namespace, service: Service, report: Report) -> MakeReader[RowBatch]:
    return queue_log_maker(
        reasons=own_reasons(arguments), zone=zone_of(arguments, service), only=arguments.format, report=report
    )


def follow_log(
    arguments: argparse.Namespace, service: Service, report: Report, known: Sequence[IntakeFile]
) -> Follower[RowBatch]:
    """Return the reader that follows the file of the arguments. Raises CommandError, OSError."""
    if len(arguments.files) > 1:
        raise CommandError("follow one file: take in the older ones first, without --follow.", WRONG_USE)
    refuse_compressed(arguments.files[0])
    say_plan(plan_log(arguments.files[0], known, again=arguments.again), again=arguments.again)
    make_reader = _reader_maker(arguments, service, report)
    return Follower(arguments.files[0], make_reader, known=known, again=arguments.again, report=report)


def refuse_compressed(path: Path) -> None:
    """Raise CommandError if the file to follow is compressed: nothing is ever added to such a file. Raises OSError."""
    if path.is_file():
        with path.open("rb") as file:
            if file.read(2) == b"\x1f\x8b":
                raise CommandError(f"{path} is compressed, so nothing is added to it: leave out --follow.", WRONG_USE)


def say_gaps(batches: Iterator[BatchT], report: Report, zone: ZoneInfo) -> Iterator[BatchT]:
    """Pass the batches on, and print at once between which times log lines may be missing."""
    told = 0
    for batch in batches:
        for gap in report.gaps[told:]:
            last, following = (_shown_time(at, zone) for at in (gap.last, gap.next))
            say(
                f"{gap.file}: the file read last is not there any more, so lines may be missing: "
                f"last line read at {last}, next line at {following}."
            )
        told = len(report.gaps)
        yield batch


def _shown_time(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d %H:%M:%S") if at else "an unknown time"


def say_forms(report: Report) -> None:
    """Print which files have an unusual form or order, and how much of them had been read before."""
    for file in report.files:
        if file.begun:
            say(f"{file.name}: lines 1 to {file.begun} were read before; --again reads them once more.")
        order = ", newest first" if file.newest_first else ""
        if order or file.format != QUEUE_LOG or len(report.files) > 1:
            say(f"{file.name}: {file.lines} lines, format {file.format}{order}.")


def place_of(line: int, file: str) -> str:
    """Return a line's number as text, with its file name where several files are read."""
    return f"{file} line {line}" if file else f"line {line}"
