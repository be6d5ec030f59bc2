"""`octui cti log`: the days of the CTI log, its entries, and a file of them."""

import argparse
import sys
from collections.abc import AsyncIterator

from octui.cli.connection import service_of
from octui.cli.failures import say
from octui.cli.options import add_connection
from octui.cli.output import sheet, write_json, write_table
from octui.client.api import Api
from octui.client.cti_log import download_cti_log
from octui.schema.cti import CtiLogEntry
from octui.ui.cti_log_words import columns, texts
from octui.ui.locale import Words


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments after `octui cti log`."""
    what = parser.add_subparsers(dest="log", required=True, metavar="WHAT")
    days = what.add_parser("days", help="the days that have entries", epilog="example: octui cti log days")
    listed = what.add_parser(
        "list", help="the entries of some days", epilog="example: octui cti log list --from 2026-07-01 --json"
    )
    export = what.add_parser(
        "export",
        help="write them to .xlsx or .csv",
        epilog="example: octui cti log export july.xlsx --from 2026-07-01 --to 2026-07-31",
    )
    export.add_argument("file", type=sheet)
    for sub in (days, listed):
        sub.add_argument("--json", action="store_true")
    for sub in (listed, export):
        sub.add_argument("--from", dest="first", default="", metavar="DAY", help="YYYY-MM-DD of the service")
        sub.add_argument("--to", dest="last", default="", metavar="DAY", help="left out: to the newest")
    for sub in (days, listed, export):
        sub.add_argument("--service", metavar="ID", help="default: the first with the phone in its contract")
        add_connection(sub)


async def run(api: Api, given: argparse.Namespace) -> int:
    """List days, list entries, or export them."""
    service = await service_of(api, given, phone=True)
    match given.log:
        case "days":
            found = await api.cti_log_days(service)
            if given.json:
                write_json(found.model_dump(mode="json")["days"])
            else:
                write_table(("day", "entries"), [(one.day, f"{one.count:,}") for one in found.days])
        case "list":
            await _list(api, service, given)
        case _:
            t = Words((await api.me()).language)
            progress = _progress if sys.stderr.isatty() else None
            count = await download_cti_log(
                api, service, given.first, given.last, given.file, progress, columns=columns(t), texts=texts
            )
            say(f"{count:,} entries written to {given.file}.")
    return 0


async def _list(api: Api, service: str, given: argparse.Namespace) -> None:
    entries = [(entry, zone) async for entry, zone in _entries(api, service, given.first, given.last)]
    if given.json:
        write_json([entry.model_dump(mode="json") for entry, _ in entries])
    else:
        t = Words((await api.me()).language)
        write_table(columns(t), [texts(entry, zone) for entry, zone in entries])


async def _entries(api: Api, service: str, first: str, last: str) -> AsyncIterator[tuple[CtiLogEntry, str]]:
    after: str | None = None
    while True:
        page = await api.cti_log(service, first, last, after)
        for entry in page.entries:
            yield entry, page.time_zone
        after = page.next
        if after is None:
            return


def _progress(done: int, total: int) -> None:
    print(f"\r{done:,} / {total:,}", end="\n" if done >= total else "", file=sys.stderr, flush=True)
