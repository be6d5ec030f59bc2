"""`octui serve`: the service for other machines, one process."""

import gc
import ipaddress
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from octui.server.web.waiters import Notifier

KEEP_ALIVE_S = 75
GRACE_S = 10
BACKLOG = 8192
OPEN_FILES = 65_536


class NotLoopbackError(ValueError):
    """The address would be reachable from other machines, and there is no TLS here."""


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is this machine's alone. Names other than localhost are not looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def raise_limits() -> None:
    """As many connections as the system allows, and a collector that does not walk thousands of waiting requests
    again and again (it doubled the cost of waking them)."""
    gc.set_threshold(100_000, 50, 1000)
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class HttpServer(uvicorn.Server):
    """Answers everybody who waits before uvicorn drains: it would hold the end up for the length of a wait."""

    def __init__(self, config: uvicorn.Config, notifier: Notifier) -> None:
        super().__init__(config)
        self._notifier = notifier

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the serving and nothing else: uvicorn would raise them again behind it, and the store
        would not be closed."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On SIGTERM and SIGINT."""
        # A signal may come while this thread holds the notifier's lock: wake from the loop, not from here.
        self._notifier.closing = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wake, then drain."""
        self._notifier.close()
        await super().shutdown(sockets)


def open_listener(host: str, port: int, *, beyond_loopback: bool = False) -> socket.socket:
    """A listening socket; port 0 takes any that is free.

    Raises OSError, and NotLoopbackError unless `beyond_loopback` says that TLS is somebody else's work (a proxy on
    this machine or in front)."""
    if not beyond_loopback and not is_loopback(host):
        raise NotLoopbackError(f"{host} can be reached from other machines and there is no TLS here")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # What is accepted here inherits it. asyncio sets it only on sockets it has made itself, and without it every answer
    # after a connection's first waits 40 ms for an acknowledgement that is in no hurry.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def run_server(app: FastAPI, listening: socket.socket, *, behind_proxy: bool = False) -> None:
    """Serve `app` there until SIGTERM or SIGINT; then everybody who waits is answered and the socket closed."""
    raise_limits()
    with listening:
        HttpServer(uvicorn_config(app, behind_proxy=behind_proxy), app.state.notifier).run(sockets=[listening])


def uvicorn_config(app: FastAPI, *, behind_proxy: bool = False) -> uvicorn.Config:
    """One process, quiet; connections outlive the pause between two waits. Only with a proxy in front is its word
    for the caller's address taken, or any program on this machine could name another one for the log."""
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
