"""The store as one request sees it: the same but for how it reads or writes."""

from collections.abc import Callable
from typing import Literal, TypeVar

from sqlalchemy import Connection

from octui.server.core.principal import Principal
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
