"""The store as one request sees it: the same but for how it reads or writes."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from sqlalchemy import Connection

from octui.server.core.principal import Principal
from octui.server.database import unit_of_work
from octui.server.database.store import Change, Store

T = TypeVar("T")


class StoreView:
    """Store of store.py that passes everything on to another one, which is not its own to close."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.dialect: Literal["sqlite", "postgresql"] = store.dialect
        self.clock = store.clock

    def read(self, work: Callable[[Connection], T]) -> T:
        """As the store's."""
        return self._store.read(work)

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """As the store's."""
        return self._store.write(work, principal)

    def on_commit(self, listener: Callable[[dict[str, int]], None]) -> None:
        """As the store's."""
        self._store.on_commit(listener)

    def on_close(self, closer: Callable[[], None]) -> None:
        """As the store's."""
        self._store.on_close(closer)

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """As the store's."""
        return self._store.revisions(topics)

    def close(self) -> None:
        """Not this one's to close."""
        raise RuntimeError("one request cannot close the store")


class SnapshotStore(StoreView):
    """The store as those who look at it at one moment see it: every `read` and `revisions` on one connection of
    `Store.read`, and no revision read twice."""

    def __init__(self, store: Store, connection: Connection) -> None:
        super().__init__(store)
        self._connection = connection
        self._revisions: dict[str, int] = {}

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the snapshot."""
        return work(self._connection)

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Not while looking."""
        raise RuntimeError("a write inside a read")

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """The revisions of the snapshot."""
        return dict(zip(topics, self.revision_numbers(topics), strict=True))

    def revision_numbers(self, topics: Sequence[str]) -> tuple[int, ...]:
        """The revisions alone, in the order of the topics."""
        known = self._revisions
        unknown = [topic for topic in topics if topic not in known]
        if unknown:
            known.update(unit_of_work.revisions(self._connection, unknown))
        return tuple(known[topic] for topic in topics)
