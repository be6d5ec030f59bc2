"""The organization screen, by keyboard: facts, key, admins."""

from pathlib import Path

import pytest

from octui.client.errors import Unreachable
from octui.schema.organization import OrganizationAdmin
from octui.schema.problems import Code
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.code import CodeShown
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.look_up import LookUp
from octui.ui.widgets.facts import Facts
from octui.ui.widgets.fields import Typed
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from ui.fake_floor import NOW, member
from ui.fake_people import refused
from ui.fakes import HOSTILE, FakeApi, me
from ui.person import Person, at


def organization_admin(account: str, name: str) -> OrganizationAdmin:
    return OrganizationAdmin(account=account, name=name, email=f"{account}@acme.example")


def fake_server(*accounts: str) -> FakeApi:
    api = FakeApi(me())
    api.admins = [organization_admin(account, f"이름{account}") for account in accounts]
    api.members_known = [member(account, f"이름{account}") for account in ("admin", "minsu", "yuna")]
    return api


async def load_admins(person: Person) -> None:
    person.desk.tell_admins()
    await person.settled()


async def test_admins_are_listed_and_the_own_row_is_marked(tmp_path: Path) -> None:
    async with at(fake_server("admin", "yuna"), tmp_path, "organization") as person:
        await load_admins(person)
        row = next(line for line in person.lines if line.startswith(" admin"))
        assert "이름admin" in row
        assert "admin@acme.example" in row
        assert "you" in row
        assert "2 of 2 people" in person.status
        assert "no consultation and no service" in person.status


@pytest.mark.parametrize(
    ("accounts", "why"),
    [(("admin",), "This is the last organization admin"), (("admin", "yuna"), "Not oneself")],
)
async def test_disabled_remove_gives_the_reason(accounts: tuple[str, ...], why: str, tmp_path: Path) -> None:
    async with at(fake_server(*accounts), tmp_path, "organization") as person:
        await load_admins(person)
        assert "Del" in person.keys_off
        await person.press("delete")
        assert why in person.said
        assert not [call for call in person.api.calls if call.startswith("remove")]


async def test_removing_needs_confirmation(tmp_path: Path) -> None:
    async with at(fake_server("admin", "yuna"), tmp_path, "organization") as person:
        await load_admins(person)
        await person.press("down")
        assert "Del" not in person.keys_off
        await person.press("delete")
        await person.dialog(Choice)
        assert "yuna" in person.text
        await person.press("escape")
        await person.no_dialog()
        assert person.api.admins == [organization_admin("admin", "이름admin"), organization_admin("yuna", "이름yuna")]
        await person.press("delete")
        await person.dialog(Choice)
        await person.press("2")
        await person.no_dialog()
        assert [a.account for a in person.api.admins] == ["admin"]
        assert "recorded in the change log" in person.said
        await load_admins(person)
        assert "yuna" not in person.text


async def test_refusal_of_the_server_is_shown(tmp_path: Path) -> None:
    async with at(fake_server("admin", "yuna"), tmp_path, "organization") as person:
        await load_admins(person)
        person.api.admins = [organization_admin("yuna", "이름yuna")]  # somebody was faster
        await person.press("down", "delete")
        await person.dialog(Choice)
        await person.press("2")
        await person.no_dialog()
        assert "This is the last organization admin" in person.said


async def test_member_found_by_part_of_the_name_is_added(tmp_path: Path) -> None:
    async with at(fake_server("admin"), tmp_path, "organization") as person:
        await load_admins(person)
        await person.press("insert")
        await person.dialog(LookUp)
        look_up = person.app.screen
        await person.press("enter")
        assert "members" not in person.api.calls  # nothing given: nobody is asked
        look_up.query_one(SearchLine).focus()
        look_up.query_one(SearchLine).value = "minsu"
        await person.press("enter")
        await person.until(lambda: look_up.query_one(Grid).cursor is not None)
        await person.press("enter")
        await person.no_dialog()
        assert [a.account for a in person.api.admins] == ["admin", "minsu"]


async def test_adding_an_existing_admin_is_refused(tmp_path: Path) -> None:
    async with at(fake_server("admin", "yuna"), tmp_path, "organization") as person:
        await load_admins(person)
        await person.press("f7")
        await person.dialog(LookUp)
        look_up = person.app.screen
        look_up.query_one(SearchLine).value = "yuna"
        await person.press("enter")
        await person.until(lambda: look_up.query_one(Grid).cursor is not None)
        await person.press("enter")
        await person.no_dialog()
        assert person.said == "There is one already."


async def test_rows_follow_the_changes_of_others(tmp_path: Path) -> None:
    async with at(fake_server("admin"), tmp_path, "organization") as person:
        await load_admins(person)
        person.api.admins.append(organization_admin("yuna", "이유나"))
        await load_admins(person)
        assert "이유나" in person.text
        assert "Del" in person.keys_off


async def test_search_and_order_are_remembered(tmp_path: Path) -> None:
    api = fake_server("admin", "yuna")
    async with at(api, tmp_path, "organization") as person:
        await load_admins(person)
        await person.press("right", "f5", "f5")
        await person.search("이름")
    async with at(api, tmp_path, "organization") as person:
        await load_admins(person)
        assert person.screen.query_one(SearchLine).value == "이름"
        accounts = [line.split()[0] for line in person.lines if "@acme.example" in line]
        assert accounts == ["yuna", "admin"]
        await person.search("nobody at all")
        assert "Nobody matches" in person.text


async def test_lost_read_right_is_reported(tmp_path: Path) -> None:
    async with at(fake_server("admin"), tmp_path, "organization") as person:
        await load_admins(person)
        person.desk.feed.tell("organization/admins", None)
        await person.settled()
        assert "may not be read" in person.said


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_text(name: str, tmp_path: Path) -> None:
    api = fake_server("admin")
    api.admins.append(OrganizationAdmin(account="yuna", name=name, email="yuna@acme.example"))
    async with at(api, tmp_path, "organization", size=(80, 24)) as person:
        await load_admins(person)
        assert any(line.startswith(" yuna") for line in person.lines)
        await person.press("down", "delete")
        await person.dialog(Choice)
        await person.press("escape")
        await person.no_dialog()


# --- the organization and its key (rules.md 11, 12, 20) ---------------------------------------------------------


async def load_organization(person: Person) -> None:
    """Let the feed report the organization and wait until its key is loaded."""
    person.desk.tell_admins()
    person.desk.tell_organization()
    await person.settled()


def shown_facts(person: Person) -> dict[str, str]:
    return person.screen.query_one(Facts).facts


async def test_rules_11_12_organization_facts_are_above_the_admins(tmp_path: Path) -> None:
    async with at(fake_server("admin"), tmp_path, "organization") as person:
        assert shown_facts(person)["Key"] == "–"
        await load_organization(person)
        assert shown_facts(person) == {
            "Organization name": "Acme 고객센터",
            "Organization ID": "org1",
            "Domain": "acme",
            "URL": "https://acme.oc.toast.com",
            "Time zone": "Asia/Seoul",
            "Key": "••••90ab  changed 2026-11-16 11:13:20",
            "IPCC (Private)": "not agreed",
            "Mobile Contact": "not activated",
        }
        assert person.api.key not in person.text


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_eight_admins_fit_on_the_smallest_screen(language: str, tmp_path: Path) -> None:
    api = fake_server(*(f"admin{number:02}" for number in range(20)))
    api.person = api.person.model_copy(update={"language": language})
    async with at(api, tmp_path, "organization", size=(80, 24)) as person:
        await load_organization(person)
        assert len([line for line in person.lines if line.startswith(" admin")]) >= 8
        assert "https://acme.oc.toast.com" in person.text
        assert "••••90ab" in person.text
        long = api.person.organization.model_copy(update={"name": "가" * 100, "domain": "x" * 40})
        api.person = api.person.model_copy(update={"organization": long})
        await load_organization(person)
        assert len([line for line in person.lines if line.startswith(" admin")]) >= 8
        assert person.screen.query_one(Facts).size.height == 8


async def test_changes_by_the_operator_appear(tmp_path: Path) -> None:
    api = fake_server("admin")
    async with at(api, tmp_path, "organization") as person:
        await load_organization(person)
        changed = {"ipcc_agreed": True, "name": "새 이름", "url": "https://new.example"}
        api.person = api.person.model_copy(update={"organization": api.person.organization.model_copy(update=changed)})
        api.renew_key("e" * 32)
        await load_organization(person)
        assert shown_facts(person)["Organization name"] == "새 이름"
        assert shown_facts(person)["URL"] == "https://new.example"
        assert shown_facts(person)["IPCC (Private)"] == "agreed"
        assert shown_facts(person)["Key"].startswith("••••eeee")


async def test_rule_11_key_is_shown_once_and_leaves_no_trace(tmp_path: Path) -> None:
    api = fake_server("admin")
    async with at(api, tmp_path, "organization") as person:
        await load_admins(person)
        assert "F6" in person.keys_off
        await person.press("f6")
        assert person.said == "The key is not known yet."
        await load_organization(person)
        await person.press("f6")
        await person.dialog(Choice)
        await person.press("1")
        await person.dialog(CodeShown)
        assert api.key in person.text
        assert "never shown again" in person.text
        await person.press("enter", "ctrl+c")
        assert person.app.clipboard == api.key
        await person.press("escape")
        await person.no_dialog()
        assert api.key not in person.text
        assert person.app.clipboard == ""
        await person.press("f6")
        await person.dialog(Choice)
        assert "shown already, 2026-11-23" in person.text
        await person.press("1")
        assert isinstance(person.app.screen, Choice)
        await person.press("escape")
        await person.no_dialog()
        assert api.calls.count("show_key") == 1


async def test_key_already_shown_to_another_admin_is_refused(tmp_path: Path) -> None:
    api = fake_server("admin")
    async with at(api, tmp_path, "organization") as person:
        await load_organization(person)
        api.key_state = api.key_state.model_copy(update={"shown": NOW})
        await person.press("f6")
        await person.dialog(Choice)
        await person.press("1")
        await person.no_dialog()
        assert "has been shown already" in person.said


async def test_rule_11_key_is_changed_by_typing_the_organization_name(tmp_path: Path) -> None:
    api = fake_server("admin")
    async with at(api, tmp_path, "organization", size=(80, 24)) as person:
        await load_organization(person)
        await person.press("f6")
        await person.dialog(Choice)
        await person.press("2")
        await person.dialog(Form)
        assert "Acme 고객센터" in person.text
        assert "The old key stops at once" in person.text
        form = person.app.screen
        form.query_one(Typed).value = "Acme"
        await person.press("enter")
        await person.until(lambda: "is not right" in person.text)
        assert api.key_state.version == 1
        form.query_one(Typed).value = "Acme 고객센터"
        api.renew_key("d" * 32)
        await person.press("enter")
        await person.until(lambda: "Somebody else changed it meanwhile" in person.text)
        await person.until(lambda: api.calls.count("organization_key") == 2)
        await person.pilot.pause()
        await person.press("enter")
        await person.dialog(CodeShown)
        assert "f" * 32 in person.text
        await person.press("escape")
        await person.no_dialog()
        assert shown_facts(person)["Key"].startswith("••••ffff")


async def test_failed_load_of_the_key_is_reported_and_retried(tmp_path: Path) -> None:
    api = fake_server("admin")
    async with at(api, tmp_path, "organization") as person:
        api.failure = Unreachable("connect", "gone")
        await load_organization(person)
        assert "cannot be reached" in person.said
        await person.press("f6")
        assert "cannot be reached" in person.said
        api.failure = None
        await person.passes(5)
        await person.settled()
        assert shown_facts(person)["Key"].startswith("••••90ab")
        api.failure = refused(Code.KEY_FILE_UNUSABLE)
        await load_organization(person)
        assert person.said == "The service cannot use its key file: its operator has to look."


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_organization_name_is_shown_as_text(name: str, tmp_path: Path) -> None:
    api = fake_server("admin")
    hostile = api.person.organization.model_copy(update={"name": name})
    api.person = api.person.model_copy(update={"organization": hostile})
    async with at(api, tmp_path, "organization", size=(80, 24)) as person:
        await load_organization(person)
        assert len(shown_facts(person)) == 8
        await person.press("f6")
        await person.dialog(Choice)
        await person.press("2")
        await person.dialog(Form)
        await person.press("escape")
        await person.no_dialog()
