"""The permission-change log (rules.md 24–26) and, in the same chain, the administration log."""

import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from octui.schema.agents import Role
from octui.schema.charges import Rate
from octui.schema.common import LARGEST_PAGE, Answer, EpochMs
from octui.schema.cti import CtiVersion
from octui.schema.items import Item, ServiceState, ServiceType
from octui.schema.members import MemberState
from octui.schema.stats import PhoneState


class Action(StrEnum):
    """Kind of change that a log entry records (조작내용)."""

    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_ADMIN_ADDED = "organization_admin.added"
    ORGANIZATION_ADMIN_REMOVED = "organization_admin.removed"
    MEMBER_ADDED = "member.added"
    MEMBER_REMOVED = "member.removed"
    MEMBER_INVITED = "member.invited"
    MEMBER_JOINED = "member.joined"
    INVITATION_REVOKED = "invitation.revoked"
    SERVICE_ADDED = "service.added"
    AGENT_ADDED = "agent.added"
    AGENT_ROLE_CHANGED = "agent.role_changed"
    AGENT_PERMISSIONS_CHANGED = "agent.permissions_changed"
    AGENT_REMOVED = "agent.removed"
    SERVICE_REGISTERED = "service.registered"
    SERVICE_CHANGED = "service.changed"
    CONTRACT_CHANGED = "contract.changed"
    SERVICE_SUSPENDED = "service.suspended"
    SERVICE_RESUMED = "service.resumed"
    SERVICE_TERMINATED = "service.terminated"
    SERVICE_DRAFT_DROPPED = "service.draft_dropped"
    BANNER_CHANGED = "banner.changed"
    DISCOUNT_CHANGED = "discount.changed"
    RATES_ADDED = "rates.added"
    CTI_CHANGED = "cti.changed"
    CTI_SETTINGS_CHANGED = "cti_settings.changed"
    CTI_LOG_PURGED = "cti_log.purged"
    ORGANIZATION_CHANGED = "organization.changed"
    ORGANIZATION_KEY_MADE = "organization_key.made"
    ORGANIZATION_KEY_SHOWN = "organization_key.shown"
    ORGANIZATION_KEY_CHANGED = "organization_key.changed"
    SERVICE_LIMITS_CHANGED = "service.limits_changed"
    WALL_ADDED = "wall.added"
    WALL_REMOVED = "wall.removed"


ADMINISTRATION = frozenset(
    (
        Action.ORGANIZATION_CREATED,
        Action.ORGANIZATION_CHANGED,
        Action.ORGANIZATION_KEY_MADE,
        Action.ORGANIZATION_KEY_SHOWN,
        Action.ORGANIZATION_KEY_CHANGED,
        Action.SERVICE_ADDED,
        Action.SERVICE_REGISTERED,
        Action.SERVICE_CHANGED,
        Action.CONTRACT_CHANGED,
        Action.SERVICE_SUSPENDED,
        Action.SERVICE_RESUMED,
        Action.SERVICE_TERMINATED,
        Action.SERVICE_DRAFT_DROPPED,
        Action.BANNER_CHANGED,
        Action.DISCOUNT_CHANGED,
        Action.RATES_ADDED,
        Action.CTI_SETTINGS_CHANGED,
        Action.CTI_LOG_PURGED,
        Action.SERVICE_LIMITS_CHANGED,
    )
)
"""Actions that change nobody's permission. They are the administration log, all others the permission-change log."""


class Log(StrEnum):
    """Which log to read: permission changes, administration, or the whole chain of both."""

    PERMISSIONS = "permissions"
    ADMINISTRATION = "administration"
    ALL = "all"


class Via(StrEnum):
    """Way in which a change was made: screen, API, command or import."""

    SCREEN = "screen"
    API = "api"
    COMMAND = "command"
    IMPORT = "import"


class AgentRights(Answer):
    """Role in a service, and the channels that its holder may use."""

    kind: Literal["agent_rights"] = "agent_rights"
    role: Role
    ticket: bool
    chat: bool
    phone: bool


class OrganizationAdminRight(Answer):
    """Right of an organization admin."""

    kind: Literal["organization_admin"] = "organization_admin"


class Membership(Answer):
    """Membership in the organization, or the invitation to it."""

    kind: Literal["membership"] = "membership"
    state: MemberState


class CtiIdentity(Answer):
    """CTI ID, CTI NO and PBX names of an agent."""

    kind: Literal["cti_identity"] = "cti_identity"
    cti_id: str | None
    cti_no: str | None
    pbx_names: list[str] = []


class CtiSettingsValue(Answer):
    """All CTI settings of the organization."""

    kind: Literal["cti_settings"] = "cti_settings"
    cti_version: CtiVersion | None
    tenant_id: str
    tenant_name: str
    monitoring: bool
    retention_years: int


class PurgedEntries(Answer):
    """Entries of the CTI log that were purged, and the last of their days (YYYY-MM-DD)."""

    kind: Literal["purged_entries"] = "purged_entries"
    count: int
    last_day: str


class ServiceBasics(Answer):
    """Basic information of a service."""

    kind: Literal["service_basics"] = "service_basics"
    type: ServiceType
    languages: list[str]
    time_zone: str
    name: str


class ItemUsers(Answer):
    """Item of a contract, and the users it is charged for."""

    item: Item
    users: int


class ContractItems(Answer):
    """Items of a contract, in the order of `Item`."""

    kind: Literal["contract_items"] = "contract_items"
    items: list[ItemUsers]


class ServiceStateValue(Answer):
    """State of a service."""

    kind: Literal["service_state"] = "service_state"
    state: ServiceState


class BannerFacts(Answer):
    """Service banner. `digest`: the first 12 hex digits of its SHA-256, by which the file can be recognized."""

    kind: Literal["banner"] = "banner"
    media_type: str
    width: int
    height: int
    digest: str


class DiscountValue(Answer):
    """Discount in hundredths of a percent; `valid_from` is a day (YYYY-MM-DD), None for the earlier discount."""

    kind: Literal["discount"] = "discount"
    basis_points: int
    valid_from: str | None = None


class RateRows(Answer):
    """Rows of a rate card that differ between before and after."""

    kind: Literal["rates"] = "rates"
    rates: list[Rate]


class OrganizationFacts(Answer):
    """Values of the organization; None: not part of the change."""

    kind: Literal["organization"] = "organization"
    id: str | None = None
    domain: str | None = None
    time_zone: str | None = None
    ipcc_agreed: bool | None = None
    mobile_contact_activated: bool | None = None
    name: str | None = None


class MaskedKey(Answer):
    """Organization key of which only the last characters are shown."""

    kind: Literal["organization_key"] = "organization_key"
    masked: str


class WallAccess(Answer):
    """What the token of a wall terminal gives: the floor of these services, from this network, for so many days."""

    kind: Literal["wall_access"] = "wall_access"
    services: list[str]
    network: str
    days: int


class ServiceLimits(Answer):
    """Limits of a service's floor (rules.md 51): seconds, percent, calls, and minutes by state."""

    kind: Literal["service_limits"] = "service_limits"
    threshold_seconds: int
    longest_wait_seconds: int
    level_percent: int
    level_calls: int
    states: dict[PhoneState, int]
    breaks: int


class LegacyText(Answer):
    """Value as the text that version 0.1.0 recorded, shown as it was written."""

    kind: Literal["legacy_text"] = "legacy_text"
    text: str


AuditValue = Annotated[
    AgentRights
    | OrganizationAdminRight
    | Membership
    | CtiIdentity
    | CtiSettingsValue
    | PurgedEntries
    | ServiceBasics
    | ContractItems
    | ServiceStateValue
    | BannerFacts
    | DiscountValue
    | RateRows
    | OrganizationFacts
    | MaskedKey
    | WallAccess
    | ServiceLimits
    | LegacyText,
    Field(discriminator="kind"),
]
"""Value before or after a change; `kind` tells which it is."""


def _parse_any_version(value: Any, parse: ValidatorFunctionWrapHandler) -> Any:
    try:
        return parse(value or None)
    except ValidationError:  # Another version of octui wrote it, perhaps as a text.
        return LegacyText(text=value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


StoredValue = Annotated[AuditValue | None, WrapValidator(_parse_any_version)]


class AuditEntry(Answer):
    """An entry of the log, with the names of its time; `at` is epoch ms, `hash` the hex hash of the chain.

    `before` and `after` are None where there was nothing.
    """

    seq: int
    at: int
    action: Action
    actor_account: str
    actor_name: str
    target_account: str
    target_name: str
    service: str
    ip: str
    via: Via
    before: StoredValue
    after: StoredValue
    hash: str


SearchText = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
EntryNumber = Annotated[int, Field(ge=0, le=1 << 62)]


class AuditFilter(BaseModel):
    """Filter of log entries: all that is set must match. A page has the newest matching entries, at most `limit`.

    Times are epoch ms, `time_to` exclusive. `action` is part of an action's code or of its Korean, English or Japanese
    label; `name` part of the actor's or target's name, or its initials; `ip` an address, its beginning, or a network;
    `words` are set apart by spaces, and each may be found in any field. `before` and `after` are entry numbers of the
    one chain of both logs, exclusive.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, str_strip_whitespace=True)

    time_from: Annotated[EpochMs | None, Field(alias="from")] = None
    time_to: Annotated[EpochMs | None, Field(alias="to")] = None
    action: SearchText = ""
    name: SearchText = ""
    ip: SearchText = ""
    service: SearchText = ""
    account: SearchText = ""
    words: Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")] = ""
    before: EntryNumber | None = None
    after: EntryNumber | None = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50
    log: Log = Log.PERMISSIONS


class AuditPage(Answer):
    """A page of log entries, newest first. `next_before` continues; None: nothing older matches.

    When the time budget ran out before the page was full, `searched_back_to` tells how far the search looked
    (epoch ms) and `next_before` goes on from there. `count` is capped at 10,000 (`count_capped`); None: not counted.
    """

    entries: list[AuditEntry]
    next_before: int | None = None
    searched_back_to: int | None = None
    count: int | None = None
    count_capped: bool = False


class AuditHead(Answer):
    """Number, hash and time of the newest log entry; number 0 and an empty hash for an empty log."""

    seq: int
    hash: str
    at: int


class AuditVerification(Answer):
    """Result of verifying the whole chain and its signed checkpoints."""

    ok: bool
    entries: int
    first_bad_seq: int | None = None
    finding: str = ""
    checkpoints: int = 0
    head: AuditHead
