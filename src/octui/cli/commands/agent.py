"""`octui agent`: roles and channel permissions in a service, on the rules the screen uses."""

import argparse

from octui.cli.connection import run_with_api
from octui.cli.failures import CommandError, say
from octui.cli.options import add_connection
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.schema.agents import Agent, AgentChange, NewAgent, Role

_ROLES = {"admin": Role.ADMIN, "agent": Role.AGENT}
_PERMISSIONS = ("ticket", "chat", "phone")


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui agent add minsu --service cs --role agent --phone\n"
        "  octui agent set minsu --service cs --role admin --no-chat\n"
        "  octui agent remove minsu --service cs\n  octui agent list --service cs --json"
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    added = what.add_parser(
        "add", help="give a member a role", epilog="example: octui agent add minsu --service cs --role agent --phone"
    )
    changed = what.add_parser(
        "set", help="change role or permissions", epilog="example: octui agent set minsu --service cs --role admin"
    )
    removed = what.add_parser(
        "remove", help="take the role away", epilog="example: octui agent remove minsu --service cs"
    )
    listed = what.add_parser("list", help="who has a role", epilog="example: octui agent list --service cs --json")
    for sub in (added, changed, removed):
        sub.add_argument("account")
    for sub in (added, changed, removed, listed):
        sub.add_argument("--service", required=True, metavar="ID")
    for sub in (added, changed):
        sub.add_argument("--role", required=sub is added, choices=tuple(_ROLES))
        for permission in _PERMISSIONS:
            action = "store_true" if sub is added else argparse.BooleanOptionalAction
            sub.add_argument(f"--{permission}", action=action, help=f"{permission} permission")
    listed.add_argument("--json", action="store_true")
    for sub in (added, changed, removed, listed):
        add_connection(sub)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    match given.what:
        case "add":
            rights = {name: getattr(given, name) for name in _PERMISSIONS}
            await api.add_agent(given.service, NewAgent(account=given.account, role=_ROLES[given.role], **rights))
            say(f"{given.account} is {given.role} of {given.service}.")
        case "set":
            before = await _agent(api, given.service, given.account)
            change = AgentChange(
                role=_ROLES[given.role] if given.role else None, **{name: getattr(given, name) for name in _PERMISSIONS}
            )
            after = await api.change_agent(given.service, given.account, change, before.version)
            say(f"{given.account} in {given.service}: {_written(before)} -> {_written(after)}.")
        case "remove":
            agent = await _agent(api, given.service, given.account)
            await api.remove_agent(given.service, given.account, agent.version)
            say(f"{given.account} has no role in {given.service} any more.")
        case _:
            agents = await _all(api, given.service)
            if given.json:
                write_json([agent.model_dump(mode="json") for agent in agents])
            else:
                rows = [(agent.account, agent.name, _written(agent), agent.state or "") for agent in agents]
                write_table(("ID", "name", "rights", "state"), rows)
    return 0


async def _all(api: Api, service: str, query: str = "") -> list[Agent]:
    agents: list[Agent] = []
    after: str | None = None
    while True:
        page = await api.agents(service, query=query, after=after, limit=1000)
        agents.extend(page.agents)
        after = page.next
        if after is None:
            return agents


async def _agent(api: Api, service: str, account: str) -> Agent:
    for agent in await _all(api, service, account):
        if agent.account == account:
            return agent
    raise CommandError(f"{account} has no role in {service}.")


def _written(agent: Agent) -> str:
    role = next(name for name, role in _ROLES.items() if role is agent.role)
    return " ".join([role, *(name for name in _PERMISSIONS if getattr(agent, name))])
