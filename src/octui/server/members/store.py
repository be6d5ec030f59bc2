"""SQL of the organization's members (rules.md 16, 17)."""

import re
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select

from octui.schema.audit import Action, Membership
from octui.schema.common import LONGEST_ACCOUNT, LONGEST_EMAIL, LONGEST_NAME
from octui.schema.members import Member, MemberPage, MemberState, NewInvitation, NewMember
from octui.schema.problems import FieldCode
from octui.server.core.errors import already_exists, invalid_field, not_found
from octui.server.core.validation import validate_text
from octui.server.database import people_search, tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.unit_of_work import Change
from octui.text.choseong import choseong, fold_case
from octui.text.safe import nfc

_m, _oa = tables.member, tables.organization_admin
_KNOWN: tuple[ColumnElement[Any], ...] = (_m.c.id, _m.c.name, _m.c.state)
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def validate_account(field: str, account: str) -> str:
    """Check the length and characters of an account, and return it.

    Raises 422 for other characters than letters, digits and ``. _ @ -``: it goes into addresses.
    """
    validate_text(field, account, LONGEST_ACCOUNT)
    if not _ACCOUNT.fullmatch(account):
        raise invalid_field(
            field, FieldCode.PATTERN, "An account has letters, digits and . _ @ -, a letter or digit first."
        )
    return account


def insert_member(change: Change, new: NewMember, prefix: str = "") -> int:
    """Insert a member and record it. Return the row ID. `prefix` goes before the names of refused fields."""
    member_id = _insert_row(change, new, MemberState.ACTIVE, prefix)
    change.record(
        Action.MEMBER_ADDED,
        target_account=new.account,
        target_name=nfc(new.name),
        after=Membership(state=MemberState.ACTIVE),
    )
    return member_id


def _insert_row(change: Change, new: NewMember, state: MemberState, prefix: str = "") -> int:
    name = validate_text(f"{prefix}name", new.name, LONGEST_NAME)
    email = validate_text(f"{prefix}email", new.email, LONGEST_EMAIL)
    if not _EMAIL.fullmatch(email):
        raise invalid_field(f"{prefix}email", FieldCode.PATTERN, "An e-mail address has one @ and no spaces.")
    member_id: int = change.connection.execute(
        insert(_m)
        .values(**member_columns(new.account, name, email, new.language), state=state.value)
        .returning(_m.c.id)
    ).scalar_one()
    return member_id


def member_columns(account: str, name: str, email: str, language: str) -> dict[str, Any]:
    """Return a new member's row, with what the search needs of the name."""
    columns = {"account": account, "name": name, "email": email, "language": language}
    return {**columns, "folded": fold_case(name), "choseong": choseong(name)}


def add_member(change: Change, new: NewMember) -> Member:
    """Add a person to the organization, and record it. Raises 409 if the account is taken."""
    member_id = insert_new_member(change, new, MemberState.ACTIVE)
    change.record(
        Action.MEMBER_ADDED,
        target_account=new.account,
        target_name=nfc(new.name),
        after=Membership(state=MemberState.ACTIVE),
    )
    return _member_from_row(change.connection.execute(_select_members().where(_m.c.id == member_id)).one())


def insert_new_member(change: Change, new: NewMember, state: MemberState) -> int:
    """Insert a member whose account must be free (409). Return the row ID. The caller records it."""
    if change.connection.scalar(select(tables.organization.c.id)) is None:
        raise not_found()
    lock_until_commit(change, "member")
    account = validate_account("account", new.account)
    holder = change.connection.scalar(select(_m.c.name).where(_m.c.account == account))
    if holder is not None:
        raise already_exists("account", "There is a member with this account.", holder)
    return _insert_row(change, new, state)


def find_same_person(change: Change, new: NewInvitation) -> Row[Any] | None:
    """Return the member (id, name, state) with this account, name and e-mail, locked until commit, or None."""
    name = validate_text("name", new.name, LONGEST_NAME)
    return change.connection.execute(
        select(*_KNOWN).where(_m.c.account == new.account, _m.c.name == name, _m.c.email == new.email).with_for_update()
    ).one_or_none()


def list_members(connection: Connection, *, query: str, after: str | None, limit: int) -> MemberPage:
    """Return a page of members by account, filtered by part of name, account or e-mail (rules.md 17)."""
    rows, following = people_search.search_people(connection, _select_members(), query=query, after=after, limit=limit)
    return MemberPage(members=[_member_from_row(row) for row in rows], next=following)


def look_up_members(
    connection: Connection, *, name: str, account: str, email: str, after: str | None, limit: int
) -> MemberPage:
    """Return a page of members who match every part given. Raises 422 if none is given (rules.md 17)."""
    if not (name.strip() or account.strip() or email.strip()):
        raise invalid_field("name", FieldCode.MISSING, "Give a part of the name, the account or the e-mail.")
    statement = _select_members()
    for column, part in ((_m.c.account, account), (_m.c.email, email)):
        if part.strip():
            statement = statement.where(
                people_search.contains_text(connection.dialect.name, func.lower(column), fold_case(part.strip()))
            )
    rows, following = people_search.search_people(
        connection, statement, query=name, after=after, limit=limit, only_names=True
    )
    return MemberPage(members=[_member_from_row(row) for row in rows], next=following)


def _select_members() -> Select[Any]:
    admin = _oa.c.member_id.label("admin")
    return select(*people_search.PEOPLE, _m.c.language, _m.c.version, _m.c.state, admin).select_from(
        _m.outerjoin(_oa, _oa.c.member_id == _m.c.id)
    )


def _member_from_row(row: Row[Any]) -> Member:
    return Member(**row._asdict(), organization_admin=row.admin is not None)
