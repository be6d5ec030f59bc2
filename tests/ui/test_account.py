"""Signing in inside the screens, the account menu, one's sessions and password."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from octui.client.errors import Throttled, Unreachable
from octui.schema.agents import Role
from octui.schema.sessions import Kind
from octui.schema.settings import UserSettings
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.sessions import SessionsDialog
from octui.ui.dialogs.sign_in import Accept, SignIn
from octui.ui.screens.members import MembersScreen
from octui.ui.screens.settings import SettingsScreen
from octui.ui.widgets.fields import Fields, Typed
from octui.ui.widgets.search_line import SearchLine
from ui.fake_people import CODE, PASSWORD, FakeDoor, session
from ui.fakes import Desk, FakeApi, me
from ui.person import Person


def centre(role: Role | None = Role.ADMIN, *, admin: bool = True) -> FakeApi:
    api = FakeApi(me(role=role, admin=admin))
    api.own_settings = UserSettings(
        account="admin",
        name="관리자",
        nickname="",
        phone="",
        email="admin@acme.example",
        language="en",
        ticket_assignment=True,
        version=1,
    )
    return api


@asynccontextmanager
async def served(
    folder: Path, door: FakeDoor, menu: str | None = "settings", api: FakeApi | None = None
) -> AsyncIterator[Person]:
    """Somebody opens the screens of a served organization."""
    desk = Desk(api or centre(), folder, menu, door=door)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        one = Person(desk, pilot)
        if door.open:
            await one.until(lambda: desk.app.session is not None)
            await one.settled()
        else:
            await one.dialog(SignIn)
        yield one


def opened() -> FakeDoor:
    door = FakeDoor("admin")
    door.open = True
    return door


async def type_in(one: Person, **texts: str) -> None:
    one.app.screen.query_one(Fields).set_values(texts)
    await one.pilot.pause()


async def test_without_a_session_the_dialog_asks_and_the_screens_come(tmp_path: Path) -> None:
    door = FakeDoor()
    async with served(tmp_path, door) as one:
        assert "https://octui.acme.example" in one.text
        assert "not signed in" in one.lines[0]
        await one.press(*"admin", "enter")
        await one.paste(PASSWORD)
        assert PASSWORD not in one.text
        await one.press("enter")
        await one.until(lambda: one.app.session is not None)
        await one.no_dialog()
        assert isinstance(one.screen, SettingsScreen)
        assert door.attempts == ["admin"]


async def test_a_wrong_password_is_said_and_what_was_typed_stays(tmp_path: Path) -> None:
    door = FakeDoor()
    async with served(tmp_path, door) as one:
        await one.press("ctrl+s")
        assert "is missing" in one.text
        assert not door.attempts
        await one.press(*"admin", "enter", *"wrong", "enter")
        await one.until(lambda: "Account or password is not right." in one.text)
        assert "admin" in one.text
        focused = one.app.focused
        assert isinstance(focused, Typed)
        assert (focused.field.name, focused.value) == ("password", "wrong")


async def test_the_wait_after_failures_counts_down(tmp_path: Path) -> None:
    door = FakeDoor("admin")
    door.failure = Throttled(2.0)
    async with served(tmp_path, door) as one:
        form = one.app.screen
        assert isinstance(form, Form)
        await type_in(one, password=PASSWORD)
        await one.press("ctrl+s")
        await one.until(lambda: "wait 2 s" in one.text)
        door.failure = None
        await one.press("ctrl+s")
        assert len(door.attempts) == 1
        form._count_down()
        await one.pilot.pause()
        assert "wait 1 s" in one.text
        form._count_down()
        await one.press("ctrl+s")
        await one.until(lambda: one.app.session is not None)


@pytest.mark.parametrize("keys", [("ctrl+c",), ("ctrl+x",)])
async def test_a_password_never_reaches_the_clipboard(keys: tuple[str, ...], tmp_path: Path) -> None:
    async with served(tmp_path, FakeDoor("admin")) as one:
        await type_in(one, password=PASSWORD)
        await one.press("home", "shift+end", *keys)
        assert one.app.clipboard == ""
        assert PASSWORD not in one.text


async def test_the_first_password_is_set_with_an_invitation_code(tmp_path: Path) -> None:
    door = FakeDoor()
    async with served(tmp_path, door) as one:
        await one.press("f7")
        await one.dialog(Accept)
        new = "a quite long new sentence"
        await type_in(one, code=CODE, password=new, again="another")
        await one.press("ctrl+s")
        await one.until(lambda: "is not the same as the line above" in one.text)
        await type_in(one, code="WRONG", password=new, again=new)
        await one.press("ctrl+s")
        await one.until(lambda: "is not valid, or not any more" in one.text)
        await type_in(one, code=f" {CODE} ")
        await one.press("ctrl+s")
        await one.dialog(SignIn)
        assert "admin" in one.text  # the account is filled in
        await one.press(*new, "enter")
        await one.until(lambda: one.app.session is not None)


async def test_closing_the_dialog_leaves_a_way_back(tmp_path: Path) -> None:
    async with served(tmp_path, FakeDoor("admin")) as one:
        await one.press("escape")
        await one.until(lambda: "^O signs in" in one.said)
        await one.press("ctrl+o")
        await one.dialog(SignIn)


async def test_a_session_that_ends_is_renewed_under_the_screens(tmp_path: Path) -> None:
    door = opened()
    async with served(tmp_path, door, "members") as one:
        await one.press("f4", *"kim")
        one.desk.sign_in_needed()
        await one.dialog(SignIn)
        assert "The session has ended. Nothing is lost" in one.text
        one.desk.sign_in_needed()  # said again: still one dialog
        await one.pilot.pause()
        assert len(one.app.screen_stack) == 2
        await type_in(one, password=PASSWORD)
        await one.press("ctrl+s")
        await one.until(lambda: not one.app.signed_out and one.app.screen is one.screen)
        assert isinstance(one.screen, MembersScreen)
        assert one.screen.query_one(SearchLine).value == "kim"
        assert door.attempts == ["admin"]


async def test_the_account_menu_leads_to_what_is_ones_own(tmp_path: Path) -> None:
    async with served(tmp_path, opened(), "members") as one:
        await one.press("ctrl+o")
        await one.dialog(Choice)
        for text in ("My stats", "User settings", "Change password", "Sessions", "Sign out"):
            assert text in one.text
        await one.press("2")
        await one.until(lambda: isinstance(one.screen, SettingsScreen))


async def test_where_somebody_owns_the_database_nobody_signs_out(tmp_path: Path) -> None:
    desk = Desk(centre(role=None), tmp_path, "settings")
    async with desk.app.run_test(size=(80, 24)) as pilot:
        one = Person(desk, pilot)
        await one.until(lambda: desk.app.session is not None)
        await one.settled()
        await one.press("f12")
        await one.dialog(Choice)
        assert one.text.count("nobody signs in") == 3
        assert "needs a role" in one.text
        await one.press("6")
        assert isinstance(one.app.screen, Choice)


async def test_ones_sessions_are_listed_and_another_one_is_ended(tmp_path: Path) -> None:
    api = centre()
    api.own_sessions = [
        session("s1", "desk-17", current=True),
        session("s2", "[/foo] laptop", ip="2001:db8::7"),
        session("t1", "wall", kind=Kind.TOKEN, idle=None),
    ]
    async with served(tmp_path, opened(), api=api) as one:
        await one.press("ctrl+o")
        await one.dialog(Choice)
        await one.press("5")
        await one.dialog(SessionsDialog)
        await one.until(lambda: "3 open" in one.text)
        assert "this one" in one.text
        assert "11-23 11:12" in one.text
        await one.press("delete")
        await one.until(lambda: "sign out in the account menu" in one.text)
        await one.press("down", "delete")
        await one.dialog(Choice)
        await one.press("2")
        await one.until(lambda: "2 open" in one.text)
        assert "revoke_session s2" in api.calls


async def test_the_password_is_changed(tmp_path: Path) -> None:
    api = centre()
    new = "a quite long new sentence"
    async with served(tmp_path, opened(), api=api) as one:
        await one.press("ctrl+o")
        await one.dialog(Choice)
        await one.press("4")
        await one.dialog(Form)
        await type_in(one, old="wrong", new="short", again="short")
        await one.press("ctrl+s")
        await one.until(lambda: "is not right" in one.text)
        await type_in(one, old=PASSWORD)
        await one.press("ctrl+s")
        await one.until(lambda: "is too short" in one.text)
        await type_in(one, new=new, again=new)
        await one.press("ctrl+s")
        await one.no_dialog()
        assert api.password == new
        assert "The password is changed" in one.said


@pytest.mark.parametrize("failure", [None, Unreachable("connect", "?")])
async def test_signing_out_keeps_edits_ends_the_session_and_leaves(failure: Unreachable | None, tmp_path: Path) -> None:
    door, kept = opened(), []
    async with served(tmp_path, door) as one:
        one.app.save_on_exit(lambda: kept.append(True))
        await one.press("ctrl+o")
        await one.dialog(Choice)
        await one.press("6")
        await one.until(lambda: "Sign out and leave" in one.text)
        door.failure = failure
        await one.press("2")
        await one.until(lambda: one.app._exit)
    assert kept
    assert not door.open
    assert one.app.return_code == 0


async def test_lost_rights_lead_to_what_is_left(tmp_path: Path) -> None:
    async with served(tmp_path, opened(), "members") as one:
        one.desk.tell_me(organization_admin=False, services=[])
        await one.until(lambda: isinstance(one.screen, SettingsScreen) and one.screen.is_mounted)
        await one.until(lambda: one.said == "Your rights have changed.")
        assert "Members" not in one.lines[0]


async def test_a_promotion_brings_menus_at_once(tmp_path: Path) -> None:
    async with served(tmp_path, opened(), api=centre(role=Role.AGENT, admin=False)) as one:
        assert "Members" not in one.lines[0]
        one.desk.tell_me(organization_admin=True)
        await one.settled()
        await one.press("f3")
        await one.dialog(Choice)
        assert "Members" in one.text
        assert "Organization" in one.text
