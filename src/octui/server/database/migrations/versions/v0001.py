"""The tables of the first issue and the guards of the permission-change log."""

from alembic import op

from octui.server.database.migrations import run_statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the statements of this engine."""
    run_statements(op.get_bind(), revision)
