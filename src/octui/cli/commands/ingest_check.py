"""`octui ingest check`: what a queue_log would give, and where it contradicts itself, without writing anything."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from octui.cli.commands.ingest_options import add_log_options, find_service, own_reasons, place_of, read_logs
from octui.cli.connection import add_api_command
from octui.cli.failures import DONE, IN_PART, say
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.intake.batches import SHOWN, Report
from octui.intake.consistency import SENTENCES, Consistency
from octui.intake.queue_log import RowBatch
from octui.schema.audit import Via
from octui.schema.events import LARGEST_CHECK, LogNames, LogNamesResult

_BATCHES_AT_ONCE = 20


def configure_check(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `octui ingest check`."""
    add_log_options(parser)
    parser.add_argument("--service", metavar="ID", help="may be left out where there is only one")
    parser.add_argument("--json", action="store_true")
    add_api_command(parser, check_log, Via.IMPORT)


async def check_log(api: Api, arguments: argparse.Namespace) -> int:
    """Read the files, ask the server for their names, and say what was found."""
    service = await find_service(api, arguments)
    zone = ZoneInfo(service.time_zone)
    report = Report()
    consistency = Consistency(zone, own_reasons(arguments))
    batches = read_logs(arguments, service, report)
    while await asyncio.to_thread(_read_some, batches, consistency):
        pass
    consistency.finish()
    known = await _ask_names(api, service.id, consistency)
    unmatched = {name: consistency.names[name] for name, account in known.accounts.items() if account is None}
    purged = sum(count for day, count in consistency.days.items() if f"{day:%Y-%m-%d}" < (known.first_day or ""))
    if arguments.json:
        write_json(_document_of(consistency, report, known, service.time_zone, purged))
    else:
        _print_report(consistency, report, known, zone)
    _say_problems(report, unmatched, known, purged)
    return IN_PART if report.unreadable or unmatched or purged else DONE


def _read_some(batches: Iterator[RowBatch], consistency: Consistency) -> bool:
    """Check the next batches; return whether there were any. Ctrl+C is heard between two calls."""
    found = False
    for batch in islice(batches, _BATCHES_AT_ONCE):
        consistency.add_rows(batch.rows, batch.file)
        found = True
    return found


async def _ask_names(api: Api, service: str, consistency: Consistency) -> LogNamesResult:
    """Return what the server knows of the names, events and reasons of the log."""
    names, events, reasons = (list(counter) for counter in (consistency.names, consistency.events, consistency.reasons))
    answer = await api.check_log_names(service, LogNames(events=events[:LARGEST_CHECK]))
    for start in range(0, max(len(names), len(reasons)), LARGEST_CHECK):
        end = start + LARGEST_CHECK
        more = await api.check_log_names(service, LogNames(names=names[start:end], reasons=reasons[start:end]))
        answer.accounts.update(more.accounts)
        answer.unknown_reasons.extend(more.unknown_reasons)
    return answer


def _local_time(at: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _print_report(consistency: Consistency, report: Report, known: LogNamesResult, zone: ZoneInfo) -> None:
    files = [
        (file.name, str(file.lines), str(file.events), file.format, "newest first" if file.newest_first else "")
        for file in report.files
    ]
    write_table(("file", "lines", "events", "format", "order"), files)
    if report.events:
        print()
        write_table(("from", "to", "time zone"), [(*_span(consistency.first, consistency.last, zone), zone.key)])
    days = [(f"{day:%Y-%m-%d}", str(count)) for day, count in sorted(consistency.days.items())]
    _print_section(("day", "events"), days)
    gaps = [_span(gap.start, gap.end, zone) for gap in consistency.gaps]
    _print_section(("nothing from", "to"), gaps)
    passed_over = dict.fromkeys(known.unknown_events, "passed over")
    events = [(name, str(count), passed_over.get(name, "")) for name, count in _by_count(consistency.events)]
    _print_section(("event", "count", ""), events)
    names = [(name, str(count), known.accounts.get(name) or "nobody") for name, count in _by_count(consistency.names)]
    _print_section(("name", "events", "agent"), names)
    rows = []
    for kind, found in sorted(consistency.contradictions.items()):
        head = (SENTENCES[kind], str(found.count))
        for place in found.first:
            rows.append((*head, place_of(place.line, place.file), place.text))
            head = ("", "")
    _print_section(("contradiction", "count", "first", ""), rows)


def _print_section(columns: tuple[str, ...], rows: list[Any]) -> None:
    if rows:
        print()
        write_table(columns, rows)


def _span(start: int, end: int, zone: ZoneInfo) -> tuple[str, str]:
    return _local_time(start, zone), _local_time(end, zone)


def _by_count(counter: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))


def _say_problems(report: Report, unmatched: dict[str, int], known: LogNamesResult, purged: int) -> None:
    for unreadable in report.examples:
        place = place_of(unreadable.line, unreadable.file)
        say(f"{place} cannot be read: {unreadable.reason}: {unreadable.text}")
    if report.unreadable > len(report.examples):
        say(f"and {report.unreadable - len(report.examples)} more unreadable lines")
    for reason in known.unknown_reasons[:SHOWN]:
        say(f"reason {reason!r} is not known: it will count as rest; name its state with --reasons")
    if purged:
        say(f"{purged} events are of days before {known.first_day}, whose CTI log has been purged: they are refused")
    left_out = sum(unmatched.values())
    say(
        f"{report.lines} lines: {report.events - left_out - purged} events would be taken in or are there already, "
        f"{left_out} are of names that match nobody; {report.unreadable} lines unreadable, {report.blank} blank."
    )


def _document_of(
    consistency: Consistency, report: Report, known: LogNamesResult, time_zone: str, purged: int
) -> dict[str, Any]:
    """Return what `--json` prints. Times are epoch ms."""
    events = dict(_by_count(consistency.events))
    return {
        "files": [asdict(file) for file in report.files],
        "lines": report.lines,
        "blank": report.blank,
        "events": report.events,
        "clamped": report.clamped,
        "purged": purged,
        "first": consistency.first or None,
        "last": consistency.last or None,
        "time_zone": time_zone,
        "days": {f"{day:%Y-%m-%d}": count for day, count in sorted(consistency.days.items())},
        "gaps": [asdict(gap) for gap in consistency.gaps],
        "by_event": events,
        "unknown": {name: events[name] for name in known.unknown_events},
        "names": {
            name: {"events": count, "agent": known.accounts.get(name)} for name, count in _by_count(consistency.names)
        },
        "unknown_reasons": {reason: consistency.reasons[reason] for reason in known.unknown_reasons},
        "unreadable": {"count": report.unreadable, "first": [asdict(line) for line in report.examples]},
        "contradictions": {kind.value: asdict(found) for kind, found in sorted(consistency.contradictions.items())},
    }
