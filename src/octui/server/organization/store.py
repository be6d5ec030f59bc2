"""SQL of the organization and its first admin (rules.md 11–13, 16), and of the caller's own identity."""

import secrets
import string
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from octui.schema.audit import Action, OrganizationAdminRight, OrganizationFacts
from octui.schema.common import LONGEST_NAME
from octui.schema.members import NewMember
from octui.schema.organization import KnownService, Me, NewOrganization, Organization, OrganizationChange, ServiceRole
from octui.schema.problems import Code
from octui.server.core import validation
from octui.server.core.errors import ProblemError, not_found
from octui.server.core.principal import Principal
from octui.server.core.topics import SERVICES
from octui.server.core.validation import validate_text
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.unit_of_work import Change
from octui.server.identity import policy
from octui.server.members import store as members_store
from octui.server.organization.rules import SUFFIX, organization_url
from octui.server.services import store as services_store

_o = tables.organization
_SELECT: Select[Any] = select(
    _o.c.code.label("id"), _o.c.name, _o.c.domain, _o.c.time_zone, _o.c.ipcc_agreed, _o.c.mobile_contact_activated
)
_ALPHABET = string.ascii_letters + string.digits
_CODE_LENGTH = 16


def find_organization(connection: Connection, suffix: str = SUFFIX, *, lock: bool = False) -> Organization:
    """Return the organization, its URL ending in `suffix`. Raises 404 before there is one."""
    row = connection.execute(_SELECT.with_for_update() if lock else _SELECT).one_or_none()
    if row is None:
        raise ProblemError(Code.NOT_FOUND, 404, "There is no organization yet.")
    return Organization(**row._asdict(), url=organization_url(row.domain, suffix))


def create_organization(change: Change, new: NewOrganization, suffix: str = SUFFIX) -> Organization:
    """Create the organization and its first member, who is organization admin and owner. Raises 409 if there is one."""
    lock_until_commit(change, "organization")
    if change.connection.scalar(select(_o.c.id)) is not None:
        raise ProblemError(Code.ALREADY_EXISTS, 409, "This database has an organization already.")
    name = validate_text("name", new.name, LONGEST_NAME)
    zone = validation.validate_time_zone(new.time_zone)
    account = members_store.validate_account("admin_account", new.admin_account)
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    change.connection.execute(
        insert(_o).values(id=1, code=code, name=name, domain=new.domain, time_zone=zone, owner_account=account)
    )
    change.connection.execute(insert(tables.cti_settings).values(id=1, monitoring=False))
    change.touch(SERVICES)
    facts = OrganizationFacts(id=code, domain=new.domain, time_zone=zone)
    change.record(Action.ORGANIZATION_CREATED, target_name=name, after=facts)
    person = NewMember.model_construct(account=account, name=new.admin_name, email=new.admin_email, language="ko")
    member_id = members_store.insert_member(change, person, prefix="admin_")
    change.connection.execute(insert(tables.organization_admin).values(member_id=member_id))
    change.record(
        Action.ORGANIZATION_ADMIN_ADDED,
        target_account=account,
        target_name=new.admin_name,
        after=OrganizationAdminRight(),
    )
    return find_organization(change.connection, suffix)


def change_organization(change: Change, edit: OrganizationChange, suffix: str = SUFFIX) -> Organization:
    """Change what the operator may change (rules.md 11, 20), and record it; fields not set stay.

    Every client is woken, because all screens show the organization's name, URL and flags.
    """
    before = find_organization(change.connection, suffix, lock=True)
    values = {name: value for name, value in edit.model_dump(exclude_unset=True).items() if value is not None}
    if "name" in values:
        values["name"] = validate_text("name", values["name"], LONGEST_NAME)
    changed = {name: value for name, value in values.items() if value != getattr(before, name)}
    if not changed:
        return before
    change.connection.execute(update(_o).values(**changed))
    change.touch(SERVICES)
    after = find_organization(change.connection, suffix)
    change.record(
        Action.ORGANIZATION_CHANGED,
        target_name=after.name,
        before=OrganizationFacts(**{name: getattr(before, name) for name in changed}),
        after=OrganizationFacts(**changed),
    )
    return after


def read_me(connection: Connection, principal: Principal, suffix: str = SUFFIX) -> Me:
    """Return the caller, their roles and the services they may connect to."""
    person = connection.execute(select(tables.member).where(tables.member.c.id == principal.member_id)).one_or_none()
    if person is None:
        raise not_found()
    sees_all = policy.sees_all_services(principal)
    services = services_store.list_services(connection, None if sees_all else frozenset(principal.services))
    return Me(
        account=person.account,
        name=person.name,
        nickname=person.nickname,
        email=person.email,
        language=person.language,
        organization=find_organization(connection, suffix),
        organization_admin=principal.organization_admin,
        services=[
            ServiceRole(service=code, role=right.role, ticket=right.ticket, chat=right.chat, phone=right.phone)
            for code, right in sorted(principal.services.items())
        ],
        known_services=[
            KnownService(
                service=service.id,
                service_name=service.name,
                time_zone=service.time_zone,
                phone_contract=services_store.has_phone(service),
                state=service.state,
            )
            for service in services
        ],
    )
