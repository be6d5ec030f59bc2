"""HTTP routes of the invitations, and accepting one (rules.md 17)."""

from collections.abc import Callable

from octui.schema.live import INVITATIONS
from octui.schema.members import Acceptance, Invitations, Invited, Joined, NewInvitation
from octui.schema.problems import Code
from octui.server.core.errors import ProblemError
from octui.server.database.idempotency import ReplayedAnswer
from octui.server.database.unit_of_work import Change
from octui.server.members import accept_invitation, invitation_store, removal
from octui.server.sessions.sign_in import SignInHandler
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext

operations = Operations()


def _poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    return PollKey((INVITATIONS,))


def _list_invitations(context: RequestContext, path: dict[str, str]) -> Invitations:
    return context.store.read(invitation_store.list_invitations)


operations.add_polled("invitations", _poll_key, _list_invitations, Invitations, shared=True)


@operations("invite_member", 201)
def invite_member(body: NewInvitation, context: ContextArg) -> Invited:
    """Invite a person by mail. If the server sends no mail, the answer holds the code, this once."""
    return _write_invitation(
        context, lambda change, by_mail: invitation_store.invite_member(change, body, by_mail=by_mail)
    )


@operations("resend_invitation", 201)
def resend_invitation(invitation: str, context: ContextArg) -> Invited:
    """Send or return a new code valid for seven days; the code before becomes void."""
    return _write_invitation(
        context, lambda change, by_mail: invitation_store.resend_invitation(change, invitation, by_mail=by_mail)
    )


def _write_invitation(context: RequestContext, work: Callable[[Change, bool], Invited]) -> Invited:
    if getattr(context.request.app.state, "mail_worker", None) is not None:
        return context.store.write(lambda change: work(change, True), context.principal)
    try:
        # The idempotency table stores models only; a list keeps the code out of it.
        (invited,) = context.store.write(lambda change: [work(change, False)], context.principal)
    except ReplayedAnswer as replayed:
        if replayed.body:
            raise
        raise ProblemError(
            Code.CONFLICT,
            409,
            "This was done by an earlier try, and its code cannot be shown again: re-send the invitation.",
        ) from None
    return invited


@operations("accept_invitation")
def accept_with_code(body: Acceptance, context: ContextArg) -> Joined:
    """Set the first password with the code of an invitation, once. A repeated request is not replayed."""
    sign_ins: SignInHandler = context.request.app.state.sign_ins
    return accept_invitation.accept(context.store, sign_ins.hasher, body, context.principal)


@operations("revoke_invitation", 204)
def revoke_invitation(invitation: str, context: ContextArg) -> None:
    """Revoke an invitation and every right the person was given meanwhile."""
    context.store.write(lambda change: removal.revoke_invitation(change, invitation), context.principal)
