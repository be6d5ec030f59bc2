"""`octui charges` and `octui rates`, on a new organization."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from e2e.commands import Home
from octui.sheets.read import read_table


def add_service(home: Home) -> str:
    """Add a service that is registered today; return the present month of the organization."""
    home.run_ok("service", "add", "cs", "--name", "고객상담", "--language", "ko", "--phone")
    return datetime.now(ZoneInfo("Asia/Seoul")).strftime("%Y-%m")


def test_exported_rate_card_is_imported_with_other_prices(new_home: Home, tmp_path: Path) -> None:
    add_service(new_home)
    card = tmp_path / "card.csv"
    assert new_home.run_ok("rates", "export", card).err.endswith(f"the rate card of 1970-01-01 is written to {card}.\n")
    table = new_home.run_ok("rates", "list").out.splitlines()
    assert table[2].split() == ["1970-01-01", "telticket", "70000", "2333", "yes", "6000", "40000", "3", "1.5"]
    past = new_home.run("rates", "import", card)
    assert past.code == 1
    assert "valid from: The month has begun" in past.err
    text = card.read_text("utf-8").replace(",50000,1667,no", ",60000,2000,no")
    card.write_text(text, "utf-8")
    dry_run = new_home.run_ok("rates", "import", card, "--from", "2090-01", "--dry-run")
    assert "nothing was changed" in dry_run.err
    assert len(new_home.run_ok("rates", "list", "--json").json) == 1
    new_home.run_ok("rates", "import", card, "--from", "2090-01")
    old, new = new_home.run_ok("rates", "list", "--json").json
    assert (old["valid_from"], new["valid_from"]) == ("1970-01-01", "2090-01-01")
    assert [rate["monthly"] for rate in new["rates"]] == [10_000, 70_000, 10_000, 250_000, *[60_000] * 3, 100_000]


def test_bad_rate_card_reports_each_cell_and_changes_nothing(new_home: Home, tmp_path: Path) -> None:
    card = tmp_path / "card.csv"
    new_home.run_ok("rates", "export", card)
    good = card.read_text("utf-8")
    card.write_text(good.replace("helpdoc,50000", "helpdocs,5e4").replace("3,1.5", "3.0001,1.5"), "utf-8")
    bad = new_home.run("rates", "import", card, "--from", "2090-01")
    assert bad.code == 1
    assert [line.partition(": ")[2].partition(": ")[2][:24] for line in bad.err.splitlines()[:-1]] == [
        "line 3, tier-1 unit: '3.",
        "line 7, monthly: '5e4' i",
        "line 7, item: 'helpdocs'",
    ]
    card.write_text(good.replace("3000,,50,\n", "3000,7,50,\n", 1), "utf-8")
    incomplete = new_home.run("rates", "import", card, "--from", "2090-01")
    assert (incomplete.code, "line 2, tier-2 unit: " in incomplete.err) == (1, True)
    for wrong in (tmp_path / "none.csv", tmp_path):
        assert new_home.run("rates", "import", wrong, "--from", "2090-01").code == 1
    assert len(new_home.run_ok("rates", "list", "--json").json) == 1


def test_charges_of_a_month_are_listed_and_exported(new_home: Home, tmp_path: Path) -> None:
    empty = new_home.run_ok("charges")
    assert "there has been no contract yet" in empty.err
    present = add_service(new_home)
    new_home.run_ok("rates", "discount", "cs", "--percent", "33.33", "--from", present)
    charges = new_home.run_ok("charges", "--json").json
    assert charges["month"] == present
    lines = charges["services"][0]["lines"]
    assert [line["item"] for line in lines] == ["ticket", "ticket", "telticket", "telticket", None]
    assert charges["total"] == sum(line["amount"] for line in lines) > 0
    table = new_home.run_ok("charges", "--month", present, "--service", "cs", "--type", "consultation")
    assert table.out.splitlines()[-1].split() == ["total", str(charges["total"])]
    assert f"{present} (to date, through {charges['through']}; days of Asia/Seoul)" in table.err
    for name in ("charges.xlsx", "charges.csv"):
        new_home.run_ok("charges", "--export", tmp_path / name)
        sheet = read_table(tmp_path / name)
        assert sheet.rows[-1][-1] == str(charges["total"])
        assert [row[-1] for row in sheet.rows[:-1]] == [str(line["amount"]) for line in lines]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("charges", "--month", "2090-01"), 1, "month: The month has not begun yet."),
        (("charges", "--month", "soon"), 1, "month: A month is written like 2026-11."),
        (("charges", "--month", "2001-01"), 0, "there was no contract in 2001-01; the first began in"),
        (("charges", "--service", "nix"), 1, "service: There is no service with this ID."),
        (("charges", "--type", "both"), 2, "invalid"),
        (("charges", "--export", "x.txt"), 2, ".xlsx or .csv"),
        (("rates", "discount", "nix", "--percent", "1", "--from", "2090-01"), 1, "there is no service nix"),
        (("rates", "discount", "cs", "--percent", "101", "--from", "2090-01"), 2, "0 to 100"),
        (("rates", "discount", "cs", "--percent", "1.234", "--from", "2090-01"), 2, "0 to 100"),
        (("rates", "discount", "cs", "--percent", "1", "--from", "2090"), 2, "2027-01"),
        (("rates", "discount", "cs", "--percent", "1", "--from", "2001-01"), 1, "valid_from: The month is over"),
    ],
)
def test_impossible_request_is_refused_in_one_line(
    new_home: Home, arguments: tuple[str, ...], code: int, message: str
) -> None:
    add_service(new_home)
    result = new_home.run(*arguments)
    assert result.code == code
    assert message in result.err
