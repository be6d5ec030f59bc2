"""Agents of a service: one method for each operation of the same name."""

from octui.client.decode import decode
from octui.client.endpoints import PAGE, Calls, if_match, params_of
from octui.schema.agents import Agent, AgentChange, AgentPage, NewAgent
from octui.schema.common import Head


class AgentCalls(Calls):
    """Agents of a service."""

    async def agents(
        self,
        service: str,
        query: str = "",
        after: str | None = None,
        changed_since: int | None = None,
        limit: int = PAGE,
    ) -> AgentPage:
        """A page of the service's agents; with `changed_since`, only what changed after that revision."""
        params = params_of(query=query, after=after, changed_since=changed_since, limit=limit)
        return decode((await self._caller.call("agents", names={"service": service}, params=params)).reply, AgentPage)

    async def agents_head(self, service: str) -> Head:
        return decode((await self._caller.call("agents_head", names={"service": service})).reply, Head)

    async def add_agent(self, service: str, new: NewAgent) -> Agent:
        return decode((await self._send("add_agent", new, service=service)).reply, Agent)

    async def change_agent(self, service: str, account: str, change: AgentChange, version: int) -> Agent:
        """Change role or permissions of the agent as of `version`. Raises VersionMismatch. Never repeated by itself."""
        done = await self._change("change_agent", change, version, service=service, account=account)
        return decode(done.reply, Agent)

    async def remove_agent(self, service: str, account: str, version: int) -> None:
        """Take the role away from the agent as of `version`. Raises VersionMismatch."""
        names = {"service": service, "account": account}
        await self._caller.call("remove_agent", names=names, headers=if_match(version))
