"""Atomic and private files: written completely or not at all, readable by this user alone (security.md R19)."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


class NotPrivate(ValueError):
    """A file or folder that belongs to, or is open to, another user."""


def write_atomically(path: Path, body: bytes, *, sync: bool) -> None:
    """Replace the file in one step: mode 0600, its folder is made with 0700 when missing. Raises OSError.

    With `sync` it survives a power cut, without it the end of this program.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with atomic_file(path, sync=sync) as file:
        file.write(body)
    if sync:
        sync_folder(path.parent)


@contextmanager
def atomic_file(path: Path, *, sync: bool = True) -> Iterator[IO[bytes]]:
    """Open a file (0600) that replaces `path` at the end of the block, and is removed when the block raises."""
    descriptor, draft = make_draft(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def make_draft(path: Path) -> tuple[int, Path]:
    """Create an empty file (0600) beside `path`, to be renamed to it. Returns its descriptor and its path."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    return descriptor, Path(name)


def write_once(path: Path, body: bytes) -> None:
    """Write the file durably (0600) unless it exists; another process never sees part of it. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = make_draft(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the folder's file names survive a power cut, where the file system supports that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def open_private(path: str, flags: int) -> int:
    """Open a file for this user alone (0600), following no link: an `opener` of the built-in `open`."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def read_private(path: Path, limit: int) -> bytes:
    """Return at most `limit` bytes of a file that only this user can read; no link is followed.

    Raises OSError, or NotPrivate with half a sentence.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise NotPrivate("it is not a file of this user's")
        if status.st_mode & 0o077:
            raise NotPrivate("others may read it; it must be 0600")
        return file.read(limit)


def require_private_folder(folder: Path) -> None:
    """Raise NotPrivate when another user could replace a file in the folder."""
    status = folder.stat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise NotPrivate("others may write to it; it must be 0700")
