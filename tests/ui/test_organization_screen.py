"""The organization, its key and its admins, by keyboard."""

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


def admin(account: str, name: str) -> OrganizationAdmin:
    return OrganizationAdmin(account=account, name=name, email=f"{account}@acme.example")


def centre(*accounts: str) -> FakeApi:
    api = FakeApi(me())
    api.admins = [admin(account, f"이름{account}") for account in accounts]
    api.members_known = [member(account, f"이름{account}") for account in ("admin", "minsu", "yuna")]
    return api


async def told(one: Person) -> None:
    one.desk.tell_admins()
    await one.settled()


async def test_the_admins_are_listed_and_oneself_is_marked(tmp_path: Path) -> None:
    async with at(centre("admin", "yuna"), tmp_path, "organization") as one:
        await told(one)
        row = next(line for line in one.lines if line.startswith(" admin"))
        assert "이름admin" in row
        assert "admin@acme.example" in row
        assert "you" in row
        assert "2 of 2 people" in one.status
        assert "no consultation and no service" in one.status


@pytest.mark.parametrize(
    ("accounts", "why"),
    [(("admin",), "This is the last organization admin"), (("admin", "yuna"), "Not oneself")],
)
async def test_why_one_cannot_be_removed_is_said_before(accounts: tuple[str, ...], why: str, tmp_path: Path) -> None:
    async with at(centre(*accounts), tmp_path, "organization") as one:
        await told(one)
        assert "Del" in one.keys_off
        await one.press("delete")
        assert why in one.said
        assert not [call for call in one.api.calls if call.startswith("remove")]


async def test_one_is_removed_after_asking(tmp_path: Path) -> None:
    async with at(centre("admin", "yuna"), tmp_path, "organization") as one:
        await told(one)
        await one.press("down")
        assert "Del" not in one.keys_off
        await one.press("delete")
        await one.dialog(Choice)
        assert "yuna" in one.text
        await one.press("escape")
        await one.no_dialog()
        assert one.api.admins == [admin("admin", "이름admin"), admin("yuna", "이름yuna")]
        await one.press("delete")
        await one.dialog(Choice)
        await one.press("2")
        await one.no_dialog()
        assert [a.account for a in one.api.admins] == ["admin"]
        assert "recorded in the change log" in one.said
        await told(one)
        assert "yuna" not in one.text


async def test_what_the_service_refuses_is_said(tmp_path: Path) -> None:
    async with at(centre("admin", "yuna"), tmp_path, "organization") as one:
        await told(one)
        one.api.admins = [admin("yuna", "이름yuna")]  # somebody was faster
        await one.press("down", "delete")
        await one.dialog(Choice)
        await one.press("2")
        await one.no_dialog()
        assert "This is the last organization admin" in one.said


async def test_a_member_found_by_part_of_the_name_is_added(tmp_path: Path) -> None:
    async with at(centre("admin"), tmp_path, "organization") as one:
        await told(one)
        await one.press("insert")
        await one.dialog(LookUp)
        look_up = one.app.screen
        await one.press("enter")
        assert "members" not in one.api.calls  # nothing given: nobody is asked
        look_up.query_one(SearchLine).focus()
        look_up.query_one(SearchLine).value = "minsu"
        await one.press("enter")
        await one.until(lambda: look_up.query_one(Grid).cursor is not None)
        await one.press("enter")
        await one.no_dialog()
        assert [a.account for a in one.api.admins] == ["admin", "minsu"]


async def test_who_is_admin_already_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with at(centre("admin", "yuna"), tmp_path, "organization") as one:
        await told(one)
        await one.press("f7")
        await one.dialog(LookUp)
        look_up = one.app.screen
        look_up.query_one(SearchLine).value = "yuna"
        await one.press("enter")
        await one.until(lambda: look_up.query_one(Grid).cursor is not None)
        await one.press("enter")
        await one.no_dialog()
        assert one.said == "There is one already."


async def test_the_rows_follow_what_others_do(tmp_path: Path) -> None:
    async with at(centre("admin"), tmp_path, "organization") as one:
        await told(one)
        one.api.admins.append(admin("yuna", "이유나"))
        await told(one)
        assert "이유나" in one.text
        assert "Del" in one.keys_off


async def test_search_and_order_stay(tmp_path: Path) -> None:
    api = centre("admin", "yuna")
    async with at(api, tmp_path, "organization") as one:
        await told(one)
        await one.press("right", "f5", "f5")
        await one.search("이름")
    async with at(api, tmp_path, "organization") as one:
        await told(one)
        assert one.screen.query_one(SearchLine).value == "이름"
        accounts = [line.split()[0] for line in one.lines if "@acme.example" in line]
        assert accounts == ["yuna", "admin"]
        await one.search("nobody at all")
        assert "Nobody matches" in one.text


async def test_a_right_that_was_lost_is_said(tmp_path: Path) -> None:
    async with at(centre("admin"), tmp_path, "organization") as one:
        await told(one)
        one.desk.feed.tell("organization/admins", None)
        await one.settled()
        assert "may not be read" in one.said


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_only_names(name: str, tmp_path: Path) -> None:
    api = centre("admin")
    api.admins.append(OrganizationAdmin(account="yuna", name=name, email="yuna@acme.example"))
    async with at(api, tmp_path, "organization", size=(80, 24)) as one:
        await told(one)
        assert any(line.startswith(" yuna") for line in one.lines)
        await one.press("down", "delete")
        await one.dialog(Choice)
        await one.press("escape")
        await one.no_dialog()


# --- the organization and its key (rules.md 11, 12, 20) ---------------------------------------------------------


async def known(one: Person) -> None:
    """The feed has told of the organization, and its key was asked for."""
    one.desk.tell_admins()
    one.desk.tell_organization()
    await one.settled()


def facts(one: Person) -> dict[str, str]:
    return one.screen.query_one(Facts).facts


async def test_rules_11_12_what_is_known_of_the_organization_stands_above_its_admins(tmp_path: Path) -> None:
    async with at(centre("admin"), tmp_path, "organization") as one:
        assert facts(one)["Key"] == "–"
        await known(one)
        assert facts(one) == {
            "Organization name": "Acme 고객센터",
            "Organization ID": "org1",
            "Domain": "acme",
            "URL": "https://acme.oc.toast.com",
            "Time zone": "Asia/Seoul",
            "Key": "••••90ab  changed 2026-11-16 11:13:20",
            "IPCC (Private)": "not agreed",
            "Mobile Contact": "not activated",
        }
        assert one.api.key not in one.text


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_eight_admins_are_seen_on_the_smallest_screen(language: str, tmp_path: Path) -> None:
    api = centre(*(f"admin{number:02}" for number in range(20)))
    api.person = api.person.model_copy(update={"language": language})
    async with at(api, tmp_path, "organization", size=(80, 24)) as one:
        await known(one)
        assert len([line for line in one.lines if line.startswith(" admin")]) >= 8
        assert "https://acme.oc.toast.com" in one.text
        assert "••••90ab" in one.text
        long = api.person.organization.model_copy(update={"name": "가" * 100, "domain": "x" * 40})
        api.person = api.person.model_copy(update={"organization": long})
        await known(one)
        assert len([line for line in one.lines if line.startswith(" admin")]) >= 8
        assert one.screen.query_one(Facts).size.height == 8


async def test_what_the_operator_changes_is_seen_at_once(tmp_path: Path) -> None:
    api = centre("admin")
    async with at(api, tmp_path, "organization") as one:
        await known(one)
        changed = {"ipcc_agreed": True, "name": "새 이름", "url": "https://new.example"}
        api.person = api.person.model_copy(update={"organization": api.person.organization.model_copy(update=changed)})
        api.renew_key("e" * 32)
        await known(one)
        assert facts(one)["Organization name"] == "새 이름"
        assert facts(one)["URL"] == "https://new.example"
        assert facts(one)["IPCC (Private)"] == "agreed"
        assert facts(one)["Key"].startswith("••••eeee")


async def test_rule_11_the_key_is_shown_once_and_leaves_nothing_behind(tmp_path: Path) -> None:
    api = centre("admin")
    async with at(api, tmp_path, "organization") as one:
        await told(one)
        assert "F6" in one.keys_off
        await one.press("f6")
        assert one.said == "The key is not known yet."
        await known(one)
        await one.press("f6")
        await one.dialog(Choice)
        await one.press("1")
        await one.dialog(CodeShown)
        assert api.key in one.text
        assert "never shown again" in one.text
        await one.press("enter", "ctrl+c")
        assert one.app.clipboard == api.key
        await one.press("escape")
        await one.no_dialog()
        assert api.key not in one.text
        assert one.app.clipboard == ""
        await one.press("f6")
        await one.dialog(Choice)
        assert "shown already, 2026-11-23" in one.text
        await one.press("1")
        assert isinstance(one.app.screen, Choice)
        await one.press("escape")
        await one.no_dialog()
        assert api.calls.count("show_key") == 1


async def test_somebody_else_saw_it_first(tmp_path: Path) -> None:
    api = centre("admin")
    async with at(api, tmp_path, "organization") as one:
        await known(one)
        api.key_state = api.key_state.model_copy(update={"shown": NOW})
        await one.press("f6")
        await one.dialog(Choice)
        await one.press("1")
        await one.no_dialog()
        assert "has been shown already" in one.said


async def test_rule_11_the_key_is_changed_by_typing_the_name(tmp_path: Path) -> None:
    api = centre("admin")
    async with at(api, tmp_path, "organization", size=(80, 24)) as one:
        await known(one)
        await one.press("f6")
        await one.dialog(Choice)
        await one.press("2")
        await one.dialog(Form)
        assert "Acme 고객센터" in one.text
        assert "The old key stops at once" in one.text
        form = one.app.screen
        form.query_one(Typed).value = "Acme"
        await one.press("enter")
        await one.until(lambda: "is not right" in one.text)
        assert api.key_state.version == 1
        form.query_one(Typed).value = "Acme 고객센터"
        api.renew_key("d" * 32)
        await one.press("enter")
        await one.until(lambda: "Somebody else changed it meanwhile" in one.text)
        await one.until(lambda: api.calls.count("organization_key") == 2)
        await one.pilot.pause()
        await one.press("enter")
        await one.dialog(CodeShown)
        assert "f" * 32 in one.text
        await one.press("escape")
        await one.no_dialog()
        assert facts(one)["Key"].startswith("••••ffff")


async def test_a_key_that_cannot_be_had_says_why_and_is_asked_for_again(tmp_path: Path) -> None:
    api = centre("admin")
    async with at(api, tmp_path, "organization") as one:
        api.failure = Unreachable("connect", "gone")
        await known(one)
        assert "cannot be reached" in one.said
        await one.press("f6")
        assert "cannot be reached" in one.said
        api.failure = None
        await one.passes(5)
        await one.settled()
        assert facts(one)["Key"].startswith("••••90ab")
        api.failure = refused(Code.KEY_FILE_UNUSABLE)
        await known(one)
        assert one.said == "The service cannot use its key file: its operator has to look."


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_organization_name_is_only_a_name(name: str, tmp_path: Path) -> None:
    api = centre("admin")
    hostile = api.person.organization.model_copy(update={"name": name})
    api.person = api.person.model_copy(update={"organization": hostile})
    async with at(api, tmp_path, "organization", size=(80, 24)) as one:
        await known(one)
        assert len(facts(one)) == 8
        await one.press("f6")
        await one.dialog(Choice)
        await one.press("2")
        await one.dialog(Form)
        await one.press("escape")
        await one.no_dialog()
