"""Somebody at the keyboard: the screens over the real server, a feed that moves only when a test says so."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from textual.events import Paste
from textual.pilot import Pilot
from textual.timer import Timer, TimerCallback

from octui.client.api import Api
from octui.client.errors import SignInNeeded
from octui.client.feed import Feed, Health
from octui.schema.organization import Me
from octui.ui.app import OctuiApp
from octui.ui.connection import Connection
from octui.ui.menu_screen import MenuScreen
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.key_line import KeyLine
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine
from ui.server import SERVICE, Center

LONGEST_WAIT_S = 30.0
"""Far more than anything takes, however busy the machine is."""


class SteppedFeed(Feed):
    """Feed that asks the server only in `poll_once`."""

    def __init__(self, app: OctuiApp, api: Api, center: Center) -> None:
        clock = center.clock.elapsed
        super().__init__(api.live, clock=clock, on_health=app.on_health, on_time=app.clock.record_time)
        self._app, self._center = app, center

    async def run(self) -> None:
        await asyncio.Event().wait()

    def tell(self, topic: str, body: dict[str, Any] | None) -> None:
        """Report a topic to its leases; None: it may not be read any more."""
        for lease in tuple(entry.leases) if (entry := self._topics.get(topic)) is not None else ():
            lease.callback(topic, body, "etag")

    def report_success(self) -> None:
        """Report that an answer came just now."""
        self._app.clock.record_time(self._center.clock.now_ms())
        self._app.on_health(Health(last_success=self._center.clock.elapsed(), gap=25.0))

    def report_failure(self, seconds: float = 60.0) -> None:
        """Report that no answer has come for some time."""
        since = self._center.clock.elapsed() - seconds
        self._app.on_health(Health(last_success=since, failing_since=since, attempt=9))

    def report_sign_out(self) -> None:
        """Report that the session has ended."""
        now = self._center.clock.elapsed()
        self._app.on_health(Health(last_success=now, failing_since=now, attempt=1, error=SignInNeeded()))


class SteppedApp(OctuiApp):
    """The app, whose seconds pass only in `Person.passes`."""

    TITLE = OctuiApp.__name__  # it is in the pictures

    def set_interval(self, interval: float, callback: TimerCallback | None = None, **options: Any) -> Timer:
        if callback == self._on_second:
            options["pause"] = True
        return super().set_interval(interval, callback, **options)


class Person:
    """The screens, the keyboard, and what can be read."""

    feed: SteppedFeed
    pilot: Pilot[Any]

    def __init__(
        self, center: Center, menu: str | None, account: str = "admin", language: str = "en", port: Any = None
    ) -> None:
        """`port`: the transport of somebody who signs in, in place of an account of this machine."""
        self.center = center
        self.api = center.api(account, faults=center.faults) if port is None else Api(port)
        self.app = SteppedApp(self._connect, language, menu, center.clock.elapsed, sign_in_port=port)

    async def _connect(self) -> Connection:
        me: Me = await self.api.me()
        self.feed = SteppedFeed(self.app, self.api, self.center)
        self.feed.report_success()
        known = [service.service for service in me.known_services]
        service = SERVICE if SERVICE in known else next(iter(known), "")
        return Connection(self.api, self.feed, me, service, self.center.folder)

    @property
    def screen(self) -> MenuScreen:
        """The menu's screen, whatever dialog is over it."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MenuScreen)
        return screen

    @property
    def grid(self) -> Grid:
        return self.screen.query_one(Grid)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, is_true: Callable[[], bool]) -> None:
        end = time.monotonic() + LONGEST_WAIT_S
        while not is_true():
            if time.monotonic() > end:
                raise AssertionError(f"never came true\n{self.text}")
            await self.pilot.pause()
            await asyncio.sleep(0.001)  # nothing may be left to do before a timer fires

    async def settled(self) -> None:
        """Wait until nothing is being loaded any more."""
        await self.until(lambda: all(worker.group == "feed" or worker.is_finished for worker in self.app.workers))
        await self.pilot.pause()

    async def update(self) -> None:
        """Let the feed ask once, and wait until what has changed is loaded."""
        await self.feed.poll_once()
        await self.settled()

    async def passes(self, seconds: int) -> None:
        """Let time pass, second by second."""
        for _ in range(seconds):
            self.center.clock.seconds += 1
            self.app._on_second()
        await self.pilot.pause()

    async def paste(self, text: str) -> None:
        self.app.post_message(Paste(text))
        await self.pilot.pause()

    async def search(self, text: str) -> None:
        """Type into the search line and go on to the rows."""
        await self.press("f4")
        self.screen.query_one(SearchLine).value = text
        await self.press("enter")
        await self.settled()

    async def dialog(self, kind: type) -> Any:
        """Wait for a dialog of this kind and return it."""
        await self.until(lambda: isinstance(self.app.screen, kind))
        await self.pilot.pause()
        return self.app.screen

    async def settled_dialog(self) -> None:
        """Wait until the dialog has what it asked for."""
        await self.pilot.pause()
        await self.until(lambda: all(worker.group != "look-up" or worker.is_finished for worker in self.app.workers))
        await self.pilot.pause()

    async def no_dialog(self) -> None:
        """Wait until the menu's screen is back."""
        await self.until(lambda: self.app.screen is self.screen)
        await self.settled()

    @property
    def text(self) -> str:
        """What is on the screen, line by line."""
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width] for strip in strips[:height])

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def said(self) -> str:
        """The sentence in the key line."""
        return self.screen.query_one(KeyLine)._message

    @property
    def status(self) -> str:
        return self.screen.query_one(StatusLine).text

    @property
    def keys_off(self) -> set[str]:
        """The names of the keys that are dim."""
        return {key for key, _, usable in self.screen.query_one(KeyLine)._keys if not usable}


P = TypeVar("P", bound=Person)


@asynccontextmanager
async def at(
    center: Center,
    menu: str | None,
    *,
    account: str = "admin",
    language: str = "en",
    port: Any = None,
    size: tuple[int, int] = (120, 40),
    is_connected: bool = True,
    is_updated: bool = True,
    kind: type[P] = Person,
) -> AsyncIterator[P]:
    """Open octui as somebody.

    `language`: that of the screens until the server has told the person's own. `is_connected`: wait until they are
    connected; `is_updated`: and the feed has asked.
    """
    person = kind(center, menu, account, language, port)
    async with person.app.run_test(size=size) as pilot:
        person.pilot = pilot
        if is_connected:
            await person.until(lambda: person.app.connection is not None)
            await person.settled()
            if is_updated:
                await person.update()
        yield person
