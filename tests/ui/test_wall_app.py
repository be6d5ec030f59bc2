"""The wall's app over a server of floors: it follows, turns grey, survives everything, and needs no keyboard."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.timer import Timer

from octui.client.api import Api
from octui.client.errors import Unreachable
from octui.client.feed import SHORTEST_GAP_S, Health
from octui.ui.wall.app import WallApp, WallOptions
from octui.ui.wall.source import EMPTY_AGAIN_S, LIST_AGAIN_S, choose_services
from ui.wall_server import PICTURED, WallServer
from unit.floors import floor_of

LONGEST_WAIT_S = 20.0


class SteppedWall(WallApp):
    """A wall that draws when its figures change and when a test says so; its seconds do not pass by themselves."""

    def __init__(self, server: WallServer, **options: Any) -> None:
        self.seconds = 1000.0
        self.rung = 0
        super().__init__(
            lambda: Api(server), WallOptions(**options), elapsed=lambda: self.seconds, sleep=self._let_pass
        )

    async def _let_pass(self, seconds: float) -> None:
        """Let the feed's pauses between requests pass at once, retries soon, and the next list of services never."""
        if seconds <= SHORTEST_GAP_S + 0.001:
            self.seconds += seconds
        await (asyncio.Event().wait() if seconds in (EMPTY_AGAIN_S, LIST_AGAIN_S) else asyncio.sleep(0.005))

    def set_timer(self, delay: float, callback: Any = None, **options: Any) -> Timer:
        if callback == self._tick:
            options["pause"] = True
        return super().set_timer(delay if callback == self._tick else 0.001, callback, **options)

    def bell(self) -> None:
        self.rung += 1

    def pass_seconds(self, seconds: int) -> None:
        for _ in range(seconds):
            self.seconds += 1
            self.draw()


class Watcher:
    def __init__(self, app: SteppedWall, server: WallServer, pilot: Pilot[int]) -> None:
        self.app, self.server, self.pilot = app, server, pilot

    @property
    def text(self) -> str:
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width] for strip in strips[:height])

    async def until(self, is_true: Callable[[], bool]) -> None:
        end = time.monotonic() + LONGEST_WAIT_S
        while not is_true():
            assert time.monotonic() < end, self.text
            await self.pilot.pause()
            await asyncio.sleep(0.002)

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in self.text)


@asynccontextmanager
async def wall_at(server: WallServer, size: tuple[int, int] = (120, 40), **options: Any) -> AsyncIterator[Watcher]:
    app = SteppedWall(server, **options)
    async with app.run_test(size=size) as pilot:
        yield Watcher(app, server, pilot)


def still(*floors: Any) -> WallServer:
    return WallServer(*(floors or PICTURED), is_still=True)


async def test_the_wall_shows_the_figures_and_follows_them() -> None:
    async with wall_at(still(), place="2층 상담실") as watcher:
        await watcher.sees("1,284")
        assert "2층 상담실" in watcher.text
        watcher.server.change(floor_of("mall", "쇼핑몰", calls=(297, 280, 17, 265)))
        await watcher.sees("297")


async def test_only_rows_that_changed_are_drawn_again() -> None:
    async with wall_at(still()) as watcher:
        await watcher.sees("1,284")
        picture = watcher.app._picture
        before = dict(picture._strips)
        watcher.app.pass_seconds(1)
        await watcher.pilot.pause()
        changed = {y for y, strip in picture._strips.items() if before.get(y) is not strip}
        assert changed <= {0, 8}  # the clock, and the longest wait of the first service


async def test_a_lost_server_leaves_old_figures_and_is_tried_until_it_is_back() -> None:
    async with wall_at(still()) as watcher:
        await watcher.sees("1,284")
        watcher.server.failure = Unreachable("connect", "The server cannot be reached.")
        watcher.app.source._on_health(_failing())
        watcher.app.pass_seconds(40)
        await watcher.sees("연결 끊김")
        assert "14:32:07" in watcher.text
        assert "▀" not in watcher.text
        watcher.server.failure = None
        watcher.server.now += 40_000
        watcher.server.change(floor_of("cs", "고객상담", at=watcher.server.now))
        watcher.app.source._on_health(_well())
        await watcher.until(lambda: "연결 끊김" not in watcher.text)


def _failing() -> Health:
    return Health(last_success=1000.0, failing_since=1000.0, attempt=3)


def _well() -> Health:
    return Health(last_success=1040.0)


async def test_a_server_that_is_away_at_the_start_is_waited_for() -> None:
    server = still()
    server.failure = Unreachable("connect", "The server cannot be reached.")
    async with wall_at(server) as watcher:
        await watcher.until(lambda: watcher.app.wall.failing)
        watcher.app.pass_seconds(2)
        await watcher.sees("연결 끊김")
        assert "--:--:--" in watcher.text
        server.failure = None
        await watcher.sees("1,284")


async def test_a_refused_token_is_named_and_a_new_one_is_taken_by_itself() -> None:
    server = still()
    async with wall_at(server) as watcher:
        await watcher.sees("1,284")
        server.status = 401
        server.change(floor_of("cs", "고객상담"))
        await watcher.sees("토큰 거절됨")
        server.status = 200
        await watcher.until(lambda: "토큰 거절됨" not in watcher.text)


async def test_the_wall_survives_every_resize() -> None:
    async with wall_at(still()) as watcher:
        await watcher.sees("1,284")
        for size in ((40, 10), (300, 80), (20, 5), (80, 24), (500, 200), (120, 40)):
            await watcher.pilot.resize_terminal(*size)
            await watcher.until(lambda size=size: len(watcher.app._picture._lines) == size[1])
            assert {len(line) for line in watcher.app._picture._lines} == {size[0]}


async def test_services_are_those_that_were_named_in_that_order() -> None:
    async with wall_at(still(), services=("vip", "cs")) as watcher:
        await watcher.sees("VIP상담")
        text = watcher.text
        assert text.index("VIP상담") < text.index("고객상담")
        assert "쇼핑몰" not in text


async def test_no_service_at_all_is_said_in_the_header() -> None:
    async with wall_at(still(), services=("gone",)) as watcher:
        await watcher.sees("보여 줄 서비스 없음")


async def test_the_bell_rings_once_for_an_alarm() -> None:
    async with wall_at(still(), bell=True) as watcher:
        await watcher.sees("1,284")
        watcher.app.pass_seconds(20)
        assert watcher.app.rung == 1


async def test_q_ends_the_wall() -> None:
    async with wall_at(still()) as watcher:
        await watcher.sees("1,284")
        await watcher.pilot.press("q")
        assert watcher.app.return_code == 0


async def test_the_server_s_clock_is_shown_and_never_that_of_the_machine() -> None:
    async with wall_at(still()) as watcher:
        await watcher.sees("14:32:10")
        watcher.app.pass_seconds(65)
        await watcher.sees("14:33:15")


def test_without_names_the_services_in_use_with_phone_are_shown() -> None:
    from octui.schema.contracts import Service
    from octui.schema.items import Item, ServiceState, ServiceType

    def service(code: str, state: ServiceState, items: list[Item]) -> Service:
        return Service(
            id=code,
            name=code,
            type=ServiceType.CONSULTATION,
            language="ko",
            time_zone="Asia/Seoul",
            state=state,
            items=items,
        )

    phone = [Item.TICKET, Item.TELTICKET]
    services = [
        service("a", ServiceState.IN_USE, phone),
        service("b", ServiceState.SUSPENDED, phone),
        service("c", ServiceState.IN_USE, [Item.TICKET]),
    ]
    assert [row.id for row in choose_services(services, ())] == ["a"]
    assert [row.id for row in choose_services(services[1:], ())] == ["c"]
    assert [row.id for row in choose_services(services, ("c", "x", "a", "c"))] == ["c", "a"]
