"""Reader of a log that is being written, across every kind of rotation and across restarts.

A file that was replaced is read on for a while beside its successor, because the PBX may still write to it. A file that
was emptied is looked for among the rotated ones, where its copy is read to the end first.
"""

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Generic, cast

from octui.intake.batches import LONGEST_LINE, Gap, Report
from octui.intake.log_files import LogFile, open_log
from octui.intake.log_reader import BatchT, LogReader, MakeReader
from octui.intake.positions import QUEUE_LOG, Part, Plan, last_time, plan_log
from octui.schema.events import IntakeFile

QUIET_S = 600.0
"""A replaced file is read on until nothing was added to it for so long."""
SIGN_OF_LIFE_S = 10.0
"""A log that is read to its end says so at most so often (rules.md 50)."""
MOST_REPLACED = 4
"""Limit of the replaced files that are read on."""


@dataclass
class _Tail(Generic[BatchT]):
    """An open log file that may still grow. `quiet_since`: monotonic seconds of its last growth."""

    file: BinaryIO
    log: LogReader[Any, BatchT]
    quiet_since: float

    def is_intact(self) -> bool:
        """Return whether the file still contains the text that was read from its start."""
        progress, descriptor = self.log.progress, self.file.fileno()
        if os.fstat(descriptor).st_size < self.file.tell():
            return False
        line = progress.last_line
        if line is None or len(line) > LONGEST_LINE:
            return True
        start = progress.end - len(line) - 1
        return os.pread(descriptor, len(line) + 1, start) == line + b"\n"

    def identity(self) -> tuple[int, int]:
        return _identity(self.file)


def _identity(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino


class Follower(Generic[BatchT]):
    """Reader of a growing log, which first reads what earlier runs have not read of its rotated files.

    `make_reader` gets a name for each file that is not the log itself. `known`: the files of the service that were
    read (positions.py). `report` is kept up to date; `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        path: Path,
        make_reader: MakeReader[BatchT],
        *,
        kind: str = QUEUE_LOG,
        known: Sequence[IntakeFile] = (),
        again: bool = False,
        report: Report,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.report = report
        self._make = make_reader
        self._kind = kind
        self._known = {file.head: file for file in known if file.kind == kind}
        self._again = again
        self._clock = clock
        self._replaced: list[_Tail[BatchT]] = []
        self._tail: _Tail[BatchT] | None = None
        self._parser: Any = None
        self._gap: Gap | None = None
        self._next_sign = clock()

    def read(self, wait: Callable[[], bool]) -> Generator[BatchT]:
        """Yield batches of present and added lines; at the log's end call `wait`, and stop when it returns False.

        Raises OSError when the file does not exist at the start, and QueueLogError when its newest line comes first.
        """
        self.path.stat()
        try:
            yield from self._read_plan()
            while True:
                yield from self._read_tails()
                yield from self._give_sign()
                if not wait():
                    return
                yield from self._look_at_path()
        finally:
            for tail in (*self._replaced, self._tail):
                if tail is not None:
                    tail.file.close()

    def _give_sign(self) -> Iterator[BatchT]:
        """Yield, every so often, an empty batch that tells the server that the log was read to its end."""
        if self._clock() < self._next_sign:
            return
        for tail in (self._tail, *reversed(self._replaced)):
            batch = tail.log.sign_of_life(self.path) if tail is not None else None
            if batch is not None:
                self._next_sign = self._clock() + SIGN_OF_LIFE_S
                yield batch
                return

    def _read_plan(self) -> Iterator[BatchT]:
        """Read the unread rest of rotated files, then open and read the log itself."""
        plan, file = self._open_planned()
        self._again = False
        heads = {tail.log.progress.head for tail in self._replaced}
        if plan.missing is not None and plan.missing.head not in heads:
            self._gap = Gap(str(self.path), last_time(plan.missing))
        *older, current = plan.parts
        try:
            for part in older:
                with suppress(FileNotFoundError), open_log(part.path) as log:
                    yield from self._read_older(log, part)
            if file is not None:
                self._tail, file = self._make_tail(current, file), None
        finally:
            if file is not None:
                file.close()
        if self._tail is not None:
            yield from self._read(self._tail)

    def _open_planned(self) -> tuple[Plan, BinaryIO | None]:
        """Return the files to read and the log's open file, opened first so that a rotation cannot lose it."""
        for tail in self._replaced:
            self._keep_position(tail.log)
        opened = {tail.identity() for tail in self._replaced}
        while True:
            try:
                file: BinaryIO | None = self.path.open("rb")
            except FileNotFoundError:  # it is being rotated
                file = None
            plan = plan_log(self.path, self._known.values(), again=self._again, opened=opened, kind=self._kind)
            identity = plan.parts[-1].identity
            if file is None or identity is None or identity == _identity(file):
                return plan, file
            file.close()

    def _read_older(self, log: LogFile, part: Part) -> Iterator[BatchT]:
        """Read a rotated file to its end; unless compressed, it stays open in case it still grows."""
        if log.is_compressed:
            reader = self._make_log(part)
            yield from self._watch(reader.read())
            self._remember(reader)
            return
        tail = self._make_tail(part, cast(BinaryIO, open(os.dup(log.file.fileno()), "rb")))  # noqa: SIM115
        self._replaced.append(tail)
        yield from self._read(tail)
        self._remember(tail.log)

    def _make_log(self, part: Part) -> LogReader[Any, BatchT]:
        return self._make(part, self._parser, "" if part.path == self.path else str(part.path))

    def _make_tail(self, part: Part, file: BinaryIO) -> _Tail[BatchT]:
        file.seek(0)
        log = self._make_log(part)
        log.begin(LogFile(part.path, file, file))
        return _Tail(file, log, self._clock())

    def _read(self, tail: _Tail[BatchT]) -> Iterator[BatchT]:
        before = tail.file.tell()
        yield from self._watch(tail.log.read_added(tail.file))
        if tail.file.tell() > before:
            tail.quiet_since = self._clock()
        self.report.size = self.report.bytes_read

    def _watch(self, batches: Iterator[BatchT]) -> Iterator[BatchT]:
        """Yield the batches; report a gap in the log once the first batch after the gap gives its end."""
        for batch in batches:
            if self._gap is not None and batch.first_at >= self._gap.last:
                self._gap.next = batch.first_at
                self.report.gaps.append(self._gap)
                self._gap = None
            yield batch

    def _read_tails(self) -> Iterator[BatchT]:
        for tail in list(self._replaced):
            if (
                not tail.is_intact()
                or self._clock() - tail.quiet_since > QUIET_S
                or len(self._replaced) > MOST_REPLACED
            ):
                self._close(tail, "was cut off when the file was replaced")
                self._replaced.remove(tail)
            else:
                yield from self._read(tail)
        if self._tail is not None:
            if self._tail.is_intact():
                yield from self._read(self._tail)
            else:
                self._close(self._tail, "was cut off when the file was emptied")
                self._tail = None
                yield from self._read_plan()

    def _look_at_path(self) -> Iterator[BatchT]:
        """Switch to the new file if a rotation has replaced the one being read."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return  # it is being rotated
        if self._tail is not None:
            if self._tail.identity() == (status.st_dev, status.st_ino):
                return
            yield from self._read(self._tail)  # what was written before it was moved
            self._remember(self._tail.log)
            self._replaced.append(self._tail)
            self._tail = None
        yield from self._read_plan()

    def _close(self, tail: _Tail[BatchT], reason: str) -> None:
        tail.log.report_unfinished(reason)
        tail.file.close()
        self._remember(tail.log)

    def _remember(self, log: LogReader[Any, BatchT]) -> None:
        """Store a file's position for the next plan, and its parser for the next file."""
        self._parser = log.parser
        self._keep_position(log)

    def _keep_position(self, log: LogReader[Any, BatchT]) -> None:
        known = log.progress.known()
        if known is not None:
            self._known[known.head] = known
