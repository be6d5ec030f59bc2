"""Calculate the lines of a month's charges (rules.md 9). Amounts are integer KRW, unit prices thousandths of a won.

A seat is the place of one user: seat k of an item is in force on the days whose contract has at least k users; an item
that is not charged per user has one seat. A seat in force on every day costs the monthly price, any other seat its days
at the price per day. The free count applies to each seat, in proportion to the days it was in force. Each line is
rounded half up, once; the total is the sum of the lines.
"""

from collections.abc import Mapping, Sequence

from octui.schema.charges import ChargeLine, LineKind, Rate
from octui.schema.contracts import ItemTerms
from octui.schema.items import COUNTED, Item

Card = Mapping[Item, Rate]
"""Rate card: the rate of every item."""

_THOUSANDTHS = 1000
_WHOLE = 10_000
"""A discount of 100 % in hundredths of a percent."""


def half_up(amount: int, divisor: int) -> int:
    """Return `amount` (not negative) divided by `divisor`, rounded half up."""
    return (2 * amount + divisor) // (2 * divisor)


def month_lines(
    days: Sequence[Mapping[Item, int]], usage: Mapping[Item, int], card: Card, basis_points: int = 0
) -> list[ChargeLine]:
    """Return the lines of one service's month; empty if no item was in force.

    `days`: the users by item on each day of the month; empty where no contract was in force, also on future days.
    `usage`: tickets, call seconds and chats of the days on which their item was in force.
    `basis_points`: the discount in hundredths of a percent.
    """
    lines = []
    for item in Item:
        users = [day.get(item, 0) for day in days]
        if any(users):
            rate = card[item]
            seats = users if rate.per_user else [min(count, 1) for count in users]
            lines += _seat_lines(rate, seats)
            if item in COUNTED and rate.free_count is not None:
                lines += _usage_lines(rate, rate.free_count, seats, usage.get(item, 0))
    if lines and basis_points:
        lines.append(_discount_line(total_amount(lines), basis_points))
    return lines


def estimate_lines(items: Sequence[ItemTerms], card: Card, length: int, basis_points: int = 0) -> list[ChargeLine]:
    """Return the lines of a month of `length` days with these items and expected volumes on every day."""
    terms = {term.item: term.users for term in items}
    return month_lines([terms] * length, {term.item: term.volume for term in items}, card, basis_points)


def total_amount(lines: Sequence[ChargeLine]) -> int:
    """Return the sum of the lines in KRW."""
    return sum(line.amount for line in lines)


def _seat_lines(rate: Rate, seats: Sequence[int]) -> list[ChargeLine]:
    """Return one line for seats in force all month, then one for each smaller number of days."""
    lines = []
    descending = [*sorted(seats, reverse=True), 0]
    for days in range(len(seats), 0, -1):
        users = descending[days - 1] - descending[days]
        if not users:
            continue
        is_whole_month = days == len(seats)
        quantity, price = (users, rate.monthly) if is_whole_month else (users * days, rate.per_day)
        lines.append(
            ChargeLine(
                item=rate.item,
                kind=LineKind.MONTH if is_whole_month else LineKind.DAYS,
                quantity=quantity,
                unit_price=price * _THOUSANDTHS,
                amount=quantity * price,
                days=days,
                users=users,
            )
        )
    return lines


def _usage_lines(rate: Rate, free_count: int, seats: Sequence[int], usage: int) -> list[ChargeLine]:
    """Return tier 1, which explains the free count even when nothing exceeds it, and tier 2 when it is reached."""
    free = half_up(free_count * sum(seats), len(seats))
    chargeable = max(0, usage - free)
    tier1_quantity = chargeable if rate.tier1_cap is None else min(chargeable, rate.tier1_cap)
    tiers = [(LineKind.TIER1, tier1_quantity, rate.tier1_price or 0)]
    if chargeable > tier1_quantity:
        tiers.append((LineKind.TIER2, chargeable - tier1_quantity, rate.tier2_price or 0))
    return [
        ChargeLine(
            item=rate.item,
            kind=kind,
            quantity=quantity,
            unit_price=price,
            amount=half_up(quantity * price, _THOUSANDTHS),
            days=sum(1 for seat_count in seats if seat_count),
            users=max(seats),
            used=usage,
            free=free,
        )
        for kind, quantity, price in tiers
    ]


def _discount_line(before: int, basis_points: int) -> ChargeLine:
    return ChargeLine(
        item=None,
        kind=LineKind.DISCOUNT,
        quantity=basis_points,
        unit_price=0,
        amount=-half_up(before * basis_points, _WHOLE),
        discounted=before,
    )
