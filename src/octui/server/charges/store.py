"""Read the charges of a month and estimates (rules.md 4, 9, 10)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from octui.schema.charges import Charges, MonthTotal, ServiceCharges
from octui.schema.contracts import Estimate, EstimateRequest
from octui.schema.items import ServiceType
from octui.schema.problems import FieldCode
from octui.server.charges import rate_store, rules
from octui.server.charges.calculation import ChargedService, charged_services, service_charges
from octui.server.core import calendar
from octui.server.core.calendar import date_of, day_of
from octui.server.core.errors import invalid_field
from octui.server.database import tables
from octui.server.services import rules as services_rules
from octui.server.services import store as services_store

HISTORY = 12
"""Months shown, the one asked for included."""

_s, _v, _m, _c = tables.service, tables.contract_version, tables.closed_month, tables.closed_charge


@dataclass(frozen=True)
class Selection:
    """Filter of the charges by service type and service ID; None does not filter."""

    type: ServiceType | None = None
    service: str | None = None

    def services(self, connection: Connection) -> list[ChargedService]:
        """Return the selected services. Raises 422 for an unknown service ID."""
        if self.service is not None and not charged_services(connection, code=self.service):
            raise invalid_field("service", FieldCode.UNKNOWN_VALUE, "There is no service with this ID.")
        return charged_services(connection, code=self.service, kind=self.type)

    def closed(self) -> list[ColumnElement[bool]]:
        """Return the conditions on closed_charge joined with service; its type is the one at closing."""
        found: list[ColumnElement[bool]] = []
        if self.type is not None:
            found.append(_c.c.type == self.type.value)
        if self.service is not None:
            found.append(_s.c.code == self.service)
        return found


def charges_of_month(connection: Connection, now: int, asked: int | None, selection: Selection) -> Charges:
    """Return the charges of a month (YYYYMM; None is the present one) at `now` (epoch ms), with the months before.

    Raises 422 for a future month and for an unknown service.
    """
    zone = services_store.organization_time_zone(connection)
    today = day_of(now, zone)
    present = calendar.month_of(today)
    asked = present if asked is None else asked
    if asked > present:
        raise invalid_field("month", FieldCode.RANGE, "The month has not begun yet.")
    of = selection.services(connection)
    first = _first_month(connection, selection, of)
    # The calendar has no year 0.
    shown = [each for each in (calendar.add_months(asked, back - HISTORY + 1) for back in range(HISTORY)) if each > 100]
    frozen = _closing_times(connection, shown)
    totals = _closed_totals(connection, shown, selection)
    history = []
    charged: list[ServiceCharges] = []
    for each in shown:
        total = None
        if first is not None and each >= first:
            if each not in frozen:
                charged = [one for _, one in service_charges(connection, each, today, of)]
                totals[each] = sum(one.total for one in charged)
            total = totals.get(each, 0)
        history.append(MonthTotal(month=calendar.format_month(each), total=total, closed=each in frozen))
    last = calendar.days_of_month(asked)[-1]
    if asked in frozen:
        charged = _closed_charges(connection, asked, selection)
    return Charges(
        month=calendar.format_month(asked),
        closed=asked in frozen,
        closed_at=frozen.get(asked),
        through=date_of(last if asked in frozen else min(last, today)).isoformat(),
        first=None if first is None else calendar.format_month(first),
        time_zone=zone,
        services=charged,
        total=sum(one.total for one in charged),
        history=history,
    )


def _first_month(connection: Connection, selection: Selection, of: list[ChargedService]) -> int | None:
    """Return the first month in which the selection has a contract.

    In closed months, a service has the type it had at closing.
    """
    began = connection.scalar(select(func.min(_v.c.day)).where(_v.c.service_id.in_([one.id for one in of])))
    first_closed = connection.scalar(_select_closed(func.min(_c.c.month), selection))
    last_closed = connection.scalar(select(func.max(_m.c.month)))
    known = [] if first_closed is None else [first_closed]
    if began is not None:
        known.append(max(calendar.month_of(began), 0 if last_closed is None else calendar.add_months(last_closed)))
    return min(known, default=None)


def _select_closed(column: Any, selection: Selection) -> Any:
    return select(column).select_from(_c.join(_s, _s.c.id == _c.c.service_id)).where(*selection.closed())


def _closing_times(connection: Connection, shown: list[int]) -> dict[int, int]:
    rows = connection.execute(select(_m.c.month, _m.c.closed).where(_m.c.month >= shown[0], _m.c.month <= shown[-1]))
    return {row.month: row.closed for row in rows}


def _closed_totals(connection: Connection, shown: list[int], selection: Selection) -> dict[int, int]:
    wanted = _select_closed(_c.c.month, selection).add_columns(func.sum(_c.c.total).label("sum"))
    rows = connection.execute(wanted.where(_c.c.month >= shown[0], _c.c.month <= shown[-1]).group_by(_c.c.month))
    return {row.month: int(row.sum) for row in rows}


def _closed_charges(connection: Connection, asked: int, selection: Selection) -> list[ServiceCharges]:
    """Return the charges as stored at closing, but with each service's present state."""
    wanted = _select_closed(_c.c.body, selection).add_columns(_s.c.state).where(_c.c.month == asked).order_by(_s.c.code)
    return [
        ServiceCharges.model_validate_json(row.body).model_copy(update={"state": row.state})
        for row in connection.execute(wanted)
    ]


def estimate_contract(connection: Connection, now: int, of: EstimateRequest) -> Estimate:
    """Return what a whole month of a contract costs by the present rate card, and what the service's present one costs.

    A discount of the service applies to both. Raises 422 for invalid items and for an unknown service.
    """
    present = calendar.month_of(day_of(now, services_store.organization_time_zone(connection)))
    valid_from, card = rate_store.find_rate_card(connection, present)
    length = len(calendar.days_of_month(present))
    before, discount = None, 0
    if of.service is not None:
        found = charged_services(connection, code=of.service)
        if not found:
            raise invalid_field("service", FieldCode.UNKNOWN_VALUE, "There is no service with this ID.")
        discount = rate_store.find_discount(connection, found[0].id, present)
        had = services_store.contract_items(connection, found[0].id)
        before = rules.total_amount(rules.estimate_lines(had, card, length, discount)) if had else None
    lines = rules.estimate_lines(services_rules.validate_items(of.items), card, length, discount)
    return Estimate(
        lines=lines, total=rules.total_amount(lines), before=before, valid_from=date_of(valid_from).isoformat()
    )
