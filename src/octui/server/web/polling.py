"""Conditional GET and long polling (ETag, If-None-Match, `Prefer: wait=N`) of one resource or, by /live, of several."""

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
    """Cache of each shared resource's newest answer, so that a thousand woken clients cause one read."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: dict[tuple[str, ...], tuple[str, Answer]] = {}
        self._locks: dict[tuple[str, ...], Lock] = {}

    def read(self, polled: PolledResource, context: RequestContext, path: dict[str, str], etag: str) -> Answer:
        """Return the answer for the just computed `etag`, from the cache if possible; the caller is authorized."""
        if not _is_shared(polled, context):
            return polled.read(context, path)
        key = polled.route.name, *path.values()
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            cached = self._answers.get(key)
            if cached is None or cached[0] != etag:
                cached = self._answers[key] = etag, polled.read(context, path)
            return cached[1]


def _is_shared(polled: PolledResource, context: RequestContext) -> bool:
    """Return whether all authorized callers get the same answer; with query parameters they do not."""
    return polled.shared and not any(query_values(context.request, name) for name in polled.query)


def _load_poll_key(polled: PolledResource, context: RequestContext, path: dict[str, str]) -> PollKey:
    """Return the PollKey of a resource; computed once a batch if the answer is shared."""
    if not _is_shared(polled, context):
        return polled.poll_key(context, path)
    memo_key = "poll key", polled.route.name, *path.values()
    poll_key: PollKey | None = context.memo.get(memo_key)
    if poll_key is None:
        poll_key = context.memo[memo_key] = polled.poll_key(context, path)
    return poll_key


def preferred_wait(request: Request) -> int | None:
    """Return the seconds in the header `Prefer: wait=N`, at most 30; None without this header."""
    match = _WAIT.search(",".join(request.headers.getlist("prefer")))
    return min(int(match[1]), LONGEST_WAIT) if match else None


def client_etags(request: Request) -> frozenset[str]:
    """Return the ETags in `If-None-Match`, without the `W/` of weak ones."""
    header = ",".join(request.headers.getlist("if-none-match"))
    return frozenset(part.strip().removeprefix("W/") for part in header.split(",") if part.strip())


class SingleQuery:
    """Poll query for one resource, with the ETags of `If-None-Match`."""

    __slots__ = ("_answers", "_path", "_poll_key", "_polled", "_request")

    def __init__(self, request: Request, polled: PolledResource, answers: AnswerCache) -> None:
        self._request = request
        self._polled = polled
        self._answers = answers

    def find_topics(self, context: RequestContext) -> Sequence[str]:
        self._path = path_parameters(self._request)
        policy.authorize(self._polled.route, context.principal, self._path)
        self._poll_key = _load_poll_key(self._polled, context, self._path)
        return self._poll_key.topics

    def build_result(self, context: RequestContext) -> PollResult:
        poll_key = self._poll_key
        etag = poll_key.etag(context.store.revisions(list(poll_key.topics)))
        etags = client_etags(self._request)
        answer = None
        if etag not in etags and "*" not in etags:
            answer = _json_response(self._answers.read(self._polled, context, self._path, etag), etag)
        topics = (*poll_key.topics, me_topic(context.principal.account))
        return PollResult(answer, context.principal, topics, poll_key.until, bool(etags), etag)


class MultiQuery:
    """Poll query for several resources: `GET /live?have=<topic>;<etag>&have=…`."""

    __slots__ = ("_allowed", "_answers", "_authorized_for", "_have", "_poll_keys", "_request", "_templates")

    def __init__(self, request: Request, templates: Templates, answers: AnswerCache) -> None:
        self._request = request
        self._templates = templates
        self._answers = answers
        self._have: dict[str, str] | None = None
        self._poll_keys: dict[str, PollKey] = {}
        self._allowed: dict[str, tuple[PolledResource, dict[str, str]]] = {}
        self._authorized_for: Principal | None = None

    def find_topics(self, context: RequestContext) -> Sequence[str]:
        if self._authorized_for is not context.principal:
            self._authorize_topics(context.principal)
        self._poll_keys = {}
        for topic, (polled, path) in self._allowed.items():
            try:
                self._poll_keys[topic] = _load_poll_key(polled, context, path)
            except ProblemError as error:
                _raise_unless_missing(error)
        return [name for poll_key in self._poll_keys.values() for name in poll_key.topics]

    def _authorize_topics(self, principal: Principal) -> None:
        """Match each requested topic with its resource, and keep those that the caller may read."""
        policy.authorize(BY_NAME["live"], principal, {})
        if self._have is None:
            self._have = _parse_have(self._request)
        self._allowed = {}
        for topic in self._have:
            match = _match_resource(self._templates, topic)
            if match is not None:
                try:
                    policy.authorize(match[0].route, principal, match[1])
                    self._allowed[topic] = match
                except ProblemError as error:
                    _raise_unless_missing(error)
        self._authorized_for = principal

    def build_result(self, context: RequestContext) -> PollResult:
        have = self._have or {}
        poll_keys = self._poll_keys
        tags = {topic: GONE for topic in have if topic not in poll_keys}
        for topic, poll_key in poll_keys.items():
            tags[topic] = poll_key.etag(context.store.revisions(list(poll_key.topics)))
        changed = {topic: tag for topic, tag in tags.items() if tag != have[topic]}
        account = context.principal.account
        topics = {name for poll_key in poll_keys.values() for name in poll_key.topics} | {me_topic(account), SERVICES}
        until = min((poll_key.until for poll_key in poll_keys.values() if poll_key.until is not None), default=None)
        answer = self._changed_response(context, changed) if changed else None
        self._poll_keys = {}  # not kept in memory while the request waits
        return PollResult(answer, context.principal, tuple(sorted(topics)), until, all(have.values()))

    def _changed_response(self, context: RequestContext, tags: dict[str, str]) -> Response:
        if not all(_is_shared(self._allowed[topic][0], context) for topic in tags if topic in self._poll_keys):
            return _json_response(self._read_changed(context, tags))
        memo_key = "live", *tags.items()
        if memo_key not in context.memo:
            context.memo[memo_key] = self._read_changed(context, tags).model_dump_json().encode()
        return _body_response(context.memo[memo_key])

    def _read_changed(self, context: RequestContext, tags: dict[str, str]) -> LiveAnswer:
        changed: dict[str, Changed] = {}
        for topic, tag in tags.items():
            if topic in self._poll_keys:
                polled, path = self._allowed[topic]
                body = self._answers.read(polled, context, path, tag).model_dump(mode="json")
                changed[topic] = Changed(etag=tag, body=body)
            else:
                changed[topic] = Changed(etag=GONE, gone=True)
        return LiveAnswer(as_of=context.store.clock(), changed=changed)


def _raise_unless_missing(error: ProblemError) -> None:
    """Raise the error, unless it hides a topic from the caller, which is then reported as gone."""
    if error.status not in (403, 404):
        raise error


def polled_endpoint(polled: PolledResource, reader: BatchReader, answers: AnswerCache) -> Endpoint:
    """Return the Starlette endpoint of one resource that clients can long-poll."""

    async def handle_request(request: Request) -> Response:
        return await _answer_when_changed(request, reader, SingleQuery(request, polled, answers))

    return handle_request


def live_endpoint(polls: Sequence[PolledResource], reader: BatchReader, answers: AnswerCache) -> Endpoint:
    """Return the endpoint of `/live`, a long poll for several resources that answers with the changed ones."""
    templates = [(polled.route.path.removeprefix(PREFIX + "/").split("/"), polled) for polled in polls]

    async def handle_request(request: Request) -> Response:
        return await _answer_when_changed(request, reader, MultiQuery(request, templates, answers))

    return handle_request


async def _answer_when_changed(request: Request, reader: BatchReader, query: PollQuery) -> Response:
    """Answer at once if the client's ETags are outdated, else after a change; rights are read each time."""
    notifier: Notifier = request.app.state.notifier
    clock = asyncio.get_running_loop().time
    poll = PollRequest(request, query)
    wait = preferred_wait(request)
    ends = clock() + (notifier.jittered_wait(wait) if wait else 0.0)
    may_throttle = wait is not None
    slot: str | None = None
    try:
        while True:
            mark = notifier.mark()
            result = await reader.read(poll)
            now = clock()
            client = (result.principal.account, request.client, result.topics)
            if result.answer is not None:
                delay = notifier.throttle_delay(client, now) if may_throttle and result.has_previous else 0.0
                if not delay:
                    notifier.record_answer(client, now)
                    return _with_wait_applied(result.answer, wait)
                # Answered a moment ago: what changes meanwhile comes with this answer (architecture.md 4.4).
                may_throttle = False
                await asyncio.sleep(delay)
            elif now >= ends or notifier.closing:
                headers = {"cache-control": "no-cache", **({"etag": result.etag} if result.etag else {})}
                return _with_wait_applied(Response(status_code=304, headers=headers), wait)
            else:
                credential = result.principal.credential  # local connections have none and no limit
                if slot is None and credential is not None:
                    notifier.acquire_slot(credential.id)
                    slot = credential.id
                until = None if result.until is None else max(0, result.until - request.app.state.store.clock()) / 1000
                await notifier.wait(result.topics, mark, until=until, most=ends - now, receive=request.receive)
    finally:
        if slot is not None:
            notifier.release_slot(slot)


def _with_wait_applied(response: Response, wait: int | None) -> Response:
    if wait is not None:
        response.headers["preference-applied"] = f"wait={wait}"
    return response


def _json_response(answer: Answer, etag: str = "") -> Response:
    return _body_response(answer.model_dump_json().encode(), etag)


def _body_response(body: bytes, etag: str = "") -> Response:
    headers = {"cache-control": "no-cache", **({"etag": etag} if etag else {})}
    return Response(body, 200, headers, "application/json")


def _parse_have(request: Request) -> dict[str, str]:
    """Return the client's ETag for each topic in the query parameters `have`, empty for none. Raises 422."""
    values = [value.partition(";") for value in query_values(request, "have")]
    if not values:
        raise invalid_field("have", "missing", "Name at least one topic: have=<topic>;<etag>.")
    if len(values) > MOST_TOPICS:
        raise invalid_field("have", "too_long", f"At most {MOST_TOPICS} topics.")
    return {topic: tag for topic, _, tag in values}


def _match_resource(templates: Templates, topic: str) -> tuple[PolledResource, dict[str, str]] | None:
    """Return the resource that a topic names, with its path parameters, or None."""
    parts = [unquote(part) for part in topic.split("/")]
    if any("\0" in part for part in parts):
        return None
    for template, polled in templates:
        if len(template) == len(parts):
            path: dict[str, str] = {}
            for pattern, part in zip(template, parts, strict=True):
                if pattern.startswith("{"):
                    path[pattern.strip("{}")] = part
                elif pattern != part:
                    break
            else:
                return polled, path
    return None
