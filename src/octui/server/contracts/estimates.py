"""Estimates: what a whole month of a contract would cost (rules.md 4)."""

from sqlalchemy import Connection

from octui.schema.contracts import Estimate, EstimateRequest
from octui.schema.problems import FieldCode
from octui.server.charges import rate_store
from octui.server.charges import rules as charges_rules
from octui.server.charges.calculation import charged_services
from octui.server.contracts import rules, store
from octui.server.core import calendar
from octui.server.core.calendar import date_of, day_of
from octui.server.core.errors import invalid_field
from octui.server.services import store as services_store


def estimate_contract(connection: Connection, now: int, request: EstimateRequest) -> Estimate:
    """Return what a whole month of a contract costs by the present rate card, and what the service's present one costs.

    A discount of the service applies to both. Raises 422 for invalid items and for an unknown service.
    """
    present_month = calendar.month_of(day_of(now, services_store.organization_time_zone(connection)))
    valid_from, card = rate_store.find_rate_card(connection, present_month)
    length = len(calendar.days_of_month(present_month))
    before, discount = None, 0
    if request.service is not None:
        services = charged_services(connection, code=request.service)
        if not services:
            raise invalid_field("service", FieldCode.UNKNOWN_VALUE, "There is no service with this ID.")
        discount = rate_store.find_discount(connection, services[0].id, present_month)
        items = store.contract_items(connection, services[0].id)
        lines = charges_rules.estimate_lines(items, card, length, discount)
        before = charges_rules.total_amount(lines) if items else None
    lines = charges_rules.estimate_lines(rules.validate_items(request.items), card, length, discount)
    return Estimate(
        lines=lines, total=charges_rules.total_amount(lines), before=before, valid_from=date_of(valid_from).isoformat()
    )
