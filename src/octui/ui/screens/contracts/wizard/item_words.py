"""Texts of the contract items in step 2: cells, explanations, and changes (before → after)."""

from collections.abc import Callable, Sequence

from octui.schema.charges import ChargeLine, LineKind, Rate
from octui.schema.items import COUNTED, Item
from octui.state.wizard import Items, ItemText, item_problems, number_of
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.locale import N_, Words
from octui.ui.screens.contracts.wizard.context import problem_sentence
from octui.ui.widgets.columns import Cell, Column, Mark
from octui.ui.words.charges import price_text, rule_sentences, short_formula
from octui.ui.words.contracts import ITEM_LABELS

ALWAYS_ON = N_("The ticket item is part of every contract: it cannot be switched off.")
UNITS: dict[Item, str] = {Item.TICKET: N_("tickets"), Item.TELTICKET: N_("call sec."), Item.CHAT: N_("chats")}
_NUMBER_CELLS = 13


def table_columns(t: Words) -> list[Column]:
    """Return the columns of step 2."""
    labels = max(cell_width(t(label)) for label in ITEM_LABELS.values())
    units = max(cell_width(t(unit)) for unit in UNITS.values())
    expected, amount = t("Expected a month"), t("KRW a month")
    return [
        Column("item", t("Item"), labels + 4),
        Column("users", t("Users"), max(7, cell_width(t("Users"))), align="right", editable=True),
        Column("volume", expected, max(_NUMBER_CELLS, cell_width(expected)), align="right", editable=True),
        Column("unit", "", units),
        Column("amount", amount, max(11, cell_width(amount)), align="right"),
        Column("price", t("Price"), 22, flex=1, most=60, priority=1),
    ]


def per_user(item: Item, rate: Rate | None) -> bool:
    """Return whether the item is charged for each user; without a rate card, whether it usually is."""
    return item in COUNTED if rate is None else rate.per_user


def row_cells(
    item: Item, text: ItemText, base: ItemText, rate: Rate | None, lines: Sequence[ChargeLine], current: bool, t: Words
) -> list[Cell]:
    """Return the cells of an item's row. `lines`: its part of the estimate; `current`: for the latest input."""
    wrong = item_problems({item: text})
    sign = "x" if text.on else " "
    name = Cell(f"[{sign}] {t(ITEM_LABELS[item])}", "" if text.on else "muted", _edit_mark(text.on != base.on))
    users, volume = Cell(glyphs().unknown, "muted"), Cell(glyphs().unknown, "muted")
    if per_user(item, rate):
        users = _number_cell(text, base, "users", refused=(item, "users") in wrong)
    if item in COUNTED:
        volume = _number_cell(text, base, "volume", refused=(item, "volume") in wrong)
    unit = Cell(t(UNITS[item]) if item in UNITS else "", "muted")
    return [name, users, volume, unit, _amount_cell(text, lines, current), Cell(_price_text(rate, t), "muted")]


def _number_cell(text: ItemText, base: ItemText, column: str, *, refused: bool) -> Cell:
    value = getattr(text, column)
    number = number_of(value, 10**12)
    shown = value if number is None else f"{number:,}"
    if refused:
        return Cell(shown, "bad", "refused")
    return Cell(shown, "" if text.on else "muted", _edit_mark(text.on and value != getattr(base, column)))


def _amount_cell(text: ItemText, lines: Sequence[ChargeLine], current: bool) -> Cell:
    if not text.on:
        return Cell(glyphs().unknown, "muted")
    if not lines:
        return Cell(glyphs().cut, "muted")
    return Cell(f"{sum(line.amount for line in lines):,}", "" if current else "stale")


def _edit_mark(changed: bool) -> Mark:
    return "dirty" if changed else ""


def _price_text(rate: Rate | None, t: Words) -> str:
    if rate is None:
        return ""
    monthly = f"{rate.monthly:,}"
    each = t("{price} a user", price=monthly) if rate.per_user else monthly
    if rate.free_count is None or rate.tier1_price is None:
        return each
    free = t("{count} free", count=f"{rate.free_count:,}")
    then = t("then {price} each", price=price_text(rate.tier1_price, 1))
    return f"{each}, {free}, {then}"


def item_help(item: Item, text: ItemText, lines: Sequence[ChargeLine], t: Words) -> list[str]:
    """Return sentences that explain an item's row, those about invalid numbers first."""
    wrong = item_problems({item: text})
    sentences = [problem_sentence(problem, t) for problem in wrong.values()]
    if not text.on:
        return [*sentences, t("Space switches it on and shows what it would cost.")]
    sentences += [f"{short_formula(line, t)} = {line.amount:,}" for line in lines]
    if item is Item.TICKET and not wrong:
        sentences.append(t(ALWAYS_ON))
    if any(line.kind in (LineKind.TIER1, LineKind.TIER2) for line in lines):
        sentences.append(rule_sentences(lines[-1], t)[0])
    return sentences


def change_lines(base: Items | None, items: Items, seats: Callable[[Item], bool], t: Words) -> list[str]:
    """Return the items that changed, before → after; without a contract (`base` is None), all that are on."""
    label = max(cell_width(t(text)) for text in ITEM_LABELS.values())
    lines = []
    for item in Item:
        after = _terms_text(items[item], item, seats(item), t)
        before = [] if base is None else _terms_text(base[item], item, seats(item), t)
        if base is None:
            texts = [", ".join(after)] if items[item].on else []
        elif items[item].on and base[item].on:
            # Each number has its own line, so that both values fit.
            texts = [f"{old} {glyphs().arrow} {new}" for old, new in zip(before, after, strict=True) if old != new]
        else:
            texts = [f"{', '.join(before)} {glyphs().arrow} {', '.join(after)}"] if before != after else []
        names = [t(ITEM_LABELS[item])] + [""] * len(texts)
        lines += [f"  {fit_text(name, label)}   {text}" for name, text in zip(names, texts, strict=False)]
    return lines


def _terms_text(text: ItemText, item: Item, seats: bool, t: Words) -> list[str]:
    if not text.on:
        return [t("off")]
    words = [t("on")]
    if seats:
        words.append(t("{count} users", count=f"{number_of(text.users, 10**12) or 0:,}"))
    if item in COUNTED:
        words.append(t("{count} expected", count=f"{number_of(text.volume, 10**12) or 0:,}"))
    return words
