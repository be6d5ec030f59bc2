"""People and CTI at size: `measure() -> dict[str, float]`, milliseconds of wall clock unless the name says otherwise.

The budget (architecture.md 7 and the issue): 200 cells saved p95 ≤ 100 ms; pages of 50,000 agents stay quick.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psutil
from fastapi import FastAPI
from sqlalchemy import insert

from bench.databases import engines
from octui.schema.agents import Role
from octui.schema.live import agents_topic
from octui.server.agents import routes as agents_routes
from octui.server.app import create_app
from octui.server.contracts import routes as contracts_routes
from octui.server.core.topics import SERVICES, me_topic
from octui.server.cti import routes as cti_routes
from octui.server.database import tables
from octui.server.database.engine import open_store, upgrade_database
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.identity import tokens
from octui.server.identity.authentication import LocalApp, local_operator
from octui.server.members import routes as members_routes
from octui.server.organization import routes as organization_routes
from octui.server.serve import raise_limits
from octui.server.web.operations import PollKey
from octui.text.choseong import choseong, fold_case

FAMILY, GIVEN = "김이박최정강조윤장임한오서신권황안송류전홍", "민서지현우준영수진하은도윤아연주원경희정"


def fill(store: Store, count: int, role: Role = Role.AGENT) -> None:
    """Make a center of `count` agents in one service with phone, each with CTI ID and NO."""

    def work(change: Change) -> None:
        run = change.connection.execute
        run(
            insert(tables.organization).values(
                id=1, code="a" * 16, name="큰", domain="big", time_zone="Asia/Seoul", owner_account="a00000"
            )
        )
        service = {"code": "oc", "name": "상담", "type": "consultation", "language": "ko", "time_zone": "Asia/Seoul"}
        run(insert(tables.service).values(id=1, **service))
        run(insert(tables.contract_item).values(service_id=1, item="telticket"))
        people, rights, cells = [], [], []
        for number in range(count):
            name = FAMILY[number % 21] + GIVEN[number // 21 % 20] + GIVEN[number // 420 % 20]
            account = f"a{number:05}"
            people.append({"id": number + 1, "account": account, "name": name, "email": f"{account}@big.example"})
            people[-1] |= {"folded": fold_case(name), "choseong": choseong(name)}
            rights.append({"service_id": 1, "member_id": number + 1, "role": role.value, "ticket": True})
            rights[-1] |= {"chat": True, "phone": True, "version": 1, "changed": 0}
            cells.append({"member_id": number + 1, "cti_id": f"7{number:05}", "cti_no": f"{number:05}", "version": 1})
            cells[-1] |= {"changed": 0}
        run(insert(tables.member), people)
        run(insert(tables.agent), rights)
        run(insert(tables.cti_agent), cells)
        run(insert(tables.organization_admin).values(member_id=1))

    store.write(work, local_operator())


async def timed(work: Callable[[int], Awaitable[Any]], times: int) -> list[float]:
    """Return the milliseconds of each run of the work."""
    found = []
    for number in range(times):
        begun = time.perf_counter()
        await work(number)
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def p95(times: list[float]) -> float:
    return times[min(len(times) - 1, int(len(times) * 0.95))]


async def _measure(store: Store, count: int) -> dict[str, float]:
    app: FastAPI = create_app(
        store,
        parts=[
            m.operations for m in (organization_routes, contracts_routes, members_routes, agents_routes, cti_routes)
        ],
    )
    transport = httpx.ASGITransport(LocalApp(app), raise_app_exceptions=False)
    found: dict[str, float] = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://octui/api/v1/services/oc") as client:
        versions: dict[int, int] = {}

        async def swap(number: int) -> None:
            """Save 200 cells: 50 pairs of agents swap CTI ID and NO."""
            first = number % 10 * 100
            edits = []
            for place in range(first, first + 100):
                partner = place ^ 1
                holder = partner if number // 10 % 2 == 0 else place
                values = {"cti_id": f"7{holder:05}", "cti_no": f"{holder:05}"}
                edits.append({"account": f"a{place:05}", "version": versions.get(place, 1), "set": values})
            answer = await client.post("/cti/batch", json={"edits": edits})
            result = answer.json()
            assert result["saved"] == 200, result["verdicts"][:3]
            for row in result["agents"]:
                versions[int(row["account"][1:])] = row["version"]

        times = await timed(swap, 40)
        found["cti_200_cells_p50"], found["cti_200_cells_p95"] = statistics.median(times), p95(times)

        async def get(path: str, **params: Any) -> httpx.Response:
            answer = await client.get(path, params=params)
            assert answer.status_code == 200, answer.text
            return answer

        middle = f"a{count // 2:05}"
        for name, path, params in (
            ("cti_page_1000", "/cti/agents", {"limit": 1000, "after": middle}),
            ("cti_search_initials", "/cti/agents", {"query": "ㄱㅁㅅ", "limit": 100}),
            ("cti_search_nothing", "/cti/agents", {"query": "없는이름", "limit": 100}),
            ("cti_search_number", "/cti/agents", {"query": f"7{count - 1:05}"}),
            ("agents_page_1000", "/agents", {"limit": 1000, "after": middle}),
            ("agents_search", "/agents", {"query": "김민", "limit": 100}),
            ("agents_changed_since", "/agents", {"changed_since": 0}),
            ("cti_changed_since", "/cti/agents", {"changed_since": 39}),
            ("head", "/agents/head", {}),
        ):
            times = await timed(lambda _, path=path, params=params: get(path, **params), 20)
            found[f"{name}_p95"] = p95(times)
        tag = (await get("/agents/head")).headers["etag"]
        begun, cpu = time.perf_counter(), time.process_time()
        for _ in range(500):
            assert (await client.get("/agents/head", headers={"If-None-Match": tag})).status_code == 304
        found["not_modified_cpu_us"] = (time.process_time() - cpu) * 1e6 / 500
        found["not_modified_ms"] = (time.perf_counter() - begun) * 1000 / 500
    return found


class Waiter:
    """A waiting client with its own token, as ASGI sees it: the body is there at once, and it does not disconnect."""

    def __init__(self, app: FastAPI, account: str, token: str) -> None:
        self._app = app
        self._headers = [(b"prefer", b"wait=30"), (b"host", b"octui"), (b"authorization", f"Bearer {token}".encode())]
        self._staying = asyncio.Event()
        self._sent = False
        self.account = account
        self.status = 0
        self.at = 0.0

    async def _receive(self) -> dict[str, Any]:
        if self._sent:
            await self._staying.wait()
        self._sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.at = message["status"], time.perf_counter()

    async def wait(self, tags: dict[str, str]) -> None:
        """Send one request and wait for its answer."""
        self._sent = False
        have = "&".join(f"have={topic};{tag}" for topic, tag in tags.items()).replace('"', "%22")
        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http"}
        path = {"path": "/api/v1/live", "raw_path": b"/api/v1/live", "query_string": have.encode(), "root_path": ""}
        whole: Any = {**scope, **path, "headers": self._headers, "client": ("127.0.0.1", 1), "server": None}
        await self._app(whole, self._receive, self._send)


async def _waiting(store: Store, app: FastAPI, clients: int) -> dict[str, float]:
    """Measure waiting requests: memory of each, the time of a change for all of them and of a change for one."""
    notifier = app.state.notifier

    def issue(change: Change) -> list[str]:
        return [tokens.issue_token(change, f"a{number:05}", 1) for number in range(clients)]

    issued = await asyncio.to_thread(store.write, issue, local_operator())
    waiters = [Waiter(app, f"a{number:05}", token) for number, token in enumerate(issued)]

    def tags(waiter: Waiter) -> dict[str, str]:
        mine, head = (me_topic(waiter.account), SERVICES), (agents_topic("oc"),)
        revisions = store.revisions([*mine, *head])
        return {"me": PollKey(mine).etag(revisions), agents_topic("oc"): PollKey(head).etag(revisions)}

    async def hold(some: list[Waiter]) -> tuple[list[asyncio.Task[None]], float]:
        """Return their tasks, and the seconds until all of them wait."""
        held = [(waiter, tags(waiter)) for waiter in some]
        target, begun = notifier.waiting + len(some), time.perf_counter()
        tasks = [asyncio.create_task(waiter.wait(tag)) for waiter, tag in held]
        while notifier.waiting < target:
            await asyncio.sleep(0.01)
        return tasks, time.perf_counter() - begun

    async def touch(topic: str) -> float:
        begun = time.perf_counter()
        await asyncio.to_thread(store.write, lambda change: change.touch(topic), local_operator())
        return begun

    process = psutil.Process()
    before = process.memory_info().rss
    tasks, ready = await hold(waiters)
    each = (process.memory_info().rss - before) / 1024 / clients
    all_late, again = [], []
    for _ in range(3):
        cpu = time.process_time()
        begun = await touch(agents_topic("oc"))
        await asyncio.gather(*tasks)
        cpu = time.process_time() - cpu
        assert {waiter.status for waiter in waiters} == {200}
        all_late.append(sorted((waiter.at - begun) * 1000 for waiter in waiters))
        tasks, seconds = await hold(waiters)
        again.append(seconds)
    alone = []
    for number in range(40):
        await asyncio.sleep(0.26 if number == 0 else 0.02)  # two answers to one client must be apart
        at = number * 97 % clients
        begun = await touch(me_topic(waiters[at].account))
        await tasks[at]
        alone.append((waiters[at].at - begun) * 1000)
        tasks[at] = (await hold([waiters[at]]))[0][0]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "waiting_ready_ms_each": ready * 1000 / clients,
        "waiting_again_ms_each": min(again) * 1000 / clients,
        "waiting_kib_each": each,
        "all_woken_p50": min(statistics.median(late) for late in all_late),
        "all_woken_p95": min(p95(late) for late in all_late),
        "all_woken_cpu_us_each": cpu * 1e6 / clients,
        "one_woken_p50": statistics.median(alone),
        "one_woken_p95": p95(sorted(alone)),
    }


def _on_new_database(
    url: str | None, count: int, role: Role, work: Callable[[Store], Awaitable[dict[str, float]]]
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        if url is not None:
            upgrade_database(url)
        store = open_store(url or f"sqlite:///{folder}/octui.db")
        try:
            fill(store, count, role)
            return asyncio.run(work(store))  # type: ignore[arg-type]
        finally:
            store.close()


def measure(url: str | None = None, count: int = 50_000) -> dict[str, float]:
    """Measure on a new SQLite file, or on an empty database at `url`."""
    return _on_new_database(url, count, Role.AGENT, lambda store: _measure(store, count))


def measure_waiting(url: str | None = None, clients: int = 5_000) -> dict[str, float]:
    """Measure only the waiting, with that many service admins."""
    raise_limits()
    return _on_new_database(url, clients, Role.ADMIN, lambda store: _waiting(store, create_app(store), clients))


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, metavar="CLIENTS", help="only this many clients that wait")
    parser.add_argument("--postgresql", action="store_true", help="not on a SQLite file")
    said = parser.parse_args()
    for engine, url in engines(postgres=said.postgresql):
        if said.postgresql == (url is None):
            continue
        found = measure(url) if said.waiting is None else measure_waiting(url, said.waiting)
        for name, value in found.items():
            print(f"{engine:10} {name:28} {value:10.2f}")


if __name__ == "__main__":
    _main()
