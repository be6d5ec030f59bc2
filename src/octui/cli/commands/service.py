"""`octui service`: add services and list them."""

import argparse

from octui.cli.connection import add_api_command
from octui.cli.failures import say
from octui.cli.output import write_models
from octui.client.api import Api
from octui.schema.contracts import NewService, Service
from octui.schema.items import ServiceType

_EXAMPLE = "example: octui service add cs --name 고객상담 --language ko --phone"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXAMPLE
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    add = subcommands.add_parser("add", help="add one, in use at once", epilog=_EXAMPLE)
    add.add_argument("id", help="service ID: letters only, it goes into URLs and never changes")
    add.add_argument("--name", required=True)
    add.add_argument("--language", default="ko", metavar="CODE", help="ISO 639-1")
    add.add_argument("--time-zone", metavar="TZ", help="follows from the language if left out")
    add.add_argument("--type", choices=[type.value for type in ServiceType], default="consultation")
    add.add_argument("--phone", action="store_true", help="ticket with phone (telticket): CTI use")
    listing = subcommands.add_parser(
        "list", help="the services you may see", epilog="example: octui service list --json"
    )
    listing.add_argument("--json", action="store_true")
    add_api_command(add, add_service)
    add_api_command(listing, list_services)


async def add_service(api: Api, arguments: argparse.Namespace) -> None:
    new = NewService(
        id=arguments.id,
        name=arguments.name,
        type=ServiceType(arguments.type),
        language=arguments.language,
        time_zone=arguments.time_zone,
        phone=arguments.phone,
    )
    service = await api.add_service(new)
    say(f"service {service.id} is there, time zone {service.time_zone}.")


async def list_services(api: Api, arguments: argparse.Namespace) -> None:
    services = (await api.services()).services
    write_models(services, ("ID", "name", "type", "state", "time zone", "items"), _row_of, as_json=arguments.json)


def _row_of(service: Service) -> tuple[str, ...]:
    return (
        *(service.id, service.name, service.type.value, service.state.value),
        *(service.time_zone, " ".join(service.items)),
    )
