"""Idempotency keys: a request with a key takes effect once; its stored answer is replayed to repetitions."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import delete, insert, select

from octui.schema.problems import Code
from octui.server.core.errors import ProblemError
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.store import Store
from octui.server.database.store_views import StoreView
from octui.server.database.unit_of_work import Change

T = TypeVar("T")
RETENTION_MS = 48 * 3_600_000


class ReplayedAnswer(Exception):
    """The stored answer to an earlier request with the same key: status and body."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__("replayed")
        self.status = status
        self.body = body


class IdempotentStore(StoreView):
    """View of the store for a POST with an Idempotency-Key: its first `write` happens once for each caller and key.

    `work` must return there what the operation answers (a model or None), because that is stored with the effect. For
    any other value an empty body is stored: secrets are returned so, and the operation handles `ReplayedAnswer`.
    """

    def __init__(self, store: Store, key: str, digest: bytes, status: int) -> None:
        super().__init__(store)
        self._key = key
        self._digest = digest
        self._status = status
        self._written = False

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """Run `work` once for each key. Raises ReplayedAnswer, or 422 if another request used the key."""
        if self._written:
            return self._store.write(work, principal)
        result = self._store.write(lambda change: self._write_once(change, work), principal)
        self._written = True
        return result

    def _write_once(self, change: Change, work: Callable[[Change], T]) -> T:
        caller = change.principal.account
        # Of two requests with one key the second waits here and then finds the first one's answer.
        lock_until_commit(change, f"{caller}\n{self._key}")
        table = tables.idempotency
        stored = change.connection.execute(
            select(table.c.digest, table.c.status, table.c.body).where(
                table.c.caller == caller, table.c.key == self._key
            )
        ).one_or_none()
        if stored is not None:
            if bytes(stored.digest) != self._digest:
                raise ProblemError(Code.IDEMPOTENCY_MISMATCH, 422, "This Idempotency-Key was used for another request.")
            raise ReplayedAnswer(stored.status, bytes(stored.body))
        result = work(change)
        body = result.model_dump_json().encode() if isinstance(result, BaseModel) else b""
        change.connection.execute(
            insert(table).values(
                caller=caller, key=self._key, digest=self._digest, status=self._status, body=body, at=change.now
            )
        )
        change.connection.execute(delete(table).where(table.c.at < change.now - RETENTION_MS))
        return result
