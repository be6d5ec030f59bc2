"""The migrated schema is the one of tables.py, on both engines."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from octui.server.core.errors import StoreError
from octui.server.database import tables
from octui.server.database.engine import open_store, upgrade_database
from octui.server.database.migrations import FOLDER, HEAD, KNOWN
from octui.server.database.migrations.draft import drafted_files

from .conftest import OPERATOR, Clock, Store


@pytest.mark.parametrize(("path", "statements"), drafted_files().items(), ids=lambda value: getattr(value, "name", ""))
def test_the_newest_version_is_what_the_tables_say(path: Path, statements: str) -> None:
    assert path.read_text(encoding="utf-8") == statements, "run: python -m octui.server.database.migrations.draft"


def test_the_versions_are_known() -> None:
    script = ScriptDirectory(FOLDER)
    assert script.get_current_head() == HEAD
    assert [revision.revision for revision in script.walk_revisions()][::-1] == list(KNOWN)


def test_a_migrated_database_has_the_tables(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        return list(compare_metadata(context, tables.metadata))

    assert store.read(differences) == []


def test_every_sqlite_table_is_strict(tmp_path: Path, clock: Clock) -> None:
    open_store(f"sqlite:///{tmp_path}/octui.db", clock=clock).close()
    with sqlite3.connect(tmp_path / "octui.db") as connection:
        loose = connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0"
        ).fetchall()
    connection.close()
    assert sorted(name for (name,) in loose) == ["alembic_version", "sqlite_schema", "sqlite_sequence"]


def test_a_newer_version_is_left_alone(url: str, clock: Clock) -> None:
    store = open_store(url, clock=clock)
    store.write(
        lambda change: change.connection.execute(text("UPDATE alembic_version SET version_num = '9999'")), OPERATOR
    )
    store.close()
    for call in (lambda: open_store(url, clock=clock), lambda: upgrade_database(url)):
        with pytest.raises(StoreError, match="newer version") as refused:
            call()
        assert (refused.value.code, refused.value.status) == ("not_ready", 503)


def test_postgresql_is_only_upgraded_on_request(empty_postgres: str, clock: Clock) -> None:
    with pytest.raises(StoreError, match="octui db upgrade"):
        open_store(empty_postgres, clock=clock)
    upgrade_database(empty_postgres)
    upgrade_database(empty_postgres)
    store = open_store(empty_postgres, clock=clock)
    assert store.revisions(["a"]) == {"a": 0}
    store.close()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "no url"], ids=str)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match=r"sqlite:///path or postgresql://"):
        open_store(url)


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the program is killed in it: the next start begins anew."""
    read = Path.read_text

    def broken(path: Path, *arguments: Any, **named: Any) -> str:
        return read(path, *arguments, **named) + ("\n\nnonsense" if path.suffix == ".sql" else "")

    monkeypatch.setattr(Path, "read_text", broken)
    url = f"sqlite:///{tmp_path}/octui.db"
    with pytest.raises(OperationalError, match="nonsense"):
        open_store(url, clock=clock)
    monkeypatch.undo()
    with sqlite3.connect(tmp_path / "octui.db") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
    open_store(url, clock=clock).close()
