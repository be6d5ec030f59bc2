"""Looks at the store for all who were woken at one moment: one snapshot, and each thing in it is read once.

A change may wake thousands of clients. What they may (service/rights.py), which revisions there are and what a shared
answer says is the same for many of them, and a thread's turn costs more than most of the looks.
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
"""Looks in one snapshot: who comes with a slow one waits for it."""
THREADS = 2
"""More of them only fight over the interpreter."""


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one look at the store found: the answer (None: nothing new), what would make another look worth it, and
    whether the caller holds all of it already, so that an answer can wait its turn."""

    answer: Response | None
    principal: Principal
    topics: tuple[str, ...]
    until: int | None
    held: bool
    etag: str = ""


class PollQuery(Protocol):
    """What a request wants to know, however often it looks. Both may raise ServiceError."""

    def topics(self, context: RequestContext) -> Sequence[str]:
        """Judge the caller; what `answer` will ask the revisions of."""
        ...

    def answer(self, context: RequestContext) -> PollResult:
        """After `topics`, in the same snapshot."""
        ...


class PollRequest:
    """A request that looks, perhaps more than once."""

    __slots__ = ("key", "question", "request", "said")

    def __init__(self, request: Request, question: PollQuery) -> None:
        self.request = request
        self.question = question
        self.said = authentication.request_credentials(request)
        self.key = cache_key(self.said)


@dataclass(eq=False, slots=True)
class PendingRead:
    """One look under way."""

    by: PollRequest
    seen: "asyncio.Future[PollResult]"


@dataclass(eq=False)
class _Queue:
    """Those of one event loop who want to look."""

    limiter: CapacityLimiter
    waiting: deque[PendingRead] = field(default_factory=deque)
    working: int = 0
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)  # or nothing else would hold them


Outcome = PollResult | Exception


class BatchReader:
    """One for each application."""

    def __init__(self, store: Store, notifier: Notifier) -> None:
        self._store = store
        self._notifier = notifier
        self._rights = PrincipalCache()
        self._lock = threading.Lock()
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = WeakKeyDictionary()

    async def read(self, by: PollRequest) -> PollResult:
        """Look together with whoever wants to look now. Raises ServiceError."""
        loop = asyncio.get_running_loop()
        queue = self._queue(loop)
        read = PendingRead(by, loop.create_future())
        queue.waiting.append(read)
        if queue.working < THREADS:
            queue.working += 1
            task = loop.create_task(self._work(queue))
            queue.tasks.add(task)
            task.add_done_callback(queue.tasks.discard)
        return await read.seen

    def _queue(self, loop: asyncio.AbstractEventLoop) -> _Queue:
        with self._lock:
            queue = self._queues.get(loop)
            if queue is None:
                queue = self._queues[loop] = _Queue(CapacityLimiter(THREADS))
            return queue

    async def _work(self, queue: _Queue) -> None:
        try:
            while queue.waiting:
                some = [queue.waiting.popleft() for _ in range(min(LARGEST_BATCH, len(queue.waiting)))]
                reader = [read for read in some if not read.seen.done()]  # some may have gone away
                if reader:
                    await self._answer(queue, reader)
        finally:
            queue.working -= 1

    async def _answer(self, queue: _Queue, reader: Sequence[PendingRead]) -> None:
        outcomes: Sequence[Outcome]
        try:
            outcomes = await to_thread.run_sync(self._outcomes, [read.by for read in reader], limiter=queue.limiter)
        except Exception as error:
            outcomes = [error] * len(reader)
        except BaseException:
            for read in reader:
                read.seen.cancel()
            raise
        for read, outcome in zip(reader, outcomes, strict=True):
            if read.seen.done():
                continue
            if isinstance(outcome, Exception):
                read.seen.set_exception(outcome)
            else:
                read.seen.set_result(outcome)

    def _outcomes(self, requests: Sequence[PollRequest]) -> Sequence[Outcome]:
        """In a thread. When one look breaks the snapshot each is tried alone, so that only it fails."""
        due: dict[Hashable, Principal] = {}
        begun: list[PollRequest] = []

        def at_once(connection: Connection) -> Sequence[Outcome]:
            begun.clear()
            return self._in_snapshot(SnapshotStore(self._store, connection), requests, begun, due)

        try:
            outcomes = self._store.read(at_once)
        except Exception as error:
            if len(requests) == 1 or not begun:
                return [error] * len(requests)
            return [outcome for one in requests for outcome in self._outcomes([one])]
        if due:
            authentication.note_session_use(self._store, due.values())
            for key in due:
                self._rights.forget(key)
        return outcomes

    def _in_snapshot(
        self,
        snapshot: SnapshotStore,
        requests: Sequence[PollRequest],
        begun: list[PollRequest],
        due: dict[Hashable, Principal],
    ) -> Sequence[Outcome]:
        now = self._store.clock()
        memo: dict[Hashable, Any] = {}
        calls: list[RequestContext | Exception] = []
        snapshot.numbers([topic for one in requests for topic in self._rights.topics(one.key)])
        asked: list[str] = []
        for one in requests:
            begun.append(one)
            try:
                principal = self._rights.of(snapshot, one.said, one.key, now)
                context = RequestContext(snapshot, principal, self._notifier, one.request, memo)
                asked.extend(one.question.topics(context))
            except ProblemError as error:
                calls.append(error)
                continue
            if authentication.is_use_due(principal, now):
                due[one.key] = principal
            calls.append(context)
        snapshot.numbers(asked)
        outcomes: list[Outcome] = []
        for one, judged in zip(requests, calls, strict=True):
            try:
                outcomes.append(judged if isinstance(judged, Exception) else one.question.answer(judged))
            except ProblemError as error:
                outcomes.append(error)
        return outcomes
