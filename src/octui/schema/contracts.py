"""Contracted services: basic information, contract details, states, banners (rules.md 1–9)."""

from typing import Annotated

from pydantic import Field

from octui.schema.charges import ChargeLine
from octui.schema.common import LONGEST_NAME, LONGEST_SERVICE_ID, Answer, EpochMs, RequestBody
from octui.schema.items import Item, ServiceState, ServiceType

LARGEST_BANNER = 2 << 20
"""Limit of the bytes of an image."""

MOST_PIXELS = 4_000_000
"""Limit of width × height of a banner."""

MOST_USERS = 100_000
LARGEST_VOLUME = 1_000_000_000


ServiceId = Annotated[str, Field(pattern=r"^[A-Za-z]+$", max_length=LONGEST_SERVICE_ID)]
ServiceName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
LanguageCode = Annotated[str, Field(max_length=20)]
"""A code of schema/languages.py; the server judges it, so that `zh_TW` is an unknown language and not a bad pattern."""

Languages = Annotated[list[LanguageCode], Field(max_length=184)]


class BasicInformation(RequestBody):
    """Basic information of a new service (step 1, rules.md 2); the first language proposes the time zone."""

    id: ServiceId
    name: ServiceName
    type: ServiceType = ServiceType.CONSULTATION
    languages: Languages = ["ko"]
    time_zone: str | None = None


class BasicChange(RequestBody):
    """Changed basic information; a field that is not set stays. The ID never changes."""

    name: ServiceName | None = None
    type: ServiceType | None = None
    languages: Languages | None = None
    time_zone: str | None = None


class ItemTerms(RequestBody):
    """A contract item that is switched on, with its users and expected monthly volume.

    `users`: those it is charged for where it is charged per user. `volume`: what is expected a month (tickets, call
    seconds or chats); only estimates use it.
    """

    item: Item
    users: Annotated[int, Field(ge=1, le=MOST_USERS)] = 1
    volume: Annotated[int, Field(ge=0, le=LARGEST_VOLUME)] = 0


class ContractDetails(RequestBody):
    """Step 2 of a service: the items that are on; `ticket` must be among them (rules.md 8)."""

    items: Annotated[list[ItemTerms], Field(min_length=1, max_length=len(Item))]


class NewService(RequestBody):
    """A service in use, created by a command in one step."""

    id: ServiceId
    name: ServiceName
    type: ServiceType = ServiceType.CONSULTATION
    language: LanguageCode = "ko"
    time_zone: str | None = None
    phone: bool = False


class Service(Answer):
    """A service of the organization as every member sees it; `items` are the contract items that are on."""

    id: str
    name: str
    type: ServiceType
    language: str
    time_zone: str
    state: ServiceState
    items: list[Item]


class Services(Answer):
    """The services the caller may see."""

    services: list[Service]


class Banner(Answer):
    """The image of a service; `changed` (epoch ms) identifies its version."""

    width: int
    height: int
    media_type: str
    changed: int


class Terms(Answer):
    """A contract item as the server returns it; see ItemTerms."""

    item: Item
    users: int
    volume: int


class Contract(Answer):
    """A contracted service as those who manage the organization see it.

    Days are YYYY-MM-DD of the organization. `items` is empty for a draft: step 2 has not been done. `next_edit` (epoch
    ms) is when the contract can be edited again; None: now. `discount` is in hundredths of a percent, of this month.
    """

    id: str
    name: str
    type: ServiceType
    languages: list[str]
    time_zone: str
    state: ServiceState
    items: list[Terms]
    registered: str | None
    edited: str | None
    terminated: str | None
    next_edit: EpochMs | None
    discount: int
    banner: Banner | None
    version: int


class Contracts(Answer):
    """Every service of the organization, drafts and terminated ones included, by ID."""

    contracts: list[Contract]


class StateChoice(RequestBody):
    """Switch a service on or off, or terminate it (rules.md 1, 6, 8)."""

    state: ServiceState


class EstimateRequest(RequestBody):
    """A contract to estimate; with `service`, it is compared with the contract which that service has now."""

    items: Annotated[list[ItemTerms], Field(max_length=len(Item))]
    service: ServiceId | None = None


class Estimate(Answer):
    """The cost of a whole month of a contract with its expected volumes, by the present rate card (KRW).

    `before`: the same for the contract which the service has now. `valid_from` names the rate card.
    """

    lines: list[ChargeLine]
    total: int
    before: int | None
    valid_from: str
