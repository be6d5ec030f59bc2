"""A server for walls that knows floors alone: a transport whose figures a test changes."""

import asyncio
import json
import time
from typing import Any

from octui.client.errors import ClientError
from octui.client.transport import Reply, Request
from octui.schema.floor import ServiceFloor
from octui.schema.live import floor_topic
from unit.floors import NOW, ZONE, floor_of

JSON = {"content-type": "application/json"}
PICTURED = (
    floor_of("cs", "고객상담", waiting=7, wait_s=192, calls=(1284, 1041, 236, 886), agents=(42, 0, 33, 2, 7)),
    floor_of("ts", "기술지원", waiting=1, wait_s=260, calls=(412, 371, 40, 338), agents=(18, 3, 11, 1, 3), age_s=252),
    floor_of("mall", "쇼핑몰", calls=(296, 279, 17, 264), agents=(9, 2, 4, 0, 3)),
    floor_of("vip", "VIP상담", calls=(0, 0, 0, 0), agents=(3, 3, 0, 0, 0)),
)
"""The floors of the pictures that the wall was drawn from: one in alarm, one silent, one without a call."""


class WallServer:
    """Floors by service; a change answers the long poll. `failure` is raised in place of every answer.

    Its time goes on from `NOW` with this machine's clock, or stands still with `is_still`. `beats` keeps the figures
    of all services that were fresh fresh.
    """

    def __init__(self, *floors: ServiceFloor, is_still: bool = False) -> None:
        self.floors = {floor.service: floor for floor in floors}
        self.versions = dict.fromkeys(self.floors, 1)
        self.failure: ClientError | None = None
        self.now = NOW
        self.status = 200
        self._began = None if is_still else time.monotonic()
        self._changed = asyncio.Event()
        self.requests: list[Request] = []

    def now_ms(self) -> int:
        return self.now if self._began is None else self.now + int((time.monotonic() - self._began) * 1000)

    def change(self, floor: ServiceFloor) -> None:
        self.floors[floor.service] = floor
        self.versions[floor.service] = self.versions.get(floor.service, 0) + 1
        self._changed.set()
        self._changed = asyncio.Event()

    def beat(self, *services: str) -> None:
        """Report signs of life of these services."""
        now = self.now_ms()
        for service in services:
            self.change(self.floors[service].model_copy(update={"known_until": now, "at": now}))

    async def send(self, request: Request) -> Reply:
        self.requests.append(request)
        if self.failure is not None:
            raise self.failure
        if self.status != 200:
            body = {"type": "about:blank", "title": "Sign in.", "status": self.status, "code": "unauthenticated"}
            return Reply(self.status, {"content-type": "application/problem+json"}, json.dumps(body).encode())
        if request.path.endswith("/services"):
            return _reply({"services": [_service(floor) for floor in self.floors.values()]})
        if request.path.endswith("/live"):
            return await self._answer_live(request)
        body = {"type": "about:blank", "title": "Not yours.", "status": 403, "code": "forbidden"}
        return Reply(403, {"content-type": "application/problem+json"}, json.dumps(body).encode())

    async def _answer_live(self, request: Request) -> Reply:
        have = dict(value.rsplit(";", 1) for name, value in request.params if name == "have")
        changed = self._changes(have)
        wait = request.headers.get("prefer", "").partition("=")[2]
        if not changed and wait:
            try:
                await asyncio.wait_for(self._changed.wait(), float(wait))
            except TimeoutError:
                return Reply(304, {"preference-applied": "wait"}, b"")
            changed = self._changes(have)
        headers = {"preference-applied": "wait"} if wait else {}
        if not changed:
            return Reply(304, headers, b"")
        return _reply({"as_of": self.now_ms(), "changed": changed}, headers)

    def _changes(self, have: dict[str, str]) -> dict[str, Any]:
        topics = {floor_topic(service): service for service in self.floors}
        return {
            topic: {"etag": f'"{self.versions[topics[topic]]}"', "body": self.floors[topics[topic]].model_dump()}
            if topic in topics
            else {"etag": "", "gone": True}
            for topic, etag in have.items()
            if topic not in topics or etag != f'"{self.versions[topics[topic]]}"'
        }

    async def close(self) -> None:
        """Do nothing: the next client uses the same one."""


def _service(floor: ServiceFloor) -> dict[str, Any]:
    return {
        "id": floor.service,
        "name": floor.name,
        "type": "consultation",
        "language": "ko",
        "time_zone": ZONE,
        "state": "inuse",
        "items": ["ticket", "telticket"],
    }


def _reply(body: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(200, JSON | (headers or {}), json.dumps(body).encode())
