"""Write the SQL of the newest schema version from the tables: `python -m octui.server.database.migrations.draft`.

A version makes the tables that no earlier one made, then runs its `additions`. The files of a released version stay as
they are; a change of the tables is a new version: HEAD, a `v….py`, and `additions` that alter what was there.
"""

import re
from pathlib import Path

from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from octui.server.database.migrations import FOLDER, HEAD, KNOWN
from octui.server.database.tables import metadata

VERSIONS = FOLDER / "versions"
DIALECTS: dict[str, Dialect] = {
    "sqlite": registry.load("sqlite")(),
    "postgresql": registry.load("postgresql.psycopg")(),
}
_NEW_COLUMNS = (
    *("event.file_id", "event.line", "cti_agent.pbx_names_version"),
    *("interval.detail", "agent_state.detail", "agent_state.expires"),
)
"""Columns that the newest version adds to tables of earlier ones."""


def additions(dialect: str) -> list[str]:
    """Return the newest schema version's statements that alter tables, make triggers or insert first rows."""
    columns = (metadata.tables[table].c[column] for table, column in (name.split(".") for name in _NEW_COLUMNS))
    return [
        *(
            f"ALTER TABLE {column.table.name} ADD COLUMN {CreateColumn(column).compile(dialect=DIALECTS[dialect])}"
            for column in columns
        ),
        # Nothing was counted by minutes until now, so that these days stay unknown.
        "INSERT INTO floor_service (service_id, counted_after, has_calls) "
        "SELECT service_id, max(at), 0 FROM event GROUP BY service_id",
    ]


def _earlier_tables(dialect: str) -> set[str]:
    earlier = (VERSIONS / f"v{version}.{dialect}.sql" for version in KNOWN if version != HEAD)
    return {
        name for path in earlier for name in re.findall(r"^CREATE TABLE (\w+)", path.read_text(encoding="utf-8"), re.M)
    }


def draft_version(dialect: str) -> str:
    """Return the SQL of the newest schema version for a database engine, statements separated by blank lines."""
    earlier = _earlier_tables(dialect)
    statements: list[str] = []
    for table in metadata.sorted_tables:
        if table.name in earlier:
            continue
        statements.append(str(CreateTable(table).compile(dialect=DIALECTS[dialect])))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=DIALECTS[dialect])) for index in indexes]
    statements += additions(dialect)
    text = "\n\n".join(re.sub(r"\s*\n\s*\n", "\n", statement.strip()) for statement in statements) + "\n"
    return re.sub(r"[ \t]+$", "", text.replace("\t", "    "), flags=re.MULTILINE)


def draft_files() -> dict[Path, str]:
    """Return the contents of the newest schema version's SQL files, by path."""
    return {VERSIONS / f"v{HEAD}.{dialect}.sql": draft_version(dialect) for dialect in DIALECTS}


if __name__ == "__main__":
    for path, statements in draft_files().items():
        path.write_text(statements, encoding="utf-8")
