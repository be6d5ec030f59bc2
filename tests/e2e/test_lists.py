"""Every list as `--json`, and as a table that says the same: data on stdout, words on stderr."""

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
    made = Home(tmp_path_factory.mktemp("lists"))
    made.set_up()
    made.ok("member", "invite", "yuna", "--name", "이유나", "--email", "yuna@hanbit.example")
    return made


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_every_list_is_there_for_programs_and_for_people(home: Home, command: tuple[str, ...]) -> None:
    told = home.ok(*command, "--json")
    assert told.err == ""
    assert isinstance(told.json, list | dict)
    shown = home.ok(*command)
    assert shown.out


def test_members_by_part_of_a_name(home: Home) -> None:
    everybody = home.ok("member", "list", "--json").json
    assert {"hong", "minsu"} <= {one["account"] for one in everybody}
    assert [one["organization_admin"] for one in everybody if one["account"] == "hong"] == [True]
    name = next(one["name"] for one in everybody if one["account"] == "minsu")
    found = home.ok("member", "list", "--search", name, "--json").json
    assert [one["account"] for one in found] == ["minsu"]
    table = home.ok("member", "list").out.splitlines()
    assert table[0].split() == ["account", "name", "e-mail", "language"]
    assert len(table) == len(everybody) + 1


def test_services_and_who_is_ready_for_phone(home: Home) -> None:
    (service,) = home.ok("service", "list", "--json").json
    assert (service["id"], service["state"]) == ("cs", "inuse")
    assert "telticket" in service["items"]
    ready = {one["account"]: one for one in home.ok("cti", "readiness", "--json").json}
    assert ready["minsu"]["unmet"] is None
    home.ok("agent", "set", "minsu", "--service", "cs", "--no-phone")
    (one,) = home.ok("cti", "readiness", "--search", "minsu", "--json").json
    assert (one["account"], one["unmet"]) == ("minsu", "permission")
    row = next(line for line in home.ok("cti", "readiness").out.splitlines() if line.startswith("minsu"))
    assert row.split()[-4:] == ["yes", "no", "yes", "permission"]


def test_ones_own_sessions(tmp_path: Path, home: Home) -> None:
    token = tmp_path / "token"
    home.ok("token", "hong", "--file", token)
    (session,) = home.ok("sessions", "list", "--json", "--as", "hong").json
    assert session["kind"] == "token"
    home.ok("sessions", "end", session["id"], "--as", "hong")
    assert home.ok("sessions", "list", "--json", "--as", "hong").json == []
