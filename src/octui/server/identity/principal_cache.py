"""Cache of authenticated callers for long polling, invalidated by topic revisions."""

import hashlib
import threading
from collections.abc import Hashable
from dataclasses import dataclass

from octui.server.core.principal import Principal
from octui.server.core.topics import SERVICES, me_topic
from octui.server.database.store_views import SnapshotStore
from octui.server.identity import authentication
from octui.server.identity.authentication import RequestCredentials

_LARGEST_CACHE = 10_000


@dataclass(frozen=True, slots=True)
class CachedPrincipal:
    """A caller with the revisions of what their rights depend on. `until`: when their token may have ended (ms)."""

    principal: Principal
    topics: tuple[str, ...]
    revisions: tuple[int, ...]
    until: int | None


class PrincipalCache:
    """Cache of callers by their credentials. Thread-safe.

    Every change of a right touches the person's topic, so a caller cached at its present revision is up to date.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cache: dict[Hashable, CachedPrincipal] = {}

    def topics_of(self, key: Hashable) -> tuple[str, ...]:
        """Return the topics whose revisions decide whether a cached caller is still valid."""
        cached = self._cache.get(key)
        return () if cached is None else cached.topics

    def load(self, snapshot: SnapshotStore, credentials: RequestCredentials, key: Hashable, now: int) -> Principal:
        """Return the caller with the rights in the snapshot. `key`: `cache_key(credentials)`. Raises 401."""
        cached = self._cache.get(key)
        if (
            cached is not None
            and (cached.until is None or now < cached.until)
            and snapshot.revision_numbers(cached.topics) == cached.revisions
        ):
            return cached.principal
        self.discard(key)
        principal = snapshot.read(lambda connection: authentication.identify_caller(connection, credentials, now))
        topics = (me_topic(principal.account), SERVICES)
        until = None if principal.credential is None else principal.credential.until
        with self._lock:
            while len(self._cache) >= _LARGEST_CACHE:
                del self._cache[next(iter(self._cache))]
            self._cache[key] = CachedPrincipal(principal, topics, snapshot.revision_numbers(topics), until)
        return principal

    def discard(self, key: Hashable) -> None:
        """Remove a caller, so that the next `load` reads the database."""
        with self._lock:
            self._cache.pop(key, None)


def cache_key(credentials: RequestCredentials) -> Hashable:
    """Return the key of a request's credentials, from which no token can be read."""
    token = credentials.token
    digest = None if token is None else hashlib.sha256(token.encode("utf-8", "replace")).digest()
    return credentials.local, credentials.acts_as, digest, credentials.via, credentials.ip
