"""Opening the screens: the app, its connection, and what happens when the terminal goes away."""

import asyncio
from collections.abc import Callable

from octui.cli import paths
from octui.cli.connection import NO_ORGANIZATION, transport_for
from octui.cli.embedded_server import CannotOpen
from octui.cli.failures import CommandError
from octui.cli.first_looks import first_looks
from octui.cli.settings import Settings
from octui.cli.sign_in_transport import SignInTransport
from octui.client.api import Api
from octui.client.errors import ClientError, Refused, SignInNeeded
from octui.client.feed import Feed
from octui.client.transport import Transport
from octui.schema.audit import Via
from octui.schema.items import ServiceState
from octui.schema.organization import Me
from octui.state.clock import elapsed_seconds
from octui.ui.app import OctuiApp
from octui.ui.connection import Connection
from octui.ui.measuring import WidthQuestion
from octui.ui.terminal import takes_clipboard, watch_hangup


async def open_connection(app: OctuiApp, transport: Transport, service: str | None) -> Connection:
    """Ask the server who is signed in, and choose the service they work in. Raises ClientError."""
    api = Api(transport)
    me = await api.me()
    services = {row.service for row in me.known_services}
    chosen = service if service is not None and service in services else default_service(me)
    feed = Feed(api.live, clock=elapsed_seconds, on_health=app.on_health, on_time=app.clock.record_time)
    return Connection(api, feed, me, chosen, paths.state_folder() / me.organization.id / me.account)


def default_service(me: Me) -> str:
    """Return the service to open for a person who names none, "" if they have none.

    One where they have a role comes before others, then one in use; for a person without any role then one with
    phone, so that a new service without it hides no menu.
    """
    services = {row.service: row for row in me.known_services}
    own = [role.service for role in me.services if role.service in services]

    def rank(service: str) -> tuple[bool, bool]:
        row = services[service]
        return row.state is not ServiceState.IN_USE, not own and not row.phone_contract

    return min(own or services, key=rank, default="")


def lasting_reason(error: ClientError) -> str | None:
    """Return in one sentence why connecting again does not help, or None if the error may pass."""
    match error:
        case CannotOpen():
            return str(error) if error.lasting else None
        case Refused():
            return NO_ORGANIZATION if error.status == 404 else None
        case SignInNeeded():
            return str(error)
    return None


def screens_transport(settings: Settings, acting_as: str | None) -> Transport:
    """Return the transport for the screens; over HTTP people sign in on it. Raises CommandError, BadAddress."""
    if settings.url is not None and acting_as is None:
        return SignInTransport(settings)
    return transport_for(settings, Via.SCREEN, acting_as=acting_as)


def open_screens(
    settings: Settings,
    transport: Transport,
    *,
    menu: str | None = None,
    no_color: bool = False,
    question: WidthQuestion | None = None,
    on_hangup: Callable[[], None] = lambda: None,
) -> int:
    """Run the app until the person leaves, and return the exit code. `on_hangup`: called when the terminal goes away.

    `question`: how wide the terminal draws blocks, asked before.

    Raises CommandError when there is nothing to show. A server that is only away for a while is waited for."""
    sign_in_port = transport if isinstance(transport, SignInTransport) else None
    failures: list[Exception] = []

    async def connect() -> Connection:
        try:
            return await open_connection(app, transport, settings.service)
        except Exception as error:
            if sign_in_port is not None and isinstance(error, SignInNeeded):
                raise  # the app asks for account and password
            reason = lasting_reason(error) if isinstance(error, ClientError) else None
            if reason is not None or not isinstance(error, ClientError):
                failures.append(CommandError(reason) if reason is not None else error)
                app.exit()
            raise

    first = first_looks(settings, no_color=no_color, question=question)
    app = OctuiApp(
        connect,
        settings.language or "ko",
        menu,
        at_once=sign_in_port is not None,
        sign_in_port=sign_in_port,
        clipboard=takes_clipboard() if settings.clipboard is None else settings.clipboard,
        looks=first.looks,
        colors=first.colors,
        glyph_level=first.glyph_level,
    )
    if question is not None:
        app.typed_ahead = question.typed
    app.crash_folder = paths.log_folder()

    def leave() -> None:
        app.save_all()
        on_hangup()

    stop_watching = watch_hangup(leave)
    try:
        asyncio.run(_run_app(app, transport, mouse=settings.mouse))
    finally:
        stop_watching()
    if failures:
        raise failures[0]
    return app.return_code or 0


async def _run_app(app: OctuiApp, transport: Transport, *, mouse: bool) -> None:
    try:
        await app.run_async(mouse=mouse)
    finally:
        await transport.close()
