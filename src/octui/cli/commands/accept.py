"""`octui accept`: set your own password with the code of an invitation."""

import argparse
import asyncio
import sys

from octui.cli.connection import transport_for
from octui.cli.failures import DONE, WRONG_USE, CommandError, say
from octui.cli.prompts import read_password
from octui.cli.settings import settings_of
from octui.client.api import Api
from octui.schema.audit import Via
from octui.schema.members import Acceptance


def configure(parser: argparse.ArgumentParser) -> None:
    code = "7K3M-0QXT-92NB-H5CW-RJ4V-8DPA-6EYS"
    parser.epilog = (
        f"example: octui accept --url https://octui.example {code}\n\n"
        "The password is asked for twice, or read from standard input: never an option or a variable, which others "
        "can see."
    )
    parser.add_argument("code", nargs="?", help="asked for on a terminal if left out; good once")
    parser.add_argument("--url", metavar="URL", help="address of the served octui (OCTUI_URL)")
    parser.add_argument("--database", metavar="URL", help="a database of your own instead (OCTUI_DATABASE)")
    parser.set_defaults(handler=accept_invitation)


def accept_invitation(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments).model_copy(update={"smtp_host": None})  # This command sends no mail.
    # Made first, so that a wrong address is reported before anything is asked for.
    transport = transport_for(settings, Via.COMMAND, signed_in=False)
    code = arguments.code
    if code is None:
        if not sys.stdin.isatty():
            raise CommandError("which code? octui accept CODE", WRONG_USE)
        code = input("code of the invitation: ").strip()
    acceptance = Acceptance(code=code, password=read_new_password())

    async def accept() -> None:
        async with Api(transport) as api:
            person = await api.accept_invitation(acceptance)
        url = f" --url {settings.url}" if settings.url is not None else ""
        say(f"welcome, {person.name}. Sign in: octui login{url} --account {person.account}")

    asyncio.run(accept())
    return DONE


def read_new_password() -> str:
    """Ask twice for the password to set. Raises CommandError."""
    return read_password("new password (at least 15 characters): ", repeat=True)
