"""One unit of work: its revisions and its log rows, and who is told after the commit."""

import json
import logging
from collections.abc import Callable, Iterable
from threading import Lock

from sqlalchemy import Connection

from octui.schema.audit import Action, AuditValue
from octui.schema.live import AUDIT_HEAD
from octui.server.core.principal import Principal
from octui.server.database import audit_log

Listener = Callable[[dict[str, int]], None]

_log = logging.getLogger(__name__)

# In key order, because two PostgreSQL transactions that lock the same topics in another order deadlock.
_TOUCH = {
    "sqlite": "INSERT INTO revision (topic, revision) SELECT value, 1 FROM json_each(?) WHERE true ORDER BY value "
    "ON CONFLICT (topic) DO UPDATE SET revision = revision.revision + 1 RETURNING topic, revision",
    "postgresql": "INSERT INTO revision (topic, revision) "
    'SELECT topic, 1 FROM unnest(%s::text[]) AS t (topic) ORDER BY topic COLLATE "C" '
    "ON CONFLICT (topic) DO UPDATE SET revision = revision.revision + 1 RETURNING topic, revision",
}
_REVISIONS = {
    "sqlite": "SELECT topic, revision FROM revision WHERE topic IN (SELECT value FROM json_each(?))",
    "postgresql": "SELECT topic, revision FROM revision WHERE topic = ANY(%s::text[])",
}


def _listed(dialect: str, topics: list[str]) -> tuple[object]:
    return (json.dumps(topics, ensure_ascii=False) if dialect == "sqlite" else topics,)


def revisions(connection: Connection, topics: list[str]) -> dict[str, int]:
    """Present revisions of the topics; one never touched has 0."""
    dialect = connection.dialect.name
    rows = connection.exec_driver_sql(_REVISIONS[dialect], _listed(dialect, topics))
    found: dict[str, int] = {row.topic: row.revision for row in rows}
    return {topic: found.get(topic, 0) for topic in topics}


def all_revisions(connection: Connection) -> dict[str, int]:
    """Present revisions of every topic ever touched."""
    rows = connection.exec_driver_sql("SELECT topic, revision FROM revision")
    return {row.topic: row.revision for row in rows}


class UnitOfWork:
    """The Change of store.py, the same on both engines; `finish` is called by the store before the commit."""

    def __init__(self, connection: Connection, now: int, principal: Principal) -> None:
        self.connection = connection
        self.now = now
        self.principal = principal
        self._touched: dict[str, int] = {}
        self._entries: list[audit_log.NewEntry] = []

    def touch(self, topic: str) -> int:
        """Move the topic's revision on (once a transaction) and return it."""
        known = self._touched.get(topic)
        return known if known is not None else self.touch_all((topic,))[topic]

    def touch_all(self, topics: Iterable[str]) -> dict[str, int]:
        """`touch` for several topics in one statement and in key order; callers that touch more than one use this."""
        asked = list(topics)
        new = sorted(set(asked) - self._touched.keys())
        if new:
            dialect = self.connection.dialect.name
            rows = self.connection.exec_driver_sql(_TOUCH[dialect], _listed(dialect, new))
            self._touched.update({row.topic: row.revision for row in rows})
        return {topic: self._touched[topic] for topic in asked}

    def record(
        self,
        action: Action,
        *,
        target_account: str,
        target_name: str,
        service: str = "",
        before: AuditValue | None = None,
        after: AuditValue | None = None,
    ) -> None:
        """Append to the permission-change log (rules.md rule 24); written by `finish`."""
        self._entries.append(
            audit_log.NewEntry(
                action=action,
                actor_account=self.principal.account,
                actor_name=self.principal.name,
                target_account=target_account,
                target_name=target_name,
                service=service,
                ip=self.principal.ip,
                via=self.principal.via,
                before=audit_log.value_text(before),
                after=audit_log.value_text(after),
            )
        )

    def finish(self) -> dict[str, int]:
        """Write the log rows, last, because everybody waits for the head of the chain; return what was touched."""
        if self._entries:
            self.touch(AUDIT_HEAD)
            audit_log.append_entries(self.connection, self._entries, self.now)
        return self._touched


class Listeners:
    """Who wants to hear of commits. A revision is told once and never backwards, whoever learns of it first."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._told: dict[str, int] = {}
        self._lock = Lock()

    def add(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def know(self, revisions: dict[str, int]) -> None:
        """Take the revisions as told already: what was before the first listener is no news."""
        with self._lock:
            self._told = {**revisions, **self._told}

    def tell(self, revisions: dict[str, int]) -> None:
        """Tell the listeners what is new in it. A listener that fails is logged: the commit has happened."""
        with self._lock:
            new = {topic: revision for topic, revision in revisions.items() if revision > self._told.get(topic, 0)}
            self._told.update(new)
            if not new:
                return
            for listener in list(self._listeners):
                try:
                    listener(new)
                except Exception:
                    _log.exception("a listener to commits failed")
