"""Source of a wall's numbers: a server that is asked until the wall ends, with a token that may be replaced."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import ValidationError

from octui.client.api import Api
from octui.client.backoff import full_jitter
from octui.client.errors import ClientError, Refused, SignInNeeded
from octui.client.feed import Feed, Health, Lease
from octui.schema.contracts import Service
from octui.schema.floor import ServiceFloor
from octui.schema.items import Item, ServiceState
from octui.schema.live import floor_topic
from octui.state.clock import ServerClock, elapsed_seconds
from octui.state.wall import Wall

LIST_AGAIN_S = 300.0
"""Between two looks at the list of services: a new one is on the wall after that."""
EMPTY_AGAIN_S = 15.0
MOST_SERVICES = 200

_log = logging.getLogger(__name__)


class WallSource:
    """Updates a wall's state from the server, connecting again after every failure.

    `connect` makes a client with the token of this moment. `wanted`: the services to show in their order, all with
    phone if there are none. `changed` is called when there is something new to draw.
    """

    def __init__(
        self,
        connect: Callable[[], Api],
        wall: Wall,
        changed: Callable[[], None],
        wanted: Sequence[str] = (),
        *,
        elapsed: Callable[[], float] = elapsed_seconds,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connect = connect
        self._wall = wall
        self._changed = changed
        self._wanted = tuple(wanted)
        self._elapsed = elapsed
        self._sleep = sleep
        self._attempt = 0
        self._signed_out = asyncio.Event()
        self._leases: dict[str, Lease] = {}
        self.clock = ServerClock(elapsed)
        self.center = ""
        """Name of the organization; "" where the token may not read it, as a wall token."""

    async def run(self) -> None:
        """Update the wall until canceled."""
        while True:
            try:
                api = self._connect()
                try:
                    await self._follow(api)
                finally:
                    await api.close()
            except ClientError as error:
                is_refusal = isinstance(error, SignInNeeded) or (isinstance(error, Refused) and error.status == 403)
                self._wall.refused, self._wall.failing = is_refusal, not is_refusal
                self._changed()
            self._attempt += 1
            await self._sleep(full_jitter(self._attempt, random.random))

    async def _follow(self, api: Api) -> None:
        """List the services and follow their floors until the server refuses the token. Raises ClientError."""
        self._signed_out.clear()
        self._leases.clear()
        feed = Feed(
            api.live,
            clock=self._elapsed,
            on_health=self._on_health,
            on_time=self.clock.record_time,
            sleep=self._sleep,
        )
        self._show_services(feed, (await api.services()).services)
        self._attempt = 0
        self._wall.refused = self._wall.failing = False
        self._changed()
        try:
            self.center = (await api.organization()).name
        except ClientError:
            _log.debug("this token does not read the organization")
        running = asyncio.create_task(feed.run())
        try:
            while not await self._is_signed_out():
                try:
                    self._show_services(feed, (await api.services()).services)
                except SignInNeeded:
                    raise
                except ClientError:
                    _log.debug("the services could not be listed; the feed tells whether the server is there")
            raise SignInNeeded
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _is_signed_out(self) -> bool:
        """Wait until the services are to be listed again or the token is refused; return whether refused."""
        wait = LIST_AGAIN_S if self._leases else EMPTY_AGAIN_S
        waiter = asyncio.create_task(self._signed_out.wait())
        pause = asyncio.ensure_future(self._sleep(wait))
        try:
            await asyncio.wait((waiter, pause), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiter.cancel()
            pause.cancel()
            await asyncio.gather(waiter, pause, return_exceptions=True)
        return self._signed_out.is_set()

    def _show_services(self, feed: Feed, services: Sequence[Service]) -> None:
        chosen = choose_services(services, self._wanted)
        self._wall.set_services([(service.id, service.name, service.time_zone) for service in chosen])
        present = {service.id for service in chosen}
        for service in [service for service in self._leases if service not in present]:
            self._leases.pop(service).close()
        for service in present - self._leases.keys():
            self._leases[service] = feed.lease(floor_topic(service), self._taker_of(service))

    def _taker_of(self, service: str) -> Callable[[str, dict[str, Any] | None, str], None]:
        def take_floor(_topic: str, body: dict[str, Any] | None, _etag: str) -> None:
            try:
                floor = None if body is None else ServiceFloor.model_validate(body)
            except ValidationError:
                _log.warning("the floor of %s is not as expected; the last one is kept", service)
                return
            self._wall.set_floor(service, floor)
            self._changed()

        return take_floor

    def _on_health(self, health: Health) -> None:
        failing = health.failing_since is not None
        if failing != self._wall.failing:
            self._wall.failing = failing
            self._changed()
        if isinstance(health.error, SignInNeeded):
            self._signed_out.set()


def choose_services(services: Sequence[Service], wanted: Sequence[str]) -> list[Service]:
    """Return the services of a wall: those named, in that order, or all in use that have phone.

    Where none has the phone, all in use.
    """
    if wanted:
        by_id = {service.id: service for service in services}
        return [by_id[service] for service in dict.fromkeys(wanted) if service in by_id][:MOST_SERVICES]
    in_use = [service for service in services if service.state is ServiceState.IN_USE]
    with_phone = [service for service in in_use if Item.TELTICKET in service.items]
    return (with_phone or in_use)[:MOST_SERVICES]
