"""Databases that cannot be used: one clear line, an exit code, nothing lost."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from e2e.commands import Home

EVENT = {"specversion": "1.0", "source": "crm", "type": "octui.ticket.created"}
# Limits the size of files: to the program it is a disk without room.
LIMITED_PROGRAM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
from octui.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def write_lock(home: Home) -> Iterator[None]:
    """Another program, not octui, is writing and does not end."""
    with closing(sqlite3.connect(home.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.usefixtures("write_lock")
def test_lock_of_another_program_is_reported(home: Home) -> None:
    refused = home.run("member", "add", "one", "--name", "하나", "--email", "one@x.example")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "octui: The database is locked by another program; try again in a moment.\n"


def test_database_of_a_newer_version_is_refused_and_left_alone(home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = home.database.read_bytes()
    for command in (["stats", "--json"], ["serve", "--port", "0"], ["ingest", "events", "-"], ["db", "upgrade"]):
        refused = home.run(*command)
        assert (refused.code, refused.out) == (1, "")
        assert "newer version" in refused.err
        assert refused.err.count("\n") == 1
    assert home.database.read_bytes() == before


@pytest.mark.parametrize("content", [b"this is a letter to my mother\n" * 400, bytes(range(256)) * 40])
def test_file_that_is_no_database_is_refused_and_left_alone(home: Home, content: bytes) -> None:
    for beside in home.database.parent.glob("octui.db-*"):
        beside.unlink()
    home.database.write_bytes(content)
    refused = home.run("stats", "--json")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.count("\n") == 1
    assert home.database.read_bytes() == content


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:////proc/octui/octui.db", "cannot be written"),
        ("sqlite:///{folder}", "is a folder"),
        ("mysql://localhost/octui", "A database URL is"),
        ("octui.db", "A database URL is"),
        ("sqlite://", "A database URL is"),
        ("postgresql://nobody@127.0.0.1:9/octui", "cannot be reached"),
    ],
)
def test_unusable_database_url_is_refused(home: Home, url: str, message: str) -> None:
    refused = home.run("stats", "--json", "--database", url.format(folder=home.folder))
    assert (refused.code, refused.out) == (1, "")
    assert message in refused.err
    assert refused.err.count("\n") == 1


def test_full_disk_loses_no_events(home: Home, tmp_path: Path) -> None:
    count = 8_000
    events = tmp_path / "events.jsonl"
    lines = (json.dumps({**EVENT, "id": str(n), "data": {"ticket": f"T{n}", "agent": None}}) for n in range(count))
    events.write_text("\n".join(lines) + "\n")
    result = subprocess.run(
        [sys.executable, "-c", LIMITED_PROGRAM, "ingest", "events", str(events), "--json"],
        capture_output=True,
        text=True,
        env=home.environ,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr
    assert result.returncode == 3, result.stderr
    taken = json.loads(result.stdout)["taken"]
    assert 0 < taken < count
    assert "run the same command again for the rest" in result.stderr
    rest = home.run_ok("ingest", "events", events, "--json").json
    assert rest["taken"] + rest["duplicates"] == count
    assert rest["duplicates"] >= taken
    assert home.run_ok("stats", "--agent", "minsu", "--json").json["tickets"]["unassigned"] == count
    assert home.run_ok("audit", "verify", "--json").json["ok"] is True
