"""The service in memory, with charges: lines as the service's own rule makes them."""

from calendar import monthrange
from dataclasses import dataclass, field
from typing import Any

from octui.schema.charges import Charges, MonthTotal, Rate, ServiceCharges
from octui.schema.contracts import Contract, Contracts
from octui.schema.items import Item, ServiceState, ServiceType
from octui.schema.organization import Me
from octui.server.charges.rules import month_lines, total_amount
from ui.fakes import FakeApi

THIS_MONTH = "2026-11"
TODAY = 23
CARD = {
    Item.TICKET: Rate(
        item=Item.TICKET, monthly=10_000, per_day=333, per_user=True, free_count=3_000, tier1_price=50_000
    ),
    Item.TELTICKET: Rate(
        item=Item.TELTICKET,
        monthly=70_000,
        per_day=2_333,
        per_user=True,
        free_count=6_000,
        tier1_cap=40_000,
        tier1_price=3_000,
        tier2_price=1_500,
    ),
    Item.CHAT: Rate(item=Item.CHAT, monthly=10_000, per_day=333, per_user=True, free_count=3_000, tier1_price=50_000),
    Item.ENDUSERMANAGEMENT: Rate(item=Item.ENDUSERMANAGEMENT, monthly=250_000, per_day=8_333, per_user=False),
    Item.CALLBACK: Rate(item=Item.CALLBACK, monthly=50_000, per_day=1_667, per_user=False),
    Item.HELPDOC: Rate(item=Item.HELPDOC, monthly=50_000, per_day=1_667, per_user=False),
    Item.KNOWLEDGE: Rate(item=Item.KNOWLEDGE, monthly=50_000, per_day=1_667, per_user=False),
    Item.TICKETEVALUATION: Rate(item=Item.TICKETEVALUATION, monthly=100_000, per_day=3_333, per_user=False),
}
"""The prices of rules.md 9."""


@dataclass
class FakeService:
    """One contracted service: its users by item since a day of the month `since`, and what it used in every month."""

    id: str
    name: str
    users: dict[Item, int]
    usage: dict[Item, int] = field(default_factory=dict)
    type: ServiceType = ServiceType.CONSULTATION
    state: ServiceState = ServiceState.IN_USE
    since: tuple[str, int] = ("2026-06", 20)
    discount: int = 0

    def charged(self, month: str) -> ServiceCharges | None:
        """Its charges of a month; None where nothing was in force."""
        length = monthrange(int(month[:4]), int(month[5:]))[1]
        last = TODAY if month == THIS_MONTH else length
        first = self.since[1] if month == self.since[0] else 1
        if month < self.since[0]:
            return None
        days = [self.users if first <= day <= last else {} for day in range(1, length + 1)]
        lines = month_lines(days, self.usage, CARD, self.discount)
        values: dict[str, Any] = {
            "type": self.type.value,
            "state": self.state.value,
            "lines": lines,
            "total": total_amount(lines),
        }
        return ServiceCharges(service=self.id, name=self.name, **values)

    def contract(self) -> Contract:
        """The service as the list of contracts has it."""
        return Contract(
            id=self.id,
            name=self.name,
            type=self.type,
            languages=["ko"],
            time_zone="Asia/Seoul",
            state=self.state,
            items=[],
            registered="2026-06-20",
            edited=None,
            terminated=None,
            next_edit=None,
            discount=self.discount,
            banner=None,
            version=1,
        )


class FakeCharges(FakeApi):
    """Answers as the service does: a month, of everything, one type or one service, and the twelve up to it."""

    def __init__(self, person: Me, services: list[FakeService]) -> None:
        super().__init__(person)
        self.contracted = services
        self.asked: list[tuple[str | None, ServiceType | None, str | None]] = []

    def contracts_body(self) -> dict[str, Any]:
        """The list, as the feed tells it."""
        return Contracts(contracts=[one.contract() for one in self.contracted]).model_dump(mode="json")

    async def charges(
        self, month: str | None = None, type: ServiceType | None = None, service: str | None = None
    ) -> Charges:
        await self._called("charges")
        self.asked.append((month, type, service))
        month = month or THIS_MONTH
        chosen = [one for one in self.contracted if type in (None, one.type) and service in (None, one.id)]
        history = []
        at = int(month[:4]) * 12 + int(month[5:]) - 1
        for one in range(at - 11, at + 1):
            name = f"{one // 12:04}-{one % 12 + 1:02}"
            parts = [part for each in chosen if (part := each.charged(name)) is not None]
            sum_of = sum(part.total for part in parts) if parts else None
            history.append(MonthTotal(month=name, total=sum_of, closed=name < THIS_MONTH))
        services = [part for each in chosen if (part := each.charged(month)) is not None]
        closed = month < THIS_MONTH
        return Charges(
            month=month,
            closed=closed,
            closed_at=1 if closed else None,
            through=f"{month}-{TODAY if not closed else monthrange(int(month[:4]), int(month[5:]))[1]}",
            first=min((one.since[0] for one in chosen), default=None),
            time_zone="Asia/Seoul",
            services=services,
            total=sum(one.total for one in services),
            history=history,
        )
