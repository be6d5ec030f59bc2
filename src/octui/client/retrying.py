"""A call: one operation of the API with its retries. Which calls may be repeated is decided here and nowhere else."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from octui.client.backoff import full_jitter
from octui.client.decode import LONGEST_WAIT_S, error_of
from octui.client.errors import ClientError, Refused, Throttled, Unreachable
from octui.client.transport import Reply, Transport
from octui.schema.problems import Code, Problem
from octui.schema.routes import ROUTES, Route

RETRIES = 4
FIRST_RETRY_S = 0.25
LONGEST_RETRY_S = 8.0
_IDEMPOTENT = frozenset(("GET", "PUT", "DELETE"))
_HOPELESS = frozenset((Code.STORAGE_FULL.value, Code.STORAGE_READ_ONLY.value))
_BY_NAME: Mapping[str, Route] = {route.name: route for route in ROUTES}

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Done:
    """A reply below 300 or 304. `maybe_before`: an earlier try may already have had the effect."""

    reply: Reply
    maybe_before: bool


class Caller:
    """Sends operations of `ROUTES` by name over one transport."""

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

    async def call(
        self,
        name: str,
        *,
        names: Mapping[str, str] | None = None,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float | None = None,
        retries: int = RETRIES,
    ) -> Done:
        """Send the operation; a POST carries one `Idempotency-Key` for all its tries, unless its body is a secret.

        Repeated at most `retries` times, only when it is idempotent or keyed, on a lost connection, 503 and 429. Raises
        ClientError. A time limit that passed is not tried again: the person has waited long enough.
        """
        route = _BY_NAME[name]
        sent = dict(headers or {})
        if route.keyed:
            sent["idempotency-key"] = str(uuid.uuid4())
        repeatable = route.method in _IDEMPOTENT or "idempotency-key" in sent
        path = path_of(route, names or {})
        limit = self._deadline if deadline is None else deadline
        maybe_before = False
        attempt = 0
        while True:
            attempt += 1
            try:
                reply = await self._transport.send(
                    route.method, path, params=params, headers=sent, body=body, deadline=limit
                )
                if reply.status < 300 or reply.status == 304:
                    return Done(reply, maybe_before)
                raise error_of(reply)
            except ClientError as error:
                if isinstance(error, Refused) and error.status == 404 and route.method == "DELETE" and maybe_before:
                    return Done(Reply(204, {}, b""), maybe_before)
                wait = self._wait_after(error, attempt)
                busy = isinstance(error, Throttled) and error.busy  # nothing has been done yet
                if wait is None or not (repeatable or busy) or attempt > retries:
                    raise
                maybe_before = maybe_before or (isinstance(error, Unreachable) and error.maybe_done)
            await self._sleep(wait)

    def _wait_after(self, error: ClientError, attempt: int) -> float | None:
        """Seconds until the next try, None when trying again is of no use."""
        jitter = full_jitter(attempt, self._draw, first=FIRST_RETRY_S, longest=LONGEST_RETRY_S)
        if isinstance(error, Throttled):
            return min(error.retry_after + jitter, LONGEST_WAIT_S)
        if isinstance(error, Refused) and error.status == 503 and error.code not in _HOPELESS:
            return min((error.retry_after or 0.0) + jitter, LONGEST_WAIT_S)
        if isinstance(error, Unreachable) and error.code != "timeout":
            return jitter
        return None


def path_of(route: Route, names: Mapping[str, str]) -> str:
    """The route's path with its names quoted. Raises Refused (404) for a name that no path can carry."""
    for name in names.values():
        if name in ("", ".", ".."):
            raise Refused(Problem(title="There is no such object.", status=404, code=Code.NOT_FOUND))
    return route.path.format(**{key: quote(sendable(name), safe="") for key, name in names.items()})


def sendable(text: str) -> str:
    """The text without lone surrogates (an argument that was not UTF-8), which no URL can carry."""
    return text.encode("utf-8", "replace").decode()
