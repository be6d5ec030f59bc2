"""HTTP routes of charges, estimates, rate cards and discounts."""

import contextlib
from typing import Annotated

from fastapi import Query

from octui.schema.charges import Charges, NewDiscount, NewRateCard, RateCard, RateCards
from octui.schema.common import LONGEST_SERVICE_ID
from octui.schema.items import ServiceType
from octui.server.charges import month_closing, rate_store, store
from octui.server.charges.store import Selection
from octui.server.core import calendar
from octui.server.core.errors import StoreError
from octui.server.web.operations import ContextArg, Operations

operations = Operations()

MonthArg = Annotated[
    str | None,
    Query(max_length=20, description="YYYY-MM in the organization's time zone; else the present"),
]
ServiceArg = Annotated[
    str | None, Query(max_length=LONGEST_SERVICE_ID, pattern=r"^[A-Za-z]+$", description="the service with this ID")
]


@operations("charges")
def charges_of_month(
    context: ContextArg,
    month: MonthArg = None,
    kind: Annotated[ServiceType | None, Query(alias="type", description="services of this type alone")] = None,
    service: ServiceArg = None,
) -> Charges:
    """Return a month's charges line by line, with the totals of the twelve months up to it."""
    month_number = None if month is None else calendar.parse_month("month", month)
    # With a full disk the charges can still be read; the month is closed later.
    with contextlib.suppress(StoreError):
        month_closing.close_due_months(context.store)
    now = context.store.clock()
    selection = Selection(kind, service)
    return context.store.read(lambda connection: store.charges_of_month(connection, now, month_number, selection))


@operations("rates")
def list_rate_cards(context: ContextArg) -> RateCards:
    """Return all rate cards."""
    return context.store.read(rate_store.list_rate_cards)


@operations("add_rates", 201)
def add_rate_card(body: NewRateCard, context: ContextArg) -> RateCard:
    """Set the prices from a future month on."""
    return context.store.write(lambda change: rate_store.add_rate_card(change, body), context.principal)


@operations("change_discount", 204)
def change_discount(service: str, body: NewDiscount, context: ContextArg) -> None:
    """Set a service's discount from the present month or a later one."""
    context.store.write(lambda change: rate_store.change_discount(change, service, body), context.principal)
