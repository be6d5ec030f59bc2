"""Lock that lets transactions make a check over many rows one after the other."""

from sqlalchemy import text

from octui.server.database.unit_of_work import Change


def lock_until_commit(change: Change, name: str) -> None:
    """Hold the lock `name` until this transaction ends.

    SQLite has one writer anyway. On PostgreSQL every later statement sees what the transaction before committed.
    """
    if change.connection.dialect.name == "postgresql":
        change.connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
