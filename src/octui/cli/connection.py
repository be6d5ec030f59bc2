"""The only place that puts the parts together: settings, the way to the service, the typed calls."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from octui.cli import session_file
from octui.cli.failures import WRONG_USE, CommandError
from octui.cli.options import settings
from octui.cli.private_files import read_private
from octui.cli.settings import Config
from octui.client.api import Api
from octui.client.errors import ClientError, Refused, Unreachable
from octui.client.transport import Transport, caller_headers, http_transport
from octui.schema.audit import Via
from octui.schema.items import Item, ServiceState

NO_ORGANIZATION = "there is no organization yet; create it: octui init --help"
NO_SERVICE = "there is no service yet; add one: octui service add --help"


def transport_for(config: Config, via: Via, acting_as: str | None = None) -> Transport:
    """The way to the service these settings mean: served at an address, or embedded on a database of one's own.

    Raises CommandError or BadAddress."""
    if config.url is not None:
        if acting_as is not None:
            raise CommandError("--as is for a database of your own; a served octui knows you by your token.", WRONG_USE)
        return http_transport(config.url, token_for(config), caller_headers(via))
    from octui.cli.embedded_server import Embedded
    from octui.cli.mail import post_for

    headers = caller_headers(via, acting_as)
    return Embedded(config.database_url(), headers, post=post_for(config), url_suffix=config.url_suffix)


def token_for(config: Config) -> str:
    """The token for the service at `config.url`: from the token file, else of the session of `octui login`.

    Raises CommandError."""
    assert config.url is not None
    if config.token_file is not None:
        return read_token(config.token_file)
    kept = session_file.load(config.url)
    if kept is None:
        raise CommandError(
            f"sign in first: octui login --url {config.url} (or name the file with your token: --token-file FILE)",
            WRONG_USE,
        )
    return kept.token


def read_token(path: Path) -> str:
    """The token in a file that nobody else can read (security.md R19). Raises CommandError."""
    text = read_private(path, "token file")
    if text is None:
        raise CommandError(f"token file {path}: No such file or directory.")
    token = text.partition("\n")[0].strip()
    if not token:
        raise CommandError(f"token file {path} is empty.")
    return token


def run_with_api(arguments: argparse.Namespace, work: Callable[[Api], Awaitable[int]], via: Via = Via.COMMAND) -> int:
    """Run `work` with the typed calls these arguments ask for, and close everything behind it.

    Raises CommandError where more can be said than the service's answer does."""
    config = settings(arguments)

    async def _run() -> int:
        async with Api(transport_for(config, via, getattr(arguments, "acting_as", None))) as api:
            try:
                return await work(api)
            except Unreachable as error:
                raise CommandError(f"{config.url}: {error}" if config.url is not None else str(error)) from error
            except Refused as error:
                if error.status != 404:
                    raise
                raise CommandError(await _what_is_missing(api, arguments, config) or str(error)) from error

    return asyncio.run(_run())


async def _what_is_missing(api: Api, given: argparse.Namespace, config: Config) -> str | None:
    """Which of the things a command names is not there."""
    try:
        await api.organization()
    except ClientError as error:
        return NO_ORGANIZATION if isinstance(error, Refused) and error.status == 404 else None
    service: str | None = getattr(given, "service", None) or config.service
    if service is not None:
        known = [one.id for one in (await api.services()).services]
        if service not in known:
            return f"there is no service {service}; there are: {', '.join(known)}" if known else NO_SERVICE
    agent: str | None = getattr(given, "agent", None)
    return f"there is no agent {agent} in this service." if agent is not None else None


async def service_of(api: Api, given: argparse.Namespace, *, phone: bool = False) -> str:
    """The service a command speaks of: named by `--service` or OCTUI_SERVICE, else the first that fits.

    Raises CommandError when there is none."""
    named: str | None = given.service or settings(given).service
    if named is not None:
        return named
    me = await api.me()
    mine = [one.service for one in me.services]
    services = (await api.services()).services
    used_first = sorted(services, key=lambda one: one.state is not ServiceState.IN_USE)
    fitting = [one.id for one in used_first if not phone or Item.TELTICKET in one.items]
    first = next((one for one in fitting if one in mine), fitting[0] if fitting else None)
    if first is None:
        raise CommandError("there is no service with the phone in its contract." if services else NO_SERVICE)
    return first
