"""SQL of the services as every menu needs them (rules.md 1, 7, 9)."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from octui.schema.contracts import Service
from octui.schema.items import Item, ServiceState
from octui.schema.problems import Code
from octui.server.core.calendar import day_bounds, day_of
from octui.server.core.errors import ProblemError, not_found
from octui.server.database import tables
from octui.server.services import rules

_s, _i, _l = tables.service, tables.contract_item, tables.service_language
_b, _d = tables.service_banner, tables.discount


@dataclass(frozen=True)
class ServiceRow:
    """Service as operations below `/services/{service}` need it. `phone`: the contract has telticket."""

    id: int
    code: str
    name: str
    time_zone: str
    state: ServiceState
    phone: bool


_ROW = (
    select(_s.c.id, _s.c.code, _s.c.name, _s.c.time_zone, _s.c.state, _i.c.item)
    .select_from(_s.outerjoin(_i, (_i.c.service_id == _s.c.id) & (_i.c.item == Item.TELTICKET.value)))
    .where(_s.c.code == bindparam("code"))
)


def find_service(connection: Connection, code: str) -> ServiceRow:
    """Return the service with this ID. Raises 404."""
    row = connection.execute(_ROW, {"code": code}).one_or_none()
    if row is None:
        raise not_found()
    return ServiceRow(row.id, row.code, row.name, row.time_zone, ServiceState(row.state), row.item is not None)


def find_phone_service(connection: Connection, code: str) -> ServiceRow:
    """Return the service with this ID. Raises 404, and 403 without telticket: then it has no CTI (rules.md 19)."""
    service = find_service(connection, code)
    if not service.phone:
        raise ProblemError(
            Code.NO_PHONE_CONTRACT, 403, "The contract of this service has no phone (telticket), so there is no CTI."
        )
    return service


def has_phone(service: Service) -> bool:
    """Return whether the contract of a service has telticket (rules.md 19)."""
    return Item.TELTICKET in service.items


def list_services(connection: Connection, codes: frozenset[str] | None) -> list[Service]:
    """Return the services by ID, or only those with an ID in `codes`."""
    statement = select(_s).order_by(_s.c.code)
    if codes is not None:
        statement = statement.where(_s.c.code.in_(codes))
    items: dict[int, list[Item]] = {}
    for service_id, item in connection.execute(select(_i.c.service_id, _i.c.item)):
        items.setdefault(service_id, []).append(Item(item))
    order = list(Item)
    return [
        Service(**row._asdict() | {"id": row.code, "items": sorted(items.get(row.id, []), key=order.index)})
        for row in connection.execute(statement)
    ]


def require_changeable(service: ServiceRow) -> None:
    """Raise 409 for a terminated service."""
    rules.require_changeable(service.state)


def organization_day(connection: Connection, now: int) -> tuple[int, int]:
    """Return the organization's present day and when it ends (epoch ms)."""
    zone = organization_time_zone(connection)
    day = day_of(now, zone)
    return day, day_bounds(day, zone)[1]


def organization_time_zone(connection: Connection) -> str:
    """Return the organization's time zone, whose days count for contracts and charges (rules.md 7); UTC without one."""
    zone: str | None = connection.scalar(select(tables.organization.c.time_zone))
    return zone or "UTC"
