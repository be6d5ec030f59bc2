"""Unit of work: one write transaction with its topic revisions, log entries and notices to listeners."""

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


def _topic_parameter(dialect: str, topics: list[str]) -> tuple[object]:
    return (json.dumps(topics, ensure_ascii=False) if dialect == "sqlite" else topics,)


def load_revisions(connection: Connection, topics: list[str]) -> dict[str, int]:
    """Return the present revisions of the topics; 0 for one never touched."""
    dialect = connection.dialect.name
    rows = connection.exec_driver_sql(_REVISIONS[dialect], _topic_parameter(dialect, topics))
    revisions: dict[str, int] = {row.topic: row.revision for row in rows}
    return {topic: revisions.get(topic, 0) for topic in topics}


def load_all_revisions(connection: Connection) -> dict[str, int]:
    """Return the present revisions of every topic ever touched."""
    rows = connection.exec_driver_sql("SELECT topic, revision FROM revision")
    return {row.topic: row.revision for row in rows}


class Change:
    """A write transaction: its rows, log entries and topic revisions are committed together or not at all.

    `now` is epoch ms of the store's clock. The store calls `finish` before the commit.
    """

    def __init__(self, connection: Connection, now: int, principal: Principal) -> None:
        self.connection = connection
        self.now = now
        self.principal = principal
        self._touched: dict[str, int] = {}
        self._entries: list[audit_log.NewEntry] = []

    def touch(self, topic: str) -> int:
        """Raise the topic's revision, at most once a transaction, and return it; its waiters wake after the commit."""
        revision = self._touched.get(topic)
        return revision if revision is not None else self.touch_all((topic,))[topic]

    def touch_all(self, topics: Iterable[str]) -> dict[str, int]:
        """Touch several topics in one statement and in order of their names, so that no deadlock can occur."""
        names = list(topics)
        new = sorted(set(names) - self._touched.keys())
        if new:
            dialect = self.connection.dialect.name
            rows = self.connection.exec_driver_sql(_TOUCH[dialect], _topic_parameter(dialect, new))
            self._touched.update({row.topic: row.revision for row in rows})
        return {topic: self._touched[topic] for topic in names}

    def record(
        self,
        action: Action,
        *,
        target_account: str = "",
        target_name: str = "",
        service: str = "",
        before: AuditValue | None = None,
        after: AuditValue | None = None,
    ) -> None:
        """Add an entry to the permission-change log (rules.md 24), which `finish` writes."""
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
        """Write the recorded log entries, which locks the log's head; return the touched topics' revisions."""
        if self._entries:
            self.touch(AUDIT_HEAD)
            audit_log.append_entries(self.connection, self._entries, self.now)
        return self._touched


class Listeners:
    """Functions called with topic revisions after commits; each revision is announced once, in rising order."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._announced: dict[str, int] = {}
        self._lock = Lock()

    def add(self, listener: Listener) -> None:
        """Add a function that is called with the revisions of every commit from now on."""
        self._listeners.append(listener)

    def mark_announced(self, revisions: dict[str, int]) -> None:
        """Mark revisions as announced already: they were committed before the first listener was added."""
        with self._lock:
            self._announced = {**revisions, **self._announced}

    def announce(self, revisions: dict[str, int]) -> None:
        """Call the listeners with new revisions; log the error of one that fails, since the commit stands."""
        with self._lock:
            new = {topic: revision for topic, revision in revisions.items() if revision > self._announced.get(topic, 0)}
            self._announced.update(new)
            if not new:
                return
            for listener in list(self._listeners):
                try:
                    listener(new)
                except Exception:
                    _log.exception("a listener to commits failed")
