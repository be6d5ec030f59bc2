"""A copy of the database while it is in use, and a look at its health (`octui db backup FILE`, `octui db check`)."""

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
from octui.server.database.sqlite import connect, reading_engine
from octui.server.database.tables import audit, audit_head


def back_up(url: str | None, target: Path, *, default: Path | None = None) -> None:
    """Copy the SQLite file as it is at this moment to `target` (0600), which must not exist; writers go on meanwhile.
    The copy is looked through before it counts. Raises StoreError, for PostgreSQL with the command to use instead."""
    where = database_location(url, default)
    if isinstance(where, URL):
        shown = where._replace(drivername="postgresql", password=None).difference_update_query(["password"])
        raise StoreError(Code.INVALID, 422, f"Use PostgreSQL's own: pg_dump --format=custom --file={target} {shown}")
    _must_exist(where)
    _make_target(target)
    try:
        with closing(connect(where, read_only=True)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            # One file alone, that opens where its folder cannot be written.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            if found != ["ok"]:
                raise Fault.CORRUPT.store_error()
        _settle(target)
    except BaseException as error:
        for left in (target, target.with_name(target.name + "-journal")):
            left.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error) and fault_of(error) is Fault.FULL:
            raise Fault.FULL.store_error(f"There is no room for {target}.") from error
        raise translate_error(error) from error


def check_database(url: str | None, *, default: Path | None = None) -> list[str]:
    """What is wrong with the database, one sentence each; empty: nothing. Reads everything, changes nothing; the log's
    whole chain is checked by `audit verify`. Raises StoreError when the database cannot be opened at all."""
    where = database_location(url, default)
    if isinstance(where, Path):
        _must_exist(where)
    with _reading(where) as connection:
        findings = list(_damage(connection)) if isinstance(where, Path) else []
        try:
            check_version(connection)
        except StoreError as error:
            return [*findings, error.detail]
        return [*findings, *_guards(connection), *_chain_head(connection)]


@contextmanager
def _reading(where: Path | URL) -> Iterator[Connection]:
    engine = reading_engine(where) if isinstance(where, Path) else create_engine(where)
    try:
        with engine.connect() as connection:
            yield connection
    except Exception as error:
        raise translate_error(error) from error
    finally:
        engine.dispose()


def _damage(connection: Connection) -> Iterator[str]:
    for row in connection.execute(text("PRAGMA integrity_check")):
        if row[0] != "ok":
            yield f"The file is damaged: {row[0]}."
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"Row {row[1]} of {row[0]} names a row of {row[2]} that is not there."


def _guards(connection: Connection) -> Iterator[str]:
    """The triggers of the permission-change log that are gone or off."""
    dialect = connection.dialect.name
    there = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }
    found = set(connection.execute(text(there[dialect])).scalars())
    for statement in audit_triggers.DIALECTS[dialect]:
        made = re.match(r"CREATE TRIGGER (\w+)", statement)
        if made and made[1] not in found:
            yield f"The guard {made[1]} of the permission-change log is missing."


def _chain_head(connection: Connection) -> Iterator[str]:
    head = connection.execute(select(audit_head.c.seq, audit_head.c.at, audit_head.c.hash)).one_or_none()
    last = connection.execute(
        select(audit.c.seq, audit.c.at, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).one_or_none()
    if (tuple(head) if head is not None and head.seq else None) != (tuple(last) if last is not None else None):
        yield "The head of the permission-change log does not agree with its last entry."
    entries = connection.execute(select(func.count()).select_from(audit)).scalar_one()
    if entries != (last.seq if last is not None else 0):
        yield "Entries of the permission-change log are missing."


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise Fault.NO_SCHEMA.store_error(f"There is no database at {path}.")


def _make_target(target: Path) -> None:
    try:
        open(target, "xb", opener=files.open_private).close()
    except FileExistsError:
        raise StoreError(Code.ALREADY_EXISTS, 409, f"{target} exists already and is left alone.") from None
    except OSError as error:
        raise Fault.READ_ONLY.store_error(f"{target} cannot be written ({error.strerror}).") from error


def _settle(target: Path) -> None:
    """Have file and name on the disk before saying that there is a copy."""
    with target.open("rb") as file:
        os.fsync(file.fileno())
    files.sync_folder(target.absolute().parent)
