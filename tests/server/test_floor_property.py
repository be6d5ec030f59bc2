"""Minutes of any stream of events, in any order and batches, are what two reckoners say (rules.md 47–50)."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from octui.schema.floor import FloorMinutes
from octui.server.core.calendar import day_of
from octui.server.database.engine import open_store
from octui.server.database.store import Store
from octui.server.events.rules import IncomingEvent, judge_events
from octui.server.events.store import take_in
from octui.server.floor.store import read_floor, read_minutes, set_threshold
from server.comparison import describe_stream
from server.conftest import OPERATOR, Clock, PostgresServer
from server.program import end_everything
from server.queue_reckoner import LEAVES, MINUTE, first_minutes, reckon_calls, reckon_minutes
from server.reckoner import reckon
from server.stored import NAMES, add_service
from server.streams import AGENTS, CALL_STATES, FAST, ZONES, Told, told_to

DAYS = 3
KINDS = (
    *["ENTERQUEUE"] * 6,
    *["CONNECT"] * 4,
    *("ABANDON", "ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY", "QUEUESTART"),
    *("talk", "talk", "COMPLETECALLER", "COMPLETEAGENT", "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE"),
)
TELLING = tuple(f"octui.queue.{name}" for name in ("ENTERQUEUE", "CONNECT", *LEAVES))
"""Events that tell of a call in a queue."""
GAPS = (0, 0, 1, 3, 9, 20, 21, 45, 60, 61, 300, 3600, 4 * 3600 - 1, 4 * 3600, 12 * 3600 - 1, 12 * 3600)
Stream = list[Told]


@st.composite
def queue_streams(draw: st.DrawFn, start: int) -> Stream:
    """Draw events of calls and agents from `start` (epoch s) on, in the order in which they happened."""
    at, told = start, []
    for _ in range(draw(st.integers(1, 25))):
        at = min(at + draw(st.sampled_from(GAPS)), start + (DAYS - 1) * 86_400)
        kind = draw(st.sampled_from(KINDS))
        agent = draw(st.sampled_from(AGENTS))
        call = draw(st.sampled_from(["C1", "C2", "C3", None]))
        waited = draw(st.sampled_from(["", "0", "1", "20", "61", "400", "20000", "x"]))
        if kind == "talk":
            state = draw(st.sampled_from(CALL_STATES))
            told.append(
                Told(at * 1000, agent, "octui.phone.state", {"state": state} | ({"call": call} if call else {}))
            )
            continue
        data: dict[str, Any] = {"call": call, "queue": "q", "args": []}
        if kind == "CONNECT":
            data |= {"args": [waited, "b", "0"], "ring_ms": 0}
        elif kind == "EXITWITHKEY":
            data["args"] = ["1", "1", "1", waited]
        elif kind in ("ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY"):
            data["args"] = ["1", "1", waited]
        elif kind == "PAUSE":
            data |= {"args": [], "state": "rest"}
        is_of_agent = kind in ("CONNECT", "COMPLETECALLER", "COMPLETEAGENT", "ADDMEMBER", "PAUSE", "UNPAUSE")
        who = agent if is_of_agent or kind == "REMOVEMEMBER" else None
        told.append(Told(at * 1000, who, "octui.queue." + kind, data))
    return told


def _incoming(told: Stream, first_number: int, code: str, now: int) -> list[IncomingEvent]:
    events = [
        {
            "specversion": "1.0",
            "id": f"{number:05d}",
            "source": "pbx",
            "type": each.kind,
            "time": datetime.fromtimestamp(each.at // 1000, UTC).isoformat(),
            "sequence": str(number),
            "data": each.data | ({"agent": NAMES[each.agent][1]} if each.agent and "queue" in each.data else {}),
        }
        | ({"subject": NAMES[each.agent][1]} if each.agent else {})
        for number, each in enumerate(told, first_number)
    ]
    judged = judge_events(events, code, now)
    assert not judged.refused
    return judged.events


def _compare_calls(found: FloorMinutes, told: Stream, zone: str, thresholds: dict[int, int]) -> None:
    """Compare one day with the reckoner, minute by minute."""
    events = [(each.at, each.kind, each.data) for each in told]

    def threshold(day: int) -> int:
        return next((thresholds[since] for since in sorted(thresholds, reverse=True) if since <= day), 20)

    calls = reckon_calls(events)
    expected = reckon_minutes(calls, zone, threshold)
    begun = first_minutes(events, calls, zone).get(int(found.date.replace("-", "")))
    for place, waiting in enumerate(found.waiting):
        minute = found.day_start // MINUTE + place
        if begun is None or minute < begun:
            assert {waiting, found.longest_ms[place], found.offered[place], found.ready[place]} == {None}
            continue
        waits = expected.waiting.get(minute, [])
        assert waiting == len(waits), minute
        assert found.longest_ms[place] == max(((minute + 1) * MINUTE - since for since in waits), default=0)
        for what in ("offered", "answered", "answered_in_time", "abandoned"):
            assert getattr(found, what)[place] == expected.counts[minute, what], (minute, what)


def _compare_agents(found: FloorMinutes, told: Stream, zone: str) -> None:
    """Compare the agents of one day with the second reckoner; which state is other it does not say."""
    of_agents = [each for each in told if each.agent or each.kind.endswith("QUEUESTART")]
    agents = [reckon(told_to(agent, of_agents), zone) for agent in AGENTS]
    for place, ready in enumerate(found.ready):
        if ready is None:
            continue
        end = found.day_start + (place + 1) * MINUTE - 1
        states = [agent.state_at(end) for agent in agents]
        assert ready == states.count("ready"), end
        on_call, outbound, work = found.on_call[place], found.outbound[place], found.break_work[place]
        assert on_call is not None
        assert outbound is not None
        assert work is not None
        assert ready + on_call + outbound + work == len([state for state in states if state]), end
        in_talk = states.count("inbound_calls") + states.count("transfer")
        assert in_talk <= on_call <= in_talk + states.count("other")
        assert work >= states.count("rest")


def _check_services(data: st.DataObject, store: Store, clock: Clock) -> None:
    zone = data.draw(st.sampled_from(sorted(ZONES)), label="zone")
    midnight = int(ZONES[zone].timestamp())
    services: dict[str, tuple[int, Stream]] = {}
    arriving: list[tuple[int, IncomingEvent]] = []
    end = (midnight + (DAYS - 1) * 86_400) * 1000
    thresholds: dict[str, dict[int, int]] = {}
    for _ in range(2):
        code, service, _ = store.write(partial(add_service, zone), OPERATOR)
        told = data.draw(queue_streams(midnight - data.draw(st.sampled_from([1, 59, 1800, 42_000]))), label=code)
        note(
            f"{code} {zone}\n{describe_stream([(e.at, f'{e.agent} {e.kind}', e.data) for e in told], midnight * 1000)}"
        )
        services[code], thresholds[code] = (service, told), {}
        arriving += [(service, event) for event in _incoming(told, 0, code, end)]
    if data.draw(st.booleans(), label="in any order"):
        arriving = list(data.draw(st.permutations(arriving), label="arrival"))
    arriving += data.draw(st.lists(st.sampled_from(arriving), max_size=5), label="again")
    while arriving:
        size = data.draw(st.integers(1, len(arriving)), label="batch")
        for service, _ in services.values():
            batch = [event for of, event in arriving[:size] if of == service]
            if batch:
                store.write(lambda change, service=service, batch=batch: take_in(change, service, batch), OPERATOR)
        arriving = arriving[size:]
        if data.draw(st.sampled_from([False, False, True]), label="threshold"):
            code = data.draw(st.sampled_from(sorted(services)))
            clock.now = midnight * 1000 + data.draw(st.sampled_from([-1, 0, 3_600_000, 30 * 3_600_000]))
            seconds = data.draw(st.sampled_from([0, 3, 60]))
            store.write(lambda change, code=code, seconds=seconds: set_threshold(change, code, seconds), OPERATOR)
            thresholds[code][day_of(clock.now, zone)] = seconds
    _compare_services(store, clock, services, zone, end, thresholds)


def _compare_services(
    store: Store,
    clock: Clock,
    services: dict[str, tuple[int, Stream]],
    zone: str,
    end: int,
    thresholds: dict[str, dict[int, int]],
) -> None:
    clock.now = end
    for number, (code, (service, told)) in enumerate(services.items()):
        ends = [Told(at, agent, kind, data) for at, kind, data in end_everything(end) for agent in AGENTS]
        events = _incoming(ends, 9000 + 100 * number, code, end)
        store.write(lambda change, service=service, events=events: take_in(change, service, events), OPERATOR)
        everything = [*told, *ends]
        for at in range(end - DAYS * 86_400_000, end + 1, 86_400_000):
            day = day_of(at, zone)
            found = store.read(lambda connection, code=code, day=day: read_minutes(connection, code, day, clock.now))
            if not any(each.kind in TELLING and each.data["call"] for each in told):
                assert {*found.offered, *found.waiting} <= {None}
                continue
            _compare_calls(found, everything, zone, thresholds[code])
            _compare_agents(found, everything, zone)
            _compare_moments(store, clock, code, found)


def _compare_moments(store: Store, clock: Clock, code: str, found: FloorMinutes) -> None:
    """Compare some minutes with the floor that is asked for by time."""
    for place in range(17, len(found.waiting), 311):
        at = found.day_start + place * MINUTE
        floor = store.read(lambda connection, at=at: read_floor(connection, code, at, clock.now))
        assert floor.waiting == found.waiting[place]
        if floor.calls is None:
            assert found.offered[place] is None
            continue
        assert floor.calls.offered == sum(filter(None, found.offered[: place + 1]))
        assert floor.calls.answered == sum(filter(None, found.answered[: place + 1]))
        assert floor.agents is not None
        assert (floor.agents.ready, floor.agents.on_call) == (found.ready[place], found.on_call[place])


def test_minutes_of_any_arrival_are_what_the_reckoners_say(tmp_path: Path) -> None:
    clock = Clock()
    store = open_store(f"sqlite:///{tmp_path}/octui.db", clock=clock)

    @settings(FAST, max_examples=12)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        _check_services(data, store, clock)

    try:
        run()
    finally:
        store.close()


def test_minutes_on_postgresql_are_what_the_reckoners_say(server: PostgresServer) -> None:
    clock = Clock()
    store = open_store(server.make("floor", "template"), clock=clock)

    @settings(FAST, max_examples=4)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        _check_services(data, store, clock)

    try:
        run()
    finally:
        store.close()
        server.drop("floor")
