"""`octui cti log`: the days of the CTI log, its entries, and a file of them."""

import argparse
import sys

from octui.cli.connection import add_api_command, all_pages, service_of
from octui.cli.failures import say
from octui.cli.output import sheet_path, write_json, write_models, write_table
from octui.client.api import Api
from octui.client.cti_log import download_cti_log
from octui.ui.locale import Words
from octui.ui.words.cti_log import column_titles, row_texts


def configure(parser: argparse.ArgumentParser) -> None:
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    days = subcommands.add_parser("days", help="the days that have entries", epilog="example: octui cti log days")
    listing = subcommands.add_parser(
        "list", help="the entries of some days", epilog="example: octui cti log list --from 2026-07-01 --json"
    )
    export = subcommands.add_parser(
        "export",
        help="write them to .xlsx or .csv",
        epilog="example: octui cti log export july.xlsx --from 2026-07-01 --to 2026-07-31",
    )
    export.add_argument("file", type=sheet_path)
    for subparser in (days, listing):
        subparser.add_argument("--json", action="store_true")
    for subparser in (listing, export):
        subparser.add_argument("--from", dest="first", default="", metavar="DAY", help="YYYY-MM-DD of the service")
        subparser.add_argument("--to", dest="last", default="", metavar="DAY", help="left out: to the newest")
    for subparser, handler in ((days, list_days), (listing, list_entries), (export, export_entries)):
        subparser.add_argument("--service", metavar="ID", help="default: the first with the phone in its contract")
        add_api_command(subparser, handler)


async def list_days(api: Api, arguments: argparse.Namespace) -> None:
    days = (await api.cti_log_days(await service_of(api, arguments, phone=True))).days
    write_models(days, ("day", "entries"), lambda day: (day.day, f"{day.count:,}"), as_json=arguments.json)


async def list_entries(api: Api, arguments: argparse.Namespace) -> None:
    service = await service_of(api, arguments, phone=True)
    pages = [
        page async for page in all_pages(lambda after: api.cti_log(service, arguments.first, arguments.last, after))
    ]
    if arguments.json:
        write_json([entry for page in pages for entry in page.entries])
    else:
        rows = [row_texts(entry, page.time_zone) for page in pages for entry in page.entries]
        write_table(column_titles(Words((await api.me()).language)), rows)


async def export_entries(api: Api, arguments: argparse.Namespace) -> None:
    service = await service_of(api, arguments, phone=True)
    count = await download_cti_log(
        api,
        service,
        arguments.first,
        arguments.last,
        arguments.file,
        _print_progress if sys.stderr.isatty() else None,
        columns=column_titles(Words((await api.me()).language)),
        texts=row_texts,
    )
    say(f"{count:,} entries written to {arguments.file}.")


def _print_progress(done: int, total: int) -> None:
    print(f"\r{done:,} / {total:,}", end="\n" if done >= total else "", file=sys.stderr, flush=True)
