"""The cloud organization, and the signed-in person (`me`)."""

from typing import Annotated

from pydantic import Field

from octui.schema.agents import Role
from octui.schema.common import LONGEST_ACCOUNT, LONGEST_EMAIL, LONGEST_NAME, Answer, RequestBody
from octui.schema.items import ServiceState

Domain = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{2,39}$")]
"""Letters, digits, hyphen; starts with a letter or digit; 3–40 (rules.md 13)."""


class NewOrganization(RequestBody):
    """An organization and its first organization admin, made together (`octui init`)."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    domain: Domain
    admin_account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT)]
    admin_name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    admin_email: Annotated[str, Field(min_length=3, max_length=LONGEST_EMAIL)]
    time_zone: str = "Asia/Seoul"


class Organization(Answer):
    """The cloud organization as shown (rules.md 11); the `url` follows from the domain (rules.md 12).

    The two flags say which CTI versions can be chosen (rules.md 20).
    """

    id: str
    name: str
    domain: str
    time_zone: str
    url: str = ""
    ipcc_agreed: bool = False
    mobile_contact_activated: bool = False


class OrganizationChange(RequestBody):
    """The fields that the operator may change (rules.md 11, 20); a field that is not set stays as it is."""

    name: Annotated[str | None, Field(min_length=1, max_length=LONGEST_NAME)] = None
    domain: Domain | None = None
    ipcc_agreed: bool | None = None
    mobile_contact_activated: bool | None = None


class OrganizationKey(Answer):
    """The organization key, masked. `shown`: when it was shown in full, once (epoch ms); None: not yet."""

    masked: str
    changed: int
    shown: int | None
    version: int


class ShownKey(Answer):
    """The organization key in full, 32 hex digits; shown only this once."""

    key: Annotated[str, Field(repr=False)]
    changed: int
    version: int


class KeyChange(RequestBody):
    """Change of the key, confirmed by typing the organization's name; the old key stops at once (rules.md 11).

    `version`: that of the key the person has seen, so that somebody else's newer key is not replaced. None: any.
    """

    name: Annotated[str, Field(max_length=LONGEST_NAME)]
    version: int | None = None


class ServiceRole(Answer):
    """Rights of the signed-in person in one service."""

    service: str
    role: Role
    ticket: bool
    chat: bool
    phone: bool


class KnownService(Answer):
    """A service the person may see: through a role there, or as organization admin (then all of them)."""

    service: str
    service_name: str
    time_zone: str
    phone_contract: bool
    state: ServiceState = ServiceState.IN_USE


class Me(Answer):
    """The signed-in person, with every right that decides which menus they have.

    `services` are their roles, `known_services` the services they can connect to.
    """

    account: str
    name: str
    nickname: str
    email: str
    language: str
    organization: Organization
    organization_admin: bool
    services: list[ServiceRole]
    known_services: list[KnownService]


class OrganizationAdmin(Answer):
    """A member who manages the organization (rules.md 14, 15)."""

    account: str
    name: str
    email: str


class OrganizationAdmins(Answer):
    """The organization admins by account."""

    admins: list[OrganizationAdmin]


class NewOrganizationAdmin(RequestBody):
    """The member who becomes organization admin."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT, pattern=r"^[^\x00]*$")]
