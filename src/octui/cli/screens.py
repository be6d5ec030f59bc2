"""Opening the screens: the app, its connection, and what happens when the terminal goes away."""

from octui.cli import places
from octui.cli.compose import transport_for
from octui.cli.config import Config
from octui.client.api import Api
from octui.client.errors import BadAnswer
from octui.client.feed import Feed
from octui.client.transport import Transport
from octui.schema.audit import Via
from octui.state.clock import elapsed
from octui.ui.app import OctuiApp
from octui.ui.session import Session
from octui.ui.terminal import watch_hangup


async def connect(app: OctuiApp, transport: Transport, service: str | None) -> Session:
    """Who is signed in, and the service they are connected to. Raises ClientError."""
    api = Api(transport)
    me = await api.me()
    known = [one.service for one in me.known_services]
    mine = [one.service for one in me.services]
    chosen = service if service in known else next(iter(mine or known), None)
    if chosen is None:
        raise BadAnswer("no_service", "There is no service yet: octui service add ID --name NAME")
    feed = Feed(api.live, clock=elapsed, on_health=app.heard, on_time=app.clock.heard)
    return Session(api, feed, me, chosen, places.state_folder() / me.organization.id / me.account)


def open_screens(
    config: Config,
    acting_as: str | None,
    menu: str | None,
    transport: Transport | None = None,
    *,
    no_color: bool = False,
) -> int:
    """Run the app until the person leaves; returns the exit code."""
    way = transport if transport is not None else transport_for(config, Via.SCREEN, acting_as)
    app = OctuiApp(lambda: connect(app, way, config.service), config.language or "ko", menu)
    app.crash_folder = places.log_folder()
    if no_color:
        app.theme = "ansi-dark"
    stop = watch_hangup(app.save_all)
    try:
        app.run(mouse=config.mouse)
    finally:
        stop()
    return app.return_code or 0
