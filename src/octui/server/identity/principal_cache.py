"""The callers who look again and again, with their rights as long as nobody changed them."""

import hashlib
import threading
from collections.abc import Hashable
from dataclasses import dataclass

from octui.server.core.principal import Principal
from octui.server.core.topics import SERVICES, me_topic
from octui.server.database.store_views import SnapshotStore
from octui.server.identity import authentication
from octui.server.identity.authentication import RequestCredentials

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class CachedPrincipal:
    """A caller, and the revisions of what their rights depend on. `until`: when their token may have ended (ms)."""

    principal: Principal
    topics: tuple[str, ...]
    revisions: tuple[int, ...]
    until: int | None


class PrincipalCache:
    """Whoever changes a right touches the person's topic, so a caller known at its present revision is read from
    memory. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Hashable, CachedPrincipal] = {}

    def topics(self, key: Hashable) -> tuple[str, ...]:
        """What has to be known of the present to know the caller: their revisions can be read together with others'."""
        known = self._known.get(key)
        return () if known is None else known.topics

    def of(self, snapshot: SnapshotStore, said: RequestCredentials, key: Hashable, now: int) -> Principal:
        """The caller with the rights of the snapshot. `key`: `key_of(said)`. Raises 401."""
        known = self._known.get(key)
        if (
            known is not None
            and (known.until is None or now < known.until)
            and snapshot.numbers(known.topics) == known.revisions
        ):
            return known.principal
        self.forget(key)
        principal = snapshot.read(lambda connection: authentication.identify_caller(connection, said, now))
        topics = (me_topic(principal.account), SERVICES)
        until = None if principal.credential is None else principal.credential.until
        with self._lock:
            while len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[key] = CachedPrincipal(principal, topics, snapshot.numbers(topics), until)
        return principal

    def forget(self, key: Hashable) -> None:
        """Read the caller anew at the next look."""
        with self._lock:
            self._known.pop(key, None)


def cache_key(said: RequestCredentials) -> Hashable:
    """Stands for what a request says about its caller; no token can be read from it."""
    token = None if said.token is None else hashlib.sha256(said.token.encode("utf-8", "replace")).digest()
    return said.local, said.acts_as, token, said.via, said.ip
