"""Versions of the schema, as Alembic revisions that the program runs itself, without an ini file."""

from pathlib import Path

from sqlalchemy import Connection, text

from octui.server.database.errors import Fault

HEAD = "0003"
"""The version this program works with."""

KNOWN = ("0002", "0003")
"""Every released version up to HEAD, the first one making the whole schema."""

UNRELEASED = ("0001",)
"""Versions before the first release, which cannot be upgraded."""

FOLDER = Path(__file__).parent
_LOCK = 0x6F637475  # any number, the same for all: two upgrades at once wait for each other


def schema_version(connection: Connection) -> str | None:
    """Return the version of the schema in the database, or None for an empty database."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def check_version(connection: Connection) -> None:
    """Raise StoreError unless the database has this program's schema version."""
    if _usable_version(connection) != HEAD:
        raise Fault.NO_SCHEMA.store_error()


def migrate_database(connection: Connection) -> None:
    """Upgrade the schema to the newest version in one committed transaction; do nothing if it has that one.

    Raises StoreError where a newer program has been, for a version before the first release, and for a file of another
    program's tables.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    try:
        version = _usable_version(connection)
        if version is None and _has_other_tables(connection):
            raise Fault.FOREIGN.store_error()
    except BaseException:
        connection.rollback()
        raise
    if version != HEAD:
        _run_migrations(connection)
    connection.commit()


def _usable_version(connection: Connection) -> str | None:
    version = schema_version(connection)
    if version in UNRELEASED:
        raise Fault.UNRELEASED_SCHEMA.store_error()
    if version is not None and version not in KNOWN:
        raise Fault.NEWER_SCHEMA.store_error()
    return version


def _has_other_tables(connection: Connection) -> bool:
    """Return whether a SQLite file has tables already, so belongs to another program; False on PostgreSQL."""
    tables = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table')"
    return connection.dialect.name == "sqlite" and bool(connection.execute(text(tables)).scalar())


def _run_migrations(connection: Connection) -> None:
    # Alembic takes as long to import as the rest of the store: only when there is something to do.
    from alembic.command import upgrade
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    upgrade(config, HEAD)


def run_statements(connection: Connection, revision: str) -> None:
    """Run a schema version's SQL file for this engine, statement by statement."""
    path = FOLDER / "versions" / f"v{revision}.{connection.dialect.name}.sql"
    for statement in path.read_text(encoding="utf-8").split("\n\n"):
        connection.exec_driver_sql(statement)
