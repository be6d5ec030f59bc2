"""What is to be done by itself at least once a day: a thread that does each work in turn, whether it is due or not.

A work looks itself whether there is anything to do, and may be done by several processes on one database.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from octui.server.charges import month_closing
from octui.server.cti import log_purge
from octui.server.database.store import Store

_log = logging.getLogger(__name__)

EVERY_S = 3_600.0
"""Often enough that a machine which sleeps or a day that begins is not waited for."""

Job = Callable[[Store], object]

JOBS: tuple[Job, ...] = (month_closing.close_due_months, log_purge.purge_when_steady)


class MaintenanceThread:
    """The worker, one for each process."""

    def __init__(self, store: Store, works: Sequence[Job] = JOBS) -> None:
        self._store = store
        self._works = works
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="octui-daily", daemon=True)

    def start(self) -> None:
        """Do everything now, then again and again until the store is closed."""
        self._store.on_close(self.stop)
        self._thread.start()

    def stop(self) -> None:
        """End; a work that is being done is waited for."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Do each work once. One that fails is logged, and does not keep the others from being done."""
        for work in self._works:
            if self._stopping.is_set():
                return
            try:
                work(self._store)
            except Exception as error:
                _log.error("daily work was not done: %s", error)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.run()
            self._stopping.wait(EVERY_S)
