"""The thread of the maintenance jobs."""

import threading

import pytest
from sqlalchemy import insert

from octui.server.database import tables
from octui.server.database.store import Store
from octui.server.maintenance import MaintenanceThread
from server.conftest import OPERATOR


def test_failing_job_does_not_stop_the_others(store: Store) -> None:
    done: list[str] = []
    reached = threading.Event()

    def broken(_: Store) -> None:
        done.append("broken")
        raise ValueError("no")

    def fine(found: Store) -> None:
        assert found is store
        done.append("fine")
        reached.set()

    maintenance = MaintenanceThread(store, (broken, fine))
    maintenance.start()
    assert reached.wait(30)
    store.close()
    maintenance.run_jobs()
    assert done == ["broken", "fine"]


def test_stop_waits_for_the_running_job(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[str] = []

    def slow(_: Store) -> None:
        begun.set()
        assert go_on.wait(30)
        done.append("slow")

    maintenance = MaintenanceThread(store, (slow, lambda _: done.append("next")))
    maintenance.start()
    assert begun.wait(30)
    closing = threading.Thread(target=store.close)
    closing.start()
    go_on.set()
    closing.join(30)
    assert done[0] == "slow"


def test_failure_is_logged_without_values(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    def broken(found: Store) -> None:
        same = insert(tables.source).values(id=1, name="홍길동")
        found.write(lambda change: [change.connection.execute(same) for _ in range(2)], OPERATOR)

    MaintenanceThread(store, (broken,)).run_jobs()
    assert "IntegrityError" in caplog.text or "UNIQUE" in caplog.text or "unique" in caplog.text
    assert "홍길동" not in caplog.text
