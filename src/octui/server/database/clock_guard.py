"""Whether the clock can be relied on for what cannot be undone (security.md R7).

A clock that leaps ahead, of a machine started with a wrong date, must not make a whole log look too old. After a leap
whoever looks after the machine has a day to set it right.
"""

from octui.server.database.driver import Query
from octui.server.database.store import Change

_DAY_MS = 86_400_000
LEAP_MS = 31 * _DAY_MS
"""How far a clock goes on between two looks without it being a leap: weeks may pass until it is looked at again."""
WAIT_MS = _DAY_MS

_SEEN = Query("SELECT seen, since FROM steady_clock WHERE id = 1")
_NOTE = Query(
    "INSERT INTO steady_clock (id, seen, since) VALUES (1, {p}, {p}) "
    "ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, since = excluded.since"
)


def is_clock_steady(change: Change) -> bool:
    """Note the time; whether it has gone on without a leap for a day at least."""
    rows = _SEEN.rows(change.connection)
    since: int = change.now
    if rows and abs(change.now - rows[0][0]) <= LEAP_MS:
        since = rows[0][1]
    _NOTE.run(change.connection, change.now, since)
    return change.now - since >= WAIT_MS
