"""`octui organization admin`: who manages the organization."""

import argparse

from octui.cli.compose import run_with_api
from octui.cli.failures import say
from octui.cli.options import add_connection
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.schema.organization import NewOrganizationAdmin


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui organization admin add minsu"
    subjects = parser.add_subparsers(dest="subject", metavar="admin", required=True)
    summary = "organization admins: there is always one, and nobody removes themself"
    commands = subjects.add_parser("admin", help=summary, description=summary).add_subparsers(
        dest="what", metavar="add|remove|list", required=True
    )
    for what in ("add", "remove", "list"):
        sub = commands.add_parser(what)
        if what == "list":
            sub.add_argument("--json", action="store_true")
        else:
            sub.add_argument("account")
        add_connection(sub)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    match given.what:
        case "add":
            admin = await api.add_organization_admin(NewOrganizationAdmin(account=given.account))
            say(f"{admin.account} is organization admin.")
        case "remove":
            await api.remove_organization_admin(given.account)
            say(f"{given.account} is no organization admin any more.")
        case _:
            admins = (await api.organization_admins()).admins
            if given.json:
                write_json([admin.model_dump(mode="json") for admin in admins])
            else:
                write_table(("account", "name", "e-mail"), [(one.account, one.name, one.email) for one in admins])
    return 0
