"""`octui audit`: search, export and verify the permission-change log and the administration log beside it."""

import argparse
import time
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from octui.cli.connection import add_api_command
from octui.cli.failures import CommandError, say
from octui.cli.output import sheet_path, write_json, write_sheet, write_table
from octui.client.api import Api
from octui.schema.audit import AuditEntry, AuditFilter, Log
from octui.schema.common import LARGEST_PAGE
from octui.schema.organization import Me
from octui.text.query import QueryError, parse_query
from octui.ui.locale import Words
from octui.ui.screens.audit.words import TITLES, entry_texts


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui audit search 'ㄱㅁㅅ since:7d'\n  octui audit search '이름:김 서비스:cs ip:10.0' --json\n"
        "  octui audit export log.xlsx 'since:30d'\n  octui audit search --log administration\n  octui audit verify"
    )
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    search = subcommands.add_parser(
        "search", help="newest first", epilog="example: octui audit search '이름:김 since:7d'"
    )
    search.add_argument("query", nargs="?", default="")
    search.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many (default 50)")
    search.add_argument("--json", action="store_true")
    export = subcommands.add_parser(
        "export", help="write to .xlsx or .csv", epilog="example: octui audit export log.xlsx 'since:30d'"
    )
    export.add_argument("file", type=sheet_path)
    export.add_argument("query", nargs="?", default="")
    for subparser, default in ((search, Log.PERMISSIONS), (export, Log.ALL)):
        subparser.add_argument(
            "--log",
            choices=[log.value for log in Log],
            default=default.value,
            help=f"permission changes, what else was administered, or both (default {default.value})",
        )
    verify = subcommands.add_parser(
        "verify", help="check that nobody touched the log", epilog="example: octui audit verify"
    )
    verify.add_argument("--json", action="store_true")
    for subparser, handler in ((search, search_entries), (export, export_entries), (verify, verify_log)):
        add_api_command(subparser, handler)


async def search_entries(api: Api, arguments: argparse.Namespace) -> None:
    me = await api.me()
    entries = await _fetch_entries(api, _filter_of(arguments, me), arguments.limit)
    if arguments.json:
        write_json(entries)
    else:
        write_table(*_table_of(entries, me))


async def export_entries(api: Api, arguments: argparse.Namespace) -> None:
    me = await api.me()
    entries = await _fetch_entries(api, _filter_of(arguments, me), None)
    write_sheet(arguments.file, *_table_of(entries, me))
    say(f"{len(entries)} entries written to {arguments.file}.")


async def verify_log(api: Api, arguments: argparse.Namespace) -> int:
    verification = await api.verify_audit()
    if arguments.json:
        write_json(verification)
    elif verification.ok:
        say(f"{verification.entries} entries and {verification.checkpoints} checkpoints agree; nobody touched the log.")
    else:
        say(f"the log was touched: {verification.finding} (entry {verification.first_bad_seq}).")
    return 0 if verification.ok else 1


def _filter_of(arguments: argparse.Namespace, me: Me) -> AuditFilter:
    zone = ZoneInfo(me.organization.time_zone)
    try:
        return parse_query(arguments.query, now_ms=int(time.time() * 1000), zone=zone, log=Log(arguments.log))
    except QueryError as error:
        raise CommandError(f"query, place {error.position + 1}: {error}", 2) from None


async def _fetch_entries(api: Api, query: AuditFilter, most: int | None) -> list[AuditEntry]:
    """Fetch the newest entries page by page, at most `most`."""
    entries: list[AuditEntry] = []
    before: int | None = None
    while most is None or len(entries) < most:
        limit = LARGEST_PAGE if most is None else min(LARGEST_PAGE, most - len(entries))
        page = await api.audit(query.model_copy(update={"before": before, "limit": limit}))
        entries += page.entries
        before = page.next_before
        if before is None:
            break
    return entries


def _table_of(entries: Sequence[AuditEntry], me: Me) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Return log entries as columns and rows, in the reader's language and time zone."""
    t = Words(me.language)
    rows = [(str(entry.seq), *entry_texts(entry, me.organization.time_zone, t, whole=True)) for entry in entries]
    return ("No", *map(t, TITLES.values())), [*rows]
