"""The rate card as a sheet; an export can be imported (rules.md 9)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from octui.schema.charges import LARGEST_PRICE, NewRateCard, Rate, RateCard
from octui.schema.items import Item
from octui.sheets.read import Table

COLUMNS = (
    "valid from",
    "item",
    "monthly",
    "per day",
    "per user",
    "free count",
    "tier-1 cap",
    "tier-1 unit",
    "tier-2 unit",
)
VALID_FROM, ITEM, PER_USER = "valid from", "item", "per user"
_FIELDS = {
    "monthly": "monthly",
    "per day": "per_day",
    "free count": "free_count",
    "tier-1 cap": "tier1_cap",
    "tier-1 unit": "tier1_price",
    "tier-2 unit": "tier2_price",
}
_NEEDED = (ITEM, "monthly", "per day", PER_USER)
_PRICES = frozenset(("tier-1 unit", "tier-2 unit"))
_KOREAN = {
    "적용 시작": VALID_FROM,
    "적용일": VALID_FROM,
    "항목": ITEM,
    "월 요금": "monthly",
    "월요금": "monthly",
    "일 요금": "per day",
    "일요금": "per day",
    "사용자당": PER_USER,
    "무료 건수": "free count",
    "무료 제공량": "free count",
    "1구간 한도": "tier-1 cap",
    "1구간 단가": "tier-1 unit",
    "2구간 단가": "tier-2 unit",
}
_PLAIN = {name.replace("-", ""): name for name in COLUMNS}
_YES = frozenset(("yes", "y", "true", "1", "o", "예", "네", "はい"))
_NO = frozenset(("no", "n", "false", "0", "x", "아니오", "아니요", "いいえ"))
_NOTHING = frozenset(("", "-", "–", "—"))
_NUMBER = re.compile(r"[0-9]{1,13}")
_PRICE = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,3}))?")
_MONTH = re.compile(r"([0-9]{4}-(?:0[1-9]|1[0-2]))(?:-01)?")


class RatesProblem(ValueError):
    """Error for a sheet that is not a rate card: one sentence for each bad cell."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = tuple(sentences)


@dataclass(frozen=True)
class ReadCard:
    """A rate card read from a sheet, and the line of the file for each of its rows."""

    card: NewRateCard
    lines: tuple[int, ...]

    def place_of(self, field: str) -> str:
        """Return the place in the file of a refused field (`rates.3.tier1_cap`)."""
        parts = field.split(".")
        if len(parts) < 2 or not parts[1].isdecimal() or int(parts[1]) >= len(self.lines):
            return {"valid_from": VALID_FROM}.get(field, "")
        names = {name: column for column, name in _FIELDS.items()}
        column = names.get(parts[-1], parts[-1].replace("_", " "))
        return f"line {self.lines[int(parts[1])]}, {column}"


def month_of(text: str) -> str | None:
    """Return the first day (YYYY-MM-01) of a month written as YYYY-MM or YYYY-MM-01; None for other text."""
    match = _MONTH.fullmatch(text.strip())
    return f"{match[1]}-01" if match and not match[1].startswith("0000") else None


def read_rate_card(sheet: Table, valid_from: str | None, *, dry_run: bool = False) -> ReadCard:
    """Return the rate card in a sheet; `valid_from` (the first day of a month) overrides the column of that name.

    Column names are English or Korean, in any order; others are ignored. Raises RatesProblem.
    """
    places = _column_places(sheet.columns)
    problems = [f"the column {name} is missing" for name in _NEEDED if name not in places]
    if valid_from is None and VALID_FROM not in places:
        problems.append(f"neither the column {VALID_FROM} nor --from says from which month on the prices are valid")
    if problems:
        raise RatesProblem(problems)
    first_days: set[str] = set()
    rates = []
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        cells = {name: row[place].strip() for name, place in places.items()}
        rates.append(_parse_rate(cells, line, problems))
        if valid_from is None:
            first_day = month_of(cells[VALID_FROM])
            if first_day is None:
                problems.append(_cell_problem(line, VALID_FROM, cells[VALID_FROM], "not the first day of a month"))
            else:
                first_days.add(first_day)
    if not rates:
        problems.append("the file has no prices")
    if len(rates) > len(Item):
        problems.append(f"a rate card has one line for each of the {len(Item)} items; the file has {len(rates)}")
    if len(first_days) > 1:
        problems.append(f"a file holds one rate card; there are {', '.join(sorted(first_days))}")
    if problems:
        raise RatesProblem(problems)
    card = NewRateCard(
        valid_from=valid_from or first_days.pop(), rates=[rate for rate in rates if rate is not None], dry_run=dry_run
    )
    return ReadCard(card, tuple(sheet.lines))


def _column_places(columns: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, column in enumerate(columns):
        name = re.sub(r"[\s_]+", " ", column.strip()).lower()
        known = _KOREAN.get(name) or _PLAIN.get(name.replace("-", ""))
        if known is not None:
            places.setdefault(known, place)
    return places


def _parse_rate(cells: dict[str, str], line: int, problems: list[str]) -> Rate | None:
    """Return a row's rate, or None after adding its faults to `problems`."""
    before = len(problems)
    values: dict[str, int | None] = {}
    for column, name in _FIELDS.items():
        text = cells.get(column, "")
        if text in _NOTHING and column not in _NEEDED:
            values[name] = None
            continue
        value = _parse_price(text) if column in _PRICES else _parse_number(text)
        if value is None:
            reason = "not a price with at most three decimals" if column in _PRICES else "not a whole number"
            problems.append(_cell_problem(line, column, text, reason))
        elif value > LARGEST_PRICE:
            problems.append(_cell_problem(line, column, text, "too large"))
        values[name] = value
    if cells[ITEM] not in list(Item):
        problems.append(_cell_problem(line, ITEM, cells[ITEM], f"not one of {', '.join(Item)}"))
    per_user = cells[PER_USER].lower()
    if per_user not in _YES | _NO:
        problems.append(_cell_problem(line, PER_USER, cells[PER_USER], "neither yes nor no"))
    if len(problems) > before:
        return None
    return Rate.model_validate({"item": cells[ITEM], "per_user": per_user in _YES, **values})


def _cell_problem(line: int, column: str, text: str, reason: str) -> str:
    return f"line {line}, {column}: {f'{text[:40]!r} is ' if text else 'it is empty, '}{reason}"


def _parse_number(text: str) -> int | None:
    digits = text.replace(",", "")
    return int(digits) if _NUMBER.fullmatch(digits) else None


def _parse_price(text: str) -> int | None:
    match = _PRICE.fullmatch(text.replace(",", ""))
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0")) if match else None


def price_text(thousandths: int | None) -> str:
    """Return a unit price as the sheet has it: `50`, `1.5`, or nothing for None."""
    if thousandths is None:
        return ""
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


def rows_of(card: RateCard) -> list[tuple[str, ...]]:
    """Return a rate card as the rows of a sheet with COLUMNS."""

    def count_text(value: int | None) -> str:
        return "" if value is None else str(value)

    return [
        (
            card.valid_from,
            rate.item.value,
            str(rate.monthly),
            str(rate.per_day),
            "yes" if rate.per_user else "no",
            count_text(rate.free_count),
            count_text(rate.tier1_cap),
            price_text(rate.tier1_price),
            price_text(rate.tier2_price),
        )
        for rate in card.rates
    ]
