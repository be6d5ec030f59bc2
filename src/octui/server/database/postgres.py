"""The store over PostgreSQL: psycopg 3, retries after conflicts, LISTEN/NOTIFY between processes."""

import logging
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import psycopg
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError

from octui.server.core.principal import Principal
from octui.server.database.errors import Fault, translate_error
from octui.server.database.migrations import check_version
from octui.server.database.unit_of_work import Change, Listener, Listeners, load_all_revisions, load_revisions

T = TypeVar("T")

CHANNEL = "octui"
LONGEST_PAYLOAD = 7500  # bytes; PostgreSQL takes 8,000
ATTEMPTS = 10
SAFETY_REREAD_S = 10.0
RECONNECT_S = 2.0

_RETRIED_STATES = {"40001", "40P01"}
_SESSION_SETTINGS = (
    "SET synchronous_commit = on",
    "SET lock_timeout = '5s'",
    "SET idle_in_transaction_session_timeout = '60s'",
)

_log = logging.getLogger(__name__)


class PostgresStore:
    """Store over the database at `url` (driver postgresql+psycopg), which must have this version's schema.

    Raises StoreError when it cannot be reached or is not set up.
    """

    dialect: Literal["sqlite", "postgresql"] = "postgresql"

    def __init__(self, url: URL, clock: Callable[[], int]) -> None:
        self.url = url
        self.clock = clock
        self._listeners = Listeners()
        self._closers: list[Callable[[], None]] = []
        self._closed = False
        self._starting = threading.Lock()
        self._listening: _ListenThread | None = None
        self._engine = create_engine(url, pool_size=8, max_overflow=16, pool_timeout=10, hide_parameters=True)
        event.listen(self._engine, "connect", _apply_settings)
        # A snapshot for the whole of a read, and no writing in it.
        self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        try:
            self.read(check_version)
        except BaseException:
            self._engine.dispose()
            raise

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read-only connection in one snapshot; retry once when the connection was dead."""
        for last in (False, True):
            if self._closed:
                raise Fault.CLOSED.store_error()
            try:
                with self._reader.connect() as connection:
                    return work(connection)
            except Exception as error:
                if last or not (isinstance(error, DBAPIError) and error.connection_invalidated):
                    raise translate_error(error) from error.__cause__
        raise AssertionError("unreachable")

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Run `work` in a write transaction; retry after a serialization failure, a deadlock or a dead connection."""
        for attempt in range(1, ATTEMPTS + 1):
            if self._closed:
                raise Fault.CLOSED.store_error()
            committing = False
            try:
                with self._engine.connect() as connection:
                    change = Change(connection, self.clock(), principal)
                    result = work(change)
                    touched = change.finish()
                    if touched:
                        connection.exec_driver_sql("SELECT pg_notify(%s, %s)", (CHANNEL, _notification(touched)))
                    committing = True
                    connection.commit()
            except Exception as error:
                broken = isinstance(error, DBAPIError) and error.connection_invalidated
                if broken and committing:
                    raise Fault.UNKNOWN_OUTCOME.store_error() from error
                if attempt == ATTEMPTS or not (broken or _is_conflict(error)):
                    raise translate_error(error) from error.__cause__
                time.sleep(secrets.randbelow(1 << attempt) / 1000)  # random, so that the two do not conflict again
                continue
            self._listeners.announce(touched)
            return result
        raise AssertionError("unreachable")

    def on_commit(self, listener: Listener) -> None:
        """Call `listener` with the topics touched by each commit of this or another process."""
        self._listeners.add(listener)
        with self._starting:
            if self._listening is None and not self._closed:
                self._listeners.mark_announced(self.read(load_all_revisions))
                self._listening = _ListenThread(self.url, self._announce_topics)
                self._listening.start()

    def on_close(self, closer: Callable[[], None]) -> None:
        """Call `closer` when `close` begins, while the store can still read and write."""
        self._closers.append(closer)

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """Return the present revisions of the topics; 0 for one never touched."""
        return self.read(lambda connection: load_revisions(connection, topics))

    def close(self) -> None:
        """Call the closers, stop listening and close the connections."""
        closers, self._closers = self._closers, []
        for closer in closers:
            closer()
        self._closed = True
        with self._starting:
            if self._listening is not None:
                self._listening.stop()
                self._listening = None
        self._engine.dispose()

    def _announce_topics(self, topics: list[str] | None) -> None:
        """Call the commit listeners with these topics; None: with all, as notifications may be lost."""
        if self._closed:
            return
        self._listeners.announce(self.read(load_all_revisions) if topics is None else self.revisions(topics))


class _ListenThread(threading.Thread):
    """Thread that waits for notifications on its own connection, which must be a direct one (no transaction pooler)."""

    def __init__(self, url: URL, announce: Callable[[list[str] | None], None]) -> None:
        super().__init__(name="octui-listen", daemon=True)
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._announce = announce
        self._stopping = threading.Event()
        self._wake, self._woken = socket.socketpair()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._announce(None)
                    self._receive_until_stopped(connection)
            except Exception as error:
                if not self._stopping.is_set():
                    _log.warning("waiting for changes of other processes: %s", error)
                    self._stopping.wait(RECONNECT_S)

    def _receive_until_stopped(self, connection: psycopg.Connection[Any]) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(connection.fileno(), selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stopping.is_set():
                ready = selector.select(SAFETY_REREAD_S)
                if self._stopping.is_set():
                    return
                payloads = [notice.payload for notice in connection.notifies(timeout=0)] if ready else [""]
                if "" in payloads:
                    self._announce(None)
                elif payloads:
                    self._announce(sorted({topic for payload in payloads for topic in payload.split("\n")}))

    def stop(self) -> None:
        self._stopping.set()
        self._wake.send(b"x")
        self.join()
        self._wake.close()
        self._woken.close()


def _notification(topics: dict[str, int]) -> str:
    """Return a notification's text, one topic a line; empty: too long, so listeners read all revisions."""
    payload = "\n".join(sorted(topics))
    return payload if len(payload.encode()) <= LONGEST_PAYLOAD else ""


def _is_conflict(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _RETRIED_STATES


def _apply_settings(connection: psycopg.Connection[Any], _record: object) -> None:
    autocommit, connection.autocommit = connection.autocommit, True
    for setting in _SESSION_SETTINGS:
        connection.execute(setting)
    connection.autocommit = autocommit
