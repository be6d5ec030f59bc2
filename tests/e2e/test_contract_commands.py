"""`octui contracts` as a script uses it."""

import json
from pathlib import Path

import pytest

from e2e.commands import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.ok(
        *("init", "--organization", "한빛 고객센터", "--domain", "hanbit"),
        *("--admin", "hong", "--name", "홍길동", "--email", "hong@hanbit.example"),
    )
    made.ok("service", "add", "cs", "--name", "고객상담", "--phone")
    return made


def test_a_service_from_its_contract_to_its_end(home: Home) -> None:
    (listed,) = home.ok("contracts", "list", "--json").json
    assert (listed["id"], listed["state"]) == ("cs", "inuse")
    assert [one["item"] for one in listed["items"]] == ["ticket", "telticket"]

    wanted = "ticket,telticket:users=20:volume=90000,chat:users=5"
    edited = home.ok("contracts", "edit", "cs", "--items", wanted)
    assert edited.err == ("octui: cs: ticket,telticket -> ticket,telticket:users=20:volume=90000,chat:users=5.\n")
    shown = home.ok("contracts", "show", "cs")
    assert "items       ticket,telticket:users=20:volume=90000,chat:users=5" in shown.out
    assert "languages   ko (Korean)" in shown.out
    assert "Asia/Seoul's next day" in shown.out

    # Rule 7: once a day; the expected volume is no part of the contract.
    twice = home.run("contracts", "edit", "cs", "--items", "ticket")
    assert (twice.code, twice.err) == (1, "octui: The contract was edited today; it can be edited once a day.\n")
    home.ok("contracts", "edit", "cs", "--items", "ticket:volume=7,telticket:users=20,chat:users=5")
    volumes = home.ok("contracts", "show", "cs", "--json").json["items"]
    assert [one["volume"] for one in volumes] == [7, 90000, 0]

    # Rule 6: only while suspended; rule 8: suspending says that billing goes on.
    early = home.run("contracts", "terminate", "cs")
    assert (early.code, early.err) == (1, "octui: Only a suspended service is terminated: suspend it first.\n")
    assert "still billed" in home.ok("contracts", "suspend", "cs").err
    home.ok("contracts", "resume", "cs")
    home.ok("contracts", "suspend", "cs")
    home.ok("contracts", "terminate", "cs")
    assert home.ok("contracts", "show", "cs", "--json").json["state"] == "stop"
    over = home.run("contracts", "resume", "cs")
    assert (over.code, over.err) == (1, "octui: The service is terminated: nothing of it changes any more.\n")


def test_the_table_is_for_people_and_json_for_programs(home: Home) -> None:
    table = home.ok("contracts", "list").out.splitlines()
    assert table[0].split() == ["ID", "name", "type", "state", "registered", "edited", "items"]
    assert table[1].startswith("cs  고객상담  consultation  in use")
    assert json.loads(home.ok("contracts", "show", "cs", "--json").out)["name"] == "고객상담"


def test_a_service_that_is_not_there(home: Home) -> None:
    missing = home.run("contracts", "show", "nix")
    assert (missing.code, missing.out, missing.err) == (1, "", "octui: there is no service nix; there are: cs\n")


@pytest.mark.parametrize(
    ("given", "said"),
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
def test_items_that_are_none(home: Home, given: str, said: str) -> None:
    before = home.ok("contracts", "list", "--json").json
    wrong = home.run("contracts", "edit", "cs", "--items", given)
    assert wrong.code == 2
    assert said in wrong.err
    assert home.ok("contracts", "list", "--json").json == before


@pytest.mark.parametrize(
    ("given", "said"), [("chat", "items: The item ticket is always on."), ("ticket,ticket", "items.1.item")]
)
def test_items_that_the_service_refuses(home: Home, given: str, said: str) -> None:
    wrong = home.run("contracts", "edit", "cs", "--items", given)
    assert wrong.code == 1
    assert said in wrong.err
