"""Retries of requests. Which operations may be repeated is decided here and nowhere else."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import quote

from octui.client.backoff import full_jitter
from octui.client.decode import LONGEST_WAIT_S, error_of
from octui.client.errors import ClientError, Refused, Throttled, Unreachable
from octui.client.transport import Reply, Request, Transport
from octui.schema.problems import Code, Problem
from octui.schema.routes import ROUTES, Route

RETRIES = 4
FIRST_RETRY_S = 0.25
LONGEST_RETRY_S = 8.0
_IDEMPOTENT = frozenset(("GET", "PUT", "DELETE"))
_HOPELESS = frozenset((Code.STORAGE_FULL.value, Code.STORAGE_READ_ONLY.value))
_BY_NAME: Mapping[str, Route] = {route.name: route for route in ROUTES}

Params = Sequence[tuple[str, str]]


class RetryingClient:
    """Sends operations of `ROUTES` by name over one transport, with retries."""

    def __init__(
        self,
        transport: Transport,
        *,
        deadline: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport
        self._deadline = deadline
        self._sleep = sleep
        self._draw = draw

    async def send_operation(
        self,
        name: str,
        *,
        path_params: Mapping[str, str] | None = None,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float | None = None,
        retries: int = RETRIES,
    ) -> Reply:
        """Send the operation and return its reply, which is below 300 or 304. Raises ClientError.

        A POST carries one `Idempotency-Key` for all its tries, unless its body is a secret. Repeated at most `retries`
        times, only when it is idempotent or keyed, on a lost connection, 503 and 429. A deadline that passed is not
        tried again: the person has waited long enough.
        """
        route = _BY_NAME[name]
        all_headers = dict(headers or {})
        if route.keyed:
            all_headers["idempotency-key"] = str(uuid.uuid4())
        repeatable = route.method in _IDEMPOTENT or route.keyed
        request = Request(
            method=route.method,
            path=path_of(route, path_params or {}),
            params=params,
            headers=all_headers,
            body=body,
            deadline=self._deadline if deadline is None else deadline,
        )
        maybe_done = False
        attempt = 0
        while True:
            attempt += 1
            try:
                reply = await self._transport.send(request)
                if reply.status < 300 or reply.status == 304:
                    return reply
                raise error_of(reply)
            except ClientError as error:
                if isinstance(error, Refused) and error.status == 404 and route.method == "DELETE" and maybe_done:
                    return Reply(204, {}, b"")
                delay = self._retry_delay(error, attempt)
                busy = isinstance(error, Throttled) and error.busy  # nothing has been done yet
                if delay is None or not (repeatable or busy) or attempt > retries:
                    raise
                maybe_done = maybe_done or (isinstance(error, Unreachable) and error.maybe_done)
            await self._sleep(delay)

    def _retry_delay(self, error: ClientError, attempt: int) -> float | None:
        """Return the seconds until the next try, None when trying again is of no use."""
        jitter = full_jitter(attempt, self._draw, first=FIRST_RETRY_S, longest=LONGEST_RETRY_S)
        if isinstance(error, Throttled):
            return min(error.retry_after + jitter, LONGEST_WAIT_S)
        if isinstance(error, Refused) and error.status == 503 and error.code not in _HOPELESS:
            return min((error.retry_after or 0.0) + jitter, LONGEST_WAIT_S)
        if isinstance(error, Unreachable) and error.code != "timeout":
            return jitter
        return None


def path_of(route: Route, path_params: Mapping[str, str]) -> str:
    """Return the route's path with its parameters percent-encoded. Raises Refused (404) for text no path can carry."""
    for value in path_params.values():
        if value in ("", ".", ".."):
            raise Refused(Problem(title="There is no such object.", status=404, code=Code.NOT_FOUND))
    return route.path.format(**{key: quote(replace_surrogates(value), safe="") for key, value in path_params.items()})


def replace_surrogates(text: str) -> str:
    """Return the text without lone surrogates (an argument that was not UTF-8), which no URL can carry."""
    return text.encode("utf-8", "replace").decode()
