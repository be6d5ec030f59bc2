"""Connections of commands: transport, server and API client from the settings."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from octui.cli import session_file
from octui.cli.failures import DONE, WRONG_USE, CommandError
from octui.cli.private_files import read_private
from octui.cli.settings import Settings, add_connection_options, settings_of
from octui.client.api import Api
from octui.client.errors import ClientError, Refused, Unreachable
from octui.client.transport import Transport, caller_headers, http_transport
from octui.schema.audit import Via
from octui.schema.items import Item, ServiceState

NO_ORGANIZATION = "there is no organization yet; create it: octui init --help"
NO_SERVICE = "there is no service yet; add one: octui service add --help"

ApiHandler = Callable[[Api, argparse.Namespace], Awaitable[int | None]]
"""The work of a command with the API; returns its exit code, or None for DONE."""


def transport_for(settings: Settings, via: Via, *, acting_as: str | None = None, signed_in: bool = True) -> Transport:
    """Return the transport to the server of these settings: at `url`, or embedded in this process on `database`.

    `signed_in`: requests to `url` carry the token of the settings or of `octui login`.
    Raises CommandError or BadAddress."""
    if settings.url is None:
        from octui.cli.embedded_server import EmbeddedTransport

        return EmbeddedTransport(settings, caller_headers(via, acting_as))
    if acting_as is not None:
        raise CommandError("--as is for a database of your own; a served octui knows you by your token.", WRONG_USE)
    return http_transport(settings.url, token_for(settings) if signed_in else None, caller_headers(via))


def token_for(settings: Settings) -> str:
    """Return the token for `url`: from the token file, else of the session of `octui login`. Raises CommandError."""
    assert settings.url is not None
    if settings.token_file is not None:
        return read_token(settings.token_file)
    session = session_file.load(settings.url)
    if session is None:
        raise CommandError(
            f"sign in first: octui login --url {settings.url} (or name the file with your token: --token-file FILE)",
            WRONG_USE,
        )
    return session.token


def read_token(path: Path) -> str:
    """Return the token in a file that nobody else can read (security.md R19). Raises CommandError."""
    text = read_private(path, "token file")
    if text is None:
        raise CommandError(f"token file {path}: No such file or directory.")
    token = text.partition("\n")[0].strip()
    if not token:
        raise CommandError(f"token file {path} is empty.")
    return token


def add_api_command(
    parser: argparse.ArgumentParser, handler: ApiHandler, via: Via = Via.COMMAND, *, person: bool = True
) -> None:
    """Make `handler` what this parser's command does, and add the options of the connection."""
    add_connection_options(parser, person=person)
    parser.set_defaults(handler=lambda arguments: run_with_api(arguments, handler, via))


def run_with_api(arguments: argparse.Namespace, handler: ApiHandler, via: Via = Via.COMMAND) -> int:
    """Run `handler` with the API client that these arguments ask for, close the connection, return the exit code.

    Raises CommandError where more can be said than the server's answer does."""
    settings = settings_of(arguments)

    async def run() -> int:
        async with Api(transport_for(settings, via, acting_as=getattr(arguments, "acting_as", None))) as api:
            try:
                return await handler(api, arguments) or DONE
            except Unreachable as error:
                raise CommandError(f"{settings.url}: {error}" if settings.url is not None else str(error)) from error
            except Refused as error:
                if error.status != 404:
                    raise
                raise CommandError(await _missing_object(api, arguments, settings) or str(error)) from error

    return asyncio.run(run())


async def _missing_object(api: Api, arguments: argparse.Namespace, settings: Settings) -> str | None:
    """Return a sentence about which of the objects that a command names does not exist."""
    try:
        await api.organization()
    except ClientError as error:
        return NO_ORGANIZATION if isinstance(error, Refused) and error.status == 404 else None
    service: str | None = getattr(arguments, "service", None) or settings.service
    if service is not None:
        ids = [row.id for row in (await api.services()).services]
        if service not in ids:
            return missing_service(service, ids)
    agent: str | None = getattr(arguments, "agent", None)
    return f"there is no agent {agent} in this service." if agent is not None else None


def missing_service(service: str, ids: Sequence[str]) -> str:
    """Return the sentence that there is no such service, with the IDs there are."""
    return f"there is no service {service}; there are: {', '.join(ids)}" if ids else NO_SERVICE


async def service_of(api: Api, arguments: argparse.Namespace, *, phone: bool = False) -> str:
    """Return the service that a command concerns: `--service`, else OCTUI_SERVICE, else the first suitable one.

    One where the caller has a role comes before others, then one in use. `phone`: it has phone in its contract.
    Raises CommandError when there is none."""
    named = settings_of(arguments).service
    if named is not None:
        return named
    own = [role.service for role in (await api.me()).services]
    services = (await api.services()).services
    in_use_first = sorted(services, key=lambda service: service.state is not ServiceState.IN_USE)
    candidates = [service.id for service in in_use_first if not phone or Item.TELTICKET in service.items]
    first = next((service for service in candidates if service in own), candidates[0] if candidates else None)
    if first is None:
        raise CommandError("there is no service with the phone in its contract." if services else NO_SERVICE)
    return first


class Page(Protocol):
    """One page of a list; `next` is where the page after it begins."""

    @property
    def next(self) -> str | None: ...


PageT = TypeVar("PageT", bound=Page)


async def all_pages(read_page: Callable[[str | None], Awaitable[PageT]]) -> AsyncIterator[PageT]:
    """Yield the pages of a list. `read_page` gets the `next` of the page before, first None."""
    after: str | None = None
    while True:
        page = await read_page(after)
        yield page
        after = page.next
        if after is None:
            return
