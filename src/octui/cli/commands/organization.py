"""`octui organization`: show and change the organization's name, key and admins."""

import argparse
import sys
from typing import Any

from octui.cli.connection import ApiHandler, add_api_command, run_with_api
from octui.cli.failures import WRONG_USE, CommandError, say
from octui.cli.output import write_json, write_models, write_table
from octui.client.api import Api
from octui.client.errors import Refused
from octui.schema.organization import KeyChange, NewOrganizationAdmin, Organization, OrganizationChange, ShownKey

_YES_NO = {"yes": True, "no": False}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui organization show\n  octui organization set --domain hanbit --ipcc-agreed yes\n"
        "  octui organization key change\n  octui organization admin add minsu"
    )
    subcommands = parser.add_subparsers(metavar="show|set|key|admin", required=True)
    show = subcommands.add_parser("show", help="name, ID, domain, URL, and the key, masked")
    _add_json_command(show, show_organization)
    _configure_set(subcommands.add_parser("set", help="change it; for whoever owns the database"))
    _configure_key(subcommands.add_parser("key", help="the organization key: shown in full once, or changed"))
    summary = "organization admins: there is always one, and nobody removes themself"
    _configure_admin(subcommands.add_parser("admin", help=summary, description=summary))


def _configure_set(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui organization set --mobile-contact-activated yes"
    parser.add_argument("--name", help="what it is called")
    parser.add_argument("--domain", help="3-40 letters, digits, hyphens; the URL follows from it")
    parser.add_argument("--ipcc-agreed", choices=tuple(_YES_NO), help="whether IPCC (Private) was agreed on")
    parser.add_argument("--mobile-contact-activated", choices=tuple(_YES_NO), help="whether Mobile Contact is active")
    _add_json_command(parser, change_organization)


def _configure_key(parser: argparse.ArgumentParser) -> None:
    subcommands = parser.add_subparsers(metavar="show|change", required=True)
    show = subcommands.add_parser("show", help="print it, if nobody has seen it yet")
    change = subcommands.add_parser(
        "change",
        help="make another one and print it; the old one stops at once",
        epilog="example: octui organization key change --yes '한빛 고객센터'",
    )
    change.add_argument("--yes", metavar="NAME", help="the organization's name; without it, it is asked for")
    _add_json_command(show, show_key)
    _add_json_command(change, change_key)
    change.set_defaults(handler=confirm_key_change)


def _configure_admin(parser: argparse.ArgumentParser) -> None:
    subcommands = parser.add_subparsers(metavar="add|remove|list", required=True)
    for name, handler in (("add", add_admin), ("remove", remove_admin)):
        subparser = subcommands.add_parser(name)
        subparser.add_argument("account")
        add_api_command(subparser, handler)
    _add_json_command(subcommands.add_parser("list"), list_admins)


def _add_json_command(parser: argparse.ArgumentParser, handler: ApiHandler) -> None:
    parser.add_argument("--json", action="store_true")
    add_api_command(parser, handler)


async def show_organization(api: Api, arguments: argparse.Namespace) -> None:
    organization = await api.organization()
    key = None
    try:
        key = await api.organization_key()
    except Refused as error:
        if error.status != 403:  # only those who manage the organization see the key
            raise
    if arguments.json:
        write_json(organization.model_dump(mode="json") | {"key": key})
    else:
        _write_organization(organization, ("key", "–" if key is None else key.masked))


def _write_organization(organization: Organization, *more: tuple[str, str]) -> None:
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


async def change_organization(api: Api, arguments: argparse.Namespace) -> None:
    values: dict[str, Any] = {"name": arguments.name, "domain": arguments.domain}
    for flag in ("ipcc_agreed", "mobile_contact_activated"):
        values[flag] = _YES_NO.get(getattr(arguments, flag))
    values = {name: value for name, value in values.items() if value is not None}
    if not values:
        raise CommandError("what is to be changed? See: octui organization set --help", WRONG_USE)
    organization = await api.change_organization(OrganizationChange(**values))
    if arguments.json:
        write_json(organization)
    else:
        _write_organization(organization)


async def show_key(api: Api, arguments: argparse.Namespace) -> None:
    _print_key(await api.show_key(), as_json=arguments.json)


def confirm_key_change(arguments: argparse.Namespace) -> int:
    """Ask for the organization's name where it was not given, then change the key.

    Asked before the event loop runs, in which Ctrl+C would not end the question."""
    if arguments.yes is None:
        arguments.yes = _ask_for_name()
    return run_with_api(arguments, change_key)


async def change_key(api: Api, arguments: argparse.Namespace) -> None:
    version = (await api.organization_key()).version
    _print_key(await api.change_key(KeyChange(name=arguments.yes, version=version)), as_json=arguments.json)


def _ask_for_name() -> str:
    if not sys.stdin.isatty():
        raise CommandError("the old key stops at once; confirm with the organization's name: --yes NAME", WRONG_USE)
    say("the old key stops at once. To confirm, type the organization's name:")
    try:
        return input("> ")
    except EOFError:
        raise CommandError("nothing was changed.") from None


def _print_key(shown: ShownKey, *, as_json: bool) -> None:
    if as_json:
        write_json(shown)
    else:
        print(shown.key)
    say("keep it in a safe place now: it is never shown again.")


async def add_admin(api: Api, arguments: argparse.Namespace) -> None:
    admin = await api.add_organization_admin(NewOrganizationAdmin(account=arguments.account))
    say(f"{admin.account} is organization admin.")


async def remove_admin(api: Api, arguments: argparse.Namespace) -> None:
    await api.remove_organization_admin(arguments.account)
    say(f"{arguments.account} is no organization admin any more.")


async def list_admins(api: Api, arguments: argparse.Namespace) -> None:
    admins = (await api.organization_admins()).admins
    columns = ("account", "name", "e-mail")
    write_models(admins, columns, lambda admin: (admin.account, admin.name, admin.email), as_json=arguments.json)
