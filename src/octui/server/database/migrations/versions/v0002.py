"""The baseline: all tables, the triggers that protect the permission-change log, the first rate card."""

from alembic import op

from octui.server.database.migrations import run_statements

revision = "0002"
down_revision = None


def upgrade() -> None:
    """Run the statements of this engine."""
    run_statements(op.get_bind(), revision)
