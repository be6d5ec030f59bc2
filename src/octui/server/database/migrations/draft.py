"""Write the newest version's statements from tables.py: `python -m octui.server.database.migrations.draft`.

A version makes the tables that no earlier one made, then runs its `alterations`. Once a version has been released its
files stay as they are, and a change of the tables is a new version of its own: HEAD, a `v….py`, alterations here.
"""

import re
from pathlib import Path

from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from octui.server.database.migrations import FOLDER, HEAD, KNOWN
from octui.server.database.tables import metadata

VERSIONS = FOLDER / "versions"
DIALECTS: dict[str, Dialect] = {
    "sqlite": registry.load("sqlite")(),
    "postgresql": registry.load("postgresql.psycopg")(),
}
_TODAY = {
    "sqlite": "CAST(strftime('%Y%m%d', 'now') AS INTEGER)",
    "postgresql": "CAST(to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD') AS INTEGER)",
}
_FLAG = {"sqlite": "INTEGER DEFAULT 0 NOT NULL", "postgresql": "BOOLEAN DEFAULT false NOT NULL"}
_BIG = {"sqlite": "INTEGER", "postgresql": "BIGINT"}
_TEXT = {"sqlite": "TEXT", "postgresql": 'TEXT COLLATE "C"'}
_TRUE = {"sqlite": ("0", "1"), "postgresql": ("false", "true")}
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


def _first_card(dialect: str) -> str:
    def written(value: str | int | bool | None) -> str:
        if isinstance(value, bool):
            return _TRUE[dialect][value]
        return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)

    rows = ",\n    ".join(f"(19700101, {', '.join(map(written, row))})" for row in _FIRST_CARD)
    return (
        "INSERT INTO rate (valid_from, item, monthly, per_day, per_user, free_count, tier1_cap, tier1_price, "
        f"tier2_price) VALUES\n    {rows}"
    )


def alterations(dialect: str) -> list[str]:
    """What the newest version changes in the tables of earlier ones, and the data it brings over."""
    flag, big, text, today = _FLAG[dialect], _BIG[dialect], _TEXT[dialect], _TODAY[dialect]
    return [
        f"ALTER TABLE organization ADD COLUMN ipcc_agreed {flag}",
        f"ALTER TABLE organization ADD COLUMN mobile_contact_activated {flag}",
        "ALTER TABLE cti_settings ADD COLUMN retention_years INTEGER DEFAULT 2 NOT NULL",
        "ALTER TABLE event ADD COLUMN cti_day INTEGER",
        "CREATE INDEX ix_event_cti_log ON event (service_id, cti_day, id) WHERE cti_day IS NOT NULL",
        f"ALTER TABLE service ADD COLUMN state {text} DEFAULT 'inuse' NOT NULL",
        f"ALTER TABLE service ADD COLUMN version {big} DEFAULT 1 NOT NULL",
        "ALTER TABLE service ADD COLUMN registered_day INTEGER",
        "ALTER TABLE service ADD COLUMN edited_day INTEGER",
        "ALTER TABLE service ADD COLUMN terminated_day INTEGER",
        "ALTER TABLE contract_item ADD COLUMN users INTEGER DEFAULT 1 NOT NULL",
        f"ALTER TABLE contract_item ADD COLUMN volume {big} DEFAULT 0 NOT NULL",
        # When a contract of version 0001 began is not known: it is charged for from now on.
        f"UPDATE service SET registered_day = {today}",
        "ALTER TABLE service DROP COLUMN active",
        "INSERT INTO service_language (service_id, position, language) SELECT id, 0, language FROM service",
        "INSERT INTO contract_version (service_id, day, item, users) "
        "SELECT i.service_id, s.registered_day, i.item, i.users "
        "FROM contract_item i JOIN service s ON s.id = i.service_id",
        _first_card(dialect),
        f"ALTER TABLE ticket ADD COLUMN first_at {big} DEFAULT 0 NOT NULL",
        "UPDATE ticket SET first_at = coalesce((SELECT min(e.at) FROM event e WHERE e.service_id = ticket.service_id "
        "AND e.ticket = ticket.ticket), at)",
        "CREATE INDEX ix_ticket_service_id_first_at ON ticket (service_id, first_at)",
        "CREATE INDEX ix_event_chat_opened ON event (service_id, at) WHERE type = 'octui.chat.opened'",
        "CREATE INDEX ix_figure_calls ON figure (service_id, day) WHERE state IN ('inbound_calls', 'outbound_calls')",
    ]


def _made_before(dialect: str) -> set[str]:
    earlier = (VERSIONS / f"v{version}.{dialect}.sql" for version in KNOWN if version != HEAD)
    return {
        name for path in earlier for name in re.findall(r"^CREATE TABLE (\w+)", path.read_text(encoding="utf-8"), re.M)
    }


def drafted_statements(dialect: str) -> str:
    """The statements of the newest version, one after another with a blank line between."""
    before = _made_before(dialect)
    statements: list[str] = []
    for table in metadata.sorted_tables:
        if table.name in before:
            continue
        statements.append(str(CreateTable(table).compile(dialect=DIALECTS[dialect])))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=DIALECTS[dialect])) for index in indexes]
    statements += alterations(dialect)
    return "\n\n".join(re.sub(r"\s*\n\s*\n", "\n", statement.strip()) for statement in statements) + "\n"


def _tidy(statements: str) -> str:
    return re.sub(r"[ \t]+$", "", statements.replace("\t", "    "), flags=re.MULTILINE)


def drafted_files() -> dict[Path, str]:
    """The files of the newest version and what belongs in them."""
    return {VERSIONS / f"v{HEAD}.{dialect}.sql": _tidy(drafted_statements(dialect)) for dialect in DIALECTS}


if __name__ == "__main__":
    for path, statements in drafted_files().items():
        path.write_text(statements, encoding="utf-8")
