"""Agents of a service: one method for each operation of the same name."""

from octui.client.endpoints import PAGE, Endpoints, if_match, params_of
from octui.schema.agents import Agent, AgentChange, AgentPage, NewAgent


class AgentEndpoints(Endpoints):
    """Agents of a service."""

    async def agents(
        self,
        service: str,
        query: str = "",
        after: str | None = None,
        changed_since: int | None = None,
        limit: int = PAGE,
    ) -> AgentPage:
        """Return a page of the service's agents; with `changed_since`, only what changed after that revision."""
        params = params_of(query=query, after=after, changed_since=changed_since, limit=limit)
        return await self._send_request("agents", AgentPage, service=service, params=params)

    async def add_agent(self, service: str, new: NewAgent) -> Agent:
        return await self._send_model("add_agent", new, Agent, service=service)

    async def change_agent(self, service: str, account: str, change: AgentChange, version: int) -> Agent:
        """Change role or permissions of the agent as of `version`. Raises VersionMismatch. Never retried."""
        return await self._send_change("change_agent", change, version, Agent, service=service, account=account)

    async def remove_agent(self, service: str, account: str, version: int) -> None:
        """Remove the agent's role as of `version`. Raises VersionMismatch."""
        path_params = {"service": service, "account": account}
        await self._client.send_operation("remove_agent", path_params=path_params, headers=if_match(version))
