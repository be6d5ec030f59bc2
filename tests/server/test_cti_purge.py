"""Purging the CTI log of old entries leaves figures right, whatever events come later (rules.md 21)."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from octui.schema.events import EventsResult
from octui.server.core.calendar import day_bounds, day_of
from octui.server.cti import log_purge
from octui.server.database import tables
from octui.server.database.engine import open_store
from octui.server.database.unit_of_work import Change
from octui.server.events.rules import IncomingEvent, judge_events
from octui.server.events.store import take_in
from octui.server.maintenance import JOBS, MaintenanceThread
from server.conftest import NOW, OPERATOR, Center, Clock, PostgresServer, Store
from server.stored import add_service, stored_timeline
from server.streams import AGENTS, FAST
from server.test_cti_log import get, turn_monitoring_on
from server.test_events import event, send_events, stored_rows
from server.test_stats import STATS
from server.test_stats import get as read

MINUTE = 60_000
DAY = 86_400_000
FIRST, SECOND = day_bounds(20260701, "Asia/Seoul")


def time_to_keep_from(day: int, zone: str = "Asia/Seoul") -> int:
    """Return a time at which the log is kept from `day` on: two years later."""
    return day_bounds(day + 20_000, zone)[0] + 1


def logged_days(store: Store) -> int:
    of = tables.event.c
    return store.read(
        lambda connection: connection.execute(
            select(func.count()).select_from(tables.event).where(of.cti_day.is_not(None))
        ).scalar_one()
    )


async def send_morning(store: Store, clock: Clock) -> None:
    """Send two days of kim: 30 June and 1 July."""
    turn_monitoring_on(store)
    clock.now = SECOND
    kinds: list[tuple[str, dict[str, str]]] = [
        ("octui.phone.login", {}),
        ("octui.phone.state", {"state": "meal"}),
        ("octui.phone.logout", {}),
    ]
    for day, start in (("a", FIRST - DAY), ("b", FIRST)):
        for number, (kind, data) in enumerate(kinds):
            await send_events(store, [event(f"{day}{number}", kind, at=start + number * 3_600_000, **data)])
    await send_events(store, [event("chat", "octui.chat.login", at=FIRST - DAY)])
    await send_events(store, [event("ticket", "octui.ticket.created", None, FIRST - DAY, ticket="T")])


async def test_old_entries_are_purged_and_the_purge_is_recorded(store: Store, center: Center, clock: Clock) -> None:
    await send_morning(store, clock)
    before = {day: (await read(store, f"{STATS}?date={day}")).json() for day in ("2026-06-30", "2026-07-01")}
    assert log_purge.purge_due(store) == 0
    clock.now = time_to_keep_from(20260701) - 2  # a moment before the day begins
    assert log_purge.purge_due(store) == 0
    clock.now += 2
    assert log_purge.purge_due(store) == 3
    assert (await get(store))["count"] == 3
    assert [one["day"] for one in (await get(store, "/services/oc/cti/log/days"))["days"]] == ["2026-07-01"]
    assert stored_rows(store) == 5  # the other day's three, a chat, a ticket
    assert log_purge.purge_due(store) == 0
    for day, figures in before.items():
        after = (await read(store, f"{STATS}?date={day}")).json()
        assert {name: after[name] for name in ("phone", "logged_in")} == {
            name: figures[name] for name in ("phone", "logged_in")
        }
    (entry,) = (await get(store, "/audit", log="administration"))["entries"]
    assert (entry["action"], entry["service"], entry["actor_account"]) == ("cti_log.purged", "oc", "")
    assert entry["before"] == {"kind": "purged_entries", "count": 3, "last_day": "2026-06-30"}


async def test_a_clock_jump_purges_nothing(store: Store, center: Center, clock: Clock) -> None:
    await send_morning(store, clock)
    assert log_purge.purge_when_steady in JOBS
    day = MaintenanceThread(store, [log_purge.purge_when_steady])
    clock.now = time_to_keep_from(20260701) + 10 * 365 * DAY
    for _ in range(3):
        day.run_jobs()
    clock.now += DAY - 1
    day.run_jobs()
    assert logged_days(store) == 6
    clock.now = SECOND  # set right: nothing is due
    day.run_jobs()
    clock.now = time_to_keep_from(20260701)  # two years later something really is
    day.run_jobs()
    assert logged_days(store) == 6
    left = []
    for _ in range(2):
        clock.now += DAY // 2
        day.run_jobs()
        left.append(logged_days(store))
    assert left == [6, 0]


async def test_only_events_of_purged_days_are_refused(store: Store, center: Center, clock: Clock) -> None:
    await send_morning(store, clock)
    clock.now = time_to_keep_from(20260701)
    log_purge.purge_due(store)
    answer = (
        await send_events(
            store,
            [
                event("x", "octui.telepathy"),
                event("a1", "octui.phone.state", at=FIRST - 1, state="rest"),  # purged, so not known any more
                event("c", "octui.chat.rest", at=FIRST - 1),
                event("d", "octui.queue.QUEUESTART", None, FIRST - 1),
                event("t", "octui.ticket.solved", None, FIRST - 1, ticket="T", agent="kim"),
                event("b1", "octui.phone.state", at=FIRST + 3_600_000, state="meal"),
                event("e", "octui.phone.state", at=FIRST, state="rest"),
                {"no": "event"},
            ],
        )
    ).json()
    assert (answer["taken"], answer["duplicates"], answer["unknown"]) == (2, 1, {"octui.telepathy": 1})
    assert [(one["index"], one["id"], one["code"]) for one in answer["refused"]] == [
        (1, "a1", "range"),
        (2, "c", "range"),
        (3, "d", "range"),
        (7, None, "missing"),
    ]
    assert "2026-07-01" in answer["refused"][0]["message"]


async def test_a_longer_retention_restores_nothing_and_a_shorter_one_purges_more(
    store: Store, center: Center, clock: Clock
) -> None:
    async def refused(at: int) -> int:
        return len((await send_events(store, [event(at, "octui.phone.login", at=at)])).json()["refused"])

    await send_morning(store, clock)
    clock.now = time_to_keep_from(20260701)
    log_purge.purge_due(store)

    def keep(years: int) -> None:
        statement = update(tables.cti_settings).values(retention_years=years)
        store.write(lambda change: change.connection.execute(statement).rowcount, OPERATOR)

    keep(5)
    assert log_purge.purge_due(store) == 0
    assert await refused(FIRST - 1) == 1
    keep(1)
    assert log_purge.purge_due(store) == 3
    assert logged_days(store) == 0
    assert (await get(store))["entries"] == []
    assert await refused(FIRST) == 1


def _move(zone: str, change: Change) -> int:
    moved: int = change.connection.execute(update(tables.service).values(time_zone=zone)).rowcount
    return moved


async def test_a_new_time_zone_admits_no_purged_days(store: Store, center: Center, clock: Clock) -> None:
    """The first day kept began at another moment in the earlier zone."""
    await send_morning(store, clock)
    clock.now = time_to_keep_from(20260701)
    log_purge.purge_due(store)
    for zone, before in (
        ("America/New_York", day_bounds(20260701, "America/New_York")[0]),
        ("Pacific/Kiritimati", FIRST),
    ):
        store.write(partial(_move, zone), OPERATOR)
        for at, count in ((before - 1, 1), (before, 0)):
            found = (await send_events(store, [event(f"{zone}{at}", "octui.phone.login", at=at)])).json()
            assert len(found["refused"]) == count


async def test_a_purge_is_done_in_chunks(
    store: Store, center: Center, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_monitoring_on(store)
    await send_events(store, [event(number, "octui.phone.login", at=NOW - DAY + number) for number in range(25)])
    clock.now = time_to_keep_from(20260701)
    monkeypatch.setattr(log_purge, "CHUNK", 4)
    monkeypatch.setattr(log_purge, "MOST_CHUNKS", 3)
    sizes = []
    real = log_purge.delete_entries

    def delete(change: Change, service_id: int) -> int:
        sizes.append(real(change, service_id, 4))
        # What is still there is in no page and in no count.
        assert change.connection.execute(select(func.count()).select_from(tables.cti_log_day)).scalar_one() == 0
        return sizes[-1]

    monkeypatch.setattr(log_purge, "delete_entries", delete)
    assert log_purge.purge_due(store) == 12
    assert (await get(store))["entries"] == []
    assert logged_days(store) == 13
    assert [log_purge.purge_due(store), log_purge.purge_due(store)] == [12, 1]
    assert max(sizes) == 4
    assert store.read(lambda c: c.execute(select(tables.audit_head.c.seq)).scalar_one()) == 1


def test_a_purge_of_many_services_has_the_same_limit(
    store: Store, center: Center, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(change: Change) -> int:
        for service in center.services.values():
            row = {"source_id": 1, "service_id": service, "at": NOW, "type": "octui.phone.login", "data": "{}"}
            rows = [row | {"event_id": str(number), "cti_day": 20260701} for number in range(8)]
            change.connection.execute(insert(tables.event), rows)
            change.connection.execute(insert(tables.cti_log_day).values(service_id=service, day=20260701, count=8))
        return len(center.services)

    assert store.write(fill, OPERATOR) == 2
    clock.now = time_to_keep_from(20260702)
    monkeypatch.setattr(log_purge, "CHUNK", 4)
    monkeypatch.setattr(log_purge, "MOST_CHUNKS", 2)
    monkeypatch.setattr(log_purge, "delete_entries", partial(log_purge.delete_entries, limit=4))
    assert [log_purge.purge_due(store) for _ in range(3)] == [8, 8, 0]


def _send_week(store: Store, service: int, events: list[IncomingEvent]) -> EventsResult:
    return store.write(lambda change: take_in(change, service, events), OPERATOR)


def _begin(now: int, change: Change) -> int:
    if change.connection.execute(select(tables.cti_settings.c.id)).scalar() is None:
        change.connection.execute(insert(tables.cti_settings).values(id=1, monitoring=True))
    return log_purge.begin_purge(change, now)


ZONE = "Asia/Seoul"
DAYS = 5
KINDS: list[tuple[str, dict[str, str]]] = [
    ("octui.phone.login", {}),
    ("octui.phone.logout", {}),
    ("octui.phone.state", {"state": "meal"}),
    ("octui.phone.state", {"state": "inbound_calls", "call": "C"}),
    ("octui.chat.login", {}),
    ("octui.chat.logout", {}),
    ("octui.queue.QUEUESTART", {}),
]
moments = st.tuples(st.integers(0, DAYS - 1), st.integers(0, 1439), st.sampled_from(AGENTS), st.sampled_from(KINDS))
weeks = st.lists(moments, min_size=6, max_size=14)
"""Few events on several days, so that days lie between them on which an agent has none."""


def _check_same_figures_after_purge(week: list[tuple[int, int, str, Any]], data: st.DataObject, store: Store) -> None:
    """Compare a service that was purged before later events arrived with one that never was."""
    code, service, members = store.write(partial(add_service, ZONE), OPERATOR)
    _, purged, _ = store.write(partial(add_service, ZONE), OPERATOR)
    events = [
        event(number, kind, agent, FIRST + day * DAY + minute * MINUTE, **said)
        for number, (day, minute, agent, (kind, said)) in enumerate(sorted(week, key=repr))
    ]
    in_order = sorted(
        judge_events(events, code, FIRST + DAYS * DAY).events, key=lambda one: (one.at, one.sequence, one.id)
    )
    floor = 20260702 + data.draw(st.integers(0, DAYS - 3), label="floor")
    now = time_to_keep_from(floor)
    store.write(partial(_begin, now), OPERATOR)  # what earlier examples left
    old = [one for one in in_order if day_of(one.at, ZONE) < floor]
    arriving = list(data.draw(st.permutations([one for one in in_order if one not in old]), label="arrival"))
    early = data.draw(st.integers(0, len(arriving)), label="early")
    for part in (old, arriving[:early]):
        _send_week(store, purged, part)
    of_log = [one for one in old if one.type.startswith(("octui.phone.", "octui.queue."))]
    assert store.write(lambda change: log_purge.begin_purge(change, now), OPERATOR) == len(of_log)
    assert store.write(lambda change: log_purge.delete_entries(change, purged), OPERATOR) == len(of_log)
    rest = arriving[early:] + (old if of_log else [])
    while rest:
        size = data.draw(st.integers(1, len(rest)), label="batch")
        result = _send_week(store, purged, rest[:size])
        assert len(result.refused) == sum(one in old for one in rest[:size])
        rest = rest[size:]
    _send_week(store, service, in_order)
    for member in members.values():
        assert store.read(partial(stored_timeline, purged, member)) == store.read(
            partial(stored_timeline, service, member)
        )


def test_purge_leaves_the_figures_on_sqlite(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/octui.db", clock=Clock())

    @FAST
    @given(weeks, st.data())
    def run(week: list[tuple[int, int, str, Any]], data: st.DataObject) -> None:
        _check_same_figures_after_purge(week, data, store)

    try:
        run()
    finally:
        store.close()


def test_purge_leaves_the_figures_on_postgresql(server: PostgresServer) -> None:
    url = server.make("purge", "template")
    store = open_store(url, clock=Clock())

    @settings(FAST, max_examples=15)
    @given(weeks, st.data())
    def run(week: list[tuple[int, int, str, Any]], data: st.DataObject) -> None:
        _check_same_figures_after_purge(week, data, store)

    try:
        run()
    finally:
        store.close()
        server.drop("purge")
