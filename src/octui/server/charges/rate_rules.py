"""Validate and compare rate cards (rules.md 9)."""

from collections.abc import Mapping, Sequence

from octui.schema.audit import RateRows
from octui.schema.charges import Rate
from octui.schema.items import COUNTED, Item
from octui.schema.problems import FieldCode, FieldProblem


def rate_card_problems(rates: Sequence[Rate]) -> list[FieldProblem]:
    """Return what is wrong with a rate card: each item must occur exactly once, with complete tiers."""
    problems = []
    seen: set[Item] = set()
    for at, rate in enumerate(rates):
        if rate.item in seen:
            problems.append(_field_problem(f"rates.{at}.item", FieldCode.DUPLICATE, f"{rate.item} stands twice."))
        seen.add(rate.item)
        problems += _tier_problems(f"rates.{at}", rate)
    missing = [item for item in Item if item not in seen]
    if missing:
        problems.append(_field_problem("rates", FieldCode.MISSING, f"Without a price: {', '.join(missing)}."))
    return problems


def _tier_problems(field: str, rate: Rate) -> list[FieldProblem]:
    if rate.free_count is None or rate.item not in COUNTED:
        reason = "Nothing is counted for this item." if rate.item not in COUNTED else "It needs a free count."
        names = ("free_count", "tier1_cap", "tier1_price", "tier2_price")
        return [
            _field_problem(f"{field}.{name}", FieldCode.UNKNOWN_VALUE, reason)
            for name in names
            if getattr(rate, name) is not None
        ]
    problems = []
    if rate.tier1_price is None:
        problems.append(
            _field_problem(f"{field}.tier1_price", FieldCode.MISSING, "Usage above the free count needs a price.")
        )
    if rate.tier1_cap is not None and rate.tier2_price is None:
        problems.append(_field_problem(f"{field}.tier2_price", FieldCode.MISSING, "Usage above the cap needs a price."))
    if rate.tier1_cap is None and rate.tier2_price is not None:
        problems.append(
            _field_problem(f"{field}.tier1_cap", FieldCode.MISSING, "A second tier needs the cap of the first.")
        )
    return problems


def _field_problem(field: str, code: FieldCode, message: str) -> FieldProblem:
    return FieldProblem(field=field, code=code.value, message=message)


def sort_rates(rates: Sequence[Rate]) -> list[Rate]:
    """Return the rates in the order of the items."""
    order = list(Item)
    return sorted(rates, key=lambda rate: order.index(rate.item))


def changed_rates(before: Mapping[Item, Rate], after: Mapping[Item, Rate]) -> tuple[RateRows | None, RateRows | None]:
    """Return the rates that differ, before and after, for the log."""
    items = [item for item in Item if before.get(item) != after.get(item)]
    rows = ([card[item] for item in items if item in card] for card in (before, after))
    texts_before, texts_after = (RateRows(rates=rates) if rates else None for rates in rows)
    return texts_before, texts_after
