"""Writing as a caller: what they may is looked at again in the transaction that writes.

A route judges its caller before the body is read. Until the write begins their role may be taken away, their token
revoked; what counts is the moment of the write.
"""

from collections.abc import Callable
from typing import TypeVar

from octui.schema.routes import Route
from octui.server.core.principal import Principal
from octui.server.database.locks import lock_until_commit
from octui.server.database.store import Change, Store
from octui.server.database.store_views import StoreView
from octui.server.identity import authentication, granting_rows, policy
from octui.server.identity.authentication import RequestCredentials

T = TypeVar("T")

EVERYDAY = frozenset({"take_in_events", "change_state", "save_cti"})
"""What writes all day long and changes nobody's rights: these go on beside each other. All else goes one at a time,
or else two who take each other's role away would each wait for the other."""


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
            granting_rows.lock_granting_rows(change.connection, principal)
            change.principal = authentication.identify_caller(change.connection, self._said, change.now)
            policy.authorize(self._route, change.principal, self._path)
            return work(change)

        return self._store.write(judged, principal)
