"""`octui agent`: give, change and remove members' roles and channel permissions in a service."""

import argparse

from octui.cli.connection import add_api_command, all_pages
from octui.cli.failures import CommandError, say
from octui.cli.output import write_models
from octui.client.api import Api
from octui.schema.agents import Agent, AgentChange, NewAgent, Role
from octui.schema.common import LARGEST_PAGE

_ROLES = {"admin": Role.ADMIN, "agent": Role.AGENT}
_PERMISSIONS = ("ticket", "chat", "phone")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui agent add minsu --service cs --role agent --phone\n"
        "  octui agent set minsu --service cs --role admin --no-chat\n"
        "  octui agent remove minsu --service cs\n  octui agent list --service cs --json"
    )
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    add = subcommands.add_parser(
        "add", help="give a member a role", epilog="example: octui agent add minsu --service cs --role agent --phone"
    )
    change = subcommands.add_parser(
        "set", help="change role or permissions", epilog="example: octui agent set minsu --service cs --role admin"
    )
    remove = subcommands.add_parser(
        "remove", help="take the role away", epilog="example: octui agent remove minsu --service cs"
    )
    listing = subcommands.add_parser(
        "list", help="who has a role", epilog="example: octui agent list --service cs --json"
    )
    for subparser in (add, change, remove):
        subparser.add_argument("account")
    for subparser in (add, change, remove, listing):
        subparser.add_argument("--service", required=True, metavar="ID")
    for subparser in (add, change):
        subparser.add_argument("--role", required=subparser is add, choices=tuple(_ROLES))
        for permission in _PERMISSIONS:
            action = "store_true" if subparser is add else argparse.BooleanOptionalAction
            subparser.add_argument(f"--{permission}", action=action, help=f"{permission} permission")
    listing.add_argument("--json", action="store_true")
    add_api_command(add, add_agent)
    add_api_command(change, change_agent)
    add_api_command(remove, remove_agent)
    add_api_command(listing, list_agents)


async def add_agent(api: Api, arguments: argparse.Namespace) -> None:
    rights = {name: getattr(arguments, name) for name in _PERMISSIONS}
    agent = NewAgent(account=arguments.account, role=_ROLES[arguments.role], **rights)
    await api.add_agent(arguments.service, agent)
    say(f"{arguments.account} is {arguments.role} of {arguments.service}.")


async def change_agent(api: Api, arguments: argparse.Namespace) -> None:
    before = await _find_agent(api, arguments)
    change = AgentChange(
        role=_ROLES[arguments.role] if arguments.role else None,
        **{name: getattr(arguments, name) for name in _PERMISSIONS},
    )
    after = await api.change_agent(arguments.service, arguments.account, change, before.version)
    say(f"{arguments.account} in {arguments.service}: {_rights_text(before)} -> {_rights_text(after)}.")


async def remove_agent(api: Api, arguments: argparse.Namespace) -> None:
    agent = await _find_agent(api, arguments)
    await api.remove_agent(arguments.service, arguments.account, agent.version)
    say(f"{arguments.account} has no role in {arguments.service} any more.")


async def list_agents(api: Api, arguments: argparse.Namespace) -> None:
    agents = await _load_agents(api, arguments.service)
    write_models(agents, ("ID", "name", "rights", "state"), _row_of, as_json=arguments.json)


def _row_of(agent: Agent) -> tuple[str, ...]:
    return agent.account, agent.name, _rights_text(agent), agent.state or ""


async def _load_agents(api: Api, service: str, query: str = "") -> list[Agent]:
    pages = all_pages(lambda after: api.agents(service, query=query, after=after, limit=LARGEST_PAGE))
    return [agent async for page in pages for agent in page.agents]


async def _find_agent(api: Api, arguments: argparse.Namespace) -> Agent:
    for agent in await _load_agents(api, arguments.service, arguments.account):
        if agent.account == arguments.account:
            return agent
    raise CommandError(f"{arguments.account} has no role in {arguments.service}.")


def _rights_text(agent: Agent) -> str:
    role = next(name for name, role in _ROLES.items() if role is agent.role)
    return " ".join([role, *(name for name in _PERMISSIONS if getattr(agent, name))])
