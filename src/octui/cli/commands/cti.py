"""`octui cti`: list, set, export and import CTI IDs and NOs, on the rules the screen uses; CTI settings, CTI log."""

import argparse
from pathlib import Path

from octui.cli.commands import cti_log, cti_settings
from octui.cli.connection import run_with_api, service_of
from octui.cli.failures import CommandError, say
from octui.cli.options import add_connection
from octui.cli.output import sheet, write_json, write_sheet, write_table
from octui.client.api import Api
from octui.schema.audit import Via
from octui.schema.common import LARGEST_PAGE
from octui.schema.cti import CellVerdict, Column, CtiAgent, CtiBatch, CtiEdit, Readiness, Step, Verdict
from octui.sheets.cti import COLUMNS, SheetProblem, edits_of, row_of
from octui.sheets.read import read_table


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui cti list --search 김\n  octui cti set minsu --id cs1001 --no 7001\n"
        "  octui cti export agents.xlsx\n  octui cti import agents.xlsx --dry-run"
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    listed = what.add_parser("list", help="the table", epilog="example: octui cti list --search ㄱㅁㅅ --json")
    listed.add_argument("--search", default="", help="part of name, e-mail, CTI ID, CTI NO or service; initials work")
    listed.add_argument("--json", action="store_true")
    one = what.add_parser("set", help="one agent's values", epilog="example: octui cti set minsu --id cs1001 --no 7001")
    one.add_argument("account")
    one.add_argument("--id", metavar="X", help="CTI ID; empty text takes it away")
    one.add_argument("--no", metavar="Y", help="CTI NO; empty text takes it away")
    export = what.add_parser(
        "export", help="write the table to .xlsx or .csv", epilog="example: octui cti export agents.xlsx"
    )
    export.add_argument("file", type=sheet)
    taken = what.add_parser("import", help="read it back", epilog="example: octui cti import agents.xlsx --dry-run")
    taken.add_argument("file", type=Path)
    taken.add_argument("--dry-run", action="store_true", help="say what would change and save nothing")
    ready = what.add_parser(
        "readiness", help="who is ready for phone, and what is missing first", epilog="example: octui cti readiness"
    )
    ready.add_argument("--search", default="", help="part of name or ID")
    ready.add_argument("--json", action="store_true")
    for sub in (listed, one, export, taken, ready):
        sub.add_argument("--service", metavar="ID", help="default: the first with the phone in its contract")
        add_connection(sub)
    cti_settings.configure(what.add_parser("settings", help="CTI settings, and change them"))
    cti_log.configure(what.add_parser("log", help="the CTI log by days, and a file of it"))


def run(arguments: argparse.Namespace) -> int:
    via = Via.IMPORT if arguments.what == "import" else Via.COMMAND
    return run_with_api(arguments, lambda api: _run(api, arguments), via=via)


async def _run(api: Api, given: argparse.Namespace) -> int:
    if given.what in ("settings", "log"):
        return await (cti_settings.run if given.what == "settings" else cti_log.run)(api, given)
    service = await service_of(api, given, phone=True)
    match given.what:
        case "list":
            return _list(await all_agents(api, service, given.search), given.json)
        case "readiness":
            return _list_readiness(await _readiness(api, service, given.search), given.json)
        case "set":
            return await _set(api, service, given)
        case "export":
            agents = await all_agents(api, service)
            write_sheet(given.file, COLUMNS, [row_of(agent) for agent in agents])
            say(f"{len(agents)} agents written to {given.file}.")
            return 0
        case _:
            return await _import(api, service, given)


async def all_agents(api: Api, service: str, query: str = "") -> list[CtiAgent]:
    """The whole table, page by page."""
    agents: list[CtiAgent] = []
    after: str | None = None
    while True:
        page = await api.cti_agents(service, query=query, after=after, limit=1000)
        agents.extend(page.agents)
        after = page.next
        if after is None:
            return agents


async def _readiness(api: Api, service: str, query: str) -> list[Readiness]:
    agents: list[Readiness] = []
    after: str | None = None
    while True:
        page = await api.cti_readiness(service, query=query, after=after, limit=LARGEST_PAGE)
        agents += page.agents
        after = page.next
        if after is None:
            return agents


def _list_readiness(agents: list[Readiness], as_json: bool) -> int:
    if as_json:
        write_json([agent.model_dump(mode="json") for agent in agents])
        return 0
    rows = [
        (one.account, one.name, *("yes" if step in one.met else "no" for step in Step), one.unmet or "")
        for one in agents
    ]
    write_table(("account", "name", *(step.value for step in Step), "to do first"), rows)
    return 0


def _list(agents: list[CtiAgent], as_json: bool) -> int:
    if as_json:
        write_json([agent.model_dump(mode="json") for agent in agents])
    else:
        write_table(COLUMNS, [row_of(agent) for agent in agents])
    return 0


async def _set(api: Api, service: str, given: argparse.Namespace) -> int:
    if given.id is None and given.no is None:
        raise CommandError("name --id or --no, or both.", 2)
    mine = [agent for agent in await all_agents(api, service, given.account) if agent.account == given.account]
    if not mine:
        raise CommandError(f"there is no agent {given.account}.")
    values = {Column.CTI_ID: given.id, Column.CTI_NO: given.no}
    edit = CtiEdit(
        account=given.account,
        version=mine[0].version,
        set={column: value or None for column, value in values.items() if value is not None},
    )
    result = await api.save_cti(service, CtiBatch(edits=[edit]))
    return _verdicts(result.verdicts, dry_run=False)


async def _import(api: Api, service: str, given: argparse.Namespace) -> int:
    agents = await all_agents(api, service)
    try:
        edits = edits_of(read_table(given.file), agents)
    except SheetProblem as error:
        raise CommandError(f"{given.file}: {error}") from None
    if not edits:
        say("nothing differs; nothing to save.")
        return 0
    batch = CtiBatch(edits=edits, all_or_nothing=True, dry_run=given.dry_run)
    result = await api.save_cti(service, batch)
    return _verdicts(result.verdicts, dry_run=given.dry_run)


def _verdicts(verdicts: list[CellVerdict], *, dry_run: bool) -> int:
    saved = [one for one in verdicts if one.verdict is Verdict.SAVED]
    bad = [one for one in verdicts if one.verdict in (Verdict.REFUSED, Verdict.CONFLICT)]
    for one in bad:
        if one.problem is not None:
            say(f"{one.account} {one.column.value}: {one.problem.message}")
        else:
            say(f"{one.account} {one.column.value}: somebody else changed it to {one.current or 'nothing'}")
    say(f"{len(saved)} cells {'would be saved' if dry_run else 'saved'}, {len(bad)} refused.")
    return 0 if not bad else (3 if saved else 1)
