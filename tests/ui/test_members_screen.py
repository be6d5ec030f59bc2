"""The members screen, by keyboard: members and invitations."""

from pathlib import Path

import pytest

from octui.client.errors import Unreachable
from octui.schema.members import Invitation, MailState
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.code import CodeShown
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.report import Report
from octui.ui.widgets.fields import Fields, Typed
from ui.fake_floor import NOW, member
from ui.fake_people import CODE, invitation
from ui.fakes import HOSTILE, FakeApi, me
from ui.person import Person, at


def fake_server(*invited: Invitation) -> FakeApi:
    api = FakeApi(me())
    api.members_known = [member("admin", "관리자"), member("minsu", "김민수"), member("yuna", "이유나")]
    api.open_invitations = list(invited)
    return api


async def load_members(person: Person) -> None:
    person.desk.tell_invitations()
    await person.settled()


def row_text(person: Person, account: str) -> str:
    return next(line for line in person.lines if line.startswith(f" {account} "))


@pytest.mark.parametrize(
    ("open_now", "label"),
    [
        (invitation("yuna", "이유나", MailState.SENT), "Invited"),
        (invitation("yuna", "이유나", MailState.WAITING), "Mail waiting"),
        (invitation("yuna", "이유나", MailState.FAILED), "Mail failed"),
        (invitation("yuna", "이유나", MailState.NONE), "Code handed over"),
        (invitation("yuna", "이유나", MailState.SENT, expires=NOW), "Code expired"),
        (None, "Active"),
    ],
)
async def test_every_state_has_a_label(open_now: Invitation | None, label: str, tmp_path: Path) -> None:
    async with at(fake_server(*([open_now] if open_now else [])), tmp_path, "members") as person:
        await load_members(person)
        assert label in row_text(person, "yuna")
        assert "Active" in row_text(person, "minsu")


async def test_all_pages_are_loaded_and_failed_mails_counted(tmp_path: Path) -> None:
    api = fake_server(invitation("yuna", "이유나", MailState.FAILED))
    api.page_size = 1
    async with at(api, tmp_path, "members") as person:
        await load_members(person)
        assert person.status == "3 of 3 people   1 invited   1 mails failed"
        await person.search("ㄱㅁㅅ")
        assert person.status.startswith("1 of 3 people")
        assert "김민수" in person.text


async def fill_form(person: Person, **texts: str) -> None:
    fields = person.app.screen.query_one(Fields)
    fields.put(texts)
    await person.pilot.pause()


async def test_invitation_is_sent_by_mail(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "members") as person:
        await load_members(person)
        await person.press("insert")
        await person.dialog(Form)
        await person.press(*"jin")
        await person.press("enter", *"Jin", "enter")
        await person.press(*"jin@acme.example", "enter")
        await person.press("right", "enter")  # the language: from English on to Japanese
        await person.no_dialog()
        assert person.said == "The invitation goes to jin@acme.example by mail."
        made = person.api.open_invitations[0]
        assert (made.account, made.name, made.email, made.language) == ("jin", "Jin", "jin@acme.example", "ja")
        await load_members(person)
        assert "Mail waiting" in row_text(person, "jin")


async def test_invalid_fields_are_explained_and_keep_their_text(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "members") as person:
        await load_members(person)
        await person.press("f7")
        await person.dialog(Form)
        await fill_form(person, account="jin", email="no address")
        await person.press("ctrl+s")
        assert "is missing" in person.text
        assert not [call for call in person.api.calls if call.startswith("invite")]
        await fill_form(person, name="진")
        await person.press("ctrl+s")
        await person.until(lambda: "is not an e-mail address" in person.text)
        assert "is missing" not in person.text
        assert "jin" in person.text
        assert "진" in person.text
        assert "no address" in person.text
        focused = person.app.focused
        assert isinstance(focused, Typed)
        assert focused.field.name == "email"


async def test_lost_connection_keeps_the_form(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "members") as person:
        await load_members(person)
        await person.press("f7")
        await person.dialog(Form)
        await fill_form(person, account="jin", name="진", email="jin@acme.example")
        person.api.failure = Unreachable("connect", "?")
        await person.press("ctrl+s")
        await person.until(lambda: "cannot be reached" in person.text)
        person.api.failure = None
        await person.press("ctrl+s")
        await person.no_dialog()
        assert person.api.open_invitations[0].account == "jin"


async def test_code_without_mail_is_shown_once_and_survives_enter(tmp_path: Path) -> None:
    api = fake_server()
    api.sends_mail = False
    async with at(api, tmp_path, "members", size=(80, 24)) as person:
        await load_members(person)
        await person.press("f7")
        await person.dialog(Form)
        await fill_form(person, account="jin", name="진", email="jin@acme.example")
        await person.press("ctrl+s")
        await person.dialog(CodeShown)
        assert f"octui accept {CODE}" in person.text
        await person.press("enter")
        assert CODE in person.text
        await person.press("ctrl+c")
        assert person.app.clipboard == f"octui accept {CODE}"
        await person.press("escape")
        await person.no_dialog()
        assert CODE not in person.text


async def test_invitation_is_sent_again(tmp_path: Path) -> None:
    async with at(fake_server(invitation("yuna", "이유나", MailState.FAILED)), tmp_path, "members") as person:
        await load_members(person)
        assert "F6" in person.keys_off  # the first row is oneself, who has joined
        await person.press("f6")
        assert person.said == "This member has joined already."
        await person.press("end", "down", "down", "f6")
        await person.settled()
        assert "resend_invitation i-yuna" in person.api.calls
        assert "yuna@acme.example by mail" in person.said


async def test_detail_dialog_shows_the_mail_servers_answer(tmp_path: Path) -> None:
    said = "550 5.1.1 <yuna@acme.example>: Recipient address rejected: User unknown in virtual mailbox table"
    open_now = invitation("yuna", "이유나", MailState.WAITING, mail_tries=3, mail_error=said, mail_next=NOW + 60_000)
    async with at(fake_server(open_now), tmp_path, "members", size=(80, 24)) as person:
        await load_members(person)
        await person.press("down", "down", "enter")
        await person.dialog(Report)
        assert "Recipient address rejected" in person.text
        assert "virtual mailbox table" in person.text
        assert "Invited by" in person.text
        assert "2026-11-23 11:14:20" in person.text


async def test_removing_and_revoking_need_confirmation(tmp_path: Path) -> None:
    async with at(fake_server(invitation("yuna", "이유나")), tmp_path, "members") as person:
        await load_members(person)
        await person.press("delete")
        assert "Not oneself" in person.said
        await person.press("down", "delete")
        await person.dialog(Choice)
        assert "with all roles" in person.text
        await person.press("2")
        await person.no_dialog()
        assert "remove_member minsu" in person.api.calls
        assert "김민수" not in person.text
        await person.press("end", "down", "delete")
        await person.dialog(Choice)
        assert "invitation of" in person.text
        await person.press("2")
        await person.no_dialog()
        assert "revoke_invitation i-yuna" in person.api.calls


async def test_failed_load_is_retried(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "members") as person:
        api.failure = Unreachable("connect", "?")
        await load_members(person)
        assert "cannot be reached" in person.status
        api.failure = None
        await person.passes(5)
        await person.settled()
        assert person.status == "3 of 3 people"


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_text(name: str, tmp_path: Path) -> None:
    api = fake_server(invitation("yuna", name, MailState.WAITING, mail_error=name))
    api.members_known[2] = member("yuna", name)
    async with at(api, tmp_path, "members", size=(80, 24)) as person:
        await load_members(person)
        assert row_text(person, "yuna")
        await person.press("down", "down", "enter")
        await person.dialog(Report)
        await person.press("escape")
        await person.no_dialog()
        await person.press("delete")
        await person.dialog(Choice)
        await person.press("escape")
        await person.no_dialog()
