"""Close months: their charges are stored and never calculated again (rules.md 10)."""

from sqlalchemy import Connection, func, insert, select

from octui.server.charges import calculation
from octui.server.core import calendar
from octui.server.core.calendar import day_of
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.services import store as services_store

_s, _v, _m, _c = tables.service, tables.contract_version, tables.closed_month, tables.closed_charge
_CLOSER = Principal(None, "", "")


def due_month(connection: Connection, now: int) -> int | None:
    """Return the oldest month (YYYYMM) that is open and may be closed at `now` (epoch ms), or None."""
    first = connection.scalar(select(func.min(_v.c.day)))
    if first is None:
        return None
    last = connection.scalar(select(func.max(_m.c.month)))
    month = calendar.month_of(first) if last is None else calendar.add_months(last)
    zone = services_store.organization_time_zone(connection)
    if month >= calendar.month_of(day_of(now, zone)):
        return None
    zones = [zone, *connection.scalars(select(_s.c.time_zone).distinct())]
    return month if now >= calendar.closes_at(month, zones) else None


def close_month(change: Change, now: int) -> int | None:
    """Close the oldest month that is due. Return it (YYYYMM), or None when no month is due."""
    lock_until_commit(change, "closing")
    connection = change.connection
    month = due_month(connection, now)
    if month is None:
        return None
    connection.execute(insert(_m).values(month=month, closed=now))
    services = calculation.charged_services(connection)
    rows = [
        {
            "month": month,
            "service_id": service_id,
            "type": charges.type,
            "total": charges.total,
            "body": charges.model_dump_json(),
        }
        for service_id, charges in calculation.service_charges(
            connection, month, calendar.days_of_month(month)[-1], services
        )
    ]
    if rows:
        connection.execute(insert(_c), rows)
    return month


def close_due_months(store: Store) -> None:
    """Close every month that is due. Runs before a month is read, and hourly (server/maintenance.py).

    Each month has its own transaction, so other writes can happen in between.
    """
    while store.read(lambda connection: due_month(connection, store.clock())) is not None:
        if store.write(lambda change: close_month(change, change.now), _CLOSER) is None:
            return  # Another process closed it.
