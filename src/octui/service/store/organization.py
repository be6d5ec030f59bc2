"""The organization and its first admin (domain.md 11, 13, 16), and the person who asks."""

import secrets
import string

from sqlalchemy import Connection, insert, select

from octui.schema.audit import Action
from octui.schema.common import LONGEST_NAME
from octui.schema.members import NewMember
from octui.schema.organization import KnownService, Me, NewOrganization, Organization, ServiceRole
from octui.schema.problems import Code
from octui.service import policy
from octui.service.errors import ServiceError, not_found
from octui.service.principal import Principal
from octui.service.rules import time_zones
from octui.service.rules.names import checked
from octui.service.store import contracts, members, tables
from octui.service.store.serial import one_at_a_time
from octui.service.store.store import Change
from octui.service.topics import SERVICES

_o = tables.organization
_ALPHABET = string.ascii_letters + string.digits
_CODE_LENGTH = 16


def find(connection: Connection) -> Organization:
    """The organization; raises 404 before there is one."""
    row = connection.execute(select(_o.c.code, _o.c.name, _o.c.domain, _o.c.time_zone)).one_or_none()
    if row is None:
        raise ServiceError(Code.NOT_FOUND, 404, "There is no organization yet.")
    return Organization(id=row.code, name=row.name, domain=row.domain, time_zone=row.time_zone)


def create(change: Change, new: NewOrganization) -> Organization:
    """The organization and its first member, who is organization admin and owner. Once: 409 when there is one."""
    one_at_a_time(change, "organization")
    if change.connection.scalar(select(_o.c.id)) is not None:
        raise ServiceError(Code.ALREADY_EXISTS, 409, "This database has an organization already.")
    name = checked("name", new.name, LONGEST_NAME)
    zone = time_zones.checked(new.time_zone)
    account = members.checked_account("admin_account", new.admin_account)
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    change.connection.execute(
        insert(_o).values(id=1, code=code, name=name, domain=new.domain, time_zone=zone, owner_account=account)
    )
    change.connection.execute(insert(tables.cti_settings).values(id=1, monitoring=False))
    change.touch(SERVICES)
    change.record(Action.ORGANIZATION_CREATED, target_account="", target_name=name, after=f"{code} {new.domain} {zone}")
    person = NewMember.model_construct(account=account, name=new.admin_name, email=new.admin_email, language="ko")
    member_id = members.insert_member(change, person, prefix="admin_")
    change.connection.execute(insert(tables.organization_admin).values(member_id=member_id))
    change.record(
        Action.ORGANIZATION_ADMIN_ADDED,
        target_account=account,
        target_name=new.admin_name,
        after="organization_admin",
    )
    return Organization(id=code, name=name, domain=new.domain, time_zone=zone)


def me(connection: Connection, principal: Principal) -> Me:
    """The person who asks, their roles and the services they may be connected to."""
    person = connection.execute(select(tables.member).where(tables.member.c.id == principal.member_id)).one_or_none()
    if person is None:
        raise not_found()
    every = policy.sees_all_services(principal)
    seen = contracts.services(connection, None if every else frozenset(principal.services))
    return Me(
        account=person.account,
        name=person.name,
        nickname=person.nickname,
        email=person.email,
        language=person.language,
        organization=find(connection),
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
                phone_contract=contracts.has_phone(service),
            )
            for service in seen
        ],
    )
