"""The floor: one method for each operation of the same name."""

from octui.client.endpoints import Endpoints, params_of
from octui.schema.floor import FloorLimits, FloorLimitsChange, FloorMinutes, ServiceFloor


class FloorEndpoints(Endpoints):
    """The floor: queue and agents of a service."""

    async def floor(self, service: str, at: int | None = None) -> ServiceFloor:
        """Return the queue and the agents now, or at the end of the past minute that holds `at` (epoch ms)."""
        return await self._send_request("floor", ServiceFloor, service=service, params=params_of(at=at))

    async def floor_minutes(self, service: str, date: str | None = None) -> FloorMinutes:
        """Return the ended minutes of `date` (YYYY-MM-DD in the service's time zone; None: its present day)."""
        return await self._send_request("floor_minutes", FloorMinutes, service=service, params=params_of(date=date))

    async def floor_limits(self, service: str) -> FloorLimits:
        """Return the limits of a service's floor."""
        return await self._send_request("floor_limits", FloorLimits, service=service)

    async def change_floor_limits(self, service: str, change: FloorLimitsChange, version: int) -> FloorLimits:
        """Change the limits that are set in `change`, as of `version`. Raises VersionMismatch."""
        return await self._send_change("change_floor_limits", change, version, FloorLimits, service=service)
