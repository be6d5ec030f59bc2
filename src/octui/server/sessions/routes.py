"""HTTP routes of sign-in, sign-out, the caller's own sessions and password. None of these is a permission change."""

from octui.schema.sessions import LONGEST_DEVICE, PasswordChange, Sessions, SignedIn, SignIn
from octui.server.core.errors import not_found
from octui.server.core.principal import Principal
from octui.server.core.validation import validate_text
from octui.server.identity import tokens
from octui.server.sessions.sign_in import SignInHandler
from octui.server.web.operations import ContextArg, Operations, RequestContext

operations = Operations()


def _sign_in_handler(context: RequestContext) -> SignInHandler:
    handler: SignInHandler = context.request.app.state.sign_ins
    return handler


@operations("sign_in", 201)
def sign_in(body: SignIn, context: ContextArg) -> SignedIn:
    """Begin a session for a person's password. A repeated request begins another session."""
    device = validate_text("device", body.device, LONGEST_DEVICE) if body.device else ""
    return _sign_in_handler(context).sign_in(context.store, body, device, context.principal)


@operations("sign_out", 204)
def sign_out(context: ContextArg) -> None:
    """End the session of this request; a local connection has none."""
    credential = context.principal.credential
    if credential is not None:
        context.store.write(lambda change: tokens.revoke_token(change, credential.id), context.principal)


@operations("sessions")
def list_sessions(context: ContextArg) -> Sessions:
    """Return the caller's open sessions and tokens, the latest used first."""
    credential = context.principal.credential
    now = context.store.clock()
    member_id = _require_member_id(context.principal)
    return context.store.read(
        lambda connection: tokens.list_sessions(connection, member_id, now, credential.id if credential else None)
    )


@operations("revoke_session", 204)
def revoke_session(session: str, context: ContextArg) -> None:
    """End one of the caller's own sessions; another person's counts as missing."""
    context.store.write(lambda change: tokens.revoke_token(change, session), context.principal)


@operations("change_password", 204)
def change_password(body: PasswordChange, context: ContextArg) -> None:
    """Change the caller's own password and end their other sessions."""
    _sign_in_handler(context).change_password(context.store, body, context.principal)


def _require_member_id(principal: Principal) -> int:
    if principal.member_id is None:
        raise not_found()
    return principal.member_id
