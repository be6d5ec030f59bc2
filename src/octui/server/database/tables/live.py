"""Revisions, removals from lists, and idempotency keys."""

from sqlalchemy import Column, Integer, LargeBinary

from octui.server.database.tables.base import BIG, MS, Text, table

# Rows that left a list, for `changed_since`.
removal = table(
    "removal",
    Column("topic", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", BIG, nullable=False),
    natural_key=True,
)

revision = table(
    "revision",
    Column("topic", Text, primary_key=True),
    Column("revision", BIG, nullable=False),
    natural_key=True,
)

idempotency = table(
    "idempotency",
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of method, path and body
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", MS, nullable=False, index=True),
)
