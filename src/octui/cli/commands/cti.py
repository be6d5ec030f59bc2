"""`octui cti`: list, set, export and import the CTI agents; CTI settings and CTI log."""

import argparse
from pathlib import Path

from octui.cli.commands import cti_alias, cti_log, cti_settings
from octui.cli.connection import add_api_command, all_pages, service_of
from octui.cli.failures import DONE, FAILED, IN_PART, WRONG_USE, CommandError, say
from octui.cli.output import sheet_path, write_models, write_sheet
from octui.client.api import Api
from octui.schema.audit import Via
from octui.schema.common import LARGEST_PAGE
from octui.schema.cti import CellVerdict, Column, CtiAgent, CtiBatch, CtiEdit, Readiness, Step, Verdict
from octui.sheets.cti import COLUMNS, SheetProblem, edits_of, row_of
from octui.sheets.read import read_table


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui cti list --search 김\n  octui cti set minsu --id cs1001 --no 7001\n"
        "  octui cti export agents.xlsx\n  octui cti import agents.xlsx --dry-run"
    )
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    listing = subcommands.add_parser("list", help="the table", epilog="example: octui cti list --search ㄱㅁㅅ --json")
    listing.add_argument("--search", default="", help="part of any column; initials of names work")
    listing.add_argument("--json", action="store_true")
    change = subcommands.add_parser(
        "set", help="one agent's values", epilog="example: octui cti set minsu --id cs1001 --no 7001"
    )
    change.add_argument("account")
    change.add_argument("--id", metavar="X", help="CTI ID; empty text takes it away")
    change.add_argument("--no", metavar="Y", help="CTI NO; empty text takes it away")
    export = subcommands.add_parser(
        "export", help="write the table to .xlsx or .csv", epilog="example: octui cti export agents.xlsx"
    )
    export.add_argument("file", type=sheet_path)
    imports = subcommands.add_parser(
        "import", help="read it back", epilog="example: octui cti import agents.xlsx --dry-run"
    )
    imports.add_argument("file", type=Path)
    imports.add_argument("--dry-run", action="store_true", help="say what would change and save nothing")
    readiness = subcommands.add_parser(
        "readiness", help="who is ready for phone, and what is missing first", epilog="example: octui cti readiness"
    )
    readiness.add_argument("--search", default="", help="part of name or ID")
    readiness.add_argument("--json", action="store_true")
    for subparser, handler, via in (
        (listing, list_agents, Via.COMMAND),
        (change, change_agent, Via.COMMAND),
        (export, export_agents, Via.COMMAND),
        (imports, import_agents, Via.IMPORT),
        (readiness, list_readiness, Via.COMMAND),
    ):
        subparser.add_argument("--service", metavar="ID", help="default: the first with the phone in its contract")
        add_api_command(subparser, handler, via)
    cti_alias.configure(subcommands.add_parser("alias", help="the names under which a PBX knows an agent"))
    cti_settings.configure(subcommands.add_parser("settings", help="CTI settings, and change them"))
    cti_log.configure(subcommands.add_parser("log", help="the CTI log by days, and a file of it"))


async def list_agents(api: Api, arguments: argparse.Namespace) -> None:
    service = await service_of(api, arguments, phone=True)
    agents = await _load_agents(api, service, arguments.search)
    write_models(agents, COLUMNS, row_of, as_json=arguments.json)


async def change_agent(api: Api, arguments: argparse.Namespace) -> int:
    """Change the CTI ID or NO of one agent."""
    service = await service_of(api, arguments, phone=True)
    if arguments.id is None and arguments.no is None:
        raise CommandError("name --id or --no, or both.", WRONG_USE)
    matches = await _load_agents(api, service, arguments.account)
    agent = next((agent for agent in matches if agent.account == arguments.account), None)
    if agent is None:
        raise CommandError(f"there is no agent {arguments.account}.")
    values = {Column.CTI_ID: arguments.id, Column.CTI_NO: arguments.no}
    edit = CtiEdit(
        account=agent.account,
        version=agent.version,
        set={column: value or None for column, value in values.items() if value is not None},
    )
    result = await api.save_cti(service, CtiBatch(edits=[edit]))
    return _report_verdicts(result.verdicts)


async def export_agents(api: Api, arguments: argparse.Namespace) -> None:
    """Write the whole table to a sheet."""
    agents = await _load_agents(api, await service_of(api, arguments, phone=True))
    write_sheet(arguments.file, COLUMNS, [row_of(agent) for agent in agents])
    say(f"{len(agents)} agents written to {arguments.file}.")


async def import_agents(api: Api, arguments: argparse.Namespace) -> int:
    """Save the rows of a sheet that differ from the stored table, either all of them or none."""
    service = await service_of(api, arguments, phone=True)
    agents = await _load_agents(api, service)
    try:
        edits = edits_of(read_table(arguments.file), agents)
    except SheetProblem as error:
        raise CommandError(f"{arguments.file}: {error}") from None
    if not edits:
        say("nothing differs; nothing to save.")
        return DONE
    batch = CtiBatch(edits=edits, all_or_nothing=True, dry_run=arguments.dry_run)
    result = await api.save_cti(service, batch)
    return _report_verdicts(result.verdicts, dry_run=arguments.dry_run)


async def list_readiness(api: Api, arguments: argparse.Namespace) -> None:
    """List the agents who can log in to CTI, and for the others the first condition they lack."""
    service = await service_of(api, arguments, phone=True)
    pages = all_pages(lambda after: api.cti_readiness(service, query=arguments.search, after=after, limit=LARGEST_PAGE))
    agents = [agent async for page in pages for agent in page.agents]
    columns = ("account", "name", *(step.value for step in Step), "to do first")
    write_models(agents, columns, _readiness_row, as_json=arguments.json)


def _readiness_row(agent: Readiness) -> tuple[str, ...]:
    return agent.account, agent.name, *("yes" if step in agent.met else "no" for step in Step), agent.unmet or ""


async def _load_agents(api: Api, service: str, query: str = "") -> list[CtiAgent]:
    pages = all_pages(lambda after: api.cti_agents(service, query=query, after=after, limit=LARGEST_PAGE))
    return [agent async for page in pages for agent in page.agents]


def _report_verdicts(verdicts: list[CellVerdict], *, dry_run: bool = False) -> int:
    saved = sum(cell.verdict is Verdict.SAVED for cell in verdicts)
    refused = [cell for cell in verdicts if cell.verdict in (Verdict.REFUSED, Verdict.CONFLICT)]
    for cell in refused:
        if cell.problem is not None:
            holder = f" ({cell.problem.holder})" if cell.problem.holder else ""
            say(f"{cell.account} {cell.column.value}: {cell.problem.message}{holder}")
        else:
            say(f"{cell.account} {cell.column.value}: somebody else changed it to {cell.current or 'nothing'}")
    say(f"{saved} cells {'would be saved' if dry_run else 'saved'}, {len(refused)} refused.")
    return DONE if not refused else (IN_PART if saved else FAILED)
