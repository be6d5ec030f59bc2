"""Texts of a month's charges: rows, the short explanation of a line, and its formula in full."""

from collections.abc import Iterator
from dataclasses import dataclass

from octui.schema.charges import ChargeLine, Charges, LineKind, ServiceCharges
from octui.schema.items import COUNTED, Item, ServiceState, ServiceType
from octui.text.glyphs import glyphs
from octui.ui.locale import N_, Words
from octui.ui.words.contracts import ITEM_LABELS, STATE_LABELS, TYPE_LABELS

KIND_LABELS: dict[LineKind, str] = {
    LineKind.MONTH: N_("Whole month"),
    LineKind.DAYS: N_("By day"),
    LineKind.TIER1: N_("Usage, tier 1"),
    LineKind.TIER2: N_("Usage, tier 2"),
    LineKind.DISCOUNT: N_("Discount"),
}
TOTAL = "total"

# Decisions of this project where the sources say nothing ([X] in rules.md 9, 10); shown with every explained number.
_SEATS = (
    N_("A user in force on every day of the month costs the monthly price, otherwise the days at the daily price."),
    N_("The days of registration and of termination count, and so do days suspended."),
    N_("Where a contract changed more than once on a day, the last version counts for that day."),
)
_USAGE = (
    N_("Free in a month: the free count of a user × user-days ÷ days of the month, rounded half up."),
    N_("Usage counts on the days on which the item is in force. Tier 1 begins above the free count."),
)
_COUNTERS: dict[Item, str] = {
    Item.TICKET: N_("A ticket counts on the day it is first seen, a day of the service."),
    Item.TELTICKET: N_("Calls count by talk time, inbound and outbound, in whole seconds, once they have ended."),
    Item.CHAT: N_("A chat counts on the day it is opened, a day of the service."),
}
_ROUNDING = N_("Every line is rounded half up to whole KRW, once; totals are the sums of their lines.")


@dataclass(frozen=True)
class ChargeRow:
    """A row of the table; `line` is None for a service's heading, `line` and `service` for the grand total."""

    key: str
    service: ServiceCharges | None
    line: ChargeLine | None
    amount: int


def rows_of(charges: Charges) -> list[ChargeRow]:
    """Return each service with its lines below it, then the grand total; nothing without contracts."""
    rows = [row for service in charges.services for row in _rows_of(service)]
    return [*rows, ChargeRow(TOTAL, None, None, charges.total)] if rows else []


def _rows_of(service: ServiceCharges) -> Iterator[ChargeRow]:
    yield ChargeRow(f"{service.service}/", service, None, service.total)
    for at, line in enumerate(service.lines):
        yield ChargeRow(f"{service.service}/{at}", service, line, line.amount)


def price_text(thousandths: int, decimals: int = 0) -> str:
    """Return a unit price in KRW with at least so many decimals: `10,000`, `3.0`, `0.125`."""
    whole, rest = divmod(thousandths, 1000)
    fraction = f"{rest:03}".rstrip("0").ljust(decimals, "0")
    return f"{whole:,}" + (f".{fraction}" if fraction else "")


def percent_text(basis_points: int) -> str:
    """Return hundredths of a percent as `10` or `7.5`."""
    return f"{basis_points / 100:g}"


def volume_text(item: Item | None, count: int, t: Words) -> str:
    """Return a volume with its unit."""
    match item:
        case Item.TELTICKET:
            return t("{count} seconds", count=f"{count:,}")
        case Item.CHAT:
            return t("{count} chats", count=f"{count:,}")
    return t("{count} tickets", count=f"{count:,}")


def type_word(service: ServiceCharges, t: Words) -> str:
    """Return the word for a service's type."""
    known = service.type in list(ServiceType)
    return t(TYPE_LABELS[ServiceType(service.type)]) if known else service.type


def state_word(service: ServiceCharges, t: Words) -> str:
    """Return the word for a service's present state."""
    known = service.state in list(ServiceState)
    return t(STATE_LABELS[ServiceState(service.state)]) if known else service.state


def item_word(line: ChargeLine, t: Words) -> str:
    """Return the name of a charge line's item; a discount concerns all items."""
    return t(KIND_LABELS[LineKind.DISCOUNT]) if line.item is None else t(ITEM_LABELS[line.item])


def _per_user(line: ChargeLine) -> bool:
    return line.item in COUNTED or line.users > 1


def short_formula(line: ChargeLine, t: Words) -> str:
    """Return the short explanation of a line: `12일 × 5명 × 333`."""
    match line.kind:
        case LineKind.MONTH:
            each = price_text(line.unit_price)
            if not _per_user(line):
                return t("{price} a month", price=each)
            return t("{users} users × {price}", users=f"{line.quantity:,}", price=each)
        case LineKind.DAYS:
            each = price_text(line.unit_price)
            if not _per_user(line):
                return t("{days} days × {price}", days=line.quantity, price=each)
            values = {"days": line.days, "users": f"{line.users:,}", "price": each}
            return t("{days} days × {users} users × {price}", **values)
        case LineKind.TIER1:
            charged = f"{line.quantity:,} {glyphs().times} {price_text(line.unit_price, 1)}"
            values = {"free": f"{line.free:,}", "used": f"{line.used:,}", "charged": charged}
            return t("free {free} / used {used} → {charged}", **values)
        case LineKind.TIER2:
            charged = f"{line.quantity:,} {glyphs().times} {price_text(line.unit_price, 1)}"
            return t("above {cap} → {charged}", cap=f"{_tier_1_units(line):,}", charged=charged)
        case LineKind.DISCOUNT:
            return t("{sum} × -{percent} %", sum=f"{line.discounted:,}", percent=percent_text(line.quantity))


def _tier_1_units(line: ChargeLine) -> int:
    """Return the units charged in tier 1 before a line of tier 2."""
    return max(0, line.used - line.free - line.quantity)


def formula_sentences(line: ChargeLine, t: Words) -> list[str]:
    """Return the formula of a line in full sentences."""
    amount, count = f"{line.amount:,}", f"{line.quantity:,}"
    each = price_text(line.unit_price)
    match line.kind:
        case LineKind.MONTH:
            if not _per_user(line):
                return [t("In force on every day of the month: {price} KRW a month.", price=each)]
            text = t(
                "{users} users were in force on every day of the month, each at {price} KRW.", users=count, price=each
            )
            return [text, f"{count} {glyphs().times} {each} = {amount}"]
        case LineKind.DAYS if not _per_user(line):
            text = t("In force on {days} days of the month, each at {price} KRW.", days=count, price=each)
            return [text, f"{count} {glyphs().times} {each} = {amount}"]
        case LineKind.DAYS:
            values = {"users": f"{line.users:,}", "days": line.days, "price": each}
            text = t("{users} users were in force on {days} days of the month, each day at {price} KRW.", **values)
            return [text, f"{line.days} {glyphs().times} {line.users:,} {glyphs().times} {each} = {amount}"]
        case LineKind.TIER1 | LineKind.TIER2:
            each = price_text(line.unit_price, 1)
            used, free = volume_text(line.item, line.used, t), volume_text(line.item, line.free, t)
            lines = [t("Used in the month: {used}. Free: {free}.", used=used, free=free)]
            if line.kind is LineKind.TIER2:
                cap = volume_text(line.item, _tier_1_units(line), t)
                lines.append(t("Above the free count, the first {cap} are charged as tier 1.", cap=cap))
            charged = t(
                "Charged here: {count}, each at {price} KRW.",
                count=volume_text(line.item, line.quantity, t),
                price=each,
            )
            return [*lines, charged, f"{count} {glyphs().times} {each} = {amount}"]
        case LineKind.DISCOUNT:
            text = t("{percent} % off the sum of the lines above.", percent=percent_text(line.quantity))
            return [text, f"{line.discounted:,} {glyphs().times} -{percent_text(line.quantity)} % = {amount}"]


def rule_sentences(line: ChargeLine | None, t: Words) -> list[str]:
    """Return the sentences of the rules by which a charge line is calculated; of all rules if `line` is None."""
    messages: list[str] = []
    if line is None or line.kind in (LineKind.MONTH, LineKind.DAYS):
        messages += _SEATS
    if line is None or line.kind in (LineKind.TIER1, LineKind.TIER2):
        messages += _USAGE
        messages += [text for item, text in _COUNTERS.items() if line is None or item is line.item]
    return [t(message) for message in (*messages, _ROUNDING)]


def about_month(charges: Charges, t: Words) -> str:
    """Return a sentence about the days' time zone and whether the month's charges can still change."""
    zone = charges.time_zone
    if charges.closed:
        return t("Closed: it does not change any more. Days are those of {zone}.", zone=zone)
    return t("Counted up to {day} (days of {zone}); changes until the month ends.", day=charges.through, zone=zone)
