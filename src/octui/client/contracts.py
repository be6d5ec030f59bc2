"""Contracted services: one method for each operation of the same name."""

from octui.client.decode import decode
from octui.client.endpoints import JSON, SLOW_DEADLINE_S, Calls, body_of, if_match
from octui.client.retrying import Done
from octui.schema.common import Sent
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


class ContractCalls(Calls):
    """Contracted services. A change is of the service as of `version`; all raise VersionMismatch."""

    async def services(self) -> Services:
        return decode((await self._caller.call("services")).reply, Services)

    async def add_service(self, new: NewService) -> Service:
        return decode((await self._send("add_service", new)).reply, Service)

    async def contracts(self) -> Contracts:
        return decode((await self._caller.call("contracts")).reply, Contracts)

    async def draft_service(self, new: BasicInformation) -> Contract:
        """Step 1: keep it as a draft."""
        return decode((await self._send("draft_service", new)).reply, Contract)

    async def change_service(self, service: str, change: BasicChange, version: int) -> Contract:
        """Change basic information: only the fields that were set."""
        return decode((await self._change("change_service", change, version, service=service)).reply, Contract)

    async def drop_draft(self, service: str, version: int) -> None:
        await self._caller.call("drop_draft", names={"service": service}, headers=if_match(version))

    async def edit_contract(self, service: str, details: ContractDetails, version: int) -> Contract:
        """Step 2: register the contract of a draft, or edit it (once a day)."""
        return decode((await self._put("edit_contract", details, version, service)).reply, Contract)

    async def switch_service(self, service: str, state: ServiceState, version: int) -> Contract:
        """Suspend, resume or terminate."""
        done = await self._put("switch_service", StateChoice(state=state), version, service)
        return decode(done.reply, Contract)

    async def banner(self, service: str) -> bytes | None:
        """The picture as PNG or JPEG, None where there is none."""
        reply = (await self._caller.call("banner", names={"service": service})).reply
        return reply.body or None

    async def put_banner(self, service: str, image: bytes) -> Banner:
        """Give the service a picture: the bytes of a PNG or JPEG of at most LARGEST_BANNER bytes."""
        headers = {"content-type": "application/octet-stream"}
        done = await self._caller.call(
            "put_banner", names={"service": service}, headers=headers, body=image, deadline=SLOW_DEADLINE_S
        )
        return decode(done.reply, Banner)

    async def remove_banner(self, service: str) -> None:
        await self._caller.call("remove_banner", names={"service": service})

    async def _put(self, name: str, model: Sent, version: int, service: str) -> Done:
        headers = JSON | if_match(version)
        return await self._caller.call(name, names={"service": service}, headers=headers, body=body_of(model))
