"""The organization screen, by keyboard: facts, key, admins."""

import re

import pytest
from sqlalchemy import update

from octui.client.errors import Unreachable
from octui.schema.organization import KeyChange, NewOrganizationAdmin, OrganizationChange
from octui.schema.problems import Code
from octui.server.database import tables
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.member_lookup import MemberLookup
from octui.ui.dialogs.one_time_secret import OneTimeSecret
from octui.ui.widgets.facts import Facts
from octui.ui.widgets.fields import Typed
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from ui.person import Person, at
from ui.server import HOSTILE, Center, refused


@pytest.fixture
async def center(center: Center) -> Center:
    """A center with two members besides its admin."""
    await center.add_members(minsu="이름minsu", yuna="이름yuna")
    return center


async def add_admin(center: Center, account: str) -> None:
    await center.operator.add_organization_admin(NewOrganizationAdmin(account=account))


async def admin_accounts(center: Center) -> list[str]:
    return [admin.account for admin in (await center.operator.organization_admins()).admins]


async def test_admins_are_listed_and_the_own_row_is_marked(center: Center) -> None:
    await add_admin(center, "yuna")
    async with at(center, "organization") as person:
        row = next(line for line in person.lines if line.startswith(" admin"))
        assert "관리자" in row
        assert "admin@acme.example" in row
        assert "you" in row
        assert "2 of 2 people" in person.status
        assert "no consultation and no service" in person.status


@pytest.mark.parametrize(
    ("accounts", "why"),
    [((), "This is the last organization admin"), (("yuna",), "Not oneself")],
)
async def test_disabled_remove_gives_the_reason(accounts: tuple[str, ...], why: str, center: Center) -> None:
    for account in accounts:
        await add_admin(center, account)
    async with at(center, "organization") as person:
        assert "Del" in person.keys_off
        await person.press("delete")
        assert why in person.said
        assert "remove_organization_admin" not in center.operations


async def test_removing_needs_confirmation(center: Center) -> None:
    await add_admin(center, "yuna")
    async with at(center, "organization") as person:
        await person.press("down")
        assert "Del" not in person.keys_off
        await person.press("delete")
        await person.dialog(Choice)
        assert "yuna" in person.text
        await person.press("escape")
        await person.no_dialog()
        assert await admin_accounts(center) == ["admin", "yuna"]
        await person.press("delete")
        await person.dialog(Choice)
        await person.press("2")
        await person.no_dialog()
        assert await admin_accounts(center) == ["admin"]
        assert "recorded in the change log" in person.said
        await person.update()
        assert "yuna" not in person.text


async def test_refusal_of_the_server_is_shown(center: Center) -> None:
    await add_admin(center, "yuna")
    async with at(center, "organization") as person:
        center.faults.failure = refused(Code.LAST_ADMIN)
        await person.press("down", "delete")
        await person.dialog(Choice)
        await person.press("2")
        await person.no_dialog()
        assert "This is the last organization admin" in person.said


async def test_member_found_by_part_of_the_name_is_added(center: Center) -> None:
    async with at(center, "organization") as person:
        await person.press("insert")
        await person.dialog(MemberLookup)
        look_up = person.app.screen
        await person.press("enter")
        assert "members" not in center.operations  # nothing given: nobody is asked
        look_up.query_one(SearchLine).focus()
        look_up.query_one(SearchLine).value = "minsu"
        await person.press("enter")
        await person.until(lambda: look_up.query_one(Grid).cursor is not None)
        await person.press("enter")
        await person.no_dialog()
        assert await admin_accounts(center) == ["admin", "minsu"]


async def test_adding_an_existing_admin_is_refused(center: Center) -> None:
    await add_admin(center, "yuna")
    async with at(center, "organization") as person:
        await person.press("f7")
        await person.dialog(MemberLookup)
        look_up = person.app.screen
        look_up.query_one(SearchLine).value = "yuna"
        await person.press("enter")
        await person.until(lambda: look_up.query_one(Grid).cursor is not None)
        await person.press("enter")
        await person.no_dialog()
        assert person.said == "There is one already."


async def test_rows_follow_the_changes_of_others(center: Center) -> None:
    async with at(center, "organization") as person:
        await add_admin(center, "yuna")
        await person.update()
        assert "이름yuna" in person.text
        assert "Del" in person.keys_off


async def test_search_and_order_are_remembered(center: Center) -> None:
    await add_admin(center, "yuna")
    async with at(center, "organization") as person:
        await person.press("right", "f5", "f5")
        await person.search("acme.example")
    async with at(center, "organization") as person:
        assert person.screen.query_one(SearchLine).value == "acme.example"
        accounts = [line.split()[0] for line in person.lines if "@acme.example" in line]
        assert accounts == ["yuna", "admin"]
        await person.search("nobody at all")
        assert "Nobody matches" in person.text


async def test_lost_read_right_is_reported(center: Center) -> None:
    async with at(center, "organization") as person:
        person.feed.tell("organization/admins", None)
        await person.settled()
        assert "may not be read" in person.said


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_text(name: str, center: Center) -> None:
    await add_admin(center, "yuna")
    center.overwrite(update(tables.member).where(tables.member.c.account == "yuna").values(name=name))
    async with at(center, "organization", size=(80, 24)) as person:
        assert any(line.startswith(" yuna") for line in person.lines)
        await person.press("down", "delete")
        await person.dialog(Choice)
        await person.press("escape")
        await person.no_dialog()


# --- the organization and its key (rules.md 11, 12, 20) ---------------------------------------------------------


KEY = re.compile(r"\b[0-9a-f]{32}\b")


def shown_facts(person: Person) -> dict[str, str]:
    return person.screen.query_one(Facts).facts


async def test_rules_11_12_organization_facts_are_above_the_admins(center: Center) -> None:
    key = await center.operator.organization_key()
    async with at(center, "organization", is_updated=False) as person:
        assert shown_facts(person)["Key"] == "–"
        await person.update()
        assert shown_facts(person) == {
            "Organization name": "Acme 고객센터",
            "Organization ID": (await center.operator.organization()).id,
            "Domain": "acme",
            "URL": "https://acme.oc.toast.com",
            "Time zone": "Asia/Seoul",
            "Key": f"{key.masked}  changed 2026-06-20 09:00:00",
            "IPCC (Private)": "not agreed",
            "Mobile Contact": "not activated",
        }
        assert not KEY.search(person.text)


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_eight_admins_fit_on_the_smallest_screen(language: str, center: Center) -> None:
    await center.set_language(language)
    for number in range(19):
        await center.add_members(**{f"admin{number:02}": f"이름{number}"})
        await add_admin(center, f"admin{number:02}")
    async with at(center, "organization", size=(80, 24)) as person:
        assert len([line for line in person.lines if line.startswith(" admin")]) >= 8
        assert "https://acme.oc.toast.com" in person.text
        assert "••••" in person.text
        await center.operator.change_organization(OrganizationChange(name="가" * 100, domain="x" * 40))
        await person.update()
        assert len([line for line in person.lines if line.startswith(" admin")]) >= 8
        assert person.screen.query_one(Facts).size.height == 8


async def test_changes_by_the_operator_appear(center: Center) -> None:
    async with at(center, "organization") as person:
        await center.operator.change_organization(OrganizationChange(ipcc_agreed=True, name="새 이름", domain="new"))
        key = (await center.api("admin").change_key(KeyChange(name="새 이름"))).key
        await person.update()
        assert shown_facts(person)["Organization name"] == "새 이름"
        assert shown_facts(person)["URL"] == "https://new.oc.toast.com"
        assert shown_facts(person)["IPCC (Private)"] == "agreed"
        assert shown_facts(person)["Key"].startswith(f"••••{key[-4:]}")


async def test_rule_11_key_is_shown_once_and_leaves_no_trace(center: Center) -> None:
    async with at(center, "organization", is_updated=False) as person:
        assert "F6" in person.keys_off
        await person.press("f6")
        assert person.said == "The key is not known yet."
        await person.update()
        await person.press("f6")
        await person.dialog(Choice)
        await person.press("1")
        await person.dialog(OneTimeSecret)
        match = KEY.search(person.text)
        assert match is not None
        key = match[0]
        assert shown_facts(person)["Key"].startswith(f"••••{key[-4:]}")
        assert "never shown again" in person.text
        await person.press("enter", "ctrl+c")
        assert person.app.clipboard == key
        await person.press("escape")
        await person.no_dialog()
        assert key not in person.text
        assert person.app.clipboard == ""
        await person.press("f6")
        await person.dialog(Choice)
        assert "shown already, 2026-11-23" in person.text
        await person.press("1")
        assert isinstance(person.app.screen, Choice)
        await person.press("escape")
        await person.no_dialog()
        assert center.operations.count("show_key") == 1


async def test_key_already_shown_to_another_admin_is_refused(center: Center) -> None:
    async with at(center, "organization") as person:
        await center.api("admin").show_key()
        await person.press("f6")
        await person.dialog(Choice)
        await person.press("1")
        await person.no_dialog()
        assert "has been shown already" in person.said


async def test_rule_11_key_is_changed_by_typing_the_organization_name(center: Center) -> None:
    async with at(center, "organization", size=(80, 24)) as person:
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
        assert (await center.operator.organization_key()).version == 1
        form.query_one(Typed).value = "Acme 고객센터"
        await center.api("admin").change_key(KeyChange(name="Acme 고객센터"))
        await person.press("enter")
        await person.until(lambda: "Somebody else changed it meanwhile" in person.text)
        await person.until(lambda: center.operations.count("organization_key") == 2)
        await person.pilot.pause()
        await person.press("enter")
        await person.dialog(OneTimeSecret)
        match = KEY.search(person.text)
        assert match is not None
        await person.press("escape")
        await person.no_dialog()
        await person.update()
        assert shown_facts(person)["Key"].startswith(f"••••{match[0][-4:]}")


async def test_failed_load_of_the_key_is_reported_and_retried(center: Center) -> None:
    key = (await center.operator.organization_key()).masked
    center.faults.only = "organization_key"
    center.faults.failure = Unreachable("connect", "gone")
    async with at(center, "organization") as person:
        assert "cannot be reached" in person.said
        await person.press("f6")
        assert "cannot be reached" in person.said
        center.faults.failure = None
        await person.passes(5)
        await person.settled()
        assert shown_facts(person)["Key"].startswith(key)
        await center.api("admin").change_key(KeyChange(name="Acme 고객센터"))
        center.faults.failure = refused(Code.KEY_FILE_UNUSABLE)
        await person.update()
        assert person.said == "The service cannot use its key file: its operator has to look."


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_organization_name_is_shown_as_text(name: str, center: Center) -> None:
    center.overwrite(update(tables.organization).values(name=name))
    async with at(center, "organization", size=(80, 24)) as person:
        assert len(shown_facts(person)) == 8
        await person.press("f6")
        await person.dialog(Choice)
        await person.press("2")
        await person.dialog(Form)
        await person.press("escape")
        await person.no_dialog()
