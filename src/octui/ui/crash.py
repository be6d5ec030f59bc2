"""End of the app after an unhandled error: one sentence, and a report without values (security.md R20)."""

import re
import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb, format_exception_only
from typing import TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import App

from octui.files import open_private

ReturnType = TypeVar("ReturnType")

# Tokens, keys, hashes: any long run of such characters, and whatever follows "Bearer" or a telling name.
_SECRET = re.compile(
    r"(?i)(bearer\s+|(?:token|key|secret|password|authorization)['\"]?\s*[=:]\s*)\S+|[A-Za-z0-9_+=-]{20,}"
)


def write_crash(error: BaseException, folder: Path) -> tuple[str, Path | None]:
    """Write an error report to a new private file in the folder; return the report's ID and path.

    Frames by file, line and function, no local values; messages with anything like a secret blotted out. The path is
    None when the file cannot be written.
    """
    event = secrets.token_hex(4)
    now = datetime.now(UTC)
    path = folder / f"crash-{now:%Y%m%dT%H%M%SZ}-{event}.txt"
    text = "\n".join((f"event {event}", f"time {now.isoformat()}", f"python {sys.version.split()[0]}", *_lines(error)))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "x", encoding="utf-8", errors="backslashreplace", opener=open_private) as out:
            out.write(text + "\n")
    except OSError:
        return event, None
    return event, path


def _lines(error: BaseException) -> Iterator[str]:
    at: BaseException | None = error
    known: set[int] = set()
    while at is not None and id(at) not in known:
        known.add(id(at))
        yield ""
        for frame in extract_tb(at.__traceback__):
            yield f"{frame.filename}:{frame.lineno} in {frame.name}"
        message = "".join(format_exception_only(at)).strip()
        yield _SECRET.sub(lambda match: f"{match[1] or ''}[…]", message)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


class Crash(App[ReturnType]):
    """Mixin of apps that end with one sentence after an unhandled error; override `crash_sentence` to translate it."""

    crash_folder: Path | None = None
    crash_event: str | None = None
    """The id of the event that ended the app, None while all is well."""
    _crash_said: Text | None = None

    def crash_sentence(self, event: str, path: Path | None) -> str:
        where = f" Details are in {path}." if path else ""
        return f"octui had to stop because of an error of its own, event {event}.{where}"

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._end_with(error)

    def _fatal_error(self) -> None:
        self._end_with(sys.exc_info()[1] or RuntimeError("unknown"))

    def panic(self, *renderables: RenderableType) -> None:
        """Show Textual's own message, or the crash sentence instead of a traceback."""
        # Not imported here: it takes 40 ms of every start, and whoever passes a traceback has imported it.
        tracebacks = sys.modules.get("rich.traceback")
        if tracebacks and any(isinstance(renderable, tracebacks.Traceback) for renderable in renderables):
            self._return_code = 1
            self._end_with(sys.exc_info()[1] or RuntimeError("a thread of the terminal driver failed"))
            return
        super().panic(*renderables)

    def _end_with(self, error: BaseException) -> None:
        if self.crash_event is not None:
            self._close_messages_no_wait()
            return
        path = None
        if self.crash_folder is None:
            self.crash_event = secrets.token_hex(4)
        else:
            self.crash_event, path = write_crash(error, self.crash_folder)
        self._crash_said = Text(self.crash_sentence(self.crash_event, path))
        super().panic(self._crash_said)

    def _print_error_renderables(self) -> None:
        if self._crash_said is None:
            super()._print_error_renderables()
            return
        self._exit_renderables.clear()
        # Left to the terminal to wrap, so that the path can be copied.
        sentence, self._crash_said = self._crash_said, None
        self.error_console.print(sentence, soft_wrap=True)
