"""Somebody at the keyboard, and what they can read: what the tests of the screens have in common."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.events import Paste
from textual.pilot import Pilot

from octui.ui.menu_screen import MenuScreen
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.key_line import KeyLine
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine
from ui.fakes import Desk, FakeApi


class Person:
    """The screens, the keyboard, and what can be read."""

    def __init__(self, desk: Desk, pilot: Pilot[int]) -> None:
        self.desk, self.pilot, self.api, self.app = desk, pilot, desk.api, desk.app

    @property
    def screen(self) -> MenuScreen:
        """The menu's screen, whatever dialog is over it."""
        found = self.app.screen_stack[0]
        assert isinstance(found, MenuScreen)
        return found

    @property
    def grid(self) -> Grid:
        return self.screen.query_one(Grid)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, true: Callable[[], bool]) -> None:
        for _ in range(300):
            if true():
                return
            await self.pilot.pause()
        raise AssertionError(f"never came true\n{self.text}")

    async def settled(self) -> None:
        """Nothing is being loaded any more."""
        await self.until(lambda: not [one for one in self.app.workers if one.group != "feed" and not one.is_finished])
        await self.pilot.pause()

    async def passes(self, seconds: int) -> None:
        self.desk.passes(seconds)
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

    async def dialog(self, kind: type) -> None:
        """A dialog of this kind is open."""
        await self.until(lambda: isinstance(self.app.screen, kind))
        await self.pilot.pause()

    async def settled_dialog(self) -> None:
        """The dialog has what it asked for."""

        def busy() -> bool:
            return any(one.group == "look-up" and not one.is_finished for one in self.app.workers)

        await self.pilot.pause()
        await self.until(lambda: not busy())
        await self.pilot.pause()

    async def no_dialog(self) -> None:
        await self.until(lambda: self.app.screen is self.screen)
        await self.settled()

    @property
    def text(self) -> str:
        return self.desk.screen_text()

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def said(self) -> str:
        return self.screen.query_one(KeyLine)._message

    @property
    def status(self) -> str:
        return self.screen.query_one(StatusLine).text

    @property
    def keys_off(self) -> set[str]:
        """The names of the keys that are dim."""
        return {key for key, _, usable in self.screen.query_one(KeyLine)._keys if not usable}


@asynccontextmanager
async def at(
    api: FakeApi, folder: Path, menu: str | None, *, size: tuple[int, int] = (120, 40), connected: bool = True
) -> AsyncIterator[Person]:
    """Somebody opens octui; with `connected`, and is signed in."""
    desk = Desk(api, folder, menu)
    async with desk.app.run_test(size=size) as pilot:
        one = Person(desk, pilot)
        if connected:
            await one.until(lambda: desk.app.session is not None)
            await one.settled()
        yield one
