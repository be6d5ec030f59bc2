"""Conditional GET, waiting, and several topics in one request, without sleeping."""

import asyncio
import threading
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest
from fastapi import FastAPI

from octui.schema.common import Head
from octui.schema.live import agents_topic
from octui.server.app import create_app
from octui.server.core.topics import me_topic
from octui.server.database.store import Store
from octui.server.web.operations import Operations, PollKey, RequestContext
from octui.server.web.waiters import Notifier
from server.clients import local_client
from server.conftest import Center, Clock
from server.test_people import PARTS

WAIT = {"Prefer": "wait=30"}


@pytest.fixture
def notifier(store: Store) -> Notifier:
    return Notifier(store, jitter=lambda: 0.0)


@pytest.fixture
def app(store: Store, center: Center, notifier: Notifier) -> FastAPI:
    return create_app(store, parts=PARTS, notifier=notifier)


async def wait_until(condition: Callable[[], bool]) -> None:
    """Run the loop until the condition is true."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)


async def load_etags(client: httpx.AsyncClient, *topics: str) -> dict[str, str]:
    """Present ETags of the topics."""
    answer = await client.get("/live", params={"have": [f"{topic};" for topic in topics]})
    return {topic: changed["etag"] for topic, changed in answer.json()["changed"].items()}


def start_waiting(client: httpx.AsyncClient, tags: dict[str, str]) -> "asyncio.Task[httpx.Response]":
    have = [f"{topic};{tag}" for topic, tag in tags.items()]
    return asyncio.create_task(client.get("/live", params={"have": have}, headers=WAIT))


def touch_topics(store: Store, center: Center, *topics: str) -> None:
    store.write(lambda change: change.touch_all(topics), center.principal("admin"))


async def test_known_etag_is_answered_with_304(app: FastAPI) -> None:
    async with local_client(app, "choi") as choi:
        first = await choi.get("/services/oc/agents/head")
        tag = first.headers["etag"]
        again = await choi.get("/services/oc/agents/head", headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "preference-applied" not in again.headers
        other = await choi.get("/services/oc/agents/head", headers={"If-None-Match": '"other"', "Prefer": "wait=5"})
        assert (other.status_code, other.headers["preference-applied"]) == (200, "wait=5")
        brief = await choi.get("/services/oc/agents/head", headers={"If-None-Match": tag, "Prefer": "wait=0"})
        assert (brief.status_code, brief.headers["preference-applied"]) == (304, "wait=0")


async def test_change_wakes_only_the_waiters_of_its_topic(
    app: FastAPI, notifier: Notifier, store: Store, center: Center
) -> None:
    async with local_client(app, "choi") as choi, local_client(app, "park") as park:
        tag = (await choi.get("/services/oc/agents/head")).headers["etag"]
        here = asyncio.create_task(choi.get("/services/oc/agents/head", headers={"If-None-Match": tag, **WAIT}))
        there = start_waiting(park, await load_etags(park, "me"))
        await wait_until(lambda: notifier.waiting == 2)
        agent = {"account": "park", "role": "ROLE_FRONT_AGENT"}
        touch_topics(store, center, agents_topic("oc"))
        answer = await here
        assert (answer.status_code, answer.json()["revision"]) == (200, 1)
        assert answer.headers["etag"] != tag
        await wait_until(lambda: notifier.waiting == 1)
        assert not there.done()
        assert (await choi.post("/services/oc/agents", json=agent)).status_code == 201
        body = (await there).json()["changed"]["me"]["body"]
        assert [service["service"] for service in body["services"]] == ["chat", "oc"]
        assert notifier.waiting == 0


async def test_one_request_waits_for_several_topics(
    app: FastAPI, notifier: Notifier, store: Store, center: Center
) -> None:
    async with local_client(app, "choi") as choi:
        topics = ("me", "services/oc/agents/head", "services/oc/cti/head", "organization")
        tags = await load_etags(choi, *topics)
        assert set(tags) == set(topics)
        task = start_waiting(choi, tags)
        await wait_until(lambda: notifier.waiting == 1)
        cells = {"edits": [{"account": "kim", "version": 1, "set": {"cti_id": "7001"}}]}
        await choi.post("/services/oc/cti/batch", json=cells)
        answer = (await task).json()
        assert list(answer["changed"]) == ["services/oc/cti/head"]
        changed = answer["changed"]["services/oc/cti/head"]
        assert Head.model_validate(changed["body"]) == Head(revision=1, count=4)
        assert answer["as_of"] == store.clock()
        plain = await choi.get("/services/oc/cti/head")
        assert (plain.headers["etag"], plain.json()) == (changed["etag"], changed["body"])


async def test_change_between_read_and_wait_is_not_missed(store: Store, center: Center) -> None:
    revisions_read = []
    operations = Operations()

    def read(context: RequestContext, path: dict[str, str]) -> Head:
        return Head(revision=0, count=0)

    def watch(context: RequestContext, path: dict[str, str]) -> PollKey:
        revisions_read.append(context.store.revisions(["x"])["x"])
        return PollKey(("x",), tag=str(revisions_read[0]) if len(revisions_read) > 1 else "first")

    class Touching(Notifier):
        def add_waiter(self, topics, mark):  # type: ignore[no-untyped-def]
            touch_topics(store, center, "x")  # after the look, before the waiter is there
            return super().add_waiter(topics, mark)

    operations.add_polled("agents_head", watch, read, Head)
    app = create_app(store, parts=[operations], notifier=Touching(store))
    async with local_client(app, "choi") as choi, asyncio.timeout(20):
        answer = await choi.get("/services/oc/agents/head", headers={"If-None-Match": '"first-0"', **WAIT})
    assert answer.status_code == 200
    assert revisions_read == [0, 1]


async def test_waiter_is_woken_when_the_day_ends(store: Store, center: Center, clock: Clock) -> None:
    ends = clock.now + 20
    operations = Operations()

    def watch(context: RequestContext, path: dict[str, str]) -> PollKey:
        now = context.store.clock()
        clock.now = ends  # by the next look the day is over
        return PollKey(("x",), tag="today", until=ends) if now < ends else PollKey(("x",), tag="tomorrow")

    operations.add_polled("agents_head", watch, lambda context, path: Head(revision=0, count=0), Head)
    app = create_app(store, parts=[operations])
    async with local_client(app, "choi") as choi, asyncio.timeout(20):
        answer = await choi.get("/services/oc/agents/head", headers={"If-None-Match": '"today-0"', **WAIT})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"tomorrow-0"')


async def test_removed_right_ends_the_wait(app: FastAPI, notifier: Notifier) -> None:
    async with local_client(app, "choi") as choi, local_client(app) as operator:
        topic = "services/oc/agents/head"
        tags = await load_etags(choi, topic)
        several = start_waiting(choi, tags)
        alone = asyncio.create_task(choi.get(f"/{topic}", headers={"If-None-Match": tags[topic], **WAIT}))
        await wait_until(lambda: notifier.waiting == 2)
        removed = await operator.delete("/services/oc/agents/choi", headers={"If-Match": '"v1"'})
        assert removed.status_code == 204
        assert (await several).json()["changed"] == {topic: {"etag": '"gone"', "body": None, "gone": True}}
        assert (await alone).status_code == 404
        quiet = start_waiting(choi, {topic: '"gone"'})
        await wait_until(lambda: notifier.waiting == 1)
        agent = {"account": "choi", "role": "ROLE_FRONT_ADMIN"}
        assert (await operator.post("/services/oc/agents", json=agent)).status_code == 201
        assert (await quiet).json()["changed"][topic]["gone"] is False


async def test_unknown_topics_are_reported_gone(app: FastAPI) -> None:
    async with local_client(app, "kim") as kim:
        odd = ["services/chat/agents/head", "services/nix/agents/head", "audit", "", "services/oc%00/cti/head", "live"]
        changed = (await kim.get("/live", params={"have": [f"{topic};" for topic in odd]})).json()["changed"]
        assert {topic: found["gone"] for topic, found in changed.items()} == dict.fromkeys(odd, True)
        assert (await kim.get("/live")).json()["errors"][0]["field"] == "have"
        many = await kim.get("/live", params={"have": [f"t{number};" for number in range(201)]})
        assert many.status_code == 422


async def test_close_answers_every_waiter(app: FastAPI, notifier: Notifier) -> None:
    async with local_client(app, "choi") as choi:
        tags = await load_etags(choi, "me", "services/oc/agents/head")
        tasks = [start_waiting(choi, tags) for _ in range(5)]
        await wait_until(lambda: notifier.waiting == 5)
        notifier.close()
        assert [answer.status_code for answer in await asyncio.gather(*tasks)] == [304] * 5
        assert (await start_waiting(choi, tags)).status_code == 304
        assert (await choi.get("http://octui/readyz")).json()["code"] == "not_ready"


async def test_answers_to_a_client_are_throttled(
    app: FastAPI, notifier: Notifier, store: Store, center: Center
) -> None:
    topic = "services/oc/agents/head"
    loop = asyncio.get_running_loop()
    async with local_client(app, "choi") as choi:
        tags = await load_etags(choi, topic)
        answered = []
        for _ in range(3):
            touch_topics(store, center, agents_topic("oc"))
            changed = (await start_waiting(choi, tags)).json()["changed"]
            answered.append(loop.time())
            tags[topic] = changed[topic]["etag"]
    gaps = [later - earlier for earlier, later in pairwise(answered)]
    assert all(gap >= 0.24 for gap in gaps), gaps


async def test_commits_wake_waiters_of_other_loops(notifier: Notifier, store: Store, center: Center) -> None:
    woken: list[bool] = []

    def other_loop() -> None:
        async def wait() -> None:
            woken.append(await notifier.wait(["x"], notifier.mark(), most=30))

        asyncio.run(wait())

    thread = threading.Thread(target=other_loop)
    thread.start()
    here = asyncio.create_task(notifier.wait(["x", "y"], notifier.mark(), most=30))
    aside = asyncio.create_task(notifier.wait(["y"], notifier.mark(), most=30))
    await wait_until(lambda: notifier.waiting == 3)
    await asyncio.to_thread(touch_topics, store, center, "x")
    assert await here is True
    await asyncio.to_thread(thread.join)
    assert woken == [True]
    assert not aside.done()
    touch_topics(store, center, "y", me_topic("kim"))
    assert await aside is True
    assert await notifier.wait(["y"], notifier.mark(), most=0) is False
    assert notifier.waiting == 0
