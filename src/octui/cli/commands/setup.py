"""The commands that begin a centre: init, service add and list (member: members.py, agent: agents.py)."""

import argparse

from octui.cli.connection import run_with_api
from octui.cli.failures import say
from octui.cli.options import add_connection
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.schema.contracts import NewService
from octui.schema.items import ServiceType
from octui.schema.organization import NewOrganization

_EXAMPLES = {
    "init": "example: octui init --organization '한빛 고객센터' --domain hanbit"
    " --admin hong --name 홍길동 --email hong@hanbit.kr",
    "service": "example: octui service add cs --name 고객상담 --language ko --phone",
}


def configure(name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXAMPLES[name]
    if name == "init":
        parser.add_argument("--organization", required=True, metavar="NAME")
        parser.add_argument("--domain", required=True, help="3-40 letters, digits, hyphens; goes into the URL")
        parser.add_argument("--admin", required=True, metavar="ACCOUNT", help="the first organization admin")
        parser.add_argument("--name", required=True, help="the admin's name")
        parser.add_argument("--email", required=True)
        parser.add_argument("--time-zone", default="Asia/Seoul", metavar="TZ")
        add_connection(parser, person=False)
        return
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    added = what.add_parser("add", help="add one, in use at once", epilog=_EXAMPLES["service"])
    added.add_argument("id", help="service ID: letters only, it goes into URLs and never changes")
    added.add_argument("--name", required=True)
    added.add_argument("--language", default="ko", metavar="CODE", help="ISO 639-1")
    added.add_argument("--time-zone", metavar="TZ", help="follows from the language if left out")
    added.add_argument("--type", choices=[one.value for one in ServiceType], default="consultation")
    added.add_argument("--phone", action="store_true", help="ticket with phone (telticket): CTI use")
    listed = what.add_parser("list", help="the services you may see", epilog="example: octui service list --json")
    listed.add_argument("--json", action="store_true")
    for sub in (added, listed):
        add_connection(sub)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _set_up(api, arguments))


async def _set_up(api: Api, given: argparse.Namespace) -> int:
    match given.command:
        case "init":
            organization = await api.create_organization(
                NewOrganization(
                    name=given.organization,
                    domain=given.domain,
                    admin_account=given.admin,
                    admin_name=given.name,
                    admin_email=given.email,
                    time_zone=given.time_zone,
                )
            )
            say(f"organization {organization.name} ({organization.id}) is there; {given.admin} is its admin.")
        case _ if given.what == "list":
            services = (await api.services()).services
            if given.json:
                write_json([service.model_dump(mode="json") for service in services])
            else:
                rows = [
                    (one.id, one.name, one.type.value, one.state.value, one.time_zone, " ".join(one.items))
                    for one in services
                ]
                write_table(("ID", "name", "type", "state", "time zone", "items"), rows)
        case _:
            service = await api.add_service(
                NewService(
                    id=given.id,
                    name=given.name,
                    type=ServiceType(given.type),
                    language=given.language,
                    time_zone=given.time_zone,
                    phone=given.phone,
                )
            )
            say(f"service {service.id} is there, time zone {service.time_zone}.")
    return 0
