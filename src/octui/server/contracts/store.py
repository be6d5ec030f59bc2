"""SQL of contracted services: adding, editing, switching and terminating them (rules.md 1–8). All of it is recorded.

A request for what is already so succeeds whatever its version, so that a client may repeat one whose answer was lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from octui.schema.audit import Action, AuditValue, ServiceBasics, ServiceStateValue
from octui.schema.common import LONGEST_NAME
from octui.schema.contracts import (
    Banner,
    BasicChange,
    BasicInformation,
    Contract,
    ContractDetails,
    Contracts,
    ItemTerms,
    NewService,
    Service,
    Terms,
)
from octui.schema.items import Item, ServiceState, ServiceType
from octui.schema.languages import LANGUAGES, proposed_time_zone
from octui.schema.problems import FieldCode
from octui.server.agents import store as agents_store
from octui.server.contracts import rules
from octui.server.core import validation
from octui.server.core.calendar import date_of, day_of
from octui.server.core.errors import invalid_field, not_found, version_mismatch
from octui.server.core.topics import SERVICES
from octui.server.core.validation import validate_text
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.unit_of_work import Change
from octui.server.events import store as events_store
from octui.server.services import rules as services_rules
from octui.server.services import store as services_store
from octui.server.stats import store as stats_store

_s, _i, _l = tables.service, tables.contract_item, tables.service_language
_b, _d = tables.service_banner, tables.discount
_SWITCHED = {
    ServiceState.IN_USE: Action.SERVICE_RESUMED,
    ServiceState.SUSPENDED: Action.SERVICE_SUSPENDED,
    ServiceState.TERMINATED: Action.SERVICE_TERMINATED,
}


def list_contracts(connection: Connection, now: int) -> Contracts:
    """Return every service by ID at `now` (epoch ms), including drafts and terminated ones."""
    return Contracts(contracts=_read_contracts(connection, now, None))


def find_contract(connection: Connection, code: str, now: int) -> Contract:
    """Return the contract of the service with this ID. Raises 404."""
    contracts = _read_contracts(connection, now, code)
    if not contracts:
        raise not_found()
    return contracts[0]


def contract_items(connection: Connection, service_id: int) -> list[ItemTerms]:
    """Return the items that are on in the service's contract, in their order."""
    return [ItemTerms(item=row.item, users=row.users, volume=row.volume) for row in _item_rows(connection, service_id)]


def _item_rows(connection: Connection, service_id: int | None) -> list[Any]:
    statement = select(_i) if service_id is None else select(_i).where(_i.c.service_id == service_id)
    order = [item.value for item in Item]
    return sorted(connection.execute(statement), key=lambda row: order.index(row.item))


def _read_contracts(connection: Connection, now: int, code: str | None) -> list[Contract]:
    zone = services_store.organization_time_zone(connection)
    today = day_of(now, zone)
    statement = select(_s).order_by(_s.c.code)
    rows = connection.execute(statement if code is None else statement.where(_s.c.code == code)).all()
    service_id = rows[0].id if code is not None and rows else None
    items: dict[int, list[Terms]] = {}
    for item in _item_rows(connection, service_id):
        terms = Terms(item=Item(item.item), users=item.users, volume=item.volume)
        items.setdefault(item.service_id, []).append(terms)
    languages: dict[int, list[str]] = {}
    for language in connection.execute(select(_l).order_by(_l.c.service_id, _l.c.position)):
        languages.setdefault(language.service_id, []).append(language.language)
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


def add_draft(change: Change, new: BasicInformation) -> Contract:
    """Add a draft service (step 1). Raises 422 for a taken ID or name, an unknown language or an unknown time zone."""
    _insert_service(change, new)
    return find_contract(change.connection, new.id, change.now)


def add_service(change: Change, new: NewService) -> Service:
    """Add a service in use whose contract has the item `ticket`, and `telticket` if `new.phone`. Raises 422."""
    if new.language not in LANGUAGES:
        raise invalid_field("language", FieldCode.UNKNOWN_VALUE, "There is no help center in this language.")
    basic = BasicInformation.model_construct(
        id=new.id, name=new.name, type=new.type, languages=[new.language], time_zone=new.time_zone
    )
    service_id = _insert_service(change, basic)
    items = [ItemTerms(item=item) for item in ([Item.TICKET, Item.TELTICKET] if new.phone else [Item.TICKET])]
    _register_contract(change, service_id, new.id, validate_text("name", new.name, LONGEST_NAME), items)
    return services_store.list_services(change.connection, frozenset((new.id,)))[0]


def _insert_service(change: Change, new: BasicInformation) -> int:
    if change.connection.scalar(select(tables.organization.c.id)) is None:
        raise not_found()
    name = validate_text("name", new.name, LONGEST_NAME)
    languages = rules.validate_languages(new.languages)
    zone = proposed_time_zone(languages[0]) if new.time_zone is None else validation.validate_time_zone(new.time_zone)
    _refuse_taken(change, name, code=new.id)
    values = {"code": new.id, "name": name, "type": new.type.value, "language": languages[0], "time_zone": zone}
    service_id: int = change.connection.execute(
        insert(_s).values(**values, state=ServiceState.DRAFT.value).returning(_s.c.id)
    ).scalar_one()
    _set_languages(change, service_id, languages)
    change.touch(SERVICES)
    after = ServiceBasics(type=new.type, languages=languages, time_zone=zone, name=name)
    change.record(Action.SERVICE_ADDED, target_name=name, service=new.id, after=after)
    return service_id


def _refuse_taken(change: Change, name: str, *, code: str | None = None, own: int | None = None) -> None:
    """Raise 422 if another service has the ID or the name, ignoring case.

    Both appear in addresses and lists, where people tell them apart by eye.
    """
    lock_until_commit(change, "service")
    for row in change.connection.execute(select(_s.c.id, _s.c.code, _s.c.name)):
        if code is not None and row.code.lower() == code.lower():
            raise invalid_field("id", FieldCode.TAKEN, "There is a service with this ID.", row.code)
        if row.id != own and row.name.casefold() == name.casefold():
            raise invalid_field("name", FieldCode.TAKEN, "There is a service with this name.", row.code)


def change_basics(change: Change, code: str, edit: BasicChange, version: int) -> Contract:
    """Change basic information, based on `version`; fields not set stay (rules.md 7)."""
    row = _lock_service(change, code)
    services_rules.require_changeable(ServiceState(row.state))
    before = find_contract(change.connection, code, change.now)
    name = before.name if edit.name is None else validate_text("name", edit.name, LONGEST_NAME)
    kind = before.type if edit.type is None else edit.type
    languages = before.languages if edit.languages is None else rules.validate_languages(edit.languages)
    zone = before.time_zone if edit.time_zone is None else validation.validate_time_zone(edit.time_zone)
    old = _service_basics(before)
    new = ServiceBasics(type=kind, languages=languages, time_zone=zone, name=name)
    if new == old:
        return before
    _require_version(change, row, code, version)
    if name != before.name:
        _refuse_taken(change, name, own=row.id)
    if zone != before.time_zone:
        _refuse_counted_events(change, row.id)
    if languages != before.languages:
        _set_languages(change, row.id, languages)
    _update_service(change, row, {"name": name, "type": kind.value, "language": languages[0], "time_zone": zone})
    _record_change(change, Action.SERVICE_CHANGED, code, name, before=old, after=new)
    return find_contract(change.connection, code, change.now)


def _refuse_counted_events(change: Change, service_id: int) -> None:
    """Raise 422 if the service has events, because they were counted by days of its time zone."""
    events_store.lock_service(change.connection, service_id)
    if change.connection.scalar(select(exists().where(tables.event.c.service_id == service_id))):
        raise invalid_field(
            "time_zone", FieldCode.COUNTED_BY, "Figures were counted by its days, so the time zone stays."
        )


def drop_draft(change: Change, code: str, version: int) -> None:
    """Delete a draft and its agents, based on `version`. Raises 409 for a registered service."""
    row = _lock_service(change, code)
    services_rules.require_draft(ServiceState(row.state))
    _require_version(change, row, code, version)
    before = find_contract(change.connection, code, change.now)
    agents_store.remove_all_agents(change, code)
    of_floor = tables.floor_limit, tables.queue_threshold
    for table in (_i, _l, tables.service_banner, tables.contract_version, tables.discount, *of_floor):
        change.connection.execute(delete(table).where(table.c.service_id == row.id))
    change.connection.execute(delete(_s).where(_s.c.id == row.id))
    change.touch(SERVICES)
    _record_change(change, Action.SERVICE_DRAFT_DROPPED, code, before.name, before=_service_basics(before))


def edit_contract(change: Change, code: str, details: ContractDetails, version: int) -> Contract:
    """Register a draft (step 2), or edit a contract once a day of the organization, based on `version` (rules.md 7).

    Expected volumes are not part of the contract and can be changed at any time.
    """
    items = rules.validate_items(details.items)
    row = _lock_service(change, code)
    state = ServiceState(row.state)
    services_rules.require_changeable(state)
    if state is ServiceState.DRAFT:
        _require_version(change, row, code, version)
        _register_contract(change, row.id, code, row.name, items)
        return find_contract(change.connection, code, change.now)
    before = contract_items(change.connection, row.id)
    if items == before:
        return find_contract(change.connection, code, change.now)
    _require_version(change, row, code, version)
    values: dict[str, Any] = {}
    old, new = rules.charged_items(before), rules.charged_items(items)
    if new != old:
        rules.refuse_second_edit(row.edited_day, services_store.organization_time_zone(change.connection), change.now)
        values["edited_day"] = _contract_day(change, row)
        _set_version(change, row.id, values["edited_day"], items)
        _record_change(change, Action.CONTRACT_CHANGED, code, row.name, before=old, after=new)
    _set_items(change, row.id, items)
    _update_service(change, row, values)
    return find_contract(change.connection, code, change.now)


def _register_contract(change: Change, service_id: int, code: str, name: str, items: Sequence[ItemTerms]) -> None:
    """Begin a draft's contract today. This does not use up the day's edit."""
    today = day_of(change.now, services_store.organization_time_zone(change.connection))
    _set_items(change, service_id, items)
    _set_version(change, service_id, today, items)
    change.connection.execute(
        update(_s)
        .where(_s.c.id == service_id)
        .values(state=ServiceState.IN_USE.value, registered_day=today, version=_s.c.version + 1)
    )
    change.touch(SERVICES)
    _record_change(change, Action.SERVICE_REGISTERED, code, name, after=rules.charged_items(items))


def switch_service(change: Change, code: str, target: ServiceState, version: int) -> Contract:
    """Suspend, resume or terminate a service, based on `version`. Raises 409 with the reason (rules.md 6).

    When the service is no longer in use, all its agents are logged out.
    """
    row = _lock_service(change, code)
    state = ServiceState(row.state)
    if services_rules.check_switch(state, target):
        _require_version(change, row, code, version)
        if target is not ServiceState.IN_USE:
            stats_store.log_out_everyone(change, row.id)
        values: dict[str, Any] = {"state": target.value}
        if target is ServiceState.TERMINATED:
            values["terminated_day"] = _contract_day(change, row)
        _update_service(change, row, values)
        old, new = ServiceStateValue(state=state), ServiceStateValue(state=target)
        _record_change(change, _SWITCHED[target], code, row.name, before=old, after=new)
    return find_contract(change.connection, code, change.now)


def _contract_day(change: Change, row: Row[Any]) -> int:
    """Return the organization's day, but never one before the contract's latest change.

    A clock that was set back must not make an earlier version of the contract count.
    """
    today = day_of(change.now, services_store.organization_time_zone(change.connection))
    return max(today, row.registered_day or 0, row.edited_day or 0)


def _lock_service(change: Change, code: str) -> Row[Any]:
    """Return the service, locked until the transaction ends. Raises 404."""
    row = change.connection.execute(select(_s).where(_s.c.code == code).with_for_update()).one_or_none()
    if row is None:
        raise not_found()
    return row


def _require_version(change: Change, row: Row[Any], code: str, version: int) -> None:
    """Raise 412 with the present contract unless `version` is its version."""
    if row.version != version:
        contract = find_contract(change.connection, code, change.now)
        raise version_mismatch("The service was changed meanwhile.", contract)


def _update_service(change: Change, row: Row[Any], values: Mapping[str, Any]) -> None:
    change.connection.execute(update(_s).where(_s.c.id == row.id).values(**values, version=row.version + 1))
    change.touch(SERVICES)


def _set_languages(change: Change, service_id: int, languages: Sequence[str]) -> None:
    change.connection.execute(delete(_l).where(_l.c.service_id == service_id))
    rows = [{"service_id": service_id, "position": at, "language": language} for at, language in enumerate(languages)]
    change.connection.execute(insert(_l), rows)


def _set_items(change: Change, service_id: int, items: Sequence[ItemTerms]) -> None:
    change.connection.execute(delete(_i).where(_i.c.service_id == service_id))
    rows = [{"item": terms.item.value, "users": terms.users, "volume": terms.volume} for terms in items]
    change.connection.execute(insert(_i).values(service_id=service_id), rows)


def _set_version(change: Change, service_id: int, day: int, items: Sequence[ItemTerms]) -> None:
    """Store the contract that is charged from a day on, replacing a version of the same day."""
    table = tables.contract_version
    change.connection.execute(delete(table).where(table.c.service_id == service_id, table.c.day == day))
    rows = [{"service_id": service_id, "day": day, "item": terms.item.value, "users": terms.users} for terms in items]
    change.connection.execute(insert(table), rows)


def _service_basics(contract: Contract) -> ServiceBasics:
    return ServiceBasics(
        type=contract.type, languages=contract.languages, time_zone=contract.time_zone, name=contract.name
    )


def _record_change(
    change: Change,
    action: Action,
    code: str,
    name: str,
    *,
    before: AuditValue | None = None,
    after: AuditValue | None = None,
) -> None:
    change.record(action, target_name=name, service=code, before=before, after=after)
