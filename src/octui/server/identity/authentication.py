"""Who is the caller of a request: by a local way (in this process, or the Unix socket) or by a bearer token."""

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
from octui.server.database.store import Change, Store
from octui.server.identity import principals, tokens

_log = logging.getLogger(__name__)

LOCAL_KEY = "octui.local"
LOCAL_IP = "127.0.0.1"


class LocalApp:
    """The application as reached in this process or over the Unix socket: whoever gets here owns the database file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, LOCAL_KEY: True}, receive, send)


@dataclass(frozen=True, slots=True)
class RequestCredentials:
    """What a request says about its caller, taken from it once; `token` and `acts_as` are not yet believed."""

    local: bool
    acts_as: str | None
    token: str | None = field(repr=False)
    via: Via
    ip: str


def request_credentials(request: HTTPConnection) -> RequestCredentials:
    """From the connection and its headers. `Octui-As` counts on local ways only."""
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
    """401: the same for no token, a wrong one, a revoked one and one that has ended."""
    return ProblemError(Code.UNAUTHENTICATED, 401, detail)


def identify_caller(connection: Connection, said: RequestCredentials, now: int) -> Principal:
    """The caller with the roles of this moment. Raises 401.

    Local: the person named by `Octui-As`, who is then just that person; else the operator, who also is the
    organization's owner as soon as there is one. Network: the owner of the token, never an operator.
    """
    if said.local and said.acts_as is None:
        account = principals.owner_account(connection)
        person = principals.find_principal(connection, account) if account is not None else None
        found = replace(person or Principal(member_id=None, account="", name=""), operator=True)
    elif said.local:
        person = principals.find_principal(connection, said.acts_as or "")
        if person is None:
            raise unauthenticated_error("There is no such person.")
        found = person
    else:
        owned = tokens.find_token(connection, said.token or "", now)
        person = principals.find_principal(connection, owned[0]) if owned is not None else None
        if person is None or owned is None:
            raise unauthenticated_error()
        found = replace(person, credential=owned[1])
    return replace(found, ip=said.ip, via=said.via)


def anonymous_principal(said: RequestCredentials) -> Principal:
    """The caller of an operation that is there for everybody: whoever they are, here they are nobody."""
    return Principal(member_id=None, account="", name="", ip=said.ip, via=said.via)


def is_use_due(principal: Principal, now: int) -> bool:
    """Whether the use of the caller's session is to be written down: at most once a minute."""
    return principal.credential is not None and now - principal.credential.used >= tokens.USED_EVERY_MS


def note_session_use(store: Store, callers: Iterable[Principal]) -> None:
    """Keep the callers' sessions from idling out; not while the database takes no writes: reading goes on."""
    # By id, because two transactions that lock the same sessions in another order deadlock.
    credentials = {caller.credential.id: caller.credential for caller in callers if caller.credential is not None}

    def note(change: Change) -> None:
        for name in sorted(credentials):
            tokens.record_use(change, credentials[name])

    try:
        store.write(note, local_operator())
    except StoreError as error:
        _log.warning("the use of a session could not be written down: %s", error)


def local_operator(via: Via = Via.COMMAND) -> Principal:
    """The operator at this machine before anybody is named: for commands that write to the store themselves."""
    return Principal(member_id=None, account="", name="", operator=True, ip=LOCAL_IP, via=via)


def issue_token(store: Store, account: str, days: int) -> str:
    """A new bearer token of a member, shown once: `octui token`."""
    return store.write(lambda change: tokens.issue_token(change, account, days), local_operator())
