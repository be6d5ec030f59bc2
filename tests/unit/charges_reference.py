"""rules.md 9 told a second time, day by day and seat by seat, with fractions: what the rule must agree with."""

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


def rounded(amount: Fraction) -> int:
    """Half up."""
    return floor(amount + Fraction(1, 2))


def month_total(days: Sequence[Mapping[str, int]], usage: Mapping[str, int], percent: Fraction) -> int:
    """What the month costs: `days` with the users of each item in force, `usage` by item, a discount in percent."""
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
        above = usage.get(item, 0) - rounded(Fraction(free_count * seat_days, length))
        if above <= 0:
            continue
        if cap is None or second is None or above <= cap:
            sum_ += rounded(above * first)
        else:
            sum_ += rounded(cap * first) + rounded((above - cap) * second)
    return sum_ - rounded(Fraction(sum_) * percent / 100)
