"""Reader that answers many woken long-poll requests from one database snapshot (architecture.md 4.4).

A change may wake thousands of clients. Their rights (identity/principal_cache.py), the revisions and a shared answer
are the same for many of them, so each is read once in a snapshot; a worker thread for every single request would cost
more than most of the reads.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from octui.server.core.errors import ProblemError
from octui.server.core.principal import Principal
from octui.server.database.store import Store
from octui.server.database.store_views import SnapshotStore
from octui.server.identity import authentication
from octui.server.identity.principal_cache import PrincipalCache, cache_key
from octui.server.web.operations import RequestContext
from octui.server.web.waiters import Notifier

LARGEST_BATCH = 64
"""Requests in one snapshot. All of them wait for the slowest one, so the number is small."""
THREADS = 2
"""Worker threads for each event loop; more would only compete for the interpreter."""


@dataclass(frozen=True, slots=True)
class PollResult:
    """Result of reading for a long poll: an answer, or the topics whose change it waits for.

    `answer` is None when nothing is new. `topics` and `until` (epoch ms) say when another read is worth it.
    `has_previous`: the client sent an ETag for everything, so a throttled answer may come later.
    """

    answer: Response | None
    principal: Principal
    topics: tuple[str, ...]
    until: int | None
    has_previous: bool
    etag: str = ""


class PollQuery(Protocol):
    """Protocol of what a long poll asks for, the same at every read. Methods may raise ProblemError."""

    def find_topics(self, context: RequestContext) -> Sequence[str]:
        """Authorize the caller and return the topics whose revisions `build_result` needs."""

    def build_result(self, context: RequestContext) -> PollResult:
        """Return the answer, or the topics to wait for. Call it after `find_topics`, in the same snapshot."""


class PollRequest:
    """A polling request: read once, or again each time that a change wakes it."""

    __slots__ = ("credentials", "key", "query", "request")

    def __init__(self, request: Request, query: PollQuery) -> None:
        self.request = request
        self.query = query
        self.credentials = authentication.request_credentials(request)
        self.key = cache_key(self.credentials)


@dataclass(eq=False, slots=True)
class PendingRead:
    """A polling request that waits for its turn to be read, and the future of its result."""

    poll: PollRequest
    result: "asyncio.Future[PollResult]"


@dataclass(eq=False)
class _Queue:
    """The polling requests of one event loop that wait to be read."""

    limiter: CapacityLimiter
    pending: deque[PendingRead] = field(default_factory=deque)
    workers: int = 0
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)  # the loop itself holds tasks only weakly


Outcome = PollResult | Exception


class BatchReader:
    """Reader that answers polling requests in batches; an application has one."""

    def __init__(self, store: Store, notifier: Notifier) -> None:
        self._store = store
        self._notifier = notifier
        self._principals = PrincipalCache()
        self._lock = threading.Lock()
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = WeakKeyDictionary()

    async def read(self, poll: PollRequest) -> PollResult:
        """Return a polling request's result, read in one snapshot with other pending ones. Raises ProblemError."""
        loop = asyncio.get_running_loop()
        queue = self._queue_of(loop)
        pending = PendingRead(poll, loop.create_future())
        queue.pending.append(pending)
        if queue.workers < THREADS:
            queue.workers += 1
            task = loop.create_task(self._work_off(queue))
            queue.tasks.add(task)
            task.add_done_callback(queue.tasks.discard)
        return await pending.result

    def _queue_of(self, loop: asyncio.AbstractEventLoop) -> _Queue:
        with self._lock:
            queue = self._queues.get(loop)
            if queue is None:
                queue = self._queues[loop] = _Queue(CapacityLimiter(THREADS))
            return queue

    async def _work_off(self, queue: _Queue) -> None:
        try:
            while queue.pending:
                batch = [queue.pending.popleft() for _ in range(min(LARGEST_BATCH, len(queue.pending)))]
                reads = [read for read in batch if not read.result.done()]  # a client may have disconnected
                if reads:
                    await self._serve_batch(queue, reads)
        finally:
            queue.workers -= 1

    async def _serve_batch(self, queue: _Queue, reads: Sequence[PendingRead]) -> None:
        outcomes: Sequence[Outcome]
        try:
            polls = [read.poll for read in reads]
            outcomes = await to_thread.run_sync(self._read_batch, polls, limiter=queue.limiter)
        except Exception as error:
            outcomes = [error] * len(reads)
        except BaseException:
            for read in reads:
                read.result.cancel()
            raise
        for read, outcome in zip(reads, outcomes, strict=True):
            if read.result.done():
                continue
            if isinstance(outcome, Exception):
                read.result.set_exception(outcome)
            else:
                read.result.set_result(outcome)

    def _read_batch(self, polls: Sequence[PollRequest]) -> Sequence[Outcome]:
        """Read polling requests in a worker thread; if one breaks the snapshot, read each on its own."""
        due: dict[Hashable, Principal] = {}
        begun: list[PollRequest] = []

        def read_all(connection: Connection) -> Sequence[Outcome]:
            begun.clear()
            return self._in_snapshot(SnapshotStore(self._store, connection), polls, begun, due)

        try:
            outcomes = self._store.read(read_all)
        except Exception as error:
            if len(polls) == 1 or not begun:
                return [error] * len(polls)
            return [outcome for poll in polls for outcome in self._read_batch([poll])]
        if due:
            authentication.note_session_use(self._store, due.values())
            for key in due:
                self._principals.discard(key)
        return outcomes

    def _in_snapshot(
        self,
        snapshot: SnapshotStore,
        polls: Sequence[PollRequest],
        begun: list[PollRequest],
        due: dict[Hashable, Principal],
    ) -> Sequence[Outcome]:
        now = self._store.clock()
        memo: dict[Hashable, Any] = {}
        contexts: list[RequestContext | Exception] = []
        # All revisions are loaded with two queries: those of the callers' rights, then those of what they ask for.
        snapshot.revision_numbers([topic for poll in polls for topic in self._principals.topics_of(poll.key)])
        topics: list[str] = []
        for poll in polls:
            begun.append(poll)
            try:
                principal = self._principals.load(snapshot, poll.credentials, poll.key, now)
                context = RequestContext(snapshot, principal, self._notifier, poll.request, memo)
                topics.extend(poll.query.find_topics(context))
            except ProblemError as error:
                contexts.append(error)
                continue
            if authentication.is_use_due(principal, now):
                due[poll.key] = principal
            contexts.append(context)
        snapshot.revision_numbers(topics)
        outcomes: list[Outcome] = []
        for poll, outcome in zip(polls, contexts, strict=True):
            try:
                outcomes.append(outcome if isinstance(outcome, Exception) else poll.query.build_result(outcome))
            except ProblemError as error:
                outcomes.append(error)
        return outcomes
