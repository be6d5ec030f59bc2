"""The store: read and write units of work over SQLite or PostgreSQL (architecture.md 4.5)."""

from collections.abc import Callable, Iterable
from typing import Literal, Protocol, TypeVar

from sqlalchemy import Connection

from octui.schema.audit import Action, AuditValue
from octui.server.core.principal import Principal

T = TypeVar("T")


class Change(Protocol):
    """One write transaction. All of it happens, its log rows and revisions included, or nothing does."""

    connection: Connection
    now: int  # epoch ms, the store's clock
    principal: Principal

    def touch(self, topic: str) -> int:
        """Move the topic's revision on (once a transaction) and return it; its waiters are woken after the commit."""
        ...

    def touch_all(self, topics: Iterable[str]) -> dict[str, int]:
        """`touch` for several topics at once, in key order, so that PostgreSQL transactions do not deadlock."""
        ...

    def record(
        self,
        action: Action,
        *,
        target_account: str,
        target_name: str,
        service: str = "",
        before: AuditValue | None = None,
        after: AuditValue | None = None,
    ) -> None:
        """Append to the permission-change log; written last, under the lock of the chain's head."""
        ...


class Store(Protocol):
    """Blocking calls; routes call them from worker threads."""

    dialect: Literal["sqlite", "postgresql"]
    clock: Callable[[], int]

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read-only connection in one snapshot."""
        ...

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Run `work` in a write transaction (SQLite: one writer thread, commits in groups; PostgreSQL: retried on
        serialization failures and deadlocks, so `work` must be repeatable) and return after the durable commit."""
        ...

    def on_commit(self, listener: Callable[[dict[str, int]], None]) -> None:
        """Call `listener` with the topics and revisions of every commit, also those of other processes."""
        ...

    def on_close(self, closer: Callable[[], None]) -> None:
        """Call `closer` at the beginning of `close`, while the store still reads and writes."""
        ...

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """Present revisions; a topic never touched has 0."""
        ...

    def close(self) -> None:
        """Call the closers, finish what is queued, and let go of the file."""
        ...
