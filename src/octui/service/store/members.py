"""Members of the organization (IAM members; domain.md 16, 17)."""

import re

from sqlalchemy import Connection, insert, select

from octui.schema.audit import Action
from octui.schema.common import LONGEST_ACCOUNT, LONGEST_EMAIL, LONGEST_NAME
from octui.schema.members import Member, MemberPage, NewMember
from octui.schema.problems import Code, FieldCode, FieldProblem
from octui.service.errors import ServiceError, invalid, not_found
from octui.service.rules.names import checked
from octui.service.store import search, tables
from octui.service.store.serial import one_at_a_time
from octui.service.store.store import Change
from octui.text.choseong import choseong, fold

_m, _oa = tables.member, tables.organization_admin
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def checked_account(field: str, account: str) -> str:
    """An account: letters, digits and ``. _ @ -``, because it goes into addresses; raises 422."""
    checked(field, account, LONGEST_ACCOUNT)
    if not _ACCOUNT.fullmatch(account):
        raise invalid(field, FieldCode.PATTERN, "An account has letters, digits and . _ @ -, a letter or digit first.")
    return account


def insert_member(change: Change, new: NewMember, prefix: str = "") -> int:
    """A member's row and its line in the log; `prefix` goes before the names of refused fields. Returns the id."""
    name = checked(f"{prefix}name", new.name, LONGEST_NAME)
    email = checked(f"{prefix}email", new.email, LONGEST_EMAIL)
    if not _EMAIL.fullmatch(email):
        raise invalid(f"{prefix}email", FieldCode.PATTERN, "An e-mail address has one @ and no spaces.")
    member_id: int = change.connection.execute(
        insert(_m)
        .values(
            account=new.account,
            name=name,
            email=email,
            language=new.language,
            folded=fold(name),
            choseong=choseong(name),
        )
        .returning(_m.c.id)
    ).scalar_one()
    change.record(Action.MEMBER_ADDED, target_account=new.account, target_name=name, after="member")
    return member_id


def add(change: Change, new: NewMember) -> Member:
    """A person of the organization; 409 when the account is taken. Recorded."""
    if change.connection.scalar(select(tables.organization.c.id)) is None:
        raise not_found()
    one_at_a_time(change, "member")
    account = checked_account("account", new.account)
    holder = change.connection.scalar(select(_m.c.name).where(_m.c.account == account))
    if holder is not None:
        taken = FieldProblem(
            field="account", code=FieldCode.TAKEN.value, message="There is a member with this account.", holder=holder
        )
        raise ServiceError(Code.ALREADY_EXISTS, 409, taken.message, [taken])
    member_id = insert_member(change, new)
    return _member(change.connection, member_id)


def _member(connection: Connection, member_id: int) -> Member:
    row = connection.execute(select(_m).where(_m.c.id == member_id)).one()
    return Member(
        account=row.account,
        name=row.name,
        email=row.email,
        language=row.language,
        organization_admin=False,
        version=row.version,
    )


def page(connection: Connection, *, query: str, after: str | None, limit: int) -> MemberPage:
    """Members by account, looked up by part of name, account or e-mail (domain.md 17)."""
    statement = select(*search.PEOPLE, _m.c.language, _m.c.version, _oa.c.member_id.label("admin")).select_from(
        _m.outerjoin(_oa, _oa.c.member_id == _m.c.id)
    )
    rows, following = search.page(connection, statement, query=query, after=after, limit=limit)
    found = [
        Member(
            account=row.account,
            name=row.name,
            email=row.email,
            language=row.language,
            organization_admin=row.admin is not None,
            version=row.version,
        )
        for row in rows
    ]
    return MemberPage(members=found, next=following)
