"""Authorize the caller of a request again, inside its write transaction.

A route authorizes its caller before the body is read. Until the write begins their role may be taken away or their
token revoked; what counts is the moment of the write.
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from octui.schema.routes import Route
from octui.server.core.principal import Principal
from octui.server.database.locks import lock_until_commit
from octui.server.database.store import Store
from octui.server.database.store_views import StoreView
from octui.server.database.unit_of_work import Change
from octui.server.identity import authentication, policy
from octui.server.identity.authentication import RequestCredentials

T = TypeVar("T")

CONCURRENT = frozenset({"take_in_events", "take_in_file_events", "take_in_queue_log", "change_state", "save_cti"})
"""Operations that write all day long and change nobody's rights, so they may run beside each other. All others run one
at a time: two people who take each other's role away would otherwise wait for each other."""

# Whoever takes a right away deletes or changes one of these rows, so that transaction and this one wait for each other.
_LOCK_ROWS = (
    "WITH person AS (SELECT 1 FROM member WHERE id = %(member)s FOR KEY SHARE), "
    "admin AS (SELECT 1 FROM organization_admin WHERE member_id = %(member)s FOR SHARE), "
    "role AS (SELECT 1 FROM agent WHERE member_id = %(member)s FOR SHARE), "
    "credential AS (SELECT 1 FROM token WHERE id = %(credential)s FOR KEY SHARE) "
    "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM admin), (SELECT count(*) FROM role), "
    "(SELECT count(*) FROM credential)"
)


def lock_granting_rows(connection: Connection, principal: Principal) -> None:
    """Lock the rows that grant the caller's rights until this transaction ends.

    A transaction that is changing one of them is waited for; the next statement sees what it committed. On SQLite there
    is only one writer anyway.
    """
    if connection.dialect.name == "postgresql" and principal.member_id is not None:
        credential = None if principal.credential is None else principal.credential.id
        connection.exec_driver_sql(_LOCK_ROWS, {"member": principal.member_id, "credential": credential})


class AuthorizedStore(StoreView):
    """The store for the writes of one request: each begins by reading the caller's rights again and locking them."""

    def __init__(self, store: Store, credentials: RequestCredentials, route: Route, path: dict[str, str]) -> None:
        super().__init__(store)
        self._credentials = credentials
        self._route = route
        self._path = path

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Run `work` as the caller; `change.principal` has the rights of that moment. Raises 401, 403, 404."""

        def authorize_and_work(change: Change) -> T:
            if self._route.name not in CONCURRENT:
                lock_until_commit(change, "rights")
            lock_granting_rows(change.connection, principal)
            change.principal = authentication.identify_caller(change.connection, self._credentials, change.now)
            policy.authorize(self._route, change.principal, self._path)
            return work(change)

        return self._store.write(authorize_and_work, principal)
