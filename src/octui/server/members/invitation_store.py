"""SQL of the invitations: a one-time code to set a password with (rules.md 17). Only its digest is stored."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from octui.schema.audit import Action, Membership
from octui.schema.live import INVITATIONS
from octui.schema.members import Invitation, Invitations, Invited, MailState, MemberState, NewInvitation, NewMember
from octui.server.core.errors import not_found
from octui.server.core.topics import me_topic
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.identity import passwords, tokens
from octui.server.mail import outbox
from octui.server.members import invitation_codes, organization_admin_store, store

VALID_MS = 7 * 86_400_000
_i, _m, _mail = tables.invitation, tables.member, tables.mail


@dataclass(frozen=True)
class InvitedMember:
    """Invitation with the member it is for."""

    id: str
    member_id: int
    account: str
    name: str
    state: MemberState


def _select_invitations() -> Select[Any]:
    joined = _i.join(_m, _m.c.id == _i.c.member_id).outerjoin(_mail, _mail.c.about == _i.c.id)
    return select(
        *(_i.c.id, _i.c.invited_by, _i.c.created, _i.c.expires),
        *(_m.c.account, _m.c.name, _m.c.email, _m.c.language),
        *(_mail.c.state.label("mail"), _mail.c.tries, _mail.c.last_error, _mail.c.next_try),
    ).select_from(joined)


def _invitation_fields(row: Row[Any]) -> dict[str, Any]:
    mail = MailState.NONE if row.mail is None else MailState(row.mail)
    return row._asdict() | {
        "mail": mail,
        "mail_tries": row.tries or 0,
        "mail_error": row.last_error or "",
        "mail_next": row.next_try if mail is MailState.WAITING else None,
    }


def list_invitations(connection: Connection) -> Invitations:
    """Return all open invitations, newest first."""
    rows = connection.execute(_select_invitations().order_by(_i.c.created.desc(), _i.c.id))
    return Invitations(invitations=[Invitation(**_invitation_fields(row)) for row in rows])


def invite_member(change: Change, new: NewInvitation, *, by_mail: bool) -> Invited:
    """Invite a person, by mail or with a code to hand over, and record it in the log.

    Raises 409 if the account is taken. The owner of the database may also give an existing member a new code, if
    account, name and e-mail match exactly: the first admin of a new organization, or one who forgot the password.
    """
    organization_admin_store.lock_admins(change)
    member = store.find_same_person(change, new) if change.principal.operator else None
    before: Membership | None = None
    if member is None:
        person = NewMember(account=new.account, name=new.name, email=new.email, language=new.language)
        member_id = store.insert_new_member(change, person, MemberState.INVITED)
    else:
        member_id, before = member.id, Membership(state=member.state)
        delete_invitation(change, member_id)
    change.record(
        Action.MEMBER_INVITED,
        target_account=new.account,
        target_name=new.name if member is None else member.name,
        before=before,
        after=before or Membership(state=MemberState.INVITED),
    )
    name = secrets.token_hex(8)
    change.connection.execute(
        insert(_i).values(id=name, member_id=member_id, invited_by=change.principal.account, created=change.now)
    )
    return _send_code(change, name, by_mail=by_mail)


def resend_invitation(change: Change, name: str, *, by_mail: bool) -> Invited:
    """Send an invitation again, or return a new code; the old code becomes void and the seven days restart.

    Recorded.
    """
    organization_admin_store.lock_admins(change)
    invitation = find_invitation(change.connection, name)
    if invitation is None:
        raise not_found()
    change.connection.execute(update(_i).where(_i.c.id == name).values(code=None, expires=None))
    outbox.delete_mail(change, name)
    state = Membership(state=invitation.state)
    change.record(
        Action.MEMBER_INVITED, target_account=invitation.account, target_name=invitation.name, before=state, after=state
    )
    return _send_code(change, name, by_mail=by_mail)


def _send_code(change: Change, name: str, *, by_mail: bool) -> Invited:
    change.touch(INVITATIONS)
    code = None
    if by_mail:
        address = change.connection.scalar(
            select(_m.c.email).join(_i, _i.c.member_id == _m.c.id).where(_i.c.id == name)
        )
        outbox.enqueue_mail(change, address or "", "invitation", name, {"from": change.principal.name})
    else:
        code = set_new_code(change, name)
    row = change.connection.execute(_select_invitations().where(_i.c.id == name)).one()
    return Invited(**_invitation_fields(row), code=code)


def set_new_code(change: Change, name: str) -> str | None:
    """Replace an invitation's code and return the new one, or None for an unknown invitation.

    It is stored nowhere else.
    """
    code = invitation_codes.generate_code()
    values = {"code": invitation_codes.code_digest(code), "expires": change.now + VALID_MS}
    if not change.connection.execute(update(_i).where(_i.c.id == name).values(**values)).rowcount:
        return None
    return code


def find_invitation(connection: Connection, name: str) -> InvitedMember | None:
    """Return the invitation with this ID."""
    return _find_where(connection, _i.c.id == name)


def find_by_code(connection: Connection, code: str, now: int, *, lock: bool = False) -> InvitedMember | None:
    """Return the invitation a code belongs to, or None if the code is not valid (any more).

    It is looked up by digest, so timing reveals nothing. `lock`: until this transaction ends nobody else uses the code.
    """
    digest = invitation_codes.code_digest(code)
    if digest is None:
        return None
    valid = (_i.c.code == digest) & (_i.c.expires > now)
    if lock and connection.execute(select(_i.c.id).where(valid).with_for_update()).one_or_none() is None:
        return None
    return _find_where(connection, valid)


def _find_where(connection: Connection, which: Any) -> InvitedMember | None:
    row = connection.execute(
        select(_i.c.id, _i.c.member_id, _m.c.account, _m.c.name, _m.c.state)
        .join(_m, _m.c.id == _i.c.member_id)
        .where(which)
    ).one_or_none()
    return None if row is None else InvitedMember(row.id, row.member_id, row.account, row.name, MemberState(row.state))


def accept_invitation(change: Change, invitation: InvitedMember, hashed: str) -> None:
    """Store the password, use up the code, end the person's earlier sessions and record it in the log.

    The principal of `change` is the invited person.
    """
    delete_invitation(change, invitation.member_id)
    passwords.store_password(change, invitation.member_id, hashed)
    values = {"state": MemberState.ACTIVE.value, "version": _m.c.version + 1}
    change.connection.execute(update(_m).where(_m.c.id == invitation.member_id).values(**values))
    tokens.revoke_other_sessions(change, invitation.member_id, invitation.account, None)
    change.touch_all([INVITATIONS, me_topic(invitation.account)])
    change.record(
        Action.MEMBER_JOINED,
        target_account=invitation.account,
        target_name=invitation.name,
        before=Membership(state=invitation.state),
        after=Membership(state=MemberState.ACTIVE),
    )


def delete_invitation(change: Change, member_id: int) -> None:
    """Delete a member's invitation and its mail, if any."""
    name = change.connection.scalar(select(_i.c.id).where(_i.c.member_id == member_id))
    if name is not None:
        outbox.delete_mail(change, name)
        change.connection.execute(delete(_i).where(_i.c.id == name))
