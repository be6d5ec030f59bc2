"""History of the demo center's contracts over the past year, so that charges have months to show."""

from dataclasses import dataclass

from octui.schema.contracts import BasicInformation, ContractDetails, ItemTerms
from octui.schema.items import Item, ServiceState, ServiceType


@dataclass(frozen=True)
class Discount:
    """A discount from the month of that day on, in hundredths of a percent."""

    basis_points: int


@dataclass(frozen=True)
class Moment:
    """A dated step in the history of a service: registered, edited, suspended and so on.

    `action`: basic information of a draft, details of a contract, a new state, or a discount.
    """

    days_ago: int
    service: str
    action: BasicInformation | ContractDetails | ServiceState | Discount


BEGAN_DAYS_AGO = 401
"""Time at which the organization was created."""


def _draft_moment(days_ago: int, code: str, name: str, languages: str = "ko") -> Moment:
    basics = BasicInformation(id=code, name=name, type=ServiceType.CONSULTATION, languages=languages.split())
    return Moment(days_ago, code, basics)


def _contract_moment(days_ago: int, code: str, items: dict[Item, tuple[int, int]]) -> Moment:
    """Return the registration or edit of a contract; `items` has users and expected volume of each."""
    terms = [ItemTerms(item=item, users=users, volume=volume) for item, (users, volume) in items.items()]
    return Moment(days_ago, code, ContractDetails(items=terms))


_ONE = (1, 0)

STORY: tuple[Moment, ...] = (
    _draft_moment(400, "cs", "고객상담", "ko en"),
    _contract_moment(400, "cs", {Item.TICKET: (20, 50_000), Item.TELTICKET: (20, 120_000), Item.CHAT: (20, 20_000)}),
    _draft_moment(370, "tech", "기술지원"),
    _contract_moment(369, "tech", {Item.TICKET: (10, 20_000), Item.TELTICKET: (10, 60_000)}),
    _contract_moment(
        310,
        "cs",
        {
            Item.TICKET: (30, 80_000),
            Item.TELTICKET: (30, 180_000),
            Item.CHAT: (20, 20_000),
            Item.HELPDOC: _ONE,
        },
    ),
    _draft_moment(251, "shop", "쇼핑몰 채팅"),
    _contract_moment(250, "shop", {Item.TICKET: (8, 9_000), Item.CHAT: (8, 40_000)}),
    _draft_moment(200, "event", "이벤트 상담"),
    _contract_moment(199, "event", {Item.TICKET: (5, 3_000), Item.CHAT: (5, 6_000)}),
    _contract_moment(171, "tech", {Item.TICKET: (15, 30_000), Item.TELTICKET: (15, 90_000), Item.CALLBACK: _ONE}),
    Moment(120, "event", ServiceState.SUSPENDED),
    _contract_moment(
        92,
        "cs",
        {
            Item.TICKET: (40, 120_000),
            Item.TELTICKET: (40, 250_000),
            Item.CHAT: (30, 60_000),
            Item.HELPDOC: _ONE,
            Item.KNOWLEDGE: _ONE,
        },
    ),
    Moment(91, "cs", Discount(500)),
    _draft_moment(75, "pilot", "시범 상담"),
    _contract_moment(75, "pilot", {Item.TICKET: (3, 500)}),
    Moment(40, "pilot", ServiceState.SUSPENDED),
    Moment(33, "pilot", ServiceState.TERMINATED),
    _contract_moment(21, "shop", {Item.TICKET: (12, 14_000), Item.CHAT: (12, 50_000), Item.TICKETEVALUATION: _ONE}),
    _draft_moment(2, "vip", "VIP 상담", "ko en ja"),
)
"""In order of time."""
