"""Unix socket on which the owner of the SQLite file serves the same user's other programs (database/file_owner.py).

Import it when serving begins: uvicorn takes 0.1 s to load.
"""

import asyncio
import contextlib
import os
import socket
import stat
import struct
import threading
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from octui.server.database.errors import Fault

KEEP_ALIVE_S = 75  # longer than a client waits for a change
DRAIN_S = 2

_LOCAL_PEERCRED = 1  # macOS, BSD


def peer_uid(connection: socket.socket) -> int:
    """Return the user ID of the program at the other end of a Unix socket."""
    if hasattr(socket, "SO_PEERCRED"):
        _, uid, _ = struct.unpack("iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    else:
        _, uid = struct.unpack("II", connection.getsockopt(0, _LOCAL_PEERCRED, 8))
    return int(uid)


class SocketServer:
    """Server of `app` on the socket at `path` (0600), in a thread and event loop of its own.

    `app` is called as it is: wrap it in `authentication.LocalApp`. Connections of any user but `uid` (default: this
    program's) are closed.
    """

    def __init__(self, app: ASGIApp, path: Path, *, uid: int | None = None) -> None:
        self._path = path
        self._server = _Server(_uvicorn_config(app, os.geteuid() if uid is None else uid))
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Make the socket and listen on it. Raises StoreError when the socket cannot be made."""
        listener = _bind_socket(self._path)
        self._thread = threading.Thread(target=self._run, args=(listener,), name="octui-socket", daemon=True)
        self._thread.start()

    def _run(self, listener: socket.socket) -> None:
        asyncio.run(self._server.serve(sockets=[listener]))

    def stop(self) -> None:
        """Stop listening, give the requests in flight 2 s, remove the socket. Wake waiting requests before."""
        if self._thread is not None:
            self._server.stop()
            self._thread.join()
            self._thread = None
            self._path.unlink(missing_ok=True)


class _Server(uvicorn.Server):
    """uvicorn without its poll of ten times a second: while nothing happens, no timer may run beside a screen."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = threading.Event()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self._loop = asyncio.get_running_loop()
        if not self._stopping.is_set():
            await self._wake.wait()

    def stop(self) -> None:
        """Begin to shut down. Called from another thread."""
        self._stopping.set()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._wake.set)


def _uvicorn_config(app: ASGIApp, uid: int) -> uvicorn.Config:
    class SameUserOnly(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if peer_uid(transport.get_extra_info("socket")) != uid:
                transport.abort()

    return uvicorn.Config(
        app,
        http=SameUserOnly,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )


def _bind_socket(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # The caller owns the database file, so a socket that is there is left over from a program that was killed.
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(path.lstat().st_mode):
                path.unlink()
        listener.bind(os.fspath(path))
        path.chmod(0o600)  # before anybody can connect
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise Fault.READ_ONLY.store_error(f"The socket {path} cannot be made ({error.strerror}).") from error
    return listener
