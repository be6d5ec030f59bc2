"""Errors of databases and drivers translated to one clear line each (architecture.md 4.5)."""

import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from octui.schema.problems import Code
from octui.server.core.errors import StoreError


class Fault(Enum):
    """A kind of database error: code, HTTP status, sentence for people, seconds after which to try again."""

    LOCKED = (Code.STORAGE_BUSY, 503, "The database is locked by another program; try again in a moment.", 2)
    FULL = (
        Code.STORAGE_FULL,
        507,
        "The disk is full: nothing can be saved until there is room; what is stored can be read.",
        None,
    )
    READ_ONLY = (Code.STORAGE_READ_ONLY, 503, "The database cannot be written: it is read-only for octui.", None)
    IO = (
        Code.STORAGE_FAILED,
        503,
        "The disk reported an error: nothing more is saved until octui is started again.",
        None,
    )
    CORRUPT = (Code.STORAGE_FAILED, 503, "The database is damaged (`octui db check`): restore a backup.", None)
    UNAVAILABLE = (Code.NOT_READY, 503, "The database cannot be reached; try again in a moment.", 5)
    UNKNOWN_OUTCOME = (
        Code.STORAGE_FAILED,
        503,
        "The connection to the database broke while saving: look whether the change is there before repeating it.",
        5,
    )
    NO_SCHEMA = (Code.NOT_READY, 503, "The database is not set up for this version: run `octui db upgrade`.", None)
    NEWER_SCHEMA = (
        Code.NOT_READY,
        503,
        "The database was written by a newer version of octui; this one leaves it alone.",
        None,
    )
    UNRELEASED_SCHEMA = (
        Code.NOT_READY,
        503,
        "The database has a schema from before the first release: run `octui db upgrade` of octui 0.1.0 on it first.",
        None,
    )
    FOREIGN = (Code.NOT_READY, 503, "The file is another program's database; octui leaves it alone.", None)
    CLOSED = (Code.NOT_READY, 503, "octui is shutting down.", 5)

    def store_error(self, detail: str = "") -> StoreError:
        """Return the StoreError for this fault; `detail` replaces the usual sentence."""
        code, status, sentence, retry_after = self.value
        error = StoreError(code, status, detail or sentence)
        error.retry_after = retry_after
        return error


_SQLITE = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Fault.READ_ONLY,
    sqlite3.SQLITE_PERM: Fault.READ_ONLY,
    sqlite3.SQLITE_IOERR: Fault.IO,
    sqlite3.SQLITE_CORRUPT: Fault.CORRUPT,
    sqlite3.SQLITE_NOTADB: Fault.CORRUPT,
}
# Whole codes or classes of SQLSTATE; the longer match wins.
_SQLSTATE = {
    "53100": Fault.FULL,
    "25006": Fault.READ_ONLY,
    "42501": Fault.READ_ONLY,
    "55P03": Fault.LOCKED,
    "57014": Fault.LOCKED,
    "40001": Fault.LOCKED,
    "40P01": Fault.LOCKED,
    "42P01": Fault.NO_SCHEMA,
    "42703": Fault.NO_SCHEMA,
    "58": Fault.IO,
    "XX001": Fault.CORRUPT,
    "XX002": Fault.CORRUPT,
    "08": Fault.UNAVAILABLE,
    "53": Fault.UNAVAILABLE,
    "57P": Fault.UNAVAILABLE,
    "28": Fault.UNAVAILABLE,
    "3D": Fault.UNAVAILABLE,
}


def fault_of(error: BaseException) -> Fault | None:
    """Return the kind of database error behind an exception, or None if it is no database error."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return fault_of(error.orig)
    if isinstance(error, PoolTimeout):
        return Fault.UNAVAILABLE
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0)
        # The low byte is the primary code and enough, with one exception: no room for the shared memory beside the file
        # is a full disk, not a broken one.
        return Fault.FULL if code == sqlite3.SQLITE_IOERR_SHMSIZE else _SQLITE.get(code & 0xFF)
    if type(error).__module__.partition(".")[0] == "psycopg":  # by name, so that SQLite does not load psycopg
        state = getattr(error, "sqlstate", None) or ""
        for length in (5, 3, 2):
            if fault := _SQLSTATE.get(state[:length]):
                return fault
        unreachable = not state and "OperationalError" in {kind.__name__ for kind in type(error).__mro__}
        return Fault.UNAVAILABLE if unreachable else None
    return None


def translate_error(error: BaseException) -> BaseException:
    """Return the StoreError for a database error, or any other error unchanged."""
    fault = fault_of(error)
    if fault is None:
        return error
    translated = fault.store_error()
    translated.__cause__ = error
    return translated
