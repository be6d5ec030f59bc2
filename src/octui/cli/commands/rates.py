"""`octui rates`: rate cards and discounts (rules.md 9)."""

import argparse
import re
from pathlib import Path

from octui.cli.connection import run_with_api
from octui.cli.failures import DONE, FAILED, CommandError, say
from octui.cli.options import add_connection
from octui.cli.output import sheet, write_json, write_sheet, write_table
from octui.client.api import Api
from octui.client.errors import Refused
from octui.schema.audit import Via
from octui.schema.charges import NewDiscount
from octui.sheets.rates import COLUMNS, RatesProblem, month_of, read, rows_of
from octui.sheets.read import read_table

_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?")


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui rates list\n  octui rates export rates.csv\n"
        "  octui rates import rates.csv --from 2027-01 --dry-run\n"
        "  octui rates discount Support --percent 10 --from 2027-01"
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    listed = what.add_parser("list", help="all rate cards, oldest first")
    listed.add_argument("--json", action="store_true")
    export = what.add_parser("export", help="the newest rate card into .xlsx or .csv")
    export.add_argument("file", type=sheet)
    taken = what.add_parser(
        "import",
        help="other prices from a month to come on",
        description="The file has the columns of `octui rates export`, their names in English or Korean.",
    )
    taken.add_argument("file", type=Path)
    taken.add_argument("--from", dest="month", type=_month, metavar="YYYY-MM", help="instead of the column valid from")
    taken.add_argument("--dry-run", action="store_true", help="say what is wrong and change nothing")
    discount = what.add_parser("discount", help="a discount of a service from this month or a later one on")
    discount.add_argument("service", metavar="SERVICE")
    discount.add_argument("--percent", type=_basis_points, required=True, metavar="P", help="0 to 100, as 10 or 33.33")
    discount.add_argument("--from", dest="month", type=_month, required=True, metavar="YYYY-MM")
    for sub in (listed, export, taken, discount):
        add_connection(sub)


def _month(text: str) -> str:
    found = month_of(text)
    if found is None:
        raise argparse.ArgumentTypeError("a month is written like 2027-01")
    return found


def _basis_points(text: str) -> int:
    found = _PERCENT.fullmatch(text.removesuffix("%"))
    points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else -1
    if not 0 <= points <= 10_000:
        raise argparse.ArgumentTypeError("a discount is a number from 0 to 100 with at most two decimals")
    return points


def run(arguments: argparse.Namespace) -> int:
    via = Via.IMPORT if arguments.what == "import" else Via.COMMAND
    return run_with_api(arguments, lambda api: _run(api, arguments), via=via)


async def _run(api: Api, given: argparse.Namespace) -> int:
    match given.what:
        case "import":
            return await _import(api, given)
        case "discount":
            await api.change_discount(given.service, NewDiscount(valid_from=given.month, basis_points=given.percent))
            say(f"{given.service} has a discount of {given.percent / 100:g} % from {given.month} on.")
            return DONE
    cards = (await api.rates()).cards
    if given.what == "export":
        write_sheet(given.file, COLUMNS, rows_of(cards[-1]))
        say(f"the rate card of {cards[-1].valid_from} is written to {given.file}.")
    elif given.json:
        write_json([card.model_dump(mode="json") for card in cards])
    else:
        write_table(COLUMNS, [row for card in cards for row in rows_of(card)])
    return DONE


async def _import(api: Api, given: argparse.Namespace) -> int:
    try:
        found = read(read_table(given.file), given.month, dry_run=given.dry_run)
    except RatesProblem as error:
        return _refused(given, error.sentences)
    try:
        card = await api.add_rates(found.card)
    except Refused as error:
        if not error.field_errors:
            raise
        places = ((found.place(name), problem.message) for name, problem in error.field_errors.items())
        return _refused(given, tuple(f"{place}: {message}" if place else message for place, message in places))
    if given.dry_run:
        say(f"{given.file} is in order; nothing was changed.")
    else:
        say(f"the prices of {given.file} are valid from {card.valid_from} on.")
    return DONE


def _refused(given: argparse.Namespace, sentences: tuple[str, ...]) -> int:
    for sentence in sentences:
        say(f"{given.file}: {sentence}")
    raise CommandError("nothing was changed.", FAILED)
