"""Several reads of one request in one snapshot."""

from collections.abc import Callable
from typing import Literal, TypeVar

from sqlalchemy import Connection

from octui.service.principal import Principal
from octui.service.store import change
from octui.service.store.store import Change, Store

T = TypeVar("T")


class InSnapshot:
    """The store as one look at it sees it: every `read` and `revisions` at one and the same moment, on one connection
    of `Store.read`; and cheaper than one by one."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self._store = store
        self._connection = connection
        self.dialect: Literal["sqlite", "postgresql"] = store.dialect
        self.clock = store.clock

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the snapshot."""
        return work(self._connection)

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Not while looking."""
        raise RuntimeError("a write inside a read")

    def on_commit(self, listener: Callable[[dict[str, int]], None]) -> None:
        """As the store's."""
        self._store.on_commit(listener)

    def on_close(self, closer: Callable[[], None]) -> None:
        """As the store's."""
        self._store.on_close(closer)

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """The revisions of the snapshot."""
        return change.revisions(self._connection, topics)

    def close(self) -> None:
        """Not this one's to close."""
        raise RuntimeError("one look cannot close the store")
