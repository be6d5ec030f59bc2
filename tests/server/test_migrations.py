"""Migrations on both engines: a new database has the tables' schema, a database of 0.1.0 is upgraded and readable."""

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from octui.server.app import create_app
from octui.server.core.errors import StoreError
from octui.server.database import tables
from octui.server.database.engine import open_store, upgrade_database
from octui.server.database.migrations import FOLDER, HEAD, KNOWN, schema_version
from octui.server.database.migrations.draft import draft_files
from server.clients import local_client

from .conftest import OPERATOR, Clock, Store

DATA = Path(__file__).with_name("data")
RESTORED = 1_795_910_400_000  # 2026-11-29 00:00 UTC, the day after the dumps were made


@pytest.mark.parametrize(("path", "statements"), draft_files().items(), ids=lambda value: getattr(value, "name", ""))
def test_newest_version_is_drafted_from_the_tables(path: Path, statements: str) -> None:
    assert path.read_text(encoding="utf-8") == statements, "run: python -m octui.server.database.migrations.draft"


def test_every_version_is_known() -> None:
    script = ScriptDirectory(FOLDER)
    assert script.get_current_head() == HEAD
    assert [revision.revision for revision in script.walk_revisions()][::-1] == list(KNOWN)


def test_migrated_database_has_the_tables(store: Store) -> None:
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


@pytest.fixture(params=["sqlite", "postgresql"])
def released_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that the commands of octui 0.1.0 (commit 60d89fe) have filled, restored from its dump."""
    dump = (DATA / f"octui-0.1.0.{request.param}.sql").read_text(encoding="utf-8")
    if request.param == "sqlite":
        connection = sqlite3.connect(tmp_path / "released.db")
        connection.executescript(dump)
        connection.close()
        return f"sqlite:///{tmp_path}/released.db"
    url: str = request.getfixturevalue("empty_postgres")
    with psycopg.connect(url, autocommit=True) as restoring:
        restoring.execute(dump)  # type: ignore[arg-type,call-overload]
    return url


async def test_released_database_is_upgraded_and_readable(released_url: str, clock: Clock) -> None:
    upgrade_database(released_url)
    clock.now = RESTORED
    store = open_store(released_url, clock=clock)
    assert store.read(schema_version) == HEAD
    async with local_client(create_app(store)) as client:

        async def read(path: str) -> Any:
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            return answer.json()

        assert (await read("/organization"))["name"] == "한빛 고객센터"
        assert [service["id"] for service in (await read("/services"))["services"]] == ["cs"]
        members = (await read("/members"))["members"]
        assert [(row["account"], row["name"]) for row in members] == [
            ("admin", "관리자"),
            ("minsu", "김민수"),
            ("yuna", "이유나"),
        ]
        (agent,) = (await read("/services/cs/agents"))["agents"]
        assert (agent["account"], agent["role"], agent["phone"]) == ("minsu", "ROLE_FRONT_AGENT", True)
        (cells,) = (await read("/services/cs/cti/agents"))["agents"]
        assert (cells["cti_id"], cells["cti_no"]) == ("cs1001", "7001")
        assert (await read("/services/cs/cti/settings"))["tenant_name"] == "Hanbit"
        assert (await read("/rates"))["cards"]
        assert [service["service"] for service in (await read("/charges"))["services"]] == ["cs"]
        stats = await read("/services/cs/stats/minsu?date=2026-11-28")
        assert stats["phone"]["inbound_calls"] == {"count": 1, "ms": 120_000}
        entries = (await read("/audit?log=all"))["entries"]
        assert len(entries) == 15
        assert (entries[0]["action"], entries[0]["target_account"]) == ("agent.removed", "yuna")
        assert (await read("/audit/verification"))["ok"] is True
        added = await client.post("/members", json={"account": "jiwoo", "name": "최지우", "email": "j@hanbit.example"})
        assert added.status_code == 201
        assert (await read("/audit/verification"))["ok"] is True
    store.close()


_SCHEMA = {
    "sqlite": (
        "SELECT t.name, t.wr, t.strict, c.name, c.type, c.\"notnull\", replace(c.dflt_value, '''''', ''''), c.pk "
        "FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c WHERE t.schema = 'main' AND t.type = 'table'",
        'SELECT t.name, f."from", f."table", f."to", f.on_delete FROM pragma_table_list t '
        "JOIN pragma_foreign_key_list(t.name) f WHERE t.schema = 'main'",
        "SELECT type, name, trim(sql, char(10)) FROM sqlite_master WHERE type IN ('index', 'trigger')",
    ),
    "postgresql": (
        "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default, identity_generation "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT indexdef, '' FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    ),
}


def schema_of(connection: Connection) -> list[set[tuple[object, ...]]]:
    """Columns, keys, indexes and triggers, without the order of the columns; the first rate card belongs to it."""
    queries = (*_SCHEMA[connection.dialect.name], "SELECT * FROM rate", "SELECT * FROM alembic_version")
    return [{tuple(row) for row in connection.exec_driver_sql(query)} for query in queries]


def test_upgraded_database_has_the_schema_of_a_new_one(
    released_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    upgrade_database(released_url)
    released = open_store(released_url)
    new_url = f"sqlite:///{tmp_path}/new.db"
    if released.dialect == "postgresql":
        server = request.getfixturevalue("server")
        new_url = server.make("new", "template")
    new = open_store(new_url)
    assert released.read(schema_of) == new.read(schema_of)
    new.close()
    released.close()


def test_migrated_database_is_left_as_it_is(released_url: str) -> None:
    upgrade_database(released_url)
    store = open_store(released_url)
    before = store.read(schema_of)
    store.close()
    upgrade_database(released_url)
    store = open_store(released_url)
    assert store.read(schema_of) == before
    store.close()


@pytest.mark.parametrize(
    ("version", "words"), [("9999", "newer version"), ("0001", "octui db upgrade` of octui 0.1.0")]
)
def test_unknown_versions_are_left_alone(url: str, clock: Clock, version: str, words: str) -> None:
    store = open_store(url, clock=clock)
    change = text("UPDATE alembic_version SET version_num = :version").bindparams(version=version)
    store.write(lambda unit: unit.connection.execute(change), OPERATOR)
    store.close()
    for attempt in (lambda: open_store(url, clock=clock), lambda: upgrade_database(url)):
        with pytest.raises(StoreError, match=words) as refused:
            attempt()
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


def test_failed_migration_leaves_nothing(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds when the program is killed during one: the next start begins anew."""
    read = Path.read_text

    def read_broken(path: Path, *arguments: Any, **named: Any) -> str:
        return read(path, *arguments, **named) + ("\n\nnonsense" if path.suffix == ".sql" else "")

    monkeypatch.setattr(Path, "read_text", read_broken)
    url = f"sqlite:///{tmp_path}/octui.db"
    with pytest.raises(OperationalError, match="nonsense"):
        open_store(url, clock=clock)
    monkeypatch.undo()
    with sqlite3.connect(tmp_path / "octui.db") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
    open_store(url, clock=clock).close()
