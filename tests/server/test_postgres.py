"""What PostgreSQL alone can do to us: connections that die, at any moment."""

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
from octui.server.database.store import Change

from .conftest import OPERATOR, Clock


@pytest.fixture
def database(empty_postgres: str) -> str:
    upgrade_database(empty_postgres)
    return empty_postgres


def opened(database: str, clock: Clock) -> PostgresStore:
    store = open_store(database, clock=clock)
    assert isinstance(store, PostgresStore)
    return store


@pytest.fixture
def here(database: str, clock: Clock) -> Iterator[PostgresStore]:
    store = opened(database, clock)
    yield store
    store.close()


def cut(database: str) -> None:
    """End every other connection to the database, as a restart does."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def add(change: Change) -> None:
    number = change.connection.execute(select(func.count()).select_from(tables.source)).scalar_one()
    change.connection.execute(insert(tables.source).values(name=str(number)))
    change.touch("a")


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.source)).scalar_one()


def test_dead_connections_are_not_noticed(here: PostgresStore, database: str) -> None:
    here.write(add, OPERATOR)
    cut(database)
    assert here.read(count) == 1
    cut(database)
    here.write(add, OPERATOR)
    assert here.read(count) == 2


def test_a_connection_that_dies_in_the_work_is_replaced(here: PostgresStore) -> None:
    tries: list[int] = []

    def dying(change: Change) -> None:
        add(change)
        tries.append(1)
        if len(tries) == 1:
            change.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    here.write(dying, OPERATOR)
    assert len(tries) == 2
    assert here.read(count) == 1


def test_a_connection_that_dies_in_the_commit_leaves_a_doubt_that_is_said(here: PostgresStore, database: str) -> None:
    def kill(connection: Connection) -> None:
        cut(database)

    event.listen(here._engine, "commit", kill)
    with pytest.raises(StoreError, match="look whether the change is there") as refused:
        here.write(add, OPERATOR)
    event.remove(here._engine, "commit", kill)
    assert refused.value.code is Code.STORAGE_FAILED
    assert here.read(count) == 0


def test_what_happens_while_nobody_listens_is_told_after(
    here: PostgresStore, database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "RECONNECT_S", 0.05)
    monkeypatch.setattr(postgres, "SAFETY_REREAD_S", 3600.0)
    there = opened(database, clock)
    heard: list[dict[str, int]] = []
    first, second = threading.Event(), threading.Event()

    def listener(changed: dict[str, int]) -> None:
        heard.append(changed)
        (second if first.is_set() else first).set()

    here.on_commit(listener)
    there.write(add, OPERATOR)
    assert first.wait(10)
    cut(database)
    there.write(add, OPERATOR)
    assert second.wait(10)
    assert heard == [{"a": 1}, {"a": 2}]
    there.close()


def test_notifications_that_are_lost_are_found_by_the_safety_look(
    here: PostgresStore, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SAFETY_REREAD_S", 0.05)
    heard = threading.Event()
    here.on_commit(lambda changed: heard.set() if changed == {"silent": 1} else None)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("INSERT INTO revision (topic, revision) VALUES ('silent', 1)")
    assert heard.wait(10)
