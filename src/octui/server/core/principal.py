"""The caller of an operation: the person, their rights, address and credential."""

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
    """The session or token by which a caller signed in.

    `id` is its public id, `used` when its use was last written down, `until` when it ends if it is not used again
    (epoch ms). `is_wall`: it is the token of a wall terminal.
    """

    id: str
    used: int
    until: int
    is_wall: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of an operation, with the rights of this moment.

    `services` is keyed by service code. An operator owns the database file (local connections only); before an
    organization exists the operator has no account (`member_id` is None). A wall terminal is no person: it has
    `wall_services` (service codes) and no account that anybody else could have.
    """

    member_id: int | None
    account: str
    name: str
    organization_admin: bool = False
    operator: bool = False
    services: dict[str, ServiceRight] = field(default_factory=dict)
    wall_services: frozenset[str] = frozenset()
    ip: str = "127.0.0.1"
    via: Via = Via.API
    credential: Credential | None = None
