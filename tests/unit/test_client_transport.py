"""Transports: addresses, deadlines, lost connections, and bytes that arrive unchanged."""

import asyncio
import gzip
import logging
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request as ServerRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from octui.client.errors import BadAddress, BadAnswer, ClientError, Unreachable
from octui.client.transport import (
    HttpTransport,
    Request,
    caller_headers,
    http_transport,
    in_process_transport,
    socket_transport,
)
from octui.schema.audit import Via


def mock(answer: Callable[[httpx.Request], httpx.Response], **options: int) -> HttpTransport:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://octui.local")
    return HttpTransport(client, **options)


def get(deadline: float = 5) -> Request:
    return Request(method="GET", path="/", deadline=deadline)


def app(handler: Callable[[ServerRequest], Awaitable[Response]]) -> Starlette:
    return Starlette(routes=[Route("/{path:path}", handler, methods=["GET", "POST"])])


async def echo(request: ServerRequest) -> Response:
    body = await request.body()
    seen = {
        "path": request.scope["raw_path"].decode(),
        "query": request.url.query,
        "via": request.headers.get("octui-via"),
        "as": request.headers.get("octui-as"),
        "body": body.decode(),
    }
    return JSONResponse(seen)


async def test_in_process_transport_carries_path_query_headers_and_body() -> None:
    transport = in_process_transport(app(echo), caller_headers(Via.SCREEN, "김 admin@x"))
    reply = await transport.send(
        Request(method="POST", path="/api/v1/a%2Fb", params=[("q", "김 &=;")], body=b"{}", deadline=5)
    )
    await transport.close()
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    seen = httpx.Response(200, content=reply.body).json()
    assert seen["path"] == "/api/v1/a%2Fb"
    assert httpx.QueryParams(seen["query"])["q"] == "김 &=;"
    assert (seen["via"], seen["as"], seen["body"]) == ("screen", "%EA%B9%80%20admin@x", "{}")


async def test_deadline_is_kept_in_process_and_ends_the_handler() -> None:
    ended = asyncio.Event()

    async def never(request: ServerRequest) -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return Response()

    transport = in_process_transport(app(never), {})
    with pytest.raises(Unreachable) as caught:
        await transport.send(get(0.001))
    assert caught.value.code == "timeout"
    assert caught.value.maybe_done
    assert ended.is_set()
    await transport.close()


async def test_exception_in_the_server_is_a_500() -> None:
    async def broken(request: ServerRequest) -> Response:
        raise RuntimeError("token=secret")

    transport = in_process_transport(app(broken), {})
    reply = await transport.send(get())
    assert reply.status == 500
    assert b"secret" not in reply.body
    await transport.close()


@pytest.mark.parametrize(
    ("raised", "code", "maybe_done"),
    [
        (httpx.ConnectError("refused"), "connect", False),
        (httpx.ConnectTimeout(""), "connect", False),
        (httpx.ReadError(""), "broken_off", True),
        (httpx.RemoteProtocolError("peer closed connection"), "broken_off", True),
        (httpx.WriteError("reset"), "broken_off", True),
        (OSError("AF_UNIX path too long"), "broken_off", True),
    ],
)
async def test_lost_connection_has_a_code_and_tells_whether_it_may_be_done(
    raised: Exception, code: str, maybe_done: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise raised

    with pytest.raises(Unreachable) as caught:
        await mock(answer).send(get())
    assert (caught.value.code, caught.value.maybe_done) == (code, maybe_done)


async def test_text_of_a_network_error_is_made_harmless() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("certificate for \x1b]52;c;AAAA\x07")

    with pytest.raises(Unreachable) as caught:
        await mock(answer).send(get())
    assert str(caught.value).isprintable()


async def test_body_that_unpacks_to_too_much_is_refused() -> None:
    packed = gzip.compress(b"x" * 10_000)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=packed)

    assert len((await mock(answer, largest_body=10_000).send(get())).body) == 10_000
    with pytest.raises(BadAnswer) as caught:
        await mock(answer, largest_body=9_999).send(get())
    assert caught.value.code == "too_large"


async def test_body_with_a_wrong_encoding_is_a_bad_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"<html>"))

    with pytest.raises(BadAnswer):
        await mock(answer).send(get())


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://octui.example", "not_encrypted"),
        ("http://10.0.0.1:8080", "not_encrypted"),
        ("http://localhost.example", "not_encrypted"),
        ("http://127.0.0.1.example", "not_encrypted"),
        ("http://[::2]", "not_encrypted"),
        ("https://user:pass@octui.example", "secret_in_url"),
        ("http://user@localhost", "secret_in_url"),
        ("ftp://localhost", "not_a_url"),
        ("localhost:8000", "not_a_url"),
        ("https://", "not_a_url"),
        ("https://host:99999", "not_a_url"),
        ("https://host:0", "not_a_url"),
        ("https://[::1", "not_a_url"),
        ("https://host?x=1", "not_a_url"),
        ("https://host/#x", "not_a_url"),
        ("https://ho st", "not_a_url"),
        ("https://ho\x1bst", "not_a_url"),
        ("", "not_a_url"),
    ],
)
def test_bad_addresses_are_refused_before_anything_is_sent(url: str, code: str) -> None:
    with pytest.raises(BadAddress) as caught:
        http_transport(url, "oct_x", {})
    assert caught.value.code == code


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000",
        "http://127.0.0.1:8000/",
        "http://127.8.9.1",
        "http://[::1]:8000",
        "https://octui.example/x",
    ],
)
async def test_good_addresses_are_accepted(url: str) -> None:
    await http_transport(url, "oct_x", {}).close()


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "토큰", "a\x7f"])
def test_token_that_no_header_can_carry_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(BadAddress) as caught:
        http_transport("http://localhost", token, {})
    assert caught.value.code == "bad_token"
    assert not token or token not in str(caught.value)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer two requests on one connection, then with a body that breaks off."""
    for head, body in (
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"{}"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n", b'{"a":'),
    ):
        request = await reader.readuntil(b"\r\n\r\n")
        if b"Bearer oct_x" not in request and b"octui.local" not in request:
            break
        writer.write(head + body)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def _check(transport: HttpTransport) -> None:
    first = await transport.send(get())
    assert (first.status, first.body) == (200, b"{}")
    second = await transport.send(get())
    assert second.status == 302
    with pytest.raises(Unreachable) as caught:
        await transport.send(get())
    assert caught.value.code == "broken_off"
    await transport.close()


async def test_http_keeps_the_connection_follows_no_redirect_and_notices_a_cut_body() -> None:
    async with await asyncio.start_server(_serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await _check(http_transport(f"http://127.0.0.1:{port}", "oct_x", caller_headers(Via.COMMAND)))


async def test_unix_socket_behaves_as_http(tmp_path: Path) -> None:
    path = tmp_path / "octui.sock"
    async with await asyncio.start_unix_server(_serve, path):
        await _check(socket_transport(path, caller_headers(Via.COMMAND, "kim")))


async def test_missing_socket_is_unreachable_and_plain_file_is_refused(tmp_path: Path) -> None:
    transport = socket_transport(tmp_path / "none.sock", {})
    with pytest.raises(Unreachable) as caught:
        await transport.send(get())
    assert caught.value.code == "connect"
    await transport.close()
    (tmp_path / "file").touch()
    with pytest.raises(BadAddress):
        socket_transport(tmp_path / "file", {})


async def test_closed_port_is_unreachable() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        transport = http_transport(f"http://127.0.0.1:{reserved.getsockname()[1]}", None, {})
        with pytest.raises(ClientError) as caught:
            await transport.send(get())
    assert caught.value.code == "connect"
    await transport.close()


def test_requests_are_not_logged() -> None:
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("httpcore").isEnabledFor(logging.DEBUG)


def test_client_imports_no_command_line_no_screen_and_no_server() -> None:
    code = (
        "import sys, octui.client.api, octui.client.feed\n"
        "assert 'httpx._main' not in sys.modules\n"
        "heavy = {'click', 'textual', 'fastapi', 'starlette', 'sqlalchemy', 'rich.console'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "from httpx import main\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
