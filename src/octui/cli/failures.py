"""Failures of commands: one clear line on stderr and an exit code, never a traceback."""

import os
import secrets
import sys
import traceback
from collections.abc import Callable
from typing import Any

from octui.cli import paths

DONE, FAILED, WRONG_USE, IN_PART = 0, 1, 2, 3
"""Exit codes of every command."""


class CommandError(Exception):
    """A command cannot go on: the sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


def say(sentence: str) -> None:
    """Words go to stderr, data to stdout."""
    from octui.text.safe import safe

    print(f"octui: {safe(sentence, limit=2000)}", file=sys.stderr)


def reported(work: Callable[[], int]) -> int:
    """Run `work`; whatever it raises becomes one line and an exit code."""
    try:
        code = work()
        sys.stdout.flush()
        return code
    except CommandError as error:
        say(str(error))
        return error.code
    except KeyboardInterrupt:
        say("stopped.")
        return 130
    except BrokenPipeError:
        # Whoever read has had enough (`octui … | head`); Python would say so again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        sentence = _sentence_of(error)
        if sentence is None:
            event = secrets.token_hex(4)
            sentence = f"something went wrong that octui did not expect. Event {event}; details: {_write(event)}"
        say(sentence)
        return WRONG_USE if type(error).__name__ in _WRONG_USE else FAILED


_WRONG_USE = frozenset(("BadAddress", "NotLoopbackError", "ValidationError"))


def _sentence_of(error: Exception) -> str | None:
    """The sentence of errors that are meant for people."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if isinstance(error.filename, str) else error.strerror
    if type(error).__name__ == "ValidationError" and isinstance(error, ValueError):
        # A value that no service would take, found before it was sent.
        from octui.schema.findings import field_problem

        found: list[dict[str, Any]] = getattr(error, "errors", list)()
        problems = [field_problem(one, one["loc"]) for one in found[:5]]
        return "; ".join(f"{one.field}: {one.message}" for one in problems) or None
    if not type(error).__module__.startswith("octui."):
        return str(error) if isinstance(error, OSError) and str(error) else None
    fields = getattr(error, "errors", None) or getattr(getattr(error, "problem", None), "errors", None) or []
    return "; ".join(f"{one.field}: {one.message}" for one in fields[:5]) or str(error) or type(error).__name__


def _write(event: str) -> str:
    """Keep the traceback (without locals) where only the user reads it."""
    folder = paths.log_folder()
    path = folder / f"crash-{event}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError:
        return "could not be written"
    return str(path)
