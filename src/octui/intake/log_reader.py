"""Base of the readers of PBX logs: where in a file reading begins, and in which order files are read."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

from octui.intake.batches import Gap, Report
from octui.intake.log_files import LineBuffer, LogFile
from octui.intake.positions import Part, Plan, Progress, last_time, shown_path, skip_to
from octui.schema.events import FilePosition, IntakeFile


class DatedBatch(Protocol):
    """Protocol of a batch read from a log: it has the time of its first event (epoch ms)."""

    @property
    def first_at(self) -> int: ...


BatchT = TypeVar("BatchT", bound=DatedBatch)
ParserT = TypeVar("ParserT")


class LogReader(ABC, Generic[ParserT, BatchT]):
    """Base of the readers of one log file, once or while it grows; keeps `report` up to date.

    `kind`: of the log, for positions. `predecessor`: the parser of the file before. `name`: the file's name in the
    report, where there are several. `known`: what was read of it before, as it is found in the file (positions.py).
    """

    def __init__(
        self, path: Path, report: Report, kind: str, *, predecessor: ParserT | None, name: str, known: IntakeFile | None
    ) -> None:
        self.path = path
        self.report = report
        self._kind = kind
        self._name = name
        self._lines = LineBuffer()
        self._known = known
        self._predecessor = predecessor
        self.parser, self.progress = self._begin_known() or self._begin_anew()

    @abstractmethod
    def read(self) -> Iterator[BatchT]:
        """Yield batches of everything in the file from where reading begins to its end. Raises OSError."""

    @abstractmethod
    def read_added(self, file: BinaryIO) -> Iterator[BatchT]:
        """Yield batches of what was added since the last call to a file still being written. Raises OSError."""

    @abstractmethod
    def _make_parser(self, predecessor: ParserT | None) -> ParserT:
        """Return a new parser for this file; `predecessor` is the parser of the file before it."""

    @abstractmethod
    def _restore_parser(self, state: Mapping[str, Any]) -> ParserT | None:
        """Return a parser with this saved state, or None if the state was saved under other options.

        Raises KeyError, TypeError, ValueError or AttributeError for a state of another version.
        """

    def _begin_anew(self) -> tuple[ParserT, Progress]:
        self._known = None
        return self._make_parser(self._predecessor), Progress(self.path, kind=self._kind)

    def _begin_known(self) -> tuple[ParserT, Progress] | None:
        if self._known is None:
            return None
        try:
            parser = self._restore_parser(self._known.state)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None  # the state is of another version
        return None if parser is None else (parser, Progress(self.path, self._known, kind=self._kind))

    @abstractmethod
    def _empty_batch(self, position: FilePosition) -> BatchT:
        """Return a batch without events, for its position alone."""

    def sign_of_life(self, followed: Path) -> BatchT | None:
        """Return an empty batch: the log `followed` has been read to its end; None before the first line."""
        position = self.progress.position(None)
        if position is None:
            return None
        return self._empty_batch(position.model_copy(update={"followed": shown_path(followed)}))

    def begin(self, log: LogFile) -> None:
        """Move to where reading begins: the known position if the text before it is unchanged, else the start."""
        self.progress.open_file(os.fstat(log.file.fileno()))
        if self._known is None:
            return
        self.progress.last_line = skip_to(log, self._known)
        if self.progress.last_line is None:  # changed since it was looked at
            log.stream.seek(0)
            self.parser, self.progress = self._begin_anew()
            self.progress.open_file(os.fstat(log.file.fileno()))

    def report_unfinished(self, reason: str) -> None:
        """Report the last line as unreadable if it has no line end."""
        rest = self._lines.take_rest()
        if rest.strip():
            self.report.lines += 1
            self.report.record_unreadable(self.progress.line + 1, reason, rest, self._name)


MakeReader = Callable[[Part, Any, str], LogReader[Any, BatchT]]
"""Returns the reader of a file, given the file, the parser of the one before it, and its name in the report."""


def read_plan(plan: Plan, make_reader: MakeReader[BatchT], report: Report) -> Iterator[BatchT]:
    """Yield batches of a log's files, read once in the order of the plan. Raises OSError and the reader's errors."""
    report.size = sum(part.path.stat().st_size for part in plan.parts)
    predecessor, missing = None, plan.missing
    for part in plan.parts:
        reader = make_reader(part, predecessor, str(part.path) if len(plan.parts) > 1 else "")
        for batch in reader.read():
            if missing is not None and batch.first_at >= last_time(missing):
                report.gaps.append(Gap(str(part.path), last_time(missing), batch.first_at))
                missing = None
            yield batch
        predecessor = reader.parser
