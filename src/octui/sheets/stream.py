"""Sheets written row by row in a child process.

Memory does not grow with the rows, screens do not stutter, and a canceled writer leaves nothing behind.
"""

import io
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from octui.files import make_draft
from octui.sheets.child import child_command, encode_line, raise_child_error
from octui.sheets.errors import SheetError, SheetErrorCode
from octui.sheets.write import Progress, Row, append_csv, count_rows


class SheetWriter:
    """Writer of `path` (.xlsx or .csv, readable by the owner only), which is replaced only at `finish`.

    Every string is text, as `write_xlsx` and `write_csv` write it. All methods block; `cancel` may be called from
    another thread while one of them runs. As a context manager it finishes, or cancels after an exception. Raises
    SheetError.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self._busy = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._csv: io.TextIOWrapper | None = None
        self._open = True
        suffix = path.suffix.lower()
        if suffix not in (".xlsx", ".csv"):
            raise SheetError(SheetErrorCode.KIND, f"{path.name}: only .xlsx and .csv files are written")
        self._folder = tempfile.mkdtemp(prefix="octui-sheet-")
        try:
            handle, self._draft = make_draft(path)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise _unwritable(error) from error
        try:
            if suffix == ".csv":
                self._csv = io.TextIOWrapper(os.fdopen(handle, "wb"), "utf-8-sig", newline="")
            else:
                os.close(handle)
                self._child = subprocess.Popen(  # noqa: S603
                    child_command("write", str(self._draft.absolute())),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    # openpyxl keeps temporary files there; they are removed with the folder, however the child ends.
                    env={**os.environ, "TMPDIR": self._folder},
                )
            self.write([columns])
        except BaseException:
            self.cancel()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.cancel()

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows, each with as many cells as there are columns."""
        with self._busy:
            self._need_open()
            try:
                if self._csv is not None:
                    append_csv(self._csv, rows)
                    return
                assert self._child is not None
                assert self._child.stdin is not None
                for row in rows:
                    self._child.stdin.write(encode_line(list(row)))
            except BrokenPipeError:
                self._check_answer()  # the child has ended and says why
            except OSError as error:
                raise _unwritable(error) from error

    def finish(self) -> None:
        """Write the rest and replace the file."""
        try:
            with self._busy:
                self._need_open()
                try:
                    if self._child is not None:
                        self._end_input()
                    self._replace_file()
                except OSError as error:
                    raise _unwritable(error) from error
                self._open = False
        except BaseException:
            self.cancel()
            raise
        shutil.rmtree(self._folder, ignore_errors=True)

    def cancel(self) -> None:
        """Stop at once and remove what was written; does nothing after `finish`."""
        if self._child is not None and self._child.poll() is None:
            self._child.kill()  # ends a write that blocks in another thread
        with self._busy:
            if not self._open:
                return
            self._open = False
            if self._child is not None:
                with self._child, suppress(OSError):
                    assert self._child.stdin is not None
                    self._child.stdin.close()
            if self._csv is not None:
                with suppress(OSError):
                    self._csv.close()
            self._draft.unlink(missing_ok=True)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _need_open(self) -> None:
        if not self._open:
            raise SheetError(SheetErrorCode.UNREADABLE, f"{self._path.name}: given up")

    def _end_input(self) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        with suppress(BrokenPipeError), self._child.stdin as pipe:
            pipe.write(encode_line({"end": True}))
        self._check_answer()

    def _check_answer(self) -> None:
        """Wait for the child process to end. Raises SheetError unless it reports success."""
        assert self._child is not None
        assert self._child.stdout is not None
        with self._child.stdout as pipe:
            answer = pipe.read()
        code = self._child.wait()
        raise_child_error(answer.splitlines()[-1] if answer else b"", code)

    def _replace_file(self) -> None:
        if self._csv is not None:
            self._csv.flush()
            os.fsync(self._csv.fileno())
            self._csv.close()
        self._draft.replace(self._path)


def _unwritable(error: OSError) -> SheetError:
    return SheetError(SheetErrorCode.UNREADABLE, error.strerror or type(error).__name__)


def write_xlsx_in_child(
    path: Path, columns: Sequence[str], rows: Iterable[Row], progress: Progress | None = None
) -> None:
    """Write a sheet in a child process, so that screens do not stutter; `progress` counts the rows handed over."""
    with SheetWriter(path, columns) as writer:
        writer.write(count_rows(rows, progress))
