"""`octui cti alias`: the names under which a PBX knows an agent, and names that match no agent (rules.md 36)."""

import argparse
import shlex
from collections.abc import Iterable, Mapping

from octui.cli.connection import add_api_command, all_pages, service_of
from octui.cli.failures import DONE, FAILED, IN_PART, WRONG_USE, CommandError, say
from octui.cli.output import local_time, write_json, write_table
from octui.client.api import Api
from octui.schema.common import LARGEST_PAGE
from octui.schema.cti import CellVerdict, Column, CtiAgent, CtiBatch, CtiEdit, Reason, UnmatchedName, Verdict
from octui.text.pbx_names import fold_name, holds_separator, join_names
from octui.text.safe import safe

_WIDEST_NAME = 50
"""Characters of a name in the table of those that match nobody; JSON has all of it."""

REASONS: dict[Reason, str] = {
    Reason.CHANNEL: "its calls went to a channel of theirs",
    Reason.CALL: "their calls were answered by one name and ended by the other",
    Reason.PAUSE: "paused in the same second as they did in all queues",
    Reason.SECOND: "seen in the same second in the same queue",
    Reason.NAME: "it is their name or nickname, and nobody else's",
    Reason.QUEUE: "they alone were in the queue whenever it took a call there",
}
"""Why an agent is proposed."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        'examples:\n  octui cti alias add kim "Kim Minsu"\n  octui cti alias list --unmatched\n'
        "  octui cti alias add --proposed"
    )
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    addition = subcommands.add_parser(
        "add", help="give an agent a name", epilog='example: octui cti alias add kim "Kim Minsu"'
    )
    addition.add_argument("account", nargs="?")
    addition.add_argument("name", nargs="?", help="as the PBX writes it")
    addition.add_argument("--proposed", action="store_true", help="every name that matches nobody and has a proposal")
    removal = subcommands.add_parser(
        "remove", help="take a name away", epilog='example: octui cti alias remove kim "Kim Minsu"'
    )
    removal.add_argument("account")
    removal.add_argument("name")
    listing = subcommands.add_parser("list", help="the names there are", epilog="example: octui cti alias list kim")
    listing.add_argument("account", nargs="?", help="of this agent only")
    listing.add_argument("--unmatched", action="store_true", help="names in events that match nobody, with proposals")
    listing.add_argument("--json", action="store_true")
    for subparser, handler in ((addition, add_names), (removal, remove_name), (listing, list_names)):
        subparser.add_argument("--service", metavar="ID", help="default: the first with the phone in its contract")
        add_api_command(subparser, handler)


async def add_names(api: Api, arguments: argparse.Namespace) -> int:
    """Give an agent a PBX name, or give all agents the PBX names proposed for them."""
    if arguments.proposed == (arguments.name is not None) or (arguments.proposed and arguments.account is not None):
        raise CommandError("name an account and a name, or --proposed.", WRONG_USE)
    service = await service_of(api, arguments, phone=True)
    if not arguments.proposed:
        return await _save_names(api, service, {arguments.account: [arguments.name]})
    wanted: dict[str, list[str]] = {}
    for row in (await api.unmatched_names(service)).names:
        if row.account is not None:
            wanted.setdefault(row.account, []).append(row.name)
    if not wanted:
        say("there are no proposals: octui cti alias list --unmatched")
        return DONE
    return await _save_names(api, service, wanted)


async def remove_name(api: Api, arguments: argparse.Namespace) -> int:
    """Take a PBX name away from an agent."""
    service = await service_of(api, arguments, phone=True)
    agent = await _find_agent(api, service, arguments.account)
    rest = [name for name in agent.pbx_names if fold_name(name) != fold_name(arguments.name)]
    if len(rest) == len(agent.pbx_names):
        known = f"there are: {join_names(agent.pbx_names)}" if agent.pbx_names else "there is none"
        raise CommandError(f"{agent.account} has no PBX name {arguments.name}; {known}.")
    return await _save_cells(api, service, [(agent, rest)])


async def list_names(api: Api, arguments: argparse.Namespace) -> None:
    """List the PBX names of all agents or of one, or the names in events that match no agent."""
    service = await service_of(api, arguments, phone=True)
    if arguments.unmatched:
        rows = (await api.unmatched_names(service)).names
        if arguments.account is not None:
            rows = [row for row in rows if row.account == arguments.account]
        if arguments.json:
            write_json(rows)
        else:
            write_table(("name", "events", "first", "last", "proposed", "because"), map(_unmatched_row, rows))
        return
    if arguments.account is not None:
        agents = [await _find_agent(api, service, arguments.account)]
    else:
        agents = await _load_agents(api, service)
    if arguments.json:
        write_json({agent.account: agent.pbx_names for agent in agents if agent.pbx_names})
    else:
        write_table(
            ("account", "name", "PBX name"),
            [(agent.account, agent.name, name) for agent in agents for name in agent.pbx_names],
        )


def _unmatched_row(row: UnmatchedName) -> tuple[str, ...]:
    times = local_time(row.first_at), local_time(row.last_at)
    return (
        safe(row.name, limit=_WIDEST_NAME),
        str(row.count),
        *times,
        row.account or "",
        REASONS[row.reason] if row.reason is not None else "",
    )


def proposal_words(row: UnmatchedName) -> str:
    """Return the agent proposed for a PBX name, the reason, and the command that accepts it; empty for none."""
    if row.account is None or row.reason is None:
        return ""
    command = f"octui cti alias add {shlex.quote(row.account)} {shlex.quote(row.name)}"
    return f"probably {row.account} ({row.name_of}): {REASONS[row.reason]}; {command}"


async def _save_names(api: Api, service: str, wanted: Mapping[str, Iterable[str]]) -> int:
    """Store additional PBX names, by account."""
    cells = []
    for account, names in wanted.items():
        if any(map(holds_separator, names)):
            raise CommandError("a PBX name cannot have a semicolon in it.", WRONG_USE)
        if not all(map(fold_name, names)):
            raise CommandError("the PBX name is empty.", WRONG_USE)
        agent = await _find_agent(api, service, account)
        folded = {fold_name(name) for name in names}
        kept = [name for name in agent.pbx_names if fold_name(name) not in folded]
        cells.append((agent, [*kept, *names]))
    return await _save_cells(api, service, cells)


async def _save_cells(api: Api, service: str, cells: Iterable[tuple[CtiAgent, list[str]]]) -> int:
    edits = [
        CtiEdit(account=agent.account, version=agent.version, set={Column.PBX_NAMES: join_names(names) or None})
        for agent, names in cells
    ]
    result = await api.save_cti(service, CtiBatch(edits=edits))
    names_of = {agent.account: join_names(agent.pbx_names) for agent in result.agents}
    for verdict in result.verdicts:
        say(_verdict_words(verdict, names_of.get(verdict.account, "")))
    refused = sum(verdict.verdict not in (Verdict.SAVED, Verdict.UNCHANGED) for verdict in result.verdicts)
    return DONE if not refused else (IN_PART if result.saved else FAILED)


def _verdict_words(verdict: CellVerdict, names: str) -> str:
    if verdict.problem is not None:
        holder = f" ({verdict.problem.holder})" if verdict.problem.holder else ""
        return f"{verdict.account}: {verdict.problem.message}{holder}"
    if verdict.verdict is Verdict.CONFLICT:
        return f"{verdict.account}: somebody else changed it to {verdict.current or 'nothing'}; try again."
    if verdict.verdict is Verdict.UNCHANGED:
        return f"{verdict.account}: nothing differs; nothing to save."
    return f"{verdict.account}: {names or 'no PBX names any more'}"


async def _find_agent(api: Api, service: str, account: str) -> CtiAgent:
    matches = await _load_agents(api, service, account)
    agent = next((agent for agent in matches if agent.account == account), None)
    if agent is None:
        raise CommandError(f"there is no agent {account}.")
    return agent


async def _load_agents(api: Api, service: str, query: str = "") -> list[CtiAgent]:
    pages = all_pages(lambda after: api.cti_agents(service, query=query, after=after, limit=LARGEST_PAGE))
    return [agent async for page in pages for agent in page.agents]
