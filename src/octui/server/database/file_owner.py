"""Who owns the SQLite file among the programs of one person (architecture.md 4.5).

The owner holds a lock on `<file>.lock`, alone opens the file for writing and serves everybody else over the Unix socket
named in the lock file (`socket_server.py`). The lock ends with its program, whatever way that ends.
"""

import fcntl
import json
import os
import stat
import tempfile
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from octui.server.database.errors import Fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from octui.server.database.socket_server import Listening

LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 107, on some 103
_LOOK_AGAIN_S = 0.1


@dataclass
class FileOwner:
    """This program owns the file at `path` until `release`; others are to be served at `socket_path`."""

    path: Path
    socket_path: Path
    _descriptor: int = field(repr=False)

    def release(self) -> None:
        """Let the next one have it: to be called when socket and store are closed."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


@dataclass(frozen=True)
class OtherOwner:
    """Another program (`pid`) owns the file and serves it at `socket_path`, or is about to."""

    path: Path
    socket_path: Path
    pid: int


def claim_file(path: Path) -> FileOwner | OtherOwner:
    """Own the file if nobody does, else say where its owner serves. Returns at once; makes the folder (0700) where
    there is none. Raises StoreError where the lock file cannot be had or is somebody else's."""
    path = path.absolute().parent.resolve() / path.name
    if path.is_symlink():
        path = path.resolve()  # two names of one file have one owner
    descriptor = _open(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _elsewhere(path, descriptor)
        socket_path = _socket_path(path)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "socket": str(socket_path)}).encode(), 0)
        return FileOwner(path, socket_path, os.dup(descriptor))
    finally:
        os.close(descriptor)


def wait_to_own(path: Path, seconds: float, stopping: Event | None = None) -> FileOwner | None:
    """Own the file as soon as its owner lets go, waiting at most `seconds`; None: it is still (or again) somebody
    else's, or `stopping` was set. Raises StoreError as `claim` does."""
    end = time.monotonic() + seconds
    stopping = stopping or Event()
    while True:
        claimed = claim_file(path)
        if isinstance(claimed, FileOwner):
            return claimed
        left = end - time.monotonic()
        if left <= 0 or stopping.wait(min(_LOOK_AGAIN_S, left)):
            return None


def _open(path: Path) -> int:
    lock = path.with_name(path.name + ".lock")
    try:
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Fault.READ_ONLY.error(f"{lock} cannot be written ({error.strerror}).") from error
    if os.fstat(descriptor).st_uid != os.geteuid():
        os.close(descriptor)
        raise Fault.READ_ONLY.error(f"{lock} belongs to another user.")
    return descriptor


def _elsewhere(path: Path, descriptor: int) -> OtherOwner:
    try:
        said = json.loads(os.pread(descriptor, 4096, 0))
        return OtherOwner(path, Path(said["socket"]), int(said["pid"]))
    except (ValueError, KeyError, TypeError):
        return OtherOwner(path, _socket_path(path), 0)  # it has the lock and has not written yet


def _socket_path(path: Path) -> Path:
    """Beside the file; where that is too long for a socket, in a folder of this user's alone."""
    beside = path.with_name(path.name + ".sock")
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
        return beside
    folder = Path(tempfile.gettempdir()) / f"octui-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Fault.READ_ONLY.error(f"{folder} cannot be made ({error.strerror}).") from error
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise Fault.READ_ONLY.error(f"{folder} is not a folder of this user alone.")
    return folder / f"{sha256(os.fsencode(path)).hexdigest()[:20]}.sock"


class SocketServer:
    """The owner serves `app` to its user's other programs at `owner.socket_path`. `app` is called as it is: wrap it in
    `security.LocalApp`. Whoever is not the user `uid` (default: this program's) is hung up on."""

    def __init__(self, app: "ASGIApp", owner: FileOwner, *, uid: int | None = None) -> None:
        self._app = app
        self._path = owner.socket_path
        self._uid = os.geteuid() if uid is None else uid
        self._listening: Listening | None = None

    def start(self) -> None:
        """Listen; who comes from now on is answered. Raises StoreError when the socket cannot be made."""
        from octui.server.database.socket_server import Listening

        self._listening = Listening(self._app, self._path, self._uid)

    def stop(self) -> None:
        """Stop listening, give the requests in flight 2 s, take the socket away. Wake long waits before."""
        if self._listening is not None:
            self._listening.stop()
            self._listening = None
