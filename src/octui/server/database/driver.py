"""Driver-level SQL for the hot paths: one text for both engines, many rows in one call (architecture.md 4.5)."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

Row = tuple[Any, ...]

_MARKS = {
    "sqlite": {
        "p": "?",
        "int": "",
        "ints": "IN (SELECT value FROM json_each(?))",
        "texts": "IN (SELECT value FROM json_each(?))",
    },
    "postgresql": {"p": "%s", "int": "::int", "ints": "= ANY(%s::bigint[])", "texts": "= ANY(%s::text[])"},
}


class Query:
    """A statement with `{p}` for a value, `{ints}` and `{texts}` for "is one of a list"; `{int}` after a flag makes it
    0 or 1."""

    def __init__(self, text: str) -> None:
        self._texts = {dialect: text.format(**marks) for dialect, marks in _MARKS.items()}

    def run(self, connection: Connection, *values: Any) -> Any:
        """Run it; lists among the values are for `{ints}` and `{texts}`. Gives the cursor's result."""
        dialect = connection.dialect.name
        if dialect == "sqlite":
            values = tuple(json.dumps(value) if isinstance(value, list) else value for value in values)
        return connection.exec_driver_sql(self._texts[dialect], values)

    def rows(self, connection: Connection, *values: Any) -> list[Row]:
        """Run it and give all rows as plain tuples."""
        # The driver's cursor: SQLAlchemy's Row costs as much again as the row.
        result: list[Row] = self.run(connection, *values).cursor.fetchall()
        return result


class Insert:
    """An insert of many rows; `columns` with their PostgreSQL types, `tail` an ON CONFLICT part."""

    def __init__(self, table: str, columns: dict[str, str], tail: str = "") -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" for _ in columns)
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        self._texts = {
            "sqlite": f"INSERT INTO {table} ({names}) VALUES ({marks}) {tail}",
            "postgresql": f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {tail}",
        }

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert the rows, in this order."""
        if not rows:
            return
        dialect = connection.dialect.name
        if dialect == "sqlite":
            connection.exec_driver_sql(self._texts[dialect], list(rows))
        else:
            connection.exec_driver_sql(self._texts[dialect], tuple(list(column) for column in zip(*rows, strict=True)))
