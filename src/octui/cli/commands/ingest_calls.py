"""`octui ingest cdr` and `octui ingest cel`: outbound calls from Asterisk's call records (rules.md 46)."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from octui.cli.commands.ingest_options import parse_zone, refuse_compressed, say_plan
from octui.cli.failures import WRONG_USE, CommandError, say
from octui.intake.batches import SHOWN, Report
from octui.intake.call_log import CallBatch, CallOptions, call_log_maker
from octui.intake.follow import Follower
from octui.intake.log_reader import read_plan
from octui.intake.positions import Plan, plan_file, plan_log
from octui.schema.contracts import Service
from octui.schema.events import IntakeFile


def add_call_options(parser: argparse.ArgumentParser, kind: str) -> None:
    """Add the command-line options for reading CDR and CEL files."""
    parser.set_defaults(calls=kind)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="plain or .gz; several, oldest first")
    zone = parser.add_mutually_exclusive_group()
    zone.add_argument(
        "--time-zone", type=parse_zone, metavar="TZ", help="of times without one; else the unique IDs or the service's"
    )
    zone.add_argument("--utc", action="store_true", help="times without a zone are UTC (usegmtime=yes)")
    parser.add_argument("--again", action="store_true", help="from the start, also of what was read before")
    parser.add_argument("--follow", action="store_true", help="go on with what is added, over rotation; Ctrl+C ends it")


def call_options(arguments: argparse.Namespace, service: Service, report: Report) -> CallOptions:
    """Return the reading options that the arguments give. Raises CommandError."""
    if arguments.follow and len(arguments.files) > 1:
        raise CommandError("follow one file: take in the older ones first, without --follow.", WRONG_USE)
    named: tzinfo | None = UTC if arguments.utc else arguments.time_zone
    left_out = None if arguments.follow else Counter[str]()
    return CallOptions(arguments.calls, report, named or ZoneInfo(service.time_zone), named is not None, left_out)


def read_calls(
    arguments: argparse.Namespace,
    options: CallOptions,
    known: Sequence[IntakeFile],
    unmatched: Counter[str],
    wait: Callable[[], bool],
) -> Iterator[CallBatch]:
    """Yield batches of events from CDR or CEL files, each after its stored position, or from one that grows.

    One file is read with its rotated predecessors, as far as they were begun, and without the calls of phones and
    trunks that have turned out to be `unmatched`. Raises OSError, CallLogError.
    """
    paths, again, kind, make_reader = arguments.files, arguments.again, options.kind, call_log_maker(options)
    if arguments.follow:
        refuse_compressed(paths[0])
        say_plan(plan_log(paths[0], known, again=again, kind=kind), kind, again=again)
        follower = Follower(paths[0], make_reader, kind=kind, known=known, again=again, report=options.report)
        yield from follower.read(wait)
        return
    if len(paths) == 1 and paths[0].is_file():
        plan = plan_log(paths[0], known, again=again, kind=kind)
        say_plan(plan, kind, again=again)
    else:
        plan = Plan([plan_file(path, known, again=again, kind=kind) for path in paths])
    for batch in read_plan(plan, make_reader, options.report):
        yield batch
        if options.left_out is not None:
            options.left_out.update(dict.fromkeys(unmatched.keys() - options.left_out.keys(), 0))


def say_left_out(phones: Counter[str]) -> None:
    """Print which phones and trunks match no agent."""
    if phones:
        most = ", ".join(f"{phone} ({count})" for phone, count in phones.most_common(SHOWN))
        more = f" and {len(phones) - SHOWN} more" if len(phones) > SHOWN else ""
        say(f"trunks and phones that are no agent's, with their events left out: {most}{more}.")


def say_files(report: Report) -> None:
    """Print how much of each file had been read before, and its time zone if that is not the expected one."""
    for file in report.files:
        if file.begun:
            say(f"{file.name}: lines 1 to {file.begun} were read before; --again reads them once more.")
        if file.zone:
            say(f"{file.name}: the unique IDs say that its times are {file.zone}; they were read so.")
