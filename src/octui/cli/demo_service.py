"""The demo's service: a centre set up in an empty database, its day so far, and traffic that goes on."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from octui.cli.embedded import CannotOpen, Embedded, Service
from octui.client.api import Api
from octui.client.errors import ClientError
from octui.client.transport import Reply, caller_headers, in_process
from octui.schema.audit import Via
from octui.sim.centre import ADMIN, AGENT, SUPERVISOR, Centre, build
from octui.sim.traffic import Traffic

if TYPE_CHECKING:
    from octui.service.store.store import Change

_PEOPLE = {"agent": AGENT, "supervisor": SUPERVISOR, "admin": ADMIN}
_HOURS_BACK = 4
_MOST_PAST_EVENTS = 40_000
_EVENTS_AN_AGENT_HOUR = 45
_BATCH = 2_000
_TICK_S = 0.5

_log = logging.getLogger(__name__)


class DemoTransport(Embedded):
    """The embedded service as the agent, supervisor or admin sees it, over a seeded centre. Traffic goes in by the same
    operation as a real one's; a state the person takes by key takes their phone out of the simulation's hands."""

    def __init__(self, url: str, person: str, *, agents: int, seed: int, pace: float) -> None:
        self._person = _PEOPLE[person]
        super().__init__(url, caller_headers(Via.SCREEN, self._person))
        self._agents = agents
        self._seed = seed
        self._pace = pace
        self._traffic: Traffic | None = None
        self._operator: Api | None = None
        self._running: asyncio.Task[None] | None = None
        self._settling = asyncio.Lock()

    async def open(self) -> None:
        await super().open()
        async with self._settling:
            if self._traffic is None and self.service is not None:
                centre = await asyncio.to_thread(settle, self.service, self._agents, self._seed)
                start = day_so_far(len(centre.posts), time.time())
                traffic = Traffic(centre, start, self._seed, self._pace)
                self._operator = Api(in_process(self.service.app, caller_headers(Via.API)))
                await self._catch_up(self._operator, traffic, start)
                self._traffic = traffic
                self._running = asyncio.create_task(self._go_on(self._operator, traffic))

    async def _catch_up(self, operator: Api, traffic: Traffic, start: int) -> None:
        """The past in order of time, some minutes at once."""
        now = _now()
        step = max(60_000, (now - start) // 40)
        while start < now:
            start = min(now, start + step)
            await _send_until(operator, traffic, start)

    async def _go_on(self, operator: Api, traffic: Traffic) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            try:
                await _send_until(operator, traffic, _now())
            except ClientError as error:
                _log.warning("the demo's traffic was not taken in: %s", error)

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
        if self._operator is not None:
            await self._operator.close()
        await super().close()


async def _send_until(operator: Api, traffic: Traffic, at: int) -> None:
    for service, events in traffic.until(at):
        for first in range(0, len(events), _BATCH):
            await operator.take_in_events(service, events[first : first + _BATCH])


def settle(service: Service, agents: int, seed: int) -> Centre:
    """Write the centre into an empty database: organization, services, people, CTI IDs; all of it in the log.

    Raises CannotOpen when it cannot be written."""
    from octui.service.errors import ServiceError
    from octui.service.security import local_operator
    from octui.service.store import contracts, organization
    from octui.service.store.bulk import add_people

    centre = build(agents, seed)

    def write(change: "Change") -> None:
        organization.create(change, centre.organization)
        for new in centre.services:
            contracts.add(change, new)
        add_people(change, centre.members, [(post.service, post.agent) for post in centre.posts], centre.cti)

    try:
        service.store.write(write, local_operator())
    except ServiceError as error:
        raise CannotOpen(error.code, str(error), lasting=True) from error
    return centre


def day_so_far(posts: int, now_s: float) -> int:
    """When the demo's day began: some hours back, not before midnight, and never more past than loads quickly."""
    now = int(now_s * 1000)
    midnight = datetime.fromtimestamp(now_s, ZoneInfo("Asia/Seoul")).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = min(_HOURS_BACK, _MOST_PAST_EVENTS / (_EVENTS_AN_AGENT_HOUR * max(1, posts)))
    return max(int(midnight.timestamp() * 1000), now - int(hours * 3_600_000))


def _now() -> int:
    return time.time_ns() // 1_000_000
