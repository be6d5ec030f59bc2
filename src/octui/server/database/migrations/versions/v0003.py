"""PBX names of agents, names that match nobody, files that were read, and the line each event came from."""

from alembic import op

from octui.server.database.migrations import run_statements

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the statements of this engine."""
    run_statements(op.get_bind(), revision)
