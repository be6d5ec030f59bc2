"""CTI settings and the CTI log by commands: from nothing to a file of a real session's events."""

import csv
from pathlib import Path

import openpyxl
import pytest

from e2e.commands import Home

QUEUE_LOG = Path(__file__).parents[1] / "data" / "queue_log"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.set_up()
    return home


def test_rule_20_a_version_needs_its_flag(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.ok(
        *("init", "--organization", "한빛", "--domain", "hanbit"),
        *("--admin", "hong", "--name", "홍길동", "--email", "hong@hanbit.example"),
    )
    home.ok("service", "add", "cs", "--name", "고객상담", "--phone")
    refused = home.run("cti", "settings", "set", "--version", "ipcc", "--tenant-id", "T1")
    assert refused.code == 1
    assert "octui organization set --ipcc-agreed yes" in refused.err
    assert home.ok("cti", "settings", "--json").json["tenant_id"] == ""
    home.ok("organization", "set", "--ipcc-agreed", "yes")
    half = home.ok("cti", "settings", "set", "--version", "ipcc", "--tenant-id", "T1")
    assert "without the tenant name" in half.err
    whole = home.ok(
        "cti", "settings", "--service", "cs", "set", "--tenant-name", "한빛 고객센터", "--retention-years", "3"
    )
    assert "complete" in whole.err
    told = home.ok("cti", "settings", "--json").json
    assert (told["complete"], told["retention_years"], told["monitoring"], told["version"]) == (True, 3, False, 3)
    home.ok("organization", "set", "--ipcc-agreed", "no")
    assert home.ok("cti", "settings", "--json").json["complete"] is False
    for wrong in (("--retention-years", "0"), ("--retention-years", "101"), ("--tenant-id", "T\u202e1"), ()):
        assert home.run("cti", "settings", "set", *wrong).code in (1, 2)
    logged = home.ok("audit", "search", "action:cti_settings.changed", "--log", "administration", "--json").json
    assert len(logged) == 2


def test_rule_21_the_log_of_a_real_session(home: Home, tmp_path: Path) -> None:
    home.ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs")
    assert home.ok("cti", "log", "days", "--json").json == []  # nobody monitored
    other = Home(tmp_path / "other")
    other.set_up()
    other.ok("cti", "settings", "set", "--monitoring", "on")
    taken = other.ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs", "--json").json["taken"]
    days = other.ok("cti", "log", "days", "--json").json
    assert [one["day"] for one in days] == ["2026-07-01", "2026-06-30"]
    assert sum(one["count"] for one in days) == taken
    entries = other.ok("cti", "log", "list", "--from", "2026-06-30", "--to", "2026-06-30", "--json").json
    assert len(entries) == days[1]["count"]
    for name in ("log.xlsx", "log.csv"):
        said = other.ok("cti", "log", "export", tmp_path / name, "--from", "2026-06-30", "--to", "2026-07-01")
        assert f"{taken} entries" in said.err
    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx").active
    assert sheet is not None
    rows = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert len(rows) == taken + 1
    assert all(isinstance(cell, str) for row in rows for cell in row)
    with open(tmp_path / "log.csv", encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == taken + 1
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert other.run("cti", "log", "export", tmp_path / "no" / "log.xlsx").code == 1
    assert other.run("cti", "log", "list", "--from", "2026-13-01").code == 1
