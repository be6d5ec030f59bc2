"""Contracted services: one method for each operation of the same name."""

from octui.client.endpoints import SLOW_DEADLINE_S, Endpoints, if_match
from octui.schema.contracts import (
    Banner,
    BasicChange,
    BasicInformation,
    Contract,
    ContractDetails,
    Contracts,
    NewService,
    Service,
    Services,
    StateChoice,
)
from octui.schema.items import ServiceState


class ContractEndpoints(Endpoints):
    """Contracted services. A change names the `version` it is based on; a newer one raises VersionMismatch."""

    async def services(self) -> Services:
        return await self._send_request("services", Services)

    async def add_service(self, new: NewService) -> Service:
        return await self._send_model("add_service", new, Service)

    async def contracts(self) -> Contracts:
        return await self._send_request("contracts", Contracts)

    async def draft_service(self, new: BasicInformation) -> Contract:
        """Store the basic information of a new service (step 1) as a draft."""
        return await self._send_model("draft_service", new, Contract)

    async def change_service(self, service: str, change: BasicChange, version: int) -> Contract:
        """Change a service's basic information; fields that are not set stay."""
        return await self._send_change("change_service", change, version, Contract, service=service)

    async def drop_draft(self, service: str, version: int) -> None:
        await self._client.send_operation("drop_draft", path_params={"service": service}, headers=if_match(version))

    async def edit_contract(self, service: str, details: ContractDetails, version: int) -> Contract:
        """Register the contract of a draft (step 2), or edit it (once a day)."""
        return await self._send_change("edit_contract", details, version, Contract, whole=True, service=service)

    async def switch_service(self, service: str, state: ServiceState, version: int) -> Contract:
        """Suspend, resume or terminate a service."""
        choice = StateChoice(state=state)
        return await self._send_change("switch_service", choice, version, Contract, whole=True, service=service)

    async def banner(self, service: str) -> bytes | None:
        """Return a service's picture as PNG or JPEG, None when there is none."""
        reply = await self._client.send_operation("banner", path_params={"service": service})
        return reply.body or None

    async def put_banner(self, service: str, image: bytes) -> Banner:
        """Set the picture of the service: a PNG or JPEG of at most LARGEST_BANNER bytes."""
        headers = {"content-type": "application/octet-stream"}
        return await self._send_request(
            "put_banner", Banner, headers=headers, body=image, deadline=SLOW_DEADLINE_S, service=service
        )

    async def remove_banner(self, service: str) -> None:
        await self._client.send_operation("remove_banner", path_params={"service": service})
