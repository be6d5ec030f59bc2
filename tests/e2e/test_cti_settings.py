"""CTI settings and the CTI log by commands, on the events of a real session."""

import csv
from pathlib import Path

import openpyxl

from e2e.commands import Home

QUEUE_LOG = Path(__file__).parents[1] / "data" / "queue_log"


def test_rule_20_version_needs_its_flag(new_home: Home) -> None:
    home = new_home
    home.run_ok("service", "add", "cs", "--name", "고객상담", "--phone")
    refused = home.run("cti", "settings", "set", "--version", "ipcc", "--tenant-id", "T1")
    assert refused.code == 1
    assert "octui organization set --ipcc-agreed yes" in refused.err
    assert home.run_ok("cti", "settings", "--json").json["tenant_id"] == ""
    home.run_ok("organization", "set", "--ipcc-agreed", "yes")
    incomplete = home.run_ok("cti", "settings", "set", "--version", "ipcc", "--tenant-id", "T1")
    assert "without the tenant name" in incomplete.err
    complete = home.run_ok(
        "cti", "settings", "--service", "cs", "set", "--tenant-name", "한빛 고객센터", "--retention-years", "3"
    )
    assert "complete" in complete.err
    settings = home.run_ok("cti", "settings", "--json").json
    expected = {"complete": True, "retention_years": 3, "monitoring": False, "version": 3}
    assert settings == settings | expected
    home.run_ok("organization", "set", "--ipcc-agreed", "no")
    assert home.run_ok("cti", "settings", "--json").json["complete"] is False
    for wrong in (("--retention-years", "0"), ("--retention-years", "101"), ("--tenant-id", "T\u202e1"), ()):
        assert home.run("cti", "settings", "set", *wrong).code in (1, 2)
    entries = home.run_ok("audit", "search", "action:cti_settings.changed", "--log", "administration", "--json").json
    assert len(entries) == 2


def test_rule_21_log_of_a_real_session_is_exported(home: Home, tmp_path: Path) -> None:
    home.run_ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs")
    assert home.run_ok("cti", "log", "days", "--json").json == []  # monitoring is off
    monitored = Home(tmp_path / "other")
    monitored.create_center()
    monitored.run_ok("cti", "settings", "set", "--monitoring", "on")
    taken = monitored.run_ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs", "--json").json["taken"]
    days = monitored.run_ok("cti", "log", "days", "--json").json
    assert [row["day"] for row in days] == ["2026-07-01", "2026-06-30"]
    assert sum(row["count"] for row in days) == taken
    entries = monitored.run_ok("cti", "log", "list", "--from", "2026-06-30", "--to", "2026-06-30", "--json").json
    assert len(entries) == days[1]["count"]
    for name in ("log.xlsx", "log.csv"):
        result = monitored.run_ok("cti", "log", "export", tmp_path / name, "--from", "2026-06-30", "--to", "2026-07-01")
        assert f"{taken} entries" in result.err
    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx").active
    assert sheet is not None
    rows = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert len(rows) == taken + 1
    assert all(isinstance(cell, str) for row in rows for cell in row)
    with open(tmp_path / "log.csv", encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == taken + 1
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert monitored.run("cti", "log", "export", tmp_path / "no" / "log.xlsx").code == 1
    assert monitored.run("cti", "log", "list", "--from", "2026-13-01").code == 1
