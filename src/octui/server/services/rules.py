"""States of a service: what may be done in each, and how one follows another (rules.md 1, 5, 6, 8).

The rules of a contract's items, languages and edits are in server/contracts/rules.py.
"""

from collections.abc import Sequence

from octui.schema.audit import ContractItems, ItemUsers
from octui.schema.contracts import ItemTerms
from octui.schema.items import COUNTED, Item, ServiceState
from octui.schema.languages import LANGUAGES
from octui.schema.problems import Code, FieldCode
from octui.server.core.calendar import day_bounds
from octui.server.core.errors import ProblemError, invalid_field

NOT_REGISTERED = "The service is a draft: its contract has to be registered first."
TERMINATED = "The service is terminated: nothing of it changes any more."

_USED, _OFF, _DRAFT, _ENDED = (
    ServiceState.IN_USE,
    ServiceState.SUSPENDED,
    ServiceState.DRAFT,
    ServiceState.TERMINATED,
)
_SWITCHES = frozenset(((_USED, _OFF), (_OFF, _USED), (_OFF, _ENDED)))
"""From which state to which a service is switched; a draft is registered instead (rules.md 1, 5, 6)."""


def require_changeable(state: ServiceState) -> None:
    """Raise 409 for a terminated service, which never changes again."""
    if state is _ENDED:
        raise ProblemError(Code.SERVICE_TERMINATED, 409, TERMINATED)


def require_draft(state: ServiceState) -> None:
    """Raise 409 unless the service is a draft: a registered one is terminated, never deleted."""
    require_changeable(state)
    if state is not _DRAFT:
        raise ProblemError(Code.NOT_A_DRAFT, 409, "The service has a contract: it is terminated, not dropped.")


def require_in_use(state: ServiceState) -> None:
    """Raise 403 unless the service is in use: nobody works in any other (rules.md 8)."""
    if state is not _USED:
        raise ProblemError(Code.SERVICE_NOT_IN_USE, 403, f"The service is not in use ({state.value}).")


def require_contract(state: ServiceState) -> None:
    """Raise 403 for a draft or terminated service, which takes in no events. A suspended one does."""
    if state in (_DRAFT, _ENDED):
        raise ProblemError(Code.SERVICE_NOT_IN_USE, 403, f"The service takes in no events ({state.value}).")


def check_switch(present: ServiceState, wanted: ServiceState) -> bool:
    """Return whether the state changes.

    Raises 409 with the reason, 422 for a state that cannot be chosen (rules.md 1, 6).
    """
    if wanted is present and wanted is not _DRAFT:
        return False
    if wanted is _DRAFT:
        raise invalid_field("state", FieldCode.UNKNOWN_VALUE, "A service does not become a draft again.")
    require_changeable(present)
    if present is _DRAFT:
        raise ProblemError(Code.NOT_REGISTERED, 409, NOT_REGISTERED)
    if (present, wanted) not in _SWITCHES:
        raise ProblemError(Code.NOT_SUSPENDED, 409, "Only a suspended service is terminated: suspend it first.")
    return True


def next_edit_time(edited_day: int | None, zone: str, now: int) -> int | None:
    """Return when the contract can be edited again (epoch ms): at the organization's next day. None: it can be now."""
    if edited_day is None:
        return None
    end = day_bounds(edited_day, zone)[1]
    return end if end > now else None


def refuse_second_edit(edited_day: int | None, zone: str, now: int) -> None:
    """Raise 409 if the contract was already edited on this day of the organization (rules.md 7)."""
    again = next_edit_time(edited_day, zone, now)
    if again is not None:
        raise ProblemError(
            Code.CONTRACT_CHANGED_TODAY,
            409,
            "The contract was edited today; it can be edited once a day.",
            current={"next_edit": again},
        )


def validate_items(items: Sequence[ItemTerms]) -> list[ItemTerms]:
    """Return the items in their order. Raises 422 unless each occurs at most once and `ticket` is on (rules.md 8)."""
    seen: dict[Item, int] = {}
    for at, terms in enumerate(items):
        if terms.item in seen:
            where = f"items.{seen[terms.item]}"
            raise invalid_field(f"items.{at}.item", FieldCode.DUPLICATE, "The item stands twice.", where)
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
            raise invalid_field(f"languages.{at}", FieldCode.UNKNOWN_VALUE, "There is no help centre in this language.")
        first = codes.index(code)
        if first < at:
            where = f"languages.{first}"
            raise invalid_field(f"languages.{at}", FieldCode.DUPLICATE, "The language stands twice.", where)
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
