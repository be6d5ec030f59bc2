"""A rate card as a sheet: export and import, in English and Korean, and the problems of a bad one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.schema.charges import LARGEST_PRICE, NewRateCard, Rate, RateCard
from octui.schema.items import Item
from octui.sheets.rates import COLUMNS, RatesProblem, month_of, price_text, read_rate_card, rows_of
from octui.sheets.read import Table, read_table
from octui.sheets.write import write_csv, write_xlsx


def sheet(columns: list[str], rows: list[list[str]], lines: list[int] | None = None) -> Table:
    """Return a table as it was read, by default with its first row in line 2."""
    return Table(columns, rows, lines or list(range(2, 2 + len(rows))))


KOREAN = ["항목", "월 요금", "일 요금", "사용자당", "무료 건수", "1구간 한도", "1구간 단가", "2구간 단가", "계수"]
TABLE = [  # as rules.md has it
    ["ticket", "10,000", "333", "yes", "3,000", "–", "50.0", "–", "tickets"],
    ["telticket", "70,000", "2,333", "예", "6,000", "40,000", "3.0", "1.5", "call seconds"],
    ["helpdoc", "50,000", "1,667", "no", "", "", "", "", "days"],
]
RATES = [
    Rate(item=Item.TICKET, monthly=10_000, per_day=333, per_user=True, free_count=3_000, tier1_price=50_000),
    Rate(
        item=Item.TELTICKET,
        monthly=70_000,
        per_day=2_333,
        per_user=True,
        free_count=6_000,
        tier1_cap=40_000,
        tier1_price=3_000,
        tier2_price=1_500,
    ),
    Rate(item=Item.HELPDOC, monthly=50_000, per_day=1_667, per_user=False),
]


@pytest.mark.parametrize(
    "columns",
    [
        KOREAN,
        ["item", "monthly", "per day", "per user", "free count", "tier-1 cap", "tier-1 unit", "tier-2 unit", "counter"],
        ["Item", "MONTHLY", "per_day", "Per  User", "free_count", "tier1_cap", "Tier1 unit", "tier-2_unit", "x"],
    ],
)
def test_rate_card_of_the_rules_is_read(columns: list[str]) -> None:
    found = read_rate_card(sheet(columns, TABLE), "2027-01-01")
    assert found.card == NewRateCard(valid_from="2027-01-01", rates=RATES)
    assert [
        found.place_of(name) for name in ("rates.1.tier1_cap", "rates.2.item", "valid_from", "rates", "rates.9.item")
    ] == [
        "line 3, tier-1 cap",
        "line 4, item",
        "valid from",
        "",
        "",
    ]


def test_month_is_in_the_file_or_given() -> None:
    columns = ["적용 시작", *KOREAN]
    rows = [[month, *row] for month, row in zip(("2027-01", "2027-01-01", " 2027-01 "), TABLE, strict=True)]
    assert read_rate_card(sheet(columns, rows), None).card.valid_from == "2027-01-01"
    assert read_rate_card(sheet(columns, rows), "2028-02-01", dry_run=True).card.dry_run
    rows[1][0] = "2027-02"
    rows[2][0] = "2027-02-03"
    with pytest.raises(RatesProblem) as refused:
        read_rate_card(sheet(columns, rows), None)
    assert refused.value.sentences == (
        "line 4, valid from: '2027-02-03' is not the first day of a month",
        "a file holds one rate card; there are 2027-01-01, 2027-02-01",
    )


def test_each_bad_cell_is_named_once() -> None:
    rows = [
        ["tickets", "1e4", "-1", "perhaps", "3.5", "", "50.0001", "x" * 60, ""],
        ["chat", "", "5", "yes", "", "", "", "", ""],
        ["helpdoc", "9" * 13, "٣", "no", "", "", "", "", ""],
    ]
    with pytest.raises(RatesProblem) as refused:
        read_rate_card(sheet(KOREAN, rows, [2, 5, 7]), "2027-01-01")
    assert refused.value.sentences == (
        "line 2, monthly: '1e4' is not a whole number",
        "line 2, per day: '-1' is not a whole number",
        "line 2, free count: '3.5' is not a whole number",
        "line 2, tier-1 unit: '50.0001' is not a price with at most three decimals",
        f"line 2, tier-2 unit: '{'x' * 40}' is not a price with at most three decimals",
        f"line 2, item: 'tickets' is not one of {', '.join(Item)}",
        "line 2, per user: 'perhaps' is neither yes nor no",
        "line 5, monthly: it is empty, not a whole number",
        "line 7, monthly: '9999999999999' is too large",
        "line 7, per day: '٣' is not a whole number",
    )


def test_sheet_that_is_no_rate_card_is_refused() -> None:
    with pytest.raises(RatesProblem) as refused:
        read_rate_card(sheet(["ID", "이름"], [["a", "b"]]), None)
    assert refused.value.sentences == (
        "the column item is missing",
        "the column monthly is missing",
        "the column per day is missing",
        "the column per user is missing",
        "neither the column valid from nor --from says from which month on the prices are valid",
    )
    with pytest.raises(RatesProblem, match="no prices"):
        read_rate_card(sheet(KOREAN, []), "2027-01-01")
    (row,) = rows_of(RateCard(valid_from="2027-01-01", rates=RATES[:1]))
    with pytest.raises(RatesProblem) as refused:
        read_rate_card(sheet(list(COLUMNS), [list(row)] * 9), None)
    assert refused.value.sentences == ("a rate card has one line for each of the 8 items; the file has 9",)


@pytest.mark.parametrize("name", ["card.csv", "card.xlsx"])
def test_export_can_be_imported(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    card = RateCard(valid_from="2027-01-01", rates=RATES)
    (write_csv if name.endswith(".csv") else write_xlsx)(path, COLUMNS, rows_of(card))
    found = read_rate_card(read_table(path), None).card
    assert (found.valid_from, found.rates) == (card.valid_from, card.rates)


VALUE = st.integers(0, LARGEST_PRICE)
MAYBE = st.one_of(st.none(), VALUE)
ANY_RATE = st.builds(
    Rate,
    item=st.sampled_from(Item),
    monthly=VALUE,
    per_day=VALUE,
    per_user=st.booleans(),
    free_count=MAYBE,
    tier1_cap=MAYBE,
    tier1_price=MAYBE,
    tier2_price=MAYBE,
)


@given(st.lists(ANY_RATE, min_size=1, max_size=8))
def test_any_rate_card_survives_export_and_import(rates: list[Rate]) -> None:
    rows = [list(row) for row in rows_of(RateCard(valid_from="2027-01-01", rates=rates))]
    assert read_rate_card(sheet(list(COLUMNS), rows), None).card.rates == rates


def test_prices_and_months_as_text() -> None:
    assert [price_text(value) for value in (None, 0, 50_000, 1_500, 125, 333_000)] == [
        "",
        "0",
        "50",
        "1.5",
        "0.125",
        "333",
    ]
    texts = ("2027-01", "2027-01-01", "2027-13", "2027-01-02", "0000-01", "2027", "")
    assert [month_of(text) for text in texts] == ["2027-01-01", "2027-01-01", *[None] * 5]
