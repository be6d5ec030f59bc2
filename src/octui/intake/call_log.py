"""Reader of CDR and CEL files, once or while they grow (follow.py)."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, BinaryIO

from octui.intake.batches import BATCH, FileReport, Gap, Report
from octui.intake.cdr import CdrParser
from octui.intake.cel import CelParser
from octui.intake.follow import Follower
from octui.intake.log_files import CHUNK, DamagedFileError, LineBuffer, LogFile, open_log
from octui.intake.positions import CDR, CEL, Part, Plan, Progress, last_time, skip_to
from octui.intake.queue_log_formats import Unreadable
from octui.schema.events import FilePosition, IntakeFile

CallParser = CdrParser | CelParser
_PARSERS: dict[str, type[CdrParser] | type[CelParser]] = {CDR: CdrParser, CEL: CelParser}
_BOM = b"\xef\xbb\xbf"


class CallLogError(Exception):
    """A file without calls in it; the message is a sentence for people."""


@dataclass(frozen=True)
class CallBatch:
    """At most 500 events, the line of each, their file where there are several, and how far it has been read."""

    events: list[dict[str, Any]]
    lines: list[int]
    file: str
    position: FilePosition | None

    @property
    def first_at(self) -> int:
        """Return the time of the first event (epoch ms)."""
        return int(datetime.fromisoformat(self.events[0]["time"]).timestamp() * 1000)


@dataclass
class CallOptions:
    """How files are read. `kind`: cdr or cel. `zone`: of times without one; a guess unless `is_zone_named`.

    `report` is kept up to date. `left_out` counts the events of phones that match nobody and are not given out.
    """

    kind: str
    report: Report
    zone: tzinfo = UTC
    is_zone_named: bool = False
    left_out: Counter[str] | None = None

    def make_parser(self) -> CallParser:
        """Return a parser that has not seen a line."""
        return _PARSERS[self.kind](zone=self.zone, is_zone_named=self.is_zone_named)


class CallLog:
    """Reader of one file.

    `predecessor`: the parser of the file before. `name`: the file's name in the report, where there are several.
    `known`: what was read of it before, as it is found in the file (positions.py).
    """

    def __init__(
        self,
        path: Path,
        options: CallOptions,
        *,
        predecessor: CallParser | None = None,
        name: str = "",
        known: IntakeFile | None = None,
    ) -> None:
        self.path = path
        self.report = options.report
        self._options = options
        self._name = name
        self._lines = LineBuffer()
        self._known = known
        self._predecessor = predecessor
        self.parser, self.progress = self._begin_known() or self._begin_anew()

    def _begin_anew(self) -> tuple[CallParser, Progress]:
        self._known = None
        parser = self._options.make_parser()
        if self._predecessor is not None:
            parser.load_state(self._predecessor.state())
        return parser, Progress(self.path, kind=self._options.kind)

    def _begin_known(self) -> tuple[CallParser, Progress] | None:
        if self._known is None:
            return None
        parser = self._options.make_parser()
        try:
            parser.load_state(self._known.state)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None  # the state is of another version
        return parser, Progress(self.path, self._known, kind=self._options.kind)

    def begin(self, log: LogFile) -> None:
        """Go to where reading begins: behind what is known, if that is there, else to the start."""
        self.progress.open_file(os.fstat(log.file.fileno()))
        if self._known is None:
            return
        self.progress.last_line = skip_to(log, self._known)
        if self.progress.last_line is None:  # changed since it was looked at
            log.stream.seek(0)
            self.parser, self.progress = self._begin_anew()
            self.progress.open_file(os.fstat(log.file.fileno()))

    def read(self) -> Iterator[CallBatch]:
        """Read the file once. Raises OSError, and CallLogError if it is of another kind.

        The last line of a file of Asterisk's without an end is reported and left for the next run.
        """
        report, file_report = self.report, FileReport(self._name or self.path.name)
        report.files.append(file_report)
        with open_log(self.path) as log:
            begun, events = report.bytes_read, report.events
            report.size = max(report.size, begun + log.size)
            self.begin(log)
            try:
                for chunk in log.read_chunks():
                    report.bytes_read = begun + (log.file.tell() if log.file.seekable() else 0)
                    yield from self._cut_batches(self._parse_chunk(chunk))
            except DamagedFileError as error:
                report.record_unreadable(self.progress.line + 1, str(error), b"", self._name)
            yield from self._cut_batches([*self._parse_rest(log), *self.parser.release_calls()])
            self.report_unfinished("has no line end yet: left for the next run")
            report.bytes_read = begun + log.size
        table = self.parser.table
        file_report.format = "" if table is None else table.separator
        file_report.zone = self.parser.clock.foreign_zone
        file_report.begun = self.progress.begun
        file_report.lines = self.progress.line - self.progress.begun
        file_report.events = report.events - events

    def read_added(self, file: BinaryIO) -> Iterator[CallBatch]:
        """Read what was added to a file that is being written. Raises OSError, CallLogError."""
        while chunk := file.read(CHUNK):
            self.report.bytes_read += len(chunk)
            yield from self._cut_batches(self._parse_chunk(chunk))
        yield from self._cut_batches(self.parser.release_calls())

    def report_unfinished(self, reason: str) -> None:
        """Report a last line that has no end."""
        rest = self._lines.take_rest()
        if rest.strip():
            self.report.lines += 1
            self.report.record_unreadable(self.progress.line + 1, reason, rest, self._name)

    def _parse_rest(self, log: LogFile) -> Iterable[tuple[dict[str, Any], int]]:
        """Read the last line of an export, which is whole whether that line has an end or not."""
        if not (log.is_compressed or (self.parser.table is not None and self.parser.table.has_header)):
            return []
        rest = self._lines.take_rest()
        if not rest:
            return []
        self.progress.add_rest(rest)
        return self._parse_lines([rest], self.progress.line)

    def _parse_chunk(self, chunk: bytes) -> list[tuple[dict[str, Any], int]]:
        lines = self._lines.split_chunk(chunk)
        first = self.progress.line + 1
        self.progress.add_text(chunk, lines)
        return self._parse_lines(lines, first)

    def _parse_lines(self, lines: Sequence[bytes], first: int) -> list[tuple[dict[str, Any], int]]:
        if lines and self.parser.table is None:
            self._read_form(lines)
        report, events = self.report, []
        for number, raw in enumerate(lines, first):
            report.lines += 1
            line = (raw.removeprefix(_BOM) if number == 1 else raw).removesuffix(b"\r")
            try:
                found = self.parser.parse_line(line, number) if line and not line.isspace() else None
            except Unreadable as error:
                report.record_unreadable(number, str(error), line, self._name)
                continue
            if found is None:
                report.blank += 1
            else:
                report.events += 1
                events += found
        return events

    def _read_form(self, lines: Sequence[bytes]) -> None:
        texts = [line.removeprefix(_BOM) for line in lines if line.strip()]
        if texts and not self.parser.read_form(texts):
            raise CallLogError(f"{self.path}: {self.parser.unknown_form}")
        if not self.parser.is_in_order(texts):
            raise CallLogError(f"{self.path}: the lines are not in the order of their times; export them ORDER BY id.")

    def _cut_batches(self, events: list[tuple[dict[str, Any], int]]) -> Iterator[CallBatch]:
        """Yield the events in batches; the position is reached with the last of them."""
        left_out = self._options.left_out
        if left_out:
            left_out.update(event["subject"] for event, _ in events if event["subject"] in left_out)
            events = [each for each in events if each[0]["subject"] not in left_out]
        for start in range(0, len(events), BATCH):
            some = events[start : start + BATCH]
            is_reached = start + BATCH >= len(events) and not self.parser.holds_calls
            position = self.progress.position(self.parser.state() if is_reached else None)
            yield CallBatch([event for event, _ in some], [line for _, line in some], self._name, position)


def read_call_logs(plan: Plan, options: CallOptions) -> Iterator[CallBatch]:
    """Read the files of a log once, in the order of the plan. Raises OSError, CallLogError."""
    options.report.size = sum(part.path.stat().st_size for part in plan.parts)
    predecessor, missing = None, plan.missing
    for part in plan.parts:
        name = str(part.path) if len(plan.parts) > 1 else ""
        log = CallLog(part.path, options, predecessor=predecessor, name=name, known=part.known)
        for batch in log.read():
            if missing is not None and batch.first_at >= last_time(missing):
                options.report.gaps.append(Gap(str(part.path), last_time(missing), batch.first_at))
                missing = None
            yield batch
        predecessor = log.parser


def follow_call_log(
    path: Path, options: CallOptions, *, known: Sequence[IntakeFile] = (), again: bool = False
) -> Follower[CallBatch]:
    """Return the reader that follows a CDR or CEL file. `known` and `again` are those of Follower."""

    def make_log(part: Part, predecessor: Any, name: str) -> CallLog:
        return CallLog(part.path, options, predecessor=predecessor, name=name, known=part.known)

    return Follower(path, make_log, kind=options.kind, known=known, again=again, report=options.report)
