"""Transports, which carry one request to a server: in process, over a Unix socket, over HTTP.

Only this module knows httpx.
"""

import asyncio
import importlib
import logging
import os
import ssl
import stat
import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlsplit

import octui
from octui.client.errors import BadAddress, BadAnswer, Unreachable
from octui.schema.audit import Via
from octui.text.hosts import is_loopback
from octui.text.safe import safe

if TYPE_CHECKING:
    import httpx

for _name in ("httpx", "httpcore"):
    # Their request lines would tear the screen and name accounts; at DEBUG they also show headers.
    logging.getLogger(_name).setLevel(logging.WARNING)

CONNECT_S = 5.0
LARGEST_BODY = 64 * 1024 * 1024
_LOCAL_URL = "http://octui.local"


def _import_httpx() -> None:
    """Import httpx without its command line (click, rich), which would cost 50 ms of start-up.

    Called when a transport is made: an embedded octui paints its first screen before that.
    """
    name = "httpx._main"
    if "httpx" in sys.modules or name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        importlib.import_module("httpx")
    finally:
        del sys.modules[name]


Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request; `path` is percent-encoded, `deadline` the seconds until the whole reply must be there."""

    method: str
    path: str
    deadline: float
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Reply:
    """HTTP reply as it came from a transport: status, header names in lower case, the complete decompressed body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """A transport, which carries requests to one server."""

    async def send(self, request: Request) -> Reply:
        """Send the request once, without retries.

        Raises Unreachable, or BadAnswer `too_large`.
        """

    async def close(self) -> None:
        """Close all connections; requests under way end with Unreachable."""


class HttpTransport:
    """Transport over an httpx client. It keeps every deadline itself, because httpx's ASGITransport keeps none."""

    def __init__(self, client: "httpx.AsyncClient", *, largest_body: int = LARGEST_BODY) -> None:
        self._client = client
        self._largest_body = largest_body

    async def send(self, request: Request) -> Reply:
        import httpx

        stream = self._client.stream(
            request.method,
            request.path,
            params=list(request.params),
            headers=dict(request.headers),
            content=request.body,
        )
        try:
            async with asyncio.timeout(request.deadline), stream as response:
                body = await self._read_body(response)
                return Reply(response.status_code, dict(response.headers.items()), body)
        except TimeoutError:
            raise Unreachable(
                "timeout", f"The service did not answer within {request.deadline:.0f} s.", maybe_done=True
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable("connect", f"The service cannot be reached: {_error_text(error)}.") from error
        except httpx.DecodingError as error:
            raise BadAnswer("not_json", "The answer could not be decompressed.") from error
        except (httpx.TransportError, OSError) as error:
            message = f"The connection was lost: {_error_text(error)}."
            raise Unreachable("broken_off", message, maybe_done=True) from error

    async def _read_body(self, response: "httpx.Response") -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > self._largest_body:
                raise BadAnswer("too_large", f"The answer is larger than {self._largest_body} bytes.")
            parts.append(part)
        return b"".join(parts)

    async def close(self) -> None:
        await self._client.aclose()


def _error_text(error: BaseException) -> str:
    # httpx may quote a certificate or a host name that somebody else chose.
    return safe(str(error) or type(error).__name__, limit=200)


def caller_headers(via: Via, acting_as: str | None = None) -> dict[str, str]:
    """Return `Octui-Via` and, for a local connection, `Octui-As`: the acting account, percent-encoded outside ASCII."""
    headers = {"octui-via": via.value, "user-agent": f"octui/{octui.__version__}"}
    if acting_as is not None:
        headers["octui-as"] = quote(acting_as, safe="@")
    return headers


def in_process_transport(app: App, headers: Mapping[str, str]) -> HttpTransport:
    """Return a transport that calls an ASGI app in this event loop. Its lifespan is the caller's business."""
    _import_httpx()
    import httpx

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return HttpTransport(_make_client(transport, _LOCAL_URL, headers))


def socket_transport(path: Path, headers: Mapping[str, str]) -> HttpTransport:
    """Return a transport over the Unix socket of another octui of the same user.

    Raises BadAddress `not_own_socket` if `path` is not a socket of this user.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        pass  # The other program may be about to make it; until then requests are Unreachable.
    else:
        if not stat.S_ISSOCK(status.st_mode) or status.st_uid != os.geteuid():
            raise BadAddress("not_own_socket", "The socket beside the database is not one of your own.")
    _import_httpx()
    import httpx

    transport = httpx.AsyncHTTPTransport(uds=str(path), limits=_pool_limits(), verify=_empty_context(), trust_env=False)
    return HttpTransport(_make_client(transport, _LOCAL_URL, headers))


def http_transport(url: str, token: str | None, headers: Mapping[str, str]) -> HttpTransport:
    """Return a transport to the server at `url`: https, or plain http on this machine only.

    Raises BadAddress before anything is sent. Redirects are not followed, so the token goes to this host alone.
    """
    base_url, encrypted = _parse_url(url)
    all_headers = dict(headers)
    if token is not None:
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise BadAddress("bad_token", "The token has characters that a token cannot have.")
        all_headers["authorization"] = f"Bearer {token}"
    _import_httpx()
    import httpx

    try:
        if encrypted:
            client = httpx.AsyncClient(
                base_url=base_url,
                headers=all_headers,
                timeout=_connect_timeout(),
                limits=_pool_limits(),
                verify=_trusted_context(),
            )
        else:
            transport = httpx.AsyncHTTPTransport(limits=_pool_limits(), verify=_empty_context(), trust_env=False)
            client = _make_client(transport, base_url, all_headers)
    except httpx.InvalidURL:
        raise _invalid_url() from None
    return HttpTransport(client)


def _parse_url(url: str) -> tuple[str, bool]:
    """Return the base URL and whether it is encrypted. Raises BadAddress."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    malformed = not url.isprintable() or " " in url.strip() or "\\" in url
    if malformed or parts.scheme not in ("http", "https") or not host or port == 0 or parts.query or parts.fragment:
        raise _invalid_url()
    if parts.username is not None or parts.password is not None:
        raise BadAddress("secret_in_url", "The address must not carry a name or password; use octui login.")
    if parts.scheme == "http" and not is_loopback(host):
        raise BadAddress(
            "not_encrypted",
            "Plain http is only for this machine: the token could be read on the way. Use https.",
        )
    return url.strip().rstrip("/"), parts.scheme == "https"


def _invalid_url() -> BadAddress:
    return BadAddress("not_a_url", "The address of the service is not one: https://host[:port] is expected.")


def _make_client(
    transport: "httpx.AsyncBaseTransport", base_url: str, headers: Mapping[str, str]
) -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(
        transport=transport, base_url=base_url, headers=dict(headers), timeout=_connect_timeout(), trust_env=False
    )


def _connect_timeout() -> "httpx.Timeout":
    import httpx

    return httpx.Timeout(None, connect=CONNECT_S)


def _pool_limits() -> "httpx.Limits":
    import httpx

    # The feed holds one connection most of the time; screens and exports share the rest.
    return httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=60.0)


def _trusted_context() -> ssl.SSLContext:
    """Return a TLS context with the usual authorities and those installed on this machine."""
    import httpx

    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _empty_context() -> ssl.SSLContext:
    """Return a TLS context without certificates for transports that never use TLS, to start faster."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
