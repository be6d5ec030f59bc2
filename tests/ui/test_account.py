"""Signing in inside the screens, the account menu, one's sessions and password."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from unittest.mock import patch

import pytest

from octui.cli.sign_in_transport import SignInTransport
from octui.client.errors import Throttled, Unreachable
from octui.client.transport import caller_headers, in_process_transport
from octui.schema.agents import Role
from octui.schema.audit import Via
from octui.schema.members import Acceptance, NewInvitation
from octui.schema.organization import NewOrganizationAdmin
from octui.schema.tokens import NewToken
from octui.text.glyphs import GlyphLevel
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.sessions import SessionsDialog
from octui.ui.dialogs.sign_in import Accept, SignIn
from octui.ui.roles import ColorSet
from octui.ui.screens.members import MembersScreen
from octui.ui.screens.settings import SettingsScreen
from octui.ui.widgets.fields import Fields, Typed
from octui.ui.widgets.search_line import SearchLine
from ui.person import Person, at
from ui.server import Center, FaultTransport, Seed, seed_service

PASSWORD = "violet harbor ninety lamps"


class LocalSignIn(SignInTransport):
    """Sign-in transport to the server in this process."""

    def __init__(self, center: Center, account: str = "") -> None:
        self.center = center
        self.address = "https://octui.acme.example"
        self.account = account
        self._owns_session = True
        self._transport = self._transport_with(None)
        self._replaced = []

    def _transport_with(self, token: str | None) -> FaultTransport:
        headers = caller_headers(Via.SCREEN) | ({} if token is None else {"authorization": f"Bearer {token}"})
        return FaultTransport(in_process_transport(self.center.app, headers), self.center.faults)


async def seed(center: Center) -> None:
    """Give the admin a role in the service and a password."""
    await seed_service(center)
    await center.add_agent("admin", role=Role.ADMIN)
    await center.operator.accept_invitation(Acceptance(code=await invite(center), password=PASSWORD))


@pytest.fixture
def center(make_center: Callable[[Seed], Center], monkeypatch: pytest.MonkeyPatch) -> Center:
    """A center whose admin has a password; sessions are saved under its folder."""
    center = make_center(seed)
    monkeypatch.setenv("XDG_STATE_HOME", str(center.folder / "home"))
    return center


async def invite(center: Center) -> str:
    """Return a code for the admin to set a password with."""
    new = NewInvitation(account="admin", name="관리자", email="admin@acme.example")
    code = (await center.operator.invite_member(new)).code
    assert code is not None
    return code


@asynccontextmanager
async def open_served(
    center: Center, account: str = "", *, menu: str = "settings", is_signed_in: bool = False
) -> AsyncIterator[Person]:
    """Open the screens of a served organization; who is not signed in is asked to. `account`: the last one here."""
    port = LocalSignIn(center, account)
    if is_signed_in:
        await port.sign_in("admin", PASSWORD)
        center.faults.requests.clear()
    async with at(center, menu, size=(80, 24), port=port, is_connected=is_signed_in) as person:
        if not is_signed_in:
            await person.dialog(SignIn)
        yield person


def attempts(center: Center) -> list[str]:
    return [request.body["account"] for request in center.sent("sign_in")]


async def fill_form(person: Person, **texts: str) -> None:
    person.app.screen.query_one(Fields).set_values(texts)
    await person.pilot.pause()


async def test_sign_in_dialog_opens_the_screens(center: Center) -> None:
    async with open_served(center) as person:
        assert "https://octui.acme.example" in person.text
        assert "not signed in" in person.lines[0]
        await person.press(*"admin", "enter")
        await person.paste(PASSWORD)
        assert PASSWORD not in person.text
        await person.press("enter")
        await person.until(lambda: person.app.connection is not None)
        await person.no_dialog()
        assert isinstance(person.screen, SettingsScreen)
        assert attempts(center) == ["admin"]


async def test_wrong_password_is_reported_and_keeps_typed_values(center: Center) -> None:
    async with open_served(center) as person:
        await person.press("ctrl+s")
        assert "is missing" in person.text
        assert attempts(center) == []
        await person.press(*"admin", "enter", *"wrong", "enter")
        await person.until(lambda: "Account or password is not right." in person.text)
        assert "admin" in person.text
        focused = person.app.focused
        assert isinstance(focused, Typed)
        assert (focused.field.name, focused.value) == ("password", "wrong")


async def test_wait_after_failures_counts_down(center: Center) -> None:
    center.faults.only, center.faults.failure = "sign_in", Throttled(2.0)
    async with open_served(center, "admin") as person:
        form = person.app.screen
        assert isinstance(form, Form)
        await fill_form(person, password=PASSWORD)
        await person.press("ctrl+s")
        await person.until(lambda: "wait 2 s" in person.text)
        center.faults.failure = None
        await person.press("ctrl+s")
        assert len(attempts(center)) == 1
        form._count_down()
        await person.pilot.pause()
        assert "wait 1 s" in person.text
        form._count_down()
        await person.press("ctrl+s")
        await person.until(lambda: person.app.connection is not None)


@pytest.mark.parametrize("keys", [("ctrl+c",), ("ctrl+x",)])
async def test_password_never_reaches_the_clipboard(keys: tuple[str, ...], center: Center) -> None:
    async with open_served(center, "admin") as person:
        await fill_form(person, password=PASSWORD)
        await person.press("home", "shift+end", *keys)
        assert person.app.clipboard == ""
        assert PASSWORD not in person.text


async def test_invitation_code_sets_the_first_password(center: Center) -> None:
    code = await invite(center)
    async with open_served(center) as person:
        await person.press("f7")
        await person.dialog(Accept)
        new = "a quite long new sentence"
        await fill_form(person, code=code, password=new, again="another")
        await person.press("ctrl+s")
        await person.until(lambda: "is not the same as the line above" in person.text)
        await fill_form(person, code="WRONG", password=new, again=new)
        await person.press("ctrl+s")
        await person.until(lambda: "is not valid, or not any more" in person.text)
        await fill_form(person, code=f" {code} ")
        await person.press("ctrl+s")
        await person.dialog(SignIn)
        assert "admin" in person.text  # the account is filled in
        await person.press(*new, "enter")
        await person.until(lambda: person.app.connection is not None)


async def test_closed_sign_in_dialog_can_be_opened_again(center: Center) -> None:
    async with open_served(center, "admin") as person:
        await person.press("escape")
        await person.until(lambda: "^O signs in" in person.said)
        await person.press("ctrl+o")
        await person.dialog(SignIn)


async def test_ended_session_is_renewed_under_the_screens(center: Center) -> None:
    async with open_served(center, menu="members", is_signed_in=True) as person:
        await person.press("f4", *"kim")
        person.feed.report_sign_out()
        await person.dialog(SignIn)
        assert "The session has ended. Nothing is lost" in person.text
        person.feed.report_sign_out()  # said again: still person dialog
        await person.pilot.pause()
        assert len(person.app.screen_stack) == 2
        await fill_form(person, password=PASSWORD)
        await person.press("ctrl+s")
        await person.until(lambda: not person.app.signed_out and person.app.screen is person.screen)
        assert isinstance(person.screen, MembersScreen)
        assert person.screen.query_one(SearchLine).value == "kim"
        assert attempts(center) == ["admin"]


async def test_account_menu_opens_the_own_settings(center: Center) -> None:
    async with open_served(center, menu="members", is_signed_in=True) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        for text in ("My stats", "User settings", "Change password", "Sessions", "Sign out"):
            assert text in person.text
        await person.press("2")
        await person.until(lambda: isinstance(person.screen, SettingsScreen))


async def test_owner_of_the_database_has_no_session_to_end(center: Center) -> None:
    await center.remove_agent("admin")
    async with at(center, "settings", size=(80, 24)) as person:
        await person.press("f12")
        await person.dialog(Choice)
        assert person.text.count("nobody signs in") == 3
        assert "needs a role" in person.text
        await person.press("8")
        assert isinstance(person.app.screen, Choice)


async def test_other_session_can_be_ended(center: Center) -> None:
    await center.operator.issue_token(NewToken(account="admin", days=1))
    port = LocalSignIn(center)
    with patch("octui.cli.sign_in_transport.device_name", lambda: "[/foo] laptop"):
        await port.sign_in("admin", PASSWORD)
    center.clock.seconds += 60
    async with open_served(center, is_signed_in=True) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        await person.press("7")
        await person.dialog(SessionsDialog)
        await person.until(lambda: "3 open" in person.text)
        assert "this one" in person.text
        assert "11-23 11:13" in person.text
        await person.press("delete")
        await person.until(lambda: "sign out in the account menu" in person.text)
        await person.press("down", "delete")
        await person.dialog(Choice)
        await person.press("2")
        await person.until(lambda: "2 open" in person.text)
        assert "revoke_session" in center.operations


async def test_password_can_be_changed(center: Center) -> None:
    new = "a quite long new sentence"
    async with open_served(center, is_signed_in=True) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        await person.press("6")
        await person.dialog(Form)
        await fill_form(person, old="wrong", new=new, again=new)
        await person.press("ctrl+s")
        await person.until(lambda: "is not right" in person.text)
        await fill_form(person, old=PASSWORD, new="short", again="short")
        await person.press("ctrl+s")
        await person.until(lambda: "is too short" in person.text)
        await fill_form(person, new=new, again=new)
        await person.press("ctrl+s")
        await person.no_dialog()
        await LocalSignIn(center).sign_in("admin", new)
        assert "The password is changed" in person.said


@pytest.mark.parametrize("failure", [None, Unreachable("timeout", "?")])
async def test_signing_out_saves_edits_and_ends_the_session(failure: Unreachable | None, center: Center) -> None:
    kept: list[bool] = []
    async with open_served(center, is_signed_in=True) as person:
        person.app.save_on_exit(lambda: kept.append(True))
        await person.press("ctrl+o")
        await person.dialog(Choice)
        await person.press("8")
        await person.until(lambda: "Sign out and leave" in person.text)
        center.faults.failure = failure
        await person.press("2")
        await person.until(lambda: person.app._exit)
    assert kept
    assert bool((await center.api("admin").sessions()).sessions) is (failure is not None)
    assert person.app.return_code == 0


async def test_lost_rights_open_what_is_left(center: Center) -> None:
    await center.add_agent("kim", "김민수")
    await center.operator.add_organization_admin(NewOrganizationAdmin(account="kim"))
    async with open_served(center, menu="members", is_signed_in=True) as person:
        await center.remove_agent("admin")
        await center.api("kim").remove_organization_admin("admin")
        await person.update()
        await person.until(lambda: isinstance(person.screen, SettingsScreen) and person.screen.is_mounted)
        await person.until(lambda: person.said == "Your rights have changed.")
        assert "Members" not in person.lines[0]


async def test_new_right_brings_its_menus_at_once(center: Center) -> None:
    await center.add_agent("kim", "김민수")
    await center.set_language("en", "kim")
    async with at(center, "settings", account="kim", size=(80, 24)) as person:
        assert "Members" not in person.lines[0]
        await center.operator.add_organization_admin(NewOrganizationAdmin(account="kim"))
        await person.update()
        await person.press("f3")
        await person.dialog(Choice)
        assert "Members" in person.text
        assert "Organization" in person.text


async def test_colors_are_chosen_in_the_account_menu(center: Center) -> None:
    async with at(center, "members", size=(80, 24)) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        await person.press("4")
        await person.dialog(Choice)
        await person.press("2")
        await person.until(lambda: person.app.theme == ColorSet.LIGHT.value)


async def test_signs_are_chosen_in_the_account_menu(center: Center) -> None:
    async with at(center, "members", size=(80, 24)) as person:
        assert "▾" in person.text
        await person.press("ctrl+o")
        await person.dialog(Choice)
        await person.press("5")
        await person.dialog(Choice)
        await person.press("4")
        await person.until(lambda: person.app.glyph_level is GlyphLevel.ASCII and "▾" not in person.text)
