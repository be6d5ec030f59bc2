"""Background thread that runs the maintenance jobs every hour.

A job itself checks whether there is anything to do, and may be run by several processes on one database.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from octui.server.charges import month_closing
from octui.server.cti import log_purge
from octui.server.database.store import Store

_log = logging.getLogger(__name__)

EVERY_S = 3_600.0
"""Often enough for machines that sleep and days that begin at other hours."""

Job = Callable[[Store], object]

JOBS: tuple[Job, ...] = (month_closing.close_due_months, log_purge.purge_when_steady)


class MaintenanceThread:
    """Thread that runs the jobs, one for each process."""

    def __init__(self, store: Store, jobs: Sequence[Job] = JOBS) -> None:
        self._store = store
        self._jobs = jobs
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run_until_stopped, name="octui-daily", daemon=True)

    def start(self) -> None:
        """Run all jobs now and then every hour, until the store is closed."""
        self._store.on_close(self.stop)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, after a job that is running."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def run_jobs(self) -> None:
        """Run each job once. A failure is logged and does not keep the others from running."""
        for job in self._jobs:
            if self._stopping.is_set():
                return
            try:
                job(self._store)
            except Exception as error:
                _log.error("a maintenance job failed: %s", error)

    def _run_until_stopped(self) -> None:
        while not self._stopping.is_set():
            self.run_jobs()
            self._stopping.wait(EVERY_S)
