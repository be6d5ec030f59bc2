"""Records of keys removed from a list, for answers to `changed_since` a revision."""

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from octui.server.database import tables
from octui.server.database.unit_of_work import Change

_r = tables.removal


def record_removal(change: Change, topic: str, key: str, revision: int) -> None:
    """Record that `key` left the list of `topic` at `revision`."""
    insert = sqlite_insert if change.connection.dialect.name == "sqlite" else postgresql_insert
    statement = insert(_r).values(topic=topic, key=key, revision=revision)
    change.connection.execute(
        statement.on_conflict_do_update(index_elements=[_r.c.topic, _r.c.key], set_={"revision": revision})
    )


def clear_removal(change: Change, topic: str, key: str) -> None:
    """Delete the record of a removal: `key` is on the list of `topic` again."""
    change.connection.execute(delete(_r).where(_r.c.topic == topic, _r.c.key == key))


def removed_keys(connection: Connection, topic: str, since: int) -> list[str]:
    """Return the keys that left the list of `topic` after the revision `since`."""
    return list(connection.scalars(select(_r.c.key).where(_r.c.topic == topic, _r.c.revision > since)))


def topic_revision(connection: Connection, topic: str) -> int:
    """Return the topic's present revision in the snapshot of this connection."""
    revision: int | None = connection.scalar(
        select(func.max(tables.revision.c.revision)).where(tables.revision.c.topic == topic)
    )
    return revision or 0
