"""`octui sessions`: list your own sessions, end one of them."""

import argparse

from octui.cli.connection import add_api_command
from octui.cli.failures import say
from octui.cli.output import local_time, write_models
from octui.client.api import Api
from octui.schema.sessions import Session

_COLUMNS = ("ID", "way", "device", "IP", "last used", "ends", "")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui sessions list --json\n  octui sessions end s3f9"
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    listing = subcommands.add_parser(
        "list", help="your own, the latest used first", epilog="example: octui sessions list"
    )
    listing.add_argument("--json", action="store_true")
    end = subcommands.add_parser("end", help="end one of them", epilog="example: octui sessions end s3f9")
    end.add_argument("id", help="as the list has it")
    add_api_command(listing, list_sessions)
    add_api_command(end, end_session)


async def list_sessions(api: Api, arguments: argparse.Namespace) -> None:
    write_models((await api.sessions()).sessions, _COLUMNS, _row_of, as_json=arguments.json)


async def end_session(api: Api, arguments: argparse.Namespace) -> None:
    await api.revoke_session(arguments.id)
    say(f"{arguments.id} is ended.")


def _row_of(session: Session) -> tuple[str, ...]:
    return (
        session.id,
        "password" if session.kind == "session" else "token",
        session.device or "-",
        session.ip,
        local_time(session.last_used),
        local_time(session.expires),
        "this one" if session.current else "",
    )
