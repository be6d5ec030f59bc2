"""Events taken in a second: a day of calls, pauses, chats and tickets of a center, in durable batches of 500.

`measure()` fills a new SQLite file (or an empty PostgreSQL database) and counts from decoded CloudEvents to the answer
after the commit: judging, matching, storing, intervals, figures. By hand: ``python tests/bench/intake.py [URL]``.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from octui.schema.events import EventsResult
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.server.database.engine import open_store, upgrade_database
from octui.server.database.unit_of_work import Change
from octui.server.events.rules import IncomingEvent, judge_events
from octui.server.events.store import take_in

BATCH = 500
BUDGET = {"sqlite": 20_000, "postgresql": 10_000}
START = 1_782_864_000
OPERATOR = Principal(None, "", "", operator=True)


def _furnish(change: Change, agents: int, monitoring: bool) -> int:
    run = change.connection.execute
    run(insert(tables.cti_settings).values(id=1, monitoring=monitoring))
    service: int = run(
        insert(tables.service)
        .values(code="oc", name="상담", type="consultation", language="ko", time_zone="Asia/Seoul")
        .returning(tables.service.c.id)
    ).scalar_one()
    for number in range(agents):
        name = f"agent{number:05d}"
        member = run(
            insert(tables.member)
            .values(account=name, name=name, email=f"{name}@acme.example", folded=name, choseong=name)
            .returning(tables.member.c.id)
        ).scalar_one()
        run(
            insert(tables.agent).values(
                service_id=service,
                member_id=member,
                role="ROLE_FRONT_AGENT",
                ticket=True,
                chat=True,
                phone=True,
                version=1,
                changed=0,
            )
        )
        run(
            insert(tables.cti_agent).values(
                member_id=member, cti_id=f"{7000 + number}", cti_no=f"{number}", version=1, changed=0
            )
        )
    return service


def _event(number: int, at: float, name: str, agent: str | None, *args: str, call: str = "NONE") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{int(at):010d}-{number:012x}",
        "source": "asterisk/queue_log",
        "type": f"octui.queue.{name}",
        "time": datetime.fromtimestamp(int(at), UTC).isoformat(),
        "subject": agent,
        "sequence": number,
        "data": {"call": call, "queue": "support", "agent": agent or "NONE", "args": list(args)},
    }


def traffic(agents: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield seeded queue_log events as CloudEvents, in order of time as a PBX writes them, `agents` of them busy."""
    chance = random.Random(20_261_123)
    at, number = float(START), 0
    calls: dict[int, str] = {}
    for agent in range(agents):
        yield _event(number, at, "ADDMEMBER", f"PJSIP/{7000 + agent}")
        number += 1
    while number < count:
        at += chance.expovariate(agents / 20)
        agent = chance.randrange(agents)
        name = f"PJSIP/{7000 + agent}"
        if agent in calls:
            yield _event(number, at, "COMPLETEAGENT", name, "7", "180", "1", call=calls.pop(agent))
        elif chance.random() < 0.2:
            yield _event(number, at, "PAUSE", name, chance.choice(["휴식", "식사", "후처리"]))
            number, at = number + 1, at + 1
            yield _event(number, at, "UNPAUSE", name)
        else:
            calls[agent] = call = f"{int(at)}.{number}"
            yield _event(number, at, "ENTERQUEUE", None, "", "01012345678", "1", call=call)
            number, at = number + 1, at + 1
            yield _event(number, at, "CONNECT", name, "7", call, "3", call=call)
        number += 1


def _take(service: int, events: list[IncomingEvent], change: Change) -> EventsResult:
    return take_in(change, service, events)


def measure(
    count: int = 50_000, agents: int = 200, url: str | None = None, *, monitoring: bool = False
) -> dict[str, Any]:
    """Return events a second from the first batch to the last, batch times, CPU time an event, and the budget.

    With `monitoring` all events go into the CTI log as well.
    """
    events = list(traffic(agents, count))
    batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(url or f"sqlite:///{Path(folder)}/octui.db")
        try:
            service = store.write(lambda change: _furnish(change, agents, monitoring), OPERATOR)
            taken, seconds = 0, []
            began, cpu = time.perf_counter(), time.process_time()
            for batch in batches:
                started = time.perf_counter()
                judged = judge_events(batch, "oc", 1 << 42)
                result = store.write(partial(_take, service, judged.events), OPERATOR)
                taken += result.taken
                seconds.append(time.perf_counter() - started)
            total, cpu = time.perf_counter() - began, time.process_time() - cpu
        finally:
            store.close()
        seconds.sort()
        return {
            "engine": store.dialect,
            "events": taken,
            "sent": len(events),
            "per_second": round(taken / total),
            # What a machine busy with other things does not change; on PostgreSQL the client's side alone.
            "cpu_us_per_event": round(cpu / len(events) * 1e6, 1),
            "batch_p50_ms": round(seconds[len(seconds) // 2] * 1000, 2),
            "batch_p95_ms": round(seconds[len(seconds) * 95 // 100] * 1000, 2),
            "budget_per_second": BUDGET[store.dialect],
        }


def with_log(rounds: int = 3) -> dict[str, float]:
    """Return the ratio of the CPU time of an event with monitoring to that without: the best of alternating rounds."""
    taken: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for monitoring, found in taken.items():
            found.append(float(measure(20_000, monitoring=monitoring)["cpu_us_per_event"]))
    off, on = min(taken[False]), min(taken[True])
    return {"off_us": off, "on_us": on, "ratio": round(on / off, 2)}


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else None
    if given is not None:
        upgrade_database(given)
    print(measure(url=given))
    if given is None:
        print(with_log())
