"""CloudEvents from a file or standard input: one JSON object, a JSON array, or one object a line."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from octui.intake.batches import Batch, Batcher, Report

LARGEST_DOCUMENT = 64 << 20
"""Bytes of a file that is one JSON document; one object a line may go on for ever."""
LONGEST_LINE = 1 << 20


class CloudEvents:
    """Reads one stream of CloudEvents; what the events say is the service's to judge. `report` counts as it goes."""

    def __init__(self, file: BinaryIO, *, size: int = 0) -> None:
        self._file = file
        self.report = Report(size=size)
        self._batcher = Batcher()

    def read(self) -> Iterator[Batch]:
        """All events in batches of at most 500; of a document the "line" is the place in its array, from 1."""
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
        self.report.done += len(line)
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
        report.done += len(raw) - len(begun)
        if len(raw) > LARGEST_DOCUMENT:
            report.lines += 1
            report.record_unreadable(
                report.lines, f"a document of more than {LARGEST_DOCUMENT} bytes: send a line each", raw
            )
            return
        try:
            said = json.loads(raw)
        except (ValueError, RecursionError):
            # Lines, then, of which the first is broken.
            yield from self._parse_lines(raw)
            return
        for event in said if isinstance(said, list) else [said]:
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
    """The object a line is, or None."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
