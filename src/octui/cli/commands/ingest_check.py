"""`octui ingest check`: report what a queue_log contains and where it contradicts itself, without storing anything."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
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

_BATCHES_AT_ONCE = 5


def configure_check(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `octui ingest check`."""
    add_log_options(parser)
    parser.add_argument("--service", metavar="ID", help="may be left out where there is only one")
    parser.add_argument("--json", action="store_true")
    add_api_command(parser, check_log, Via.IMPORT)


@dataclass(frozen=True)
class _Finding:
    """Content of the files read, and what the server knows of the names in them."""

    report: Report
    consistency: Consistency
    known: LogNamesResult
    zone: ZoneInfo

    @cached_property
    def names(self) -> dict[str, int]:
        """Return the number of events by agent name, the most frequent first, without events of ignored types."""
        return dict(_by_count(self.consistency.count_names(self.known.unknown_events)))

    @cached_property
    def unmatched_count(self) -> int:
        """Return the number of events whose agent name matches no agent."""
        return sum(count for name, count in self.names.items() if self.known.accounts.get(name) is None)

    @cached_property
    def purged_count(self) -> int:
        """Return the number of events from days whose CTI log has been purged."""
        first = self.known.first_day or ""
        return sum(count for day, count in self.consistency.days.items() if f"{day:%Y-%m-%d}" < first)

    @cached_property
    def ignored_count(self) -> int:
        """Return the number of events of types that octui ignores."""
        return sum(self.consistency.events[event] for event in self.known.unknown_events)


async def check_log(api: Api, arguments: argparse.Namespace) -> int:
    """Read the files, look up their names on the server, and print a report."""
    service = await find_service(api, arguments)
    zone = ZoneInfo(service.time_zone)
    report = Report()
    consistency = Consistency(zone, own_reasons(arguments))
    batches = read_logs(arguments, service, report)
    while await asyncio.to_thread(_read_some, batches, consistency):
        pass
    consistency.finish()
    finding = _Finding(report, consistency, await _ask_names(api, service.id, consistency), zone)
    if arguments.json:
        write_json(_document_of(finding))
    else:
        _print_finding(finding)
    _say_problems(finding)
    return IN_PART if report.unreadable or finding.unmatched_count or finding.purged_count else DONE


def _read_some(batches: Iterator[RowBatch], consistency: Consistency) -> bool:
    """Check the next batches and return whether there were any; brief, so that Ctrl+C is noticed in between."""
    found = False
    for batch in islice(batches, _BATCHES_AT_ONCE):
        consistency.add_rows(batch.rows, batch.file)
        found = True
    return found


async def _ask_names(api: Api, service: str, consistency: Consistency) -> LogNamesResult:
    """Ask the server which agents, events and pause reasons of the log it knows."""
    names, reasons = list(consistency.count_names()), list(consistency.reasons)
    answer = await api.check_log_names(service, LogNames())
    for start in range(0, len(consistency.events), LARGEST_CHECK):
        events = list(consistency.events)[start : start + LARGEST_CHECK]
        more = await api.check_log_names(service, LogNames(events=events))
        answer.unknown_events.extend(more.unknown_events)
    for start in range(0, max(len(names), len(reasons)), LARGEST_CHECK):
        end = start + LARGEST_CHECK
        more = await api.check_log_names(service, LogNames(names=names[start:end], reasons=reasons[start:end]))
        answer.accounts.update(more.accounts)
        answer.unknown_reasons.extend(more.unknown_reasons)
    return answer


def _print_finding(finding: _Finding) -> None:
    report, consistency, known, zone = finding.report, finding.consistency, finding.known, finding.zone
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
    ignored = dict.fromkeys(known.unknown_events, "passed over")
    events = [(name, str(count), ignored.get(name, "")) for name, count in _by_count(consistency.events)]
    _print_section(("event", "count", ""), events)
    names = [(name, str(count), known.accounts.get(name) or "nobody") for name, count in finding.names.items()]
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


def _local_time(at: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at / 1000, zone):%Y-%m-%d %H:%M:%S}"


def _span(start: int, end: int, zone: ZoneInfo) -> tuple[str, str]:
    return _local_time(start, zone), _local_time(end, zone)


def _by_count(counter: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))


def _say_problems(finding: _Finding) -> None:
    report, known = finding.report, finding.known
    for unreadable in report.examples:
        place = place_of(unreadable.line, unreadable.file)
        say(f"{place} cannot be read: {unreadable.reason}: {unreadable.text}")
    if report.unreadable > len(report.examples):
        say(f"and {report.unreadable - len(report.examples)} more unreadable lines")
    for reason in known.unknown_reasons[:SHOWN]:
        say(f"reason {reason!r} is not known: it will count as rest; name its state with --reasons")
    if finding.purged_count:
        say(f"{finding.purged_count} events are of days before {known.first_day}, of which the CTI log has been purged")
    rest = max(0, report.events - finding.unmatched_count - finding.purged_count - finding.ignored_count)
    say(
        f"{report.lines} lines: {rest} events would be taken in or are there already, "
        f"{finding.unmatched_count} are of names that match nobody, "
        f"{finding.ignored_count} of types without a meaning here; {report.unreadable} lines unreadable, "
        f"{report.blank} blank."
    )


def _document_of(finding: _Finding) -> dict[str, Any]:
    """Return the report as the JSON document that `--json` prints. Times are epoch ms."""
    report, consistency, known = finding.report, finding.consistency, finding.known
    events = dict(_by_count(consistency.events))
    return {
        "files": [asdict(file) for file in report.files],
        "lines": report.lines,
        "blank": report.blank,
        "events": report.events,
        "clamped": report.clamped,
        "purged": finding.purged_count,
        "first": consistency.first or None,
        "last": consistency.last or None,
        "time_zone": finding.zone.key,
        "days": {f"{day:%Y-%m-%d}": count for day, count in sorted(consistency.days.items())},
        "gaps": [asdict(gap) for gap in consistency.gaps],
        "by_event": events,
        "unknown": {name: events[name] for name in known.unknown_events},
        "names": {name: {"events": count, "agent": known.accounts.get(name)} for name, count in finding.names.items()},
        "unknown_reasons": {reason: consistency.reasons[reason] for reason in known.unknown_reasons},
        "unreadable": {"count": report.unreadable, "first": [asdict(line) for line in report.examples]},
        "contradictions": {kind.value: asdict(found) for kind, found in sorted(consistency.contradictions.items())},
    }
