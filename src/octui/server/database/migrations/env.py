"""Run by Alembic: the migrations on the connection that `settle` gave it, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
