"""Writing as a caller: what they may is looked at again in the transaction that writes.

A route judges its caller before the body is read. Until the write begins their role may be taken away, their token
revoked; what counts is the moment of the write.
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from octui.schema.routes import Route
from octui.server.core.principal import Principal
from octui.server.database.locks import lock_until_commit
from octui.server.database.store import Change, Store
from octui.server.database.store_views import StoreView
from octui.server.identity import authentication, policy
from octui.server.identity.authentication import RequestCredentials

T = TypeVar("T")

EVERYDAY = frozenset({"take_in_events", "change_state", "save_cti"})
"""What writes all day long and changes nobody's rights: these go on beside each other. All else goes one at a time,
or else two who take each other's role away would each wait for the other."""


# Whoever takes a right away deletes or changes one of these rows, so it waits for who holds them, or they for it.
_LOCK = (
    "WITH person AS (SELECT 1 FROM member WHERE id = %(member)s FOR KEY SHARE), "
    "admin AS (SELECT 1 FROM organization_admin WHERE member_id = %(member)s FOR SHARE), "
    "role AS (SELECT 1 FROM agent WHERE member_id = %(member)s FOR SHARE), "
    "credential AS (SELECT 1 FROM token WHERE id = %(credential)s FOR KEY SHARE) "
    "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM admin), (SELECT count(*) FROM role), "
    "(SELECT count(*) FROM credential)"
)


def lock_granting_rows(connection: Connection, principal: Principal) -> None:
    """Keep what the caller's rights rest on as it is until this transaction ends; what is being changed by another is
    waited for, and the next statement sees how that ended. On SQLite the one writer is alone anyway."""
    if connection.dialect.name == "postgresql" and principal.member_id is not None:
        credential = None if principal.credential is None else principal.credential.id
        connection.exec_driver_sql(_LOCK, {"member": principal.member_id, "credential": credential})


class AuthorizedStore(StoreView):
    """The store as one request writes to it: every `write` begins with who calls and what they may, read anew and held
    until it ends. Raises 401, 403, 404 there as the route would have."""

    def __init__(self, store: Store, said: RequestCredentials, route: Route, path: dict[str, str]) -> None:
        super().__init__(store)
        self._said = said
        self._route = route
        self._path = path

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """As the store's, for a caller who may; `change.principal` is the caller of that moment."""

        def judged(change: Change) -> T:
            if self._route.name not in EVERYDAY:
                lock_until_commit(change, "rights")
            lock_granting_rows(change.connection, principal)
            change.principal = authentication.identify_caller(change.connection, self._said, change.now)
            policy.authorize(self._route, change.principal, self._path)
            return work(change)

        return self._store.write(judged, principal)
