"""Alembic environment: runs the migrations on the connection of `migrate_database`, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
