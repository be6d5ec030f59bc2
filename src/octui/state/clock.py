"""Two clocks: one for how long ago, one for what time it is at the service."""

import time
from collections import deque
from collections.abc import Callable

SAMPLES = 8
STEP_BACK_MS = 60_000


def elapsed_seconds() -> float:
    """Seconds that never go back and go on while the machine sleeps, so that old data is old after a nap too."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class ServerClock:
    """The service's time (epoch ms), carried on by a clock of this machine; the wall clock here is never asked.

    Of the last answers the one that travelled fastest counts: an answer can only be late. `now_ms` never goes back;
    where the service's clock was set back a little, it stands until time has caught up, and only where it was set back
    by more than a minute (in every one of the last answers) it follows.
    """

    def __init__(self, clock: Callable[[], float] = elapsed_seconds) -> None:
        self._clock = clock
        self._offsets: deque[int] = deque(maxlen=SAMPLES)
        self._shown: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether the service has told its time yet."""
        return bool(self._offsets)

    def record_time(self, as_of_ms: int) -> None:
        """An answer that carries the service's time has come in just now."""
        self._offsets.append(as_of_ms - self._local_ms())
        if (
            self._shown is not None
            and len(self._offsets) == SAMPLES
            and self._estimated_ms() < self._shown - STEP_BACK_MS
        ):
            self._shown = None

    def now_ms(self) -> int | None:
        """The service's time now; None before the first answer."""
        if not self._offsets:
            return None
        now = self._estimated_ms()
        self._shown = now if self._shown is None else max(now, self._shown)
        return self._shown

    def reset(self) -> None:
        """Another service: nothing is known of its time."""
        self._offsets.clear()
        self._shown = None

    def _local_ms(self) -> int:
        return int(self._clock() * 1000)

    def _estimated_ms(self) -> int:
        return self._local_ms() + max(self._offsets)
