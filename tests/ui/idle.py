"""Waiting until the screens have nothing to do, by looking at the event loop.

Textual's own way is to sleep 20 ms, twice for each key, until the processor time hardly grew: much of the time of these
tests was that sleep, and on a busy machine a process that gets no processor looks as if it had nothing to do.
"""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter

SOON_S = 0.02
"""A timer that is due so soon is waited for: Textual draws by timers."""
ROUNDS = 3
"""So many rounds of the loop must be idle one after the other."""
MOST_TIMERS = 8
"""After so many in a row it is one that never ends: that of a screen that is drawn no more."""
LONGEST_S = 5.0

_requests: list[object] = []


@contextmanager
def request_under_way() -> Iterator[None]:
    """Count a request that the server works at, whatever thread it waits for."""
    request = object()
    _requests.append(request)
    try:
        yield
    finally:
        _requests.remove(request)


async def wait_for_idle(min_sleep: float = 0, max_sleep: float = LONGEST_S) -> None:
    """Return as soon as nothing is ready, no request or thread is at work, and no timer is due soon."""
    loop: Any = asyncio.get_running_loop()
    end, idle_rounds, timers = time.monotonic() + LONGEST_S, 0, 0
    while idle_rounds < ROUNDS and time.monotonic() < end:
        await asyncio.sleep(0)
        if loop._ready:
            idle_rounds = 0
        elif _requests or _works_in_threads(loop):
            idle_rounds = 0
            await asyncio.sleep(0.001)
        elif timers < MOST_TIMERS and (seconds := _next_timer(loop)) <= SOON_S:
            idle_rounds = 0
            timers += 1
            await asyncio.sleep(max(0.0, seconds))
        else:
            idle_rounds += 1


def _works_in_threads(loop: Any) -> bool:
    executor: ThreadPoolExecutor | None = loop._default_executor
    if executor is not None:
        idle = executor._idle_semaphore._value
        if executor._work_queue.qsize() or idle < len(executor._threads):
            return True
    return current_default_thread_limiter().borrowed_tokens > 0


def _next_timer(loop: Any) -> float:
    """Return in how many seconds the next timer is due."""
    due = [timer.when() for timer in loop._scheduled if not timer.cancelled()]
    return min(due, default=float("inf")) - loop.time()
