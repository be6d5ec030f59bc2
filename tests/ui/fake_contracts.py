"""The service in memory, with contracts: drafts, one edit a day, states, banners; estimates by its own rule."""

from typing import Any

from octui.client.errors import Refused, VersionMismatch
from octui.schema.charges import RateCard, RateCards
from octui.schema.contracts import (
    Banner,
    BasicChange,
    BasicInformation,
    Contract,
    ContractDetails,
    Contracts,
    Estimate,
    EstimateRequest,
    ItemTerms,
    Terms,
)
from octui.schema.items import Item, ServiceState, ServiceType
from octui.schema.organization import Me
from octui.schema.problems import Code, FieldCode, FieldProblem, Problem
from octui.server.charges.rules import estimate_lines, total_amount
from octui.server.contracts.banner_images import redraw_image
from octui.server.core.errors import ProblemError
from octui.state.wizard import items_of, spends_edit
from ui.fake_charges import CARD
from ui.fake_people import refused
from ui.fakes import FakeApi

MIDNIGHT = 1_795_446_000_000
"""The midnight in Seoul after `ui.fake_floor.NOW`, or one like it: only told, never reckoned with here."""


def contract(id: str, name: str, **more: Any) -> Contract:
    """A service in use with tickets for one user."""
    values: dict[str, Any] = {
        "type": ServiceType.CONSULTATION,
        "languages": ["ko"],
        "time_zone": "Asia/Seoul",
        "state": ServiceState.IN_USE,
        "items": [Terms(item=Item.TICKET, users=1, volume=0)],
        "registered": "2026-06-20",
        "edited": None,
        "terminated": None,
        "next_edit": None,
        "discount": 0,
        "banner": None,
        "version": 1,
        **more,
    }
    if values["state"] is ServiceState.DRAFT:
        values |= {"items": [], "registered": None}
    return Contract(id=id, name=name, **values)


class FakeContracts(FakeApi):
    """Answers as the service does."""

    def __init__(self, person: Me, *contracts: Contract) -> None:
        super().__init__(person)
        self.contracted = {one.id: one for one in contracts}
        self.banners: dict[str, bytes] = {}
        self.estimated: list[EstimateRequest] = []
        self.midnight = MIDNIGHT

    def contracts_body(self) -> dict[str, Any]:
        """The list, as the feed tells it."""
        return Contracts(contracts=list(self.contracted.values())).model_dump(mode="json")

    def change(self, id: str, **values: Any) -> Contract:
        """Somebody, this person or another, changes a service."""
        here = self.contracted[id]
        self.contracted[id] = here.model_copy(update={**values, "version": here.version + 1})
        return self.contracted[id]

    def _as_of(self, id: str, version: int) -> Contract:
        here = self.contracted[id]
        if here.version != version:
            current = here.model_dump(mode="json")
            raise VersionMismatch(Problem(title="No", status=412, code=Code.VERSION_MISMATCH, current=current))
        return here

    def _need_free(self, id: str, name: str, own: str | None = None) -> None:
        for one in self.contracted.values():
            if own is None and one.id.lower() == id.lower():
                raise refused(Code.INVALID, _field("id", FieldCode.TAKEN, one.id))
            if one.id != own and one.name.casefold() == name.casefold():
                raise refused(Code.INVALID, _field("name", FieldCode.TAKEN, one.id))

    async def contracts(self) -> Contracts:
        await self._called("contracts")
        return Contracts(contracts=list(self.contracted.values()))

    async def draft_service(self, new: BasicInformation) -> Contract:
        await self._called(f"draft_service {new.id}")
        self._need_free(new.id, new.name)
        made = contract(
            new.id,
            new.name,
            type=new.type,
            languages=new.languages,
            time_zone=new.time_zone or "UTC",
            state=ServiceState.DRAFT,
        )
        self.contracted[new.id] = made
        return made

    async def change_service(self, service: str, change: BasicChange, version: int) -> Contract:
        values = change.model_dump(exclude_unset=True)
        await self._called(f"change_service {service} {' '.join(sorted(values))}")
        self._as_of(service, version)
        self._need_free(service, values.get("name", ""), own=service)
        return self.change(service, **values)

    async def drop_draft(self, service: str, version: int) -> None:
        await self._called(f"drop_draft {service}")
        self._as_of(service, version)
        del self.contracted[service]

    async def edit_contract(self, service: str, details: ContractDetails, version: int) -> Contract:
        await self._called(f"edit_contract {service}")
        here = self._as_of(service, version)
        terms = [Terms(**one.model_dump()) for one in details.items]
        if here.state is ServiceState.DRAFT:
            return self.change(service, items=terms, state=ServiceState.IN_USE, registered="2026-11-23")
        wanted = here.model_copy(update={"items": terms})
        if not spends_edit(items_of(wanted), items_of(here)):
            return self.change(service, items=terms)
        if here.next_edit is not None:
            current: dict[str, object] = {"next_edit": here.next_edit}
            raise Refused(Problem(title="No", status=409, code=Code.CONTRACT_CHANGED_TODAY, current=current))
        return self.change(service, items=terms, next_edit=self.midnight, edited="2026-11-23")

    async def switch_service(self, service: str, state: ServiceState, version: int) -> Contract:
        await self._called(f"switch_service {service} {state.value}")
        self._as_of(service, version)
        return self.change(service, state=state)

    async def banner(self, service: str) -> bytes | None:
        await self._called(f"banner {service}")
        return self.banners.get(service)

    async def put_banner(self, service: str, image: bytes) -> Banner:
        """Judged by the service's own rules."""
        await self._called(f"put_banner {service}")
        try:
            picture = redraw_image(image)
        except ProblemError as error:
            raise refused(Code.INVALID, _field("banner", error.errors[0].code)) from None
        self.banners[service] = picture.image
        made = Banner(width=picture.width, height=picture.height, media_type=picture.media_type, changed=1)
        self.contracted[service] = self.contracted[service].model_copy(update={"banner": made})
        return made

    async def remove_banner(self, service: str) -> None:
        await self._called(f"remove_banner {service}")
        self.banners.pop(service, None)
        self.contracted[service] = self.contracted[service].model_copy(update={"banner": None})

    async def estimate(self, of: EstimateRequest) -> Estimate:
        self.estimated.append(of)
        await self._called("estimate")
        off = 0 if of.service is None else self.contracted[of.service].discount
        lines = estimate_lines(of.items, CARD, 30, off)
        before = None
        if of.service is not None and (had := self.contracted[of.service].items):
            before = total_amount(estimate_lines([ItemTerms(**one.model_dump()) for one in had], CARD, 30, off))
        return Estimate(lines=lines, total=total_amount(lines), before=before, valid_from="1970-01-01")

    async def rates(self) -> RateCards:
        await self._called("rates")
        return RateCards(cards=[RateCard(valid_from="1970-01-01", rates=list(CARD.values()))])


def _field(name: str, code: str, holder: str | None = None) -> FieldProblem:
    return FieldProblem(field=name, code=code, message="?", holder=holder)
