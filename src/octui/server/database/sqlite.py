"""The store over one SQLite file: one thread writes and commits in groups, any number of threads read."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from octui.server.core.principal import Principal
from octui.server.database.errors import Fault, fault_of, translate_error
from octui.server.database.migrations import migrate_database
from octui.server.database.sqlite_file import make_file
from octui.server.database.unit_of_work import Change, Listener, Listeners, load_all_revisions, load_revisions

T = TypeVar("T")

BUSY_MS = 5000
LARGEST_GROUP = 256
READERS_KEPT = 8

# Read back after setting: SQLite ignores a pragma that it does not know or cannot apply.
_ALL_CONNECTIONS: dict[str, int | str] = {"foreign_keys": 1, "trusted_schema": 0}
_READER: dict[str, int | str] = {"query_only": 1}
# recursive_triggers: without it INSERT OR REPLACE removes a log entry without firing the delete trigger.
_WRITER: dict[str, int | str] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "recursive_triggers": 1,
    "journal_size_limit": 64 * 1024 * 1024,
}


def _pragma_values(read_only: bool, busy_ms: int) -> dict[str, int | str]:
    return {"busy_timeout": busy_ms, **_ALL_CONNECTIONS, **(_READER if read_only else _WRITER)}


def open_connection(path: Path, *, read_only: bool, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """Return a connection with every pragma of architecture.md 4.5 set and read back. Raises sqlite3.Error."""
    uri = f"file:{quote(str(path))}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        for name, value in _pragma_values(read_only, busy_ms).items():
            connection.execute(f"PRAGMA {name} = {value}").fetchall()
            (present,) = connection.execute(f"PRAGMA {name}").fetchone()
            if present != value:
                raise sqlite3.OperationalError(f"PRAGMA {name} is {present}, not {value}")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_engine(path: Path, busy_ms: int, *, read_only: bool) -> Engine:
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: open_connection(path, read_only=read_only, busy_ms=busy_ms),
        poolclass=NullPool,
        hide_parameters=True,  # errors are logged, people's names are not
    )

    def on_begin(connection: Connection) -> None:
        driver_connection(connection).execute(begin)

    event.listen(engine, "begin", on_begin)
    return engine


def reading_engine(path: Path) -> Engine:
    """Return an engine that only reads, for a file that another program may own."""
    return _make_engine(path, BUSY_MS, read_only=True)


def driver_connection(connection: Connection) -> sqlite3.Connection:
    """Return the sqlite3 connection below a SQLAlchemy connection."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


@dataclass
class _Job:
    """A queued write and the future of its result."""

    work: Callable[[Change], Any]
    principal: Principal
    answer: Future[Any] = field(default_factory=Future)


# After a failed write to the disk it is unknown what has reached the file: acknowledge nothing more.
_LASTING = (Fault.IO, Fault.CORRUPT)


class _TransactionLost(Exception):
    """Error for a transaction that SQLite has rolled back as a whole by itself."""


class SqliteStore:
    """Store over the file at `path`, migrated on opening. Raises StoreError when it cannot be opened."""

    dialect: Literal["sqlite", "postgresql"] = "sqlite"

    def __init__(self, path: Path, clock: Callable[[], int], *, busy_ms: int = BUSY_MS) -> None:
        self.path = path
        self.clock = clock
        self._listeners = Listeners()
        self._closers: list[Callable[[], None]] = []
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._broken: Fault | None = None
        self._idle_readers: deque[Connection] = deque()
        make_file(path)
        self._writer_engine = _make_engine(path, busy_ms, read_only=False)
        self._reader_engine = _make_engine(path, busy_ms, read_only=True)
        try:
            self._writer = self._writer_engine.connect()
        except Exception as error:
            raise translate_error(error) from error
        try:
            migrate_database(self._writer)
            self._listeners.mark_announced(load_all_revisions(self._writer))
            self._writer.rollback()
        except Exception as error:
            self._writer.close()
            raise translate_error(error) from error
        self._thread = threading.Thread(target=self._write_until_closed, name="octui-writer", daemon=True)
        self._thread.start()

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read-only connection in one snapshot."""
        if self._closed:
            raise Fault.CLOSED.store_error()
        try:
            try:
                connection = self._idle_readers.pop()
            except IndexError:
                connection = self._reader_engine.connect()
            try:
                with connection.begin():
                    return work(connection)
            finally:
                if len(self._idle_readers) < READERS_KEPT and not self._closed and not connection.invalidated:
                    self._idle_readers.append(connection)
                else:
                    connection.close()
        except Exception as error:
            raise translate_error(error) from error.__cause__

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Run `work` in the writer's next group and return after the durable commit.

        `work` may be run again when another write made the group fail, so it must be repeatable.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write")
        job = _Job(work, principal)
        with self._closing:
            if self._closed:
                raise Fault.CLOSED.store_error()
            self._queue.put(job)
        answer: T = job.answer.result()
        return answer

    def on_commit(self, listener: Listener) -> None:
        """Call `listener` with the touched topics, on the writer thread and before the write returns."""
        self._listeners.add(listener)

    def on_close(self, closer: Callable[[], None]) -> None:
        """Call `closer` when `close` begins, while the store can still read and write."""
        self._closers.append(closer)

    def revisions(self, topics: list[str]) -> dict[str, int]:
        """Return the present revisions of the topics; 0 for one never touched."""
        return self.read(lambda connection: load_revisions(connection, topics))

    def close(self) -> None:
        """Run the `on_close` functions, finish queued writes, checkpoint the write-ahead log, close the file."""
        closers, self._closers = self._closers, []
        for closer in closers:
            closer()
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        while self._idle_readers:
            self._idle_readers.pop().close()
        with suppress(sqlite3.Error):  # the last commit is durable with or without it
            driver_connection(self._writer).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._writer.close()

    def _write_until_closed(self) -> None:
        open_ = True
        while open_:
            first = self._queue.get()
            jobs: list[_Job] = []
            open_ = first is not None
            if first is not None:
                jobs.append(first)
            while open_ and len(jobs) < LARGEST_GROUP:
                try:
                    following = self._queue.get_nowait()
                except Empty:
                    break
                if following is None:
                    open_ = False
                else:
                    jobs.append(following)
            if jobs:
                self._write_group(jobs)

    def _write_group(self, jobs: list[_Job]) -> None:
        """Run queued writes in one transaction, and set their results after the commit.

        When it was rolled back each job is run alone, so that only the one to blame is refused.
        """
        if self._broken is not None:
            return _refuse_jobs(jobs, self._broken.store_error())
        try:
            transaction = self._writer.begin()
        except Exception as error:
            return self._refuse_all(jobs, error)
        outcomes: list[tuple[_Job, Any, BaseException | None]] = []
        touched: dict[str, int] = {}
        try:
            for job in jobs:
                result, refusal = self._write_one(job, touched)
                outcomes.append((job, result, refusal))
            transaction.commit()
        except Exception as error:
            with suppress(Exception):  # SQLite has most often done so already
                transaction.rollback()
            cause = error.__cause__ if isinstance(error, _TransactionLost) and error.__cause__ is not None else error
            if driver_connection(self._writer).in_transaction:
                self._broken = Fault.IO
            if len(jobs) == 1 or self._broken is not None or fault_of(cause) in _LASTING:
                return self._refuse_all(jobs, cause)
            for job in jobs:
                self._write_group([job])
            return None
        self._listeners.announce(touched)
        for job, result, refusal in outcomes:
            if refusal is None:
                job.answer.set_result(result)
            else:
                job.answer.set_exception(translate_error(refusal))
        return None

    def _write_one(self, job: _Job, touched: dict[str, int]) -> tuple[Any, BaseException | None]:
        """Run one queued write in a savepoint. Raises _TransactionLost if the transaction was rolled back."""
        driver = driver_connection(self._writer)
        driver.execute("SAVEPOINT job")
        try:
            change = Change(self._writer, self.clock(), job.principal)
            result = job.work(change)
            revised = change.finish()
            driver.execute("RELEASE job")
        except BaseException as refusal:
            if not driver.in_transaction:
                raise _TransactionLost from refusal
            try:
                driver.execute("ROLLBACK TO job")
                driver.execute("RELEASE job")
            except sqlite3.Error:
                raise _TransactionLost from refusal
            if fault_of(refusal) in _LASTING:
                raise _TransactionLost from refusal
            return None, refusal
        touched.update(revised)
        return result, None

    def _refuse_all(self, jobs: list[_Job], error: BaseException) -> None:
        if (fault := fault_of(error)) in _LASTING:
            self._broken = fault
        _refuse_jobs(jobs, translate_error(error))


def _refuse_jobs(jobs: list[_Job], error: BaseException) -> None:
    for job in jobs:
        job.answer.set_exception(error)
