"""Password hashing with argon2id, a bounded number at a time."""

import base64
import threading
from contextlib import ExitStack

import argon2
import pytest

from octui.server.core.errors import ProblemError
from octui.server.identity.hashing import MEMORY_KIB, PASSES, Hasher, available_cores


def test_hash_is_argon2id_with_the_lowest_parameters() -> None:
    hasher = Hasher()
    first, second = hasher.hash_password("seven blue chairs sing"), hasher.hash_password("seven blue chairs sing")
    assert first != second
    made = argon2.extract_parameters(first)
    assert (made.type, made.memory_cost, made.time_cost, made.parallelism) == (argon2.Type.ID, MEMORY_KIB, PASSES, 1)
    assert hasher.verify_password(first, "seven blue chairs sing")
    assert not hasher.verify_password(first, "seven blue chairs sinG")
    assert not hasher.verify_password("$argon2id$nonsense", "seven blue chairs sing")


@pytest.mark.parametrize(("memory", "passes"), [(MEMORY_KIB - 1, PASSES), (MEMORY_KIB, PASSES - 1)])
def test_weaker_parameters_are_refused(memory: int, passes: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        Hasher(memory=memory, passes=passes)


def test_missing_hash_costs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    verify = argon2.PasswordHasher.verify

    def noted(self: argon2.PasswordHasher, hashed: str | bytes, password: str | bytes) -> object:
        asked.append(str(hashed))
        return verify(self, hashed, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", noted)
    hasher = Hasher(memory=2 * MEMORY_KIB, passes=3)
    assert not hasher.verify_password(None, "anything")
    (hashed,) = asked
    made = argon2.extract_parameters(hashed)
    assert (made.type, made.memory_cost, made.time_cost) == (argon2.Type.ID, 2 * MEMORY_KIB, 3)
    assert len(base64.b64decode(hashed.rpartition("$")[2] + "=")) == made.hash_len == 32


def test_hash_with_weaker_parameters_is_weak() -> None:
    now, later = Hasher(), Hasher(memory=MEMORY_KIB + 8)
    old = now.hash_password("seven blue chairs sing")
    assert not now.is_weak(old)
    assert later.is_weak(old)
    assert not now.is_weak(later.hash_password("seven blue chairs sing"))
    assert now.is_weak(argon2.PasswordHasher(2, MEMORY_KIB, 1, type=argon2.Type.D).hash("x"))


def test_requests_beyond_the_slots_are_refused() -> None:
    hasher = Hasher(workers=1)
    with ExitStack() as taken:
        for _ in range(5):
            taken.enter_context(hasher.slot())
        with pytest.raises(ProblemError) as refused, hasher.slot():
            pass
        assert (refused.value.status, refused.value.retry_after) == (429, 1)
    with hasher.slot():
        pass
    assert 1 <= Hasher().workers <= available_cores()


def test_only_the_workers_hash_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = threading.Lock()
    working, most = 0, 0
    entered, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def slow(self: argon2.PasswordHasher, password: str | bytes, *, salt: bytes | None = None) -> str:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        entered.release()
        assert go_on.acquire(timeout=20)
        with lock:
            working -= 1
        return "hashed"

    monkeypatch.setattr(argon2.PasswordHasher, "hash", slow)
    hasher = Hasher(workers=2)
    threads = [threading.Thread(target=hasher.hash_password, args=("x",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert entered.acquire(timeout=20)
        go_on.release()
    for thread in threads:
        thread.join(20)
    assert most <= 2
