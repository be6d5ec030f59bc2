"""Checks that look at many rows, made one transaction after the other."""

from sqlalchemy import text

from octui.server.database.store import Change


def lock_until_commit(change: Change, what: str) -> None:
    """Until this transaction ends no other gets past the same call. SQLite has one writer anyway; on PostgreSQL every
    later statement sees what the one before committed."""
    if change.connection.dialect.name == "postgresql":
        change.connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})
