"""Password hashing with argon2id, a few at a time, never on an event loop (security.md 1.2, R15).

One hash takes 20 to 30 ms and 19 MiB. Operations run in worker threads, which all requests share: when all slots are
taken a request is refused with 429, so that a storm of sign-ins leaves threads for everybody else.
"""

import base64
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from octui.schema.problems import Code
from octui.server.core.errors import too_many_requests

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
"""OWASP's smallest argon2id, the lowest that is accepted."""

MOST_WORKERS = 4
RETRY_AFTER_S = 1


def available_cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Hasher:
    """Thread-safe hasher of passwords; at most `workers` (≤ cores) run at once, and four times as many may wait."""

    def __init__(self, *, workers: int | None = None, memory: int = MEMORY_KIB, passes: int = PASSES) -> None:
        """Create a hasher; `memory` is in KiB. Raises ValueError below the lowest parameters."""
        if memory < MEMORY_KIB or passes < PASSES:
            raise ValueError(f"argon2id needs at least {MEMORY_KIB} KiB and {PASSES} passes")
        self.memory = memory
        self.passes = passes
        self.workers = workers if workers is not None else min(available_cores(), MOST_WORKERS)
        self._slots = threading.BoundedSemaphore(self.workers * 5)
        self._working = threading.BoundedSemaphore(self.workers)
        # Nobody knows a password of this hash; verifying against it takes as long as against any other.
        salt, digest = (base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
        self._dummy_hash = f"$argon2id$v=19$m={memory},t={passes},p={LANES}${salt}${digest}"

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for the hashing of one request. Raises 429 with Retry-After when all are taken."""
        if not self._slots.acquire(blocking=False):
            raise too_many_requests(Code.TOO_BUSY, "Too many sign-ins at this moment", RETRY_AFTER_S)
        try:
            yield
        finally:
            self._slots.release()

    def hash_password(self, password: str) -> str:
        """Return a new hash. Call it within `slot`."""
        # Imported by the first sign-in: an embedded server never needs it.
        from argon2 import PasswordHasher

        with self._working:
            return PasswordHasher(self.passes, self.memory, LANES).hash(password)

    def verify_password(self, hashed: str | None, password: str) -> bool:
        """Return whether the password fits the hash, at the same cost where there is none. Call it within `slot`."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        with self._working:
            try:
                PasswordHasher().verify(self._dummy_hash if hashed is None else hashed, password)
            except (VerificationError, InvalidHashError):
                return False
        return hashed is not None

    def is_weak(self, hashed: str) -> bool:
        """Return whether a hash was made with weaker parameters than those of today."""
        from argon2 import Type, extract_parameters

        parameters = extract_parameters(hashed)
        is_small = parameters.memory_cost < self.memory or parameters.time_cost < self.passes
        return parameters.type is not Type.ID or is_small
