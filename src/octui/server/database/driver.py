"""Driver-level SQL for the hot paths: one text for both engines, many rows in one call (architecture.md 4.5)."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

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
_COLUMN_TYPES = {int: "bigint", str: "text"}


class Query:
    """An SQL statement with placeholders that are filled in for SQLite or PostgreSQL.

    `{p}` stands for a value, `{ints}` and `{texts}` for "is one of a list"; `{int}` after a flag makes it 0 or 1.
    """

    def __init__(self, text: str) -> None:
        self._texts = {dialect: text.format(**marks) for dialect, marks in _MARKS.items()}

    def run(self, connection: Connection, *values: Any) -> Any:
        """Run the statement and return its result; lists among the values fill `{ints}` and `{texts}`."""
        dialect = connection.dialect.name
        if dialect == "sqlite":
            values = tuple(json.dumps(value) if isinstance(value, list) else value for value in values)
        return connection.exec_driver_sql(self._texts[dialect], values)

    def fetch_rows(self, connection: Connection, *values: Any) -> list[Row]:
        """Run the statement and return all rows as plain tuples."""
        # From the driver's cursor, because SQLAlchemy's Row doubles the time.
        rows: list[Row] = self.run(connection, *values).cursor.fetchall()
        return rows


class Insert:
    """An insert of many rows with all columns of a table but `id`. `tail`: its ON CONFLICT clause."""

    def __init__(self, table: Table, tail: str = "") -> None:
        columns = [column for column in table.columns if column.name != "id"]
        names = ", ".join(f'"{column.name}"' for column in columns)
        marks = ", ".join("?" for _ in columns)
        self._sqlite = f"INSERT INTO {table.name} ({names}) VALUES ({marks}) {tail}"
        # PostgreSQL. psycopg writes arrays in Python, 2 us a value; COPY and JSON are written by compiled code.
        self._copy = f"COPY {table.name} ({names}) FROM STDIN" if not tail else ""
        values = ", ".join(
            f"(r->>{place})::{_COLUMN_TYPES[column.type.python_type]}" for place, column in enumerate(columns)
        )
        self._json = (
            f"INSERT INTO {table.name} ({names}) SELECT {values} FROM jsonb_array_elements(%s::jsonb) AS r {tail}"
        )

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert the rows in their order."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(self._sqlite, list(rows))
        elif self._copy:
            _copy_rows(connection, self._copy, rows)
        else:
            connection.exec_driver_sql(self._json, (to_json(rows).decode(),))


def _copy_rows(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run PostgreSQL's COPY through psycopg, translating its errors to SQLAlchemy's."""
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        if driver.closed:
            connection.invalidate(error)
        raise DBAPIError(statement, None, error, connection_invalidated=driver.closed) from error
