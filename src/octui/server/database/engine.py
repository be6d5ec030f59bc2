"""Open and upgrade the store that a database URL names."""

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
    """Return the present time (epoch ms UTC)."""
    return time.time_ns() // 1_000_000


def database_location(url: str | None, default: Path | None = None) -> Path | URL:
    """Return the file or the server's address in a database URL; None means the `default` file.

    Raises StoreError for anything else.
    """
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
    """Open the store at `sqlite:///path`, `postgresql://…` or, for None, the `default` file. Raises StoreError.

    A new or older SQLite file is upgraded; PostgreSQL must have been (`upgrade_database`). `clock` gives epoch ms UTC.
    A program that keeps a file open claims it first (`file_owner.claim_file`).
    """
    location = database_location(url, default)
    if isinstance(location, Path):
        return SqliteStore(location, clock)
    from octui.server.database.postgres import PostgresStore  # psycopg takes 0.1 s to load

    return PostgresStore(location, clock)


def upgrade_database(url: str | None, *, default: Path | None = None) -> None:
    """Upgrade the database to this version's schema (`octui db upgrade`). Raises StoreError."""
    from octui.server.database.migrations import migrate_database

    location = database_location(url, default)
    if isinstance(location, Path):
        owner = claim_file(location)
        if isinstance(owner, OtherOwner):
            raise Fault.LOCKED.store_error("Another octui has the database open: end it first.")
        try:
            SqliteStore(location, system_clock).close()
        finally:
            owner.release()
        return
    engine = create_engine(location)
    try:
        with engine.connect() as connection:
            migrate_database(connection)
    except Exception as error:
        raise translate_error(error) from error
    finally:
        engine.dispose()
