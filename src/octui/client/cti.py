"""CTI agents: one method for each operation of the same name."""

from octui.client.base import PAGE, SLOW_DEADLINE_S, Calls, params_of
from octui.client.decode import decode
from octui.schema.common import Head
from octui.schema.cti import CtiAgentPage, CtiBatch, CtiBatchResult


class CtiCalls(Calls):
    """CTI agents."""

    async def cti_agents(
        self,
        service: str,
        query: str = "",
        after: str | None = None,
        changed_since: int | None = None,
        limit: int = PAGE,
    ) -> CtiAgentPage:
        """A page of the CTI agent table; with `changed_since`, only what changed after that revision."""
        params = params_of(query=query, after=after, changed_since=changed_since, limit=limit)
        done = await self._caller.call("cti_agents", names={"service": service}, params=params)
        return decode(done.reply, CtiAgentPage)

    async def cti_head(self, service: str) -> Head:
        return decode((await self._caller.call("cti_head", names={"service": service})).reply, Head)

    async def save_cti(self, service: str, batch: CtiBatch) -> CtiBatchResult:
        """Judge and save all edits in one request; refusals of single cells are in the result, not raised."""
        done = await self._send("save_cti", batch, deadline=SLOW_DEADLINE_S, service=service)
        return decode(done.reply, CtiBatchResult)
