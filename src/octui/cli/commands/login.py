"""`octui login`: begin a session with a served organization, with a password."""

import argparse
import asyncio
import contextlib
import sys

from octui.cli import session_file
from octui.cli.connection import transport_for
from octui.cli.failures import DONE, WRONG_USE, CommandError, say
from octui.cli.output import local_time
from octui.cli.prompts import read_password
from octui.cli.settings import Settings, settings_of
from octui.cli.sign_in_transport import device_name
from octui.client.api import Api
from octui.client.errors import ClientError
from octui.client.transport import caller_headers, http_transport
from octui.schema.audit import Via
from octui.schema.sessions import SignIn


def configure(parser: argparse.ArgumentParser) -> None:
    url = "https://octui.example"
    parser.epilog = (
        f"examples:\n  octui login --url {url} --account minsu\n"
        f"  octui login --url {url} --account minsu < password.txt\n\n"
        "The password is asked for, or read from standard input: never an option or a variable, which others can see."
    )
    parser.add_argument("--url", metavar="URL", help="address of the served octui (OCTUI_URL)")
    parser.add_argument("--account", help="asked for on a terminal if left out")
    parser.set_defaults(handler=log_in)


def log_in(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    url = server_url(settings)
    # Made first, so that a wrong address is reported before the password is asked for.
    transport = transport_for(settings, Via.COMMAND, signed_in=False)
    account = arguments.account
    if account is None:
        if not sys.stdin.isatty():
            raise CommandError("whose password is this? --account ACCOUNT", WRONG_USE)
        account = input("account: ").strip()
    attempt = SignIn(account=account, password=read_password("password: "), device=device_name())
    previous = session_file.load(url)

    async def sign_in() -> None:
        async with Api(transport) as api:
            signed_in = await api.sign_in(attempt)
        path = session_file.save(url, signed_in.account, signed_in.token, signed_in.expires)
        idle = signed_in.idle // 60_000
        end = local_time(signed_in.expires)
        say(f"signed in as {signed_in.account} until {end}, or {idle} min unused; kept in {path}")
        if settings.token_file is not None:
            say(f"but the token file of the settings comes first: {settings.token_file}")

    asyncio.run(sign_in())
    if previous is not None:
        with contextlib.suppress(ClientError):  # a session that cannot be ended now ends when it is not used
            end_session(url, previous.token)
    return DONE


def server_url(settings: Settings) -> str:
    """Return the address of the server. Raises CommandError when the settings have none."""
    if settings.url is None:
        raise CommandError("which octui? --url https://… (or url in the settings: octui config path)", WRONG_USE)
    return settings.url


def end_session(url: str, token: str) -> None:
    """End a session on the server. Raises ClientError."""

    async def sign_out() -> None:
        async with Api(http_transport(url, token, caller_headers(Via.COMMAND))) as api:
            await api.sign_out()

    asyncio.run(sign_out())
