"""Column types and helpers that make a table the same on SQLite and PostgreSQL."""

from typing import Any

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Flag(TypeDecorator[bool]):
    """True or false: BOOLEAN on PostgreSQL, 0 or 1 in an INTEGER column of a STRICT table."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


# STRICT tables know INTEGER (64 bits) alone, and number a key by themselves only when it is spelled so.
BIG: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
KEY = BIG
MS = BIG

# By code point on both engines, whatever the language of the PostgreSQL database: keys page in the same order.
Text: TypeEngine[str] = sqlalchemy.Text().with_variant(sqlalchemy.Text(collation="C"), "postgresql")


def key() -> Column[int]:
    return Column("id", KEY, primary_key=True, autoincrement=True)


def partial_index(name: str, *columns: str, where: str) -> Index:
    """Return an index of only those rows for which the condition `where` holds."""
    condition = text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


def table(name: str, *parts: Any, natural_key: bool = False, never_reused: bool = False) -> Table:
    """Return a table that on SQLite is STRICT, that is, checks column types.

    `natural_key` keeps the rows in the order of the primary key. `never_reused` gives no key to a second row, as
    PostgreSQL never does.
    """
    return Table(
        name,
        metadata,
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=not natural_key,
        sqlite_autoincrement=never_reused,
    )
