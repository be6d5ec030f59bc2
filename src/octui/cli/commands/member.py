"""`octui member`: list, add, invite, look at invitations, remove."""

import argparse
import asyncio
from datetime import UTC, datetime

from octui.cli.connection import run_with_api
from octui.cli.failures import DONE, IN_PART, CommandError, say
from octui.cli.options import add_connection
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.schema.common import LARGEST_PAGE
from octui.schema.live import INVITATIONS
from octui.schema.members import Invitation, Invitations, Invited, MailState, Member, NewInvitation, NewMember

_PATIENCE_S = 15.0
"""How long the command looks whether the mail has gone out; the mail goes on without it."""


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n"
        "  octui member invite minsu --name 김민수 --email minsu@hanbit.kr\n"
        "  octui member list --search 김 --json\n"
        "  octui member invitations\n"
        "  octui member resend minsu\n"
        "  octui member remove minsu"
    )
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for what, summary in (
        ("list", "everybody of the organization"),
        ("add", "add a member who needs no password: for a database of your own, or octui token"),
        ("invite", "invite a person by mail, or by a code to hand over where no mail server is set"),
        ("invitations", "who was invited and has not accepted yet"),
        ("resend", "send the invitation again; the code of before is void"),
        ("revoke", "take the invitation back"),
        ("remove", "take a member out of the organization, with all their rights and sessions"),
    ):
        sub = commands.add_parser(what, help=summary, description=summary)
        if what in ("list", "invitations"):
            sub.add_argument("--json", action="store_true")
            if what == "list":
                sub.add_argument("--search", default="", metavar="TEXT", help="part of name, account or e-mail")
        else:
            sub.add_argument("account")
        if what in ("add", "invite"):
            sub.add_argument("--name", required=True)
            sub.add_argument("--email", required=True)
            sub.add_argument("--language", choices=("ko", "en", "ja"), default="ko")
        add_connection(sub)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    match given.what:
        case "list":
            _list_members(await _members(api, given.search), as_json=given.json)
        case "add":
            member = await api.add_member(
                NewMember(account=given.account, name=given.name, email=given.email, language=given.language)
            )
            say(f"member {member.account} is there.")
        case "invite":
            new = NewInvitation(account=given.account, name=given.name, email=given.email, language=given.language)
            return await _told(api, await api.invite_member(new))
        case "resend":
            return await _told(api, await api.resend_invitation((await _of(api, given.account)).id))
        case "revoke":
            await api.revoke_invitation((await _of(api, given.account)).id)
            say(f"the invitation of {given.account} is taken back.")
        case "remove":
            await api.remove_member(given.account)
            say(f"{given.account} is no member any more.")
        case _:
            _list((await api.invitations()).invitations, as_json=given.json)
    return DONE


async def _members(api: Api, query: str) -> list[Member]:
    members: list[Member] = []
    after: str | None = None
    while True:
        page = await api.members(query=query, after=after, limit=LARGEST_PAGE)
        members.extend(page.members)
        after = page.next
        if after is None:
            return members


def _list_members(members: list[Member], *, as_json: bool) -> None:
    if as_json:
        write_json([member.model_dump(mode="json") for member in members])
        return
    rows = [
        (one.account, one.name, one.email, one.language, "organization admin" if one.organization_admin else "")
        for one in members
    ]
    write_table(("account", "name", "e-mail", "language", ""), rows)


async def _of(api: Api, account: str) -> Invitation:
    for invitation in (await api.invitations()).invitations:
        if invitation.account == account:
            return invitation
    raise CommandError(f"there is no open invitation of {account}.")


async def _told(api: Api, invited: Invited) -> int:
    """Say what the invited person needs: the code to hand over, or what became of the mail."""
    if invited.code is not None:
        print(invited.code)
        say(f"{invited.account} is invited. No mail is sent from here: hand the code over, it is shown this once.")
        say(f"they set their password with: octui accept {invited.code}")
        return DONE
    last = await _after_a_try(api, invited)
    match last.mail:
        case MailState.SENT:
            say(f"{last.account} is invited; the mail to {last.email} is sent.")
        case MailState.FAILED:
            say(f"{last.account} is invited, but the mail to {last.email} was refused: {last.mail_error}")
            return IN_PART
        case _:
            why = f": {last.mail_error}" if last.mail_error else ""
            say(
                f"{last.account} is invited; the mail to {last.email} is not out yet{why}. It is tried again by itself."
            )
    return DONE


async def _after_a_try(api: Api, invitation: Invitation) -> Invitation:
    """The invitation as soon as its mail was tried, or when patience ends."""
    tag, now = "", asyncio.get_running_loop().time
    ends = now() + _PATIENCE_S
    while (rest := ends - now()) > 0:
        answer = (await api.live({INVITATIONS: tag}, wait=max(1, int(rest)))).answer
        changed = answer.changed.get(INVITATIONS) if answer is not None else None
        if changed is None or changed.body is None:
            continue
        tag = changed.etag
        listed = Invitations.model_validate(changed.body).invitations
        invitation = next((one for one in listed if one.id == invitation.id), invitation)
        if invitation.mail is not MailState.WAITING or invitation.mail_error:
            break
    return invitation


def _list(invitations: list[Invitation], *, as_json: bool) -> None:
    if as_json:
        write_json([invitation.model_dump(mode="json") for invitation in invitations])
        return
    rows = [
        (one.account, one.name, one.email, _time(one.created), _time(one.expires), one.mail.value, one.mail_error)
        for one in invitations
    ]
    write_table(("account", "name", "e-mail", "invited", "code ends", "mail", ""), rows)


def _time(at: int | None) -> str:
    return "-" if at is None else f"{datetime.fromtimestamp(at / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"
