"""Write the newest version's statements from the tables: `python -m octui.server.database.migrations.draft`.

A version makes the tables that no earlier one made, then runs its `additions`. The files of a released version stay as
they are; a change of the tables is a new version: HEAD, a `v….py`, and `additions` that alter what was there.
"""

import re
from pathlib import Path

from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from octui.server.database import audit_triggers
from octui.server.database.migrations import FOLDER, HEAD, KNOWN
from octui.server.database.tables import metadata

VERSIONS = FOLDER / "versions"
DIALECTS: dict[str, Dialect] = {
    "sqlite": registry.load("sqlite")(),
    "postgresql": registry.load("postgresql.psycopg")(),
}
_BOOLEANS = {"sqlite": ("0", "1"), "postgresql": ("false", "true")}
_FIRST_CARD = (  # rules.md 9: item, monthly, per day, per user, free count, cap and prices of the tiers
    ("ticket", 10_000, 333, True, 3_000, None, 50_000, None),
    ("telticket", 70_000, 2_333, True, 6_000, 40_000, 3_000, 1_500),
    ("chat", 10_000, 333, True, 3_000, None, 50_000, None),
    ("endusermanagement", 250_000, 8_333, False, None, None, None, None),
    ("callback", 50_000, 1_667, False, None, None, None, None),
    ("helpdoc", 50_000, 1_667, False, None, None, None, None),
    ("knowledge", 50_000, 1_667, False, None, None, None, None),
    ("ticketevaluation", 100_000, 3_333, False, None, None, None, None),
)


def _first_rate_card(dialect: str) -> str:
    def literal(value: str | int | bool | None) -> str:
        if isinstance(value, bool):
            return _BOOLEANS[dialect][value]
        return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)

    rows = ",\n    ".join(f"(19700101, {', '.join(map(literal, row))})" for row in _FIRST_CARD)
    return (
        "INSERT INTO rate (valid_from, item, monthly, per_day, per_user, free_count, tier1_cap, tier1_price, "
        f"tier2_price) VALUES\n    {rows}"
    )


def additions(dialect: str) -> list[str]:
    """Return what the newest version needs besides its new tables: triggers, alterations, first rows."""
    return [*audit_triggers.DIALECTS[dialect], _first_rate_card(dialect)]


def _earlier_tables(dialect: str) -> set[str]:
    earlier = (VERSIONS / f"v{version}.{dialect}.sql" for version in KNOWN if version != HEAD)
    return {
        name for path in earlier for name in re.findall(r"^CREATE TABLE (\w+)", path.read_text(encoding="utf-8"), re.M)
    }


def draft_version(dialect: str) -> str:
    """Return the statements of the newest version, with a blank line between them."""
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
    """Return the files of the newest version with their contents."""
    return {VERSIONS / f"v{HEAD}.{dialect}.sql": draft_version(dialect) for dialect in DIALECTS}


if __name__ == "__main__":
    for path, statements in draft_files().items():
        path.write_text(statements, encoding="utf-8")
