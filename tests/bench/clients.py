"""Many clients that wait on one process: the memory of each, and one change until its client has it."""

import asyncio
import json
import random
import resource
import statistics
import time
from dataclasses import dataclass, field

from bench.house import SERVICE, Served, account, event
from bench.terminals import cpu_of, memory_of, p95
from octui.schema.live import stats_topic

WAIT_S = 25
GROUP = 50
"""How many clients connect at once."""


@dataclass
class Client:
    """A waiting client on its own connection."""

    topic: str
    etag: str = ""
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Future[float] | None = None

    async def run(self, port: int, token: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        try:
            while True:
                tag = self.etag.replace('"', "%22")
                writer.write(
                    f"GET /api/v1/live?have={self.topic};{tag} HTTP/1.1\r\nHost: octui\r\n"
                    f"Authorization: Bearer {token}\r\nPrefer: wait={WAIT_S}\r\n\r\n".encode()
                )
                if self.etag:
                    self.waiting.set()
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                came = time.perf_counter()
                status = int(head[9:12])
                length = next(
                    (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
                )
                body = await reader.readexactly(length)
                if status == 200:
                    self.etag = json.loads(body)["changed"][self.topic]["etag"]
                    if self.heard is not None and not self.heard.done():
                        self.heard.set_result(came)
                elif status != 304:
                    raise RuntimeError(f"{status} {body!r}")
        finally:
            writer.close()


async def _measure(served: Served, count: int, changes: int) -> dict[str, float]:
    clients = [Client(stats_topic(SERVICE, account(number))) for number in range(count)]
    tasks: list[asyncio.Task[None]] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        before = memory_of(served.pid)
        for first in range(0, count, GROUP):
            if first == GROUP:  # what the service loads for the first of them is not theirs
                before = memory_of(served.pid)
            some = clients[first : first + GROUP]
            named = zip(range(first, count), some, strict=False)
            tasks += [group.create_task(one.run(served.port, served.token(account(at)))) for at, one in named]
            await asyncio.gather(*(one.waiting.wait() for one in some))
        connected = time.perf_counter() - began
        await asyncio.sleep(1)
        after = memory_of(served.pid)
        cpu, at = cpu_of(served.pid), time.perf_counter()
        await asyncio.sleep(10)
        idle = (cpu_of(served.pid) - cpu) / (time.perf_counter() - at) * 100
        taken = await _changes(served, clients, changes)
        for task in tasks:
            task.cancel()
    return {
        "clients": count,
        "connected_s": connected,
        "kib_each": (after["uss"] - before["uss"]) / 1024 / (count - GROUP),
        "idle_cpu_percent": idle,
        "change_p50_ms": statistics.median(taken),
        "change_p95_ms": p95(taken),
    }


async def _changes(served: Served, clients: list[Client], changes: int) -> list[float]:
    dice = random.Random(1)
    sender = served.connection()
    taken: list[float] = []
    loop = asyncio.get_running_loop()
    rests: set[int] = set()
    try:
        for number in range(changes):
            at = dice.randrange(len(clients))
            one = clients[at]
            one.heard = loop.create_future()
            rests ^= {at}
            made = event(number, "phone.state", account(at), state="rest" if at in rests else "ready")
            began = time.perf_counter()
            await asyncio.to_thread(sender.post, made)
            async with asyncio.timeout(10):
                taken.append((await one.heard - began) * 1000)
            one.heard = None
            await asyncio.sleep(0.03)
    finally:
        sender.close()
    return taken


def measure(served: Served, count: int = 1_000, changes: int = 150) -> dict[str, float]:
    """Return KiB of the server for each waiting client (unique pages), and ms from posting a change to its arrival."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * count + 500)), hard))
    return asyncio.run(_measure(served, count, changes))
