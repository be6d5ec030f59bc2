"""One effect for each Idempotency-Key: the answer is stored in the transaction of the effect and replayed."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import delete, insert, select

from octui.schema.problems import Code
from octui.server.core.errors import ProblemError
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.store import Change, Store
from octui.server.database.store_views import StoreView

T = TypeVar("T")
KEPT_MS = 48 * 3_600_000


class ReplayedAnswer(Exception):
    """The same request had its effect before: this is what was answered then."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__("replayed")
        self.status = status
        self.body = body


class IdempotentStore(StoreView):
    """The store as one POST with an Idempotency-Key sees it: its first `write` happens once for each caller and key.

    What `work` returns there is what the operation answers (a model or None), because it is stored with the effect.
    Of anything else nothing is stored: secrets are returned so, and the operation deals with `Replayed` itself.
    """

    def __init__(self, store: Store, key: str, digest: bytes, status: int) -> None:
        super().__init__(store)
        self._key = key
        self._digest = digest
        self._status = status
        self._written = False

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        """As the store's, once: raises `Replayed`, or 422 when the key was used for another request."""
        if self._written:
            return self._store.write(work, principal)
        result = self._store.write(lambda change: self._once(change, work), principal)
        self._written = True
        return result

    def _once(self, change: Change, work: Callable[[Change], T]) -> T:
        caller = change.principal.account
        # Of two requests with one key the second waits here and then finds the first one's answer.
        lock_until_commit(change, f"{caller}\n{self._key}")
        kept = tables.idempotency
        found = change.connection.execute(
            select(kept.c.digest, kept.c.status, kept.c.body).where(kept.c.caller == caller, kept.c.key == self._key)
        ).one_or_none()
        if found is not None:
            if bytes(found.digest) != self._digest:
                raise ProblemError(Code.IDEMPOTENCY_MISMATCH, 422, "This Idempotency-Key was used for another request.")
            raise ReplayedAnswer(found.status, bytes(found.body))
        result = work(change)
        body = result.model_dump_json().encode() if isinstance(result, BaseModel) else b""
        change.connection.execute(
            insert(kept).values(
                caller=caller, key=self._key, digest=self._digest, status=self._status, body=body, at=change.now
            )
        )
        change.connection.execute(delete(kept).where(kept.c.at < change.now - KEPT_MS))
        return result
