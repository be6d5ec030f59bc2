"""Reader of Asterisk's queue_log as rows (rules.md, "Real call data"; architecture.md 5).

The same line always becomes the same row, so that a file may be read again: the ID consists of its time, a digest of
its bytes, and a number among equal lines of a second. The order within a second is the file's; the sequence also puts
the parts of a log in order that share a second (rules.md 35). When the clock was set back by up to an hour, lines get
the time of the line before, which keeps the order.
"""

import stat
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from octui.intake.batches import FileReport, Report
from octui.intake.log_files import CHUNK, DamagedFileError, LogFile, open_log
from octui.intake.log_reader import LogReader, MakeReader
from octui.intake.positions import QUEUE_LOG as KIND
from octui.intake.positions import Part
from octui.intake.queue_log_formats import (
    QUEUE_LOG,
    FileFormat,
    Format,
    TableFormat,
    Unreadable,
    detect_format,
    restore_format,
)
from octui.intake.reasons import normalize_reason
from octui.schema.events import FilePosition, IntakeFile

SOURCE = "asterisk/queue_log"
LARGEST_STEP_BACK_MS = 3_600_000
SECONDS_REMEMBERED = 3600
SECONDS_SAVED = 4
"""The equal lines of so many seconds are in a parser's state, for a clock that was set back a little."""
GOES_ON = 1 << 40
"""Base of the sequences in a file's first second, when the file goes on beyond it."""
ONE_SECOND = 1 << 39
"""Base of the sequences in a file of one second."""
PAUSES = ("PAUSE", "PAUSEALL", "PAUSEREASON")
MOST_ROWS = 4_000
"""Limit of the rows of a batch; a part of the text gives about 2,500."""
_BOM = b"\xef\xbb\xbf"

Row = tuple[int, int, str, str, str, str, str, list[str], int]
"""(at in epoch ms, sequence, ID, event, call, queue, agent, arguments, line)."""


class QueueLogError(Exception):
    """Error for a queue_log that cannot be read; the message is a sentence for people."""


class Order(StrEnum):
    """Order of a log's lines by time: oldest first, newest first, or none."""

    OLDEST_FIRST = "oldest first"
    NEWEST_FIRST = "newest first"
    NONE = "none"


@dataclass(frozen=True)
class RowBatch:
    """At most 4,000 rows of one queue_log file, in order. `reasons`: the center's states by normalized pause reason.

    `position`: how far the file has been read with them.
    """

    rows: list[Row]
    reasons: Mapping[str, str]
    file: str = ""
    position: FilePosition | None = None

    @property
    def first_at(self) -> int:
        """Return the time of the batch's first row (epoch ms)."""
        return self.rows[0][0]

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """Return the batch's rows as CloudEvents."""
        return [cloud_event_of(row, self.reasons) for row in self.rows]

    @property
    def lines(self) -> list[int]:
        """Return each row's line number in the file."""
        return [row[8] for row in self.rows]

    def named_states(self) -> dict[str, str]:
        """Return the states that the center gave to pause reasons in these rows, by the reason as written."""
        if not self.reasons:
            return {}
        written = {row[7][0] if row[7] else "" for row in self.rows if row[3] in PAUSES}
        named = {reason: self.reasons.get(normalize_reason(reason)) for reason in written}
        return {reason: state for reason, state in named.items() if state is not None}


def cloud_event_of(row: Row, reasons: Mapping[str, str]) -> dict[str, Any]:
    """Return a queue_log row as a CloudEvent."""
    at, sequence, event_id, name, call, queue, agent, args, _ = row
    data: dict[str, Any] = {"call": call, "queue": queue, "agent": agent, "args": args}
    if reasons and name in PAUSES:
        state = reasons.get(normalize_reason(args[0] if args else ""))
        if state is not None:
            data["state"] = state
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": f"octui.queue.{name}",
        "time": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
        "sequence": str(sequence),
        "data": data,
    }
    if agent and agent != "NONE":
        event["subject"] = agent
    return event


class Parser:
    """Parser of a queue_log file's lines into rows, which remembers format, time and order of earlier lines.

    `only` names the format, else the first lines tell it. `state()` and `from_state` let another process go on.
    """

    def __init__(
        self,
        report: Report,
        *,
        zone: tzinfo = UTC,
        only: str | None = None,
        name: str = "",
        known_format: Format | None = None,
    ) -> None:
        self.report = report
        self.format = known_format
        self.name = name
        self._zone = zone
        self._only = only
        self._last = 0  # time of the line before, ms
        self._second = -1
        self._place = 0  # of the line before in its second
        self._beyond = False  # the file goes on beyond its first second
        self._released = False  # rows of the first second were given out
        self._held: list[Row] = []
        self._epoch = -1
        self._numbers: dict[bytes, int] = {}  # of the equal lines of that epoch
        self._earlier: OrderedDict[int, dict[bytes, int]] = OrderedDict()
        self._carried: dict[bytes, int] = {}  # numbers at the end of the file before

    def parse_lines(self, lines: Sequence[bytes], numbers: Iterable[int]) -> list[Row]:
        """Return the rows of these lines (without line ends). `numbers`: the lines' numbers.

        Rows of the file's first second are held back until it goes on beyond, or until `release_rows`.
        """
        report = self.report
        split_line = self._format_of(lines).split_line
        rows: list[Row] = []
        before = report.blank + report.unreadable
        for raw, number in zip(lines, numbers, strict=True):
            if raw[-1:] == b"\r":
                raw = raw[:-1]
            if number == 1:
                raw = raw.removeprefix(_BOM)
            try:
                fields = split_line(raw) if raw and not raw.isspace() else None
            except Unreadable as error:
                report.record_unreadable(number, str(error), raw, self.name)
                continue
            if fields is None:
                report.blank += 1
                continue
            at, raw, call, queue, agent, event, args = fields
            epoch = at // 1000
            if at < self._last:
                at = self._keep_order(at)
            self._last = at
            second = at // 1000
            if second == self._second:
                self._place += 1
            else:
                self._enter_second(second, rows)
            if epoch != self._epoch:
                self._enter_epoch(epoch)
            digest = blake2b(raw, digest_size=8).digest()
            equal = self._numbers[digest] = self._numbers.get(digest, -1) + 1
            event_id = f"{epoch:012d}-{digest.hex()}-{equal}"
            place = self._place if self._beyond or not self._released else GOES_ON + self._place
            row = (at, place, event_id, event, call, queue, agent, args, number)
            (rows if self._beyond or self._released else self._held).append(row)
        report.lines += len(lines)
        report.events += len(lines) - (report.blank + report.unreadable - before)
        return rows

    @property
    def holds_rows(self) -> bool:
        """Return whether rows of the file's first second are still held until that second is complete."""
        return bool(self._held)

    def release_rows(self, *, ended: bool) -> list[Row]:
        """Return the held rows. `ended`: the file is complete, rather than growing."""
        rows = [_with_base(row, ONE_SECOND if ended else GOES_ON) for row in self._held]
        self._released = self._released or bool(rows)
        self._held = []
        return rows

    def successor(self, name: str = "") -> "Parser":
        """Return the parser for the file that continues this one, which goes on counting equal lines."""
        other = Parser(self.report, zone=self._zone, only=self._only, name=name)
        other._epoch, other._numbers = self._epoch, dict(self._numbers)
        other._carried = self._numbers
        other._second, other._place = self._second, self._place
        return other

    def state(self) -> dict[str, Any]:
        """Return the parser's state as JSON data, without held rows."""
        return {
            "format": self.format.state() if self.format is not None else None,
            "last": self._last,
            "second": self._second,
            "place": self._place,
            "beyond": self._beyond,
            "released": self._released,
            "numbers": [
                [epoch, {digest.hex(): number for digest, number in numbers.items()}]
                for epoch, numbers in [*list(self._earlier.items())[1 - SECONDS_SAVED :], (self._epoch, self._numbers)]
            ],
        }

    @classmethod
    def from_state(
        cls, state: Mapping[str, Any], report: Report, *, zone: tzinfo = UTC, only: str | None = None, name: str = ""
    ) -> "Parser":
        """Return a parser that continues where the one stopped whose `state()` returned `data`."""
        form = restore_format(state["format"], zone) if state["format"] is not None else None
        parser = cls(report, zone=zone, only=only, name=name, known_format=form)
        parser._last, parser._second, parser._place = state["last"], state["second"], state["place"]
        parser._beyond, parser._released = state["beyond"], state["released"]
        for epoch, numbers in state["numbers"]:
            parser._enter_epoch(epoch)
            parser._numbers = {bytes.fromhex(digest): number for digest, number in numbers.items()}
        return parser

    def sample_times(self, lines: Sequence[bytes]) -> list[int]:
        """Return the times of the first lines in the file's order, by which format and order are detected."""
        lines = [line.removeprefix(_BOM).removesuffix(b"\r") for line in lines]
        form = restore_format(self._format_of(lines).state(), self._zone)
        times = []
        for line in lines:
            if isinstance(form, TableFormat):
                form.forget_clock()
            try:
                fields = form.split_line(line) if line.strip() else None
            except Unreadable:
                continue
            if fields is not None:
                times.append(fields[0])
        return times

    def _format_of(self, lines: Sequence[bytes]) -> Format:
        """Return the format of these lines: Asterisk's own, unless the lines show another."""
        if self.format is None:
            self.format = detect_format([line.removeprefix(_BOM) for line in lines], self._zone, only=self._only)
        return self.format or FileFormat()

    def _keep_order(self, at: int) -> int:
        step = self._last - at
        if step > LARGEST_STEP_BACK_MS:
            return at
        if step >= 1000:
            self.report.clamped += 1
        return self._last

    def _enter_second(self, second: int, rows: list[Row]) -> None:
        if self._held or self._released:
            self._beyond = True
            rows += [_with_base(row, GOES_ON) for row in self._held]
            self._held = []
        self._second, self._place = second, 0

    def _enter_epoch(self, epoch: int) -> None:
        """Begin counting equal lines of another second, also of an earlier one if the clock was set back."""
        earlier = self._earlier
        # A file that does not begin in the last second of the one before may be a copy of it: that counts anew.
        if self._epoch >= 0 and self._numbers != self._carried:
            earlier[self._epoch] = self._numbers
        self._epoch, self._numbers = epoch, earlier.pop(epoch, {})
        while len(earlier) > SECONDS_REMEMBERED:
            earlier.popitem(last=False)


def _with_base(row: Row, base: int) -> Row:
    return (row[0], base + row[1], *row[2:])


def detect_order(times: Sequence[int]) -> Order:
    """Return the order of the first lines by time, allowing for a clock that was set back."""
    steps = [after - before for before, after in pairwise(times) if after != before]
    back = [step for step in steps if step < 0]
    if len(back) >= 2 and len(back) >= 9 * (len(steps) - len(back)) and times[-1] < times[0]:
        return Order.NEWEST_FIRST
    far_back = sum(step < -10_000 for step in back)
    return Order.NONE if far_back >= 20 and far_back * 4 > len(steps) else Order.OLDEST_FIRST


class QueueLog(LogReader[Parser, RowBatch]):
    """Reader of one queue_log file. `reasons`: what `intake.reasons.load_reasons` returns.

    `zone`: of times without one. `only`: the name of the format, where it is not to be detected. The other options are
    those of LogReader.
    """

    def __init__(
        self,
        path: Path,
        *,
        reasons: Mapping[str, str] | None = None,
        zone: tzinfo = UTC,
        only: str | None = None,
        report: Report | None = None,
        predecessor: Parser | None = None,
        name: str = "",
        known: IntakeFile | None = None,
    ) -> None:
        self._reasons = reasons or {}
        self._only = only
        self._parser_options: dict[str, Any] = {"zone": zone, "only": only, "name": name}
        report = report if report is not None else Report()
        super().__init__(path, report, KIND, predecessor=predecessor, name=name, known=known)

    def _make_parser(self, predecessor: Parser | None) -> Parser:
        if predecessor is not None:
            return predecessor.successor(self._name)
        return Parser(self.report, **self._parser_options)

    def _restore_parser(self, state: Mapping[str, Any]) -> Parser | None:
        parser = Parser.from_state(state, self.report, **self._parser_options)
        is_other = self._only is not None and (parser.format is None or parser.format.name != self._only)
        return None if is_other else parser

    def read(self) -> Iterator[RowBatch]:
        """Yield batches of the whole file, oldest line first. Raises OSError, QueueLogError.

        The last line of a file of Asterisk's without an end is reported and left for the next run.
        """
        file_report = FileReport(self._name or self.path.name)
        self.report.files.append(file_report)
        with open_log(self.path) as log:
            begun, events = self.report.bytes_read, self.report.events
            self.report.size = max(self.report.size, begun + log.size)
            try:
                for rows in self._read_in_order(log, file_report):
                    self.report.bytes_read = begun + (log.file.tell() if log.file.seekable() else 0)
                    _note_times(file_report, rows)
                    yield from self._cut_batches(rows)
            except DamagedFileError as error:
                self.report.record_unreadable(self.progress.line + 1, str(error), b"", self._name)
            rows = self.parser.release_rows(ended=True)
            _note_times(file_report, rows)
            yield from self._cut_batches(rows)
            self.report.bytes_read = begun + log.size
        file_report.format = self.parser.format.name if self.parser.format is not None else QUEUE_LOG
        file_report.begun = self.progress.begun
        file_report.lines = self.progress.line - self.progress.begun
        file_report.events = self.report.events - events

    def _read_in_order(self, log: LogFile, file_report: FileReport) -> Iterator[list[Row]]:
        self.begin(log)
        order = self._detect_order(log) if self._known is None else Order.OLDEST_FIRST
        file_report.newest_first = order is Order.NEWEST_FIRST
        yield from self._read_backwards(log) if order is Order.NEWEST_FIRST else self._read_forwards(log)

    def _detect_order(self, log: LogFile) -> Order:
        """Detect the lines' format and return their order. Raises QueueLogError."""
        times = self.parser.sample_times(log.read_head().split(b"\n")[:-1])
        order = detect_order(times)
        if order is Order.NONE:
            raise QueueLogError(f"{self.path}: the lines are in no order of time; sort them, or export ORDER BY time.")
        if order is Order.NEWEST_FIRST and not log.file.seekable():
            raise QueueLogError(f"{self.path} begins with the newest line: give it as a file, not as a pipe.")
        return order

    def _read_forwards(self, log: LogFile) -> Iterator[list[Row]]:
        for chunk in log.read_chunks():
            yield self._parse_chunk(chunk)
        if self.parser.format is not None and self.parser.format.is_table:
            rest = self._lines.take_rest()  # an export is whole, whether its last line has an end or not
            if rest:
                self.progress.add_rest(rest)
                yield self.parser.parse_lines([rest], [self.progress.line])
        self.report_unfinished("has no line end yet: left for the next run")

    def _read_backwards(self, log: LogFile) -> Iterator[list[Row]]:
        self.progress.note_head(log.read_head().split(b"\n")[:-1])
        log.forget_head()
        for lines, numbers in log.read_backwards():
            self.progress.line = max(self.progress.line, numbers.start)
            yield self.parser.parse_lines(lines, numbers)

    def _parse_chunk(self, chunk: bytes) -> list[Row]:
        lines = self._lines.split_chunk(chunk)
        first = self.progress.line + 1
        self.progress.add_text(chunk, lines)
        return self.parser.parse_lines(lines, range(first, first + len(lines)))

    def _cut_batches(self, rows: list[Row]) -> Iterator[RowBatch]:
        """Yield the rows in batches; the last batch has the position reached in the file."""
        for start in range(0, len(rows), MOST_ROWS):
            some = rows[start : start + MOST_ROWS]
            is_reached = start + MOST_ROWS >= len(rows) and not self.parser.holds_rows
            position = self.progress.position(self.parser.state() if is_reached else None)
            yield RowBatch(some, self._reasons, self._name, position)

    def _empty_batch(self, position: FilePosition) -> RowBatch:
        return RowBatch([], self._reasons, self._name, position)

    def read_added(self, file: BinaryIO) -> Iterator[RowBatch]:
        """Yield batches of what was added to a growing file since the last call. Raises OSError, QueueLogError."""
        while chunk := file.read(CHUNK):
            times = self.parser.sample_times(chunk.split(b"\n")[:-1]) if self.progress.line == 0 else ()
            if detect_order(times) is Order.NEWEST_FIRST:
                raise QueueLogError(f"{self.path} begins with the newest line, and cannot be followed.")
            self.report.bytes_read += len(chunk)
            yield from self._cut_batches(self._parse_chunk(chunk))
        yield from self._cut_batches(self.parser.release_rows(ended=False))


def _note_times(report: FileReport, rows: list[Row]) -> None:
    if rows:
        report.first = report.first or rows[0][0]
        report.last = rows[-1][0]


def queue_log_maker(
    *, reasons: Mapping[str, str] | None = None, zone: tzinfo = UTC, only: str | None = None, report: Report
) -> MakeReader[RowBatch]:
    """Return a function that makes a QueueLog, with these options, for each file of a rotated log."""

    def make_reader(part: Part, predecessor: Any, name: str) -> QueueLog:
        return QueueLog(
            part.path,
            reasons=reasons,
            zone=zone,
            only=only,
            report=report,
            predecessor=predecessor,
            name=name,
            known=part.known,
        )

    return make_reader


def order_logs(paths: Sequence[Path], *, zone: tzinfo = UTC, only: str | None = None) -> list[Path]:
    """Return the files by the times of their first lines, each file once. Raises OSError."""
    if len(paths) == 1:
        return list(paths)
    found: dict[tuple[int, int], tuple[int, int, int, Path]] = {}
    for place, path in enumerate(paths):
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise QueueLogError(f"{path}: of several logs each has to be a file.")
        with open_log(path) as log:
            try:
                lines = log.read_head().split(b"\n")
            except DamagedFileError:
                lines = []
            times = Parser(Report(), zone=zone, only=only).sample_times(lines)
        found.setdefault((status.st_dev, status.st_ino), (min(times, default=0), max(times, default=0), place, path))
    return [path for *_, path in sorted(found.values())]
