"""Sessions: signing in and out, one's own list, one's own password. None of it is a permission change."""

from octui.schema.sessions import LONGEST_DEVICE, PasswordChange, Sessions, SignedIn, SignIn
from octui.server.core.errors import not_found
from octui.server.core.names import checked
from octui.server.core.principal import Principal
from octui.server.identity import tokens
from octui.server.sessions.sign_in import SignIns
from octui.server.web.operations import Call, CallArg, Operations

operations = Operations()


def _sign_ins(call: Call) -> SignIns:
    found: SignIns = call.request.app.state.sign_ins
    return found


@operations("sign_in", 201)
def sign_in(body: SignIn, call: CallArg) -> SignedIn:
    """A session of the person whose password it is. Nothing is replayed: trying again begins another session."""
    device = checked("device", body.device, LONGEST_DEVICE) if body.device else ""
    return _sign_ins(call).sign_in(call.store, body, device, call.principal)


@operations("sign_out", 204)
def sign_out(call: CallArg) -> None:
    """End the session the caller came by; by a local way there is none to end."""
    way = call.principal.way
    if way is not None:
        call.store.write(lambda change: tokens.revoke(change, way.id), call.principal)


@operations("sessions")
def page(call: CallArg) -> Sessions:
    """The caller's open sessions and tokens, the latest used first."""
    way = call.principal.way
    now = call.store.clock()
    member_id = _member(call.principal)
    return call.store.read(lambda connection: tokens.page(connection, member_id, now, way.id if way else None))


@operations("revoke_session", 204)
def revoke(session: str, call: CallArg) -> None:
    """End one of the caller's own; somebody else's is as good as missing."""
    call.store.write(lambda change: tokens.revoke(change, session), call.principal)


@operations("change_password", 204)
def change_password(body: PasswordChange, call: CallArg) -> None:
    """Change the caller's own password and end their other sessions."""
    _sign_ins(call).change_password(call.store, body, call.principal)


def _member(principal: Principal) -> int:
    if principal.member_id is None:
        raise not_found()
    return principal.member_id
