"""HTTP server of `octui serve`, for other machines: uvicorn in one process."""

import gc
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from octui.server.web.waiters import Notifier
from octui.text.hosts import is_loopback

KEEP_ALIVE_S = 75
GRACE_S = 10
BACKLOG = 8192
OPEN_FILES = 65_536


class NotLoopbackError(ValueError):
    """The address can be reached from other machines, and there is no TLS here."""


def raise_limits() -> None:
    """Raise the limit of open connections to the system's, and collect garbage less often.

    Walking thousands of waiting requests again and again doubled the cost of waking them.
    """
    gc.set_threshold(100_000, 50, 1000)
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class HttpServer(uvicorn.Server):
    """uvicorn that answers waiting requests at once when it stops, instead of after their wait."""

    def __init__(self, config: uvicorn.Config, notifier: Notifier) -> None:
        super().__init__(config)
        self._notifier = notifier

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle SIGTERM and SIGINT only while serving.

        uvicorn would raise them again afterwards, and the store would not be closed.
        """
        handlers = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to shut down on SIGTERM and SIGINT."""
        # A signal may come while this thread holds the notifier's lock: wake from the loop, not from here.
        self._notifier.closing = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wake the waiting requests, then drain."""
        self._notifier.close()
        await super().shutdown(sockets)


def open_listener(host: str, port: int, *, beyond_loopback: bool = False) -> socket.socket:
    """Return a listening socket; port 0 takes any that is free.

    Raises OSError, and NotLoopbackError unless `beyond_loopback` says that a proxy provides TLS.
    """
    if not beyond_loopback and not is_loopback(host):
        raise NotLoopbackError(f"{host} can be reached from other machines and there is no TLS here")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # Accepted connections inherit it. asyncio sets it only on sockets that it makes itself, and without it every answer
    # after the first of a connection waits 40 ms for an acknowledgment.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def run_server(app: FastAPI, listener: socket.socket, *, behind_proxy: bool = False) -> None:
    """Serve `app` until SIGTERM or SIGINT; then answer the waiting requests and close the socket."""
    raise_limits()
    with listener:
        HttpServer(uvicorn_config(app, behind_proxy=behind_proxy), app.state.notifier).run(sockets=[listener])


def uvicorn_config(app: FastAPI, *, behind_proxy: bool = False) -> uvicorn.Config:
    """Return uvicorn's settings: one process, no logs, connections that outlive the pause between two waits.

    The address in X-Forwarded-For counts only behind a proxy; otherwise any program on this machine could forge the
    address in the log.
    """
    return uvicorn.Config(
        app,
        proxy_headers=behind_proxy,
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
