"""The only place that puts the parts together: settings, the way to the service, the typed calls."""

import argparse
import asyncio
import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

from octui.cli.config import Config
from octui.cli.failures import CommandError
from octui.cli.options import settings
from octui.client.api import Api
from octui.client.transport import Transport, caller_headers, over_http
from octui.schema.audit import Via
from octui.schema.contracts import Item


def transport_for(config: Config, via: Via, acting_as: str | None = None) -> Transport:
    """The way to the service these settings mean: served at an address, or embedded on a database of one's own.

    Raises CommandError or BadAddress."""
    if config.url is not None:
        if acting_as is not None:
            raise CommandError("--as is for a database of your own; a served octui knows you by your token.", 2)
        return over_http(config.url, read_token(config.token_file), caller_headers(via))
    from octui.cli.embedded import Embedded

    return Embedded(config.database_url(), caller_headers(via, acting_as))


def read_token(path: Path | None) -> str | None:
    """The token in a file that nobody else can read (security.md R19). Raises CommandError."""
    if path is None:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise CommandError(f"token file {path}: {error.strerror}.") from None
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & 0o077:
            raise CommandError(f"token file {path} must be yours and readable by you alone: chmod 600 {path}")
        return file.readline(1000).strip()


def run_with_api(arguments: argparse.Namespace, work: Callable[[Api], Awaitable[int]], via: Via = Via.COMMAND) -> int:
    """Run `work` with the typed calls these arguments ask for, and close everything behind it."""
    config = settings(arguments)

    async def _run() -> int:
        async with Api(transport_for(config, via, getattr(arguments, "acting_as", None))) as api:
            return await work(api)

    return asyncio.run(_run())


async def service_of(api: Api, given: argparse.Namespace, *, phone: bool = False) -> str:
    """The service a command speaks of: named by `--service` or OCTUI_SERVICE, else the first that fits.

    Raises CommandError when there is none."""
    named: str | None = given.service or settings(given).service
    if named is not None:
        return named
    me = await api.me()
    mine = [one.service for one in me.services]
    services = (await api.services()).services
    fitting = [one.id for one in services if not phone or Item.TELTICKET in one.items]
    first = next((one for one in mine if one in fitting), fitting[0] if fitting else None)
    if first is None:
        raise CommandError("there is no service with the phone in its contract." if phone else "there is no service.")
    return first
