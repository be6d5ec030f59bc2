"""Charges of a month, the lines that explain them, and the rate card (rules.md 9, 10). Money is integer KRW."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from octui.schema.common import Answer, RequestBody
from octui.schema.items import Item

LARGEST_PRICE = 10**9
"""Limit of every number of a rate card. Hundreds of services with the most users at such prices still fit a column."""

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class LineKind(StrEnum):
    """Why a line is charged: a whole month, single days, usage in either tier, the discount."""

    MONTH = "month"
    DAYS = "days"
    TIER1 = "tier1"
    TIER2 = "tier2"
    DISCOUNT = "discount"


class ChargeLine(Answer):
    """One line of charges. `amount` = `quantity` × `unit_price`, rounded half up; a discount is negative.

    `unit_price` is in thousandths of a KRW. `quantity`: MONTH users (1 where not per user), DAYS days × users, TIER1
    and TIER2 units charged (tickets, call seconds, chats), DISCOUNT hundredths of a percent. `days`: days in force.
    `used` and `free` explain the tiers: all units of the month, and those included. `discounted` explains a discount:
    the sum it is taken from.
    """

    item: Item | None
    kind: LineKind
    quantity: int
    unit_price: int
    amount: int
    days: int = 0
    users: int = 0
    used: int = 0
    free: int = 0
    discounted: int = 0

    @model_validator(mode="before")
    @classmethod
    def _move_discounted(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("kind") == LineKind.DISCOUNT and "discounted" not in values:
            return {**values, "discounted": values.get("used", 0), "used": 0}  # A line of a month that 0.1.0 closed.
        return values


class ServiceCharges(Answer):
    """Charges of one service in a month; `total` is the sum of the lines. `state`: the service's present state."""

    service: str
    name: str
    type: str
    state: str
    lines: list[ChargeLine]
    total: int


class MonthTotal(Answer):
    """A month of the history; `total` is None where there was no contract yet."""

    month: str
    total: int | None
    closed: bool


class Charges(Answer):
    """Charges of a month.

    `closed`: frozen (since `closed_at`, epoch ms); else up to the day `through`. A month is closed a day after its end,
    so that calls over midnight and late events are in it. `first`: the first month in which the selection has a
    contract (None: there is none).
    `history`: the last 12 months up to this one, of the same selection, oldest first.
    """

    month: str
    closed: bool
    closed_at: int | None
    through: str
    first: str | None
    time_zone: str
    services: list[ServiceCharges]
    total: int
    history: list[MonthTotal]


class Rate(RequestBody):
    """A row of the rate card (rules.md 9), unit prices in thousandths of a KRW. Without `free_count` usage is free."""

    item: Item
    monthly: Annotated[int, Field(ge=0, le=LARGEST_PRICE)]
    per_day: Annotated[int, Field(ge=0, le=LARGEST_PRICE)]
    per_user: bool
    free_count: Annotated[int | None, Field(ge=0, le=LARGEST_PRICE)] = None
    tier1_cap: Annotated[int | None, Field(ge=0, le=LARGEST_PRICE)] = None
    tier1_price: Annotated[int | None, Field(ge=0, le=LARGEST_PRICE)] = None
    tier2_price: Annotated[int | None, Field(ge=0, le=LARGEST_PRICE)] = None


class NewRateCard(RequestBody):
    """A rate card from a month's first day on; every item exactly once. `dry_run`: check it, store nothing."""

    valid_from: Day
    dry_run: bool = False
    rates: Annotated[list[Rate], Field(min_length=1, max_length=len(Item))]


class RateCard(Answer):
    """Prices that are valid from a month on, until the next rate card."""

    valid_from: str
    rates: list[Rate]


class RateCards(Answer):
    """All rate cards, oldest first."""

    cards: list[RateCard]


class NewDiscount(RequestBody):
    """A discount of a service from a month's first day on, in hundredths of a percent."""

    valid_from: Day
    basis_points: Annotated[int, Field(ge=0, le=10_000)]
