"""`octui charges`: what a month costs, with the lines that explain it (rules.md 9, 10)."""

import argparse

from octui.cli.connection import add_api_command
from octui.cli.failures import say
from octui.cli.output import sheet_path, write_json, write_sheet, write_table
from octui.client.api import Api
from octui.schema.charges import Charges
from octui.schema.items import ServiceType
from octui.sheets.rates import price_text

COLUMNS = (
    *("service", "name", "type", "state", "item", "kind"),
    *("days", "users", "used", "free", "quantity", "unit price", "amount"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "What a month costs in KRW. Days are those of the organization's time zone; tickets, calls and chats count by\n"
        "the service's days. A month is frozen a day after its end."
    )
    parser.epilog = "examples:\n  octui charges --month 2026-11\n  octui charges --service Support --export it.xlsx"
    parser.add_argument("--month", metavar="YYYY-MM", help="default: the present month, to date")
    parser.add_argument("--type", type=ServiceType, choices=list(ServiceType), help="services of this type alone")
    parser.add_argument("--service", metavar="ID", help="one service")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true")
    output.add_argument("--export", type=sheet_path, metavar="FILE", help="write the lines to .xlsx or .csv")
    add_api_command(parser, show_charges)


async def show_charges(api: Api, arguments: argparse.Namespace) -> None:
    charges = await api.charges(arguments.month, arguments.type, arguments.service)
    if arguments.json:
        write_json(charges)
    elif arguments.export is not None:
        write_sheet(arguments.export, COLUMNS, rows_of(charges))
        say(f"{charges.month} is written to {arguments.export}.")
    else:
        write_table(COLUMNS, [tuple(map(str, row)) for row in rows_of(charges)])
        say(_summary_text(charges))


def rows_of(charges: Charges) -> list[tuple[str | int, ...]]:
    """Return every line of every service, then the total; amounts are KRW."""
    rows: list[tuple[str | int, ...]] = [
        (
            *(service.service, service.name, service.type, service.state),
            *(line.item.value if line.item is not None else "", line.kind.value, line.days, line.users),
            *(line.used or line.discounted, line.free, line.quantity, price_text(line.unit_price), line.amount),
        )
        for service in charges.services
        for line in service.lines
    ]
    return [*rows, ("total", *[""] * (len(COLUMNS) - 2), charges.total)]


def _summary_text(charges: Charges) -> str:
    if charges.first is None:
        return "there has been no contract yet."
    if charges.month < charges.first:
        return f"there was no contract in {charges.month}; the first began in {charges.first}."
    state = "closed" if charges.closed else f"to date, through {charges.through}"
    return f"{charges.month} ({state}; days of {charges.time_zone}): {charges.total:,} KRW."
