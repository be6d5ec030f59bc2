"""Files that hold a secret: the user's own and nobody else's, or not touched (security.md R19)."""

import os
import secrets
import stat
from pathlib import Path

from octui.cli.failures import CommandError

LARGEST = 10_000


def read_private(path: Path, what: str) -> str | None:
    """The text of a file that only this user can read; None: there is no such file. Raises CommandError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CommandError(f"{what} {path}: {error.strerror}.") from None
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & 0o077:
            raise CommandError(f"{what} {path} must be yours and readable by you alone: chmod 600 {path}")
        return file.read(LARGEST)


def write_private(path: Path, text: str) -> None:
    """Put a secret there, whole or not at all, in a folder of one's own. Raises CommandError or OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_folder(path.parent)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def check_folder(folder: Path) -> None:
    """Raise CommandError when somebody else could put another file in the place of one there."""
    about = folder.stat()
    if about.st_uid != os.geteuid() or about.st_mode & 0o022:
        raise CommandError(f"folder {folder} must be yours and writable by you alone: chmod 700 {folder}")
