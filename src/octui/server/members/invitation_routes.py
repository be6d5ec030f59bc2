"""Invitations: who was invited, and accepting it (rules.md 17)."""

from collections.abc import Callable

from octui.schema.live import INVITATIONS
from octui.schema.members import Acceptance, Invitations, Invited, Joined, NewInvitation
from octui.schema.problems import Code
from octui.server.core.errors import ServiceError
from octui.server.database.idempotency import Replayed
from octui.server.database.store import Change
from octui.server.members import accept_invitation, invitations, removal
from octui.server.sessions.sign_in import SignIns
from octui.server.web.operations import Call, CallArg, Operations, Watch

operations = Operations()


def _watch(call: Call, path: dict[str, str]) -> Watch:
    return Watch((INVITATIONS,))


def _page(call: Call, path: dict[str, str]) -> Invitations:
    return call.store.read(invitations.page)


operations.polled("invitations", _watch, _page, Invitations, shared=True)


@operations("invite_member", 201)
def invite(body: NewInvitation, call: CallArg) -> Invited:
    """Invite a person by mail; where this service sends none, the answer has the code to hand over, this once."""
    return _made(call, lambda change, by_mail: invitations.invite(change, body, by_mail=by_mail))


@operations("resend_invitation", 201)
def resend(invitation: str, call: CallArg) -> Invited:
    """A new code for seven days, by mail or in the answer; the one before is void."""
    return _made(call, lambda change, by_mail: invitations.resend(change, invitation, by_mail=by_mail))


def _made(call: Call, work: Callable[[Change, bool], Invited]) -> Invited:
    if getattr(call.request.app.state, "post", None) is not None:
        return call.store.write(lambda change: work(change, True), call.principal)
    try:
        # Not a model but in a list: of that the idempotency table keeps nothing.
        (invited,) = call.store.write(lambda change: [work(change, False)], call.principal)
    except Replayed as replayed:
        if replayed.body:
            raise
        raise ServiceError(
            Code.CONFLICT,
            409,
            "This was done by an earlier try, and its code cannot be shown again: re-send the invitation.",
        ) from None
    return invited


@operations("accept_invitation")
def accept(body: Acceptance, call: CallArg) -> Joined:
    """Set the first password with the code of an invitation, once. Nothing is replayed."""
    sign_ins: SignIns = call.request.app.state.sign_ins
    return accept_invitation.accept(call.store, sign_ins.hasher, body, call.principal)


@operations("revoke_invitation", 204)
def revoke(invitation: str, call: CallArg) -> None:
    """Take an invitation back, and with it what the person was given meanwhile."""
    call.store.write(lambda change: removal.revoke_invitation(change, invitation), call.principal)
