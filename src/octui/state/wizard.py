"""The two steps of a service as they are typed: texts, what is wrong with them, what they differ in (rules.md 2–8)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from octui.schema.common import LONGEST_NAME, LONGEST_SERVICE_ID
from octui.schema.contracts import (
    LARGEST_VOLUME,
    MOST_USERS,
    BasicChange,
    BasicInformation,
    Contract,
    ContractDetails,
    ItemTerms,
)
from octui.schema.items import COUNTED, Item, ServiceState, ServiceType
from octui.schema.languages import proposed_time_zone
from octui.schema.problems import FieldCode, FieldProblem

REMOVE = "-"
"""Typed in place of a path it takes the banner away."""
FIELDS = ("type", "name", "id", "languages", "time_zone", "banner")
OWN_ZONE = "own_zone"
"""Not empty once the person has chosen the time zone: the first language proposes it no more (rules.md 3)."""

Basic = dict[str, str]
"""Step 1 as texts, by `FIELDS` and `OWN_ZONE`; `languages` are codes with spaces between, in their order."""


class Step(StrEnum):
    """The two steps."""

    BASIC = "basic"
    DETAILS = "details"


class ItemText(BaseModel):
    """An item as it is typed; the numbers are texts, whatever was typed."""

    on: bool = False
    users: str = "1"
    volume: str = "0"


Items = dict[Item, ItemText]


class Draft(BaseModel):
    """What one person typed for one service and the service has not taken yet, and where they were.

    `service`: its ID once step 1 has been taken, before that "". `sending`: step 1 was on its way. `base` and
    `items_base`: what the service had, as of `version`, when the edit began; None where it had nothing.
    """

    model_config = ConfigDict(extra="ignore")

    key: str
    service: str = ""
    sending: bool = False
    step: Step = Step.BASIC
    at: str = ""
    version: int | None = None
    basic: Basic | None = None
    base: Basic | None = None
    items: Items | None = None
    items_base: Items | None = None

    @property
    def empty(self) -> bool:
        """Nothing in it is worth keeping."""
        return (self.basic is None or self.basic == self.base) and (self.items is None or self.items == self.items_base)


def blank_basic(language: str) -> Basic:
    """Step 1 of a new service, for a reader of this language."""
    basic = dict.fromkeys((*FIELDS, OWN_ZONE), "")
    return basic | {
        "type": ServiceType.CONSULTATION.value,
        "languages": language,
        "time_zone": proposed_time_zone(language),
    }


def basic_of(contract: Contract) -> Basic:
    """Step 1 as the service has it. A zone that is not the proposed one was chosen."""
    codes = contract.languages
    proposed = proposed_time_zone(codes[0]) if codes else "UTC"
    return {
        "type": contract.type.value,
        "name": contract.name,
        "id": contract.id,
        "languages": " ".join(codes),
        "time_zone": contract.time_zone,
        "banner": "",
        OWN_ZONE: "" if contract.time_zone == proposed else "1",
    }


def blank_items() -> Items:
    """Step 2 of a service that has none yet: `ticket` is on (rules.md 8)."""
    return {item: ItemText(on=item is Item.TICKET) for item in Item}


def items_of(contract: Contract) -> Items:
    """Step 2 as the service has it."""
    had = {terms.item: ItemText(on=True, users=str(terms.users), volume=str(terms.volume)) for terms in contract.items}
    return blank_items() | had


def with_languages(basic: Basic, codes: list[str]) -> Basic:
    """Other languages; the first one proposes the time zone unless it was chosen (rules.md 3)."""
    changed = basic | {"languages": " ".join(codes)}
    if codes and not basic[OWN_ZONE]:
        changed["time_zone"] = proposed_time_zone(codes[0])
    return changed


def with_zone(basic: Basic, zone: str) -> Basic:
    """The time zone chosen; choosing the proposed one leaves it to the first language again."""
    codes = basic["languages"].split()
    proposed = proposed_time_zone(codes[0]) if codes else ""
    return basic | {"time_zone": zone, OWN_ZONE: "" if zone == proposed else "1"}


def wrong_basic(
    basic: Mapping[str, str], ids: Mapping[str, str], names: Mapping[str, str], *, complete: bool
) -> dict[str, FieldProblem]:
    """What is wrong with step 1 as far as it can be told without the service (rules.md 2), by field.

    `ids` and `names` (casefolded): what is taken, and by whom. `complete`: what is empty is wrong too.
    """
    found: dict[str, FieldProblem] = {}

    def wrong(field: str, code: FieldCode, holder: str | None = None) -> None:
        found.setdefault(field, FieldProblem(field=field, code=code, message="", holder=holder))

    id, name = basic["id"].strip(), basic["name"].strip()
    if id and not (id.isascii() and id.isalpha()):
        wrong("id", FieldCode.PATTERN)
    if len(id) > LONGEST_SERVICE_ID:
        wrong("id", FieldCode.TOO_LONG)
    if id.casefold() in ids:
        wrong("id", FieldCode.TAKEN, ids[id.casefold()])
    if len(name) > LONGEST_NAME:
        wrong("name", FieldCode.TOO_LONG)
    if name.casefold() in names:
        wrong("name", FieldCode.TAKEN, names[name.casefold()])
    if complete:
        for field in ("name", "id", "languages", "time_zone"):
            if not basic[field].strip():
                wrong(field, FieldCode.MISSING)
    return found


def new_of(basic: Basic) -> BasicInformation:
    """Step 1 of a new service as it is sent; the service judges it."""
    return BasicInformation.model_construct(
        id=basic["id"].strip(),
        name=basic["name"].strip(),
        type=ServiceType(basic["type"]),
        languages=basic["languages"].split(),
        time_zone=basic["time_zone"],
    )


def change_of(basic: Basic, base: Basic) -> BasicChange | None:
    """What step 1 changes, None where nothing that is sent so."""
    changed: dict[str, Any] = {
        field: basic[field].strip()
        for field in ("name", "type", "languages", "time_zone")
        if basic[field].strip() != base[field]
    }
    if "type" in changed:
        changed["type"] = ServiceType(changed["type"])
    if "languages" in changed:
        changed["languages"] = changed["languages"].split()
    return BasicChange.model_construct(**changed) if changed else None


def rebased(mine: Basic, base: Basic, theirs: Basic) -> tuple[Basic, set[str]]:
    """Somebody else changed the service from `base` to `theirs`: mine with what I have not touched from theirs, and the
    fields both changed, each in another way."""
    merged, both = dict(mine), set()
    for field in ("type", "name", "languages", "time_zone"):
        if theirs[field] == base[field] or theirs[field] == mine[field]:
            continue
        if mine[field] == base[field]:
            merged[field] = theirs[field]
        else:
            both.add(field)
    return merged, both


def number_of(text: str, most: int, least: int = 0) -> int | None:
    """A number as people type it (1,000), None where it is none or outside `least`…`most`."""
    digits = text.strip().replace(",", "").replace(" ", "")
    if not digits.isdecimal() or len(digits) > 12:
        return None
    value = int(digits)
    return value if least <= value <= most else None


def wrong_items(items: Items) -> dict[tuple[Item, str], FieldProblem]:
    """What is wrong with step 2, by item and column."""
    found = {}
    for item, text in items.items():
        for column, most, least in (("users", MOST_USERS, 1), ("volume", LARGEST_VOLUME, 0)):
            if text.on and number_of(getattr(text, column), most, least) is None:
                place = f"{item.value}.{column}"
                found[item, column] = FieldProblem(field=place, code=FieldCode.RANGE, message="")
    return found


def details_of(items: Items) -> ContractDetails:
    """Step 2 as it is sent; there must be nothing wrong with it."""
    return ContractDetails(
        items=[
            ItemTerms(
                item=item,
                users=number_of(text.users, MOST_USERS, 1) or 1,
                volume=(number_of(text.volume, LARGEST_VOLUME) or 0) if item in COUNTED else 0,
            )
            for item, text in items.items()
            if text.on
        ]
    )


def same_items(one: Items, other: Items) -> bool:
    """Whether both come to the same contract."""
    if wrong_items(one) or wrong_items(other):
        return one == other
    return details_of(one) == details_of(other)


def done(draft: Draft, contract: Contract) -> None:
    """Take out of the draft what the service has by now: it was killed after sending and before it heard so."""
    if not draft.service and draft.basic is not None and contract.state is ServiceState.DRAFT and draft.sending:
        draft.service, draft.step, draft.at, draft.sending = contract.id, Step.DETAILS, "", False
        if not draft.basic["banner"]:
            draft.basic = None
        else:
            draft.base, draft.version, draft.step = basic_of(contract), contract.version, Step.BASIC
    if draft.service and draft.basic is not None and draft.basic == basic_of(contract):
        draft.basic = draft.base = None
    had_details = contract.state is not ServiceState.DRAFT
    if had_details and draft.items is not None and same_items(draft.items, items_of(contract)):
        draft.items = draft.items_base = None


def spends_edit(items: Items, base: Items) -> bool:
    """Whether saving uses up the day's edit: expected volumes are no part of the contract (rules.md 7)."""

    def terms(of: Items) -> list[tuple[Item, int | None]]:
        return [(item, number_of(text.users, MOST_USERS, 1)) for item, text in of.items() if text.on]

    return terms(items) != terms(base)
