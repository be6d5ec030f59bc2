"""Key files beside the database: 32 bytes as hex, for this user's eyes alone (security.md R19)."""

import contextlib
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

LENGTH = 32
_LONGEST = 200


def read_key(path: Path) -> bytes:
    """The key. Raises FileNotFoundError, other OSError, or ValueError for a file that others may read or that is no
    key; a link is never followed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid():
            raise ValueError("it is not a file of this user's")
        if about.st_mode & 0o077:
            raise ValueError("others may read it; it must be 0600")
        text = file.read(_LONGEST)
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise ValueError("it is no key")
    return key


def make_key(path: Path, new: Callable[[], bytes]) -> None:
    """Write a key there, whole or not at all, and never over one that another process has made meanwhile; its folder is
    made (0700) when missing. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    draft.unlink(missing_ok=True)
    try:
        with open(draft, "xb", opener=open_private) as file:
            file.write(new().hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    # What is enciphered with it is about to be kept: the file must be found again after the power failed.
    for folder in (path.parent, path.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every file system can, and not every folder above is ours to open
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def open_private(path: str, flags: int) -> int:
    """An opener of files for this user alone, that follows no link."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
