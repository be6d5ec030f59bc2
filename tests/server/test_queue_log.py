"""The queue_log of a real session gives figures that can be counted by hand, also when it is taken in twice."""

import random
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from octui.intake.queue_log import QueueLog
from octui.schema.events import EventsResult
from octui.schema.stats import PhoneState, Stats
from octui.server.core.calendar import day_bounds, day_of
from octui.server.database.unit_of_work import Change
from octui.server.events.rules import IncomingEvent, judge_events
from octui.server.events.store import take_in
from octui.server.stats.store import read_stats
from server.conftest import OPERATOR, Center, Clock, Store
from server.test_events import set_cti

SAMPLE = Path(__file__).parents[1] / "data" / "queue_log"
AGENTS = {"kim": "7001", "lee": "7002"}
DAYS = (20260630, 20260701)
SEOUL = "Asia/Seoul"
AFTER = day_bounds(20260702, SEOUL)[0]


def _take_in(service: int, events: list[IncomingEvent], change: Change) -> EventsResult:
    return take_in(change, service, events)


def take(store: Store, center: Center, batches: list[list[dict[str, Any]]]) -> EventsResult:
    results = []
    for batch in batches:
        judged = judge_events(batch, "oc", AFTER)
        assert not judged.refused
        taken = store.write(partial(_take_in, center.services["oc"], judged.events), OPERATOR)
        results.append(taken.model_copy(update={"unknown": judged.unknown}))
    return EventsResult(
        taken=sum(result.taken for result in results),
        duplicates=sum(result.duplicates for result in results),
        by_type=sum((Counter(result.by_type) for result in results), Counter()),
        unmatched=sum((Counter(result.unmatched) for result in results), Counter()),
        unknown=sum((Counter(result.unknown) for result in results), Counter()),
        unknown_reasons=sum((Counter(result.unknown_reasons) for result in results), Counter()),
    )


def figures(store: Store) -> dict[tuple[str, int], Stats]:
    return {
        (account, day): store.read(lambda c, a=account, d=day: read_stats(c, "oc", a, d, AFTER))  # type: ignore[misc]
        for account in AGENTS
        for day in DAYS
    }


def file() -> list[list[dict[str, Any]]]:
    return [batch.events for batch in QueueLog(SAMPLE).read()]


def log_lines_of(name: str, agent: str) -> list[tuple[int, list[str]]]:
    """Return (ms, fields) of an agent's lines in the file."""
    rows = [line.split("|") for line in SAMPLE.read_text("utf-8").splitlines()]
    return [(int(row[0]) * 1000, row) for row in rows if row[4] == name and row[3] == f"PJSIP/{agent}"]


def test_a_real_log_gives_the_expected_figures(store: Store, center: Center, clock: Clock) -> None:
    clock.now = AFTER
    for account, cti_id in AGENTS.items():
        set_cti(store, center, account, cti_id)
    lines = len(SAMPLE.read_text("utf-8").splitlines())
    first = take(store, center, file())
    assert (first.taken, first.duplicates) == (lines - 1, 0)
    assert first.unknown == {"octui.queue.CONFIGRELOAD": 1}
    assert first.unknown_reasons == {"세차": 2}
    assert not first.unmatched
    found = figures(store)
    again = take(store, center, file())
    assert (again.taken, again.duplicates) == (0, lines - 1)
    assert figures(store) == found

    restart = max(
        int(line.partition("|")[0]) for line in SAMPLE.read_text("utf-8").splitlines() if "QUEUESTART" in line
    )
    for account, cti_id in AGENTS.items():
        sessions = log_lines_of("ADDMEMBER", cti_id)[::2], log_lines_of("REMOVEMEMBER", cti_id)[::2]
        (came, _), (back, _) = sessions[0]
        ((left, _),) = sessions[1]
        calls = log_lines_of("CONNECT", cti_id)
        ends = {
            row[1]: at
            for name in ("COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ATTENDEDTRANSFER")
            for at, row in log_lines_of(name, cti_id)
        }
        for day in DAYS:
            stats = found[account, day]
            low, high = day_bounds(day, SEOUL)
            assert stats.phone is not None
            assert stats.logged_in is not None

            def inside(start: int, end: int, low: int = low, high: int = high) -> int:
                return max(0, min(end, high) - max(start, low))

            assert stats.logged_in.ms == inside(came, restart * 1000) + inside(back, left)
            assert sum(figure.ms for figure in stats.phone.values()) == stats.logged_in.ms
            talk = stats.phone[PhoneState.INBOUND_CALLS]
            assert talk.count == sum(day_of(at, SEOUL) == day for at, _ in calls)
            assert talk.ms == sum(inside(at, ends.get(row[1], restart * 1000)) for at, row in calls)
            transfers = log_lines_of("BLINDTRANSFER", cti_id) + log_lines_of("ATTENDEDTRANSFER", cti_id)
            assert stats.phone[PhoneState.TRANSFER].count == sum(day_of(at, SEOUL) == day for at, _ in transfers)
            rang = sum(int(row[7]) * 1000 for at, row in calls if day_of(at, SEOUL) == day)
            rang += sum(int(row[5]) for at, row in log_lines_of("RINGNOANSWER", cti_id) if day_of(at, SEOUL) == day)
            assert stats.phone[PhoneState.OTHER].ms == rang
        evening = found[account, DAYS[0]].phone
        assert evening is not None
        assert evening[PhoneState.MEAL].count == 1
        assert evening[PhoneState.TICKET_WORK].count >= 1
    # The break over midnight is entered once, on the evening; 세차 is a word nobody knows.
    night = found["kim", DAYS[1]].phone
    evening = found["kim", DAYS[0]].phone
    assert night is not None
    assert evening is not None
    assert (evening[PhoneState.EDUCATION].count, night[PhoneState.EDUCATION].count) == (1, 0)
    assert evening[PhoneState.EDUCATION].ms + night[PhoneState.EDUCATION].ms == 1290 * 1000
    lee = found["lee", DAYS[1]].phone
    assert lee is not None
    assert (lee[PhoneState.REST].count, lee[PhoneState.REST].ms) == (1, 610_000)


def test_a_log_in_any_order_and_pieces_gives_the_same_figures(store: Store, center: Center, clock: Clock) -> None:
    clock.now = AFTER
    for account, cti_id in AGENTS.items():
        set_cti(store, center, account, cti_id)
    everything = [event for batch in file() for event in batch]
    shuffled = random.Random(3).sample(everything, len(everything))
    take(store, center, [shuffled[start : start + 70] for start in range(0, len(shuffled), 70)])
    found = figures(store)
    in_order = store.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM interval").scalar_one())
    store.write(_delete_events, OPERATOR)
    take(store, center, [everything])
    assert figures(store) == found
    count = store.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM interval").scalar_one())
    assert count == in_order


def _delete_events(change: Change) -> None:
    for table in ("event", "interval", "figure", "agent_day", "agent_state"):
        change.connection.exec_driver_sql(f"DELETE FROM {table}")


def _dense_log() -> list[bytes]:
    """Return lines of which many share a second, and whose order there makes the figures."""
    base = 1_782_815_000
    changes = ["PAUSE|식사", "UNPAUSE|", "PAUSE|휴식", "UNPAUSE|", "PAUSE|회의"]
    events = [(0, "ADDMEMBER|"), *((100, change) for change in changes), (400, "UNPAUSE|"), (400, "PAUSE|교육")]
    events += [
        (500, "REMOVEMEMBER|"),
        (500, "ADDMEMBER|"),
        (800, "PAUSE|보고"),
        (800, "UNPAUSE|"),
        (900, "REMOVEMEMBER|"),
    ]
    return [f"{base + at}|c{place}|support|PJSIP/7001|{what}\n".encode() for place, (at, what) in enumerate(events)]


def test_rule_35_parts_of_a_log_in_either_order_give_the_figures_of_the_whole(
    store: Store, center: Center, clock: Clock, tmp_path: Path
) -> None:
    clock.now = AFTER
    for account, cti_id in AGENTS.items():
        set_cti(store, center, account, cti_id)
    lines = _dense_log()
    found = []
    for cut in range(len(lines)):
        (tmp_path / "a").write_bytes(b"".join(lines[:cut]))
        (tmp_path / "b").write_bytes(b"".join(lines[cut:]))
        for names in ("ab", "ba"):
            store.write(_delete_events, OPERATOR)
            for name in names:
                take(store, center, [batch.events for batch in QueueLog(tmp_path / name).read()])
            found.append((figures(store), store.read(_count_intervals)))
    assert found == found[:1] * len(found)
    logged_in = found[0][0]["kim", DAYS[0]].logged_in
    assert logged_in is not None
    assert logged_in.ms == 900_000


def _count_intervals(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT count(*) FROM interval").scalar_one())
