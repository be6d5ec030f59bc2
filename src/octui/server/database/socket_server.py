"""The owner of the file serves its other programs: the application on a Unix socket, for the same user only.

Imported when serving begins: uvicorn takes 0.1 s to load.
"""

import asyncio
import contextlib
import os
import socket
import stat
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from octui.server.database.errors import Fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp

KEEP_ALIVE_S = 75  # longer than a client waits for a change
DRAIN_S = 2

_LOCAL_PEERCRED = 1  # macOS, BSD


def peer_uid(connection: socket.socket) -> int:
    """The user at the other end of a Unix socket, as the system knows it."""
    if hasattr(socket, "SO_PEERCRED"):
        _, uid, _ = struct.unpack("iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    else:
        _, uid = struct.unpack("II", connection.getsockopt(0, _LOCAL_PEERCRED, 8))
    return int(uid)


class Listening:
    """`app` on the socket at `path` (0600) in a thread and event loop of its own, from now until `stop`.

    Whoever is not the user `uid` is hung up on. Raises StoreError when the socket cannot be made.
    """

    def __init__(self, app: "ASGIApp", path: Path, uid: int) -> None:
        self._path = path
        listening = _bind(path)
        self._server = _Server(_config(app, uid))
        self._thread = threading.Thread(target=self._run, args=(listening,), name="octui-socket", daemon=True)
        self._thread.start()

    def _run(self, listening: socket.socket) -> None:
        asyncio.run(self._server.serve(sockets=[listening]))

    def stop(self) -> None:
        """Stop listening, give the requests in flight 2 s, take the socket away."""
        self._server.leave()
        self._thread.join()
        self._path.unlink(missing_ok=True)


class _Server(uvicorn.Server):
    """Without uvicorn's ten looks a second whether to go on: beside a screen nothing may tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._leaving = threading.Event()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self._loop = asyncio.get_running_loop()
        if not self._leaving.is_set():
            await self._wake.wait()

    def leave(self) -> None:
        """From another thread: begin to shut down."""
        self._leaving.set()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._wake.set)


def _config(app: "ASGIApp", uid: int) -> uvicorn.Config:
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


def _bind(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # The caller holds the lock, so a socket that is there is left over from a program that was killed.
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(path.lstat().st_mode):
                path.unlink()
        listening.bind(os.fspath(path))
        path.chmod(0o600)  # before anybody can connect
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise Fault.READ_ONLY.error(f"The socket {path} cannot be made ({error.strerror}).") from error
    return listening
