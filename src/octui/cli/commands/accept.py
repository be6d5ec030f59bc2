"""`octui accept`: set one's password with the code of an invitation."""

import argparse
import asyncio
import getpass
import sys

from octui.cli.failures import WRONG_USE, CommandError, say
from octui.cli.options import settings
from octui.cli.settings import Config
from octui.client.api import Api
from octui.client.transport import Transport, caller_headers, http_transport
from octui.schema.audit import Via
from octui.schema.members import Acceptance

_LONGEST_LINE = 4096


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    code = "7K3M-0QXT-92NB-H5CW-RJ4V-8DPA-6EYS"
    parser.epilog = (
        f"example: octui accept --url https://octui.example {code}\n\n"
        "The password is asked for twice, or read from standard input: never an option or a variable, which others "
        "can see."
    )
    parser.add_argument("code", nargs="?", help="asked for on a terminal if left out; good once")
    parser.add_argument("--url", metavar="URL", help="address of the served octui (OCTUI_URL)")
    parser.add_argument("--database", metavar="URL", help="a database of your own instead (OCTUI_DATABASE)")


def run(arguments: argparse.Namespace) -> int:
    config = settings(arguments)
    way = _way(config)  # a wrong address is said before anything is asked for
    asked = sys.stdin.isatty()
    code = arguments.code
    if code is None:
        if not asked:
            raise CommandError("which code? octui accept CODE", WRONG_USE)
        code = input("code of the invitation: ").strip()
    acceptance = Acceptance(code=code, password=_new_password(asked))

    async def accept() -> int:
        async with Api(way) as api:
            joined = await api.accept_invitation(acceptance)
        url = f" --url {config.url}" if config.url is not None else ""
        say(f"welcome, {joined.name}. Sign in: octui login{url} --account {joined.account}")
        return 0

    return asyncio.run(accept())


def _way(config: Config) -> Transport:
    if config.url is not None:
        return http_transport(config.url, None, caller_headers(Via.COMMAND))
    from octui.cli.embedded_server import Embedded

    return Embedded(config.database_url(), caller_headers(Via.COMMAND))


def _new_password(asked: bool) -> str:
    """Asked for twice without showing it, or the first line of standard input. Raises CommandError."""
    try:
        if not asked:
            password = sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
        else:
            password = getpass.getpass("new password (at least 15 characters): ")
            if password and getpass.getpass("once more: ") != password:
                raise CommandError("the two are not the same; nothing was done.")
    except EOFError:
        password = ""
    if not password:
        raise CommandError("no password given.", WRONG_USE)
    return password
