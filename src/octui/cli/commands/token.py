"""`octui token`: a token with which a person connects to a served organization."""

import argparse
import os
from pathlib import Path

from octui.cli.connection import add_api_command
from octui.cli.failures import CommandError, say
from octui.client.api import Api
from octui.files import open_private
from octui.schema.tokens import LONGEST_TOKEN_DAYS, NewToken


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui token minsu --file minsu.token      then: octui --url URL --token-file minsu.token"
    parser.add_argument("account")
    days = f"valid for so many days (1 to {LONGEST_TOKEN_DAYS})"
    parser.add_argument("--days", type=int, default=90, metavar="N", help=days)
    parser.add_argument("--file", type=Path, help="write it there, readable by you alone; else it is printed once")
    add_api_command(parser, issue_token, person=False)


async def issue_token(api: Api, arguments: argparse.Namespace) -> None:
    if arguments.file is not None and arguments.file.exists():
        raise CommandError(f"{arguments.file} is there already; choose another name.")
    token = await api.issue_token(NewToken(account=arguments.account, days=arguments.days))
    if arguments.file is None:
        print(token.token)
        return
    descriptor = open_private(arguments.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token.token + "\n")
    say(f"token of {token.account} written to {arguments.file}, valid for {arguments.days} days.")
