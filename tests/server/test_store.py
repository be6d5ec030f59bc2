"""Reading, writing, revisions and listeners, the same on both engines."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from octui.schema.audit import Action
from octui.schema.live import AUDIT_HEAD
from octui.server.core.errors import ProblemError, StoreError, not_found
from octui.server.database import tables
from octui.server.database.audit_log import parse_value
from octui.server.database.engine import open_store
from octui.server.database.unit_of_work import Change, Listeners

from .audit_values import rights
from .conftest import OPERATOR, Center, Clock, Store


def _add(name: str, change: Change) -> int:
    change.connection.execute(insert(tables.source).values(name=name))
    return change.touch(f"source/{name}")


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.source)).scalar_one()


def test_written_rows_are_read(store: Store) -> None:
    assert store.write(lambda change: _add("a", change), OPERATOR) == 1
    assert store.read(_count) == 1
    assert store.revisions(["source/a", "never"]) == {"source/a": 1, "never": 0}


def test_topic_is_raised_once_a_transaction(store: Store) -> None:
    def work(change: Change) -> list[int]:
        return [change.touch("b"), change.touch("a"), change.touch("b"), *change.touch_all(["a", "c"]).values()]

    assert store.write(work, OPERATOR) == [1, 1, 1, 1, 1]
    assert store.write(work, OPERATOR) == [2, 2, 2, 2, 2]
    assert store.revisions(["a", "b", "c"]) == {"a": 2, "b": 2, "c": 2}


def test_refused_write_is_rolled_back(store: Store) -> None:
    def refused(change: Change) -> None:
        _add("a", change)
        change.record(Action.MEMBER_ADDED, target_account="kim", target_name="김민수")
        raise not_found()

    with pytest.raises(ProblemError, match="no such object"):
        store.write(refused, OPERATOR)
    assert store.read(_count) == 0
    assert store.revisions(["source/a", AUDIT_HEAD]) == {"source/a": 0, AUDIT_HEAD: 0}
    assert store.read(lambda c: c.execute(select(func.count()).select_from(tables.audit)).scalar_one()) == 0


def test_constraint_error_reaches_the_work(store: Store) -> None:
    store.write(lambda change: _add("a", change), OPERATOR)
    with pytest.raises(IntegrityError):
        store.write(lambda change: _add("a", change), OPERATOR)
    assert store.write(lambda change: _add("b", change), OPERATOR) == 1


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises((DBAPIError, StoreError)):
        store.read(lambda connection: connection.execute(insert(tables.source).values(name="x")))
    assert store.read(_count) == 0


def test_read_sees_one_snapshot(store: Store) -> None:
    def before_and_after(connection: Connection) -> tuple[int, int]:
        before = _count(connection)
        store.write(lambda change: _add("a", change), OPERATOR)
        return before, _count(connection)

    assert store.read(before_and_after) == (0, 0)
    assert store.read(_count) == 1


def test_log_entry_is_in_the_transaction_of_the_change(store: Store, center: Center, clock: Clock) -> None:
    def work(change: Change) -> None:
        change.record(
            Action.AGENT_ROLE_CHANGED,
            target_account="kim",
            target_name="김민수",
            service="oc",
            before=rights("agent"),
            after=rights("admin"),
        )
        change.record(Action.AGENT_REMOVED, target_account="lee", target_name="이영희", service="oc")

    store.write(work, center.principal("admin", ip="10.1.2.3"))
    rows = store.read(lambda c: c.execute(select(tables.audit).order_by(tables.audit.c.seq)).all())
    assert [(row.seq, row.at, parse_value(row.before), parse_value(row.after), row.via) for row in rows] == [
        (1, clock.now, rights("agent"), rights("admin"), "api"),
        (2, clock.now, None, None, "api"),
    ]
    assert store.revisions([AUDIT_HEAD]) == {AUDIT_HEAD: 1}


def test_concurrent_changes_lose_nothing(store: Store) -> None:
    def increment(change: Change) -> int:
        topics = [f"t{number}" for number in range(5)]
        counted = change.connection.execute(
            select(tables.audit_head.c.seq).where(tables.audit_head.c.id == 1).with_for_update()
        ).scalar_one()
        change.connection.execute(update(tables.audit_head).values(seq=counted + 1))
        return change.touch_all(topics)["t0"]

    head = insert(tables.audit_head).values(id=1, seq=1, at=0, hash=b"")
    store.write(lambda change: change.connection.execute(head), OPERATOR)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: store.write(increment, OPERATOR), range(100)))
    assert sorted(answers) == list(range(1, 101))
    assert store.read(lambda c: c.execute(select(tables.audit_head.c.seq)).scalar_one()) == 101


def test_opposite_lock_orders_do_not_deadlock(store: Store) -> None:
    """Two transactions that wait for each other: PostgreSQL ends one (on a busy machine both), which is repeated."""
    meeting = threading.Barrier(2, timeout=5)
    tries: list[str] = []

    def crossing(first: str, second: str, change: Change) -> None:
        tries.append(first)
        change.touch(first)
        if store.dialect == "postgresql" and len(tries) <= 2:
            meeting.wait()
        change.touch(second)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(store.write, lambda change: crossing("a", "b", change), OPERATOR)
        two = pool.submit(store.write, lambda change: crossing("b", "a", change), OPERATOR)
        one.result(30)
        two.result(30)
    assert store.revisions(["a", "b"]) == {"a": 2, "b": 2}
    assert len(tries) > 2 if store.dialect == "postgresql" else len(tries) == 2


def test_listeners_are_told_every_commit_before_the_answer(store: Store) -> None:
    heard: list[dict[str, int]] = []
    store.write(lambda change: change.touch("before"), OPERATOR)
    store.on_commit(heard.append)
    store.write(lambda change: change.touch_all(["a", "b"]), OPERATOR)
    assert heard == [{"a": 1, "b": 1}]
    with pytest.raises(ProblemError):
        store.write(lambda change: _refuse_after_touch(change), OPERATOR)
    store.write(lambda change: change.touch("a"), OPERATOR)
    assert heard == [{"a": 1, "b": 1}, {"a": 2}]


def _refuse_after_touch(change: Change) -> None:
    change.touch("a")
    raise not_found()


def test_failing_listener_does_not_affect_others(caplog: pytest.LogCaptureFixture) -> None:
    listeners = Listeners()
    heard: list[dict[str, int]] = []

    def failing(_: dict[str, int]) -> None:
        raise ValueError("broken listener")

    listeners.add(failing)
    listeners.add(heard.append)
    listeners.announce({"a": 3})
    listeners.announce({"a": 2, "b": 1})
    assert heard == [{"a": 3}, {"b": 1}]
    assert "broken listener" in caplog.text


def test_commits_of_another_process_are_announced(url: str, clock: Clock) -> None:
    """Two stores on one PostgreSQL; on SQLite a second program is a client of the first and has no store."""
    if url.startswith("sqlite"):
        return
    here, there = open_store(url, clock=clock), open_store(url, clock=clock)
    heard = threading.Event()
    found: dict[str, int] = {}

    def listener(changed: dict[str, int]) -> None:
        found.update(changed)
        if {"a", "topic 0", "topic 1999"} <= found.keys():
            heard.set()

    here.on_commit(listener)
    there.write(lambda change: change.touch("a"), OPERATOR)
    there.write(lambda change: change.touch_all(f"topic {number}" for number in range(2000)), OPERATOR)
    assert heard.wait(10)
    assert found["a"] == 1
    here.close()
    there.close()


def test_closed_store_refuses(url: str, clock: Clock) -> None:
    store = open_store(url, clock=clock)
    closed: list[int] = []
    store.on_close(lambda: closed.append(store.read(_count)))
    store.write(lambda change: _add("a", change), OPERATOR)
    store.close()
    store.close()
    assert closed == [1]
    for call in (lambda: store.read(_count), lambda: store.write(lambda change: _add("b", change), OPERATOR)):
        with pytest.raises(StoreError) as refused:
            call()
        assert (refused.value.code, refused.value.status) == ("not_ready", 503)
    again = open_store(url, clock=clock)
    assert again.read(_count) == 1
    again.close()


def test_nested_write_is_refused(store: Store) -> None:
    if store.dialect == "postgresql":
        return

    def nested(change: Change) -> None:
        store.write(lambda inner: _add("a", inner), OPERATOR)

    with pytest.raises(RuntimeError, match="inside"):
        store.write(nested, OPERATOR)
