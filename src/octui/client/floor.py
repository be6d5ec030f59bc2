"""The floor: one method for each operation of the same name."""

from octui.client.endpoints import Endpoints, params_of
from octui.schema.floor import FloorMinutes, ServiceFloor


class FloorEndpoints(Endpoints):
    """The floor: queue and agents of a service."""

    async def floor(self, service: str, at: int | None = None) -> ServiceFloor:
        """Return the queue and the agents now, or at the end of the past minute that holds `at` (epoch ms)."""
        return await self._send_request("floor", ServiceFloor, service=service, params=params_of(at=at))

    async def floor_minutes(self, service: str, date: str | None = None) -> FloorMinutes:
        """Return the ended minutes of `date` (YYYY-MM-DD in the service's time zone; None: its present day)."""
        return await self._send_request("floor_minutes", FloorMinutes, service=service, params=params_of(date=date))
