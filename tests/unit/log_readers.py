"""Queue logs read and followed as the command does it, for the tests of the readers."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from octui.intake.batches import Report
from octui.intake.follow import Follower
from octui.intake.log_reader import read_plan
from octui.intake.positions import Part, Plan
from octui.intake.queue_log import RowBatch, order_logs, queue_log_maker
from octui.schema.events import IntakeFile


def follow_queue_log(
    path: Path,
    *,
    known: Sequence[IntakeFile] = (),
    report: Report | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Follower[RowBatch]:
    report = report if report is not None else Report()
    return Follower(path, queue_log_maker(report=report), known=known, report=report, clock=clock)


def read_parts(plan: Plan, *, report: Report) -> Iterator[RowBatch]:
    return read_plan(plan, queue_log_maker(report=report), report)


def read_queue_logs(paths: Sequence[Path], *, report: Report) -> Iterator[RowBatch]:
    return read_parts(Plan([Part(path) for path in order_logs(paths)]), report=report)
