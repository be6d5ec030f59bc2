"""CTI agents, CTI settings, the CTI log: one method for each operation of the same name."""

from octui.client.endpoints import PAGE, SLOW_DEADLINE_S, Endpoints, params_of
from octui.schema.common import LARGEST_PAGE
from octui.schema.cti import (
    CtiAgentPage,
    CtiBatch,
    CtiBatchResult,
    CtiLogDays,
    CtiLogPage,
    CtiSettings,
    CtiSettingsChange,
    ReadinessPage,
    UnmatchedNames,
)


class CtiEndpoints(Endpoints):
    """CTI agents, CTI settings, the CTI log."""

    async def cti_agents(
        self,
        service: str,
        query: str = "",
        after: str | None = None,
        changed_since: int | None = None,
        limit: int = PAGE,
    ) -> CtiAgentPage:
        """Return a page of the CTI agent table; with `changed_since`, only what changed after that revision."""
        params = params_of(query=query, after=after, changed_since=changed_since, limit=limit)
        return await self._send_request("cti_agents", CtiAgentPage, service=service, params=params)

    async def save_cti(self, service: str, batch: CtiBatch) -> CtiBatchResult:
        """Judge and save all edits in one request; refusals of single cells are in the result, not raised."""
        return await self._send_model("save_cti", batch, CtiBatchResult, deadline=SLOW_DEADLINE_S, service=service)

    async def unmatched_names(self, service: str) -> UnmatchedNames:
        """Return the names in the service's events that match nobody, each with the agent proposed."""
        return await self._send_request("unmatched_names", UnmatchedNames, service=service)

    async def cti_settings(self, service: str) -> CtiSettings:
        """Return the CTI settings of the organization, as seen from a service with phone."""
        return await self._send_request("cti_settings", CtiSettings, service=service)

    async def change_cti_settings(self, service: str, change: CtiSettingsChange, version: int) -> CtiSettings:
        """Change what is set in `change`, as of `version`. Raises VersionMismatch."""
        return await self._send_change("change_cti_settings", change, version, CtiSettings, service=service)

    async def cti_readiness(
        self, service: str, query: str = "", after: str | None = None, limit: int = PAGE
    ) -> ReadinessPage:
        """Return a page of the service's agents, each with what they need to log in to CTI."""
        params = params_of(query=query, after=after, limit=limit)
        return await self._send_request("cti_readiness", ReadinessPage, service=service, params=params)

    async def cti_log_days(self, service: str) -> CtiLogDays:
        """Return the days that have entries, newest first."""
        return await self._send_request("cti_log_days", CtiLogDays, service=service)

    async def cti_log(
        self, service: str, first: str, last: str, after: str | None = None, limit: int = LARGEST_PAGE
    ) -> CtiLogPage:
        """Return a page of the entries of the days `first` to `last` (YYYY-MM-DD; "": all there are)."""
        params = params_of(**{"from": first, "to": last, "after": after, "limit": limit})
        return await self._send_request("cti_log", CtiLogPage, service=service, params=params)
