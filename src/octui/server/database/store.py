"""Protocol of the store over SQLite or PostgreSQL (architecture.md 4.5)."""

from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

from sqlalchemy import Connection

from octui.server.core.principal import Principal
from octui.server.database.unit_of_work import Change

T = TypeVar("T")


class Store(Protocol):
    """The database, as every menu's queries use it. Methods block; routes call them from worker threads."""

    dialect: Literal["sqlite", "postgresql"]
    clock: Callable[[], int]

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read-only connection in one snapshot."""

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Run `work` in a write transaction and return after the durable commit.

        `work` may be run again, so it must be repeatable: on SQLite one thread commits for several writers at once, on
        PostgreSQL serialization failures and deadlocks are retried.
        """

    def on_commit(self, listener: Callable[[dict[str, int]], None]) -> None:
        """Call `listener` with the topics and revisions of every commit, also those of other processes."""

    def on_close(self, closer: Callable[[], None]) -> None:
        """Call `closer` when `close` begins, while the store can still read and write."""

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """Return the present revisions of the topics; 0 for one never touched."""

    def close(self) -> None:
        """Run the `on_close` functions, finish queued writes and close the file or the connections."""
