"""`octui token`: a token with which a person connects to a served organization."""

import argparse
import os
from pathlib import Path

from octui.cli.connection import run_with_api
from octui.cli.failures import CommandError, say
from octui.cli.options import add_connection
from octui.client.api import Api
from octui.schema.tokens import NewToken


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui token minsu --file minsu.token      then: octui --url URL --token-file minsu.token"
    parser.add_argument("account")
    parser.add_argument("--days", type=int, default=90, metavar="N", help="valid for so many days (1 to 365)")
    parser.add_argument("--file", type=Path, help="write it there, readable by you alone; else it is printed once")
    add_connection(parser, person=False)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    if given.file is not None and given.file.exists():
        raise CommandError(f"{given.file} is there already; choose another name.")
    token = await api.issue_token(NewToken(account=given.account, days=given.days))
    if given.file is None:
        print(token.token)
        return 0
    descriptor = os.open(given.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token.token + "\n")
    say(f"token of {token.account} written to {given.file}, valid for {given.days} days.")
    return 0
