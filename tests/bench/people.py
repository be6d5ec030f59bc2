"""People and CTI at size: `measure() -> dict[str, float]`, milliseconds of wall clock unless the name says otherwise.

The budget (design.md 7 and the issue): 200 cells saved p95 ≤ 100 ms; pages of a table of 50,000 agents stay quick.
"""

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

from octui.schema.live import agents_topic
from octui.service.app import create_app
from octui.service.routes import agents, contracts, cti, members, organization
from octui.service.security import LocalApp, local_operator
from octui.service.store import tables
from octui.service.store.engine import open_store, upgrade
from octui.service.store.store import Change, Store
from octui.text.choseong import choseong, fold

FAMILY, GIVEN = "김이박최정강조윤장임한오서신권황안송류전홍", "민서지현우준영수진하은도윤아연주원경희정"


def fill(store: Store, count: int) -> None:
    """A centre of `count` agents in one service with phone, each with CTI ID and NO."""

    def work(change: Change) -> None:
        run = change.connection.execute
        run(
            insert(tables.organization).values(
                id=1, code="a" * 16, name="큰", domain="big", time_zone="Asia/Seoul", owner_account="a00000"
            )
        )
        service = {"code": "oc", "name": "상담", "type": "consultation", "language": "ko", "time_zone": "Asia/Seoul"}
        run(insert(tables.service).values(id=1, active=True, **service))
        run(insert(tables.contract_item).values(service_id=1, item="telticket"))
        people, rights, cells = [], [], []
        for number in range(count):
            name = FAMILY[number % 21] + GIVEN[number // 21 % 20] + GIVEN[number // 420 % 20]
            account = f"a{number:05}"
            people.append({"id": number + 1, "account": account, "name": name, "email": f"{account}@big.example"})
            people[-1] |= {"folded": fold(name), "choseong": choseong(name)}
            rights.append({"service_id": 1, "member_id": number + 1, "role": "ROLE_FRONT_AGENT", "ticket": True})
            rights[-1] |= {"chat": True, "phone": True, "version": 1, "changed": 0}
            cells.append({"member_id": number + 1, "cti_id": f"7{number:05}", "cti_no": f"{number:05}", "version": 1})
            cells[-1] |= {"changed": 0}
        run(insert(tables.member), people)
        run(insert(tables.agent), rights)
        run(insert(tables.cti_agent), cells)
        run(insert(tables.organization_admin).values(member_id=1))

    store.write(work, local_operator())


async def timed(work: Callable[[int], Awaitable[Any]], times: int) -> list[float]:
    """Milliseconds of each call."""
    found = []
    for number in range(times):
        begun = time.perf_counter()
        await work(number)
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def p95(times: list[float]) -> float:
    return times[min(len(times) - 1, int(len(times) * 0.95))]


async def _measure(store: Store, count: int) -> dict[str, float]:
    app: FastAPI = create_app(store, parts=[m.operations for m in (organization, contracts, members, agents, cti)])
    transport = httpx.ASGITransport(LocalApp(app), raise_app_exceptions=False)
    found: dict[str, float] = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://octui/api/v1/services/oc") as client:
        versions: dict[int, int] = {}

        async def swap(number: int) -> None:
            """200 cells: 50 pairs of agents swap CTI ID and NO."""
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
        found |= await _waiting(store, app)
    return found


async def _waiting(store: Store, app: FastAPI, clients: int = 2_000) -> dict[str, float]:
    """Requests that wait, called as the server calls them: what each holds, and how long one change takes."""
    live = app.state.live
    local = LocalApp(app)
    arrived: list[float] = []
    body = {"type": "http.request", "body": b"", "more_body": False}
    query = b"have=services/oc/agents/head;%220%22"

    async def one(topic: bytes) -> None:
        async def receive() -> dict[str, Any]:
            return body

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                arrived.append(time.perf_counter())

        headers = [(b"prefer", b"wait=30"), (b"host", b"octui")]
        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http"}
        path = {"path": "/api/v1/live", "raw_path": b"/api/v1/live", "query_string": topic, "root_path": ""}
        await local({**scope, **path, "headers": headers, "client": ("127.0.0.1", 1), "server": None}, receive, send)  # type: ignore[arg-type]

    process = psutil.Process()
    before = process.memory_info().rss
    begun = time.perf_counter()
    tasks = [asyncio.create_task(one(query)) for _ in range(clients)]
    while live.waiting < clients:
        await asyncio.sleep(0.01)
    ready = time.perf_counter() - begun
    held = (process.memory_info().rss - before) / 1024
    begun = time.perf_counter()
    await asyncio.to_thread(store.write, lambda change: change.touch(agents_topic("oc")), local_operator())
    await asyncio.gather(*tasks)
    late = sorted((at - begun) * 1000 for at in arrived)
    alone = []
    for _ in range(20):
        arrived.clear()
        tag = store.revisions([agents_topic("oc")])[agents_topic("oc")]
        task = asyncio.create_task(one(b"have=services/oc/agents/head;%%22%d%%22" % tag))
        while live.waiting < 1:
            await asyncio.sleep(0)
        await asyncio.sleep(0.26)  # longer than two answers must be apart
        begun = time.perf_counter()
        await asyncio.to_thread(store.write, lambda change: change.touch(agents_topic("oc")), local_operator())
        await task
        alone.append((arrived[0] - begun) * 1000)
    return {
        "waiting_ready_ms_each": ready * 1000 / clients,
        "waiting_kib_each": held / clients,
        "all_woken_p95": p95(late),
        "one_woken_p95": p95(sorted(alone)),
    }


def measure(url: str | None = None, count: int = 50_000) -> dict[str, float]:
    """On a new SQLite file, or on an empty database at `url`."""
    with tempfile.TemporaryDirectory() as folder:
        if url is not None:
            upgrade(url)
        store = open_store(url or f"sqlite:///{folder}/octui.db")
        try:
            fill(store, count)
            return asyncio.run(_measure(store, count))
        finally:
            store.close()


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:28} {value:10.2f}")
