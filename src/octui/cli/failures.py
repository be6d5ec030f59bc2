"""Failures of commands: one clear line on stderr and an exit code, never a traceback."""

import secrets
import sys
import traceback
from collections.abc import Callable

from octui.cli import places


class CommandError(Exception):
    """A command cannot go on: the sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def say(sentence: str) -> None:
    """Words go to stderr, data to stdout."""
    print(f"octui: {sentence}", file=sys.stderr)


def reported(work: Callable[[], int]) -> int:
    """Run `work`; whatever it raises becomes one line and an exit code."""
    try:
        return work()
    except CommandError as error:
        say(str(error))
        return error.code
    except KeyboardInterrupt:
        say("stopped.")
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        sentence = _sentence_of(error)
        if sentence is None:
            event = secrets.token_hex(4)
            sentence = f"something went wrong that octui did not expect. Event {event}; details: {_write(event)}"
        say(sentence)
        return 1


def _sentence_of(error: Exception) -> str | None:
    """The sentence of errors that are meant for people."""
    kind = type(error)
    if kind.__module__.startswith("octui.") or isinstance(error, OSError):
        from octui.text.safe import safe

        fields = getattr(error, "errors", None) or getattr(getattr(error, "problem", None), "errors", None) or []
        named = "; ".join(f"{one.field}: {one.message}" for one in fields[:5])
        return safe(named or str(error) or kind.__name__, limit=600)
    return None


def _write(event: str) -> str:
    """Keep the traceback (without locals) where only the user reads it."""
    folder = places.log_folder()
    path = folder / f"crash-{event}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError:
        return "could not be written"
    return str(path)
