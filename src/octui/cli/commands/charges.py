"""`octui charges`: what a month costs, with the lines that explain it (rules.md 9, 10)."""

import argparse

from octui.cli.connection import run_with_api
from octui.cli.failures import say
from octui.cli.options import add_connection
from octui.cli.output import sheet, write_json, write_sheet, write_table
from octui.client.api import Api
from octui.schema.charges import Charges
from octui.schema.items import ServiceType
from octui.sheets.rates import price

COLUMNS = (
    "service",
    "name",
    "type",
    "state",
    "item",
    "kind",
    "days",
    "users",
    "used",
    "free",
    "quantity",
    "unit price",
    "amount",
)


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "What a month costs in KRW. Days are those of the organization's time zone; tickets, calls and chats count by\n"
        "the service's days. A month is frozen a day after its end."
    )
    parser.epilog = "examples:\n  octui charges --month 2026-11\n  octui charges --service Support --export it.xlsx"
    parser.add_argument("--month", metavar="YYYY-MM", help="default: the present month, to date")
    parser.add_argument("--type", type=ServiceType, choices=list(ServiceType), help="services of this type alone")
    parser.add_argument("--service", metavar="ID", help="one service")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--json", action="store_true")
    way.add_argument("--export", type=sheet, metavar="FILE", help="write the lines to .xlsx or .csv")
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    charges = await api.charges(given.month, given.type, given.service)
    if given.json:
        write_json(charges.model_dump(mode="json"))
    elif given.export is not None:
        write_sheet(given.export, COLUMNS, rows_of(charges))
        say(f"{charges.month} is written to {given.export}.")
    else:
        write_table(COLUMNS, [tuple(map(str, row)) for row in rows_of(charges)])
        say(_summary(charges))
    return 0


def rows_of(charges: Charges) -> list[tuple[str | int, ...]]:
    """Every line of every service, then the total; amounts are KRW."""
    rows: list[tuple[str | int, ...]] = [
        (
            service.service,
            service.name,
            service.type,
            service.state,
            line.item.value if line.item is not None else "",
            line.kind.value,
            line.days,
            line.users,
            line.used,
            line.free,
            line.quantity,
            price(line.unit_price),
            line.amount,
        )
        for service in charges.services
        for line in service.lines
    ]
    return [*rows, ("total", *[""] * (len(COLUMNS) - 2), charges.total)]


def _summary(charges: Charges) -> str:
    if charges.first is None:
        return "there has been no contract yet."
    if charges.month < charges.first:
        return f"there was no contract in {charges.month}; the first began in {charges.first}."
    state = "closed" if charges.closed else f"to date, through {charges.through}"
    return f"{charges.month} ({state}; days of {charges.time_zone}): {charges.total:,} KRW."
