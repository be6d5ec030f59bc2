"""`octui contracts`: list services, show and edit their contracts, suspend, resume and terminate them."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from octui.cli.connection import add_api_command, missing_service
from octui.cli.failures import CommandError, say
from octui.cli.output import write_json, write_models, write_table
from octui.client.api import Api
from octui.schema.contracts import Contract, ContractDetails, ItemTerms, Terms
from octui.schema.items import Item, ServiceState
from octui.schema.languages import LANGUAGES

_STATES = {
    "suspend": ServiceState.SUSPENDED,
    "resume": ServiceState.IN_USE,
    "terminate": ServiceState.TERMINATED,
}
_LABELS = {
    ServiceState.DRAFT: "draft",
    ServiceState.IN_USE: "in use",
    ServiceState.SUSPENDED: "suspended",
    ServiceState.TERMINATED: "terminated",
}
_CONSEQUENCES = {
    ServiceState.SUSPENDED: "nobody works in it, and it is still billed",
    ServiceState.IN_USE: "it is in use again",
    ServiceState.TERMINATED: "that is the end of it",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n"
        "  octui contracts list\n"
        "  octui contracts show cs --json\n"
        "  octui contracts edit cs --items ticket,telticket:users=20:volume=90000,chat:users=5\n"
        "  octui contracts suspend cs\n"
        "A new service: octui service add --help. A contract is edited once a day of the organization;\n"
        "only a suspended service is terminated."
    )
    subcommands = parser.add_subparsers(metavar="WHAT", required=True)
    for name, handler, summary in (
        ("list", list_contracts, "every service with its state and its items, drafts and terminated ones included"),
        ("show", show_contract, "one service with all of its contract"),
        (
            "edit",
            edit_contract,
            "register the contract of a draft, or edit it (once a day): the items named are on, all others off",
        ),
        ("suspend", switch_service, "switch a service off: nobody can use it, and it is still billed"),
        ("resume", switch_service, "switch a suspended service on again"),
        ("terminate", switch_service, "end the contract of a suspended service for good"),
    ):
        subparser = subcommands.add_parser(name, help=summary, description=summary)
        if name != "list":
            subparser.add_argument("service", metavar="ID")
        if name == "edit":
            subparser.add_argument(
                "--items",
                required=True,
                type=parse_items,
                metavar="ITEM[:users=N][:volume=N],…",
                help=f"of {', '.join(Item)}; ticket is always on",
            )
        if name in ("list", "show"):
            subparser.add_argument("--json", action="store_true")
        add_api_command(subparser, handler)
        subparser.set_defaults(state=_STATES.get(name))


def parse_items(text: str) -> list[ItemTerms]:
    """Convert the argument of `--items`: `ticket,telticket:users=20:volume=90000`."""
    items = []
    for part in text.split(","):
        name, *terms = (piece.strip() for piece in part.split(":"))
        if name not in list(Item):
            raise argparse.ArgumentTypeError(f"there is no item {name!r}; there are {', '.join(Item)}")
        numbers: dict[str, int] = {}
        for term in terms:
            word, equals, number = term.partition("=")
            if word not in ("users", "volume") or not equals or not (number.isascii() and number.isdigit()):
                raise argparse.ArgumentTypeError(f"{term!r} is neither users=N nor volume=N")
            if word in numbers:
                raise argparse.ArgumentTypeError(f"{word} stands twice for {name}")
            if len(number) > 12:
                raise argparse.ArgumentTypeError(f"{term!r} is too large")
            numbers[word] = int(number)
        try:
            items.append(ItemTerms(item=Item(name), **numbers))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{part!r} is out of range") from None
    return items


async def list_contracts(api: Api, arguments: argparse.Namespace) -> None:
    columns = ("ID", "name", "type", "state", "registered", "edited", "items")
    write_models((await api.contracts()).contracts, columns, _row_of, as_json=arguments.json)


async def show_contract(api: Api, arguments: argparse.Namespace) -> None:
    contract = await _find_contract(api, arguments.service)
    if arguments.json:
        write_json(contract)
    else:
        write_table(("", ""), _detail_rows(contract, (await api.organization()).time_zone))


async def edit_contract(api: Api, arguments: argparse.Namespace) -> None:
    contract = await _find_contract(api, arguments.service)
    details = ContractDetails(items=_with_volumes(arguments.items, contract.items))
    after = await api.edit_contract(contract.id, details, contract.version)
    if contract.state is ServiceState.DRAFT:
        say(f"{after.id} is registered and in use: {_items_text(after.items)}.")
    else:
        say(f"{after.id}: {_items_text(contract.items)} -> {_items_text(after.items)}.")


async def switch_service(api: Api, arguments: argparse.Namespace) -> None:
    contract = await _find_contract(api, arguments.service)
    after = await api.switch_service(contract.id, arguments.state, contract.version)
    say(f"{after.id} is {_LABELS[after.state]}: {_CONSEQUENCES[after.state]}.")


async def _find_contract(api: Api, service: str) -> Contract:
    contracts = (await api.contracts()).contracts
    for contract in contracts:
        if contract.id == service:
            return contract
    raise CommandError(missing_service(service, [contract.id for contract in contracts]))


def _with_volumes(items: Sequence[ItemTerms], present: Sequence[Terms]) -> list[ItemTerms]:
    """Add the present expected monthly volume to each item for which `--items` gives none."""
    volumes = {terms.item: terms.volume for terms in present}
    return [
        terms if "volume" in terms.model_fields_set else terms.model_copy(update={"volume": volumes.get(terms.item, 0)})
        for terms in items
    ]


def _row_of(contract: Contract) -> tuple[str, ...]:
    return (
        *(contract.id, contract.name, contract.type.value, _LABELS[contract.state]),
        *(contract.registered or "-", contract.edited or "-", _items_text(contract.items) or "-"),
    )


def _detail_rows(contract: Contract, zone: str) -> list[tuple[str, str]]:
    """Return the rows that `octui contracts show` prints; `zone` decides the date of the next possible edit."""
    languages = [f"{code} ({LANGUAGES[code].english})" if code in LANGUAGES else code for code in contract.languages]
    banner = contract.banner
    next_edit = "now"
    if contract.next_edit is not None:
        time = datetime.fromtimestamp(contract.next_edit / 1000, UTC).astimezone()
        next_edit = f"{time:%Y-%m-%d %H:%M %z} ({zone}'s next day)"
    return [
        ("ID", contract.id),
        ("name", contract.name),
        ("type", contract.type.value),
        ("state", _LABELS[contract.state]),
        ("languages", ", ".join(languages)),
        ("time zone", contract.time_zone),
        ("banner", f"{banner.media_type} {banner.width}×{banner.height}" if banner is not None else "-"),
        ("items", _items_text(contract.items) or "-"),
        ("registered", contract.registered or "-"),
        ("edited", contract.edited or "-"),
        ("terminated", contract.terminated or "-"),
        ("next edit", next_edit),
        ("discount", f"{contract.discount / 100:g} %"),
    ]


def _items_text(items: Sequence[Terms]) -> str:
    """Return a contract's items in the form that `--items` accepts."""
    return ",".join(
        terms.item.value
        + (f":users={terms.users}" if terms.users != 1 else "")
        + (f":volume={terms.volume}" if terms.volume else "")
        for terms in items
    )
