"""Remove members with all their rights; each right gets its own log entry (rules.md 24)."""

from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, update

from octui.schema.audit import Action, AgentRights, Membership
from octui.schema.live import CTI_ROWS, INVITATIONS, ORGANIZATION_ADMINS, agents_topic
from octui.schema.members import MemberState
from octui.server.core.errors import not_found
from octui.server.core.topics import me_topic
from octui.server.cti import store as cti_store
from octui.server.database import listing, tables
from octui.server.database.unit_of_work import Change
from octui.server.members import invitation_store, organization_admin_store
from octui.server.stats import store as stats_store

_m, _a, _s = tables.member, tables.agent, tables.service
_MEMBER: tuple[ColumnElement[Any], ...] = (_m.c.id, _m.c.account, _m.c.name, _m.c.state)


def remove_member(change: Change, account: str) -> None:
    """Remove a member with all rights, CTI values, password, invitation, sessions and tokens.

    Raises 404 for an unknown account, 409 for oneself and the last organization admin (rules.md 18). Figures stay, and
    the log, with the names as they were.
    """
    organization_admin_store.lock_admins(change)
    member = _lock_member(change, account)
    organization_admin_store.refuse_oneself(change, account)
    _delete_member(change, member, Action.MEMBER_REMOVED)


def revoke_invitation(change: Change, name: str) -> None:
    """Revoke an invitation. A person who was not a member before is removed with all their rights; a member stays."""
    organization_admin_store.lock_admins(change)
    invitation = invitation_store.find_invitation(change.connection, name)
    if invitation is None:
        raise not_found()
    member = _lock_member(change, invitation.account)
    if member.state != MemberState.INVITED:
        invitation_store.delete_invitation(change, member.id)
        change.touch(INVITATIONS)
        change.record(
            Action.INVITATION_REVOKED,
            target_account=member.account,
            target_name=member.name,
            after=Membership(state=member.state),
        )
        return
    _delete_member(change, member, Action.INVITATION_REVOKED)


def _lock_member(change: Change, account: str) -> Row[Any]:
    row = change.connection.execute(select(*_MEMBER).where(_m.c.account == account).with_for_update()).one_or_none()
    if row is None:
        raise not_found()
    return row


def _delete_member(change: Change, member: Row[Any], action: Action) -> None:
    # Lock rows before topics, as in agents/store.py, so that two transactions cannot deadlock.
    roles = change.connection.execute(
        select(_a.c.service_id, _s.c.code, _a.c.role, _a.c.ticket, _a.c.chat, _a.c.phone)
        .join(_s, _s.c.id == _a.c.service_id)
        .where(_a.c.member_id == member.id)
        .order_by(_s.c.code)
        .with_for_update(of=_a)
    ).all()
    for role in roles:
        stats_store.log_out(change, role.service_id, member.id, member.account)
    topics = [ORGANIZATION_ADMINS, INVITATIONS, me_topic(member.account)]
    if roles:
        topics += [CTI_ROWS, *(agents_topic(role.code) for role in roles)]
    revisions = change.touch_all(topics)
    organization_admin_store.remove_right(change, member.id, member.account, member.name)
    change.connection.execute(delete(_a).where(_a.c.member_id == member.id))
    for place, role in enumerate(roles, start=1):
        topic = agents_topic(role.code)
        listing.record_removal(change, topic, member.account, revisions[topic])
        change.record(
            Action.AGENT_REMOVED,
            target_account=member.account,
            target_name=member.name,
            service=role.code,
            before=AgentRights(role=role.role, ticket=role.ticket, chat=role.chat, phone=role.phone),
        )
        cti_store.release_row(
            change,
            member.id,
            member.account,
            member.name,
            role.code,
            revisions[CTI_ROWS],
            still_agent=place < len(roles),
        )
    invitation_store.delete_invitation(change, member.id)
    for table in (tables.password, tables.token):
        change.connection.execute(delete(table).where(table.c.member_id == member.id))
    _pass_on_ownership(change, member.account)
    change.connection.execute(delete(_m).where(_m.c.id == member.id))
    before = Membership(state=member.state)
    change.record(action, target_account=member.account, target_name=member.name, before=before)


def _pass_on_ownership(change: Change, account: str) -> None:
    """Make the remover of the file's owner the new owner, since the owner must be a member."""
    owned = tables.organization.c.owner_account == account
    if change.principal.account:
        change.connection.execute(
            update(tables.organization).where(owned).values(owner_account=change.principal.account)
        )
