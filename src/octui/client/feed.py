"""The polling loop (architecture.md 4.4): screens lease topics, one long poll waits for all of them.

The app runs `run()` in one task. Only one request is under way at any time. All times are seconds of the injected
clock, which must be the one that judges freshness too.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from octui.client.api import LiveReply
from octui.client.backoff import full_jitter
from octui.client.errors import BadAnswer, ClientError, Refused, SignInNeeded, Throttled, Unreachable
from octui.schema.live import Changed

WAIT_S = 25
INTERVAL_S = 2.0
SHORTEST_GAP_S = 0.25
STALL_S = 2.0

_log = logging.getLogger(__name__)

Ask = Callable[[Mapping[str, str], int], Awaitable[LiveReply]]
"""`Api.live`: the ETags held by topic ("": none) and the seconds to wait."""

Callback = Callable[[str, dict[str, Any] | None, str], None]
"""Is told the topic, its body (None: it may no longer be read) and its ETag."""


@dataclass(frozen=True)
class Health:
    """Health of the loop. `attempt` counts failures since the last success; `failing_since` is the first of them.

    `gap`: the longest time between two successes while all is well. `next_try` is None while a request is under way
    and while none is to be sent.
    """

    last_success: float | None = None
    failing_since: float | None = None
    attempt: int = 0
    error: ClientError | None = None
    next_try: float | None = None
    gap: float = INTERVAL_S


class Lease:
    """A screen's declaration that it shows a topic, until closed. A context manager."""

    def __init__(self, feed: "Feed", topic: str, callback: Callback) -> None:
        self._feed = feed
        self.topic = topic
        self.callback = callback

    def close(self) -> None:
        """End the lease: no callback comes after this. Closing twice does nothing."""
        self._feed._end_lease(self)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Topic:
    def __init__(self) -> None:
        self.leases: list[Lease] = []
        self.latest: Changed | None = None


class Feed:
    """Polls the leased topics, tells the lease holders what changed, and keeps trying when the server fails."""

    def __init__(
        self,
        ask: Ask,
        *,
        clock: Callable[[], float],
        wait: int = WAIT_S,
        interval: float = INTERVAL_S,
        on_health: Callable[[Health], None] | None = None,
        on_time: Callable[[int], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Create a feed; `on_health` gets every change of `health`, `on_time` the server's clock (epoch ms).

        `wait`: seconds the server may hold a reply; `interval`: between requests to a server that does not hold them.
        """
        self._ask = ask
        self._clock = clock
        self._wait = wait
        self._interval = interval
        self._on_health = on_health
        self._on_time = on_time
        self._sleep = sleep
        self._draw = draw
        self._topics: dict[str, _Topic] = {}
        # The server is taken to hold replies until shown otherwise: a first wait without a change is no silence.
        self._health = Health(gap=float(wait))
        self._latch = asyncio.Event()
        self._invalidated = asyncio.Event()
        self._generation = 0
        self._pauses = 0
        self._requesting = False
        self._signed_out = False
        self._silent_until: float | None = None
        self._started: float | None = None
        self._due = 0.0

    @property
    def health(self) -> Health:
        return self._health

    @property
    def topics(self) -> frozenset[str]:
        """The topics leased now."""
        return frozenset(self._topics)

    def lease(self, topic: str, callback: Callback) -> Lease:
        """Lease the topic; its last known answer, if any, is delivered soon, from the event loop."""
        lease = Lease(self, topic, callback)
        entry = self._topics.setdefault(topic, _Topic())
        entry.leases.append(lease)
        if entry.latest is None:
            self._latch.set()
        else:
            asyncio.get_running_loop().call_soon(self._dispatch_known, lease)
        return lease

    def nudge(self) -> None:
        """Cancel the running long poll and send a request now; many calls at once make one request."""
        for entry in self._topics.values():
            if entry.latest is not None and entry.latest.gone:
                entry.latest = None
        self._latch.set()

    def pause(self) -> None:
        """Stop polling before a user's write; an answer under way may be older than the write and is dropped."""
        self._pauses += 1
        self._invalidate_pending()

    def resume(self) -> None:
        """End one `pause`; after the last one a request is sent at once."""
        if not self._pauses:
            raise RuntimeError("resume without pause")
        self._pauses -= 1
        self._latch.set()

    @contextmanager
    def pause_block(self) -> Iterator[None]:
        """Pause the feed during a block."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def restart(self, ask: Ask | None = None) -> None:
        """Start again for another person, organization or server: forget all ETags and send a request."""
        if ask is not None:
            self._ask = ask
        for entry in self._topics.values():
            entry.latest = None
        self._signed_out = False
        self._silent_until = None
        self._set_health(Health(gap=float(self._wait)))
        self._invalidate_pending()
        self._latch.set()

    async def run(self) -> None:
        """Poll until canceled."""
        while True:
            if self._is_idle():
                await self._latch.wait()
                if self._is_idle():
                    self._latch.clear()
                continue
            delay = self._seconds_until_due()
            if delay > 0:
                self._invalidated.clear()
                await self._run_unless(self._invalidated if self._latch.is_set() else self._latch, self._sleep(delay))
                continue
            # After a failure a long poll would leave the screens waiting although the server is back.
            short = self._latch.is_set() or self._health.attempt > 0
            await self._poll(0 if short else self._wait)

    async def poll_once(self) -> bool:
        """Send one short request now, without pacing: for tests and commands. True if it was answered."""
        if self._requesting:
            raise RuntimeError("run() is asking already")
        if self._is_idle():
            return False
        return await self._poll(0)

    def _is_idle(self) -> bool:
        return self._pauses > 0 or self._signed_out or not self._held_etags()

    def _seconds_until_due(self) -> float:
        now = self._clock()
        if self._silent_until is not None:
            if now < self._silent_until:
                return self._silent_until - now
            self._silent_until = None
        due = now if self._latch.is_set() else self._due
        if self._started is not None:
            due = max(due, self._started + SHORTEST_GAP_S)
        return due - now

    def _held_etags(self) -> dict[str, str]:
        """Return the ETags to send, without those of topics that are gone, which wait for a nudge."""
        known_topics = ((topic, entry.latest) for topic, entry in self._topics.items())
        return {
            topic: known.etag if known is not None else ""
            for topic, known in known_topics
            if known is None or known.etag or not known.gone
        }

    async def _poll(self, wait: int) -> bool:
        """Send one request. A long poll is canceled by `nudge`; a short request only by `restart` or `pause`."""
        generation = self._generation
        self._latch.clear()
        self._invalidated.clear()
        self._started = started = self._clock()
        self._set_health(self._health, next_try=None)
        have = self._held_etags()
        replies: list[LiveReply] = []

        async def send_request() -> None:
            replies.append(await self._ask(have, wait))

        failure: ClientError | None = None
        self._requesting = True
        try:
            await self._run_unless(self._latch if wait else self._invalidated, send_request())
        except ClientError as error:
            failure = error
        except Exception as error:
            _log.exception("asking for changes failed")
            failure = BadAnswer("unexpected", f"The answer could not be worked with ({type(error).__name__}).")
        finally:
            self._requesting = False
        if failure is not None:
            if generation == self._generation:
                self._handle_error(failure, self._clock() - started > wait + 15.0 + STALL_S)
            return False
        if generation != self._generation or not replies:
            return False
        self._handle_reply(replies[0], wait, self._clock() - started)
        return True

    def _handle_reply(self, reply: LiveReply, wait: int, took: float) -> None:
        now = self._clock()
        gap = self._health.gap
        if wait:
            empty = reply.answer is None or not reply.answer.changed
            holds = reply.held and not (empty and took < wait / 2)
            gap = float(wait) if holds else self._interval
            self._due = now if holds else now + self._interval
        else:
            self._due = now
        self._set_health(Health(last_success=now, gap=gap, next_try=None if self._due <= now else self._due))
        if reply.answer is None:
            return
        if self._on_time is not None:
            self._notify(self._on_time, reply.answer.as_of)
        generation = self._generation
        for topic, changed in reply.answer.changed.items():
            entry = self._topics.get(topic)
            if entry is None:
                continue
            entry.latest = changed
            for lease in tuple(entry.leases):
                self._dispatch(lease, changed)
                if generation != self._generation:
                    # The callback paused or restarted the feed: what the others missed is asked for again.
                    entry.latest = None
                    return

    def _handle_error(self, error: ClientError, own_stall: bool) -> None:
        now = self._clock()
        health = self._health
        if own_stall and isinstance(error, Unreachable) and error.code == "timeout":
            # This program itself stood still (a terminal that did not read): try once more before judging the server.
            self._due = now
            self._latch.set()
            return
        attempt = health.attempt + 1
        delay = full_jitter(attempt, self._draw)
        retry_after = error.retry_after if isinstance(error, Throttled | Refused) else None
        if retry_after is not None:
            self._silent_until = now + retry_after
            delay += retry_after
        self._signed_out = isinstance(error, SignInNeeded)
        self._due = now + delay
        self._set_health(
            Health(
                last_success=health.last_success,
                failing_since=now if health.failing_since is None else health.failing_since,
                attempt=attempt,
                error=error,
                next_try=None if self._signed_out else self._due,
                gap=health.gap,
            )
        )

    def _set_health(self, health: Health, **changes: Any) -> None:
        if changes:
            health = Health(**(vars(health) | changes))
        if health != self._health:
            self._health = health
            if self._on_health is not None:
                self._notify(self._on_health, health)

    def _dispatch_known(self, lease: Lease) -> None:
        entry = self._topics.get(lease.topic)
        if entry is not None and entry.latest is not None:
            self._dispatch(lease, entry.latest)

    def _dispatch(self, lease: Lease, changed: Changed) -> None:
        entry = self._topics.get(lease.topic)
        if entry is None or lease not in entry.leases:
            return
        self._notify(lease.callback, lease.topic, None if changed.gone else changed.body, changed.etag)

    def _notify(self, listener: Callable[..., None], *arguments: object) -> None:
        try:
            listener(*arguments)
        except Exception:
            # One broken screen must not keep the others from their figures.
            _log.exception("a listener of the feed failed")

    def _end_lease(self, lease: Lease) -> None:
        entry = self._topics.get(lease.topic)
        if entry is None or lease not in entry.leases:
            return
        entry.leases.remove(lease)
        if not entry.leases:
            del self._topics[lease.topic]
            if not self._topics:
                self._invalidate_pending()

    def _invalidate_pending(self) -> None:
        self._generation += 1
        self._invalidated.set()
        self._latch.set()

    async def _run_unless(self, event: asyncio.Event, work: Coroutine[Any, Any, None] | Awaitable[None]) -> None:
        """Run the coroutine until it ends or the event is set, which cancels it. Raises what it raises."""
        task = asyncio.ensure_future(work)
        waiter = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait((task, waiter), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiter.cancel()
            if not task.done():
                task.cancel()
            await asyncio.gather(task, waiter, return_exceptions=True)
        if not task.cancelled():
            task.result()
