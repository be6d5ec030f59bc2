"""Opening the screens: the app, its connection, and what happens when the terminal goes away."""

import asyncio
from collections.abc import Callable

from octui.cli import paths
from octui.cli.connection import NO_ORGANIZATION, transport_for
from octui.cli.embedded_server import CannotOpen
from octui.cli.failures import CommandError
from octui.cli.settings import Config
from octui.client.api import Api
from octui.client.errors import ClientError, Refused, SignInNeeded
from octui.client.feed import Feed
from octui.client.transport import Transport
from octui.schema.audit import Via
from octui.schema.items import ServiceState
from octui.schema.organization import Me
from octui.state.clock import elapsed
from octui.ui.app import OctuiApp
from octui.ui.session import Session
from octui.ui.terminal import takes_clipboard, watch_hangup


async def connect(app: OctuiApp, transport: Transport, service: str | None) -> Session:
    """Who is signed in, and the service they are connected to, "" where there is none. Raises ClientError."""
    api = Api(transport)
    me = await api.me()
    known = {one.service for one in me.known_services}
    chosen = service if service is not None and service in known else first_service(me)
    feed = Feed(api.live, clock=elapsed, on_health=app.heard, on_time=app.clock.heard)
    return Session(api, feed, me, chosen, paths.state_folder() / me.organization.id / me.account)


def first_service(me: Me) -> str:
    """The service somebody who names none is connected to, "" where there is none: one of their own before others, one
    in use before others, for who has no role in any the one with phone, so that a new service without it hides no menu.
    """
    known = {one.service: one for one in me.known_services}
    mine = [one.service for one in me.services if one.service in known]

    def order(service: str) -> tuple[bool, bool]:
        one = known[service]
        return one.state is not ServiceState.IN_USE, not mine and not one.phone_contract

    return min(mine or known, key=order, default="")


def hopeless(error: ClientError) -> str | None:
    """Why it is of no use to try to connect again, in one sentence; None: it may pass."""
    match error:
        case CannotOpen():
            return str(error) if error.lasting else None
        case Refused():
            return NO_ORGANIZATION if error.status == 404 else None
        case SignInNeeded():
            return str(error)
    return None


def open_screens(
    config: Config,
    acting_as: str | None,
    menu: str | None,
    transport: Transport | None = None,
    *,
    no_color: bool = False,
    on_hangup: Callable[[], None] = lambda: None,
) -> int:
    """Run the app until the person leaves; returns the exit code. `on_hangup` is called when the terminal goes away.

    Raises CommandError when there is nothing to show; a service that is merely away is waited for."""
    door = None
    if transport is None and config.url is not None and acting_as is None:
        from octui.cli.http_transport import Served

        way: Transport = (door := Served(config))
    else:
        way = transport if transport is not None else transport_for(config, Via.SCREEN, acting_as)
    why: list[Exception] = []

    async def connected() -> Session:
        try:
            return await connect(app, way, config.service)
        except Exception as error:
            if door is not None and isinstance(error, SignInNeeded):
                raise  # the app asks for account and password
            sentence = hopeless(error) if isinstance(error, ClientError) else None
            if sentence is not None or not isinstance(error, ClientError):
                why.append(CommandError(sentence) if sentence is not None else error)
                app.exit()
            raise

    clipboard = takes_clipboard() if config.clipboard is None else config.clipboard
    app = OctuiApp(connected, config.language or "ko", menu, at_once=door is not None, door=door, clipboard=clipboard)
    app.crash_folder = paths.log_folder()
    if no_color:
        app.theme = "ansi-dark"

    def leave() -> None:
        app.save_all()
        on_hangup()

    async def run() -> None:
        try:
            await app.run_async(mouse=config.mouse)
        finally:
            await way.close()

    stop = watch_hangup(leave)
    try:
        asyncio.run(run())
    finally:
        stop()
    if why:
        raise why[0]
    return app.return_code or 0
