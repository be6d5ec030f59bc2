"""Waiting for changes: revision topics → waiters, on whichever event loop they wait (architecture.md 4.4).

Commits are reported from the store's threads; waiters live on the loops of uvicorn, of the Unix socket and of the
screens. Take a `mark` before looking, look, then `subscribe(topics, mark)`: what was committed in between wakes at
once.
"""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from types import TracebackType

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from octui.schema.problems import Code
from octui.server.core.errors import too_many_requests
from octui.server.database.store import Store

ANSWER_EVERY = 0.25
"""Seconds between two answers to one waiting client: four a second (architecture.md 4.4)."""

_REMEMBERED = 20_000


MOST_HELD = 8
"""Requests of one session or token that may wait at a time."""
_RETRY_AFTER_S = 5


class Waiter:
    """One waiter on some topics; made and awaited on one event loop. A context manager."""

    __slots__ = ("_limit", "_notifier", "loop", "topics", "woken")

    def __init__(self, notifier: "Notifier", topics: tuple[str, ...], loop: asyncio.AbstractEventLoop) -> None:
        self._notifier = notifier
        self._limit: asyncio.Timeout | None = None
        self.topics = topics
        self.loop = loop
        self.woken = False

    def __enter__(self) -> "Waiter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._notifier.remove_waiter(self)

    def wake(self) -> None:
        """On the waiter's own loop."""
        self.woken = True
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(self.loop.time())

    async def wait(self, seconds: float, receive: Receive | None = None) -> bool:
        """True: something changed (or everybody was woken); False: `seconds` went by. `receive`: the client's messages;
        raises ClientDisconnect when one says that there is nobody to answer any more."""
        if not self.woken and seconds > 0:
            try:
                async with asyncio.timeout(seconds) as self._limit:
                    if receive is None:
                        await self.loop.create_future()
                    else:
                        while (await receive())["type"] != "http.disconnect":
                            pass
                raise ClientDisconnect
            except TimeoutError:
                pass
            finally:
                self._limit = None
        return self.woken


class Notifier:
    """The notifier of one process. Thread-safe."""

    def __init__(self, store: Store, *, jitter: Callable[[], float] = random.random) -> None:
        """`jitter` gives 0 ≤ x < 1: waits are shortened by up to a fifth, so that clients do not come back in step."""
        self._lock = threading.Lock()
        self._waiters: dict[str, set[Waiter]] = {}
        self._serial = 0
        self._last: dict[str, int] = {}
        self._everybody = 0  # serial of the last time all were woken
        self._answered: dict[Hashable, float] = {}
        self._held: Counter[str] = Counter()
        self._jitter = jitter
        self.closing = False
        self.waiting = 0
        self.woken = 0
        store.on_commit(self.notify)

    def mark(self) -> int:
        """Where the commits are now; to be taken before looking at the store."""
        return self._serial

    def notify(self, revisions: Iterable[str]) -> None:
        """Wake those who wait for one of the topics. Called by the store after each commit, on any thread."""
        with self._lock:
            self._serial += 1
            found: set[Waiter] = set()
            for topic in revisions:
                self._last[topic] = self._serial
                found |= self._waiters.get(topic, _NOBODY)
            self._wake_waiters(found)

    def wake_all(self) -> None:
        """Let everybody look again: after lost notifications, or when the clock was set."""
        with self._lock:
            self._serial += 1
            self._everybody = self._serial
            self._wake_waiters({waiter for waiters in self._waiters.values() for waiter in waiters})

    def close(self) -> None:
        """Answer everybody now and let nobody wait any more: uvicorn drains only after that (SIGTERM)."""
        self.closing = True
        self.wake_all()

    def add_waiter(self, topics: Iterable[str], mark: int) -> Waiter:
        """Wait on the running loop for commits after `mark` that touch one of `topics`."""
        waiter = Waiter(self, tuple(topics), asyncio.get_running_loop())
        with self._lock:
            self.waiting += 1
            for topic in waiter.topics:
                self._waiters.setdefault(topic, set()).add(waiter)
            newest = max((self._last.get(topic, 0) for topic in waiter.topics), default=0)
            waiter.woken = max(newest, self._everybody) > mark
        return waiter

    def remove_waiter(self, waiter: Waiter) -> None:
        """Forget a waiter."""
        with self._lock:
            self.waiting -= 1
            for topic in waiter.topics:
                waiters = self._waiters.get(topic)
                if waiters is not None:
                    waiters.discard(waiter)
                    if not waiters:
                        del self._waiters[topic]

    async def wait(
        self,
        topics: Iterable[str],
        mark: int,
        *,
        until: float | None = None,
        most: float,
        receive: Receive | None = None,
    ) -> bool:
        """Wait for a commit after `mark`, at most `most` seconds and at most `until` seconds from now; `receive` as in
        `Subscription.wait`."""
        if self.closing:
            return True
        with self.add_waiter(topics, mark) as waiter:
            return await waiter.wait(most if until is None else min(most, until), receive)

    def acquire_slot(self, credential: str) -> None:
        """A request of this session or token begins to wait. Raises 429."""
        with self._lock:
            if self._held[credential] >= MOST_HELD:
                raise too_many_requests(Code.TOO_BUSY, "Too many requests of this session wait", _RETRY_AFTER_S)
            self._held[credential] += 1

    def release_slot(self, credential: str) -> None:
        """A request for which `hold` was called waits no more."""
        with self._lock:
            self._held[credential] -= 1
            if not self._held[credential]:
                del self._held[credential]

    def jittered_wait(self, seconds: float) -> float:
        """A wait asked for, as it is kept."""
        return seconds * (1 - 0.2 * self._jitter())

    def throttle_delay(self, client: Hashable, now: float) -> float:
        """Seconds until `client` may be answered again (`now`: the loop's clock); 0 when it need not wait."""
        if self.closing:
            return 0.0
        return max(0.0, self._answered.get(client, now - ANSWER_EVERY) + ANSWER_EVERY - now)

    def record_answer(self, client: Hashable, now: float) -> None:
        """Note an answer to `client`."""
        with self._lock:
            if len(self._answered) >= _REMEMBERED:
                self._answered = {who: at for who, at in self._answered.items() if now - at < ANSWER_EVERY}
            self._answered[client] = now

    def _wake_waiters(self, waiters: set[Waiter]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[Waiter]] = {}
        for waiter in waiters:
            loops.setdefault(waiter.loop, []).append(waiter)
        self.woken += len(waiters)
        for loop, group in loops.items():
            if not loop.is_closed():
                try:
                    loop.call_soon_threadsafe(_wake, group)
                except RuntimeError:  # closed in this very moment: nobody waits on it any more
                    continue


_NOBODY: frozenset[Waiter] = frozenset()


def _wake(waiters: list[Waiter]) -> None:
    for waiter in waiters:
        waiter.wake()
