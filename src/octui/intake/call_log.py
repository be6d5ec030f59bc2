"""Reader of a CDR or CEL file, once or while it grows."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from octui.intake.batches import Batch, Batcher, FileReport, Report
from octui.intake.cdr import CdrParser
from octui.intake.cel import CelParser
from octui.intake.log_files import CHUNK, DamagedFileError, LineBuffer, open_log
from octui.intake.queue_log_formats import Unreadable

CallParser = CdrParser | CelParser
_BOM = b"\xef\xbb\xbf"


class CallLogError(Exception):
    """A file without calls in it; the message is a sentence for people."""


class CallLog:
    """Reader of one file. `parser.report` is kept up to date.

    `left_out` counts the events of phones that the reader was told to leave out.
    """

    def __init__(self, path: Path, parser: CallParser) -> None:
        self.path = path
        self.parser = parser
        self.report: Report = parser.report
        self.left_out: Counter[str] = Counter()
        self._batcher = Batcher()
        self._lines = LineBuffer()
        self._line = 0
        self._is_form_known = False

    def leave_out(self, phones: Iterable[str]) -> None:
        """Count the events of these phones from now on and do not give them out: they match nobody."""
        self.left_out.update(dict.fromkeys((phone for phone in phones if phone not in self.left_out), 0))

    def read(self) -> Iterator[Batch]:
        """Read the file once. Raises OSError, and CallLogError if it is of another kind.

        The last line of a file of Asterisk's is left for the next run while it has no end.
        """
        report, file_report = self.report, FileReport(self.path.name)
        report.files.append(file_report)
        with open_log(self.path) as log:
            report.size = log.size
            try:
                for chunk in log.read_chunks():
                    report.bytes_read = log.file.tell() if log.file.seekable() else 0
                    yield from self._parse_chunk(chunk)
            except DamagedFileError as error:
                report.record_unreadable(self._line + 1, str(error), b"")
            if log.is_compressed or (self.parser.table is not None and self.parser.table.has_header):
                rest = self._lines.take_rest()  # an export is whole, whether its last line has an end or not
                if rest:
                    yield from self._parse_chunk(rest + b"\n")
            self._report_unfinished("has no line end yet: left for the next run")
            yield from self._give_out(self.parser.release_calls())
            yield from self._batcher.flush()
            report.bytes_read = log.size
        table = self.parser.table
        file_report.format = "" if table is None else table.separator if table.has_header else "csv of Asterisk's"
        file_report.lines, file_report.events = report.lines, report.events

    def follow(self, wait: Callable[[], bool]) -> Iterator[Batch]:
        """Read the file and all that is added to it, across rotation and truncation.

        At its end `wait` is called, and reading goes on when that returns True. Raises OSError when the file does not
        exist at the start, and CallLogError when it is of another kind.
        """
        file: BinaryIO = self.path.open("rb")
        try:
            while True:
                self.report.size = self.report.bytes_read + max(0, os.fstat(file.fileno()).st_size - file.tell())
                yield from self._read_added(file)
                if not wait():
                    return
                try:
                    present = self.path.stat()
                except FileNotFoundError:  # it is being rotated
                    continue
                opened = os.fstat(file.fileno())
                if (present.st_dev, present.st_ino) != (opened.st_dev, opened.st_ino):
                    yield from self._read_added(file)  # what was written before it was moved
                    self._begin_file("was cut off when the file was replaced")
                    file.close()
                    file = self.path.open("rb")
                elif opened.st_size < file.tell():
                    self._begin_file("was cut off when the file was emptied")
                    file.seek(0)
        finally:
            file.close()

    def _read_added(self, file: BinaryIO) -> Iterator[Batch]:
        while chunk := file.read(CHUNK):
            self.report.bytes_read += len(chunk)
            yield from self._parse_chunk(chunk)
        yield from self._give_out(self.parser.release_calls())
        yield from self._batcher.flush()

    def _begin_file(self, reason: str) -> None:
        self._report_unfinished(reason)
        self._line = 0

    def _report_unfinished(self, reason: str) -> None:
        rest = self._lines.take_rest()
        if rest.strip():
            self._line += 1
            self.report.lines += 1
            self.report.record_unreadable(self._line, reason, rest)

    def _parse_chunk(self, chunk: bytes) -> Iterator[Batch]:
        lines = self._lines.split_chunk(chunk)
        if lines and not self._is_form_known:
            self._read_form(lines)
        report = self.report
        for raw in lines:
            self._line += 1
            report.lines += 1
            if self._line == 1:
                raw = raw.removeprefix(_BOM)
            raw = raw.removesuffix(b"\r")
            try:
                found = self.parser.parse_line(raw, self._line) if raw and not raw.isspace() else None
            except Unreadable as error:
                report.record_unreadable(self._line, str(error), raw)
                continue
            if found is None:
                report.blank += 1
            else:
                report.events += 1
                yield from self._give_out(found)

    def _read_form(self, lines: Sequence[bytes]) -> None:
        texts = [line.removeprefix(_BOM) for line in lines if line.strip()]
        if not texts:
            return
        self._is_form_known = self.parser.read_form(texts)
        if not self._is_form_known:
            raise CallLogError(f"{self.path}: {self.parser.unknown_form}")

    def _give_out(self, found: Iterable[tuple[dict[str, Any], int]]) -> Iterator[Batch]:
        for event, line in found:
            if event["subject"] in self.left_out:
                self.left_out[event["subject"]] += 1
            else:
                yield from self._batcher.add(event, line)
