"""Dialog during the writing of a file: progress, then the file's path; Esc cancels."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual import work
from textual.containers import Vertical
from textual.widget import Widget
from textual.worker import Worker

from octui.client.errors import ClientError, Unreachable
from octui.sheets.errors import SheetError
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_, Words
from octui.ui.sentences import error_sentence
from octui.ui.widgets.key_line import KeyLine
from octui.ui.widgets.progress_bar import ProgressBar
from octui.ui.widgets.text_lines import TextLines, heading_lines, wrap_line

Progress = Callable[[int, int], None]
WriteFile = Callable[[Path, Progress], Awaitable[int]]
"""Writes the file and returns its number of rows. Given up or failed, it leaves no file."""


class Download(Dialog[bool]):
    """A window with a download's progress, then the file's path. Returns whether the file was written."""

    KEYS = (("Esc", N_("Give up")),)

    def __init__(self, heading: str, write_file: WriteFile, path: Path, t: Words) -> None:
        """Create the window; there must be no file at `path` yet."""
        super().__init__()
        self.t, self._write_file, self._path = t, write_file, path
        self._bar = ProgressBar()
        self._heading = heading
        self._lines = TextLines([])
        self._worker: Worker[None] | None = None
        self.rows: int | None = None

    def compose_body(self) -> Vertical:
        self._lines.styles.height = 1
        box = Vertical(heading_lines([f" {self._heading}", ""]), self._bar, self._lines)
        box.styles.width = 76
        return box

    def initial_focus(self) -> Widget:
        return self._lines

    def on_mount(self) -> None:
        self._start_writing()

    def _start_writing(self) -> None:
        self._show_texts("")
        self._show_progress(0, 0)
        self._worker = self._write_rows()

    def _show_progress(self, done: int, total: int) -> None:
        self._bar.show_progress(done, total)
        if total:
            self._show_texts(self.t("{done} of {total} rows", done=f"{done:,}", total=f"{total:,}"))

    def _show_texts(self, *texts: str) -> None:
        lines = [part for text in texts for part in wrap_line(f" {text}")]
        self._lines.set_lines(lines)
        self._lines.styles.height = len(lines)

    @work(exclusive=True, group="download")
    async def _write_rows(self) -> None:
        t = self.t
        try:
            self.rows = await self._write_file(self._path, self._show_progress)
        except asyncio.CancelledError:
            self._path.unlink(missing_ok=True)  # finished in the moment in which it was given up
            raise
        except (ClientError, SheetError, OSError) as error:
            self._show_texts(t("Broken off: {reason}", reason=self._error_text(error)), t("Nothing was kept."))
            self._show_keys(("Enter", N_("Try again")), CLOSE)
        else:
            self._bar.show_progress(1, 1)
            self._show_texts(t("{count} rows written to", count=f"{self.rows:,}"), str(self._path))
            self._show_keys(("Enter", N_("Close")))
        finally:
            self._worker = None

    def _error_text(self, error: Exception) -> str:
        if isinstance(error, Unreachable):
            return self.t("The service cannot be reached.")  # and it is not tried again by itself
        return error_sentence(error, self.t) if isinstance(error, ClientError) else str(error)

    def _show_keys(self, *keys: tuple[str, str]) -> None:
        self.query_one(KeyLine).show_keys(tuple((key, self.t(label), True) for key, label in keys))

    def key_enter(self) -> None:
        """Close the window if the file is written; after a failure try again."""
        if self._worker is not None:
            return
        if self.rows is not None:
            self.dismiss(True)
        else:
            self._show_keys(*self.KEYS)
            self._start_writing()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being written: the file is complete, or writing was canceled."""
        return self._worker is None

    def action_close(self) -> None:
        """Close the window and cancel writing."""
        if self._worker is not None:
            self._worker.cancel()
        self.dismiss(self.rows is not None)
