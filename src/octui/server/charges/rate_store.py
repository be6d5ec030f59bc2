"""SQL of the rate cards and discounts; each is valid from the first day of a month (rules.md 9)."""

from sqlalchemy import Connection, RowMapping, delete, exists, func, insert, select

from octui.schema.audit import Action, DiscountValue
from octui.schema.charges import NewDiscount, NewRateCard, Rate, RateCard, RateCards
from octui.schema.items import Item, ServiceState
from octui.schema.problems import Code, FieldCode
from octui.server.charges import rate_rules
from octui.server.core import calendar
from octui.server.core.calendar import date_of, day_of
from octui.server.core.errors import ProblemError, invalid_field
from octui.server.core.topics import SERVICES
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.unit_of_work import Change
from octui.server.services import store as services_store
from octui.server.services.rules import NOT_REGISTERED

_r, _d, _v = tables.rate, tables.discount, tables.contract_version


def find_rate_card(connection: Connection, month: int) -> tuple[int, dict[Item, Rate]]:
    """Return the rate card of a month (YYYYMM): the day it is valid from (YYYYMMDD) and its rates by item."""
    newest = select(func.max(_r.c.valid_from)).where(_r.c.valid_from <= month * 100 + 1).scalar_subquery()
    rows = connection.execute(select(_r).where(_r.c.valid_from == newest)).mappings().all()
    return rows[0]["valid_from"], {rate.item: rate for rate in map(_rate_from_row, rows)}


def _rate_from_row(row: RowMapping) -> Rate:
    return Rate.model_validate({name: row[name] for name in Rate.model_fields})


def list_rate_cards(connection: Connection) -> RateCards:
    """Return all rate cards, oldest first, with their rates in the order of the items."""
    rates_by_day: dict[int, list[Rate]] = {}
    for row in connection.execute(select(_r).order_by(_r.c.valid_from)).mappings():
        rates_by_day.setdefault(row["valid_from"], []).append(_rate_from_row(row))
    return RateCards(
        cards=[
            RateCard(valid_from=date_of(valid_from).isoformat(), rates=rate_rules.sort_rates(rows))
            for valid_from, rows in rates_by_day.items()
        ]
    )


def add_rate_card(change: Change, new: NewRateCard) -> RateCard:
    """Add a rate card valid from a future month, or replace that month's, and record it in the log.

    Raises 422 for invalid rates. Once there is a contract, it also raises 422 for a month that has begun, because past
    charges never change.
    """
    lock_until_commit(change, "rates")
    month = calendar.parse_month_start("valid_from", new.valid_from)
    problems = rate_rules.rate_card_problems(new.rates)
    if problems:
        raise ProblemError(Code.INVALID, 422, problems[0].message, problems)
    connection = change.connection
    present_month = calendar.month_of(day_of(change.now, services_store.organization_time_zone(connection)))
    if month <= present_month and connection.scalar(select(exists(select(_v.c.day)))):
        raise invalid_field("valid_from", FieldCode.RANGE, "The month has begun: prices change from a later month on.")
    rows = rate_rules.sort_rates(new.rates)
    if not new.dry_run:
        before = find_rate_card(connection, month)[1]
        day = month * 100 + 1
        connection.execute(delete(_r).where(_r.c.valid_from == day))
        connection.execute(insert(_r), [{"valid_from": day, **row.model_dump(mode="json")} for row in rows])
        old, new_text = rate_rules.changed_rates(before, {row.item: row for row in rows})
        change.record(Action.RATES_ADDED, target_name=new.valid_from, before=old, after=new_text)
    return RateCard(valid_from=new.valid_from, rates=rows)


def find_discount(connection: Connection, service_id: int, month: int) -> int:
    """Return a service's discount in a month (YYYYMM), in hundredths of a percent."""
    basis_points: int | None = connection.scalar(
        select(_d.c.basis_points)
        .where(_d.c.service_id == service_id, _d.c.valid_from <= month * 100 + 1)
        .order_by(_d.c.valid_from.desc())
        .limit(1)
    )
    return basis_points or 0


def discounts_by_service(connection: Connection, month: int) -> dict[int, int]:
    """Return the discounts of a month (YYYYMM) by service row ID, in hundredths of a percent."""
    rows = connection.execute(
        select(_d.c.service_id, _d.c.basis_points).where(_d.c.valid_from <= month * 100 + 1).order_by(_d.c.valid_from)
    )
    return {row.service_id: row.basis_points for row in rows}


def change_discount(change: Change, code: str, new: NewDiscount) -> None:
    """Set a service's discount from the present month or a later one, and record it in the log.

    Raises 404, 409 for a draft, and 422 for a month that is over.
    """
    service = services_store.find_service(change.connection, code)
    if service.state is ServiceState.DRAFT:
        raise ProblemError(Code.NOT_REGISTERED, 409, NOT_REGISTERED)
    lock_until_commit(change, "discount")
    month = calendar.parse_month_start("valid_from", new.valid_from)
    if month < calendar.month_of(day_of(change.now, services_store.organization_time_zone(change.connection))):
        raise invalid_field("valid_from", FieldCode.RANGE, "The month is over: what it cost does not change any more.")
    before = find_discount(change.connection, service.id, month)
    if before == new.basis_points:
        return
    day = month * 100 + 1
    change.connection.execute(delete(_d).where(_d.c.service_id == service.id, _d.c.valid_from == day))
    change.connection.execute(insert(_d).values(service_id=service.id, valid_from=day, basis_points=new.basis_points))
    change.touch(SERVICES)
    change.record(
        Action.DISCOUNT_CHANGED,
        target_name=service.name,
        service=service.code,
        before=DiscountValue(basis_points=before),
        after=DiscountValue(basis_points=new.basis_points, valid_from=new.valid_from),
    )
