"""The permission-change log (rules.md 24–26) and, in the same chain, the administration log."""

from enum import StrEnum

from octui.schema.common import Answer


class Action(StrEnum):
    """What was done (조작내용)."""

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
    )
)
"""What changes nobody's permission: shown as the administration log. All else is the permission-change log."""


class Log(StrEnum):
    """Which entries of the one chain."""

    PERMISSIONS = "permissions"
    ADMINISTRATION = "administration"
    ALL = "all"


class Via(StrEnum):
    """By which way the change came in."""

    SCREEN = "screen"
    API = "api"
    COMMAND = "command"
    IMPORT = "import"


class AuditEntry(Answer):
    """One line of the log. Names are as they were then; `at` epoch ms; `hash` hex of the chain."""

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
    before: str
    after: str
    hash: str


class AuditPage(Answer):
    """Entries, newest first. `next_before` continues; None: nothing older matches.

    When the time budget ran out before the page was full, `searched_back_to` tells how far the search looked
    (epoch ms) and `next_before` goes on from there. `count` is capped at 10,000 (`count_capped`); None: not counted.
    """

    entries: list[AuditEntry]
    next_before: int | None = None
    searched_back_to: int | None = None
    count: int | None = None
    count_capped: bool = False


class AuditHead(Answer):
    """The newest entry of the chain: number 0 and an empty hash where nothing has been recorded yet."""

    seq: int
    hash: str
    at: int


class AuditVerification(Answer):
    """The outcome of checking the whole chain and its signed checkpoints."""

    ok: bool
    entries: int
    first_bad_seq: int | None = None
    finding: str = ""
    checkpoints: int = 0
    head: AuditHead
