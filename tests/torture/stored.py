"""Streams of the long run taken in by the real store on SQLite, in batches, some of their events late."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import TracebackType

from octui.server.database.engine import open_store
from octui.server.events.rules import IncomingEvent
from octui.server.events.store import take_in
from server.comparison import Row
from server.conftest import OPERATOR, Clock
from server.reckoner_facts import Event
from server.stored import add_service, stored_rows

BATCH = 500
AGENT = "kim"


class StoredCenter:
    """A database in a folder of its own; each stream gets a service of its own."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="octui-torture-")
        self._store = open_store(f"sqlite:///{Path(self._folder.name) / 'octui.db'}", clock=Clock())

    def __enter__(self) -> "StoredCenter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()
        self._folder.cleanup()

    def take_in(self, seed: str, zone: str, events: Sequence[Event]) -> list[Row]:
        """Take in a stream and return what is stored of it."""
        random = Random(seed)
        _, service, members = self._store.write(partial(add_service, zone), OPERATOR)
        incoming = []
        for number, (at, kind, data) in enumerate(events):
            everybody = kind == "octui.queue.QUEUESTART"
            agent = None if everybody else AGENT
            values = {"id": f"{number:06d}", "source": "torture", "type": kind, "at": at, "sequence": number}
            values |= {"agent": agent, "everybody": everybody, "data": data, "ticket": None, "reason": None}
            incoming.append(IncomingEvent(**values))
        late = {random.randrange(len(incoming)) for _ in range(len(incoming) // 200)}
        arriving = [each for place, each in enumerate(incoming) if place not in late]
        arriving += [incoming[place] for place in sorted(late)]
        for place in range(0, len(arriving), BATCH):
            batch = arriving[place : place + BATCH]
            self._store.write(lambda change, batch=batch: take_in(change, service, batch), OPERATOR)
        return self._store.read(partial(stored_rows, service, members[AGENT]))
