"""The API as typed requests: one method for each operation of `octui.schema.routes.ROUTES`, of the same name.

The requests of a menu are in the module of its word.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from octui.client.agents import AgentEndpoints
from octui.client.audit import AuditEndpoints
from octui.client.charges import ChargeEndpoints
from octui.client.contracts import ContractEndpoints
from octui.client.cti import CtiEndpoints
from octui.client.decode import decode_reply
from octui.client.floor import FloorEndpoints
from octui.client.members import MemberEndpoints
from octui.client.organization import OrganizationEndpoints
from octui.client.retrying import RetryingClient
from octui.client.sessions import SessionEndpoints
from octui.client.stats import StatsEndpoints
from octui.client.transport import Transport
from octui.schema.live import LiveAnswer

DEADLINE_S = 10.0


@dataclass(frozen=True)
class LiveReply:
    """Answer to a `live` request, None when nothing changed. `held`: the server supports waiting (`Prefer: wait`)."""

    answer: LiveAnswer | None
    held: bool


class Api(
    OrganizationEndpoints,
    ContractEndpoints,
    ChargeEndpoints,
    MemberEndpoints,
    AgentEndpoints,
    CtiEndpoints,
    AuditEndpoints,
    StatsEndpoints,
    FloorEndpoints,
    SessionEndpoints,
):
    """Requests to one server as one caller. All raise ClientError (octui.client.errors); times are epoch ms."""

    def __init__(
        self,
        transport: Transport,
        *,
        deadline: float = DEADLINE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport
        self._client = RetryingClient(transport, deadline=deadline, sleep=sleep, draw=draw)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def live(self, have: Mapping[str, str], wait: int) -> LiveReply:
        """Wait up to `wait` seconds until the ETag of a topic differs from the one given ("": none).

        Sent once: the feed retries by itself. The deadline is `wait` + 15 s.
        """
        params = [("have", f"{topic};{etag}") for topic, etag in have.items()]
        headers = {"prefer": f"wait={wait}"} if wait else {}
        reply = await self._client.send_operation(
            "live", params=params, headers=headers, deadline=wait + 15.0, retries=0
        )
        held = "wait" in reply.headers.get("preference-applied", "").lower()
        return LiveReply(None if reply.status == 304 else decode_reply(reply, LiveAnswer), held)
