"""Contracts with their history, charges, the organization key, the CTI log."""

from alembic import op

from octui.server.database.migrations import run_statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the statements of this engine."""
    run_statements(op.get_bind(), revision)
