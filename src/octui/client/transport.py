"""The wire: one request out, one reply in, three ways (in process, HTTP, Unix socket). Only this module knows httpx."""

import asyncio
import importlib
import ipaddress
import logging
import os
import ssl
import stat
import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import octui
from octui.client.errors import BadAddress, BadAnswer, Unreachable
from octui.schema.audit import Via
from octui.text.safe import safe

if TYPE_CHECKING:
    import httpx

for _name in ("httpx", "httpcore"):
    # Their request lines would tear the screen and name accounts; at DEBUG they also show headers.
    logging.getLogger(_name).setLevel(logging.WARNING)

CONNECT_S = 5.0
LARGEST_BODY = 64 * 1024 * 1024
_LOCAL_URL = "http://octui.local"


def _load() -> None:
    """Import httpx: only when a way is made, because an embedded octui paints its first screen before that.

    It pulls in its own command line (click, rich) if it can: 50 ms of start-up nobody needs."""
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


@dataclass(frozen=True)
class Reply:
    """What came back: the header names are in lower case, the body is whole and decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """An open way to one service. Every time limit of a call is kept here, because ASGITransport keeps none."""

    def __init__(self, client: "httpx.AsyncClient", *, largest_body: int = LARGEST_BODY) -> None:
        self._client = client
        self._largest_body = largest_body

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float,
    ) -> Reply:
        """One request, without any retry. `path` is already percent-encoded; `deadline` in seconds for all of it.

        Raises Unreachable, or BadAnswer `too_large`.
        """
        import httpx

        try:
            async with (
                asyncio.timeout(deadline),
                self._client.stream(method, path, params=list(params), headers=headers, content=body) as response,
            ):
                whole = await self._read(response)
                return Reply(response.status_code, dict(response.headers.items()), whole)
        except TimeoutError:
            raise Unreachable(
                "timeout", f"The service did not answer within {deadline:.0f} s.", maybe_done=True
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable("connect", f"The service cannot be reached: {_reason(error)}.") from error
        except httpx.DecodingError as error:
            raise BadAnswer("not_json", "The answer could not be decompressed.") from error
        except (httpx.TransportError, OSError) as error:
            raise Unreachable("broken_off", f"The connection was lost: {_reason(error)}.", maybe_done=True) from error

    async def _read(self, response: "httpx.Response") -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > self._largest_body:
                raise BadAnswer("too_large", f"The answer is larger than {self._largest_body} bytes.")
            parts.append(part)
        return b"".join(parts)

    async def close(self) -> None:
        """Close all connections; calls under way end with Unreachable."""
        await self._client.aclose()


def _reason(error: BaseException) -> str:
    # It may quote a certificate or a host name of somebody else's.
    return safe(str(error) or type(error).__name__, limit=200)


def caller_headers(via: Via, acting_as: str | None = None) -> dict[str, str]:
    """`Octui-Via`, and for a local way `Octui-As`: the account that acts (percent-encoded outside ASCII)."""
    headers = {"octui-via": via.value, "user-agent": f"octui/{octui.__version__}"}
    if acting_as is not None:
        headers["octui-as"] = quote(acting_as, safe="@")
    return headers


def in_process(app: App, headers: Mapping[str, str]) -> Transport:
    """Call an ASGI app in this event loop, without a socket. Its lifespan is the caller's business."""
    _load()
    import httpx

    way = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return Transport(_client(way, _LOCAL_URL, headers))


def over_socket(path: Path, headers: Mapping[str, str]) -> Transport:
    """Speak HTTP on the Unix socket of another octui of the same user.

    Raises BadAddress `not_own_socket` if something else, or somebody else's, lies at `path`.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        pass  # the other program may be about to make it; until then calls are Unreachable
    else:
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
            raise BadAddress("not_own_socket", "The socket beside the database is not one of your own.")
    _load()
    import httpx

    way = httpx.AsyncHTTPTransport(uds=str(path), limits=_limits(), verify=_no_certificates(), trust_env=False)
    return Transport(_client(way, _LOCAL_URL, headers))


def over_http(url: str, token: str | None, headers: Mapping[str, str]) -> Transport:
    """Speak to a service at `url`: https, or plain http on this machine only.

    Raises BadAddress before anything is sent. Redirects are not followed, so the token goes to this host alone.
    """
    base, encrypted = _checked(url)
    sent = dict(headers)
    if token is not None:
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise BadAddress("bad_token", "The token has characters that a token cannot have.")
        sent["authorization"] = f"Bearer {token}"
    _load()
    import httpx

    try:
        if encrypted:
            return Transport(
                httpx.AsyncClient(
                    base_url=base, headers=sent, timeout=_timeout(), limits=_limits(), verify=_certificates()
                )
            )
        way = httpx.AsyncHTTPTransport(limits=_limits(), verify=_no_certificates(), trust_env=False)
        return Transport(_client(way, base, sent))
    except httpx.InvalidURL:
        raise _not_a_url() from None


def _checked(url: str) -> tuple[str, bool]:
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    strange = not url.isprintable() or " " in url.strip() or "\\" in url
    if strange or parts.scheme not in ("http", "https") or not host or port == 0 or parts.query or parts.fragment:
        raise _not_a_url()
    if parts.username is not None or parts.password is not None:
        raise BadAddress("secret_in_url", "The address must not carry a name or password; use octui login.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise BadAddress(
            "not_encrypted",
            "Plain http is only for this machine: the token could be read on the way. Use https.",
        )
    return url.strip().rstrip("/"), parts.scheme == "https"


def _not_a_url() -> BadAddress:
    return BadAddress("not_a_url", "The address of the service is not one: https://host[:port] is expected.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _client(way: "httpx.AsyncBaseTransport", base: str, headers: Mapping[str, str]) -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(transport=way, base_url=base, headers=dict(headers), timeout=_timeout(), trust_env=False)


def _timeout() -> "httpx.Timeout":
    import httpx

    return httpx.Timeout(None, connect=CONNECT_S)


def _limits() -> "httpx.Limits":
    import httpx

    # The feed holds one connection most of the time; screens and exports share the rest.
    return httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=60.0)


def _certificates() -> ssl.SSLContext:
    """The usual authorities and those this machine trusts: a centre's own is often only among the latter."""
    import httpx

    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _no_certificates() -> ssl.SSLContext:
    """A context for ways that never speak TLS: loading the system's certificates would cost start-up time."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
