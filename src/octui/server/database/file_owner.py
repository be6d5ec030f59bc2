"""Ownership of the SQLite file among the programs of one person (architecture.md 4.5).

The owner holds a lock on `<file>.lock`, is the only one to open the file for writing, and serves the others over the
Unix socket named in the lock file (server/socket_server.py). The system drops the lock when the program ends, even when
it is killed.
"""

import fcntl
import json
import os
import stat
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from octui.server.database.errors import Fault

LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 107, on some 103


@dataclass
class FileOwner:
    """This program's ownership of the database file at `path`, which it serves at `socket_path`, until `release`."""

    path: Path
    socket_path: Path
    _descriptor: int = field(repr=False)

    def release(self) -> None:
        """Give up the ownership. To be called when socket and store are closed."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


@dataclass(frozen=True)
class OtherOwner:
    """Another program (`pid`) that owns the file and serves it at `socket_path`, or is about to."""

    path: Path
    socket_path: Path
    pid: int


def claim_file(path: Path) -> FileOwner | OtherOwner:
    """Become the owner of the database file, or return the other program that owns it.

    Returns at once. Makes the folder (0700) where there is none. Raises StoreError where the lock file cannot be had or
    belongs to another user.
    """
    path = path.absolute().parent.resolve() / path.name
    if path.is_symlink():
        path = path.resolve()  # two names of one file have one owner
    descriptor = _open_lock(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_owner(path, descriptor)
        socket_path = _socket_path(path)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "socket": str(socket_path)}).encode(), 0)
        return FileOwner(path, socket_path, os.dup(descriptor))
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    lock = path.with_name(path.name + ".lock")
    try:
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Fault.READ_ONLY.store_error(f"{lock} cannot be written ({error.strerror}).") from error
    if os.fstat(descriptor).st_uid != os.geteuid():
        os.close(descriptor)
        raise Fault.READ_ONLY.store_error(f"{lock} belongs to another user.")
    return descriptor


def _read_owner(path: Path, descriptor: int) -> OtherOwner:
    try:
        owner = json.loads(os.pread(descriptor, 4096, 0))
        return OtherOwner(path, Path(owner["socket"]), int(owner["pid"]))
    except (ValueError, KeyError, TypeError):
        return OtherOwner(path, _socket_path(path), 0)  # it has the lock and has not written yet


def _socket_path(path: Path) -> Path:
    """Return a path beside the file or, where that is too long for a socket, in a private folder of this user."""
    beside = path.with_name(path.name + ".sock")
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
        return beside
    folder = Path(tempfile.gettempdir()) / f"octui-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Fault.READ_ONLY.store_error(f"{folder} cannot be made ({error.strerror}).") from error
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise Fault.READ_ONLY.store_error(f"{folder} is not a folder of this user alone.")
    return folder / f"{sha256(os.fsencode(path)).hexdigest()[:20]}.sock"
