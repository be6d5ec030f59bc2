"""SQL of a service's counts by minute: a transaction's changes, added to queue_minute at its end (rules.md 48, 49)."""

from sqlalchemy import Connection

from octui.server.database import tables
from octui.server.database.driver import Insert
from octui.server.events.queue_call_rules import COLUMNS, MINUTE_MS, agent_column

_ADD = Insert(
    tables.queue_minute,
    "ON CONFLICT (service_id, minute) DO UPDATE SET "
    + ", ".join(
        f"{column.name} = queue_minute.{column.name} + excluded.{column.name}"
        for column in tables.queue_minute.columns
        if not column.primary_key
    ),
)


class MinuteChanges:
    """Pending changes of a service's counts by minute, which `flush` writes to the database."""

    def __init__(self) -> None:
        self._rows: dict[int, list[int]] = {}

    def add(self, minute: int, column: int, by: int) -> None:
        """Add `by` to a count of a minute (minutes since 1970)."""
        row = self._rows.get(minute)
        if row is None:
            row = self._rows[minute] = [0] * COLUMNS
        row[column] += by

    def add_interval(self, state: str, detail: str, start: int, end: int, day_end: int, by: int) -> None:
        """Count an agent's phone state from `start` to `end` in its minutes; `by` -1 takes it back.

        A day begins with nobody, so that what ends with the day needs no difference.
        """
        first, last = start // MINUTE_MS, end // MINUTE_MS
        if first != last:
            column = agent_column(state, detail)
            self.add(first, column, by)
            if end != day_end:
                self.add(last, column, -by)

    def flush(self, connection: Connection, service: int) -> bool:
        """Write the pending changes and drop them; return whether there were any."""
        rows = [(service, minute, *row) for minute, row in sorted(self._rows.items()) if any(row)]
        _ADD.run(connection, rows)
        self._rows.clear()
        return bool(rows)
