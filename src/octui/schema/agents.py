"""Agents of a service: members with a role there, their permissions and what each is doing now."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_ACCOUNT, Answer, RequestBody


class Role(StrEnum):
    """A member's role in a service; nobody has one by being organization admin (rules.md 15)."""

    ADMIN = "ROLE_FRONT_ADMIN"
    AGENT = "ROLE_FRONT_AGENT"


class NewAgent(RequestBody):
    """A member who gets a role in a service. The phone permission includes ticket (rules.md, words)."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT)]
    role: Role
    ticket: bool = False
    chat: bool = False
    phone: bool = False


class AgentChange(RequestBody):
    """The fields to change; a field left out stays. The phone permission includes ticket."""

    role: Role | None = None
    ticket: bool | None = None
    chat: bool | None = None
    phone: bool | None = None


class Agent(Answer):
    """A member's role and permissions in the service; `version` for If-Match.

    `state` is the phone state of the moment (None: not logged in), since `since` (epoch ms). A presence that is assumed
    is proved up to `proved_until` only, and over at `ends` (rules.md 39).
    """

    account: str
    name: str
    email: str
    role: Role
    ticket: bool
    chat: bool
    phone: bool
    version: int
    state: str | None = None
    since: int | None = None
    proved_until: int | None = None
    ends: int | None = None


class AgentPage(Answer):
    """Agents by account. With `changed_since`: those changed after that revision, and the accounts removed."""

    agents: list[Agent]
    removed: list[str] = []
    revision: int
    next: str | None = None
