"""Clock-jump guard: purging waits until the clock has run 24 h without a jump of more than 31 days (security.md R7).

A machine that was started with a wrong date must not make a whole log look too old. After a jump its operator has a day
to set the clock right.
"""

from octui.server.database.driver import Query
from octui.server.database.unit_of_work import Change

_DAY_MS = 86_400_000
JUMP_MS = 31 * _DAY_MS
"""A longer step between two checks is a jump; weeks may pass between them."""
WAIT_MS = _DAY_MS

_LAST_CHECK = Query("SELECT seen, since FROM steady_clock WHERE id = 1")
_RECORD_CHECK = Query(
    "INSERT INTO steady_clock (id, seen, since) VALUES (1, {p}, {p}) "
    "ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, since = excluded.since"
)


def is_clock_steady(change: Change) -> bool:
    """Record the present time, and return whether the clock has run for a day without a jump over 31 days."""
    rows = _LAST_CHECK.fetch_rows(change.connection)
    since: int = change.now
    if rows and abs(change.now - rows[0][0]) <= JUMP_MS:
        since = rows[0][1]
    _RECORD_CHECK.run(change.connection, change.now, since)
    return change.now - since >= WAIT_MS
