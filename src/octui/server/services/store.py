"""SQL of the services as every menu needs them (rules.md 1, 7, 9)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from octui.schema.contracts import Banner, Contract, Contracts, ItemTerms, Service, Terms
from octui.schema.items import Item, ServiceState, ServiceType
from octui.schema.problems import Code
from octui.server.core.calendar import date_of, day_bounds, day_of
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


def require_phone(service: ServiceRow) -> None:
    """Raise 403 if the contract has no telticket: then the service has no CTI (rules.md 19)."""
    if not service.phone:
        raise ProblemError(
            Code.NO_PHONE_CONTRACT, 403, "The contract of this service has no phone (telticket), so there is no CTI."
        )


def has_phone(service: Service) -> bool:
    """Return whether the contract of a service has telticket (rules.md 19)."""
    return Item.TELTICKET in service.items


def list_services(connection: Connection, codes: frozenset[str] | None) -> list[Service]:
    """Return the services by ID, or only those with an ID in `codes`."""
    wanted = select(_s).order_by(_s.c.code)
    if codes is not None:
        wanted = wanted.where(_s.c.code.in_(codes))
    items: dict[int, list[Item]] = {}
    for service_id, item in connection.execute(select(_i.c.service_id, _i.c.item)):
        items.setdefault(service_id, []).append(Item(item))
    order = list(Item)
    return [
        Service(
            id=row.code,
            name=row.name,
            type=ServiceType(row.type),
            language=row.language,
            time_zone=row.time_zone,
            state=ServiceState(row.state),
            items=sorted(items.get(row.id, []), key=order.index),
        )
        for row in connection.execute(wanted)
    ]


def require_changeable(service: ServiceRow) -> None:
    """Raise 409 for a terminated service."""
    rules.require_changeable(service.state)


def list_contracts(connection: Connection, now: int) -> Contracts:
    """Return every service by ID at `now` (epoch ms), including drafts and terminated ones."""
    return Contracts(contracts=_read_contracts(connection, now, None))


def find_contract(connection: Connection, code: str, now: int) -> Contract:
    """Return the contract of the service with this ID. Raises 404."""
    found = _read_contracts(connection, now, code)
    if not found:
        raise not_found()
    return found[0]


def organization_day(connection: Connection, now: int) -> tuple[int, int]:
    """Return the organization's present day and when it ends (epoch ms)."""
    zone = organization_time_zone(connection)
    day = day_of(now, zone)
    return day, day_bounds(day, zone)[1]


def organization_time_zone(connection: Connection) -> str:
    """Return the organization's time zone, whose days count for contracts and charges (rules.md 7); UTC without one."""
    found: str | None = connection.scalar(select(tables.organization.c.time_zone))
    return found or "UTC"


def contract_items(connection: Connection, service_id: int) -> list[ItemTerms]:
    """Return the items that are on in the service's contract, in their order."""
    return [ItemTerms(item=one.item, users=one.users, volume=one.volume) for one in _item_rows(connection, service_id)]


def _item_rows(connection: Connection, service_id: int | None) -> list[Any]:
    wanted = select(_i) if service_id is None else select(_i).where(_i.c.service_id == service_id)
    order = [item.value for item in Item]
    return sorted(connection.execute(wanted), key=lambda row: order.index(row.item))


def _read_contracts(connection: Connection, now: int, code: str | None) -> list[Contract]:
    zone = organization_time_zone(connection)
    today = day_of(now, zone)
    wanted = select(_s).order_by(_s.c.code)
    rows = connection.execute(wanted if code is None else wanted.where(_s.c.code == code)).all()
    only = rows[0].id if code is not None and rows else None
    items: dict[int, list[Terms]] = {}
    for one in _item_rows(connection, only):
        kept = Terms(item=Item(one.item), users=one.users, volume=one.volume)
        items.setdefault(one.service_id, []).append(kept)
    languages: dict[int, list[str]] = {}
    of_all = select(_l.c.service_id, _l.c.language).order_by(_l.c.service_id, _l.c.position)
    for service_id, language in connection.execute(of_all if only is None else of_all.where(_l.c.service_id == only)):
        languages.setdefault(service_id, []).append(language)
    banners = {
        row.service_id: Banner(width=row.width, height=row.height, media_type=row.media_type, changed=row.changed)
        for row in connection.execute(select(_b.c.service_id, _b.c.width, _b.c.height, _b.c.media_type, _b.c.changed))
    }
    discounts: dict[int, int] = {
        row.service_id: row.basis_points
        for row in connection.execute(select(_d).where(_d.c.valid_from <= today).order_by(_d.c.valid_from))
    }
    return [
        Contract(
            id=row.code,
            name=row.name,
            type=ServiceType(row.type),
            languages=languages.get(row.id, [row.language]),
            time_zone=row.time_zone,
            state=ServiceState(row.state),
            items=items.get(row.id, []),
            registered=_iso_date(row.registered_day),
            edited=_iso_date(row.edited_day),
            terminated=_iso_date(row.terminated_day),
            next_edit=rules.next_edit_time(row.edited_day, zone, now),
            discount=discounts.get(row.id, 0),
            banner=banners.get(row.id),
            version=row.version,
        )
        for row in rows
    ]


def _iso_date(day: int | None) -> str | None:
    return None if day is None else date_of(day).isoformat()
