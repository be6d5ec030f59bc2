"""Files that hold a secret: refused unless they belong to this user and nobody else can read them (security.md R19)."""

from pathlib import Path

from octui import files
from octui.cli.failures import CommandError

LARGEST = 10_000


def read_private(path: Path, kind: str) -> str | None:
    """Return the text of a file that only this user can read, None when there is no such file.

    `kind` names it in the CommandError."""
    try:
        return files.read_private(path, LARGEST).decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CommandError(f"{kind} {path}: {error.strerror}.") from None
    except files.NotPrivate:
        raise CommandError(f"{kind} {path} must be yours and readable by you alone: chmod 600 {path}") from None


def write_private(path: Path, text: str) -> None:
    """Write a secret atomically into a folder that only this user can write to. Raises CommandError or OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_folder(path.parent)
    files.write_atomically(path, text.encode(), sync=True)


def check_folder(folder: Path) -> None:
    """Raise CommandError when another user could replace a file in the folder."""
    try:
        files.require_private_folder(folder)
    except files.NotPrivate:
        raise CommandError(f"folder {folder} must be yours and writable by you alone: chmod 700 {folder}") from None
