"""CloudEvents from a file or standard input: one JSON object, a JSON array, or one object a line."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from octui.intake.batches import Batch, Batcher, Report

LARGEST_DOCUMENT = 64 << 20
"""Limit of the bytes of a file that is one JSON document; a file of one object a line has none."""
LONGEST_LINE = 1 << 20


class CloudEvents:
    """Reader of CloudEvents from a stream; the server validates their content. `report` is kept up to date."""

    def __init__(self, file: BinaryIO, *, size: int = 0) -> None:
        self._file = file
        self.report = Report(size=size)
        self._batcher = Batcher()

    def read(self) -> Iterator[Batch]:
        """Yield all events in batches of at most 500; `line` is an event's line, or its index from 1 in an array."""
        first = self._next_line()
        while first is not None and not first.strip():
            self.report.lines += 1
            self.report.blank += 1
            first = self._next_line()
        if first is None:
            return
        first = first.removeprefix(b"\xef\xbb\xbf")
        if _parse_object(first) is not None:
            yield from self._read_lines(first)
        else:
            yield from self._read_document(first)
        yield from self._batcher.flush()

    def _next_line(self) -> bytes | None:
        line = self._file.readline(LONGEST_LINE + 1)
        self.report.bytes_read += len(line)
        return line or None

    def _read_lines(self, line: bytes | None) -> Iterator[Batch]:
        report = self.report
        while line is not None:
            report.lines += 1
            if len(line) > LONGEST_LINE:
                report.record_unreadable(report.lines, f"longer than {LONGEST_LINE} bytes", line)
                while line and not line.endswith(b"\n"):
                    line = self._next_line()
            elif not line.strip():
                report.blank += 1
            else:
                event = _parse_object(line)
                if event is None:
                    report.record_unreadable(report.lines, "not a JSON object", line)
                else:
                    report.events += 1
                    yield from self._batcher.add(event, report.lines)
            line = self._next_line()

    def _read_document(self, begun: bytes) -> Iterator[Batch]:
        report = self.report
        raw = begun + self._file.read(LARGEST_DOCUMENT + 1)
        report.bytes_read += len(raw) - len(begun)
        if len(raw) > LARGEST_DOCUMENT:
            report.lines += 1
            report.record_unreadable(
                report.lines, f"a document of more than {LARGEST_DOCUMENT} bytes: send a line each", raw
            )
            return
        try:
            document = json.loads(raw)
        except (ValueError, RecursionError):
            # The file has an event a line, and the first line is broken.
            yield from self._parse_lines(raw)
            return
        for event in document if isinstance(document, list) else [document]:
            report.lines += 1
            if isinstance(event, dict):
                report.events += 1
                yield from self._batcher.add(event, report.lines)
            else:
                report.record_unreadable(report.lines, "not a JSON object", json.dumps(event).encode())

    def _parse_lines(self, raw: bytes) -> Iterator[Batch]:
        report = self.report
        for line in raw.splitlines():
            report.lines += 1
            event = _parse_object(line)
            if event is not None:
                report.events += 1
                yield from self._batcher.add(event, report.lines)
            elif line.strip():
                report.record_unreadable(report.lines, "not a JSON object", line)
            else:
                report.blank += 1


def _parse_object(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a line, or None if the line has none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
