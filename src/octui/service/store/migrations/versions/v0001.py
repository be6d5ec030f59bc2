"""The tables of the first issue and the guards of the permission-change log."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the statements of this engine; a blank line ends one."""
    connection = op.get_bind()
    statements = Path(__file__).with_name(f"v0001.{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in statements.split("\n\n"):
        connection.exec_driver_sql(statement)
