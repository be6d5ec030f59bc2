"""Any stream of events, in any order and batches, sent twice, with restarts in between, is stored as the reckoner says.

Events arriving in disorder are compared with the same events in one sorted pass, and both with the second reckoner:
every second of every agent, every count, and the figures as the sums of the intervals.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from octui.intake.queue_log import QueueLog
from octui.server.database.engine import open_store
from octui.server.database.store import Store
from octui.server.events.rules import IncomingEvent, judge_events
from octui.server.events.store import take_in
from server.comparison import compare, describe_stream
from server.conftest import OPERATOR, Clock, PostgresServer
from server.program import end_everything
from server.reckoner import reckon
from server.stored import NAMES, add_service, stored_rows, stored_timeline
from server.streams import AGENTS, FAST, HORIZON_S, Told, streams, told_to

Reopen = Callable[[bool], Store]
Stream = tuple[str, int, list[Told]]


def _send_events(store: Store, service: int, events: list[IncomingEvent]) -> tuple[int, int]:
    result = store.write(lambda change: take_in(change, service, events), OPERATOR)
    assert not result.unmatched
    return result.taken, result.duplicates


def _cloud_event(number: int, told: Told, name: str | None, source: str) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": f"{number:04d}",
        "source": source,
        "type": told.kind,
        "time": datetime.fromtimestamp(told.at // 1000, UTC).isoformat(),
        "sequence": str(number),
        "data": told.data,
    }
    return event | ({"subject": name} if name else {})


def _judge(events: list[dict[str, Any]], code: str, now: int) -> list[IncomingEvent]:
    judged = judge_events(events, code, now)
    assert not judged.refused
    assert not judged.unknown
    return sorted(judged.events, key=lambda event: (event.at, event.sequence, event.id, event.source))


def _arrival_order(data: st.DataObject, in_order: list[IncomingEvent]) -> list[IncomingEvent]:
    """Draw an order: any, one source after the other, or in order with a few late events."""
    kind = data.draw(st.sampled_from(["any", "by source", "by agent", "some late"]), label="kind")
    if kind == "any":
        return list(data.draw(st.permutations(in_order), label="arrival"))
    if kind == "by source":
        return sorted(in_order, key=lambda event: event.source)
    if kind == "by agent":
        return sorted(in_order, key=lambda event: (event.everybody, event.agent or ""))
    arriving = list(in_order)
    for _ in range(data.draw(st.integers(0, 3), label="late")):
        if arriving:
            place = st.integers(0, len(arriving) - 1)
            arriving.insert(data.draw(place, label="to"), arriving.pop(data.draw(place, label="from")))
    return arriving


def _compare_with_reckoner(store: Store, service: int, members: dict[str, int], stream: Stream) -> None:
    zone, start, told = stream
    end = start + HORIZON_S * 1000
    ends = [Told(at, agent, kind, data) for at, kind, data in end_everything(end) for agent in AGENTS]
    events = [_cloud_event(number, each, each.agent, "end") for number, each in enumerate(ends, 9000)]
    _send_events(store, service, _judge(events, "", end))
    for account, member in members.items():
        expected = reckon(told_to(account, [*told, *ends]), zone)
        compare(store.read(partial(stored_rows, service, member)), expected, zone)


def _check_any_arrival(stream: Stream, data: st.DataObject, reopen: Reopen) -> None:
    zone, start, told = stream
    note(f"{zone}\n{describe_stream([(each.at, f'{each.agent} {each.kind}', each.data) for each in told], start)}")
    store = reopen(False)
    code, sorted_service, members = store.write(partial(add_service, zone), OPERATOR)
    names = [data.draw(st.sampled_from(NAMES[each.agent])) if each.agent else None for each in told]
    sources = data.draw(st.lists(st.sampled_from("ab"), min_size=len(told), max_size=len(told)), label="sources")
    events = [_cloud_event(*each) for each in zip(range(len(told)), told, names, sources, strict=True)]
    in_order = _judge(events, code, start + HORIZON_S * 1000)
    assert _send_events(store, sorted_service, in_order) == (len(in_order), 0)

    _, service, _ = store.write(partial(add_service, zone), OPERATOR)
    arriving = _arrival_order(data, in_order)
    arriving += data.draw(st.lists(st.sampled_from(arriving), max_size=5), label="again") if arriving else []
    taken = 0
    while arriving:
        size = data.draw(st.integers(1, len(arriving)), label="batch")
        store = reopen(data.draw(st.booleans(), label="restart"))
        taken += _send_events(store, service, arriving[:size])[0]
        arriving = arriving[size:]
    assert taken == len(in_order)
    for member in members.values():
        kept = store.read(partial(stored_timeline, service, member))
        assert kept == store.read(partial(stored_timeline, sorted_service, member))
    _compare_with_reckoner(store, service, members, stream)


def _write_line(told: Told, name: str | None) -> str:
    data = told.data
    args = "|".join(data["args"])
    kind = told.kind.removeprefix("octui.queue.")
    return f"{told.at // 1000}|{data['call'] or 'NONE'}|{data['queue'] or 'NONE'}|{name or 'NONE'}|{kind}|{args}|"


def _check_any_cut(stream: Stream, data: st.DataObject, store: Store, folder: Path) -> None:
    """Cut a log at any line and take in its parts in either order."""
    zone, start, told = stream
    names = [data.draw(st.sampled_from(NAMES[each.agent][1:])) if each.agent else None for each in told]
    # Equal lines of one second that a cut separates count as one line (rules.md 35): each gets an argument of its own.
    lines = [
        f"{_write_line(each, name)}{'|' * (8 - len(each.data['args']))}{number}\n"
        for number, (each, name) in enumerate(zip(told, names, strict=True))
    ]
    note("".join(lines))
    cut = data.draw(st.integers(0, len(lines)), label="cut")
    parts = [part for part in (lines[:cut], lines[cut:]) if part]
    if data.draw(st.booleans(), label="later part first"):
        parts.reverse()
    code, service, members = store.write(partial(add_service, zone), OPERATOR)
    for number, part in enumerate(parts):
        path = folder / f"queue_log.{number}"
        path.write_text("".join(part), encoding="utf-8")
        for batch in QueueLog(path).read():
            _send_events(store, service, _judge(batch.events, code, start + HORIZON_S * 1000))
    _compare_with_reckoner(store, service, members, stream)


@pytest.fixture
def reopen(tmp_path: Path) -> Any:
    """A function that returns the store, opened anew if asked to."""
    url = f"sqlite:///{tmp_path}/octui.db"
    stores = [open_store(url, clock=Clock())]

    def open_again(really: bool) -> Store:
        if really:
            stores.pop().close()
            stores.append(open_store(url, clock=Clock()))
        return stores[0]

    yield open_again
    stores[0].close()


def test_events_in_any_order_are_stored_as_the_reckoner_says(reopen: Reopen) -> None:
    @settings(FAST, max_examples=50)
    @given(streams(agents=2), st.data())
    def run(stream: Stream, data: st.DataObject) -> None:
        _check_any_arrival(stream, data, reopen)

    run()


def test_log_cut_at_any_line_is_stored_as_the_reckoner_says(reopen: Reopen, tmp_path: Path) -> None:
    """rules.md 35."""

    @settings(FAST, max_examples=40)
    @given(streams(("log", "static", "calls"), agents=2), st.data())
    def run(stream: Stream, data: st.DataObject) -> None:
        _check_any_cut(stream, data, reopen(False), tmp_path)

    run()


def test_postgresql_stores_what_the_reckoner_says(server: PostgresServer) -> None:
    url = server.make("property", "template")
    store = open_store(url, clock=Clock())

    @settings(FAST, max_examples=15)
    @given(streams(agents=2), st.data())
    def run(stream: Stream, data: st.DataObject) -> None:
        _check_any_arrival(stream, data, lambda _: store)

    try:
        run()
    finally:
        store.close()
        server.drop("property")
