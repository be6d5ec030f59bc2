"""Read the charges of a month and estimates (rules.md 4, 9, 10)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from octui.schema.charges import Charges, MonthTotal, ServiceCharges
from octui.schema.items import ServiceType
from octui.schema.problems import FieldCode
from octui.server.charges.calculation import ChargedService, charged_services, service_charges
from octui.server.core import calendar
from octui.server.core.calendar import date_of, day_of
from octui.server.core.errors import invalid_field
from octui.server.database import tables
from octui.server.services import store as services_store

HISTORY = 12
"""Number of months in the history, including the requested one."""

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

    def row_conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on closed_charge joined with service; its type is the one at closing."""
        conditions: list[ColumnElement[bool]] = []
        if self.type is not None:
            conditions.append(_c.c.type == self.type.value)
        if self.service is not None:
            conditions.append(_s.c.code == self.service)
        return conditions


def charges_of_month(connection: Connection, now: int, month: int | None, selection: Selection) -> Charges:
    """Return the charges of a month (YYYYMM; None is the present one) at `now` (epoch ms), with the months before.

    Raises 422 for a future month and for an unknown service.
    """
    zone = services_store.organization_time_zone(connection)
    today = day_of(now, zone)
    present_month = calendar.month_of(today)
    month = present_month if month is None else month
    if month > present_month:
        raise invalid_field("month", FieldCode.RANGE, "The month has not begun yet.")
    services = selection.services(connection)
    first = _first_month(connection, selection, services)
    # The calendar has no year 0.
    months = [
        shown for shown in (calendar.add_months(month, back - HISTORY + 1) for back in range(HISTORY)) if shown > 100
    ]
    closing_times = _closing_times(connection, months)
    totals = _closed_totals(connection, months, selection)
    history = []
    charged: list[ServiceCharges] = []
    for shown_month in months:
        total = None
        if first is not None and shown_month >= first:
            if shown_month not in closing_times:
                charged = [service for _, service in service_charges(connection, shown_month, today, services)]
                totals[shown_month] = sum(service.total for service in charged)
            total = totals.get(shown_month, 0)
        is_closed = shown_month in closing_times
        history.append(MonthTotal(month=calendar.format_month(shown_month), total=total, closed=is_closed))
    last = calendar.days_of_month(month)[-1]
    if month in closing_times:
        charged = _closed_charges(connection, month, selection)
    return Charges(
        month=calendar.format_month(month),
        closed=month in closing_times,
        closed_at=closing_times.get(month),
        through=date_of(last if month in closing_times else min(last, today)).isoformat(),
        first=None if first is None else calendar.format_month(first),
        time_zone=zone,
        services=charged,
        total=sum(service.total for service in charged),
        history=history,
    )


def _first_month(connection: Connection, selection: Selection, services: list[ChargedService]) -> int | None:
    """Return the first month in which the selection has a contract.

    In closed months, a service has the type it had at closing.
    """
    ids = [service.id for service in services]
    first_day = connection.scalar(select(func.min(_v.c.day)).where(_v.c.service_id.in_(ids)))
    first_closed = connection.scalar(_select_closed(func.min(_c.c.month), selection))
    last_closed = connection.scalar(select(func.max(_m.c.month)))
    months = [] if first_closed is None else [first_closed]
    if first_day is not None:
        months.append(max(calendar.month_of(first_day), 0 if last_closed is None else calendar.add_months(last_closed)))
    return min(months, default=None)


def _select_closed(column: Any, selection: Selection) -> Any:
    return select(column).select_from(_c.join(_s, _s.c.id == _c.c.service_id)).where(*selection.row_conditions())


def _closing_times(connection: Connection, months: list[int]) -> dict[int, int]:
    rows = connection.execute(select(_m.c.month, _m.c.closed).where(_m.c.month >= months[0], _m.c.month <= months[-1]))
    return {row.month: row.closed for row in rows}


def _closed_totals(connection: Connection, months: list[int], selection: Selection) -> dict[int, int]:
    statement = _select_closed(_c.c.month, selection).add_columns(func.sum(_c.c.total).label("sum"))
    rows = connection.execute(statement.where(_c.c.month >= months[0], _c.c.month <= months[-1]).group_by(_c.c.month))
    return {row.month: int(row.sum) for row in rows}


def _closed_charges(connection: Connection, month: int, selection: Selection) -> list[ServiceCharges]:
    """Return the charges as stored at closing, but with each service's present state."""
    statement = _select_closed(_c.c.body, selection).add_columns(_s.c.state).where(_c.c.month == month)
    return [
        ServiceCharges.model_validate_json(row.body).model_copy(update={"state": row.state})
        for row in connection.execute(statement.order_by(_s.c.code))
    ]
