"""`octui ingest cdr` and `octui ingest cel`: outbound calls from Asterisk's call records (rules.md 46)."""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from octui.cli.commands.ingest_options import parse_zone
from octui.cli.failures import say
from octui.intake.batches import SHOWN, Batch, Report
from octui.intake.call_log import CallLog, CallParser
from octui.intake.cdr import CdrParser
from octui.intake.cel import CelParser
from octui.schema.contracts import Service

_PARSERS: Mapping[str, type[CdrParser] | type[CelParser]] = {"cdr": CdrParser, "cel": CelParser}


def add_call_options(parser: argparse.ArgumentParser, kind: str) -> None:
    """Add the file and how its times are to be read."""
    parser.set_defaults(calls=kind)
    parser.add_argument("file", type=Path, metavar="FILE", help="plain or .gz")
    zone = parser.add_mutually_exclusive_group()
    zone.add_argument(
        "--time-zone", type=parse_zone, metavar="TZ", help="of times without one; else the unique IDs or the service's"
    )
    zone.add_argument("--utc", action="store_true", help="times without a zone are UTC (usegmtime=yes)")
    parser.add_argument("--follow", action="store_true", help="go on with what is added, over rotation; Ctrl+C ends it")


def open_calls(arguments: argparse.Namespace, service: Service) -> CallLog:
    """Return the reader of the file of the arguments."""
    named: tzinfo | None = UTC if arguments.utc else arguments.time_zone
    parser: CallParser = _PARSERS[arguments.calls](
        Report(), zone=named or ZoneInfo(service.time_zone), is_zone_named=named is not None
    )
    return CallLog(arguments.file, parser)


def read_calls(log: CallLog, unmatched: Counter[str]) -> Iterator[Batch]:
    """Read the file once, without what is of phones and trunks that were found to match nobody."""
    for batch in log.read():
        yield batch
        log.leave_out(unmatched)


def say_left_out(log: CallLog, unmatched: Counter[str], service: Service) -> None:
    """Say whose calls were left out, and in which time zone the times were read, if it is not the service's."""
    phones = unmatched + log.left_out
    if phones:
        most = ", ".join(f"{phone} ({count})" for phone, count in phones.most_common(SHOWN))
        more = f" and {len(phones) - SHOWN} more" if len(phones) > SHOWN else ""
        say(f"trunks and phones that are no agent's, with their events left out: {most}{more}.")
    foreign = log.parser.clock.foreign
    if foreign is not None:
        zone = timezone(timedelta(milliseconds=foreign))
        say(f"the unique IDs say that the times are {zone}, not {service.time_zone}: they were read so.")
