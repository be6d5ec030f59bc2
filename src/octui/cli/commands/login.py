"""`octui login`, `octui logout`: a session with a served organization, begun with a password."""

import argparse
import asyncio
import contextlib
import getpass
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from octui.cli import session_file
from octui.cli.failures import DONE, FAILED, WRONG_USE, CommandError, say
from octui.cli.options import settings
from octui.cli.settings import Config
from octui.client.api import Api
from octui.client.errors import ClientError
from octui.client.transport import Transport, caller_headers, http_transport
from octui.schema.audit import Via
from octui.schema.sessions import LONGEST_DEVICE, SignIn
from octui.text.safe import REPLACEMENT, safe, tidy

_LONGEST_LINE = 4096


def configure(name: str, parser: argparse.ArgumentParser) -> None:
    url = "https://octui.example"
    parser.epilog = (
        f"examples:\n  octui login --url {url} --account minsu\n"
        f"  octui login --url {url} --account minsu < password.txt\n\n"
        "The password is asked for, or read from standard input: never an option or a variable, which others can see."
        if name == "login"
        else f"example: octui logout --url {url}"
    )
    parser.add_argument("--url", metavar="URL", help="address of the served octui (OCTUI_URL)")
    if name == "login":
        parser.add_argument("--account", help="asked for on a terminal if left out")


def run(arguments: argparse.Namespace) -> int:
    config = settings(arguments)
    return _login(config, arguments.account) if arguments.command == "login" else _logout(config)


def _login(config: Config, account: str | None) -> int:
    url = _url(config)
    way = _way(url, None)  # a wrong address is said before the password is asked for
    asked = sys.stdin.isatty()
    if account is None:
        if not asked:
            raise CommandError("whose password is this? --account ACCOUNT", WRONG_USE)
        account = input("account: ").strip()
    attempt = SignIn(account=account, password=_password(asked), device=device())
    old = session_file.load(url)

    async def sign_in(api: Api) -> int:
        signed_in = await api.sign_in(attempt)
        path = session_file.save(url, signed_in.account, signed_in.token, signed_in.expires)
        ends = datetime.fromtimestamp(signed_in.expires / 1000, UTC).astimezone()
        unused = signed_in.idle // 60_000
        say(f"signed in as {signed_in.account} until {ends:%Y-%m-%d %H:%M}, or {unused} min unused; kept in {path}")
        if config.token_file is not None:
            say(f"but the token file of the settings comes first: {config.token_file}")
        return DONE

    code = _with_api(way, sign_in)
    if old is not None:
        with contextlib.suppress(ClientError):  # it ends by itself
            _with_api(_way(url, old.token), _end)
    return code


def _logout(config: Config) -> int:
    url = _url(config)
    kept = session_file.load(url)
    if kept is None:
        say("not signed in there.")
        return DONE
    session_file.forget(url)
    try:
        _with_api(_way(url, kept.token), _end)
    except ClientError as error:
        say(f"the session is forgotten here, but the service does not know: it ends there when unused. {error}")
        return FAILED
    say(f"{kept.account} is signed out.")
    return DONE


def _url(config: Config) -> str:
    if config.url is None:
        raise CommandError("which octui? --url https://… (or url in the settings: octui config path)", WRONG_USE)
    return config.url


async def _end(api: Api) -> int:
    await api.sign_out()
    return DONE


def _way(url: str, token: str | None) -> Transport:
    return http_transport(url, token, caller_headers(Via.COMMAND))


def _with_api(way: Transport, work: Callable[[Api], Awaitable[int]]) -> int:
    async def run() -> int:
        async with Api(way) as api:
            return await work(api)

    return asyncio.run(run())


def _password(asked: bool) -> str:
    """Asked for without showing it, or the first line of standard input. Raises CommandError."""
    try:
        password = getpass.getpass("password: ") if asked else sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    except EOFError:
        password = ""
    if not password:
        raise CommandError("no password given.", WRONG_USE)
    return password


def device() -> str:
    """What the session is called in the list of one's sessions: the name of this machine."""
    return tidy(safe(socket.gethostname(), limit=LONGEST_DEVICE)).replace(REPLACEMENT, "")
