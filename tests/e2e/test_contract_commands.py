"""`octui contracts` as a script uses it."""

import json

import pytest

from e2e.commands import Home


@pytest.fixture
def home(new_home: Home) -> Home:
    new_home.run_ok("service", "add", "cs", "--name", "고객상담", "--phone")
    return new_home


def test_contract_is_edited_suspended_and_terminated(home: Home) -> None:
    (contract,) = home.run_ok("contracts", "list", "--json").json
    assert (contract["id"], contract["state"]) == ("cs", "inuse")
    assert [item["item"] for item in contract["items"]] == ["ticket", "telticket"]

    items = "ticket,telticket:users=20:volume=90000,chat:users=5"
    edited = home.run_ok("contracts", "edit", "cs", "--items", items)
    assert edited.err == ("octui: cs: ticket,telticket -> ticket,telticket:users=20:volume=90000,chat:users=5.\n")
    details = home.run_ok("contracts", "show", "cs")
    assert "items       ticket,telticket:users=20:volume=90000,chat:users=5" in details.out
    assert "languages   ko (Korean)" in details.out
    assert "Asia/Seoul's next day" in details.out

    # Rule 7: once a day; the expected volume is no part of the contract.
    twice = home.run("contracts", "edit", "cs", "--items", "ticket")
    assert (twice.code, twice.err) == (1, "octui: The contract was edited today; it can be edited once a day.\n")
    home.run_ok("contracts", "edit", "cs", "--items", "ticket:volume=7,telticket:users=20,chat:users=5")
    volumes = home.run_ok("contracts", "show", "cs", "--json").json["items"]
    assert [item["volume"] for item in volumes] == [7, 90000, 0]

    # Rule 6: only while suspended; rule 8: suspending says that billing goes on.
    early = home.run("contracts", "terminate", "cs")
    assert (early.code, early.err) == (1, "octui: Only a suspended service is terminated: suspend it first.\n")
    assert "still billed" in home.run_ok("contracts", "suspend", "cs").err
    home.run_ok("contracts", "resume", "cs")
    home.run_ok("contracts", "suspend", "cs")
    home.run_ok("contracts", "terminate", "cs")
    assert home.run_ok("contracts", "show", "cs", "--json").json["state"] == "stop"
    over = home.run("contracts", "resume", "cs")
    assert (over.code, over.err) == (1, "octui: The service is terminated: nothing of it changes any more.\n")


def test_contracts_are_listed_as_table_and_json(home: Home) -> None:
    table = home.run_ok("contracts", "list").out.splitlines()
    assert table[0].split() == ["ID", "name", "type", "state", "registered", "edited", "items"]
    assert table[1].startswith("cs  고객상담  consultation  in use")
    assert json.loads(home.run_ok("contracts", "show", "cs", "--json").out)["name"] == "고객상담"


def test_unknown_service_is_reported_with_the_known_ones(home: Home) -> None:
    missing = home.run("contracts", "show", "nix")
    assert (missing.code, missing.out, missing.err) == (1, "", "octui: there is no service nix; there are: cs\n")


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("fax", "there is no item 'fax'"),
        ("ticket,", "there is no item ''"),
        ("ticket:seats=3", "'seats=3' is neither users=N nor volume=N"),
        ("ticket:users", "'users' is neither"),
        ("ticket:users=-3", "'users=-3' is neither"),
        ("ticket:users=３", "is neither"),
        ("ticket:users=0", "out of range"),
        ("ticket:users=100001", "out of range"),
        ("ticket:users=" + "9" * 5000, "is too large"),
        ("ticket:users=2:users=3", "users stands twice"),
    ],
)
def test_malformed_items_are_wrong_use(home: Home, items: str, message: str) -> None:
    before = home.run_ok("contracts", "list", "--json").json
    wrong = home.run("contracts", "edit", "cs", "--items", items)
    assert wrong.code == 2
    assert message in wrong.err
    assert home.run_ok("contracts", "list", "--json").json == before


@pytest.mark.parametrize(
    ("items", "message"), [("chat", "items: The item ticket is always on."), ("ticket,ticket", "items.1.item")]
)
def test_items_against_the_rules_are_refused(home: Home, items: str, message: str) -> None:
    wrong = home.run("contracts", "edit", "cs", "--items", items)
    assert wrong.code == 1
    assert message in wrong.err
