"""Batches of events read from a file, and the report that counts its lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from octui.text.safe import safe

BATCH = 500
SHOWN = 20
"""Limit of the unreadable lines that are kept with their text; all are counted."""
EXCERPT = 60
LONGEST_LINE = 64 * 1024
"""Limit of the bytes of a line."""


@dataclass(frozen=True)
class Unreadable:
    """A line that could not be read: its number from 1, the reason, its beginning (made safe), and its file."""

    line: int
    reason: str
    text: str
    file: str = ""


@dataclass
class FileReport:
    """Form of a file that was read, and its lines' order. `first`, `last`: times of its events, epoch ms; 0: none.

    `begun`: the line behind which reading began; those up to it were read before. `lines`: those read now. `zone`: that
    of its times, where the file itself tells another one than was expected.
    """

    name: str
    format: str = ""
    zone: str = ""
    newest_first: bool = False
    begun: int = 0
    lines: int = 0
    events: int = 0
    first: int = 0
    last: int = 0


@dataclass
class Gap:
    """Times (epoch ms) between which log lines may be missing, because a file was deleted before it was read.

    `last`: of the last line read; `next`: of the next line there is.
    """

    file: str
    last: int
    next: int = 0


@dataclass
class Report:
    """Counts of lines from reading a log; each line is blank (or a heading), unreadable or an event.

    `size` and `bytes_read` are for a progress bar.
    """

    size: int = 0
    bytes_read: int = 0
    lines: int = 0
    blank: int = 0
    events: int = 0
    clamped: int = 0
    unreadable: int = 0
    examples: list[Unreadable] = field(default_factory=list)
    files: list[FileReport] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def record_unreadable(self, line: int, reason: str, raw: bytes, file: str = "") -> None:
        """Count an unreadable line, and store its beginning while the report has room."""
        self.unreadable += 1
        if len(self.examples) < SHOWN:
            text = raw[: EXCERPT * 4].decode("utf-8", "replace")
            self.examples.append(Unreadable(line, reason, safe(text, limit=EXCERPT), file))


@dataclass(frozen=True)
class Batch:
    """At most 500 CloudEvents as decoded JSON, in order, and each one's line number."""

    events: list[dict[str, Any]]
    lines: list[int]
    file: str = ""
    """The file they come from, where there are several."""


class Batcher:
    """Collector of single events into batches."""

    def __init__(self) -> None:
        self._events: list[dict[str, Any]] = []
        self._lines: list[int] = []

    def add(self, event: dict[str, Any], line: int) -> Iterator[Batch]:
        """Add an event, and yield the batch if it is full now."""
        self._events.append(event)
        self._lines.append(line)
        if len(self._events) >= BATCH:
            yield from self.flush()

    def flush(self) -> Iterator[Batch]:
        """Yield the events collected so far as a last batch, if there are any."""
        if self._events:
            batch = Batch(self._events, self._lines)
            self._events, self._lines = [], []
            yield batch
