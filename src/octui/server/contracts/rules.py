"""Rules of a contract: one edit a day, its items, its help-center languages (rules.md 2, 7, 8).

The states of a service, and how one follows another, are in server/services/rules.py.
"""

from collections.abc import Sequence

from octui.schema.audit import ContractItems, ItemUsers
from octui.schema.contracts import ItemTerms
from octui.schema.items import COUNTED, Item
from octui.schema.languages import LANGUAGES
from octui.schema.problems import Code, FieldCode
from octui.server.core.calendar import day_bounds
from octui.server.core.errors import ProblemError, invalid_field


def next_edit_time(edited_day: int | None, zone: str, now: int) -> int | None:
    """Return when the contract can be edited again (epoch ms): at the organization's next day. None: it can be now."""
    if edited_day is None:
        return None
    end = day_bounds(edited_day, zone)[1]
    return end if end > now else None


def refuse_second_edit(edited_day: int | None, zone: str, now: int) -> None:
    """Raise 409 if the contract was already edited on this day of the organization (rules.md 7)."""
    next_edit = next_edit_time(edited_day, zone, now)
    if next_edit is not None:
        raise ProblemError(
            Code.CONTRACT_CHANGED_TODAY,
            409,
            "The contract was edited today; it can be edited once a day.",
            current={"next_edit": next_edit},
        )


def validate_items(items: Sequence[ItemTerms]) -> list[ItemTerms]:
    """Return the items in their order. Raises 422 unless each occurs at most once and `ticket` is on (rules.md 8)."""
    seen: dict[Item, int] = {}
    for at, terms in enumerate(items):
        if terms.item in seen:
            first_place = f"items.{seen[terms.item]}"
            raise invalid_field(f"items.{at}.item", FieldCode.DUPLICATE, "The item stands twice.", first_place)
        seen[terms.item] = at
    if Item.TICKET not in seen:
        raise invalid_field("items", FieldCode.ALWAYS_ON, "The item ticket is always on.")
    order = list(Item)
    plain = [terms if terms.item in COUNTED else terms.model_copy(update={"volume": 0}) for terms in items]
    return sorted(plain, key=lambda terms: order.index(terms.item))


def validate_languages(codes: Sequence[str]) -> list[str]:
    """Return the help-center languages. Raises 422 for none, unknown ones and duplicates (rules.md 2)."""
    if not codes:
        raise invalid_field("languages", FieldCode.MISSING, "A service has at least one language.")
    for at, code in enumerate(codes):
        if code not in LANGUAGES:
            raise invalid_field(f"languages.{at}", FieldCode.UNKNOWN_VALUE, "There is no help center in this language.")
        first = codes.index(code)
        if first < at:
            first_place = f"languages.{first}"
            raise invalid_field(f"languages.{at}", FieldCode.DUPLICATE, "The language stands twice.", first_place)
    return list(codes)


def charged_items(items: Sequence[ItemTerms]) -> ContractItems:
    """Return the part of a contract that is charged for, for the log: expected volumes are not in it."""
    order = list(Item)
    return ContractItems(
        items=[
            ItemUsers(item=terms.item, users=terms.users)
            for terms in sorted(items, key=lambda terms: order.index(terms.item))
        ]
    )
