"""A sheet written as its rows come, in a process of its own: memory does not grow with the rows, screens do not
stutter, and whoever gives up leaves nothing behind."""

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

from octui.sheets.read import (
    SheetError,
    SheetErrorCode,
    append_csv,
    child_command,
    line_of,
    raise_child_error,
)

Row = Sequence[str | int | None]


class SheetWriter:
    """Writes `path` (.xlsx or .csv, readable by the owner only), which appears whole at `finish` and not before; an
    older file stays until then. Every string is text, as `sheets.write_xlsx` and `write_csv` write it.

    All methods block. `cancel` may come from another thread while one of them runs. Left without `finish`, the context
    cancels when an exception passes through it. Raises SheetError.
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
            handle, self._draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise _refused(error) from error
        try:
            if suffix == ".csv":
                self._csv = io.TextIOWrapper(os.fdopen(handle, "wb"), "utf-8-sig", newline="")
            else:
                os.close(handle)
                self._child = subprocess.Popen(  # noqa: S603
                    child_command("write", str(Path(self._draft).absolute())),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    # What openpyxl keeps there until the end goes with the folder, however the child ends.
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
                    self._child.stdin.write(line_of(list(row)))
            except BrokenPipeError:
                self._answer()  # the child has given up and says why
            except OSError as error:
                raise _refused(error) from error

    def finish(self) -> None:
        """Write what is left and put the file in its place."""
        try:
            with self._busy:
                self._need_open()
                try:
                    if self._child is not None:
                        self._end()
                    self._settle()
                except OSError as error:
                    raise _refused(error) from error
                self._open = False
        except BaseException:
            self.cancel()
            raise
        shutil.rmtree(self._folder, ignore_errors=True)

    def cancel(self) -> None:
        """Stop at once; nothing is left of what was written. After `finish` it changes nothing."""
        if self._child is not None and self._child.poll() is None:
            self._child.kill()  # whoever is writing to it is let go
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
            with suppress(FileNotFoundError):
                os.unlink(self._draft)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _need_open(self) -> None:
        if not self._open:
            raise SheetError(SheetErrorCode.UNREADABLE, f"{self._path.name}: given up")

    def _end(self) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        with suppress(BrokenPipeError), self._child.stdin as pipe:
            pipe.write(line_of({"end": True}))
        self._answer()

    def _answer(self) -> None:
        """What the child says at its end. Raises SheetError unless all went well."""
        assert self._child is not None
        assert self._child.stdout is not None
        with self._child.stdout as pipe:
            answer = pipe.read()
        code = self._child.wait()
        raise_child_error(answer.splitlines()[-1] if answer else b"", code)

    def _settle(self) -> None:
        if self._csv is not None:
            self._csv.flush()
            os.fsync(self._csv.fileno())
            self._csv.close()
        os.replace(self._draft, self._path)


def _refused(error: OSError) -> SheetError:
    return SheetError(SheetErrorCode.UNREADABLE, error.strerror or type(error).__name__)
