"""The demo's service: a centre set up in an empty database, its day so far, and traffic that goes on."""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from octui.cli.embedded_server import CannotOpen, Embedded, Service
from octui.client.api import Api
from octui.client.errors import ClientError
from octui.client.transport import Reply, Request, caller_headers, in_process_transport
from octui.schema.audit import Via
from octui.schema.charges import NewDiscount
from octui.schema.contracts import BasicInformation, ContractDetails
from octui.schema.items import ServiceState
from octui.schema.settings import SettingsChange
from octui.sim.centre import ADMIN, AGENT, SUPERVISOR, Centre, build
from octui.sim.history import BEGAN_DAYS_AGO, STORY, Discount, Moment
from octui.sim.traffic import Traffic

if TYPE_CHECKING:
    from octui.server.database.store import Change

_PEOPLE = {"agent": AGENT, "supervisor": SUPERVISOR, "admin": ADMIN}
_HOURS_BACK = 2
_EARLY = 200
_MOST_PAST_EVENTS = 10_000
_EVENTS_AN_AGENT_HOUR = 60
_BATCH = 2_000
_TICK_S = 0.5
_DAY_MS = 86_400_000

_log = logging.getLogger(__name__)


class DemoTransport(Embedded):
    """The embedded service as the agent, supervisor or admin sees it, over a seeded centre. Traffic goes in by the same
    operation as a real one's; a state the person takes by key takes their phone out of the simulation's hands."""

    def __init__(
        self, url: str, person: str, *, agents: int, seed: int, pace: float, language: str | None = None
    ) -> None:
        """`language`: the person's own, in place of the centre's."""
        self._person = _PEOPLE[person]
        super().__init__(url, caller_headers(Via.SCREEN, self._person), socket=False)
        self._agents = agents
        self._seed = seed
        self._pace = pace
        self._language = language
        self._traffics: list[Traffic] = []
        self._operator: Api | None = None
        self._running: asyncio.Task[None] | None = None
        self._settling = asyncio.Lock()

    async def open(self) -> None:
        await super().open()
        async with self._settling:
            if self.service is not None and self._running is None:
                self._operator = Api(in_process_transport(self.service.app, caller_headers(Via.API)))
                centre = await asyncio.to_thread(settle, self.service, self._agents, self._seed)
                await self._speak(self.service)
                self._traffics = traffics(centre, self._seed, self._pace, time.time())
                await self._send_until(_now())
                self._running = asyncio.create_task(self._go_on())

    async def _speak(self, service: Service) -> None:
        if self._language is not None:
            api = Api(in_process_transport(service.app, caller_headers(Via.SCREEN, self._person)))
            try:
                version = (await api.settings()).version
                await api.change_settings(SettingsChange(language=self._language), version)
            finally:
                await api.close()

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            await self._send_until(_now())

    async def _send_until(self, at: int) -> None:
        assert self._operator is not None
        for traffic in self._traffics:
            for service, events in traffic.until(at):
                for first in range(0, len(events), _BATCH):
                    try:
                        await self._operator.take_in_events(service, events[first : first + _BATCH])
                    except ClientError as error:
                        _log.warning("the demo's traffic was not taken in: %s", error)

    async def send(self, request: Request) -> Reply:
        await self.open()
        if request.method == "POST" and request.path.endswith("/state"):
            for traffic in self._traffics:
                traffic.release(self._person)
        return await super().send(request)

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if self._operator is not None:
            await self._operator.close()
        await super().close()


def settle(service: Service, agents: int, seed: int) -> Centre:
    """Write the centre into an empty database: organization, services, people, CTI IDs; all of it in the log.

    Raises CannotOpen when it cannot be written."""
    from octui.server.core.errors import ProblemError
    from octui.server.cti import settings_store
    from octui.server.identity.authentication import local_operator
    from octui.server.members.bulk import add_people
    from octui.server.organization import key_store
    from octui.server.organization import store as organization_store

    centre = build(agents, seed)
    now = _now()

    def begin(change: "Change") -> None:
        change.now = now - BEGAN_DAYS_AGO * _DAY_MS
        organization_store.create(change, centre.organization)
        organization_store.edit(change, centre.flags)
        key_store.make(change, service.network_app.state.sealer)

    def people(change: "Change") -> None:
        settings_store.change(change, "cs", centre.cti_settings, 1)
        add_people(change, centre.members, [(post.service, post.agent) for post in centre.posts], centre.cti)

    try:
        service.store.write(begin, local_operator())
        for moment in STORY:
            service.store.write(partial(_happen, moment=moment, now=now), local_operator())
        service.store.write(people, local_operator())
    except ProblemError as error:
        raise CannotOpen(error.code, str(error), lasting=True) from error
    return centre


def _happen(change: "Change", moment: Moment, now: int) -> None:
    """Do what was done then, as of then."""
    from octui.server.charges import rate_store
    from octui.server.contracts import store as contracts_store
    from octui.server.core.calendar import date_of
    from octui.server.services import store as services_store

    change.now = now - moment.days_ago * _DAY_MS
    match moment.done:
        case BasicInformation() as basics:
            contracts_store.draft(change, basics)
        case ContractDetails() as details:
            version = services_store.contract(change.connection, moment.service, change.now).version
            contracts_store.edit(change, moment.service, details, version)
        case Discount(basis_points):
            first = date_of(services_store.present_day(change.connection, change.now)[0]).replace(day=1).isoformat()
            rate_store.change_discount(change, moment.service, NewDiscount(valid_from=first, basis_points=basis_points))
        case ServiceState() as state:
            version = services_store.contract(change.connection, moment.service, change.now).version
            contracts_store.switch(change, moment.service, state, version)


def traffics(centre: Centre, seed: int, pace: float, now_s: float) -> list[Traffic]:
    """What goes on in the centre, the same for the same seed and time: the first agents have some hours behind them,
    the others of a large centre so much as loads quickly, and nobody began before midnight."""
    now = int(now_s * 1000)
    midnight = datetime.fromtimestamp(now_s, ZoneInfo("Asia/Seoul")).replace(hour=0, minute=0, second=0, microsecond=0)
    early, late = (replace(centre, posts=posts) for posts in (centre.posts[:_EARLY], centre.posts[_EARLY:]))
    hours = min(_HOURS_BACK, _MOST_PAST_EVENTS / (_EVENTS_AN_AGENT_HOUR * max(1, len(late.posts))))
    starts = (max(int(midnight.timestamp() * 1000), now - int(back * 3_600_000)) for back in (_HOURS_BACK, hours))
    return [
        Traffic(part, start, seed + number, pace)
        for number, (part, start) in enumerate(zip((early, late), starts, strict=True))
    ]


def _now() -> int:
    return time.time_ns() // 1_000_000
