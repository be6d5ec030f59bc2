"""A second calculation of charges (rules.md 9) for the tests: day by day and seat by seat, with fractions."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor

CARD = {
    # item: monthly, per day, per user, free count, tier-1 cap, tier-1 unit, tier-2 unit
    "ticket": (10_000, 333, True, 3_000, None, Fraction(50), None),
    "telticket": (70_000, 2_333, True, 6_000, 40_000, Fraction(3), Fraction(3, 2)),
    "chat": (10_000, 333, True, 3_000, None, Fraction(50), None),
    "endusermanagement": (250_000, 8_333, False, None, None, None, None),
    "callback": (50_000, 1_667, False, None, None, None, None),
    "helpdoc": (50_000, 1_667, False, None, None, None, None),
    "knowledge": (50_000, 1_667, False, None, None, None, None),
    "ticketevaluation": (100_000, 3_333, False, None, None, None, None),
}


def round_half_up(amount: Fraction) -> int:
    """Return the amount rounded half up."""
    return floor(amount + Fraction(1, 2))


def month_total(days: Sequence[Mapping[str, int]], usage: Mapping[str, int], percent: Fraction) -> int:
    """Return the cost of a month.

    `days`: the users of each item in force on each day. `usage`: by item. The discount is in percent.
    """
    length = len(days)
    sum_ = 0
    for item, (monthly, per_day, per_user, free_count, cap, first, second) in CARD.items():
        most = max((day.get(item, 0) for day in days), default=0)
        if most == 0:
            continue
        seat_days = 0
        for seat in range(1, (most if per_user else 1) + 1):
            in_force = 0
            for day in days:
                if day.get(item, 0) >= seat:
                    in_force += 1
            seat_days += in_force
            sum_ += monthly if in_force == length else in_force * per_day
        if free_count is None or first is None:
            continue
        above = usage.get(item, 0) - round_half_up(Fraction(free_count * seat_days, length))
        if above <= 0:
            continue
        if cap is None or second is None or above <= cap:
            sum_ += round_half_up(above * first)
        else:
            sum_ += round_half_up(cap * first) + round_half_up((above - cap) * second)
    return sum_ - round_half_up(Fraction(sum_) * percent / 100)
