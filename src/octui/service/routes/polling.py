"""Conditional GET and waiting: ETag, If-None-Match, `Prefer: wait=N`, for one resource or, by /live, several."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import unquote

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from octui.schema.common import Answer
from octui.schema.live import Changed, LiveAnswer
from octui.schema.routes import PREFIX
from octui.service import policy
from octui.service.errors import ServiceError, invalid, not_found
from octui.service.live import Live
from octui.service.routes.operations import BY_NAME, Call, Polled, Watch, look_up, looked_up, path_of
from octui.service.store.snapshot import InSnapshot
from octui.service.store.store import Store
from octui.service.topics import SERVICES, me_topic

LONGEST_WAIT = 30
MOST_TOPICS = 200
GONE = '"gone"'
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)

_LOOKERS: RunVar[CapacityLimiter] = RunVar("octui_lookers")

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class Bodies:
    """The present answers of shared resources: a change that wakes a thousand clients is read once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._present: dict[tuple[str, ...], tuple[str, Answer]] = {}
        self._reading: dict[tuple[str, ...], Lock] = {}

    def read(self, polled: Polled, call: Call, path: dict[str, str], etag: str) -> Answer:
        """The answer under `etag`, which was just computed, for a caller who may have it."""
        if not polled.shared:
            return polled.read(call, path)
        key = polled.route.name, *path.values()
        with self._lock:
            reading = self._reading.setdefault(key, Lock())
        with reading:
            present = self._present.get(key)
            if present is None or present[0] != etag:
                present = self._present[key] = etag, polled.read(call, path)
            return present[1]


@dataclass(frozen=True)
class Seen:
    """What one look at the store found: the answer (None: nothing new), what would make another look worth it, and
    whether the caller holds all of it already, so that an answer can wait its turn."""

    answer: Response | None
    account: str
    topics: tuple[str, ...]
    until: int | None
    held: bool
    etag: str = ""


def wanted_wait(request: Request) -> int | None:
    """Seconds of `Prefer: wait=N`, at most 30; None where nothing is preferred."""
    found = _WAIT.search(",".join(request.headers.getlist("prefer")))
    return min(int(found[1]), LONGEST_WAIT) if found else None


def held_tags(request: Request) -> frozenset[str]:
    """The tags of `If-None-Match`, marks of weakness left off."""
    header = ",".join(request.headers.getlist("if-none-match"))
    return frozenset(part.strip().removeprefix("W/") for part in header.split(",") if part.strip())


def endpoint(polled: Polled, bodies: Bodies) -> Endpoint:
    """The plain Starlette endpoint of one polled resource."""

    def look(call: Call) -> Seen:
        request = call.request
        path = path_of(request)
        policy.authorize(polled.route, call.principal, path)
        watch = polled.watch(call, path)
        etag = watch.etag(call.store.revisions(list(watch.topics)))
        held = held_tags(request)
        answer = None
        if etag not in held and "*" not in held:
            answer = _json(bodies.read(polled, call, path, etag), etag)
        topics = (*watch.topics, me_topic(call.principal.account))
        return Seen(answer, call.principal.account, topics, watch.until, bool(held), etag)

    async def respond(request: Request) -> Response:
        return await _when_new(request, look)

    return respond


def live_endpoint(polls: Sequence[Polled], bodies: Bodies) -> Endpoint:
    """`GET /live?have=<topic>;<etag>&have=…`: what changed of several polled resources, in one request."""
    templates = [(polled.route.path.removeprefix(PREFIX + "/").split("/"), polled) for polled in polls]

    def look(call: Call) -> Seen:
        policy.authorize(BY_NAME["live"], call.principal, {})
        have = _have(call.request)
        watched: dict[str, tuple[Polled, dict[str, str], Watch]] = {}
        changed: dict[str, Changed] = {}
        for topic, tag in have.items():
            try:
                polled, path = _find(templates, topic)
                policy.authorize(polled.route, call.principal, path)
                watched[topic] = polled, path, polled.watch(call, path)
            except ServiceError as error:
                if error.status not in (403, 404):
                    raise
                if tag != GONE:
                    changed[topic] = Changed(etag=GONE, gone=True)
        topics = sorted({name for _, _, watch in watched.values() for name in watch.topics})
        revisions = call.store.revisions(topics)
        for topic, (polled, path, watch) in watched.items():
            etag = watch.etag(revisions)
            if etag != have[topic]:
                body = bodies.read(polled, call, path, etag).model_dump(mode="json")
                changed[topic] = Changed(etag=etag, body=body)
        answer = _json(LiveAnswer(as_of=call.store.clock(), changed=changed)) if changed else None
        until = min((watch.until for _, _, watch in watched.values() if watch.until is not None), default=None)
        account = call.principal.account
        return Seen(answer, account, (*topics, me_topic(account), SERVICES), until, all(have.values()))

    async def respond(request: Request) -> Response:
        return await _when_new(request, look)

    return respond


def _snapshot(request: Request, look: Callable[[Call], Seen]) -> Seen:
    """One look at the store by whoever calls, all of it at one moment."""
    store: Store = request.app.state.store

    def at_once(connection: Connection) -> Seen:
        seen = InSnapshot(store, connection)
        return look(Call(seen, look_up(request, connection), request.app.state.live, request))

    return store.read(at_once)


def _lookers() -> CapacityLimiter:
    """A few threads of each loop look at the store, whatever the number of clients a change wakes: more of them only
    fight over the interpreter, and commands keep threads of their own."""
    try:
        return _LOOKERS.get()
    except LookupError:
        limiter = CapacityLimiter(4)
        _LOOKERS.set(limiter)
        return limiter


async def _when_new(request: Request, look: Callable[[Call], Seen]) -> Response:
    """Look, and while there is nothing new and the caller prefers to wait, wait and look again, rights included."""
    live: Live = request.app.state.live
    clock = asyncio.get_running_loop().time
    wait = wanted_wait(request)
    ends = clock() + (live.shortened(wait) if wait else 0.0)
    rested = wait is None
    while True:
        mark = live.mark()
        seen = await to_thread.run_sync(_snapshot, request, look, limiter=_lookers())
        await looked_up(request)
        now = clock()
        client = (seen.account, request.client, seen.topics)
        if seen.answer is not None:
            pause = 0.0 if rested or not seen.held else live.pause(client, now)
            if not pause:
                live.answered(client, now)
                return _waited(seen.answer, wait)
            # Answered a moment ago: what changes meanwhile comes with this answer (design.md 4.4).
            rested = True
            await asyncio.sleep(pause)
        elif now >= ends or live.closing:
            headers = {"cache-control": "no-cache", **({"etag": seen.etag} if seen.etag else {})}
            return _waited(Response(status_code=304, headers=headers), wait)
        else:
            until = None if seen.until is None else max(0, seen.until - request.app.state.store.clock()) / 1000
            await live.wait(seen.topics, mark, until=until, most=ends - now)


def _waited(response: Response, wait: int | None) -> Response:
    if wait is not None:
        response.headers["preference-applied"] = f"wait={wait}"
    return response


def _json(answer: Answer, etag: str = "") -> Response:
    headers = {"cache-control": "no-cache", **({"etag": etag} if etag else {})}
    return Response(answer.model_dump_json(), 200, headers, "application/json")


def _have(request: Request) -> dict[str, str]:
    held = [value.partition(";") for value in request.query_params.getlist("have")]
    if not held:
        raise invalid("have", "missing", "Name at least one topic: have=<topic>;<etag>.")
    if len(held) > MOST_TOPICS:
        raise invalid("have", "too_long", f"At most {MOST_TOPICS} topics.")
    return {topic: tag for topic, _, tag in held}


def _find(templates: list[tuple[list[str], Polled]], topic: str) -> tuple[Polled, dict[str, str]]:
    """The polled resource a topic names, and its path parameters; raises 404."""
    parts = [unquote(part) for part in topic.split("/")]
    if any("\0" in part for part in parts):
        raise not_found()
    for template, polled in templates:
        if len(template) == len(parts):
            path: dict[str, str] = {}
            for wanted, part in zip(template, parts, strict=True):
                if wanted.startswith("{"):
                    path[wanted.strip("{}")] = part
                elif wanted != part:
                    break
            else:
                return polled, path
    raise not_found()
