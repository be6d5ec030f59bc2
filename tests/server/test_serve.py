"""The HTTP server: loopback only by default, and a quick shutdown while clients wait."""

import asyncio
import gc
import resource
import signal
import socket
from typing import Any

import httpx
import pytest

from octui.server.app import create_app
from octui.server.database.store import Store
from octui.server.identity.authentication import issue_token
from octui.server.serve import HttpServer, NotLoopbackError, open_listener, raise_limits, uvicorn_config
from octui.text.hosts import is_loopback
from server.clients import API_URL
from server.conftest import Center
from server.test_people import PARTS
from server.test_waiters import wait_until


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.8.9.1", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "octui.example", "", "localhost.example")],
)
def test_loopback_addresses_are_recognized(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_other_addresses_need_permission() -> None:
    with pytest.raises(NotLoopbackError):
        open_listener("0.0.0.0", 0)
    with open_listener("127.0.0.1", 0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_file_limit_is_raised() -> None:
    before, files = gc.get_threshold(), resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, files[1]), files[1]))
        raise_limits()
        assert gc.get_threshold()[0] == 100_000
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(65_536, files[1])
    finally:
        gc.set_threshold(*before)
        resource.setrlimit(resource.RLIMIT_NOFILE, files)


async def test_shutdown_answers_waiting_requests(store: Store, center: Center) -> None:
    app = create_app(store, parts=PARTS)
    headers = {"authorization": f"Bearer {issue_token(store, 'kim', 1)}"}
    listening = open_listener("127.0.0.1", 0)
    url = API_URL.replace("octui", f"127.0.0.1:{listening.getsockname()[1]}")
    server = HttpServer(uvicorn_config(app), app.state.notifier)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as client, asyncio.timeout(20):
        tag = (await client.get("/me")).headers["etag"]
        wait = {"If-None-Match": tag, "Prefer": "wait=30"}
        waiting = [asyncio.create_task(client.get("/me", headers=wait)) for _ in range(3)]
        await wait_until(lambda: app.state.notifier.waiting == 3)
        signal.raise_signal(signal.SIGTERM)
        assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [304] * 3
        await serving
    assert app.state.notifier.waiting == 0


def test_answers_are_sent_without_delay() -> None:
    with open_listener("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_forwarded_address_counts_only_behind_a_proxy(store: Store) -> None:
    app = create_app(store)
    try:
        plain, proxied = uvicorn_config(app), uvicorn_config(app, behind_proxy=True)
        assert (plain.proxy_headers, proxied.proxy_headers) == (False, True)
        seen: list[str] = []

        async def caller(scope: dict[str, Any], receive: object, send: object) -> None:
            seen.append(scope["client"][0])

        for config in (plain, proxied):
            config.app = caller  # type: ignore[assignment]
            config.load()
            scope = {
                "type": "http",
                "client": ("127.0.0.1", 1),
                "scheme": "http",
                "headers": [(b"x-forwarded-for", b"203.0.113.9")],
            }
            await config.loaded_app(scope, None, None)  # type: ignore[arg-type]
        assert seen == ["127.0.0.1", "203.0.113.9"]
    finally:
        app.state.notifier.close()
