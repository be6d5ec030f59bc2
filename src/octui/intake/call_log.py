"""Reader of Asterisk's CDR and CEL files, once or while they grow."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, BinaryIO

from octui.intake.batches import BATCH, FileReport, Report
from octui.intake.cdr import CdrParser
from octui.intake.cel import CelParser
from octui.intake.log_files import CHUNK, DamagedFileError, LogFile, open_log
from octui.intake.log_reader import LogReader, MakeReader
from octui.intake.positions import CDR, CEL, Part
from octui.intake.queue_log_formats import Unreadable
from octui.schema.events import FilePosition, IntakeFile

CallParser = CdrParser | CelParser
_PARSERS: dict[str, type[CdrParser] | type[CelParser]] = {CDR: CdrParser, CEL: CelParser}
_BOM = b"\xef\xbb\xbf"


class CallLogError(Exception):
    """Error for a file that is not the call log it should be; the message is a sentence for people."""


@dataclass(frozen=True)
class CallBatch:
    """At most 500 call events of a file, each one's line number, and the position reached in the file."""

    events: list[dict[str, Any]]
    lines: list[int]
    file: str
    position: FilePosition | None

    @property
    def first_at(self) -> int:
        """Return the time of the batch's first event (epoch ms)."""
        return int(datetime.fromisoformat(self.events[0]["time"]).timestamp() * 1000)


@dataclass
class CallOptions:
    """Options for reading call logs. `kind`: cdr or cel. `zone`: of times without one, a guess unless `is_zone_named`.

    `report` is kept up to date. `left_out` counts the events of phones that match nobody and are not given out.
    """

    kind: str
    report: Report
    zone: tzinfo = UTC
    is_zone_named: bool = False
    left_out: Counter[str] | None = None

    def make_parser(self) -> CallParser:
        """Return a new CDR or CEL parser with these options."""
        return _PARSERS[self.kind](zone=self.zone, is_zone_named=self.is_zone_named)


class CallLog(LogReader[CallParser, CallBatch]):
    """Reader of one CDR or CEL file, with the options of CallOptions and LogReader."""

    def __init__(
        self,
        path: Path,
        options: CallOptions,
        *,
        predecessor: CallParser | None = None,
        name: str = "",
        known: IntakeFile | None = None,
    ) -> None:
        self._options = options
        super().__init__(path, options.report, options.kind, predecessor=predecessor, name=name, known=known)

    def _make_parser(self, predecessor: CallParser | None) -> CallParser:
        parser = self._options.make_parser()
        if predecessor is not None:
            parser.load_state(predecessor.state())
        return parser

    def _restore_parser(self, state: Mapping[str, Any]) -> CallParser:
        parser = self._options.make_parser()
        parser.load_state(state)
        return parser

    def read(self) -> Iterator[CallBatch]:
        """Yield batches of the whole file, read once. Raises OSError, and CallLogError for a file of another kind.

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
        """Yield batches of what was added to a growing file since the last call. Raises OSError, CallLogError."""
        while chunk := file.read(CHUNK):
            self.report.bytes_read += len(chunk)
            yield from self._cut_batches(self._parse_chunk(chunk))
        yield from self._cut_batches(self.parser.release_calls())

    def _parse_rest(self, log: LogFile) -> Iterable[tuple[dict[str, Any], int]]:
        """Parse the last line of an exported table, which may have no line end."""
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
        """Yield the events in batches; the last batch has the position reached in the file."""
        left_out = self._options.left_out
        if left_out:
            left_out.update(event["subject"] for event, _ in events if event["subject"] in left_out)
            events = [each for each in events if each[0]["subject"] not in left_out]
        for start in range(0, len(events), BATCH):
            some = events[start : start + BATCH]
            is_reached = start + BATCH >= len(events) and not self.parser.holds_calls
            position = self.progress.position(self.parser.state() if is_reached else None)
            yield CallBatch([event for event, _ in some], [line for _, line in some], self._name, position)

    def _empty_batch(self, position: FilePosition) -> CallBatch:
        return CallBatch([], [], self._name, position)


def call_log_maker(options: CallOptions) -> MakeReader[CallBatch]:
    """Return a function that makes a CallLog for each file of a rotated log."""

    def make_reader(part: Part, predecessor: Any, name: str) -> CallLog:
        return CallLog(part.path, options, predecessor=predecessor, name=name, known=part.known)

    return make_reader
