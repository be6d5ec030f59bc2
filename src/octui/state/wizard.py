"""Drafts of the two steps of a service: typed texts, their problems and differences (rules.md 2–8)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

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
"""Typed instead of a path, this removes the banner."""
SENT_FIELDS = ("type", "name", "languages", "time_zone")
"""The fields that a change of basic information can carry."""


class BasicDraft(BaseModel):
    """Typed values of step 1. `languages`: codes separated by spaces, the main language first."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: str = ServiceType.CONSULTATION.value
    name: str = ""
    id: str = ""
    languages: str = ""
    time_zone: str = ""
    banner: str = ""
    own_zone: Annotated[bool, BeforeValidator(lambda value: value in (True, "1"))] = False
    """Whether the time zone was chosen, so that the first language proposes it no more (rules.md 3). Stored as "1" or
    "" by version 0.1."""

    @property
    def codes(self) -> list[str]:
        """The codes of the chosen languages."""
        return self.languages.split()

    @property
    def proposed_zone(self) -> str:
        """The time zone that the main language proposes, "" without a language."""
        return proposed_time_zone(self.codes[0]) if self.codes else ""

    def texts(self) -> dict[str, str]:
        """Return the typed texts of step 1 by field."""
        return self.model_dump(exclude={"own_zone"})

    def with_languages(self, codes: list[str]) -> "BasicDraft":
        """Return a copy with other languages; a time zone that was not chosen follows the main language."""
        changed = self.model_copy(update={"languages": " ".join(codes)})
        if codes and not self.own_zone:
            return changed.model_copy(update={"time_zone": changed.proposed_zone})
        return changed

    def with_zone(self, zone: str) -> "BasicDraft":
        """Return a copy with a chosen time zone; the proposed zone counts as not chosen."""
        return self.model_copy(update={"time_zone": zone, "own_zone": zone != self.proposed_zone})


class Step(StrEnum):
    """The two steps of the wizard."""

    BASIC = "basic"
    DETAILS = "details"


class ItemText(BaseModel):
    """Typed values of a contract item; its numbers are texts."""

    on: bool = False
    users: str = "1"
    volume: str = "0"


Items = dict[Item, ItemText]


class Draft(BaseModel):
    """What a person typed in the wizard for a service and has not saved, and at which step.

    `service`: its ID once step 1 is saved, before that "". `sending`: step 1 was being sent. `base` and `items_base`:
    what the server had, as of `version`, when the edit began; None where it had nothing.
    """

    model_config = ConfigDict(extra="ignore")

    key: str
    service: str = ""
    sending: bool = False
    step: Step = Step.BASIC
    at: str = ""
    version: int | None = None
    basic: BasicDraft | None = None
    base: BasicDraft | None = None
    items: Items | None = None
    items_base: Items | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the draft has no typed text that is worth saving."""
        return (self.basic is None or self.basic == self.base) and (self.items is None or self.items == self.items_base)


def blank_basic(language: str) -> BasicDraft:
    """Return step 1 for a new service: the reader's language with its proposed time zone, the rest empty."""
    return BasicDraft(languages=language, time_zone=proposed_time_zone(language))


def basic_of(contract: Contract) -> BasicDraft:
    """Return step 1 with a service's stored values; a time zone other than the proposed one counts as chosen."""
    proposed = proposed_time_zone(contract.languages[0]) if contract.languages else "UTC"
    return BasicDraft(
        type=contract.type.value,
        name=contract.name,
        id=contract.id,
        languages=" ".join(contract.languages),
        time_zone=contract.time_zone,
        own_zone=contract.time_zone != proposed,
    )


def blank_items() -> Items:
    """Return step 2 of a new service, with only `ticket` on (rules.md 8)."""
    return {item: ItemText(on=item is Item.TICKET) for item in Item}


def items_of(contract: Contract) -> Items:
    """Return the draft of step 2 (the contract's items), filled from a stored contract."""
    contracted = {
        terms.item: ItemText(on=True, users=str(terms.users), volume=str(terms.volume)) for terms in contract.items
    }
    return blank_items() | contracted


def basic_problems(
    basic: BasicDraft, ids: Mapping[str, str], names: Mapping[str, str], *, complete: bool
) -> dict[str, FieldProblem]:
    """Return the faults in step 1 by field, as far as they can be found without the server (rules.md 2).

    `ids` and `names` (casefolded) tell what is taken, and by whom. `complete`: an empty field is wrong too.
    """
    problems: dict[str, FieldProblem] = {}

    def add_problem(field: str, code: FieldCode, holder: str | None = None) -> None:
        problems.setdefault(field, FieldProblem(field=field, code=code, message="", holder=holder))

    id, name = basic.id.strip(), basic.name.strip()
    if id and not (id.isascii() and id.isalpha()):
        add_problem("id", FieldCode.PATTERN)
    if len(id) > LONGEST_SERVICE_ID:
        add_problem("id", FieldCode.TOO_LONG)
    if id.casefold() in ids:
        add_problem("id", FieldCode.TAKEN, ids[id.casefold()])
    if len(name) > LONGEST_NAME:
        add_problem("name", FieldCode.TOO_LONG)
    if name.casefold() in names:
        add_problem("name", FieldCode.TAKEN, names[name.casefold()])
    if complete:
        for field in ("name", "id", "languages", "time_zone"):
            if not getattr(basic, field).strip():
                add_problem(field, FieldCode.MISSING)
    return problems


def basic_information_of(basic: BasicDraft) -> BasicInformation:
    """Return step 1 of a new service as a request."""
    return BasicInformation.model_construct(
        id=basic.id.strip(),
        name=basic.name.strip(),
        type=ServiceType(basic.type),
        languages=basic.codes,
        time_zone=basic.time_zone,
    )


def basic_change_of(basic: BasicDraft, base: BasicDraft) -> BasicChange | None:
    """Return the changes of step 1 against `base` as a request, or None if there are none."""
    texts, before = basic.texts(), base.texts()
    changed: dict[str, Any] = {
        field: texts[field].strip() for field in SENT_FIELDS if texts[field].strip() != before[field]
    }
    if "type" in changed:
        changed["type"] = ServiceType(basic.type)
    if "languages" in changed:
        changed["languages"] = basic.codes
    return BasicChange.model_construct(**changed) if changed else None


def merge_basic(mine: BasicDraft, base: BasicDraft, theirs: BasicDraft) -> tuple[BasicDraft, set[str]]:
    """Merge the typed step 1 with what somebody else saved since `base`; return the result and the conflicts.

    Returns the draft with their values in the fields not edited, and the fields that both changed differently.
    """
    my_texts, base_texts, their_texts = mine.texts(), base.texts(), theirs.texts()
    taken: dict[str, str] = {}
    both: set[str] = set()
    for field in SENT_FIELDS:
        if their_texts[field] in (base_texts[field], my_texts[field]):
            continue
        if my_texts[field] == base_texts[field]:
            taken[field] = their_texts[field]
        else:
            both.add(field)
    return mine.model_copy(update=taken), both


def number_of(text: str, most: int, least: int = 0) -> int | None:
    """Return a typed number such as 1,000; None if it is no number or outside `least`…`most`."""
    digits = text.strip().replace(",", "").replace(" ", "")
    if not digits.isdecimal() or len(digits) > 12:
        return None
    value = int(digits)
    return value if least <= value <= most else None


def item_problems(items: Items) -> dict[tuple[Item, str], FieldProblem]:
    """Return the faults in step 2 by item and column."""
    problems = {}
    for item, text in items.items():
        for column, most, least in (("users", MOST_USERS, 1), ("volume", LARGEST_VOLUME, 0)):
            if text.on and number_of(getattr(text, column), most, least) is None:
                place = f"{item.value}.{column}"
                problems[item, column] = FieldProblem(field=place, code=FieldCode.RANGE, message="")
    return problems


def details_of(items: Items) -> ContractDetails:
    """Return step 2 as a request; call it only if `item_problems` finds none."""
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


def same_items(items: Items, other: Items) -> bool:
    """Return whether two lists of items make the same contract."""
    if item_problems(items) or item_problems(other):
        return items == other
    return details_of(items) == details_of(other)


def drop_taken_parts(draft: Draft, contract: Contract) -> None:
    """Remove from a draft what the server has stored, since a crash may lose the answer to a saved step."""
    if not draft.service and draft.basic is not None and contract.state is ServiceState.DRAFT and draft.sending:
        draft.service, draft.step, draft.at, draft.sending = contract.id, Step.DETAILS, "", False
        if not draft.basic.banner:
            draft.basic = None
        else:
            draft.base, draft.version, draft.step = basic_of(contract), contract.version, Step.BASIC
    if draft.service and draft.basic is not None and draft.basic == basic_of(contract):
        draft.basic = draft.base = None
    had_details = contract.state is not ServiceState.DRAFT
    if had_details and draft.items is not None and same_items(draft.items, items_of(contract)):
        draft.items = draft.items_base = None


def spends_edit(items: Items, base: Items) -> bool:
    """Return whether saving uses up the one edit a day; changes of expected volumes do not (rules.md 7)."""

    def terms_of(items: Items) -> list[tuple[Item, int | None]]:
        return [(item, number_of(text.users, MOST_USERS, 1)) for item, text in items.items() if text.on]

    return terms_of(items) != terms_of(base)
