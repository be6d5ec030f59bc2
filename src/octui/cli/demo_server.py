"""The demo's server: a seeded center in an empty database, its day until now, and traffic that goes on."""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from octui.cli.embedded_server import CannotOpen, EmbeddedServer, EmbeddedTransport
from octui.cli.settings import Settings
from octui.client.api import Api
from octui.client.errors import ClientError
from octui.client.transport import Reply, Request, caller_headers, in_process_transport
from octui.schema.audit import Via
from octui.schema.charges import NewDiscount
from octui.schema.contracts import BasicInformation, ContractDetails
from octui.schema.events import FilePosition
from octui.schema.items import ServiceState
from octui.schema.settings import SettingsChange
from octui.sim.center import ADMIN, AGENT, SUPERVISOR, Center, build_center
from octui.sim.history import BEGAN_DAYS_AGO, STORY, Discount, Moment
from octui.sim.traffic import Traffic

if TYPE_CHECKING:
    from octui.server.database.unit_of_work import Change

_PEOPLE = {"agent": AGENT, "supervisor": SUPERVISOR, "admin": ADMIN, "wall": ADMIN}
_HOURS_BACK = 2
_EARLY = 200
_MOST_PAST_EVENTS = 10_000
_EVENTS_AN_AGENT_HOUR = 60
_BATCH = 2_000
_TICK_S = 0.5
_SIGN_OF_LIFE_MS = 10_000
_FOLLOWED = FilePosition(kind="queue_log", name="demo", head="00", position=0, line=0, digest="00", followed="demo")
"""The simulation's sign of life, as one who follows a log gives it (rules.md 50)."""
_DAY_MS = 86_400_000

_log = logging.getLogger(__name__)


class DemoTransport(EmbeddedTransport):
    """Transport to an embedded server over a seeded center, as its agent, supervisor or admin.

    The traffic is sent by the same operation as that of a real center. Once the person has set a state by key, the
    simulation leaves their phone alone.
    """

    def __init__(self, settings: Settings, person: str, *, agents: int, seed: int, pace: float) -> None:
        """Make a transport for `person`, who gets the language of the settings where they name one."""
        self._person = _PEOPLE[person]
        super().__init__(settings, caller_headers(Via.SCREEN, self._person), socket=False)
        self._agents = agents
        self._seed = seed
        self._pace = pace
        self._language = settings.language
        self._traffic: list[Traffic] = []
        self._next_sign = 0
        self._operator: Api | None = None
        self._sending: asyncio.Task[None] | None = None
        self._setup = asyncio.Lock()

    async def open(self) -> None:
        await super().open()
        async with self._setup:
            if self.server is not None and self._sending is None:
                self._operator = Api(in_process_transport(self.server.app, caller_headers(Via.API)))
                center = await asyncio.to_thread(create_center, self.server, self._agents, self._seed)
                if self._language is not None:
                    await self._set_language(self.server, self._language)
                self._traffic = seeded_traffic(center, self._seed, self._pace, time.time())
                await self._send_until(_now_ms())
                self._sending = asyncio.create_task(self._send_forever())

    async def _set_language(self, server: EmbeddedServer, language: str) -> None:
        async with Api(in_process_transport(server.app, caller_headers(Via.SCREEN, self._person))) as api:
            version = (await api.settings()).version
            await api.change_settings(SettingsChange(language=language), version)

    async def _send_forever(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            await self._send_until(_now_ms())

    async def _send_until(self, at: int) -> None:
        assert self._operator is not None
        for traffic in self._traffic:
            for service, events in traffic.events_until(at):
                for first in range(0, len(events), _BATCH):
                    try:
                        await self._operator.take_in_events(service, events[first : first + _BATCH])
                    except ClientError as error:
                        _log.warning("the demo's traffic was not taken in: %s", error)
        if at >= self._next_sign:
            self._next_sign = at + _SIGN_OF_LIFE_MS
            for service in sorted({service for traffic in self._traffic for service in traffic.phone_services}):
                with suppress(ClientError):
                    await self._operator.take_in_queue_log(service, [], file=_FOLLOWED)

    async def send(self, request: Request) -> Reply:
        await self.open()
        if request.method == "POST" and request.path.endswith("/state"):
            for traffic in self._traffic:
                traffic.release_agent(self._person)
        return await super().send(request)

    async def close(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._operator is not None:
            await self._operator.close()
        await super().close()


class KeptTransport:
    """The demo's transport for a wall, which makes and closes clients; the demo's server lives on."""

    def __init__(self, transport: DemoTransport) -> None:
        self._transport = transport

    async def send(self, request: Request) -> Reply:
        return await self._transport.send(request)

    async def close(self) -> None:
        """Do nothing."""


def create_center(server: EmbeddedServer, agents: int, seed: int) -> Center:
    """Write a center into an empty database: organization, services, people, CTI IDs, each change logged.

    Raises CannotOpen when it cannot be written."""
    from octui.server.core.errors import ProblemError
    from octui.server.cti import settings_store
    from octui.server.identity.authentication import local_operator
    from octui.server.members.bulk import add_people
    from octui.server.organization import key_store
    from octui.server.organization import store as organization_store

    center = build_center(agents, seed)
    now = _now_ms()

    def write_organization(change: "Change") -> None:
        change.now = now - BEGAN_DAYS_AGO * _DAY_MS
        organization_store.create_organization(change, center.organization)
        organization_store.change_organization(change, center.flags)
        key_store.make_key(change, server.network_app.state.sealer)

    def write_people(change: "Change") -> None:
        settings_store.change_settings(change, "cs", center.cti_settings, 1)
        add_people(change, center.members, [(post.service, post.agent) for post in center.posts], center.cti)

    try:
        server.store.write(write_organization, local_operator())
        for moment in STORY:
            server.store.write(partial(_apply_moment, moment=moment, now=now), local_operator())
        server.store.write(write_people, local_operator())
    except ProblemError as error:
        raise CannotOpen(error.code, str(error), lasting=True) from error
    return center


def _apply_moment(change: "Change", moment: Moment, now: int) -> None:
    """Make the changes to services that belong to one moment of the demo's past."""
    from octui.server.charges import rate_store
    from octui.server.contracts import store as contracts_store
    from octui.server.core.calendar import date_of
    from octui.server.services import store as services_store

    change.now = now - moment.days_ago * _DAY_MS
    match moment.action:
        case BasicInformation() as basics:
            contracts_store.add_draft(change, basics)
        case ContractDetails() as details:
            version = contracts_store.find_contract(change.connection, moment.service, change.now).version
            contracts_store.edit_contract(change, moment.service, details, version)
        case Discount(basis_points):
            first = (
                date_of(services_store.organization_day(change.connection, change.now)[0]).replace(day=1).isoformat()
            )
            rate_store.change_discount(change, moment.service, NewDiscount(valid_from=first, basis_points=basis_points))
        case ServiceState() as state:
            version = contracts_store.find_contract(change.connection, moment.service, change.now).version
            contracts_store.switch_service(change, moment.service, state, version)


def seeded_traffic(center: Center, seed: int, pace: float, now_s: float) -> list[Traffic]:
    """Return the traffic of a center, the same for the same seed and time.

    The first agents have worked for some hours; those of a large center beyond them for as long as loads quickly.
    Nobody began before midnight."""
    now = int(now_s * 1000)
    midnight = datetime.fromtimestamp(now_s, ZoneInfo("Asia/Seoul")).replace(hour=0, minute=0, second=0, microsecond=0)
    early, late = (replace(center, posts=posts) for posts in (center.posts[:_EARLY], center.posts[_EARLY:]))
    hours = min(_HOURS_BACK, _MOST_PAST_EVENTS / (_EVENTS_AN_AGENT_HOUR * max(1, len(late.posts))))
    starts = (max(int(midnight.timestamp() * 1000), now - int(back * 3_600_000)) for back in (_HOURS_BACK, hours))
    return [
        Traffic(part, start, seed + number, pace)
        for number, (part, start) in enumerate(zip((early, late), starts, strict=True))
    ]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
