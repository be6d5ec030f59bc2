"""Services of the organization and the switches of their contract (domain.md 2, 3, 9)."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from octui.schema.audit import Action
from octui.schema.common import LONGEST_NAME
from octui.schema.contracts import Item, NewService, Service, ServiceState, ServiceType
from octui.schema.languages import LANGUAGES, proposed_time_zone
from octui.schema.problems import Code, FieldCode
from octui.service.errors import ServiceError, invalid, not_found
from octui.service.rules import time_zones
from octui.service.rules.names import checked
from octui.service.store import tables
from octui.service.store.serial import one_at_a_time
from octui.service.store.store import Change
from octui.service.topics import SERVICES

_s, _i = tables.service, tables.contract_item


@dataclass(frozen=True)
class ServiceRow:
    """A service as every operation below `/services/{service}` needs it; `phone`: the contract has telticket."""

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


def find(connection: Connection, code: str) -> ServiceRow:
    """The service with this ID; raises 404."""
    row = connection.execute(_ROW, {"code": code}).one_or_none()
    if row is None:
        raise not_found()
    return ServiceRow(row.id, row.code, row.name, row.time_zone, ServiceState(row.state), row.item is not None)


def need_phone(service: ServiceRow) -> None:
    """Raise 403 where the contract has no telticket: there is no CTI then (domain.md 19)."""
    if not service.phone:
        raise ServiceError(
            Code.NO_PHONE_CONTRACT, 403, "The contract of this service has no phone (telticket), so there is no CTI."
        )


def has_phone(service: Service) -> bool:
    """Whether the contract of a service has CTI (domain.md 19)."""
    return Item.TELTICKET in service.items


def services(connection: Connection, codes: frozenset[str] | None) -> list[Service]:
    """The services by ID; `codes`: only these."""
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


def add(change: Change, new: NewService) -> Service:
    """A service in use, its contract with `ticket`, which is always on, and `telticket` for phone. 422 names the
    field when ID or name is taken or the time zone is none. Recorded."""
    if change.connection.scalar(select(tables.organization.c.id)) is None:
        raise not_found()
    name = checked("name", new.name, LONGEST_NAME)
    zone = time_zones.checked(new.time_zone) if new.time_zone is not None else proposed_time_zone(new.language)
    if new.language not in LANGUAGES:
        raise invalid("language", FieldCode.UNKNOWN_VALUE, "There is no help centre in this language.")
    one_at_a_time(change, "service")
    # ID and name go into addresses and lists that people tell apart by eye, so case is no difference.
    for row in change.connection.execute(select(_s.c.code, _s.c.name)):
        if row.code.lower() == new.id.lower():
            raise invalid("id", FieldCode.TAKEN, "There is a service with this ID.", row.code)
        if row.name.casefold() == name.casefold():
            raise invalid("name", FieldCode.TAKEN, "There is a service with this name.", row.code)
    service_id = change.connection.execute(
        insert(_s)
        .values(code=new.id, name=name, type=new.type.value, language=new.language, time_zone=zone)
        .returning(_s.c.id)
    ).scalar_one()
    items = [Item.TICKET, Item.TELTICKET] if new.phone else [Item.TICKET]
    change.connection.execute(insert(_i), [{"service_id": service_id, "item": item.value} for item in items])
    change.touch(SERVICES)
    change.record(
        Action.SERVICE_ADDED,
        target_account="",
        target_name=name,
        service=new.id,
        after=" ".join(item.value for item in items),
    )
    return Service(
        id=new.id,
        name=name,
        type=new.type,
        language=new.language,
        time_zone=zone,
        state=ServiceState.IN_USE,
        items=items,
    )
