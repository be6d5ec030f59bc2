"""Every list as JSON and as a table: data on stdout, words on stderr."""

from pathlib import Path

import pytest

from e2e.commands import Home

LISTS = [
    ("member", "list"),
    ("member", "invitations"),
    ("agent", "list", "--service", "cs"),
    ("organization", "admin", "list"),
    ("service", "list"),
    ("contracts", "list"),
    ("charges",),
    ("rates", "list"),
    ("cti", "list"),
    ("cti", "settings"),
    ("cti", "readiness"),
    ("cti", "log", "days"),
    ("audit", "search"),
    ("sessions", "list"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("lists"))
    home.create_center()
    home.run_ok("member", "invite", "yuna", "--name", "이유나", "--email", "yuna@hanbit.example")
    return home


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_every_list_is_printed_as_json_and_table(home: Home, command: tuple[str, ...]) -> None:
    document = home.run_ok(*command, "--json")
    assert document.err == ""
    assert isinstance(document.json, list | dict)
    table = home.run_ok(*command)
    assert table.out


def test_members_are_searched_by_part_of_a_name(home: Home) -> None:
    members = home.run_ok("member", "list", "--json").json
    assert {"hong", "minsu"} <= {row["account"] for row in members}
    assert [row["organization_admin"] for row in members if row["account"] == "hong"] == [True]
    name = next(row["name"] for row in members if row["account"] == "minsu")
    matches = home.run_ok("member", "list", "--search", name, "--json").json
    assert [row["account"] for row in matches] == ["minsu"]
    table = home.run_ok("member", "list").out.splitlines()
    assert table[0].split() == ["account", "name", "e-mail", "language"]
    assert len(table) == len(members) + 1


def test_services_and_readiness_are_listed(home: Home) -> None:
    (service,) = home.run_ok("service", "list", "--json").json
    assert (service["id"], service["state"]) == ("cs", "inuse")
    assert "telticket" in service["items"]
    readiness = {row["account"]: row for row in home.run_ok("cti", "readiness", "--json").json}
    assert readiness["minsu"]["unmet"] is None
    home.run_ok("agent", "set", "minsu", "--service", "cs", "--no-phone")
    (row,) = home.run_ok("cti", "readiness", "--search", "minsu", "--json").json
    assert (row["account"], row["unmet"]) == ("minsu", "permission")
    row = next(line for line in home.run_ok("cti", "readiness").out.splitlines() if line.startswith("minsu"))
    assert row.split()[-4:] == ["yes", "no", "yes", "permission"]


def test_own_sessions_are_listed_and_ended(tmp_path: Path, home: Home) -> None:
    token = tmp_path / "token"
    home.run_ok("token", "hong", "--file", token)
    (session,) = home.run_ok("sessions", "list", "--json", "--as", "hong").json
    assert session["kind"] == "token"
    home.run_ok("sessions", "end", session["id"], "--as", "hong")
    assert home.run_ok("sessions", "list", "--json", "--as", "hong").json == []
