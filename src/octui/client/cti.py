"""CTI agents, CTI settings, the CTI log: one method for each operation of the same name."""

from octui.client.decode import decode
from octui.client.endpoints import PAGE, SLOW_DEADLINE_S, Calls, params_of
from octui.schema.common import LARGEST_PAGE, Head
from octui.schema.cti import (
    CtiAgentPage,
    CtiBatch,
    CtiBatchResult,
    CtiLogDays,
    CtiLogPage,
    CtiSettings,
    CtiSettingsChange,
    ReadinessPage,
)


class CtiCalls(Calls):
    """CTI agents, CTI settings, the CTI log."""

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

    async def cti_settings(self, service: str) -> CtiSettings:
        """The CTI settings of the organization, as seen from a service with phone."""
        done = await self._caller.call("cti_settings", names={"service": service})
        return decode(done.reply, CtiSettings)

    async def change_cti_settings(self, service: str, change: CtiSettingsChange, version: int) -> CtiSettings:
        """Change what is set in `change`, as of `version`. Raises VersionMismatch."""
        return decode((await self._change("change_cti_settings", change, version, service=service)).reply, CtiSettings)

    async def cti_readiness(
        self, service: str, query: str = "", after: str | None = None, limit: int = PAGE
    ) -> ReadinessPage:
        """A page of the service's agents, each with what they need to log in to CTI."""
        params = params_of(query=query, after=after, limit=limit)
        done = await self._caller.call("cti_readiness", names={"service": service}, params=params)
        return decode(done.reply, ReadinessPage)

    async def cti_log_days(self, service: str) -> CtiLogDays:
        """The days that have entries, newest first."""
        return decode((await self._caller.call("cti_log_days", names={"service": service})).reply, CtiLogDays)

    async def cti_log(
        self, service: str, first: str, last: str, after: str | None = None, limit: int = LARGEST_PAGE
    ) -> CtiLogPage:
        """A page of the entries of the days `first` to `last` (YYYY-MM-DD); "": from the first, to the last."""
        params = params_of(**{"from": first, "to": last, "after": after, "limit": limit})
        done = await self._caller.call("cti_log", names={"service": service}, params=params)
        return decode(done.reply, CtiLogPage)
