"""`octui organization`: what it is called, its key, and who manages it."""

import argparse
import sys
from typing import Any

from octui.cli.connection import run_with_api
from octui.cli.failures import WRONG_USE, CommandError, say
from octui.cli.options import add_connection
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.client.errors import Refused
from octui.schema.organization import KeyChange, NewOrganizationAdmin, Organization, OrganizationChange, ShownKey

_YES_NO = {"yes": True, "no": False}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui organization show\n  octui organization set --domain hanbit --ipcc-agreed yes\n"
        "  octui organization key change\n  octui organization admin add minsu"
    )
    subjects = parser.add_subparsers(dest="subject", metavar="show|set|key|admin", required=True)
    _configure_show(subjects.add_parser("show", help="name, ID, domain, URL, and the key, masked"))
    _configure_set(subjects.add_parser("set", help="change it; for whoever owns the database"))
    _configure_key(subjects.add_parser("key", help="the organization key: shown in full once, or changed"))
    summary = "organization admins: there is always one, and nobody removes themself"
    _configure_admin(subjects.add_parser("admin", help=summary, description=summary))


def _configure_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    add_connection(parser)


def _configure_set(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui organization set --mobile-contact-activated yes"
    parser.add_argument("--name", help="what it is called")
    parser.add_argument("--domain", help="3-40 letters, digits, hyphens; the URL follows from it")
    parser.add_argument("--ipcc-agreed", choices=tuple(_YES_NO), help="whether IPCC (Private) was agreed on")
    parser.add_argument("--mobile-contact-activated", choices=tuple(_YES_NO), help="whether Mobile Contact is active")
    parser.add_argument("--json", action="store_true")
    add_connection(parser)


def _configure_key(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="show|change", required=True)
    show = commands.add_parser("show", help="print it, if nobody has seen it yet")
    change = commands.add_parser(
        "change",
        help="make another one and print it; the old one stops at once",
        epilog="example: octui organization key change --yes '한빛 고객센터'",
    )
    change.add_argument("--yes", metavar="NAME", help="the organization's name; without it, it is asked for")
    for sub in (show, change):
        sub.add_argument("--json", action="store_true")
        add_connection(sub)


def _configure_admin(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="add|remove|list", required=True)
    for what in ("add", "remove", "list"):
        sub = commands.add_parser(what)
        if what == "list":
            sub.add_argument("--json", action="store_true")
        else:
            sub.add_argument("account")
        add_connection(sub)


def run(arguments: argparse.Namespace) -> int:
    if (arguments.subject, getattr(arguments, "what", None), getattr(arguments, "yes", "")) == ("key", "change", None):
        arguments.yes = _asked_name()
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    match given.subject, getattr(given, "what", None):
        case "show", _:
            await _show(api, given.json)
        case "set", _:
            await _set(api, given)
        case "key", "show":
            _say_key(await api.show_key(), given.json)
        case "key", _:
            await _change_key(api, given)
        case _, "add":
            admin = await api.add_organization_admin(NewOrganizationAdmin(account=given.account))
            say(f"{admin.account} is organization admin.")
        case _, "remove":
            await api.remove_organization_admin(given.account)
            say(f"{given.account} is no organization admin any more.")
        case _:
            admins = (await api.organization_admins()).admins
            if given.json:
                write_json([admin.model_dump(mode="json") for admin in admins])
            else:
                write_table(("account", "name", "e-mail"), [(one.account, one.name, one.email) for one in admins])
    return 0


async def _show(api: Api, as_json: bool) -> None:
    organization = await api.organization()
    key = None
    try:
        key = await api.organization_key()
    except Refused as error:
        if error.status != 403:  # the key is for who manages the organization
            raise
    if as_json:
        key_values = None if key is None else key.model_dump(mode="json")
        write_json(organization.model_dump(mode="json") | {"key": key_values})
    else:
        _write(organization, ("key", "–" if key is None else key.masked))


def _write(organization: Organization, *more: tuple[str, str]) -> None:
    rows = [
        ("name", organization.name),
        ("ID", organization.id),
        ("domain", organization.domain),
        ("URL", organization.url),
        ("time zone", organization.time_zone),
        ("IPCC agreed", "yes" if organization.ipcc_agreed else "no"),
        ("Mobile Contact activated", "yes" if organization.mobile_contact_activated else "no"),
    ]
    write_table(("organization", ""), [*rows, *more])


async def _set(api: Api, given: argparse.Namespace) -> None:
    wanted: dict[str, Any] = {"name": given.name, "domain": given.domain}
    for flag in ("ipcc_agreed", "mobile_contact_activated"):
        wanted[flag] = _YES_NO.get(getattr(given, flag))
    wanted = {name: value for name, value in wanted.items() if value is not None}
    if not wanted:
        raise CommandError("what is to be changed? See: octui organization set --help", WRONG_USE)
    changed = await api.change_organization(OrganizationChange(**wanted))
    if given.json:
        write_json(changed.model_dump(mode="json"))
    else:
        _write(changed)


async def _change_key(api: Api, given: argparse.Namespace) -> None:
    version = (await api.organization_key()).version
    _say_key(await api.change_key(KeyChange(name=given.yes, version=version)), given.json)


def _asked_name() -> str:
    if not sys.stdin.isatty():
        raise CommandError("the old key stops at once; confirm with the organization's name: --yes NAME", WRONG_USE)
    say("the old key stops at once. To confirm, type the organization's name:")
    try:
        return input("> ")
    except EOFError:
        raise CommandError("nothing was changed.") from None


def _say_key(shown: ShownKey, as_json: bool) -> None:
    if as_json:
        write_json(shown.model_dump(mode="json"))
    else:
        print(shown.key)
    say("keep it in a safe place now: it is never shown again.")
