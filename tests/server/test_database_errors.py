"""What the store reports and does when the disk, the file or another program fails it."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, insert, select, text

from octui.schema.problems import Code
from octui.server.core.errors import ProblemError, StoreError, not_found
from octui.server.database import sqlite_file as file
from octui.server.database import tables
from octui.server.database.engine import open_store
from octui.server.database.errors import Fault, fault_of, translate_error
from octui.server.database.sqlite import SqliteStore, open_connection
from octui.server.database.sqlite_file import network_file_system
from octui.server.database.unit_of_work import Change

from .conftest import OPERATOR, Clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "octui.db"


@pytest.fixture
def file_store(path: Path, clock: Clock) -> Iterator[SqliteStore]:
    store = SqliteStore(path, clock, busy_ms=50)
    yield store
    store.close()


def insert_source(name: str) -> Callable[[Change], None]:
    return lambda change: _insert(change, name)


def _insert(change: Change, name: str) -> None:
    change.connection.execute(insert(tables.source).values(name=name))


def count_sources(store: SqliteStore) -> int:
    return store.read(
        lambda connection: connection.execute(select(func.count()).select_from(tables.source)).scalar_one()
    )


def refused_with(call: Callable[[], object]) -> tuple[Code, int]:
    with pytest.raises(StoreError) as refused:
        call()
    assert refused.value.detail.count("\n") == 0
    return refused.value.code, refused.value.status


def run_as_nobody(script: str, *arguments: str) -> dict[str, object]:
    """JSON that `script` prints, run as an ordinary user, because nothing is read-only for root."""
    prelude = (
        "import json, os, resource, sys\n"
        "import alembic.script, octui.server.database.engine as engine\n"
        "from octui.server.core.errors import StoreError\n"
        "from octui.server.core.principal import Principal\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", prelude + script, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


OPEN = """
try:
    engine.open_store("sqlite:///" + sys.argv[1]).close()
    print(json.dumps({}))
except StoreError as error:
    print(json.dumps({"code": error.code, "status": error.status, "detail": error.detail}))
"""


@pytest.fixture
def others_folder(clock: Clock) -> Iterator[Path]:
    """A folder with a database that belongs to the user `as_nobody` runs as; not below pytest's own, which only its
    user may enter and other tests share."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "data" / "octui.db"
        SqliteStore(path, clock).close()
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
            os.chown(path.parent, 65534, 65534)
            Path(made).chmod(0o711)
        yield path.parent


def test_files_are_private(path: Path, clock: Clock) -> None:
    before = os.umask(0)
    try:
        store = SqliteStore(path, clock)
        store.write(insert_source("a"), OPERATOR)
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes == {"octui.db": 0o600, "octui.db-wal": 0o600, "octui.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    SqliteStore(path, clock).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_connection_has_its_pragmas(file_store: SqliteStore, path: Path) -> None:
    def pragmas(names: str, connection: sqlite3.Connection) -> dict[str, object]:
        return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names.split()}

    writer, reader = open_connection(path, read_only=False), open_connection(path, read_only=True)
    common = {"busy_timeout": 5000, "foreign_keys": 1, "trusted_schema": 0, "journal_mode": "wal"}
    assert pragmas("busy_timeout foreign_keys trusted_schema journal_mode synchronous", writer) == {
        **common,
        "synchronous": 2,
    }
    assert pragmas("busy_timeout foreign_keys trusted_schema journal_mode query_only", reader) == {
        **common,
        "query_only": 1,
    }
    writer.close()
    reader.close()


def test_lock_of_another_program_is_waited_for_and_reported(file_store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as refused:
        file_store.write(insert_source("a"), OPERATOR)
    assert (refused.value.code, refused.value.status, refused.value.retry_after) == (Code.STORAGE_BUSY, 503, 2)
    assert count_sources(file_store) == 0
    other.execute("ROLLBACK")
    other.close()
    file_store.write(insert_source("a"), OPERATOR)
    assert count_sources(file_store) == 1


def limit_pages(store: SqliteStore, more: int) -> None:
    def work(change: Change) -> None:
        pages = change.connection.execute(text("PRAGMA page_count")).scalar_one()
        change.connection.execute(text(f"PRAGMA max_page_count = {pages + more}"))

    store.write(work, OPERATOR)


def test_full_disk_refuses_writes_answers_reads_and_recovers(file_store: SqliteStore) -> None:
    file_store.write(insert_source("a"), OPERATOR)
    limit_pages(file_store, 4)
    for _ in range(3):
        assert refused_with(lambda: file_store.write(insert_source("x" * 100_000), OPERATOR)) == (
            Code.STORAGE_FULL,
            507,
        )
        assert count_sources(file_store) == 1
    limit_pages(file_store, 1_000_000)
    file_store.write(insert_source("x" * 100_000), OPERATOR)
    assert count_sources(file_store) == 2


def write_in_one_group(store: SqliteStore, *works: Callable[[Change], None]) -> list[Future[None]]:
    """Give the writer all the works at once, so that they are one group, and wait for their results."""
    started, go = threading.Event(), threading.Event()

    def first(_: Change) -> None:
        started.set()
        go.wait(10)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        pool.submit(store.write, first, OPERATOR)
        started.wait(10)
        ends = []
        for number, work in enumerate(works, 1):
            ends.append(pool.submit(store.write, work, OPERATOR))
            while store._queue.qsize() < number:
                pass
        go.set()
    return ends


def fail_work(change: Change) -> None:
    _insert(change, "refused")
    raise not_found()


def test_only_the_failing_write_of_a_group_is_refused(file_store: SqliteStore) -> None:
    commits: list[str] = []
    file_store._writer.connection.driver_connection.set_trace_callback(
        lambda statement: commits.append(statement) if statement == "COMMIT" else None
    )
    ends = write_in_one_group(file_store, insert_source("a"), fail_work, insert_source("b"))
    assert [type(end.exception()) for end in ends] == [type(None), ProblemError, type(None)]
    assert count_sources(file_store) == 2
    assert len(commits) == 2  # the one that held the writer, and the group


def test_writes_of_a_group_are_retried_alone_on_a_full_disk(file_store: SqliteStore) -> None:
    limit_pages(file_store, 8)
    ends = write_in_one_group(
        file_store, insert_source("a"), insert_source("x" * 100_000), fail_work, insert_source("b")
    )
    kinds = [type(end.exception()) for end in ends]
    assert kinds == [type(None), StoreError, ProblemError, type(None)]
    assert count_sources(file_store) == 2


FAILING_DISK = """
store = engine.open_store("sqlite:///" + sys.argv[1])
operator = Principal(None, "", "", operator=True)
add = lambda name: lambda change: change.connection.exec_driver_sql(
    "INSERT INTO source (name) VALUES (?)", (name,)).rowcount
count = lambda: store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM source").scalar_one())
store.write(add("a"), operator)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
said = []
for name in ("x" * 1_000_000, "b", "c"):
    try:
        store.write(add(name), operator)
    except StoreError as error:
        said.append([error.code, error.status])
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
held = count()
store.close()
store = engine.open_store("sqlite:///" + sys.argv[1])
store.write(add("d"), operator)
print(json.dumps({"said": said, "held": held, "after": count()}))
store.close()
"""


def test_disk_error_stops_acknowledgments_until_a_restart(others_folder: Path) -> None:
    found = run_as_nobody(FAILING_DISK, str(others_folder / "octui.db"))
    assert found == {"said": [["storage_failed", 503]] * 3, "held": 1, "after": 2}


def test_read_only_file_is_reported(others_folder: Path) -> None:
    file = others_folder / "octui.db"
    assert run_as_nobody(OPEN, str(file)) == {}
    file.chmod(0o400)
    found = run_as_nobody(OPEN, str(file))
    assert (found["code"], found["status"]) == ("storage_read_only", 503)
    assert "octui.db cannot be written" in str(found["detail"])


def test_read_only_folder_is_reported(others_folder: Path) -> None:
    others_folder.chmod(0o511)
    found = run_as_nobody(OPEN, str(others_folder / "octui.db"))
    assert found["code"] == "storage_read_only"
    assert "folder" in str(found["detail"])
    assert run_as_nobody(OPEN, str(others_folder / "new.db"))["code"] == "storage_read_only"


def test_file_of_another_user_is_left_alone(path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    SqliteStore(path, clock).close()
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(StoreError, match="another user"):
        SqliteStore(path, clock)


def test_folder_as_database_is_refused(tmp_path: Path, clock: Clock) -> None:
    assert refused_with(lambda: SqliteStore(tmp_path, clock)) == (Code.STORAGE_READ_ONLY, 503)


def test_file_without_a_database_is_reported_and_left_alone(path: Path, clock: Clock) -> None:
    path.parent.mkdir()
    content = b"these are my notes, not a database\n" * 100
    path.write_bytes(content)
    assert refused_with(lambda: SqliteStore(path, clock)) == (Code.STORAGE_FAILED, 503)
    assert path.read_bytes() == content


def test_foreign_database_is_reported_and_left_alone(path: Path, clock: Clock) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE phonebook (name TEXT)")
    assert refused_with(lambda: SqliteStore(path, clock)) == (Code.NOT_READY, 503)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("phonebook",)]


def test_damaged_database_is_reported(path: Path, clock: Clock) -> None:
    store = SqliteStore(path, clock)
    store.write(lambda change: [_insert(change, f"{number}" * 20) for number in range(2000)], OPERATOR)
    store.close()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)
    assert refused_with(lambda: SqliteStore(path, clock)) == (Code.STORAGE_FAILED, 503)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/home/kim/data", "nfs4"), ("/home", "nfs4"), ("/homeless", ""), ("/home/local disk/x", ""), ("/srv", "")],
)
def test_network_file_systems_are_recognized(tmp_path: Path, folder: str, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
        "30 22 0:44 / /home rw - nfs4 server:/home rw\n"
        "31 30 254:1 / /home/local\\040disk rw shared:9 master:2 - xfs /dev/vdb rw\n"
        "32 22 0:45 / /srv rw - cifs //server/srv rw\n"
        "33 22 254:2 / /srv rw - ext4 /dev/vdc rw\n"
    )
    assert network_file_system(Path(folder), mounts) == kind


def test_network_file_system_is_refused(path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "network_file_system", lambda folder: "nfs4")
    with pytest.raises(StoreError, match=r"network file system \(nfs4\)"):
        SqliteStore(path, clock)


def test_unreachable_postgresql_is_reported(tmp_path: Path) -> None:
    assert refused_with(lambda: open_store(f"postgresql:///octui?host={tmp_path}")) == (Code.NOT_READY, 503)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (psycopg.errors.DiskFull(), Fault.FULL),
        (psycopg.errors.ReadOnlySqlTransaction(), Fault.READ_ONLY),
        (psycopg.errors.InsufficientPrivilege(), Fault.READ_ONLY),
        (psycopg.errors.LockNotAvailable(), Fault.LOCKED),
        (psycopg.errors.DataCorrupted(), Fault.CORRUPT),
        (psycopg.errors.IoError(), Fault.IO),
        (psycopg.errors.AdminShutdown(), Fault.UNAVAILABLE),
        (psycopg.errors.UndefinedTable(), Fault.NO_SCHEMA),
        (psycopg.OperationalError("connection refused"), Fault.UNAVAILABLE),
        (psycopg.errors.UniqueViolation(), None),
        (sqlite3.IntegrityError(), None),
        (ValueError(), None),
    ],
    ids=repr,
)
def test_driver_errors_map_to_faults(error: Exception, fault: Fault | None) -> None:
    assert fault_of(error) is fault
    assert (translate_error(error) is error) is (fault is None)
