"""`octui service`: add services, list them, and set the limits of their floor."""

import argparse

from octui.cli.connection import add_api_command
from octui.cli.failures import say
from octui.cli.output import write_json, write_models, write_table
from octui.client.api import Api
from octui.schema.contracts import NewService, Service
from octui.schema.floor import STATE_LIMITS, FloorLimitsChange
from octui.schema.items import ServiceType
from octui.schema.stats import PhoneState

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
    limits = subcommands.add_parser(
        "limits",
        help="what is answered in time, and what needs a look: show or change",
        epilog="example: octui service limits cs --threshold 30 --longest-wait 90 --state rest=20 --state meal=50",
    )
    limits.add_argument("service", metavar="ID")
    limits.add_argument("--threshold", type=int, metavar="SECONDS", help="answered within is in time")
    limits.add_argument("--longest-wait", type=int, metavar="SECONDS", help="a longer wait is an alarm")
    limits.add_argument("--level", type=int, metavar="PERCENT", help="this service level or less is an alarm")
    limits.add_argument("--level-calls", type=int, metavar="N", help="from so many calls of the day on")
    limits.add_argument("--breaks", type=int, metavar="MINUTES", help="breaks of an agent in sum")
    limits.add_argument(
        "--state", action="append", default=[], type=_state_limit, metavar="STATE=MINUTES", help="time in a state"
    )
    limits.add_argument("--json", action="store_true")
    add_api_command(limits, show_or_change_limits)
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


def _state_limit(text: str) -> tuple[PhoneState, int]:
    """Convert an argument of `--state`: `rest=20`. Raises ArgumentTypeError."""
    name, _, minutes = text.partition("=")
    try:
        return PhoneState(name), int(minutes)
    except ValueError:
        names = " ".join(state.value for state in STATE_LIMITS)
        raise argparse.ArgumentTypeError(f"{text!r} is not STATE=MINUTES; states: {names}") from None


async def show_or_change_limits(api: Api, arguments: argparse.Namespace) -> None:
    change = FloorLimitsChange(
        threshold_seconds=arguments.threshold,
        longest_wait_seconds=arguments.longest_wait,
        level_percent=arguments.level,
        level_calls=arguments.level_calls,
        breaks=arguments.breaks,
        states=dict(arguments.state),
    )
    limits = await api.floor_limits(arguments.service)
    if change.model_dump(exclude_defaults=True):
        limits = await api.change_floor_limits(arguments.service, change, limits.version)
    if arguments.json:
        write_json(limits)
        return
    queue = limits.queue
    write_table(
        ("limit", "value"),
        (
            ("answered in time within", f"{queue.threshold_seconds} s"),
            ("longest wait", f"{queue.longest_wait_seconds} s"),
            ("service level", f"{queue.level_percent} % of at least {queue.level_calls} calls"),
            *((state.value, f"{minutes} min") for state, minutes in limits.states.items()),
            ("breaks in sum", f"{limits.breaks} min"),
        ),
    )


def _row_of(service: Service) -> tuple[str, ...]:
    return (
        *(service.id, service.name, service.type.value, service.state.value),
        *(service.time_zone, " ".join(service.items)),
    )
