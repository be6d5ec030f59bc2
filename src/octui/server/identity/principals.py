"""SQL that reads a person with all their rights."""

from sqlalchemy import Connection, bindparam, literal, select

from octui.schema.agents import Role
from octui.schema.members import MemberState
from octui.server.core.principal import Principal, ServiceRight
from octui.server.database import tables

_m, _a, _s, _oa, _o = tables.member, tables.agent, tables.service, tables.organization_admin, tables.organization

_PERSON = (
    select(
        _m.c.id,
        _m.c.account,
        _m.c.name,
        _oa.c.member_id.label("admin"),
        _s.c.code,
        _a.c.service_id,
        _a.c.role,
        _a.c.ticket,
        _a.c.chat,
        _a.c.phone,
    )
    .select_from(
        _m.outerjoin(_oa, _oa.c.member_id == _m.c.id)
        .outerjoin(_a, _a.c.member_id == _m.c.id)
        .outerjoin(_s, _s.c.id == _a.c.service_id)
    )
    # An invited member cannot call anything before the invitation is accepted (rules.md 17).
    .where(_m.c.account == bindparam("account"), _m.c.state == literal(MemberState.ACTIVE.value))
)
_OWNER = select(_o.c.owner_account)


def find_principal(connection: Connection, account: str) -> Principal | None:
    """Return the person with their present roles, or None; without address and credential."""
    if "\0" in account:
        return None  # PostgreSQL refuses to search for it
    rows = connection.execute(_PERSON, {"account": account}).all()
    if not rows:
        return None
    first = rows[0]
    return Principal(
        member_id=first.id,
        account=first.account,
        name=first.name,
        organization_admin=first.admin is not None,
        services={
            row.code: ServiceRight(row.service_id, Role(row.role), row.ticket, row.chat, row.phone)
            for row in rows
            if row.code is not None
        },
    )


def owner_account(connection: Connection) -> str | None:
    """Return the account that a local operator acts as, or None while there is no organization."""
    account: str | None = connection.scalar(_OWNER)
    return account
