"""PostgreSQL connections that are lost at any moment, and lost notifications."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, event, func, insert, select, text

from octui.schema.problems import Code
from octui.server.core.errors import StoreError
from octui.server.database import postgres, tables
from octui.server.database.engine import open_store, upgrade_database
from octui.server.database.postgres import PostgresStore
from octui.server.database.unit_of_work import Change

from .conftest import OPERATOR, Clock


@pytest.fixture
def database(empty_postgres: str) -> str:
    upgrade_database(empty_postgres)
    return empty_postgres


def open_postgres(database: str, clock: Clock) -> PostgresStore:
    store = open_store(database, clock=clock)
    assert isinstance(store, PostgresStore)
    return store


@pytest.fixture
def here(database: str, clock: Clock) -> Iterator[PostgresStore]:
    store = open_postgres(database, clock)
    yield store
    store.close()


def cut_connections(database: str) -> None:
    """End every other connection to the database, as a restart does."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def insert_source(change: Change) -> None:
    number = change.connection.execute(select(func.count()).select_from(tables.source)).scalar_one()
    change.connection.execute(insert(tables.source).values(name=str(number)))
    change.touch("a")


def count_sources(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.source)).scalar_one()


def test_dead_connections_are_replaced_unnoticed(here: PostgresStore, database: str) -> None:
    here.write(insert_source, OPERATOR)
    cut_connections(database)
    assert here.read(count_sources) == 1
    cut_connections(database)
    here.write(insert_source, OPERATOR)
    assert here.read(count_sources) == 2


def test_connection_lost_during_the_work_is_replaced(here: PostgresStore) -> None:
    tries: list[int] = []

    def dying(change: Change) -> None:
        insert_source(change)
        tries.append(1)
        if len(tries) == 1:
            change.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    here.write(dying, OPERATOR)
    assert len(tries) == 2
    assert here.read(count_sources) == 1


def test_connection_lost_during_the_commit_is_reported_as_unknown(here: PostgresStore, database: str) -> None:
    def kill(connection: Connection) -> None:
        cut_connections(database)

    event.listen(here._engine, "commit", kill)
    with pytest.raises(StoreError, match="look whether the change is there") as refused:
        here.write(insert_source, OPERATOR)
    event.remove(here._engine, "commit", kill)
    assert refused.value.code is Code.STORAGE_FAILED
    assert here.read(count_sources) == 0


def test_commits_before_the_first_listener_are_announced_later(
    here: PostgresStore, database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "RECONNECT_S", 0.05)
    monkeypatch.setattr(postgres, "SAFETY_REREAD_S", 3600.0)
    there = open_postgres(database, clock)
    heard: list[dict[str, int]] = []
    first, second = threading.Event(), threading.Event()

    def listener(changed: dict[str, int]) -> None:
        heard.append(changed)
        (second if first.is_set() else first).set()

    here.on_commit(listener)
    there.write(insert_source, OPERATOR)
    assert first.wait(10)
    cut_connections(database)
    there.write(insert_source, OPERATOR)
    assert second.wait(10)
    assert heard == [{"a": 1}, {"a": 2}]
    there.close()


def test_lost_notifications_are_found_by_the_periodic_read(
    here: PostgresStore, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SAFETY_REREAD_S", 0.05)
    heard = threading.Event()
    here.on_commit(lambda changed: heard.set() if changed == {"silent": 1} else None)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("INSERT INTO revision (topic, revision) VALUES ('silent', 1)")
    assert heard.wait(10)
