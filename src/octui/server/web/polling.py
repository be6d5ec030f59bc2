"""Conditional GET and waiting: ETag, If-None-Match, `Prefer: wait=N`, for one resource or, by /live, several."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from threading import Lock
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from octui.schema.common import Answer
from octui.schema.live import Changed, LiveAnswer
from octui.schema.routes import PREFIX
from octui.server.core.errors import ProblemError, invalid_field
from octui.server.core.principal import Principal
from octui.server.core.topics import SERVICES, me_topic
from octui.server.identity import policy
from octui.server.web.batch_reads import BatchReader, PollQuery, PollRequest, PollResult
from octui.server.web.operations import BY_NAME, PolledResource, PollKey, RequestContext, path_parameters, query_values
from octui.server.web.waiters import Notifier

LONGEST_WAIT = 30
MOST_TOPICS = 200
GONE = '"gone"'
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]
Templates = list[tuple[list[str], PolledResource]]


class AnswerCache:
    """The present answers of shared resources: a change that wakes a thousand clients is read once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._present: dict[tuple[str, ...], tuple[str, Answer]] = {}
        self._reading: dict[tuple[str, ...], Lock] = {}

    def read(self, polled: PolledResource, context: RequestContext, path: dict[str, str], etag: str) -> Answer:
        """The answer under `etag`, which was just computed, for a caller who may have it."""
        if not polled.shared:
            return polled.read(context, path)
        key = polled.route.name, *path.values()
        with self._lock:
            reading = self._reading.setdefault(key, Lock())
        with reading:
            present = self._present.get(key)
            if present is None or present[0] != etag:
                present = self._present[key] = etag, polled.read(context, path)
            return present[1]


def poll_key(polled: PolledResource, context: RequestContext, path: dict[str, str]) -> PollKey:
    """What the resource depends on at this moment; worked out once for all where the answer is shared."""
    if not polled.shared:
        return polled.watch(context, path)
    key = "watch", polled.route.name, *path.values()
    found: PollKey | None = context.memo.get(key)
    if found is None:
        found = context.memo[key] = polled.watch(context, path)
    return found


def preferred_wait(request: Request) -> int | None:
    """Seconds of `Prefer: wait=N`, at most 30; None where nothing is preferred."""
    found = _WAIT.search(",".join(request.headers.getlist("prefer")))
    return min(int(found[1]), LONGEST_WAIT) if found else None


def client_etags(request: Request) -> frozenset[str]:
    """The tags of `If-None-Match`, marks of weakness left off."""
    header = ",".join(request.headers.getlist("if-none-match"))
    return frozenset(part.strip().removeprefix("W/") for part in header.split(",") if part.strip())


class SingleQuery:
    """Whether one resource is another than those held."""

    __slots__ = ("_bodies", "_path", "_polled", "_request", "_watched")

    def __init__(self, request: Request, polled: PolledResource, bodies: AnswerCache) -> None:
        self._request = request
        self._polled = polled
        self._bodies = bodies

    def topics(self, context: RequestContext) -> Sequence[str]:
        self._path = path_parameters(self._request)
        policy.authorize(self._polled.route, context.principal, self._path)
        self._watched = poll_key(self._polled, context, self._path)
        return self._watched.topics

    def answer(self, context: RequestContext) -> PollResult:
        watch = self._watched
        etag = watch.etag(context.store.revisions(list(watch.topics)))
        held = client_etags(self._request)
        answer = None
        if etag not in held and "*" not in held:
            answer = _json(self._bodies.read(self._polled, context, self._path, etag), etag)
        topics = (*watch.topics, me_topic(context.principal.account))
        return PollResult(answer, context.principal, topics, watch.until, bool(held), etag)


class MultiQuery:
    """Which of several resources are others than those held: `GET /live?have=<topic>;<etag>&have=…`."""

    __slots__ = ("_allowed", "_bodies", "_have", "_judged", "_request", "_templates", "_watched")

    def __init__(self, request: Request, templates: Templates, bodies: AnswerCache) -> None:
        self._request = request
        self._templates = templates
        self._bodies = bodies
        self._have: dict[str, str] | None = None
        self._watched: dict[str, PollKey] = {}
        self._allowed: dict[str, tuple[PolledResource, dict[str, str]]] = {}
        self._judged: Principal | None = None

    def topics(self, context: RequestContext) -> Sequence[str]:
        if self._judged is not context.principal:
            self._judge(context.principal)
        self._watched = {}
        for topic, (polled, path) in self._allowed.items():
            try:
                self._watched[topic] = poll_key(polled, context, path)
            except ProblemError as error:
                _only_missing(error)
        return [name for watch in self._watched.values() for name in watch.topics]

    def _judge(self, principal: Principal) -> None:
        """What the caller may have of what is asked for."""
        policy.authorize(BY_NAME["live"], principal, {})
        if self._have is None:
            self._have = _have(self._request)
        self._allowed = {}
        for topic in self._have:
            found = _find(self._templates, topic)
            if found is not None:
                try:
                    policy.authorize(found[0].route, principal, found[1])
                    self._allowed[topic] = found
                except ProblemError as error:
                    _only_missing(error)
        self._judged = principal

    def answer(self, context: RequestContext) -> PollResult:
        have = self._have or {}
        watched = self._watched
        tags = {topic: GONE for topic in have if topic not in watched}
        for topic, watch in watched.items():
            tags[topic] = watch.etag(context.store.revisions(list(watch.topics)))
        changed = [topic for topic, tag in tags.items() if tag != have[topic]]
        account = context.principal.account
        topics = {name for watch in watched.values() for name in watch.topics} | {me_topic(account), SERVICES}
        until = min((watch.until for watch in watched.values() if watch.until is not None), default=None)
        answer = self._answer(context, {topic: tags[topic] for topic in changed}) if changed else None
        self._watched = {}  # it may be long until the next look
        return PollResult(answer, context.principal, tuple(sorted(topics)), until, all(have.values()))

    def _answer(self, context: RequestContext, tags: dict[str, str]) -> Response:
        if not all(self._allowed[topic][0].shared for topic in tags if topic in self._watched):
            return _json(self._body(context, tags))
        key = "live", *tags.items()
        if key not in context.memo:
            context.memo[key] = self._body(context, tags).model_dump_json().encode()
        return _ready(context.memo[key])

    def _body(self, context: RequestContext, tags: dict[str, str]) -> LiveAnswer:
        changed: dict[str, Changed] = {}
        for topic, tag in tags.items():
            if topic in self._watched:
                polled, path = self._allowed[topic]
                body = self._bodies.read(polled, context, path, tag).model_dump(mode="json")
                changed[topic] = Changed(etag=tag, body=body)
            else:
                changed[topic] = Changed(etag=GONE, gone=True)
        return LiveAnswer(as_of=context.store.clock(), changed=changed)


def _only_missing(error: ProblemError) -> None:
    """A topic one may not have, or not any more, is gone; any other refusal is the request's."""
    if error.status not in (403, 404):
        raise error


def polled_endpoint(polled: PolledResource, reader: BatchReader, bodies: AnswerCache) -> Endpoint:
    """The plain Starlette endpoint of one polled resource."""

    async def respond(request: Request) -> Response:
        return await _when_new(request, reader, SingleQuery(request, polled, bodies))

    return respond


def live_endpoint(polls: Sequence[PolledResource], reader: BatchReader, bodies: AnswerCache) -> Endpoint:
    """What changed of several polled resources, in one request."""
    templates = [(polled.route.path.removeprefix(PREFIX + "/").split("/"), polled) for polled in polls]

    async def respond(request: Request) -> Response:
        return await _when_new(request, reader, MultiQuery(request, templates, bodies))

    return respond


async def _when_new(request: Request, reader: BatchReader, question: PollQuery) -> Response:
    """Look, and while there is nothing new and the caller prefers to wait, wait and look again, rights included."""
    notifier: Notifier = request.app.state.notifier
    clock = asyncio.get_running_loop().time
    poll_request = PollRequest(request, question)
    wait = preferred_wait(request)
    ends = clock() + (notifier.jittered_wait(wait) if wait else 0.0)
    rested = wait is None

    held: str | None = None
    try:
        while True:
            mark = notifier.mark()
            seen = await reader.read(poll_request)
            now = clock()
            client = (seen.principal.account, request.client, seen.topics)
            if seen.answer is not None:
                pause = 0.0 if rested or not seen.held else notifier.throttle_delay(client, now)
                if not pause:
                    notifier.record_answer(client, now)
                    return _waited(seen.answer, wait)
                # Answered a moment ago: what changes meanwhile comes with this answer (architecture.md 4.4).
                rested = True
                await asyncio.sleep(pause)
            elif now >= ends or notifier.closing:
                headers = {"cache-control": "no-cache", **({"etag": seen.etag} if seen.etag else {})}
                return _waited(Response(status_code=304, headers=headers), wait)
            else:
                credential = seen.principal.credential  # who comes by a local way may wait as often as they like
                if held is None and credential is not None:
                    notifier.acquire_slot(credential.id)
                    held = credential.id
                until = None if seen.until is None else max(0, seen.until - request.app.state.store.clock()) / 1000
                await notifier.wait(seen.topics, mark, until=until, most=ends - now, receive=request.receive)
    finally:
        if held is not None:
            notifier.release_slot(held)


def _waited(response: Response, wait: int | None) -> Response:
    if wait is not None:
        response.headers["preference-applied"] = f"wait={wait}"
    return response


def _json(answer: Answer, etag: str = "") -> Response:
    return _ready(answer.model_dump_json().encode(), etag)


def _ready(body: bytes, etag: str = "") -> Response:
    headers = {"cache-control": "no-cache", **({"etag": etag} if etag else {})}
    return Response(body, 200, headers, "application/json")


def _have(request: Request) -> dict[str, str]:
    held = [value.partition(";") for value in query_values(request, "have")]
    if not held:
        raise invalid_field("have", "missing", "Name at least one topic: have=<topic>;<etag>.")
    if len(held) > MOST_TOPICS:
        raise invalid_field("have", "too_long", f"At most {MOST_TOPICS} topics.")
    return {topic: tag for topic, _, tag in held}


def _find(templates: Templates, topic: str) -> tuple[PolledResource, dict[str, str]] | None:
    """The polled resource a topic names, and its path parameters."""
    parts = [unquote(part) for part in topic.split("/")]
    if any("\0" in part for part in parts):
        return None
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
    return None
