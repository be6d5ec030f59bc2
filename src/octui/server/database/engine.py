"""Opening the store: which engine a database URL means."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from octui.server.database.errors import Fault, translate_error
from octui.server.database.file_owner import OtherOwner, claim_file
from octui.server.database.sqlite import SqliteStore

if TYPE_CHECKING:
    from octui.server.database.postgres import PostgresStore


def system_clock() -> int:
    """Now, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


def database_location(url: str | None, default: Path | None = None) -> Path | URL:
    """The file or the server's address that `url` means: `sqlite:///path`, `postgresql://…`, None = `default`.
    Raises StoreError for anything else."""
    if url is None:
        if default is None:
            raise Fault.NO_SCHEMA.store_error("No database was named.")
        return default.absolute()
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Fault.NO_SCHEMA.store_error("A database URL is sqlite:///path or postgresql://host/name.") from None
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        return Path(parsed.database).absolute()
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise Fault.NO_SCHEMA.store_error("A database URL is sqlite:///path or postgresql://host/name.")


def open_store(
    url: str | None, *, clock: Callable[[], int] = system_clock, default: Path | None = None
) -> "SqliteStore | PostgresStore":
    """Open `sqlite:///path`, `postgresql://…` or, for None, the `default` file.

    A new or older SQLite file is brought to this version; PostgreSQL must have been (`upgrade`). `clock` gives epoch
    milliseconds UTC. Raises StoreError. Who opens a file for good owns it first (`lock.claim`).
    """
    where = database_location(url, default)
    if isinstance(where, Path):
        return SqliteStore(where, clock)
    from octui.server.database.postgres import PostgresStore  # psycopg takes 0.1 s to load

    return PostgresStore(where, clock)


def upgrade_database(url: str | None, *, default: Path | None = None) -> None:
    """Bring the database to this version's schema (`octui db upgrade`). Raises StoreError."""
    from octui.server.database.migrations import migrate_database

    where = database_location(url, default)
    if isinstance(where, Path):
        owner = claim_file(where)
        if isinstance(owner, OtherOwner):
            raise Fault.LOCKED.store_error("Another octui has the database open: end it first.")
        try:
            SqliteStore(where, system_clock).close()
        finally:
            owner.release()
        return
    engine = create_engine(where)
    try:
        with engine.connect() as connection:
            migrate_database(connection)
    except Exception as error:
        raise translate_error(error) from error
    finally:
        engine.dispose()
