"""Contracted services: one method for each operation of the same name."""

from octui.client.base import Calls
from octui.client.decode import decode
from octui.schema.contracts import NewService, Service, Services


class ContractCalls(Calls):
    """Contracted services."""

    async def services(self) -> Services:
        return decode((await self._caller.call("services")).reply, Services)

    async def add_service(self, new: NewService) -> Service:
        return decode((await self._send("add_service", new)).reply, Service)
