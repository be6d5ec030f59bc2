"""Charges of a month (rules.md 9, 10) as tables of cases and against a second calculation."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.schema.audit import RateRows
from octui.schema.charges import ChargeLine, LineKind, Rate
from octui.schema.contracts import ItemTerms
from octui.schema.items import Item
from octui.server.charges import rate_rules
from octui.server.charges.rules import estimate_lines, half_up, month_lines, total_amount
from octui.server.core import calendar
from octui.server.core.errors import ProblemError
from unit.charges_reference import CARD as NUMBERS
from unit.charges_reference import month_total

CARD = {
    Item(item): Rate(
        item=Item(item),
        monthly=monthly,
        per_day=per_day,
        per_user=per_user,
        free_count=free_count,
        tier1_cap=cap,
        tier1_price=None if first is None else int(first * 1000),
        tier2_price=None if second is None else int(second * 1000),
    )
    for item, (monthly, per_day, per_user, free_count, cap, first, second) in NUMBERS.items()
}
Lines = list[tuple[LineKind, int, int]]
MONTH, DAYS, TIER1, TIER2, DISCOUNT = LineKind


def days(length: int, *spans: tuple[int, int, int], item: Item = Item.TICKET) -> list[dict[Item, int]]:
    """Return a month of `length` days from spans of (first day, last day, users); later spans cover earlier ones."""
    found: list[dict[Item, int]] = [{} for _ in range(length)]
    for first, last, users in spans:
        for day in range(first, last + 1):
            found[day - 1] = {item: users} if users else {}
    return found


def line_amounts(month: Sequence[Mapping[Item, int]], **usage: int) -> Lines:
    """Return kind, quantity and amount of every line that costs something."""
    found = month_lines(month, {Item(name): used for name, used in usage.items()}, CARD)
    return [(line.kind, line.quantity, line.amount) for line in found if line.amount]


# --- proration (rule 9) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [28, 29, 30, 31])
def test_rule_9_a_whole_month_costs_the_monthly_price(length: int) -> None:
    assert line_amounts(days(length, (1, length, 2))) == [(MONTH, 2, 20_000)]


@pytest.mark.parametrize("length", [28, 29, 30, 31])
def test_rule_9_a_part_month_costs_its_days(length: int) -> None:
    assert line_amounts(days(length, (2, length, 2))) == [(DAYS, 2 * (length - 1), 2 * (length - 1) * 333)]
    assert line_amounts(days(length, (1, length - 1, 1))) == [(DAYS, length - 1, (length - 1) * 333)]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        # The day of registration counts, and so does the one of termination; they may be the same.
        ([(15, 30, 1)], [(DAYS, 16, 16 * 333)]),
        ([(30, 30, 1)], [(DAYS, 1, 333)]),
        ([(1, 1, 1)], [(DAYS, 1, 333)]),
        ([(10, 12, 1)], [(DAYS, 3, 3 * 333)]),
        ([], []),
        # More users from the 11th on: those of before stay for the month, the others for 20 days.
        ([(1, 30, 3), (11, 30, 5)], [(MONTH, 3, 30_000), (DAYS, 40, 40 * 333)]),
        # Fewer: who leaves has been there for ten days.
        ([(1, 30, 5), (11, 30, 3)], [(MONTH, 3, 30_000), (DAYS, 20, 20 * 333)]),
        # Up and down again: seats are told apart by how many there are, not by who sits there.
        ([(1, 30, 2), (6, 10, 4), (16, 20, 3)], [(MONTH, 2, 20_000), (DAYS, 10, 10 * 333), (DAYS, 5, 5 * 333)]),
        # Off and on again: the days of both.
        ([(1, 10, 2), (21, 30, 2)], [(DAYS, 40, 40 * 333)]),
        ([(1, 30, 100_000)], [(MONTH, 100_000, 1_000_000_000)]),
    ],
)
def test_rule_9_seats_are_charged_by_the_days_they_were_in_force(
    spans: list[tuple[int, int, int]], expected: Lines
) -> None:
    assert line_amounts(days(30, *spans)) == expected


def test_rule_9_a_part_month_may_cost_more_than_a_whole_one() -> None:
    """The lines show it: the price per day is independent of the monthly price."""
    assert line_amounts(days(31, (1, 30, 1), item=Item.ENDUSERMANAGEMENT)) == [(DAYS, 30, 249_990)]
    assert line_amounts(days(31, (1, 30, 1), item=Item.CALLBACK)) == [(DAYS, 30, 50_010)]


def test_rule_9_an_item_without_a_price_per_user_is_one_seat() -> None:
    month = days(30, (1, 30, 7), (11, 30, 20), item=Item.HELPDOC)
    assert line_amounts(month) == [(MONTH, 1, 50_000)]
    assert line_amounts([*month[5:15], {}]) == [(DAYS, 10, 16_670)]


def test_rule_9_lines_name_their_days_and_users() -> None:
    lines = month_lines(days(30, (1, 30, 2), (6, 10, 4)), {}, CARD)
    assert lines[1] == ChargeLine(
        item=Item.TICKET, kind=DAYS, quantity=10, unit_price=333_000, amount=3_330, days=5, users=2
    )
    assert [(line.days, line.users, line.free) for line in lines] == [(30, 2, 0), (5, 2, 0), (30, 4, 7_000)]


# --- usage and tiers (rule 9) -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "users", "used", "expected"),
    [
        ("ticket", 1, 0, []),
        ("ticket", 1, 3_000, []),
        ("ticket", 1, 3_001, [(TIER1, 1, 50)]),
        ("ticket", 2, 6_000, []),
        ("ticket", 2, 6_001, [(TIER1, 1, 50)]),
        ("chat", 1, 1_000_000_000, [(TIER1, 999_997_000, 49_999_850_000)]),
        ("telticket", 1, 6_000, []),
        ("telticket", 1, 6_001, [(TIER1, 1, 3)]),
        ("telticket", 1, 46_000, [(TIER1, 40_000, 120_000)]),
        ("telticket", 1, 46_001, [(TIER1, 40_000, 120_000), (TIER2, 1, 2)]),  # 1.5 is rounded up
        ("telticket", 1, 46_002, [(TIER1, 40_000, 120_000), (TIER2, 2, 3)]),
        ("telticket", 3, 58_003, [(TIER1, 40_000, 120_000), (TIER2, 3, 5)]),  # 4.5 too
    ],
)
def test_rule_9_usage_above_the_free_count_is_charged_in_tiers(
    item: str, users: int, used: int, expected: Lines
) -> None:
    found = line_amounts(days(30, (1, 30, users), item=Item(item)), **{item: used})
    assert found == [(MONTH, users, users * CARD[Item(item)].monthly), *expected]


@pytest.mark.parametrize(
    ("length", "spans", "free"),
    [
        (30, [(1, 30, 2)], 6_000),
        (30, [(1, 15, 2)], 3_000),
        (31, [(1, 1, 1)], 97),  # 96.77
        (28, [(1, 1, 1)], 107),  # 107.14
        (29, [(1, 10, 1), (5, 6, 3)], 1_448),  # 14 user-days: 1,448.28
        (30, [(10, 10, 1)], 100),
    ],
)
def test_rule_9_the_free_count_is_proportional_to_the_days_in_force(
    length: int, spans: list[tuple[int, int, int]], free: int
) -> None:
    line = month_lines(days(length, *spans), {Item.TICKET: free}, CARD)[-1]
    assert (line.kind, line.used, line.free, line.quantity, line.amount) == (TIER1, free, free, 0, 0)
    assert month_lines(days(length, *spans), {Item.TICKET: free + 1}, CARD)[-1].quantity == 1


def test_rule_9_usage_of_an_item_never_in_force_is_free() -> None:
    assert line_amounts(days(30, (1, 30, 1)), ticket=0, chat=50_000, telticket=1) == [(MONTH, 1, 10_000)]
    assert month_lines(days(30), {Item.TICKET: 9_999}, CARD, 5_000) == []


def test_rule_9_usage_without_a_free_count_is_not_charged() -> None:
    free = CARD | {
        Item.TICKET: CARD[Item.TICKET].model_copy(update={"free_count": None, "tier1_price": None}),
    }
    (line,) = month_lines(days(30, (1, 30, 1)), {Item.TICKET: 1_000_000}, free)
    assert line.kind is MONTH


# --- discount and rounding (rule 9) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("basis_points", "amount"),
    [(0, None), (1, -1), (1_000, -1_000), (3_333, -3_333), (9_999, -9_999), (10_000, -10_000)],
)
def test_rule_9_the_discount_is_a_line_of_its_own(basis_points: int, amount: int | None) -> None:
    lines = month_lines(days(30, (1, 30, 1)), {}, CARD, basis_points)
    found = [line for line in lines if line.kind is DISCOUNT]
    assert [(line.item, line.quantity, line.discounted, line.amount) for line in found] == (
        [] if amount is None else [(None, basis_points, 10_000, amount)]
    )
    assert total_amount(lines) == 10_000 + (amount or 0)


@pytest.mark.parametrize(("users", "basis_points", "amount"), [(1, 5_000, -167), (1, 3_333, -111), (3, 5, -0)])
def test_rule_9_the_discount_is_rounded_half_up_once(users: int, basis_points: int, amount: int) -> None:
    """333 × 50 % is 166.5; × 33.33 % is 110.99; 999 × 0.05 % is 0.4995."""
    assert month_lines(days(30, (1, 1, users)), {}, CARD, basis_points)[-1].amount == amount


@pytest.mark.parametrize(
    ("amount", "divisor", "expected"), [(0, 7, 0), (1, 2, 1), (1, 3, 0), (2, 3, 1), (5, 10, 1), (49, 100, 0)]
)
def test_rounding_is_half_up(amount: int, divisor: int, expected: int) -> None:
    assert half_up(amount, divisor) == expected


# --- any history (rules 9, 10) ----------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> list[dict[Item, int]]:
    """Draw a month's contracts by day, changed on any day, perhaps only from or up to one of them."""
    length = draw(st.integers(28, 31))
    contract = st.dictionaries(st.sampled_from(Item), st.integers(1, 40))
    changes = draw(st.dictionaries(st.integers(0, length - 1), contract, max_size=8))
    end = draw(st.one_of(st.just(length), st.integers(1, length)))
    present: dict[Item, int] = {}
    found = []
    for day in range(length):
        present = changes.get(day, present)
        found.append(dict(present) if day < end else {})
    return found


USAGE = st.dictionaries(st.sampled_from((Item.TICKET, Item.TELTICKET, Item.CHAT)), st.integers(0, 200_000))


@given(histories(), USAGE, st.integers(0, 10_000))
def test_rules_9_and_10_any_history_equals_the_reference(
    month: list[dict[Item, int]], usage: dict[Item, int], basis_points: int
) -> None:
    lines = month_lines(month, usage, CARD, basis_points)
    told = month_total(
        [{item.value: users for item, users in day.items()} for day in month],
        {item.value: used for item, used in usage.items()},
        Fraction(basis_points, 100),
    )
    assert sum(line.amount for line in lines) == total_amount(lines) == told
    for line in lines:
        if line.kind is not DISCOUNT:
            exact = Fraction(line.quantity * line.unit_price, 1000)
            assert abs(line.amount - exact) <= Fraction(1, 2)
            assert line.amount >= 0
    assert total_amount(lines) >= 0


@given(histories(), USAGE)
def test_rule_10_charges_grow_with_the_days_until_the_month_is_whole(
    month: list[dict[Item, int]], usage: dict[Item, int]
) -> None:
    """Seats grow day by day. Only the last day turns days into a month, and more days include more free usage."""
    seats = []
    for day in range(len(month)):
        to_date = [*month[:day], *({} for _ in month[day:])]
        seats.append(sum(line.amount for line in month_lines(to_date, usage, CARD) if line.kind is DAYS))
    assert seats == sorted(seats)


# --- estimates (rule 4) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [28, 31])
def test_an_estimate_is_a_whole_month_with_the_expected_volumes(length: int) -> None:
    items = [ItemTerms(item=Item.TICKET, users=3, volume=10_000), ItemTerms(item=Item.HELPDOC, users=1)]
    lines = estimate_lines(items, CARD, length, 1_000)
    assert [(line.kind, line.quantity, line.amount) for line in lines] == [
        (MONTH, 3, 30_000),
        (TIER1, 1_000, 50_000),
        (MONTH, 1, 50_000),
        (DISCOUNT, 1_000, -13_000),
    ]


def test_the_largest_estimate_is_exact() -> None:
    most = [ItemTerms(item=item, users=100_000, volume=1_000_000_000) for item in Item]
    assert total_amount(estimate_lines(most, CARD, 31)) == 9_000_500_000 + 2 * 35_000_000_000 + 600_060_000


# --- months -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "by", "expected"), [(202612, 1, 202701), (202701, -1, 202612), (202603, -12, 202503), (202601, 0, 202601)]
)
def test_months_follow_each_other(month: int, by: int, expected: int) -> None:
    assert calendar.add_months(month, by) == expected


def test_a_month_is_closed_a_day_after_it_has_ended_everywhere() -> None:
    end = 1_782_831_600_000  # 2026-07-01 00:00 in Seoul
    assert calendar.closes_at(202606, ["Asia/Seoul"]) == end + 86_400_000
    assert calendar.closes_at(202606, ["Asia/Seoul", "America/New_York"]) == end + 86_400_000 + 13 * 3_600_000


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "202611", "0000-01", "", "٢٠٢٦-01", "2026-01-01", "2026-01\n"])
def test_an_invalid_month_is_refused_by_field(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        calendar.parse_month("month", text)
    assert [problem.field for problem in refused.value.errors] == ["month"]


@pytest.mark.parametrize("text", ["2026-11-02", "2026-02-30", "2026-13-01", "0000-01-01", "1969-12-01"])
def test_an_invalid_first_day_is_refused_by_field(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        calendar.parse_month_start("valid_from", text)
    assert [problem.field for problem in refused.value.errors] == ["valid_from"]
    assert calendar.parse_month_start("valid_from", "2026-11-01") == 202611


# --- rate cards -------------------------------------------------------------------------------------------------


def test_the_first_card_is_in_order() -> None:
    assert rate_rules.rate_card_problems(list(CARD.values())) == []


@pytest.mark.parametrize(
    ("item", "changed", "fields"),
    [
        (Item.TICKET, {"tier1_price": None}, ["rates.0.tier1_price"]),
        (Item.TICKET, {"tier1_cap": 5}, ["rates.0.tier2_price"]),
        (Item.TICKET, {"tier2_price": 5}, ["rates.0.tier1_cap"]),
        (Item.TICKET, {"free_count": None}, ["rates.0.tier1_price"]),
        (Item.HELPDOC, {"free_count": 0, "tier1_price": 5}, ["rates.5.free_count", "rates.5.tier1_price"]),
        (Item.CHAT, {"item": Item.TICKET}, ["rates.2.item", "rates"]),
    ],
)
def test_an_incomplete_rate_card_is_refused_by_field(
    item: Item, changed: dict[str, int | None], fields: list[str]
) -> None:
    card = CARD | {item: CARD[item].model_copy(update=changed)}
    assert [problem.field for problem in rate_rules.rate_card_problems(list(card.values()))] == fields


def test_the_log_holds_only_changed_rates() -> None:
    after = CARD | {Item.TELTICKET: CARD[Item.TELTICKET].model_copy(update={"tier2_price": 1_250})}
    assert rate_rules.changed_rates(CARD, after) == (
        RateRows(rates=[CARD[Item.TELTICKET]]),
        RateRows(rates=[after[Item.TELTICKET]]),
    )
