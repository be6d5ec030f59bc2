"""Write version 0001 anew from tables.py and audit_guard.py: `python -m octui.service.store.migrations.draft`.

Only as long as no version has been released; after that a change of the tables is a new version of its own.
"""

import re
from pathlib import Path

from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from octui.service.store import audit_guard
from octui.service.store.tables import metadata

VERSIONS = Path(__file__).parent / "versions"
DIALECTS: dict[str, Dialect] = {
    "sqlite": registry.load("sqlite")(),
    "postgresql": registry.load("postgresql.psycopg")(),
}
GUARDS = {"sqlite": audit_guard.SQLITE, "postgresql": audit_guard.POSTGRESQL}


def draft(dialect: str) -> str:
    """The statements that make the schema, one after another with a blank line between."""
    statements: list[str] = []
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=DIALECTS[dialect])))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=DIALECTS[dialect])) for index in indexes]
    statements += GUARDS[dialect]
    return "\n\n".join(re.sub(r"\s*\n\s*\n", "\n", statement.strip()) for statement in statements) + "\n"


def _tidy(statements: str) -> str:
    return re.sub(r"[ \t]+$", "", statements.replace("\t", "    "), flags=re.MULTILINE)


def drafts() -> dict[Path, str]:
    """The files of version 0001 and what belongs in them."""
    return {VERSIONS / f"v0001.{dialect}.sql": _tidy(draft(dialect)) for dialect in DIALECTS}


if __name__ == "__main__":
    for path, statements in drafts().items():
        path.write_text(statements, encoding="utf-8")
