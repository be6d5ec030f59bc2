"""Authentication: the caller of a request, by a local connection (in this process, Unix socket) or a bearer token."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from octui.schema.audit import Via
from octui.schema.problems import Code
from octui.server.core.errors import ProblemError, StoreError
from octui.server.core.principal import Principal
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.identity import principals, tokens, wall_tokens

_log = logging.getLogger(__name__)

LOCAL_KEY = "octui.local"
LOCAL_IP = "127.0.0.1"


class LocalApp:
    """The application for local connections (in this process, Unix socket), whose callers own the database file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, LOCAL_KEY: True}, receive, send)


@dataclass(frozen=True, slots=True)
class RequestCredentials:
    """The caller as a request states it; `token` and `acts_as` are not verified yet."""

    local: bool
    acts_as: str | None
    token: str | None = field(repr=False)
    via: Via
    ip: str


def request_credentials(request: HTTPConnection) -> RequestCredentials:
    """Return the credentials that a request carries. `Octui-As` counts on local connections only."""
    local = request.scope.get(LOCAL_KEY) is True
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        via = Via(request.headers.get("octui-via", Via.API.value))
    except ValueError:
        via = Via.API
    client = request.client
    return RequestCredentials(
        local=local,
        acts_as=request.headers.get("octui-as") if local else None,
        token=token.strip() if scheme.lower() == "bearer" else None,
        via=via,
        ip=LOCAL_IP if local or client is None else client.host,
    )


def unauthenticated_error(detail: str = "Sign in: octui login. (Programs send a bearer token.)") -> ProblemError:
    """Return a 401: the same for no token, a wrong one, a revoked one and one that has ended."""
    return ProblemError(Code.UNAUTHENTICATED, 401, detail)


def identify_caller(connection: Connection, credentials: RequestCredentials, now: int) -> Principal:
    """Return the authenticated caller with their present roles. Raises 401.

    On a local connection it is the person named by `Octui-As`, with that person's rights alone; without the header it
    is the operator, who also is the organization's owner as soon as there is one. From the network it is the owner of
    the token, never an operator, or the wall terminal whose token it is.
    """
    if credentials.local and credentials.acts_as is None:
        account = principals.owner_account(connection)
        person = principals.find_principal(connection, account) if account is not None else None
        principal = replace(person or Principal(member_id=None, account="", name=""), operator=True)
    elif credentials.local:
        person = principals.find_principal(connection, credentials.acts_as or "")
        if person is None:
            raise unauthenticated_error("There is no such person.")
        principal = person
    elif (credentials.token or "").startswith(wall_tokens.PREFIX):
        wall = wall_tokens.find_wall(connection, credentials.token or "", credentials.ip, now)
        if wall is None:
            raise unauthenticated_error("This wall token is not valid. A new one: octui token wall.")
        principal = wall
    else:
        token = tokens.find_token(connection, credentials.token or "", now)
        person = principals.find_principal(connection, token[0]) if token is not None else None
        if person is None or token is None:
            raise unauthenticated_error()
        principal = replace(person, credential=token[1])
    return replace(principal, ip=credentials.ip, via=credentials.via)


def anonymous_principal(credentials: RequestCredentials) -> Principal:
    """Return an anonymous caller, for operations that are open to everybody."""
    return Principal(member_id=None, account="", name="", ip=credentials.ip, via=credentials.via)


def is_use_due(principal: Principal, now: int) -> bool:
    """Return whether the use of the caller's session has to be recorded: at most once a minute."""
    return principal.credential is not None and now - principal.credential.used >= tokens.USED_EVERY_MS


def note_session_use(store: Store, callers: Iterable[Principal]) -> None:
    """Record that the callers' sessions are in use. If the database refuses, that is only logged."""
    # By id, because two transactions that lock the same sessions in another order deadlock.
    credentials = {caller.credential.id: caller.credential for caller in callers if caller.credential is not None}

    def record_uses(change: Change) -> None:
        for credential_id in sorted(credentials):
            credential = credentials[credential_id]
            record_use = wall_tokens.record_use if credential.is_wall else tokens.record_use
            record_use(change, credential)

    try:
        store.write(record_uses, local_operator())
    except StoreError as error:
        _log.warning("the use of a session could not be written down: %s", error)


def local_operator(via: Via = Via.COMMAND) -> Principal:
    """Return the operator at this machine, for commands that write to the store themselves."""
    return Principal(member_id=None, account="", name="", operator=True, ip=LOCAL_IP, via=via)


def issue_token(store: Store, account: str, days: int) -> str:
    """Return a new bearer token of a member, shown once (`octui token`)."""
    return store.write(lambda change: tokens.issue_token(change, account, days), local_operator())
