"""Organization admins, by keyboard."""

from pathlib import Path

import pytest

from octui.schema.organization import OrganizationAdmin
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.look_up import LookUp
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from ui.fake_floor import member
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
