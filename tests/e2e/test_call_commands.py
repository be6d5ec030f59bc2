"""`octui ingest cdr` and `octui ingest cel`: figures, exit codes and what is said."""

from pathlib import Path

import pytest

from e2e.commands import Home

DATA = Path(__file__).parents[1] / "data"
DAY = "2026-06-30"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("calls"))
    home.create_center()
    return home


def outbound(home: Home) -> dict[str, int]:
    figures = home.run_ok("stats", "--agent", "minsu", "--service", "cs", "--date", DAY, "--json").json["phone"]
    found: dict[str, int] = figures["outbound_calls"]
    return found


def test_calls_of_a_cdr_and_a_cel_are_counted_once(home: Home, tmp_path: Path) -> None:
    taken = home.run_ok("ingest", "cdr", DATA / "cdr.csv", "--service", "cs", "--json")
    assert taken.json["by_type"] == {"octui.call.answered": 5, "octui.call.dialled": 6, "octui.call.ended": 6}
    assert taken.json["unmatched"] == {"PJSIP/kt": 9}
    assert "trunks and phones that are no agent's, with their events left out: PJSIP/kt (9)." in taken.err
    assert outbound(home) == {"count": 4, "seconds": 88 + 90 + 96 + 95}
    again = home.run_ok("ingest", "cel", DATA / "cel.csv", "--json").json
    assert (again["taken"], again["unreadable"]["count"]) == (17, 0)
    assert outbound(home)["count"] == 4

    wrong = home.run("ingest", "cel", DATA / "cdr.csv")
    assert wrong.code == 1
    assert wrong.err.startswith(f"octui: {DATA / 'cdr.csv'}: no CEL of Asterisk in it")
    broken = tmp_path / "Master.csv"
    broken.write_bytes((DATA / "cdr.csv").read_bytes() + b"\x00\xff\n")
    partly = home.run("ingest", "cdr", broken, "--utc")
    assert partly.code == 3
    assert "line 14 could not be read: binary data, not text" in partly.err
