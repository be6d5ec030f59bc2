"""Several reads of one request in one snapshot."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from octui.service.principal import Principal
from octui.service.store import change
from octui.service.store.delegate import Delegate
from octui.service.store.store import Change, Store

T = TypeVar("T")


class InSnapshot(Delegate):
    """The store as one look at it sees it: every `read` and `revisions` at one and the same moment, on one connection
    of `Store.read`; and cheaper than one by one."""

    def __init__(self, store: Store, connection: Connection) -> None:
        super().__init__(store)
        self._connection = connection

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the snapshot."""
        return work(self._connection)

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Not while looking."""
        raise RuntimeError("a write inside a read")

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """The revisions of the snapshot."""
        return change.revisions(self._connection, topics)
