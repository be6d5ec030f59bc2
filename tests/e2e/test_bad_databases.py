"""A database that cannot be used: one clear line, an exit code, and nothing lost."""

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
# A disk with little room left, as far as a process without rights over the system can have one.
SMALL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
from octui.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.set_up()
    return home


@pytest.fixture
def locked(home: Home) -> Iterator[None]:
    """Another program, not octui, is writing and does not end."""
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.usefixtures("locked")
def test_locked_by_another_program(home: Home) -> None:
    refused = home.run("member", "add", "one", "--name", "하나", "--email", "one@x.example")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "octui: The database is locked by another program; try again in a moment.\n"


def test_from_a_newer_version(home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    before = home.database.read_bytes()
    for command in (["stats", "--json"], ["serve", "--port", "0"], ["ingest", "events", "-"], ["db", "upgrade"]):
        refused = home.run(*command)
        assert (refused.code, refused.out) == (1, "")
        assert "newer version" in refused.err
        assert refused.err.count("\n") == 1
    assert home.database.read_bytes() == before


@pytest.mark.parametrize("content", [b"this is a letter to my mother\n" * 400, bytes(range(256)) * 40])
def test_not_a_database(home: Home, content: bytes) -> None:
    for beside in home.database.parent.glob("octui.db-*"):
        beside.unlink()
    home.database.write_bytes(content)
    refused = home.run("stats", "--json")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.count("\n") == 1
    assert home.database.read_bytes() == content


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////proc/octui/octui.db", "cannot be written"),
        ("sqlite:///{folder}", "is a folder"),
        ("mysql://localhost/octui", "A database URL is"),
        ("octui.db", "A database URL is"),
        ("sqlite://", "A database URL is"),
        ("postgresql://nobody@127.0.0.1:9/octui", "cannot be reached"),
    ],
)
def test_no_place_for_a_database(home: Home, url: str, said: str) -> None:
    refused = home.run("stats", "--json", "--database", url.format(folder=home.folder))
    assert (refused.code, refused.out) == (1, "")
    assert said in refused.err
    assert refused.err.count("\n") == 1


def test_a_disk_without_room_loses_nothing(home: Home, tmp_path: Path) -> None:
    count = 8_000
    events = tmp_path / "events.jsonl"
    lines = (json.dumps({**EVENT, "id": str(n), "data": {"ticket": f"T{n}", "agent": None}}) for n in range(count))
    events.write_text("\n".join(lines) + "\n")
    told = subprocess.run(
        [sys.executable, "-c", SMALL, "ingest", "events", str(events), "--json"],
        capture_output=True,
        text=True,
        env=home.environ,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in told.stderr
    assert told.returncode == 3, told.stderr
    taken = json.loads(told.stdout)["taken"]
    assert 0 < taken < count
    assert "run the same command again for the rest" in told.stderr
    rest = home.ok("ingest", "events", events, "--json").json
    assert rest["taken"] + rest["duplicates"] == count
    assert rest["duplicates"] >= taken
    assert home.ok("stats", "--agent", "minsu", "--json").json["tickets"]["unassigned"] == count
    assert home.ok("audit", "verify", "--json").json["ok"] is True
