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

_WRONG_USE_ERRORS = frozenset(("BadAddress", "NotLoopbackError", "ValidationError"))


class CommandError(Exception):
    """Failure of a command: the sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


def say(sentence: str) -> None:
    """Print a sentence to stderr; stdout is for data."""
    from octui.text.safe import safe

    print(f"octui: {safe(sentence, limit=2000)}", file=sys.stderr)


def run_reporting_failures(command: Callable[[], int]) -> int:
    """Run a command and return its exit code; an exception becomes one line on stderr."""
    try:
        code = command()
        sys.stdout.flush()
        return code
    except CommandError as error:
        say(str(error))
        return error.code
    except KeyboardInterrupt:
        say("stopped.")
        return 130
    except BrokenPipeError:
        # The reader has ended (`octui … | head`). Python would report it again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        sentence = _sentence_for(error)
        if sentence is None:
            event = secrets.token_hex(4)
            sentence = f"something went wrong that octui did not expect. Event {event}; details: {_save_note(event)}"
        say(sentence)
        return WRONG_USE if type(error).__name__ in _WRONG_USE_ERRORS else FAILED


def _sentence_for(error: Exception) -> str | None:
    """Return the sentence of an error that is meant for people, else None."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if isinstance(error.filename, str) else error.strerror
    if type(error).__name__ == "ValidationError" and isinstance(error, ValueError):
        # A value that no server would take, found before it was sent.
        from octui.schema.findings import field_problem

        errors: list[dict[str, Any]] = getattr(error, "errors", list)()
        return _joined([field_problem(row, row["loc"]) for row in errors[:5]]) or None
    if not type(error).__module__.startswith("octui."):
        return str(error) if isinstance(error, OSError) and str(error) else None
    problems = getattr(error, "errors", None) or getattr(getattr(error, "problem", None), "errors", None) or []
    return _joined(problems[:5]) or str(error) or type(error).__name__


def _joined(problems: list[Any]) -> str:
    return "; ".join(f"{problem.field}: {problem.message}" for problem in problems)


def _save_note(event: str) -> str:
    """Save the traceback, without local variables, in a file that only the user can read; return its path."""
    folder = paths.log_folder()
    path = folder / f"crash-{event}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError:
        return "could not be written"
    return str(path)
