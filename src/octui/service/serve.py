"""`octui serve`: the service for other machines, one process."""

import gc
import ipaddress
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI

from octui.service.app import create_app
from octui.service.live import Live
from octui.service.store.engine import open_store

KEEP_ALIVE_S = 75
GRACE_S = 10
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


class Server(uvicorn.Server):
    """Answers everybody who waits before uvicorn drains: it would hold the end up for the length of a wait."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On SIGTERM and SIGINT."""
        # A signal may come while this thread holds the notifier's lock: wake from the loop, not from here.
        self._live.closing = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Wake, then drain."""
        self._live.close()
        await super().shutdown(sockets)  # type: ignore[arg-type]


def serve(store_url: str, host: str = "127.0.0.1", port: int = 8787, *, beyond_loopback: bool = False) -> None:
    """Open the database and serve it; see `run_server`. Raises StoreError when it cannot be opened."""
    store = open_store(store_url)
    try:
        run_server(create_app(store), host, port, beyond_loopback=beyond_loopback)
    finally:
        store.close()


def run_server(app: FastAPI, host: str, port: int, *, beyond_loopback: bool = False) -> None:
    """Serve `app` until SIGTERM or SIGINT. Raises NotLoopbackError unless `beyond_loopback` says that TLS is somebody
    else's work (a proxy on this machine or in front)."""
    if not beyond_loopback and not is_loopback(host):
        raise NotLoopbackError(f"{host} can be reached from other machines and there is no TLS here")
    raise_limits()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        backlog=8192,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
    Server(config, app.state.live).run()
