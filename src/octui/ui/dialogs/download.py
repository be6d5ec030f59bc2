"""A file on its way: how far it is, Esc gives it up, and at the end where it is."""

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
from octui.ui.dialogs.report import Lines, wrapped
from octui.ui.locale import N_, Words
from octui.ui.sentences import sentence
from octui.ui.widgets.key_line import KeyLine
from octui.ui.widgets.progress_bar import ProgressBar

Progress = Callable[[int, int], None]
Job = Callable[[Path, Progress], Awaitable[int]]
"""Writes the file and gives how many rows it has. Given up or failed, it leaves nothing."""


class Download(Dialog[bool]):
    """Answers whether the file is there. It stays open until somebody has read where."""

    KEYS = (("Esc", N_("Give up")),)

    def __init__(self, heading: str, job: Job, path: Path, t: Words) -> None:
        """`path`: a name that is free."""
        super().__init__()
        self.t, self._job, self._path = t, job, path
        self._bar = ProgressBar()
        self._heading = Lines([f" {heading}", ""])
        self._lines = Lines([])
        self._worker: Worker[None] | None = None
        self.rows: int | None = None

    def body(self) -> Vertical:
        self._heading.can_focus = False
        self._heading.add_class("heading")
        self._heading.styles.height = 2
        self._lines.styles.height = 1
        box = Vertical(self._heading, self._bar, self._lines)
        box.styles.width = 76
        return box

    def first(self) -> Widget:
        return self._lines

    def on_mount(self) -> None:
        self._start()

    def _start(self) -> None:
        self._say("")
        self._progress(0, 0)
        self._worker = self._run()

    def _progress(self, done: int, total: int) -> None:
        self._bar.show(done, total)
        if total:
            self._say(self.t("{done} of {total} rows", done=f"{done:,}", total=f"{total:,}"))

    def _say(self, *texts: str) -> None:
        lines = [part for text in texts for part in wrapped(f" {text}")]
        self._lines.put(lines)
        self._lines.styles.height = len(lines)

    @work(exclusive=True, group="download")
    async def _run(self) -> None:
        t = self.t
        try:
            self.rows = await self._job(self._path, self._progress)
        except asyncio.CancelledError:
            self._path.unlink(missing_ok=True)  # finished in the moment in which it was given up
            raise
        except (ClientError, SheetError, OSError) as error:
            self._say(t("Broken off: {reason}", reason=self._why(error)), t("Nothing was kept."))
            self._keys(("Enter", N_("Try again")), CLOSE)
        else:
            self._bar.show(1, 1)
            self._say(t("{count} rows written to", count=f"{self.rows:,}"), str(self._path))
            self._keys(("Enter", N_("Close")))
        finally:
            self._worker = None

    def _why(self, error: Exception) -> str:
        if isinstance(error, Unreachable):
            return self.t("The service cannot be reached.")  # and it is not tried again by itself
        return sentence(error, self.t) if isinstance(error, ClientError) else str(error)

    def _keys(self, *keys: tuple[str, str]) -> None:
        self.query_one(KeyLine).show(tuple((key, self.t(label), True) for key, label in keys))

    def key_enter(self) -> None:
        """Close when it is there, try again when it is not."""
        if self._worker is not None:
            return
        if self.rows is not None:
            self.dismiss(True)
        else:
            self._keys(*self.KEYS)
            self._start()

    @property
    def idle(self) -> bool:
        """Nothing is on its way: it is there, or was broken off."""
        return self._worker is None

    def action_close(self) -> None:
        """Give up while it is on its way; close after that."""
        if self._worker is not None:
            self._worker.cancel()
        self.dismiss(self.rows is not None)
