"""The schema's versions, as Alembic revisions that are run by the program itself, without an ini file."""

from pathlib import Path

from sqlalchemy import Connection, text

from octui.server.database.errors import Fault

HEAD = "0002"
"""The version this program works with."""

KNOWN = ("0001", "0002")
"""Every version up to HEAD; any other one in a database was written by a newer program."""

FOLDER = Path(__file__).parent
_LOCK = 0x6F637475  # any number, the same for all: two upgrades at once wait for each other


def schema_version(connection: Connection) -> str | None:
    """The version of the schema in the database; None: there is none yet."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def check_version(connection: Connection) -> None:
    """Raise StoreError unless the schema is this program's."""
    found = schema_version(connection)
    if found is not None and found not in KNOWN:
        raise Fault.NEWER_SCHEMA.store_error()
    if found != HEAD:
        raise Fault.NO_SCHEMA.store_error()


def migrate_database(connection: Connection) -> None:
    """Bring the database to HEAD in one transaction, which is committed; nothing happens where it is there already.
    Raises StoreError where a newer program has been, and for a file of another program's tables."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = schema_version(connection)
    if found is not None and found not in KNOWN:
        connection.rollback()
        raise Fault.NEWER_SCHEMA.store_error()
    if found is None and _has_other_tables(connection):
        connection.rollback()
        raise Fault.FOREIGN.store_error()
    if found != HEAD:
        _upgrade(connection)
    connection.commit()


def _has_other_tables(connection: Connection) -> bool:
    """Whether a file is another program's; a schema of PostgreSQL may be shared."""
    tables = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table')"
    return connection.dialect.name == "sqlite" and bool(connection.execute(text(tables)).scalar())


def _upgrade(connection: Connection) -> None:
    # Alembic takes as long to import as the rest of the store: only when there is something to do.
    from alembic.command import upgrade
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    upgrade(config, HEAD)


def run_statements(connection: Connection, revision: str) -> None:
    """Run the version's statements for this engine; a blank line ends one."""
    path = FOLDER / "versions" / f"v{revision}.{connection.dialect.name}.sql"
    for statement in path.read_text(encoding="utf-8").split("\n\n"):
        connection.exec_driver_sql(statement)
