"""The API as typed calls: one method for each operation of `octui.schema.routes.ROUTES`, of the same name.

The calls of a menu are in the module of its word.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from octui.client.agents import AgentCalls
from octui.client.audit import AuditCalls
from octui.client.charges import ChargeCalls
from octui.client.contracts import ContractCalls
from octui.client.cti import CtiCalls
from octui.client.decode import decode
from octui.client.members import MemberCalls
from octui.client.organization import OrganizationCalls
from octui.client.retrying import Caller
from octui.client.sessions import SessionCalls
from octui.client.stats import StatsCalls
from octui.client.transport import Transport
from octui.schema.live import LiveAnswer

DEADLINE_S = 10.0


@dataclass(frozen=True)
class LiveReply:
    """What `live` brought: None when nothing changed. `held`: the service applies `Prefer: wait`."""

    answer: LiveAnswer | None
    held: bool


class Api(
    OrganizationCalls,
    ContractCalls,
    ChargeCalls,
    MemberCalls,
    AgentCalls,
    CtiCalls,
    AuditCalls,
    StatsCalls,
    SessionCalls,
):
    """Calls to one service as one caller. All raise ClientError (octui.client.errors); times are epoch ms."""

    def __init__(
        self,
        transport: Transport,
        *,
        deadline: float = DEADLINE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport
        self._caller = Caller(transport, deadline=deadline, sleep=sleep, draw=draw)

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
        """Wait up to `wait` seconds (0: not at all) for one of the topics to differ from the ETag held ("": none).

        Tried once: the feed has its own patience. The time limit is `wait` + 15 s.
        """
        params = [("have", f"{topic};{etag}") for topic, etag in have.items()]
        headers = {"prefer": f"wait={wait}"} if wait else {}
        reply = (await self._caller.call("live", params=params, headers=headers, deadline=wait + 15.0, retries=0)).reply
        held = "wait" in reply.headers.get("preference-applied", "").lower()
        return LiveReply(None if reply.status == 304 else decode(reply, LiveAnswer), held)
