"""Clocks: the seconds that elapsed on this machine, and the time of the server."""

import time
from collections import deque
from collections.abc import Callable

SAMPLES = 8
STEP_BACK_MS = 60_000


def elapsed_seconds() -> float:
    """Return monotonic seconds that also count while the machine sleeps, so that old data is seen as old."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class ServerClock:
    """Server time (epoch ms), continued between answers by a monotonic clock, never by this machine's wall clock.

    Of the last answers the fastest counts, because an answer can only be late. `now_ms` never goes back: after the
    server's clock was set back a little, it stands still until time has caught up; only when it was set back by more
    than a minute, in all of the last answers, `now_ms` follows.
    """

    def __init__(self, clock: Callable[[], float] = elapsed_seconds) -> None:
        self._clock = clock
        self._offsets: deque[int] = deque(maxlen=SAMPLES)
        self._shown: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether an answer has brought the server time yet."""
        return bool(self._offsets)

    def record_time(self, as_of_ms: int) -> None:
        """Store the server time in an answer that has just arrived."""
        self._offsets.append(as_of_ms - self._local_ms())
        if (
            self._shown is not None
            and len(self._offsets) == SAMPLES
            and self._estimated_ms() < self._shown - STEP_BACK_MS
        ):
            self._shown = None

    def now_ms(self) -> int | None:
        """Return the server time now; None before the first answer."""
        if not self._offsets:
            return None
        now = self._estimated_ms()
        self._shown = now if self._shown is None else max(now, self._shown)
        return self._shown

    def reset(self) -> None:
        """Clear the time, for another server."""
        self._offsets.clear()
        self._shown = None

    def _local_ms(self) -> int:
        return int(self._clock() * 1000)

    def _estimated_ms(self) -> int:
        return self._local_ms() + max(self._offsets)
