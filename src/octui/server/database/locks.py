"""Database lock that makes transactions with a check over many rows run one after the other."""

from sqlalchemy import text

from octui.server.database.unit_of_work import Change


def lock_until_commit(change: Change, name: str) -> None:
    """Take the database lock `name` and hold it until this transaction ends.

    SQLite has one writer anyway. On PostgreSQL every later statement sees what the transaction before committed.
    """
    if change.connection.dialect.name == "postgresql":
        change.connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
