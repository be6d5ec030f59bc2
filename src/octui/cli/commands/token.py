"""`octui token`: tokens with which people's programs and wall terminals connect to a served organization."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from octui.cli.connection import add_api_command
from octui.cli.failures import CommandError, say
from octui.cli.output import local_time, write_models
from octui.client.api import Api
from octui.client.errors import Refused
from octui.files import open_private
from octui.schema.tokens import LONGEST_TOKEN_DAYS, LONGEST_WALL_DAYS, NewToken, NewWallToken, WallToken
from octui.text.safe import safe


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n"
        "  octui token minsu --file minsu.token      then: octui --url URL --token-file minsu.token\n"
        "  octui token wall --services CARD,LOAN --from 10.1.0.0/16 --place '3층 동쪽' --file wall.token\n"
        "  octui token walls\n"
        "  octui token revoke 3f2a9c01d4e5b677"
    )
    subcommands = parser.add_subparsers(metavar="WHAT", required=True)
    summary = "a token for a person's programs (the word person may be left out)"
    person = subcommands.add_parser("person", help=summary, description=summary)
    person.add_argument("account")
    _add_token_options(person, LONGEST_TOKEN_DAYS)
    add_api_command(person, issue_token, person=False)
    summary = "a token for a wall terminal, which reads the floor of some services"
    wall = subcommands.add_parser("wall", help=summary, description=summary)
    wall.add_argument("--services", required=True, metavar="ID,ID", help="the services it shows")
    source = "the addresses it may call from: one, or a network such as 10.1.0.0/16"
    wall.add_argument("--from", required=True, dest="network", metavar="ADDRESS/LEN", help=source)
    wall.add_argument("--place", default="wall", metavar="TEXT", help="where it is, for the list and the log")
    _add_token_options(wall, LONGEST_WALL_DAYS)
    add_api_command(wall, issue_wall_token)
    walls = subcommands.add_parser("walls", help="the tokens of wall terminals", description="the tokens of walls")
    walls.add_argument("--json", action="store_true")
    add_api_command(walls, list_wall_tokens)
    revoke = subcommands.add_parser("revoke", help="end a wall's token", description="end a wall's token at once")
    revoke.add_argument("token", metavar="ID", help="as octui token walls shows it")
    add_api_command(revoke, revoke_wall_token)


def _add_token_options(parser: argparse.ArgumentParser, longest_days: int) -> None:
    days = f"valid for so many days (1 to {longest_days}; 90 if left out)"
    parser.add_argument("--days", type=int, default=90, metavar="N", help=days)
    parser.add_argument("--file", type=Path, help="write it there, readable by you alone; else it is printed once")


async def issue_token(api: Api, arguments: argparse.Namespace) -> None:
    with _reserve(arguments.file) as descriptor:
        token = await api.issue_token(NewToken(account=arguments.account, days=arguments.days))
        _hand_over(token.token, descriptor, arguments, f"token of {token.account}")


async def issue_wall_token(api: Api, arguments: argparse.Namespace) -> None:
    services = [code.strip() for code in arguments.services.split(",") if code.strip()]
    if not services:
        raise CommandError("--services: name at least one service.")
    new = NewWallToken(place=arguments.place, services=services, network=arguments.network, days=arguments.days)
    with _reserve(arguments.file) as descriptor:
        token = await api.issue_wall_token(new)
        name = f"wall token {token.id} for {', '.join(token.services)} from {token.network}"
        _hand_over(token.token, descriptor, arguments, name)


@contextmanager
def _reserve(file: Path | None) -> Iterator[int | None]:
    """Create a file that only this user can read, and yield its descriptor; it is deleted if the block fails.

    It is there before the token is: a token that cannot be written anywhere would hold, and nobody would have it.
    """
    if file is None:
        yield None
        return
    try:
        descriptor = open_private(str(file), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        raise CommandError(f"{safe(str(file))} is there already; choose another name.") from None
    try:
        yield descriptor
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _hand_over(token: str, descriptor: int | None, arguments: argparse.Namespace, name: str) -> None:
    """Print the token, or write it to the file with this descriptor and say so."""
    if descriptor is None:
        print(token)
        return
    os.write(descriptor, f"{token}\n".encode("ascii"))
    say(f"{name} written to {safe(str(arguments.file))}, valid for {arguments.days} days.")


async def list_wall_tokens(api: Api, arguments: argparse.Namespace) -> None:
    walls = (await api.wall_tokens()).tokens
    columns = ("id", "place", "services", "from", "valid until", "last used")
    write_models(walls, columns, _wall_row, as_json=arguments.json)


def _wall_row(wall: WallToken) -> tuple[str, ...]:
    used = "never" if wall.last_used is None else local_time(wall.last_used)
    return wall.id, wall.place, ",".join(wall.services), wall.network, local_time(wall.expires), used


async def revoke_wall_token(api: Api, arguments: argparse.Namespace) -> None:
    try:
        await api.revoke_wall_token(arguments.token)
    except Refused as error:
        if error.status != 404:
            raise
        raise CommandError(f"there is no wall token {safe(arguments.token)}; octui token walls lists them.") from None
    say(f"wall token {arguments.token} has ended.")
