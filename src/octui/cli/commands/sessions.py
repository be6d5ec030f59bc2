"""`octui sessions`: where one is signed in, and ending what should not be."""

import argparse
from datetime import UTC, datetime

from octui.cli.connection import run_with_api
from octui.cli.failures import say
from octui.cli.options import add_connection
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.schema.sessions import Session


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui sessions list --json\n  octui sessions end s3f9"
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    listed = what.add_parser("list", help="your own, the latest used first", epilog="example: octui sessions list")
    listed.add_argument("--json", action="store_true")
    ended = what.add_parser("end", help="end one of them", epilog="example: octui sessions end s3f9")
    ended.add_argument("id", help="as the list has it")
    for sub in (listed, ended):
        add_connection(sub)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    if given.what == "end":
        await api.revoke_session(given.id)
        say(f"{given.id} is ended.")
        return 0
    sessions = (await api.sessions()).sessions
    if given.json:
        write_json([session.model_dump(mode="json") for session in sessions])
    else:
        write_table(("ID", "way", "device", "IP", "last used", "ends", ""), [_row(session) for session in sessions])
    return 0


def _row(one: Session) -> tuple[str, ...]:
    return (
        one.id,
        "password" if one.kind == "session" else "token",
        one.device or "-",
        one.ip,
        _time(one.last_used),
        _time(one.expires),
        "this one" if one.current else "",
    )


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"
