"""Backups during writes, and the findings of a check."""

import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from octui.schema.audit import Action
from octui.server.core.errors import StoreError
from octui.server.database import tables
from octui.server.database.backup import back_up, check_database
from octui.server.database.engine import open_store
from octui.server.database.migrations import HEAD
from octui.server.database.unit_of_work import Change

from .conftest import OPERATOR, Center, Clock, Store


def add_source(name: str, change: Change) -> None:
    change.connection.execute(insert(tables.source).values(name=name))


def record_entry(change: Change) -> None:
    change.record(Action.AGENT_REMOVED, target_account="kim", target_name="김민수", service="oc")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


def test_backup_during_writes_is_complete(tmp_path: Path, copy: Path, clock: Clock) -> None:
    url = f"sqlite:///{tmp_path}/octui.db"
    store = open_store(url, clock=clock)
    acknowledged = 0
    some, enough = threading.Event(), threading.Event()

    def both(change: Change) -> None:
        add_source(str(acknowledged), change)
        record_entry(change)

    def write() -> None:
        nonlocal acknowledged
        while not enough.is_set():
            store.write(both, OPERATOR)
            acknowledged += 1
            if acknowledged == 50:
                some.set()

    writer = threading.Thread(target=write)
    writer.start()
    some.wait(20)
    before = acknowledged
    back_up(url, copy)
    enough.set()
    writer.join()
    store.close()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert check_database(f"sqlite:///{copy}") == []
    restored = open_store(f"sqlite:///{copy}", clock=clock)

    def rows(table: str) -> int:
        query = select(func.count()).select_from(tables.metadata.tables[table])
        return restored.read(lambda connection: connection.execute(query).scalar_one())

    assert before <= rows("source") == rows("audit") <= acknowledged
    restored.write(record_entry, OPERATOR)
    restored.close()


def test_backup_is_one_file(tmp_path: Path, copy: Path, clock: Clock) -> None:
    open_store(f"sqlite:///{tmp_path}/octui.db", clock=clock).close()
    before = set(os.listdir(tmp_path))
    back_up(f"sqlite:///{tmp_path}/octui.db", copy)
    with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    assert {name for name in os.listdir(tmp_path) if name.startswith("copy")} == {"copy.db"}
    assert before <= set(os.listdir(tmp_path))


def test_backup_overwrites_nothing(tmp_path: Path, copy: Path, clock: Clock) -> None:
    url = f"sqlite:///{tmp_path}/octui.db"
    open_store(url, clock=clock).close()
    copy.write_text("precious")
    (tmp_path / "link.db").symlink_to(tmp_path / "elsewhere.db")
    for target in (copy, tmp_path / "link.db"):
        with pytest.raises(StoreError, match="exists already"):
            back_up(url, target)
    assert copy.read_text() == "precious"
    assert not (tmp_path / "elsewhere.db").exists()
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(url, tmp_path / "no folder" / "copy.db")


def test_failed_backup_leaves_nothing(tmp_path: Path, copy: Path) -> None:
    (tmp_path / "notes.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="damaged"):
        back_up(f"sqlite:///{tmp_path}/notes.db", copy)
    assert not copy.exists()
    for call in (
        lambda: back_up(f"sqlite:///{tmp_path}/none.db", copy),
        lambda: check_database(f"sqlite:///{tmp_path}/none.db"),
    ):
        with pytest.raises(StoreError, match="no database at"):
            call()
    assert not (tmp_path / "none.db").exists()


def test_postgresql_backup_names_pg_dump(copy: Path) -> None:
    with pytest.raises(StoreError, match=r"pg_dump --format=custom --file=\S+copy.db postgresql://me@host/octui$"):
        back_up("postgresql://me:secret@host/octui?password=secret", copy)


def test_sound_database_has_no_findings(store: Store, center: Center, url: str) -> None:
    assert check_database(url) == []
    store.write(record_entry, center.principal("admin"))
    assert check_database(url) == []


@pytest.fixture
def damaged(store: Store, center: Center, url: str) -> str:
    """A database without the triggers of the log and one of its entries."""
    for _ in range(3):
        store.write(record_entry, center.principal("admin"))
    guard = "audit_no_delete" if store.dialect == "sqlite" else "audit_no_change"

    def tamper(change: Change) -> None:
        on = "" if store.dialect == "sqlite" else " ON audit"
        change.connection.execute(text(f"DROP TRIGGER {guard}{on}"))
        change.connection.execute(text("DELETE FROM audit WHERE seq = 3"))

    store.write(tamper, OPERATOR)
    return url


def test_check_finds_missing_triggers_and_entries(damaged: str) -> None:
    found = check_database(damaged)
    assert len(found) == 2
    assert "guard audit_no" in found[0]
    assert "head of the permission-change log" in found[1]


def test_check_finds_a_gap_in_the_log(store: Store, center: Center, damaged: str) -> None:
    store.write(lambda change: change.connection.execute(text("DELETE FROM audit WHERE seq = 1")), OPERATOR)
    assert any("missing" in finding and "Entries" in finding for finding in check_database(damaged))


def test_check_finds_dangling_references(tmp_path: Path, clock: Clock) -> None:
    url = f"sqlite:///{tmp_path}/octui.db"
    open_store(url, clock=clock).close()
    with closing(sqlite3.connect(tmp_path / "octui.db")) as connection:
        connection.execute("INSERT INTO organization_admin (member_id) VALUES (77)")
        connection.commit()
    assert check_database(url) == ["Row 77 of organization_admin names a row of member that is not there."]


def test_check_finds_another_version(empty_postgres: str) -> None:
    assert check_database(empty_postgres) == ["The database is not set up for this version: run `octui db upgrade`."]
