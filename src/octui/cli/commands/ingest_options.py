"""What the commands that read logs share: their options, their service and the reading of several files."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from octui.cli.connection import NO_SERVICE, missing_service
from octui.cli.failures import WRONG_USE, CommandError, say
from octui.cli.settings import settings_of
from octui.client.api import Api
from octui.intake.batches import Report
from octui.intake.queue_log import RowBatch, read_queue_logs
from octui.intake.queue_log_formats import FORMATS, QUEUE_LOG
from octui.intake.reasons import ReasonsError, load_reasons
from octui.schema.contracts import Service


def add_log_options(parser: argparse.ArgumentParser) -> None:
    """Add the files and how they are to be read."""
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
    """Return the states of the center's own pause reasons. Raises CommandError, OSError."""
    if arguments.reasons is None:
        return {}
    try:
        return load_reasons(arguments.reasons)
    except ReasonsError as error:
        raise CommandError(f"{arguments.reasons}: {error}", WRONG_USE) from None


def zone_of(arguments: argparse.Namespace, service: Service) -> ZoneInfo:
    """Return the time zone of times that have none."""
    zone: ZoneInfo = arguments.time_zone or ZoneInfo(service.time_zone)
    return zone


def read_logs(arguments: argparse.Namespace, service: Service, report: Report) -> Iterator[RowBatch]:
    """Read the files of the arguments in the order of their times. Raises CommandError, OSError, QueueLogError."""
    return read_queue_logs(
        arguments.files,
        reasons=own_reasons(arguments),
        zone=zone_of(arguments, service),
        only=arguments.format,
        report=report,
    )


def say_forms(report: Report) -> None:
    """Say how files were read that are not in the usual form or order."""
    for file in report.files:
        order = ", newest first" if file.newest_first else ""
        if order or file.format != QUEUE_LOG or len(report.files) > 1:
            say(f"{file.name}: {file.lines} lines, format {file.format}{order}.")


def place_of(line: int, file: str) -> str:
    """Return a line's place in words, with its file where there are several."""
    return f"{file} line {line}" if file else f"line {line}"
