"""Hashing passwords: argon2id, a few at a time, never on an event loop (security.md 1.2, R15).

One takes 20 to 30 ms and 19 MiB. Operations run in worker threads, which all requests share: more than `places` at
once are turned away with 429, so that a storm of sign-ins leaves threads for everybody else.
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
"""The floor: OWASP's smallest argon2id."""

MOST_WORKERS = 4
RETRY_AFTER_S = 1


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Hasher:
    """`workers` hash at the same time (≤ cores), four times as many wait. Safe to share between threads."""

    def __init__(self, *, workers: int | None = None, memory: int = MEMORY_KIB, passes: int = PASSES) -> None:
        """Raises ValueError below the floor. `memory` in KiB."""
        if memory < MEMORY_KIB or passes < PASSES:
            raise ValueError(f"argon2id needs at least {MEMORY_KIB} KiB and {PASSES} passes")
        self.memory = memory
        self.passes = passes
        self.workers = workers if workers is not None else min(available_cores(), MOST_WORKERS)
        self._places = threading.BoundedSemaphore(self.workers * 5)
        self._working = threading.BoundedSemaphore(self.workers)
        # Nobody knows a password of this hash; verifying against it costs what any other does.
        salt, digest = (base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
        self._nobodys = f"$argon2id$v=19$m={memory},t={passes},p={LANES}${salt}${digest}"

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one request's hashing; raises 429 with Retry-After when all are taken."""
        if not self._places.acquire(blocking=False):
            raise too_many_requests(Code.TOO_BUSY, "Too many sign-ins at this moment", RETRY_AFTER_S)
        try:
            yield
        finally:
            self._places.release()

    def hash(self, password: str) -> str:
        """A new hash; call it within `place`."""
        # Imported by the first sign-in: an embedded service never needs it.
        from argon2 import PasswordHasher

        with self._working:
            return PasswordHasher(self.passes, self.memory, LANES).hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether the password is that of the hash, at the same cost where there is none; call it within `place`."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        with self._working:
            try:
                PasswordHasher().verify(self._nobodys if hashed is None else hashed, password)
            except (VerificationError, InvalidHashError):
                return False
        return hashed is not None

    def is_weak(self, hashed: str) -> bool:
        """Whether a hash was made with less than is asked for now."""
        from argon2 import Type, extract_parameters

        made = extract_parameters(hashed)
        return made.type is not Type.ID or made.memory_cost < self.memory or made.time_cost < self.passes
