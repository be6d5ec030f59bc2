"""`octui audit`: search, export and verify the permission-change log and the administration log beside it."""

import argparse
import time
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

from octui.cli.connection import add_api_command
from octui.cli.failures import CommandError, say
from octui.cli.output import sheet_path, write_json, write_sheet, write_table
from octui.client.api import Api
from octui.schema.audit import AuditEntry, Log
from octui.state.audit_view import Filters, filters_of
from octui.text.query import QueryError, parse_query
from octui.ui.locale import Words
from octui.ui.screens.audit.words import TITLES, texts


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui audit search 'ㄱㅁㅅ since:7d'\n  octui audit search '이름:김 서비스:cs ip:10.0' --json\n"
        "  octui audit export log.xlsx 'since:30d'\n  octui audit search --log administration\n  octui audit verify"
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    search = what.add_parser("search", help="newest first", epilog="example: octui audit search '이름:김 since:7d'")
    search.add_argument("query", nargs="?", default="")
    search.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many (default 50)")
    search.add_argument("--json", action="store_true")
    export = what.add_parser(
        "export", help="write to .xlsx or .csv", epilog="example: octui audit export log.xlsx 'since:30d'"
    )
    export.add_argument("file", type=sheet_path)
    export.add_argument("query", nargs="?", default="")
    for sub, default in ((search, Log.PERMISSIONS), (export, Log.ALL)):
        sub.add_argument(
            "--log",
            choices=[one.value for one in Log],
            default=default.value,
            help=f"permission changes, what else was administered, or both (default {default.value})",
        )
    verify = what.add_parser("verify", help="check that nobody touched the log", epilog="example: octui audit verify")
    verify.add_argument("--json", action="store_true")
    for sub in (search, export, verify):
        add_api_command(sub, _run)


async def _run(api: Api, given: argparse.Namespace) -> int:
    if given.what == "verify":
        return await _verify(api, given.json)
    me = await api.me()
    t, zone = Words(me.language), me.organization.time_zone
    filters = _filters(given.query, zone, Log(given.log))
    limit = given.limit if given.what == "search" else None
    entries = [entry async for entry in entries_of(api, filters, limit)]
    if given.what == "search" and given.json:
        write_json([entry.model_dump(mode="json") for entry in entries])
        return 0
    columns = ("No", *map(t, TITLES.values()))
    rows = [(str(entry.seq), *texts(entry, zone, t, whole=True)) for entry in entries]
    if given.what == "search":
        write_table(columns, rows)
    else:
        write_sheet(given.file, columns, rows)
        say(f"{len(entries)} entries written to {given.file}.")
    return 0


def _filters(query: str, zone: str, log: Log) -> Filters:
    try:
        return filters_of(parse_query(query, now_ms=int(time.time() * 1000), zone=ZoneInfo(zone)), log)
    except QueryError as error:
        raise CommandError(f"query, place {error.position + 1}: {error}", 2) from None


async def entries_of(api: Api, filters: Filters, limit: int | None) -> AsyncIterator[AuditEntry]:
    """Entries newest first, page by page, at most `limit`."""
    before: int | None = None
    left = limit
    while left is None or left > 0:
        page = await api.audit(**filters, before=before, limit=min(1000, left) if left is not None else 1000)
        for entry in page.entries:
            yield entry
        if left is not None:
            left -= len(page.entries)
        before = page.next_before
        if before is None:
            return


async def _verify(api: Api, as_json: bool) -> int:
    outcome = await api.verify_audit()
    if as_json:
        write_json(outcome.model_dump(mode="json"))
    elif outcome.ok:
        say(f"{outcome.entries} entries and {outcome.checkpoints} checkpoints agree; nobody touched the log.")
    else:
        say(f"the log was touched: {outcome.finding} (entry {outcome.first_bad_seq}).")
    return 0 if outcome.ok else 1
