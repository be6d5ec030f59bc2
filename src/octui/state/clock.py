"""Clocks: elapsed time on this machine, and the time of the server."""

import time
from collections import deque
from collections.abc import Callable

SAMPLES = 8
STEP_BACK_MS = 60_000


def elapsed_seconds() -> float:
    """Return seconds that never go back and count while the machine sleeps, so that data ages then too."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class ServerClock:
    """The server's time (epoch ms), continued with a monotonic clock; the wall clock of this machine is never read.

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
        """Whether the server has told its time yet."""
        return bool(self._offsets)

    def record_time(self, as_of_ms: int) -> None:
        """Record the server's time of an answer that has just arrived."""
        self._offsets.append(as_of_ms - self._local_ms())
        if (
            self._shown is not None
            and len(self._offsets) == SAMPLES
            and self._estimated_ms() < self._shown - STEP_BACK_MS
        ):
            self._shown = None

    def now_ms(self) -> int | None:
        """Return the server's time now; None before the first answer."""
        if not self._offsets:
            return None
        now = self._estimated_ms()
        self._shown = now if self._shown is None else max(now, self._shown)
        return self._shown

    def reset(self) -> None:
        """Forget the time, for another server."""
        self._offsets.clear()
        self._shown = None

    def _local_ms(self) -> int:
        return int(self._clock() * 1000)

    def _estimated_ms(self) -> int:
        return self._local_ms() + max(self._offsets)
