"""Any stream of events, in any order and batches, sent twice, with restarts in between, gives the same figures.

Events arriving in disorder are compared with the same events in one sorted pass. Besides, phone figures and the running
state add up to the logged-in time.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from octui.server.database import tables
from octui.server.database.engine import open_store
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.events.rules import IncomingEvent, judge_events
from octui.server.events.store import take_in
from octui.server.events.timeline_rules import Context
from octui.server.events.timeline_store import load_timelines
from server.conftest import OPERATOR, Clock, PostgresServer

MINUTE = 60_000
Figures = dict[tuple[int, str, str], tuple[int, int]]
"""(day, channel, state) → (count, ms)."""
ZONES = {  # zone → a midnight about which the clocks change, epoch s
    "Asia/Seoul": datetime(2026, 6, 30, 15, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 4, tzinfo=UTC),
    "America/Havana": datetime(2026, 11, 1, 4, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 3, 13, tzinfo=UTC),
    "America/Sao_Paulo": datetime(2018, 11, 4, 3, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 30, 10, tzinfo=UTC),
}
AGENTS = ("kim", "lee")
STRIP_MINUTES = 4 * 1440
STATES = ("ready", "rest", "meal", "ticket_work", "default", "ringing", "dialling", "hold", "transfer", "other")
TALK = ("inbound_calls", "outbound_calls")
calls = st.sampled_from([None, "C1", "C2", "C3"])
queues = st.sampled_from(["q1", "q2"])


def _queue_event(name: str, **more: Any) -> Callable[..., tuple[str, dict[str, Any]]]:
    def make(call: str | None, queue: str, ring: int, reason: str, state: str) -> tuple[str, dict[str, Any]]:
        args = {"CONNECT": ["5", "b", str(ring * 60)], "RINGNOANSWER": [str(ring * MINUTE)]}.get(name, [])
        data = {"call": call or "NONE", "queue": queue, "args": args, **more}
        if name in ("PAUSE", "PAUSEALL"):
            data["args"] = [reason]
        return "octui.queue." + name, data

    return make


def _phone_event(call: str | None, queue: str, ring: int, reason: str, state: str) -> tuple[str, dict[str, Any]]:
    return "octui.phone.state", {"state": state} | ({"call": call} if call else {})


def _simple_event(kind: str, **data: str) -> Callable[..., tuple[str, dict[str, Any]]]:
    return lambda *_: (kind, dict(data))


KINDS: list[Callable[..., tuple[str, dict[str, Any]]]] = [
    *[
        _queue_event(name)
        for name in (
            "ADDMEMBER",
            "REMOVEMEMBER",
            "AGENTLOGIN",
            "AGENTLOGOFF",
            "PAUSE",
            "PAUSE",
            "UNPAUSE",
            "PAUSEALL",
            "UNPAUSEALL",
            "CONNECT",
            "CONNECT",
            "COMPLETEAGENT",
            "COMPLETECALLER",
            "BLINDTRANSFER",
            "ATTENDEDTRANSFER",
            "CONNECT",
            "RINGNOANSWER",
            "RINGNOANSWER",
            "QUEUESTART",
            "QUEUESTART",
        )
    ],
    *[_phone_event] * 5,
    _simple_event("octui.phone.login"),
    _simple_event("octui.phone.login", state="meal"),
    _simple_event("octui.phone.logout"),
    _simple_event("octui.chat.login"),
    _simple_event("octui.chat.logout"),
    _simple_event("octui.chat.rest"),
    _simple_event("octui.chat.resume"),
    *[_simple_event(f"octui.chat.{what}", chat=chat) for what in ("opened", "closed") for chat in ("A", "B")],
]

steps = st.tuples(
    st.sampled_from([0, 0, 0, 1, 2, 7, 45, 200, 700]),  # minutes since the step before
    st.sampled_from(AGENTS),
    st.sampled_from(KINDS),
    calls,
    queues,
    st.integers(0, 3),
    st.sampled_from(["", "식사", "meeting", "세차"]),
    st.sampled_from(STATES + TALK * 3),
    st.booleans(),
    st.sampled_from(["a", "b"]),
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[str, int, list[dict[str, Any]]]:
    """Draw a zone, the first minute, and CloudEvents in the order in which they happened."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    midnight = int(ZONES[zone].timestamp()) * 1000
    start = at = midnight - draw(st.sampled_from([30, 700, 1500])) * MINUTE
    events = []
    for number, (wait, agent, make, call, queue, ring, reason, state, numbered, source) in enumerate(
        draw(st.lists(steps, min_size=draw(st.sampled_from([0, 8, 25])), max_size=40))
    ):
        at = min(at + wait * MINUTE, start + (STRIP_MINUTES - 5) * MINUTE)
        kind, data = make(call, queue, ring, reason, state)
        event = {
            "specversion": "1.0",
            "id": f"{number:04d}",
            "source": source,
            "type": kind,
            "time": datetime.fromtimestamp(at // 1000, UTC).isoformat(),
            "subject": agent,
            "data": data,
        }
        events.append(event | ({"sequence": str(number)} if numbered else {}))
    return zone, start, events


def _add_service(zone: str, change: Change) -> tuple[str, int, dict[str, int]]:
    """Add a service for one example."""
    run = change.connection.execute
    count = len(run(select(tables.service.c.id)).all())
    code = "x" + "".join("abcdefghij"[int(digit)] for digit in str(count))
    service = run(
        insert(tables.service)
        .values(code=code, name=code, type="consultation", language="ko", time_zone=zone)
        .returning(tables.service.c.id)
    ).scalar_one()
    members = {}
    for account in AGENTS:
        found = run(select(tables.member.c.id).where(tables.member.c.account == account)).scalar()
        if found is None:
            found = run(
                insert(tables.member)
                .values(account=account, name=account, email="a@b", folded=account, choseong=account)
                .returning(tables.member.c.id)
            ).scalar_one()
        members[account] = found
        rights = {"role": "ROLE_FRONT_AGENT", "ticket": True, "chat": True, "phone": True, "version": 1, "changed": 0}
        run(insert(tables.agent).values(service_id=service, member_id=found, **rights))
    return code, service, members


Kept = tuple[list[tuple[Any, ...]], Figures, tuple[str, str, int]]


def _stored_timelines(service: int, member: int, connection: Connection) -> Kept:
    """Return intervals in time order, figures, and what is running."""
    of = tables.interval.c
    rows = connection.execute(
        select(of.channel, of.day, of.start, of.end, of.state, of.counted, of.call)
        .where(of.service_id == service, of.member_id == member)
        .order_by(of.channel, of.start, of.end, of.day, of.id)
    ).all()
    fig = tables.figure.c
    found = connection.execute(
        select(fig.day, fig.channel, fig.state, fig.count, fig.ms).where(
            fig.service_id == service, fig.member_id == member
        )
    ).all()
    line = load_timelines(connection, service, [member])[member]
    kept = {(day, channel, state): (count, ms) for day, channel, state, count, ms in found}
    return sorted(map(tuple, rows), key=repr), kept, (line.context.as_json(), str(line.state), line.since)


def _send_events(store: Store, service: int, events: list[IncomingEvent]) -> tuple[int, int]:
    result = store.write(lambda change: take_in(change, service, events), OPERATOR)
    assert not result.unmatched
    return result.taken, result.duplicates


def _running_states(service: int, member: int, connection: Connection) -> Context:
    return load_timelines(connection, service, [member])[member].context


def _check_invariants(kept: Kept, running: Context) -> None:
    """Check that intervals do not overlap and that figures and running states add up to each day's logged-in time."""
    rows, found, _ = kept
    spent: Counter[tuple[str, int]] = Counter()
    for channel in ("phone", "login", "chat"):
        spans = [(start, end) for row_channel, _, start, end, *_ in rows if row_channel == channel and end > start]
        assert all(first[1] <= second[0] for first, second in pairwise(spans))
    for (day, channel, _), (_, ms) in found.items():
        spent[channel, day] += ms
    total = {name: sum(ms for (channel, _), ms in spent.items() if channel == name) for name in ("phone", "login")}
    if running.state is None:
        days = {day for _, day in spent}
        assert {day: spent["phone", day] for day in days} == {day: spent["login", day] for day in days}
    else:
        # Both still run: up to any later moment they have run equally long.
        assert total["phone"] - running.since == total["login"] - running.login


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


def _check_same_figures(stream: tuple[str, int, list[dict[str, Any]]], data: st.DataObject, reopen: Any) -> None:
    zone, start, events = stream
    horizon = start + STRIP_MINUTES * MINUTE
    store: Store = reopen(False)
    (code, sorted_service, members) = store.write(partial(_add_service, zone), OPERATOR)
    judged = judge_events(events, code, horizon)
    assert not judged.refused
    assert not judged.unknown
    in_order = sorted(judged.events, key=lambda event: (event.at, event.sequence, event.id, event.source))
    assert _send_events(store, sorted_service, in_order) == (len(in_order), 0)

    _, service, _ = store.write(partial(_add_service, zone), OPERATOR)
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
        kept = store.read(partial(_stored_timelines, service, member))
        assert kept == store.read(partial(_stored_timelines, sorted_service, member))
        _check_invariants(kept, store.read(partial(_running_states, service, member)))


FAST = settings(deadline=None, derandomize=True, max_examples=120, suppress_health_check=list(HealthCheck))


def test_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/octui.db"
    stores = [open_store(url, clock=Clock())]

    def reopen(really: bool) -> Any:
        if really:
            stores.pop().close()
            stores.append(open_store(url, clock=Clock()))
        return stores[0]

    @FAST
    @given(streams(), st.data())
    def run(stream: tuple[str, int, list[dict[str, Any]]], data: st.DataObject) -> None:
        _check_same_figures(stream, data, reopen)

    try:
        run()
    finally:
        stores[0].close()


@pytest.mark.parametrize("seed", range(2))
def test_on_postgresql(server: PostgresServer, seed: int) -> None:
    name = f"property{seed}"
    url = server.make(name, "template")
    store = open_store(url, clock=Clock())

    @settings(FAST, max_examples=15)
    @given(streams(), st.data())
    def run(stream: tuple[str, int, list[dict[str, Any]]], data: st.DataObject) -> None:
        _check_same_figures(stream, data, lambda _: store)

    try:
        run()
    finally:
        store.close()
        server.drop(name)
