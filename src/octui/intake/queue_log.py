"""Asterisk's queue_log as CloudEvents (rules.md, "Real call data"; architecture.md 5).

The same line always becomes the same event, so that a file may be read again: the ID consists of its time, a digest of
its bytes, and a number among equal lines of a second. The order within a second is the file's. When the clock was set
back by up to an hour, lines get the time of the line before, which keeps the order.
"""

import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from octui.intake.batches import LONGEST_LINE, Batch, Batcher, Report
from octui.intake.reasons import normalize_reason
from octui.text.safe import safe

SOURCE = "asterisk/queue_log"
LARGEST_STEP_BACK_S = 3600
EARLIEST_S = 946_684_800
LATEST_S = 253_402_300_799
LONGEST_FIELD = 200
MOST_ARGS = 16
_CHUNK = 256 * 1024
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
_EPOCH = re.compile(rb"\d{1,12}(?:\.\d{1,9})?")
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PAUSES = ("PAUSE", "PAUSEALL")


class _Unreadable(ValueError):
    pass


@dataclass
class Parser:
    """Parser of lines into events; keeps what earlier lines tell about time and order."""

    report: Report
    reasons: Mapping[str, str] = field(default_factory=dict)  # plain reason → state
    _last: int = 0
    _place: int = 0
    _shown: tuple[int, str] = (-1, "")
    _equal_lines: OrderedDict[int, dict[bytes, int]] = field(default_factory=OrderedDict)

    def parse_line(self, raw: bytes) -> dict[str, Any]:
        """Return the CloudEvent of a line without its end. Raises _Unreadable with the reason."""
        if len(raw) > LONGEST_LINE:
            raise _Unreadable(f"longer than {LONGEST_LINE} bytes")
        if _BINARY.search(raw):
            raise _Unreadable("binary data, not text")
        epoch_text, _, rest = raw.partition(b"|")
        if not _EPOCH.fullmatch(epoch_text):
            raise _Unreadable("does not begin with a time in seconds")
        epoch = int(epoch_text.partition(b".")[0])
        if not EARLIEST_S <= epoch <= LATEST_S:
            raise _Unreadable("a time before 2000 or after 9999")
        fields = rest.decode("utf-8", "replace").split("|")
        if len(fields) < 4:
            raise _Unreadable(f"{len(fields) + 1} fields instead of 5 or more")
        call, queue, agent, name, *args = fields
        if not _NAME.fullmatch(name):
            raise _Unreadable("no event name in the fifth field")
        for field_name, text in (("call id", call), ("queue", queue), ("agent", agent)):
            if len(text) > LONGEST_FIELD:
                raise _Unreadable(f"{field_name} longer than {LONGEST_FIELD} characters")
        if args and not args[-1]:
            args.pop()
        return self._make_event(epoch, raw, safe(call), safe(queue), safe(agent), name, args[:MOST_ARGS])

    def _make_event(
        self, epoch: int, raw: bytes, call: str, queue: str, agent: str, name: str, args: list[str]
    ) -> dict[str, Any]:
        at = epoch
        if epoch < self._last <= epoch + LARGEST_STEP_BACK_S:
            at = self._last
            self.report.clamped += 1
        self._place = self._place + 1 if at == self._last else 0
        self._last = at
        data: dict[str, Any] = {
            "call": call,
            "queue": queue,
            "agent": agent,
            "args": [safe(arg, limit=LONGEST_FIELD) for arg in args],
        }
        if name in _PAUSES and self.reasons:
            state = self.reasons.get(normalize_reason(args[0] if args else ""))
            if state is not None:
                data["state"] = state
        event = {
            "specversion": "1.0",
            "id": self._event_id(epoch, raw),
            "source": SOURCE,
            "type": f"octui.queue.{name}",
            "time": self._format_time(at),
            "sequence": str(self._place),
            "data": data,
        }
        if agent and agent != "NONE":
            event["subject"] = agent
        return event

    def _format_time(self, at: int) -> str:
        if self._shown[0] != at:
            self._shown = (at, datetime.fromtimestamp(at, UTC).isoformat())
        return self._shown[1]

    def _event_id(self, epoch: int, raw: bytes) -> str:
        digest = blake2b(raw, digest_size=8).digest()
        numbers = self._equal_lines.setdefault(epoch, {})
        number = numbers[digest] = numbers.get(digest, -1) + 1
        while len(self._equal_lines) > LARGEST_STEP_BACK_S:
            self._equal_lines.popitem(last=False)
        return f"{epoch:012d}-{digest.hex()}-{number}"


class _LineBuffer:
    """Buffer that cuts bytes into lines; never holds more than the longest line."""

    def __init__(self) -> None:
        self._part = bytearray()

    def split_chunk(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the lines that end in the chunk."""
        *ended, last = chunk.split(b"\n")
        for line in ended:
            self._append_part(line)
            yield bytes(self._part)
            self._part.clear()
        self._append_part(last)

    def _append_part(self, part: bytes) -> None:
        self._part += part[: max(0, LONGEST_LINE + 2 - len(self._part))]

    def take_rest(self) -> bytes:
        """Remove and return the line without an end."""
        rest = bytes(self._part)
        self._part.clear()
        return rest


class QueueLog:
    """Reader of one queue_log. `reasons` is what `intake.reasons.load_reasons` returns; `report` is kept up to date."""

    def __init__(self, path: Path, *, reasons: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.report = Report()
        self._parser = Parser(self.report, reasons or {})
        self._lines = _LineBuffer()
        self._batcher = Batcher()

    def read(self) -> Iterator[Batch]:
        """Read the file once. A last line without an end is reported and left for the next run. Raises OSError."""
        with self.path.open("rb") as file:
            self.report.size = os.fstat(file.fileno()).st_size
            yield from self._read_to_end(file)
        self._report_unfinished("has no line end yet: left for the next run")
        yield from self._batcher.flush()

    def follow(self, wait: Callable[[], bool]) -> Iterator[Batch]:
        """Read the file and all that is added to it, across rotation and truncation.

        At its end `wait` is called, and reading goes on when that returns True. Raises OSError when the file does not
        exist at the start.
        """
        file = self.path.open("rb")
        try:
            while True:
                self.report.size = self.report.bytes_read + max(0, os.fstat(file.fileno()).st_size - file.tell())
                yield from self._read_to_end(file)
                yield from self._batcher.flush()
                if not wait():
                    return
                present = self._file_status()
                if present is None:  # it is being rotated
                    continue
                opened = os.fstat(file.fileno())
                if (present.st_dev, present.st_ino) != (opened.st_dev, opened.st_ino):
                    yield from self._read_to_end(file)  # what was written before it was moved
                    self._report_unfinished("was cut off when the file was replaced")
                    file.close()
                    file = self.path.open("rb")
                elif opened.st_size < file.tell():
                    self._report_unfinished("was cut off when the file was emptied")
                    file.seek(0)
        finally:
            file.close()

    def _file_status(self) -> os.stat_result | None:
        try:
            return self.path.stat()
        except FileNotFoundError:
            return None

    def _read_to_end(self, file: BinaryIO) -> Iterator[Batch]:
        while chunk := file.read(_CHUNK):
            for line in self._lines.split_chunk(chunk):
                yield from self._parse_line(line)
            self.report.bytes_read += len(chunk)

    def _parse_line(self, raw: bytes) -> Iterator[Batch]:
        report = self.report
        report.lines += 1
        raw = raw.removesuffix(b"\r")
        if report.lines == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if not raw.strip():
            report.blank += 1
            return
        try:
            event = self._parser.parse_line(raw)
        except _Unreadable as error:
            report.record_unreadable(report.lines, str(error), raw)
            return
        report.events += 1
        yield from self._batcher.add(event, report.lines)

    def _report_unfinished(self, reason: str) -> None:
        rest = self._lines.take_rest()
        if rest.strip():
            self.report.lines += 1
            self.report.record_unreadable(self.report.lines, reason, rest)
