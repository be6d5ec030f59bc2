"""Calculate a month of services from contracts, usage, the rate card and discounts (rules.md 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, func, select

from octui.schema.charges import ServiceCharges
from octui.schema.items import COUNTED, Item
from octui.server.charges import rate_store, rules, usage
from octui.server.charges.usage import Span
from octui.server.core import calendar
from octui.server.database import tables

_s, _v = tables.service, tables.contract_version


@dataclass(frozen=True)
class ChargedService:
    """Service with what its charges depend on. `ended` is the last day of its contract (YYYYMMDD)."""

    id: int
    code: str
    name: str
    type: str
    state: str
    time_zone: str
    ended: int | None


def charged_services(
    connection: Connection, *, code: str | None = None, kind: str | None = None
) -> list[ChargedService]:
    """Return the services by ID: all of them, the one with ID `code`, or those of type `kind`."""
    columns = (_s.c.id, _s.c.code, _s.c.name, _s.c.type, _s.c.state, _s.c.time_zone, _s.c.terminated_day)
    statement = select(*columns).order_by(_s.c.code)
    if code is not None:
        statement = statement.where(_s.c.code == code)
    if kind is not None:
        statement = statement.where(_s.c.type == kind)
    return [ChargedService(*row) for row in connection.execute(statement)]


def service_charges(
    connection: Connection, month: int, today: int, services: Sequence[ChargedService]
) -> list[tuple[int, ServiceCharges]]:
    """Return the charges of these services for a month (YYYYMM), each with the service's row ID.

    Days after `today` (YYYYMMDD of the organization) do not count. Services without a contract on any of the days are
    left out.
    """
    versions = _contract_versions(connection, month, [each_service.id for each_service in services])
    card = rate_store.find_rate_card(connection, month)[1] if versions else {}
    discounts = rate_store.discounts_by_service(connection, month)
    all_charges = []
    for service in services:
        last = today if service.ended is None else min(today, service.ended)
        days = _users_by_day(versions.get(service.id, []), month, last)
        if not any(days):
            continue
        used_amounts = usage.usage_of_month(connection, service.id, service.time_zone, _spans_in_force(days, month))
        lines = rules.month_lines(days, used_amounts, card, discounts.get(service.id, 0))
        all_charges.append(
            (
                service.id,
                ServiceCharges(
                    service=service.code,
                    name=service.name,
                    type=service.type,
                    state=service.state,
                    lines=lines,
                    total=rules.total_amount(lines),
                ),
            )
        )
    return all_charges


_Version = tuple[int, dict[Item, int]]


def _contract_versions(connection: Connection, month: int, ids: list[int]) -> dict[int, list[_Version]]:
    """Return each service's contract versions of the month, oldest first.

    A version is the day it begins and its users by item. The first one is in force when the month begins.
    """
    days = calendar.days_of_month(month)
    earlier = _v.alias()
    first_day = (
        select(func.max(earlier.c.day))
        .where(earlier.c.service_id == _v.c.service_id, earlier.c.day <= days[0])
        .scalar_subquery()
    )
    rows = connection.execute(
        select(_v.c.service_id, _v.c.day, _v.c.item, _v.c.users)
        .where(_v.c.service_id.in_(ids), _v.c.day <= days[-1], _v.c.day >= func.coalesce(first_day, 0))
        .order_by(_v.c.service_id, _v.c.day)
    )
    versions: dict[int, list[_Version]] = {}
    for (service, day), parts in groupby(rows, key=lambda row: (row.service_id, row.day)):
        versions.setdefault(service, []).append((day, {Item(row.item): row.users for row in parts}))
    return versions


def _users_by_day(versions: Sequence[_Version], month: int, last: int) -> list[dict[Item, int]]:
    """Return the users by item for each day of the month; empty before the first version and after the `last` day."""
    users_by_day = []
    upcoming = list(reversed(versions))
    users: dict[Item, int] = {}
    for day in calendar.days_of_month(month):
        while upcoming and upcoming[-1][0] <= day:
            users = upcoming.pop()[1]
        users_by_day.append(users if day <= last else {})
    return users_by_day


def _spans_in_force(days: Sequence[dict[Item, int]], month: int) -> dict[Item, list[Span]]:
    """Return the spans of days on which each counted item was in force."""
    numbers = calendar.days_of_month(month)
    spans_by_item: dict[Item, list[Span]] = {}
    for item in sorted(COUNTED):
        runs = groupby(zip(numbers, days, strict=True), key=lambda day: item in day[1])
        spans = [(run[0][0], run[-1][0]) for run in (list(group) for is_on, group in runs if is_on)]
        if spans:
            spans_by_item[item] = spans
    return spans_by_item
