"""`octui contracts`: contracted services: list, show, edit the contract, suspend, resume, terminate."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from octui.cli.connection import run_with_api
from octui.cli.failures import CommandError, say
from octui.cli.options import add_connection
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.schema.contracts import Contract, ContractDetails, ItemTerms, Terms
from octui.schema.items import Item, ServiceState
from octui.schema.languages import LANGUAGES

_SWITCHES = {
    "suspend": ServiceState.SUSPENDED,
    "resume": ServiceState.IN_USE,
    "terminate": ServiceState.TERMINATED,
}
_WORDS = {
    ServiceState.DRAFT: "draft",
    ServiceState.IN_USE: "in use",
    ServiceState.SUSPENDED: "suspended",
    ServiceState.TERMINATED: "terminated",
}
_DONE = {
    ServiceState.SUSPENDED: "nobody works in it, and it is still billed",
    ServiceState.IN_USE: "it is in use again",
    ServiceState.TERMINATED: "that is the end of it",
}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n"
        "  octui contracts list\n"
        "  octui contracts show cs --json\n"
        "  octui contracts edit cs --items ticket,telticket:users=20:volume=90000,chat:users=5\n"
        "  octui contracts suspend cs\n"
        "A new service: octui service add --help. A contract is edited once a day of the organization;\n"
        "only a suspended service is terminated."
    )
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for what, summary in (
        ("list", "every service with its state and its items, drafts and terminated ones included"),
        ("show", "one service with all of its contract"),
        ("edit", "register the contract of a draft, or edit it (once a day): the items named are on, all others off"),
        ("suspend", "switch a service off: nobody can use it, and it is still billed"),
        ("resume", "switch a suspended service on again"),
        ("terminate", "end the contract of a suspended service for good"),
    ):
        sub = commands.add_parser(what, help=summary, description=summary)
        if what != "list":
            sub.add_argument("service", metavar="ID")
        if what == "edit":
            sub.add_argument(
                "--items",
                required=True,
                type=items,
                metavar="ITEM[:users=N][:volume=N],…",
                help=f"of {', '.join(Item)}; ticket is always on",
            )
        if what in ("list", "show"):
            sub.add_argument("--json", action="store_true")
        add_connection(sub)


def items(text: str) -> list[ItemTerms]:
    """The type of `--items`: `ticket,telticket:users=20:volume=90000`."""
    found = []
    for part in text.split(","):
        name, *given = (piece.strip() for piece in part.split(":"))
        if name not in list(Item):
            raise argparse.ArgumentTypeError(f"there is no item {name!r}; there are {', '.join(Item)}")
        numbers = {}
        for one in given:
            word, equals, number = one.partition("=")
            if word not in ("users", "volume") or not equals or not (number.isascii() and number.isdigit()):
                raise argparse.ArgumentTypeError(f"{one!r} is neither users=N nor volume=N")
            if word in numbers:
                raise argparse.ArgumentTypeError(f"{word} stands twice for {name}")
            if len(number) > 12:
                raise argparse.ArgumentTypeError(f"{one!r} is too large")
            numbers[word] = int(number)
        try:
            found.append(ItemTerms(item=Item(name), **numbers))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{part!r} is out of range") from None
    return found


def _with_volumes(given: Sequence[ItemTerms], present: Sequence[Terms]) -> list[ItemTerms]:
    """What is expected a month is no part of the contract: it stays where it is not given."""
    known = {one.item: one.volume for one in present}
    return [
        one if "volume" in one.model_fields_set else one.model_copy(update={"volume": known.get(one.item, 0)})
        for one in given
    ]


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    contracts = (await api.contracts()).contracts
    if given.what == "list":
        _list(contracts, as_json=given.json)
        return 0
    contract = _of(contracts, given.service)
    match given.what:
        case "show":
            await _show(api, contract, as_json=given.json)
        case "edit":
            details = ContractDetails(items=_with_volumes(given.items, contract.items))
            after = await api.edit_contract(contract.id, details, contract.version)
            if contract.state is ServiceState.DRAFT:
                say(f"{after.id} is registered and in use: {_written(after.items)}.")
            else:
                say(f"{after.id}: {_written(contract.items)} -> {_written(after.items)}.")
        case what:
            after = await api.switch_service(contract.id, _SWITCHES[what], contract.version)
            say(f"{after.id} is {_WORDS[after.state]}: {_DONE[after.state]}.")
    return 0


def _of(contracts: Sequence[Contract], service: str) -> Contract:
    for contract in contracts:
        if contract.id == service:
            return contract
    known = ", ".join(contract.id for contract in contracts)
    raise CommandError(
        f"there is no service {service}; there are: {known}"
        if known
        else "there is no service yet; add one: octui service add --help"
    )


def _list(contracts: Sequence[Contract], *, as_json: bool) -> None:
    if as_json:
        write_json([contract.model_dump(mode="json") for contract in contracts])
        return
    rows = [
        (
            *(one.id, one.name, one.type.value, _WORDS[one.state]),
            *(one.registered or "-", one.edited or "-", _written(one.items) or "-"),
        )
        for one in contracts
    ]
    write_table(("ID", "name", "type", "state", "registered", "edited", "items"), rows)


async def _show(api: Api, contract: Contract, *, as_json: bool) -> None:
    if as_json:
        write_json(contract.model_dump(mode="json"))
        return
    zone = (await api.organization()).time_zone
    languages = [f"{code} ({LANGUAGES[code].english})" if code in LANGUAGES else code for code in contract.languages]
    banner = contract.banner
    rows = [
        ("ID", contract.id),
        ("name", contract.name),
        ("type", contract.type.value),
        ("state", _WORDS[contract.state]),
        ("languages", ", ".join(languages)),
        ("time zone", contract.time_zone),
        ("banner", f"{banner.media_type} {banner.width}×{banner.height}" if banner is not None else "-"),
        ("items", _written(contract.items) or "-"),
        ("registered", contract.registered or "-"),
        ("edited", contract.edited or "-"),
        ("terminated", contract.terminated or "-"),
        ("next edit", "now" if contract.next_edit is None else f"{_time(contract.next_edit)} ({zone}'s next day)"),
        ("discount", f"{contract.discount / 100:g} %"),
    ]
    write_table(("", ""), rows)


def _written(items: Sequence[Terms]) -> str:
    """As `--items` takes it."""
    return ",".join(
        one.item.value
        + (f":users={one.users}" if one.users != 1 else "")
        + (f":volume={one.volume}" if one.volume else "")
        for one in items
    )


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone():%Y-%m-%d %H:%M %z}"
