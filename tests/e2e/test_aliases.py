"""`octui cti alias`, and what `octui ingest` says of names that match nobody (rules.md 36)."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from e2e.commands import Home

T = 1_782_864_000  # 2026-07-01 09:00 in Seoul
FREEPBX = f"""\
{T}|c0|q1|Local/7001@from-queue/n|ADDMEMBER|
{T + 100}|c1|q1|Kim Minsu|CONNECT|5|1780000000.1|3
{T + 400}|c1|q1|Kim Minsu|COMPLETECALLER|5|300|1
{T + 900}|c0|q1|Local/7001@from-queue/n|REMOVEMEMBER|
"""


@pytest.fixture(scope="module")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A center, made once."""
    home = Home(tmp_path_factory.mktemp("model"))
    home.create_center()
    return home


@pytest.fixture
def home(model_home: Home, tmp_path: Path) -> Home:
    """A copy of the center for one test."""
    shutil.copytree(model_home.folder / "DATA", tmp_path / "DATA")
    return Home(tmp_path)


def test_rule_36_the_command_that_ingest_prints_fills_in_what_was_missing(home: Home, tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(FREEPBX)
    first = home.run("ingest", "queue-log", log, "--service", "cs")
    assert first.code == 3
    assert "agent Kim Minsu matches nobody: 2 events left out; probably minsu (김민수): " in first.err
    command = re.search(r"; (octui cti alias add .*)$", first.err, re.MULTILINE)
    assert command is not None
    taken = home.run_ok(*shlex.split(command[1])[1:])
    assert "minsu: Kim Minsu" in taken.err
    again = home.run_ok("ingest", "queue-log", log, "--service", "cs")
    assert "2 events taken in" in again.err
    figures = home.run_ok("stats", "--agent", "minsu", "--date", "2026-07-01", "--json").json["phone"]
    assert figures["inbound_calls"] == {"count": 1, "seconds": 300}
    assert home.run_ok("cti", "alias", "list", "--unmatched", "--json").json == []


def test_names_are_added_listed_and_removed(home: Home) -> None:
    assert "minsu: Kim Minsu" in home.run_ok("cti", "alias", "add", "minsu", "Kim Minsu").err
    home.run_ok("cti", "alias", "add", "minsu", "Local/7001@from-queue/n")
    home.run_ok("cti", "alias", "add", "jiwoo", "Choi")
    assert home.run_ok("cti", "alias", "list", "--json").json == {
        "jiwoo": ["Choi"],
        "minsu": ["Kim Minsu", "Local/7001@from-queue/n"],
    }
    assert home.run_ok("cti", "alias", "list", "minsu").out.splitlines()[1:] == [
        "minsu    김민수  Kim Minsu",
        "minsu    김민수  Local/7001@from-queue/n",
    ]
    same = home.run_ok("cti", "alias", "add", "minsu", "KIM MINSU")
    assert "minsu: KIM MINSU; Local/7001@from-queue/n" in same.err
    refused = home.run("cti", "alias", "add", "jiwoo", "kim minsu")
    assert (refused.code, refused.out) == (1, "")
    assert "Another agent has it. (minsu)" in refused.err
    assert "another agent" in home.run("cti", "alias", "add", "jiwoo", "7001").err.lower()
    home.run_ok("cti", "alias", "remove", "minsu", "Kim Minsu")
    gone = home.run("cti", "alias", "remove", "minsu", "Kim Minsu")
    assert gone.code == 1
    assert "there are: Local/7001@from-queue/n" in gone.err
    assert home.run("cti", "alias", "add", "nobody", "x").code == 1
    for wrong in (["minsu"], ["minsu", "x", "--proposed"], ["minsu", "--proposed"], [], ["minsu", "a;b"]):
        assert home.run("cti", "alias", "add", *wrong).code == 2, wrong
    assert home.run("cti", "alias", "add", "minsu", " ").code == 2
    assert home.run("cti", "alias", "add", "minsu", "\x1b[31m").code == 1
    entries = home.run_ok("audit", "search", "id:jiwoo", "--json").json
    assert entries[0]["after"]["pbx_names"] == ["Choi"]


def test_all_proposals_are_taken_at_once(home: Home, tmp_path: Path) -> None:
    assert "there are no proposals" in home.run_ok("cti", "alias", "add", "--proposed").err
    log = tmp_path / "queue_log"
    pauses = f"{T + 901}|c|NONE|SIP/7002|PAUSEALL|\n{T + 901}|c|q1|Choi|PAUSE|\n{T + 902}|c|q1|Unknown|PAUSE|\n"
    log.write_text(FREEPBX + pauses)
    assert home.run("ingest", "queue-log", log, "--service", "cs").code == 3
    rows = home.run_ok("cti", "alias", "list", "--unmatched", "--json").json
    assert {row["name"]: (row["account"], row["reason"]) for row in rows} == {
        "Kim Minsu": ("minsu", "queue"),
        "Choi": ("jiwoo", "pause"),
        "Unknown": (None, None),
    }
    assert "paused in the same second" in home.run_ok("cti", "alias", "list", "--unmatched").out
    home.run_ok("cti", "alias", "add", "--proposed")
    assert home.run_ok("cti", "alias", "list", "--json").json == {"jiwoo": ["Choi"], "minsu": ["Kim Minsu"]}
    (row,) = home.run_ok("cti", "alias", "list", "--unmatched", "--json").json
    assert row["name"] == "Unknown"


@pytest.mark.parametrize("name", ["agents.xlsx", "agents.csv"])
def test_exported_names_are_imported(home: Home, tmp_path: Path, name: str) -> None:
    home.run_ok("cti", "alias", "add", "minsu", "Kim Minsu")
    home.run_ok("cti", "alias", "add", "minsu", "=1+1")
    home.run_ok("cti", "export", tmp_path / name)
    assert "nothing differs" in home.run_ok("cti", "import", tmp_path / name).err
    home.run_ok("cti", "alias", "remove", "minsu", "Kim Minsu")
    assert "1 cells saved" in home.run_ok("cti", "import", tmp_path / name).err
    assert home.run_ok("cti", "alias", "list", "--json").json == {"minsu": ["=1+1", "Kim Minsu"]}
