"""`octui member`: list, add, invite and remove members, see and revoke invitations."""

import argparse
import asyncio

from octui.cli.connection import add_api_command, all_pages
from octui.cli.failures import DONE, IN_PART, CommandError, say
from octui.cli.output import local_time, write_models
from octui.client.api import Api
from octui.schema.common import LARGEST_PAGE
from octui.schema.live import INVITATIONS
from octui.schema.members import Invitation, Invitations, Invited, MailState, Member, NewInvitation, NewMember

_PATIENCE_S = 15.0
"""Time for which the command waits for the mail to go out; the mail goes on without it."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n"
        "  octui member invite minsu --name 김민수 --email minsu@hanbit.kr\n"
        "  octui member list --search 김 --json\n"
        "  octui member invitations\n"
        "  octui member resend minsu\n"
        "  octui member remove minsu"
    )
    subcommands = parser.add_subparsers(metavar="WHAT", required=True)
    for name, handler, summary in (
        ("list", list_members, "everybody of the organization"),
        ("add", add_member, "add a member who needs no password: for a database of your own, or octui token"),
        ("invite", invite_member, "invite a person by mail, or by a code to hand over where no mail server is set"),
        ("invitations", list_invitations, "who was invited and has not accepted yet"),
        ("resend", resend_invitation, "send the invitation again; the code of before is void"),
        ("revoke", revoke_invitation, "take the invitation back"),
        ("remove", remove_member, "take a member out of the organization, with all their rights and sessions"),
    ):
        subparser = subcommands.add_parser(name, help=summary, description=summary)
        if name in ("list", "invitations"):
            subparser.add_argument("--json", action="store_true")
        else:
            subparser.add_argument("account")
        if name == "list":
            subparser.add_argument("--search", default="", metavar="TEXT", help="part of name, account or e-mail")
        if name in ("add", "invite"):
            subparser.add_argument("--name", required=True)
            subparser.add_argument("--email", required=True)
            subparser.add_argument("--language", choices=("ko", "en", "ja"), default="ko")
        add_api_command(subparser, handler)


async def list_members(api: Api, arguments: argparse.Namespace) -> None:
    pages = all_pages(lambda after: api.members(query=arguments.search, after=after, limit=LARGEST_PAGE))
    members = [member async for page in pages for member in page.members]
    write_models(members, ("account", "name", "e-mail", "language", ""), _member_row, as_json=arguments.json)


async def add_member(api: Api, arguments: argparse.Namespace) -> None:
    member = await api.add_member(NewMember(**_person_fields(arguments)))
    say(f"member {member.account} is there.")


async def invite_member(api: Api, arguments: argparse.Namespace) -> int:
    return await _report_invitation(api, await api.invite_member(NewInvitation(**_person_fields(arguments))))


async def list_invitations(api: Api, arguments: argparse.Namespace) -> None:
    columns = ("account", "name", "e-mail", "invited", "code ends", "mail", "")
    write_models((await api.invitations()).invitations, columns, _invitation_row, as_json=arguments.json)


async def resend_invitation(api: Api, arguments: argparse.Namespace) -> int:
    invitation = await _find_invitation(api, arguments.account)
    return await _report_invitation(api, await api.resend_invitation(invitation.id))


async def revoke_invitation(api: Api, arguments: argparse.Namespace) -> None:
    await api.revoke_invitation((await _find_invitation(api, arguments.account)).id)
    say(f"the invitation of {arguments.account} is taken back.")


async def remove_member(api: Api, arguments: argparse.Namespace) -> None:
    await api.remove_member(arguments.account)
    say(f"{arguments.account} is no member any more.")


def _person_fields(arguments: argparse.Namespace) -> dict[str, str]:
    return {name: getattr(arguments, name) for name in ("account", "name", "email", "language")}


def _member_row(member: Member) -> tuple[str, ...]:
    admin = "organization admin" if member.organization_admin else ""
    return member.account, member.name, member.email, member.language, admin


def _invitation_row(invitation: Invitation) -> tuple[str, ...]:
    return (
        *(invitation.account, invitation.name, invitation.email, local_time(invitation.created)),
        "-" if invitation.expires is None else local_time(invitation.expires),
        *(invitation.mail.value, invitation.mail_error),
    )


async def _find_invitation(api: Api, account: str) -> Invitation:
    for invitation in (await api.invitations()).invitations:
        if invitation.account == account:
            return invitation
    raise CommandError(f"there is no open invitation of {account}.")


async def _report_invitation(api: Api, invited: Invited) -> int:
    """Print the invitation code to hand over, or the state of the invitation's mail."""
    if invited.code is not None:
        print(invited.code)
        say(f"{invited.account} is invited. No mail is sent from here: hand the code over, it is shown this once.")
        say(f"they set their password with: octui accept {invited.code}")
        return DONE
    invitation = await _wait_for_mail(api, invited)
    account, email, error = invitation.account, invitation.email, invitation.mail_error
    match invitation.mail:
        case MailState.SENT:
            say(f"{account} is invited; the mail to {email} is sent.")
        case MailState.FAILED:
            say(f"{account} is invited, but the mail to {email} was refused: {error}")
            return IN_PART
        case _:
            reason = f": {error}" if error else ""
            say(f"{account} is invited; the mail to {email} is not out yet{reason}. It is tried again by itself.")
    return DONE


async def _wait_for_mail(api: Api, invitation: Invitation) -> Invitation:
    """Return the invitation once sending its mail was attempted, or as it is when the wait ends."""
    etag, now = "", asyncio.get_running_loop().time
    end = now() + _PATIENCE_S
    while (rest := end - now()) > 0:
        answer = (await api.live({INVITATIONS: etag}, wait=max(1, int(rest)))).answer
        changed = answer.changed.get(INVITATIONS) if answer is not None else None
        if changed is None or changed.body is None:
            continue
        etag = changed.etag
        invitations = Invitations.model_validate(changed.body).invitations
        invitation = next((row for row in invitations if row.id == invitation.id), invitation)
        if invitation.mail is not MailState.WAITING or invitation.mail_error:
            break
    return invitation
