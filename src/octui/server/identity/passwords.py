"""Members' passwords in the database, as argon2id hashes.

A member has none before the invitation is accepted (rules.md 17).
"""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from octui.schema.problems import Code
from octui.server.core.errors import ProblemError, not_found
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.identity import password_rules as rules

_p, _m, _o = tables.password, tables.member, tables.organization


@dataclass(frozen=True)
class StoredPassword:
    """A member and the hash of their password."""

    member_id: int
    hash: str


def find_password(connection: Connection, account: str) -> StoredPassword | None:
    """Return the password of an account, or None where there is no such account or no password yet."""
    row = connection.execute(
        select(_p.c.member_id, _p.c.hash).join(_m, _m.c.id == _p.c.member_id).where(_m.c.account == account)
    ).one_or_none()
    return None if row is None else StoredPassword(row.member_id, row.hash)


def refuse_weak_password(connection: Connection, field: str, password: str, account: str) -> None:
    """Raise 422 unless the normalized password is strong enough for this member; 404 where there is no such member."""
    row = connection.execute(select(_m.c.name, _m.c.nickname, _m.c.email).where(_m.c.account == account)).one_or_none()
    if row is None:
        raise not_found()
    organizations = connection.execute(select(_o.c.name, _o.c.domain)).all()
    of_organization = (text for organization in organizations for text in organization)
    personal = (account, row.name, row.nickname, row.email, *of_organization)
    problem = rules.password_problem(field, password, personal)
    if problem is not None:
        raise ProblemError(Code.INVALID, 422, problem.message, [problem])


def store_password(change: Change, member_id: int, hashed: str) -> None:
    """Set a member's password to one that was checked and hashed before."""
    values = {"hash": hashed, "changed": change.now}
    if not change.connection.execute(update(_p).where(_p.c.member_id == member_id).values(**values)).rowcount:
        change.connection.execute(insert(_p).values(member_id=member_id, **values))


def replace_hash(change: Change, stored: StoredPassword, hashed: str) -> None:
    """Store the password hashed with stronger parameters, unless it was changed meanwhile."""
    change.connection.execute(
        update(_p).where(_p.c.member_id == stored.member_id, _p.c.hash == stored.hash).values(hash=hashed)
    )


def is_current_password(connection: Connection, stored: StoredPassword) -> bool:
    """Return whether the verified password is still the member's; it stays locked until commit."""
    present_hash = select(_p.c.hash).where(_p.c.member_id == stored.member_id).with_for_update(read=True)
    return connection.scalar(present_hash) == stored.hash
