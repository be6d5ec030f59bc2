"""`octui rates`: rate cards and discounts (rules.md 9)."""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from octui.cli.connection import add_api_command
from octui.cli.failures import CommandError, say
from octui.cli.output import sheet_path, write_json, write_sheet, write_table
from octui.client.api import Api
from octui.client.errors import Refused
from octui.schema.audit import Via
from octui.schema.charges import NewDiscount
from octui.sheets.rates import COLUMNS, RatesProblem, month_of, read_rate_card, rows_of
from octui.sheets.read import read_table

_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui rates list\n  octui rates export rates.csv\n"
        "  octui rates import rates.csv --from 2027-01 --dry-run\n"
        "  octui rates discount Support --percent 10 --from 2027-01"
    )
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    listing = subcommands.add_parser("list", help="all rate cards, oldest first")
    listing.add_argument("--json", action="store_true")
    export = subcommands.add_parser("export", help="the newest rate card into .xlsx or .csv")
    export.add_argument("file", type=sheet_path)
    imports = subcommands.add_parser(
        "import",
        help="other prices from a month to come on",
        description="The file has the columns of `octui rates export`, their names in English or Korean.",
    )
    imports.add_argument("file", type=Path)
    imports.add_argument("--from", dest="month", type=month, metavar="YYYY-MM", help="instead of the column valid from")
    imports.add_argument("--dry-run", action="store_true", help="say what is wrong and change nothing")
    discount = subcommands.add_parser("discount", help="a discount of a service from this month or a later one on")
    discount.add_argument("service", metavar="SERVICE")
    discount.add_argument("--percent", type=basis_points, required=True, metavar="P", help="0 to 100, as 10 or 33.33")
    discount.add_argument("--from", dest="month", type=month, required=True, metavar="YYYY-MM")
    add_api_command(listing, list_rates)
    add_api_command(export, export_rates)
    add_api_command(imports, import_rates, Via.IMPORT)
    add_api_command(discount, change_discount)


def month(text: str) -> str:
    """Convert the argument of `--from` to the first day of a month."""
    value = month_of(text)
    if value is None:
        raise argparse.ArgumentTypeError("a month is written like 2027-01")
    return value


def basis_points(text: str) -> int:
    """Convert the argument of `--percent` to hundredths of a percent."""
    match = _PERCENT.fullmatch(text.removesuffix("%"))
    points = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else -1
    if not 0 <= points <= 10_000:
        raise argparse.ArgumentTypeError("a discount is a number from 0 to 100 with at most two decimals")
    return points


async def list_rates(api: Api, arguments: argparse.Namespace) -> None:
    cards = (await api.rates()).cards
    if arguments.json:
        write_json(cards)
    else:
        write_table(COLUMNS, [row for card in cards for row in rows_of(card)])


async def export_rates(api: Api, arguments: argparse.Namespace) -> None:
    card = (await api.rates()).cards[-1]
    write_sheet(arguments.file, COLUMNS, rows_of(card))
    say(f"the rate card of {card.valid_from} is written to {arguments.file}.")


async def import_rates(api: Api, arguments: argparse.Namespace) -> None:
    try:
        sheet = read_rate_card(read_table(arguments.file), arguments.month, dry_run=arguments.dry_run)
    except RatesProblem as error:
        _refuse_sheet(arguments.file, error.sentences)
    try:
        card = await api.add_rates(sheet.card)
    except Refused as error:
        if not error.field_errors:
            raise
        places = ((sheet.place_of(name), problem.message) for name, problem in error.field_errors.items())
        _refuse_sheet(arguments.file, [f"{place}: {message}" if place else message for place, message in places])
    if arguments.dry_run:
        say(f"{arguments.file} is in order; nothing was changed.")
    else:
        say(f"the prices of {arguments.file} are valid from {card.valid_from} on.")


def _refuse_sheet(path: Path, sentences: Iterable[str]) -> NoReturn:
    for sentence in sentences:
        say(f"{path}: {sentence}")
    raise CommandError("nothing was changed.")


async def change_discount(api: Api, arguments: argparse.Namespace) -> None:
    await api.change_discount(
        arguments.service, NewDiscount(valid_from=arguments.month, basis_points=arguments.percent)
    )
    say(f"{arguments.service} has a discount of {arguments.percent / 100:g} % from {arguments.month} on.")
