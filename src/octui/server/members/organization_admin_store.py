"""SQL of the organization admins, who manage the organization. There is always at least one (rules.md 14, 16, 18)."""

from sqlalchemy import Connection, delete, func, insert, select

from octui.schema.audit import Action, OrganizationAdminRight
from octui.schema.common import LONGEST_ACCOUNT
from octui.schema.live import ORGANIZATION_ADMINS
from octui.schema.members import MemberState
from octui.schema.organization import OrganizationAdmin, OrganizationAdmins
from octui.schema.problems import Code, FieldCode
from octui.server.core.errors import ProblemError, already_exists, invalid_field, not_allowed, not_found
from octui.server.core.topics import me_topic
from octui.server.core.validation import validate_text
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.unit_of_work import Change

_oa, _m = tables.organization_admin, tables.member


def list_admins(connection: Connection) -> OrganizationAdmins:
    """Return the organization admins by account."""
    rows = connection.execute(
        select(_m.c.account, _m.c.name, _m.c.email).join(_oa, _oa.c.member_id == _m.c.id).order_by(_m.c.account)
    )
    return OrganizationAdmins(
        admins=[OrganizationAdmin(account=row.account, name=row.name, email=row.email) for row in rows]
    )


def add_admin(change: Change, account: str) -> OrganizationAdmin:
    """Make a member organization admin, and record it. Raises 422 for a non-member (rules.md 16), 409 for an admin."""
    validate_text("account", account, LONGEST_ACCOUNT)
    lock_admins(change)
    row = change.connection.execute(
        select(_m.c.id, _m.c.name, _m.c.email).where(_m.c.account == account).with_for_update(read=True, key_share=True)
    ).one_or_none()
    if row is None:
        raise invalid_field(
            "account", FieldCode.UNKNOWN_VALUE, "There is no member of the organization with this account."
        )
    if _is_admin(change.connection, row.id):
        raise already_exists("account", "This member is organization admin already.")
    change.touch_all([ORGANIZATION_ADMINS, me_topic(account)])
    change.connection.execute(insert(_oa).values(member_id=row.id))
    change.record(
        Action.ORGANIZATION_ADMIN_ADDED, target_account=account, target_name=row.name, after=OrganizationAdminRight()
    )
    return OrganizationAdmin(account=account, name=row.name, email=row.email)


def remove_admin(change: Change, account: str) -> None:
    """Remove the admin right, and record it.

    Raises 404 for a non-admin, 409 for oneself and the last admin (rules.md 18).
    """
    lock_admins(change)
    row = change.connection.execute(
        select(_m.c.id, _m.c.name).join(_oa, _oa.c.member_id == _m.c.id).where(_m.c.account == account)
    ).one_or_none()
    if row is None:
        raise not_found()
    refuse_oneself(change, account)
    remove_right(change, row.id, account, row.name)
    change.touch_all([ORGANIZATION_ADMINS, me_topic(account)])


def lock_admins(change: Change) -> None:
    """Lock the list of organization admins until the transaction ends. Raises 403 if the caller is no admin any more.

    Of two admins who remove each other, only one gets past this lock as an admin.
    """
    lock_until_commit(change, "organization_admin")
    caller = change.principal
    if not caller.operator and (caller.member_id is None or not _is_admin(change.connection, caller.member_id)):
        raise not_allowed()


def refuse_oneself(change: Change, account: str) -> None:
    """Raise 409 if the account is the caller's own."""
    if account == change.principal.account:
        raise ProblemError(Code.ONESELF, 409, "Nobody removes themself: another organization admin has to do it.")


def remove_right(change: Change, member_id: int, account: str, name: str) -> bool:
    """Remove a member's right of organization admin, if any, and record it. Needs `lock_admins`.

    Raises 409 if no other active member has the right.
    """
    if not _is_admin(change.connection, member_id):
        return False
    other_admins = change.connection.scalar(
        select(func.count())
        .select_from(_oa.join(_m, _m.c.id == _oa.c.member_id))
        .where(_oa.c.member_id != member_id, _m.c.state == MemberState.ACTIVE.value)
    )
    if not other_admins:
        raise ProblemError(Code.LAST_ADMIN, 409, "This is the last organization admin: make another one first.")
    change.connection.execute(delete(_oa).where(_oa.c.member_id == member_id))
    change.record(
        Action.ORGANIZATION_ADMIN_REMOVED, target_account=account, target_name=name, before=OrganizationAdminRight()
    )
    return True


def _is_admin(connection: Connection, member_id: int) -> bool:
    return connection.scalar(select(_oa.c.member_id).where(_oa.c.member_id == member_id)) is not None
