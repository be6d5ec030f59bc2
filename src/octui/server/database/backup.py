"""Backup of the database while it is in use, and a check of its health (`octui db backup FILE`, `octui db check`)."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, func, select, text

from octui import files
from octui.schema.problems import Code
from octui.server.core.errors import StoreError
from octui.server.database import audit_triggers
from octui.server.database.engine import database_location
from octui.server.database.errors import Fault, fault_of, translate_error
from octui.server.database.migrations import check_version
from octui.server.database.sqlite import open_connection, reading_engine
from octui.server.database.tables import audit, audit_head


def back_up(url: str | None, target: Path, *, default: Path | None = None) -> None:
    """Copy the SQLite file as it is at this moment to the new file `target` (0600), while other programs write.

    The copy is checked, and deleted if it is damaged. Raises StoreError, for PostgreSQL with the command to use
    instead.
    """
    location = database_location(url, default)
    if isinstance(location, URL):
        shown = location._replace(drivername="postgresql", password=None).difference_update_query(["password"])
        raise StoreError(Code.INVALID, 422, f"Use PostgreSQL's own: pg_dump --format=custom --file={target} {shown}")
    _require_file(location)
    _make_target(target)
    try:
        with closing(open_connection(location, read_only=True)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            # Without WAL the copy is a single file, which can be opened in a read-only folder.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            findings = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            if findings != ["ok"]:
                raise Fault.CORRUPT.store_error()
        _sync_to_disk(target)
    except BaseException as error:
        for left in (target, target.with_name(target.name + "-journal")):
            left.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error) and fault_of(error) is Fault.FULL:
            raise Fault.FULL.store_error(f"There is no room for {target}.") from error
        raise translate_error(error) from error


def check_database(url: str | None, *, default: Path | None = None) -> list[str]:
    """Return the faults found in the database, one sentence each.

    Reads everything and changes nothing; the log's whole chain is checked by `audit verify`. Raises StoreError when the
    database cannot be opened at all.
    """
    location = database_location(url, default)
    if isinstance(location, Path):
        _require_file(location)
    with _reading_connection(location) as connection:
        findings = list(_find_damage(connection)) if isinstance(location, Path) else []
        try:
            check_version(connection)
        except StoreError as error:
            return [*findings, error.detail]
        return [*findings, *_missing_triggers(connection), *_head_findings(connection)]


@contextmanager
def _reading_connection(location: Path | URL) -> Iterator[Connection]:
    engine = reading_engine(location) if isinstance(location, Path) else create_engine(location)
    try:
        with engine.connect() as connection:
            yield connection
    except Exception as error:
        raise translate_error(error) from error
    finally:
        engine.dispose()


def _find_damage(connection: Connection) -> Iterator[str]:
    for row in connection.execute(text("PRAGMA integrity_check")):
        if row[0] != "ok":
            yield f"The file is damaged: {row[0]}."
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"Row {row[1]} of {row[0]} names a row of {row[2]} that is not there."


def _missing_triggers(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each trigger of the permission-change log that is missing or disabled."""
    dialect = connection.dialect.name
    queries = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }
    present = set(connection.execute(text(queries[dialect])).scalars())
    for statement in audit_triggers.DIALECTS[dialect]:
        trigger = re.match(r"CREATE TRIGGER (\w+)", statement)
        if trigger and trigger[1] not in present:
            yield f"The guard {trigger[1]} of the permission-change log is missing."


def _head_findings(connection: Connection) -> Iterator[str]:
    head = connection.execute(select(audit_head.c.seq, audit_head.c.at, audit_head.c.hash)).one_or_none()
    last = connection.execute(
        select(audit.c.seq, audit.c.at, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).one_or_none()
    if (tuple(head) if head is not None and head.seq else None) != (tuple(last) if last is not None else None):
        yield "The head of the permission-change log does not agree with its last entry."
    entries = connection.execute(select(func.count()).select_from(audit)).scalar_one()
    if entries != (last.seq if last is not None else 0):
        yield "Entries of the permission-change log are missing."


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise Fault.NO_SCHEMA.store_error(f"There is no database at {path}.")


def _make_target(target: Path) -> None:
    try:
        open(target, "xb", opener=files.open_private).close()
    except FileExistsError:
        raise StoreError(Code.ALREADY_EXISTS, 409, f"{target} exists already and is left alone.") from None
    except OSError as error:
        raise Fault.READ_ONLY.store_error(f"{target} cannot be written ({error.strerror}).") from error


def _sync_to_disk(target: Path) -> None:
    """Flush a copied file and its directory entry to the disk."""
    with target.open("rb") as file:
        os.fsync(file.fileno())
    files.sync_folder(target.absolute().parent)
