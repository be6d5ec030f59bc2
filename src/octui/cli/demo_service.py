"""The demo's service: a centre set up in an empty database, its day so far, and traffic that goes on."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from octui.cli.embedded import Embedded, Service
from octui.client.api import Api
from octui.client.transport import Reply, caller_headers, in_process
from octui.schema.audit import Via
from octui.sim.centre import Centre, build
from octui.sim.traffic import Traffic

if TYPE_CHECKING:
    from octui.service.store.store import Change

_HOURS_BACK = 4
_MOST_PAST_EVENTS = 40_000
_EVENTS_AN_AGENT_HOUR = 45
_BATCH = 2_000
_TICK_S = 0.5


class DemoTransport(Embedded):
    """The embedded service as `person` sees it, over a seeded centre. Traffic goes in by the same operation as a real
    one's; a state the person takes by key takes their phone out of the simulation's hands."""

    def __init__(self, url: str, person: str, *, agents: int, seed: int, pace: float) -> None:
        super().__init__(url, caller_headers(Via.SCREEN, person))
        self._person = person
        self._centre = build(agents, seed)
        self._seed = seed
        self._pace = pace
        self._traffic: Traffic | None = None
        self._running: asyncio.Task[None] | None = None
        self._started = asyncio.Lock()

    async def open(self) -> None:
        await super().open()
        async with self._started:
            if self._traffic is None and self.service is not None:
                await asyncio.to_thread(settle, self.service, self._centre)
                start = day_so_far(len(self._centre.posts), time.time())
                self._traffic = Traffic(self._centre, start, self._seed, self._pace)
                operator = Api(in_process(self.service.app, caller_headers(Via.API)))
                await self._catch_up(operator, start)
                self._running = asyncio.create_task(self._go_on(operator))

    async def _catch_up(self, operator: Api, start: int) -> None:
        """The past in order of time, some minutes at once."""
        now = _now()
        step = max(60_000, (now - start) // 40)
        while start < now:
            start = min(now, start + step)
            await self._send_until(operator, start)

    async def _go_on(self, operator: Api) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            await self._send_until(operator, _now())

    async def _send_until(self, operator: Api, at: int) -> None:
        assert self._traffic is not None
        for service, events in self._traffic.until(at):
            for first in range(0, len(events), _BATCH):
                await operator.take_in_events(service, events[first : first + _BATCH])

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float,
    ) -> Reply:
        await self.open()
        if method == "POST" and path.endswith("/state") and self._traffic is not None:
            self._traffic.release(self._person)
        return await super().send(method, path, params=params, headers=headers, body=body, deadline=deadline)

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await super().close()


def settle(service: Service, centre: Centre) -> None:
    """Write the centre into an empty database: organization, services, people, CTI IDs; all of it in the log."""
    from octui.service.security import local_operator
    from octui.service.store import contracts, organization
    from octui.service.store.bulk import add_people

    def write(change: Change) -> None:
        organization.create(change, centre.organization)
        for new in centre.services:
            contracts.add(change, new)
        add_people(change, centre.members, [(post.service, post.agent) for post in centre.posts], centre.cti)

    service.store.write(write, local_operator())


def day_so_far(posts: int, now_s: float) -> int:
    """When the demo's day began: some hours back, not before midnight, and never more past than loads quickly."""
    now = int(now_s * 1000)
    midnight = datetime.fromtimestamp(now_s, ZoneInfo("Asia/Seoul")).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = min(_HOURS_BACK, _MOST_PAST_EVENTS / (_EVENTS_AN_AGENT_HOUR * max(1, posts)))
    return max(int(midnight.timestamp() * 1000), now - int(hours * 3_600_000))


def _now() -> int:
    return time.time_ns() // 1_000_000
