"""Who calls: the person, their rights, from where and by which way."""

from dataclasses import dataclass, field

from octui.schema.agents import Role
from octui.schema.audit import Via


@dataclass(frozen=True, slots=True)
class ServiceRight:
    """A member's role and channel permissions in one service."""

    service_id: int
    role: Role
    ticket: bool
    chat: bool
    phone: bool


@dataclass(frozen=True, slots=True)
class Credential:
    """The session or token a caller came by: its public id, when its use was last written down, and until when it is
    good if it is not used again (epoch ms)."""

    id: str
    used: int
    until: int


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of an operation. `services` by service code. An operator owns the database file (local ways only);
    before an organization exists the operator has no account (`member_id` None)."""

    member_id: int | None
    account: str
    name: str
    organization_admin: bool = False
    operator: bool = False
    services: dict[str, ServiceRight] = field(default_factory=dict)
    ip: str = "127.0.0.1"
    via: Via = Via.API
    credential: Credential | None = None
