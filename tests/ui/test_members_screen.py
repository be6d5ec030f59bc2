"""Members and invitations, by keyboard."""

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


def centre(*invited: Invitation) -> FakeApi:
    api = FakeApi(me())
    api.members_known = [member("admin", "관리자"), member("minsu", "김민수"), member("yuna", "이유나")]
    api.open_invitations = list(invited)
    return api


async def told(one: Person) -> None:
    one.desk.tell_invitations()
    await one.settled()


def row(one: Person, account: str) -> str:
    return next(line for line in one.lines if line.startswith(f" {account} "))


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
async def test_every_state_is_a_word(open_now: Invitation | None, label: str, tmp_path: Path) -> None:
    async with at(centre(*([open_now] if open_now else [])), tmp_path, "members") as one:
        await told(one)
        assert label in row(one, "yuna")
        assert "Active" in row(one, "minsu")


async def test_many_pages_make_one_table_and_failed_mail_is_counted(tmp_path: Path) -> None:
    api = centre(invitation("yuna", "이유나", MailState.FAILED))
    api.page_size = 1
    async with at(api, tmp_path, "members") as one:
        await told(one)
        assert one.status == "3 of 3 people   1 invited   1 mails failed"
        await one.search("ㄱㅁㅅ")
        assert one.status.startswith("1 of 3 people")
        assert "김민수" in one.text


async def fill(one: Person, **texts: str) -> None:
    fields = one.app.screen.query_one(Fields)
    fields.put(texts)
    await one.pilot.pause()


async def test_inviting_by_mail(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "members") as one:
        await told(one)
        await one.press("insert")
        await one.dialog(Form)
        await one.press(*"jin")
        await one.press("enter", *"Jin", "enter")
        await one.press(*"jin@acme.example", "enter")
        await one.press("right", "enter")  # the language: from English on to Japanese
        await one.no_dialog()
        assert one.said == "The invitation goes to jin@acme.example by mail."
        made = one.api.open_invitations[0]
        assert (made.account, made.name, made.email, made.language) == ("jin", "Jin", "jin@acme.example", "ja")
        await told(one)
        assert "Mail waiting" in row(one, "jin")


async def test_what_is_missing_or_wrong_is_said_at_the_field_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "members") as one:
        await told(one)
        await one.press("f7")
        await one.dialog(Form)
        await fill(one, account="jin", email="no address")
        await one.press("ctrl+s")
        assert "is missing" in one.text
        assert not [call for call in one.api.calls if call.startswith("invite")]
        await fill(one, name="진")
        await one.press("ctrl+s")
        await one.until(lambda: "is not an e-mail address" in one.text)
        assert "is missing" not in one.text
        assert "jin" in one.text
        assert "진" in one.text
        assert "no address" in one.text
        focused = one.app.focused
        assert isinstance(focused, Typed)
        assert focused.field.name == "email"


async def test_a_lost_connection_leaves_the_form_as_it_is(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "members") as one:
        await told(one)
        await one.press("f7")
        await one.dialog(Form)
        await fill(one, account="jin", name="진", email="jin@acme.example")
        one.api.failure = Unreachable("connect", "?")
        await one.press("ctrl+s")
        await one.until(lambda: "cannot be reached" in one.text)
        one.api.failure = None
        await one.press("ctrl+s")
        await one.no_dialog()
        assert one.api.open_invitations[0].account == "jin"


async def test_without_mail_the_code_is_shown_once_and_enter_does_not_lose_it(tmp_path: Path) -> None:
    api = centre()
    api.sends_mail = False
    async with at(api, tmp_path, "members", size=(80, 24)) as one:
        await told(one)
        await one.press("f7")
        await one.dialog(Form)
        await fill(one, account="jin", name="진", email="jin@acme.example")
        await one.press("ctrl+s")
        await one.dialog(CodeShown)
        assert f"octui accept {CODE}" in one.text
        await one.press("enter")
        assert CODE in one.text
        await one.press("ctrl+c")
        assert one.app.clipboard == f"octui accept {CODE}"
        await one.press("escape")
        await one.no_dialog()
        assert CODE not in one.text


async def test_an_invitation_is_sent_again(tmp_path: Path) -> None:
    async with at(centre(invitation("yuna", "이유나", MailState.FAILED)), tmp_path, "members") as one:
        await told(one)
        assert "F6" in one.keys_off  # the first row is oneself, who has joined
        await one.press("f6")
        assert one.said == "This member has joined already."
        await one.press("end", "down", "down", "f6")
        await one.settled()
        assert "resend_invitation i-yuna" in one.api.calls
        assert "yuna@acme.example by mail" in one.said


async def test_the_detail_says_what_the_mail_server_said(tmp_path: Path) -> None:
    said = "550 5.1.1 <yuna@acme.example>: Recipient address rejected: User unknown in virtual mailbox table"
    open_now = invitation("yuna", "이유나", MailState.WAITING, mail_tries=3, mail_error=said, mail_next=NOW + 60_000)
    async with at(centre(open_now), tmp_path, "members", size=(80, 24)) as one:
        await told(one)
        await one.press("down", "down", "enter")
        await one.dialog(Report)
        assert "Recipient address rejected" in one.text
        assert "virtual mailbox table" in one.text
        assert "Invited by" in one.text
        assert "2026-11-23 11:14:20" in one.text


async def test_a_member_is_removed_and_an_invitation_taken_back_after_asking(tmp_path: Path) -> None:
    async with at(centre(invitation("yuna", "이유나")), tmp_path, "members") as one:
        await told(one)
        await one.press("delete")
        assert "Not oneself" in one.said
        await one.press("down", "delete")
        await one.dialog(Choice)
        assert "with all roles" in one.text
        await one.press("2")
        await one.no_dialog()
        assert "remove_member minsu" in one.api.calls
        assert "김민수" not in one.text
        await one.press("end", "down", "delete")
        await one.dialog(Choice)
        assert "invitation of" in one.text
        await one.press("2")
        await one.no_dialog()
        assert "revoke_invitation i-yuna" in one.api.calls


async def test_a_table_that_could_not_be_loaded_is_tried_again(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "members") as one:
        api.failure = Unreachable("connect", "?")
        await told(one)
        assert "cannot be reached" in one.status
        api.failure = None
        await one.passes(5)
        await one.settled()
        assert one.status == "3 of 3 people"


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_only_names(name: str, tmp_path: Path) -> None:
    api = centre(invitation("yuna", name, MailState.WAITING, mail_error=name))
    api.members_known[2] = member("yuna", name)
    async with at(api, tmp_path, "members", size=(80, 24)) as one:
        await told(one)
        assert row(one, "yuna")
        await one.press("down", "down", "enter")
        await one.dialog(Report)
        await one.press("escape")
        await one.no_dialog()
        await one.press("delete")
        await one.dialog(Choice)
        await one.press("escape")
        await one.no_dialog()
