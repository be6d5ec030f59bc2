"""Protocols of the store and of a unit of work, over SQLite or PostgreSQL (architecture.md 4.5)."""

from collections.abc import Callable, Iterable
from typing import Literal, Protocol, TypeVar

from sqlalchemy import Connection

from octui.schema.audit import Action, AuditValue
from octui.server.core.principal import Principal

T = TypeVar("T")


class Change(Protocol):
    """A write transaction (unit of work): all of it happens, log entries and revisions included, or nothing does."""

    connection: Connection
    now: int  # epoch ms, the store's clock
    principal: Principal

    def touch(self, topic: str) -> int:
        """Raise the topic's revision, once a transaction, and return it. Its waiters are woken after the commit."""
        ...

    def touch_all(self, topics: Iterable[str]) -> dict[str, int]:
        """Touch several topics in key order, so that PostgreSQL transactions do not deadlock."""
        ...

    def record(
        self,
        action: Action,
        *,
        target_account: str = "",
        target_name: str = "",
        service: str = "",
        before: AuditValue | None = None,
        after: AuditValue | None = None,
    ) -> None:
        """Append to the permission-change log. Written last, under the lock of the chain's head."""
        ...


class Store(Protocol):
    """The database behind all stores of the menus. Its methods block; routes call them from worker threads."""

    dialect: Literal["sqlite", "postgresql"]
    clock: Callable[[], int]

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read-only connection in one snapshot."""
        ...

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Run `work` in a write transaction and return after the durable commit.

        `work` may be run again, so it must be repeatable: on SQLite one thread commits for several writers at once, on
        PostgreSQL serialization failures and deadlocks are retried.
        """
        ...

    def on_commit(self, listener: Callable[[dict[str, int]], None]) -> None:
        """Call `listener` with the topics and revisions of every commit, also those of other processes."""
        ...

    def on_close(self, closer: Callable[[], None]) -> None:
        """Call `closer` at the beginning of `close`, while the store still reads and writes."""
        ...

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """Return the present revisions of the topics; one never touched has 0."""
        ...

    def close(self) -> None:
        """Call the closers, finish queued writes and close the file or the connections."""
        ...
