"""Wrappers of the store for one request or one snapshot, which change how it reads or writes."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from sqlalchemy import Connection

from octui.server.core.principal import Principal
from octui.server.database import unit_of_work
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change

T = TypeVar("T")


class StoreView:
    """Base of the wrappers of a store: delegates everything to the store and cannot close it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.dialect: Literal["sqlite", "postgresql"] = store.dialect
        self.clock = store.clock

    def read(self, work: Callable[[Connection], T]) -> T:
        return self._store.read(work)

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        return self._store.write(work, principal)

    def on_commit(self, listener: Callable[[dict[str, int]], None]) -> None:
        self._store.on_commit(listener)

    def on_close(self, closer: Callable[[], None]) -> None:
        self._store.on_close(closer)

    def revisions(self, topics: list[str]) -> dict[str, int]:
        return self._store.revisions(topics)

    def close(self) -> None:
        """Raise RuntimeError: only the store itself is closed, never a wrapper."""
        raise RuntimeError("one request cannot close the store")


class SnapshotStore(StoreView):
    """Store whose reads are all in one snapshot, on one connection; each revision is read at most once."""

    def __init__(self, store: Store, connection: Connection) -> None:
        super().__init__(store)
        self._connection = connection
        self._revisions: dict[str, int] = {}

    def read(self, work: Callable[[Connection], T]) -> T:
        return work(self._connection)

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Raise RuntimeError: a snapshot is read-only."""
        raise RuntimeError("a write inside a read")

    def revisions(self, topics: list[str]) -> dict[str, int]:
        return dict(zip(topics, self.revision_numbers(topics), strict=True))

    def revision_numbers(self, topics: Sequence[str]) -> tuple[int, ...]:
        """Return the revisions of the topics, in their order."""
        missing = [topic for topic in topics if topic not in self._revisions]
        if missing:
            self._revisions.update(unit_of_work.load_revisions(self._connection, missing))
        return tuple(self._revisions[topic] for topic in topics)
