"""Notifier that wakes waiting requests on their event loops after a commit to their topics (architecture.md 4.4).

Commits are reported from the store's threads; waiters live on the loops of uvicorn, of the Unix socket and of the
screens. Take a `mark` before reading, read, then `add_waiter(topics, mark)`: a commit in between wakes at once.
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

_REMEMBERED_CLIENTS = 20_000

MOST_HELD = 8
"""Requests of one session or token that may wait at a time."""
_RETRY_AFTER_S = 5


class Waiter:
    """A request that waits for topics, made and awaited on one event loop; a context manager."""

    __slots__ = ("_notifier", "_timeout", "loop", "topics", "woken")

    def __init__(self, notifier: "Notifier", topics: tuple[str, ...], loop: asyncio.AbstractEventLoop) -> None:
        self._notifier = notifier
        self._timeout: asyncio.Timeout | None = None
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
        """End the wait. Call it on the waiter's event loop."""
        self.woken = True
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(self.loop.time())

    async def wait(self, seconds: float, receive: Receive | None = None) -> bool:
        """Return True once a topic changed or every waiter was woken, False after `seconds`.

        `receive` gives the client's messages; raises ClientDisconnect when one says that the client is gone.
        """
        if not self.woken and seconds > 0:
            try:
                async with asyncio.timeout(seconds) as self._timeout:
                    if receive is None:
                        await self.loop.create_future()
                    else:
                        while (await receive())["type"] != "http.disconnect":
                            pass
                raise ClientDisconnect
            except TimeoutError:
                pass
            finally:
                self._timeout = None
        return self.woken


class Notifier:
    """Registry of the waiters of one process, woken by commits. Thread-safe."""

    def __init__(self, store: Store, *, jitter: Callable[[], float] = random.random) -> None:
        """Create a notifier that listens to the store's commits.

        `jitter` gives 0 ≤ x < 1: waits are shortened by up to a fifth, so that clients do not come back in step.
        """
        self._lock = threading.Lock()
        self._waiters: dict[str, set[Waiter]] = {}
        self._serial = 0
        self._last_serial: dict[str, int] = {}
        self._last_wake_all = 0
        self._last_answer: dict[Hashable, float] = {}
        self._slots: Counter[str] = Counter()
        self._jitter = jitter
        self.closing = False
        self.waiting = 0
        self.woken = 0
        store.on_commit(self.notify)

    def mark(self) -> int:
        """Return the serial number of the last commit, to be read before the database is."""
        return self._serial

    def notify(self, topics: Iterable[str]) -> None:
        """Wake the waiters of these topics; the store calls it after each commit, on any thread."""
        with self._lock:
            self._serial += 1
            waiters: set[Waiter] = set()
            for topic in topics:
                self._last_serial[topic] = self._serial
                waiters |= self._waiters.get(topic, _NO_WAITERS)
            self._wake_waiters(waiters)

    def wake_all(self) -> None:
        """Wake every waiter to read again, after lost notifications or when the clock was set."""
        with self._lock:
            self._serial += 1
            self._last_wake_all = self._serial
            self._wake_waiters({waiter for waiters in self._waiters.values() for waiter in waiters})

    def close(self) -> None:
        """Wake all waiters and refuse new ones, so that uvicorn can drain (SIGTERM)."""
        self.closing = True
        self.wake_all()

    def add_waiter(self, topics: Iterable[str], mark: int) -> Waiter:
        """Return a waiter, on the running loop, for commits after `mark` that touch one of `topics`."""
        waiter = Waiter(self, tuple(topics), asyncio.get_running_loop())
        with self._lock:
            self.waiting += 1
            for topic in waiter.topics:
                self._waiters.setdefault(topic, set()).add(waiter)
            newest = max((self._last_serial.get(topic, 0) for topic in waiter.topics), default=0)
            waiter.woken = max(newest, self._last_wake_all) > mark
        return waiter

    def remove_waiter(self, waiter: Waiter) -> None:
        """Remove a waiter, which is then woken no more."""
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
        """Wait for a commit to `topics` newer than serial number `mark`; return False when time runs out first.

        `receive` and the value are those of `Waiter.wait`.
        """
        if self.closing:
            return True
        with self.add_waiter(topics, mark) as waiter:
            return await waiter.wait(most if until is None else min(most, until), receive)

    def acquire_slot(self, credential: str) -> None:
        """Count a waiting request of a session or token. Raises 429 if that has too many."""
        with self._lock:
            if self._slots[credential] >= MOST_HELD:
                raise too_many_requests(Code.TOO_BUSY, "Too many requests of this session wait", _RETRY_AFTER_S)
            self._slots[credential] += 1

    def release_slot(self, credential: str) -> None:
        """Uncount a request that no longer waits. Call it once for each `acquire_slot`."""
        with self._lock:
            self._slots[credential] -= 1
            if not self._slots[credential]:
                del self._slots[credential]

    def jittered_wait(self, seconds: float) -> float:
        """Return a long poll's wait: the `seconds` that the client asked for, shortened at random by up to a fifth."""
        return seconds * (1 - 0.2 * self._jitter())

    def throttle_delay(self, client: Hashable, now: float) -> float:
        """Return the seconds until `client` may be answered again (`now`: the loop's clock)."""
        if self.closing:
            return 0.0
        return max(0.0, self._last_answer.get(client, now - ANSWER_EVERY) + ANSWER_EVERY - now)

    def record_answer(self, client: Hashable, now: float) -> None:
        """Record that `client` was answered at `now`, for `throttle_delay`."""
        with self._lock:
            if len(self._last_answer) >= _REMEMBERED_CLIENTS:
                self._last_answer = {key: at for key, at in self._last_answer.items() if now - at < ANSWER_EVERY}
            self._last_answer[client] = now

    def _wake_waiters(self, waiters: set[Waiter]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[Waiter]] = {}
        for waiter in waiters:
            by_loop.setdefault(waiter.loop, []).append(waiter)
        self.woken += len(waiters)
        for loop, group in by_loop.items():
            if not loop.is_closed():
                try:
                    loop.call_soon_threadsafe(_wake_group, group)
                except RuntimeError:  # closed in this very moment: nobody waits on it any more
                    continue


_NO_WAITERS: frozenset[Waiter] = frozenset()


def _wake_group(waiters: list[Waiter]) -> None:
    for waiter in waiters:
        waiter.wake()
