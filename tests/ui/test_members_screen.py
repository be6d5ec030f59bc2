"""The members screen, by keyboard: members and invitations."""

import re
from typing import Any

import pytest
from sqlalchemy import update

from octui.client.errors import Unreachable
from octui.schema.live import INVITATIONS
from octui.schema.members import NewInvitation
from octui.server.database import tables
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.one_time_secret import OneTimeSecret
from octui.ui.dialogs.report import Report
from octui.ui.widgets.fields import Fields, Typed
from ui.person import Person, at
from ui.server import HOSTILE, NOW, Center


@pytest.fixture
async def center(center: Center) -> Center:
    """A center with a member besides its admin, that invites by mail."""
    await center.add_members(minsu="김민수")
    center.app.state.mail_worker = object()  # mails are queued, and nothing sends them
    return center


async def invite(center: Center, account: str, name: str, **mail: Any) -> str:
    """Invite somebody and return the invitation's ID; `mail`: how far its mail has come."""
    new = NewInvitation(account=account, name=name, email=f"{account}@acme.example")
    invitation = await center.operator.invite_member(new)
    if mail:
        center.overwrite(update(tables.mail).values(**mail))
        center.overwrite(update(tables.invitation).values(expires=center.clock.now_ms() + 86_400_000))
    return invitation.id


def row_text(person: Person, account: str) -> str:
    return next(line for line in person.lines if line.startswith(f" {account} "))


@pytest.mark.parametrize(
    ("mail", "label"),
    [({"state": "sent"}, "Invited"), ({"state": "waiting"}, "Mail waiting"), ({"state": "failed"}, "Mail failed")],
)
async def test_every_state_of_an_invitation_has_a_label(mail: dict[str, str], label: str, center: Center) -> None:
    await invite(center, "yuna", "이유나", **mail)
    async with at(center, "members") as person:
        assert label in row_text(person, "yuna")
        assert "Active" in row_text(person, "minsu")


async def test_code_handed_over_and_expired_code_have_labels(center: Center) -> None:
    del center.app.state.mail_worker
    await invite(center, "yuna", "이유나")
    async with at(center, "members") as person:
        assert "Code handed over" in row_text(person, "yuna")
        center.overwrite(update(tables.invitation).values(expires=NOW), INVITATIONS)
        await person.update()
        assert "Code expired" in row_text(person, "yuna")


async def test_all_pages_are_loaded_and_failed_mails_counted(center: Center) -> None:
    await invite(center, "yuna", "이유나", state="failed")
    center.faults.largest_page = 1
    async with at(center, "members") as person:
        assert person.status == "3 of 3 people   1 invited   1 mails failed"
        await person.search("ㄱㅁㅅ")
        assert person.status.startswith("1 of 3 people")
        assert "김민수" in person.text


async def fill_form(person: Person, **texts: str) -> None:
    fields = person.app.screen.query_one(Fields)
    fields.set_values(texts)
    await person.pilot.pause()


async def test_invitation_is_sent_by_mail(center: Center) -> None:
    async with at(center, "members") as person:
        await person.press("insert")
        await person.dialog(Form)
        await person.press(*"jin")
        await person.press("enter", *"Jin", "enter")
        await person.press(*"jin@acme.example", "enter")
        await person.press("right", "enter")  # the language: from English on to Japanese
        await person.no_dialog()
        assert person.said == "The invitation goes to jin@acme.example by mail."
        (made,) = (await center.operator.invitations()).invitations
        assert (made.account, made.name, made.email, made.language) == ("jin", "Jin", "jin@acme.example", "ja")
        await person.update()
        assert "Mail waiting" in row_text(person, "jin")


async def test_invalid_fields_are_explained_and_keep_their_text(center: Center) -> None:
    async with at(center, "members") as person:
        await person.press("f7")
        await person.dialog(Form)
        await fill_form(person, account="jin", email="no address")
        await person.press("ctrl+s")
        assert "is missing" in person.text
        assert "invite_member" not in center.operations
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


async def test_lost_connection_keeps_the_form(center: Center) -> None:
    async with at(center, "members") as person:
        await person.press("f7")
        await person.dialog(Form)
        await fill_form(person, account="jin", name="진", email="jin@acme.example")
        center.faults.failure = Unreachable("connect", "?")
        await person.press("ctrl+s")
        await person.until(lambda: "cannot be reached" in person.text)
        center.faults.failure = None
        await person.press("ctrl+s")
        await person.no_dialog()
        assert [made.account for made in (await center.operator.invitations()).invitations] == ["jin"]


async def test_code_without_mail_is_shown_once_and_survives_enter(center: Center) -> None:
    del center.app.state.mail_worker
    async with at(center, "members", size=(80, 24)) as person:
        await person.press("f7")
        await person.dialog(Form)
        await fill_form(person, account="jin", name="진", email="jin@acme.example")
        await person.press("ctrl+s")
        await person.dialog(OneTimeSecret)
        match = re.search(r"octui accept ((?:\w{4}-){6}\w{4})", person.text)
        assert match is not None
        await person.press("enter")
        assert match[1] in person.text
        await person.press("ctrl+c")
        assert person.app.clipboard == match[0]
        await person.press("escape")
        await person.no_dialog()
        assert match[1] not in person.text


async def test_invitation_is_sent_again(center: Center) -> None:
    invitation = await invite(center, "yuna", "이유나", state="failed")
    async with at(center, "members") as person:
        assert "F6" in person.keys_off  # the first row is oneself, who has joined
        await person.press("f6")
        assert person.said == "This member has joined already."
        await person.press("end", "down", "down", "f6")
        await person.settled()
        assert [request.names for request in center.sent("resend_invitation")] == [{"invitation": invitation}]
        assert "yuna@acme.example by mail" in person.said


async def test_detail_dialog_shows_the_mail_servers_answer(center: Center) -> None:
    said = "550 5.1.1 <yuna@acme.example>: Recipient address rejected: User unknown in virtual mailbox table"
    await invite(center, "yuna", "이유나", tries=3, last_error=said, next_try=NOW + 60_000)
    async with at(center, "members", size=(80, 24)) as person:
        await person.press("down", "down", "enter")
        await person.dialog(Report)
        assert "Recipient address rejected" in person.text
        assert "virtual mailbox table" in person.text
        assert "Invited by" in person.text
        assert "2026-11-23 11:14:20" in person.text


async def test_removing_and_revoking_need_confirmation(center: Center) -> None:
    await invite(center, "yuna", "이유나", state="sent")
    async with at(center, "members") as person:
        await person.press("delete")
        assert "Not oneself" in person.said
        await person.press("down", "delete")
        await person.dialog(Choice)
        assert "with all roles" in person.text
        await person.press("2")
        await person.no_dialog()
        assert [member.account for member in (await center.operator.members()).members] == ["admin", "yuna"]
        assert "김민수" not in person.text
        await person.press("end", "down", "delete")
        await person.dialog(Choice)
        assert "invitation of" in person.text
        await person.press("2")
        await person.no_dialog()
        assert (await center.operator.invitations()).invitations == []


async def test_failed_load_is_retried(center: Center) -> None:
    center.faults.only, center.faults.failure = "members", Unreachable("connect", "?")
    async with at(center, "members") as person:
        assert "cannot be reached" in person.status
        center.faults.failure = None
        await person.passes(5)
        await person.settled()
        assert person.status == "2 of 2 people"


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_text(name: str, center: Center) -> None:
    await invite(center, "yuna", "이유나", tries=1, last_error=name)
    center.overwrite(update(tables.member).where(tables.member.c.account == "yuna").values(name=name))
    async with at(center, "members", size=(80, 24)) as person:
        assert row_text(person, "yuna")
        await person.press("down", "down", "enter")
        await person.dialog(Report)
        await person.press("escape")
        await person.no_dialog()
        await person.press("delete")
        await person.dialog(Choice)
        await person.press("escape")
        await person.no_dialog()
