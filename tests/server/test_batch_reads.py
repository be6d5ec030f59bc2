"""Those who wait: looked for together, with rights that are read again when somebody changed them; how many may; and
who goes away."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select, text

from octui.schema.agents import AgentChange, NewAgent, Role
from octui.schema.audit import Via
from octui.schema.common import Head
from octui.schema.live import agents_topic
from octui.server.agents import store as agents_store
from octui.server.app import create_app
from octui.server.core.topics import me_topic
from octui.server.database import tables
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.identity import authentication, principal_cache, principals, tokens
from octui.server.identity.authentication import issue_token
from octui.server.members import organization_admin_store, removal
from octui.server.web import batch_reads
from octui.server.web.operations import Operations, PollKey, RequestContext
from octui.server.web.waiters import MOST_HELD, Notifier
from server.clients import local_client, network_client
from server.conftest import OPERATOR, Center, Clock
from server.test_people import PARTS
from server.test_waiters import load_etags, start_waiting, touch_topics, wait_until

HEAD = "services/oc/agents/head"
HELD = {"if-none-match": '"0"', "prefer": "wait=30"}


@pytest.fixture
def notifier(store: Store) -> Notifier:
    return Notifier(store, jitter=lambda: 0.0)


@pytest.fixture
def app(store: Store, center: Center, notifier: Notifier) -> FastAPI:
    return create_app(store, parts=PARTS, notifier=notifier)


@pytest.fixture
def identified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Accounts of the callers that were read from the database, in order."""
    found: list[str] = []
    identify = authentication.identify_caller

    def recording(*arguments: Any) -> Any:
        principal = identify(*arguments)
        found.append(principal.account)
        return principal

    monkeypatch.setattr(authentication, "identify_caller", recording)
    return found


@pytest.fixture
def snapshots(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Number of requests in each snapshot."""
    found: list[int] = []
    outcomes = batch_reads.BatchReader._in_snapshot

    def recording(self: batch_reads.BatchReader, snapshot: Any, requests: Any, *rest: Any) -> Any:
        found.append(len(requests))
        return outcomes(self, snapshot, requests, *rest)

    monkeypatch.setattr(batch_reads.BatchReader, "_in_snapshot", recording)
    return found


async def test_woken_requests_share_a_snapshot_and_cached_callers(
    app: FastAPI, store: Store, center: Center, notifier: Notifier, identified: list[str], snapshots: list[int]
) -> None:
    async with local_client(app, "choi") as choi, local_client(app, "admin") as admin:
        tags = await load_etags(choi, HEAD)
        tasks = [start_waiting(client, tags) for client in (choi, admin) for _ in range(60)]
        await wait_until(lambda: notifier.waiting == 120)
        del identified[:], snapshots[:]
        touch_topics(store, center, agents_topic("oc"))
        answers = await asyncio.gather(*tasks)
    assert {answer.status_code for answer in answers} == {200}
    (body,) = {answer.content for answer in answers if answer.json()["as_of"] == store.clock()}
    assert json.loads(body)["changed"][HEAD]["body"] == {"revision": 1, "count": 3}
    assert identified == []
    # They come from one address, so all but the first answers wait their turn and look once more.
    assert sum(snapshots[:2]) == 120


def _member_id(change: Change, account: str) -> int:
    return change.connection.execute(select(tables.member.c.id).where(tables.member.c.account == account)).scalar_one()


CHANGES: dict[str, Callable[[Change], Any]] = {
    "promoted": lambda change: agents_store.change_agent(change, "oc", "kim", AgentChange(role=Role.ADMIN), 1),
    "other permissions": lambda change: agents_store.change_agent(change, "oc", "kim", AgentChange(chat=False), 1),
    "role taken away": lambda change: agents_store.remove_agent(change, "oc", "kim", 1),
    "another role": lambda change: agents_store.add_agent(change, "chat", NewAgent(account="kim", role=Role.AGENT)),
    "made organization admin": lambda change: organization_admin_store.add_admin(change, "kim"),
    "organization admin no more": lambda change: organization_admin_store.remove_admin(change, "lee"),
    "removed": lambda change: removal.remove_member(change, "kim"),
    "sessions ended": lambda change: tokens.revoke_other_sessions(change, _member_id(change, "kim"), "kim", None),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_of_a_right_touches_the_persons_topic(store: Store, center: Center, name: str) -> None:
    """Otherwise a cached caller would keep a removed right."""

    def second_admin(change: Change) -> None:
        tokens.begin_session(change, center.members["kim"], "", tokens.SessionLimits())
        change.connection.execute(insert(tables.organization_admin).values(member_id=center.members["lee"]))

    store.write(second_admin, OPERATOR)

    def state() -> tuple[object, ...]:
        def work(connection: Any) -> tuple[object, ...]:
            found = [principals.find_principal(connection, account) for account in center.members]
            return (*found, sorted(connection.execute(select(tables.token.c.id)).scalars()))

        return store.read(work)

    before, accounts = state(), list(center.members)
    store.write(CHANGES[name], OPERATOR)
    after = state()
    revisions = store.revisions([me_topic(account) for account in accounts])
    different = {account for account, old, new in zip(accounts, before, after, strict=False) if old != new}
    if before[-1] != after[-1]:
        different.add("kim")
    assert different
    assert {account for account in accounts if revisions[me_topic(account)]} >= different


async def test_answer_has_the_rights_of_the_moment(
    app: FastAPI, store: Store, center: Center, notifier: Notifier, identified: list[str]
) -> None:
    async with local_client(app, "choi") as choi, local_client(app, "kim") as kim:
        first = await load_etags(choi, HEAD)
        assert identified == ["choi"]
        assert await load_etags(choi, HEAD) == first
        assert identified == ["choi"]
        assert (await load_etags(kim, HEAD))[HEAD] == '"gone"'
        store.write(CHANGES["promoted"], OPERATOR)
        assert (await load_etags(kim, HEAD))[HEAD] != '"gone"'
        assert (await kim.get("/me")).json()["services"][0]["role"] == "ROLE_FRONT_ADMIN"
        store.write(lambda change: agents_store.remove_agent(change, "oc", "kim", 2), OPERATOR)
        assert (await load_etags(kim, HEAD))[HEAD] == '"gone"'
        assert (await kim.get(f"/{HEAD}")).status_code == 404


async def test_ended_token_is_not_served_from_the_cache(
    app: FastAPI, store: Store, center: Center, clock: Clock, identified: list[str]
) -> None:
    async with network_client(app, issue_token(store, "choi", 1)) as choi:
        assert (await choi.get(f"/{HEAD}")).status_code == 200
        clock.now += 59_999
        assert (await choi.get(f"/{HEAD}")).status_code == 200
        assert identified == ["choi"]
        clock.now += 1  # its use is written down and it is read again
        assert (await choi.get(f"/{HEAD}")).status_code == 200
        assert (await choi.get(f"/{HEAD}")).status_code == 200
        assert identified == ["choi", "choi"]
        clock.now += 86_400_000 - 60_001
        assert (await choi.get(f"/{HEAD}")).status_code == 200
        clock.now += 1
        assert (await choi.get(f"/{HEAD}")).status_code == 401


async def test_callers_are_cached_apart(app: FastAPI, store: Store, identified: list[str]) -> None:
    """By account, channel and address, because all of them are in the log."""
    mine, other = issue_token(store, "choi", 1), issue_token(store, "kim", 1)
    async with network_client(app, mine) as choi, network_client(app, other) as kim, local_client(app) as operator:
        assert (await choi.get(f"/{HEAD}")).status_code == 200
        assert (await kim.get(f"/{HEAD}")).status_code == 403
        assert (await operator.get(f"/{HEAD}")).status_code == 200
        assert (await choi.get(f"/{HEAD}", headers={"octui-via": "screens"})).status_code == 200
    async with network_client(app, other + "x") as nobody, network_client(app) as silent:
        assert (await nobody.get(f"/{HEAD}")).status_code == 401
        assert (await silent.get(f"/{HEAD}")).status_code == 401
    assert identified[:3] == ["choi", "kim", "admin"]
    assert mine not in repr(
        principal_cache.cache_key(authentication.RequestCredentials(False, None, mine, Via.API, "192.0.2.7"))
    )


async def test_cache_of_callers_is_bounded(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, identified: list[str]
) -> None:
    monkeypatch.setattr(principal_cache, "_LARGEST_CACHE", 2)
    for account in ("choi", "kim", "lee", "choi", "lee"):
        async with local_client(app, account) as one:
            assert (await one.get("/me")).status_code == 200
    assert identified == ["choi", "kim", "lee", "choi"]


async def test_failing_read_does_not_break_the_others(store: Store, center: Center) -> None:
    operations = Operations()

    def watch(context: RequestContext, path: dict[str, str]) -> PollKey:
        if context.principal.account == "kim":
            context.store.read(lambda connection: connection.execute(text("SELECT nothing FROM nowhere")))
        return PollKey(("x",))

    def read(context: RequestContext, path: dict[str, str]) -> Head:
        return Head(revision=context.store.revisions(["x"])["x"], count=0)

    operations.add_polled("me", watch, read, Head)
    app = create_app(store, parts=[operations])
    async with local_client(app, "kim") as kim, local_client(app, "lee") as lee:
        answers = await asyncio.gather(*(client.get("/me") for client in (lee, kim, lee, kim, lee) for _ in range(10)))
    kept, broken = [True] * 10, [False] * 10
    assert [answer.status_code < 500 for answer in answers] == [*kept, *broken, *kept, *broken, *kept]


async def test_waiting_requests_of_a_session_are_limited(app: FastAPI, store: Store, notifier: Notifier) -> None:
    async with (
        network_client(app, issue_token(store, "choi", 1)) as choi,
        network_client(app, issue_token(store, "choi", 1)) as elsewhere,
        local_client(app, "choi") as local,
    ):
        tags = await load_etags(choi, HEAD)
        tasks = [start_waiting(choi, tags) for _ in range(MOST_HELD)]
        await wait_until(lambda: notifier.waiting == MOST_HELD)
        refused = await start_waiting(choi, tags)
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "too_busy", "5")
        alone = await choi.get(f"/{HEAD}", headers={"if-none-match": tags[HEAD], "prefer": "wait=30"})
        assert alone.status_code == 429
        # What is not held is answered all the same.
        assert (await choi.get(f"/{HEAD}")).status_code == 200
        assert (await choi.get("/live", params={"have": [f"{HEAD};{tags[HEAD]}"]})).status_code == 304
        others = [start_waiting(client, tags) for client in (elsewhere, *[local] * (MOST_HELD + 1))]
        await wait_until(lambda: notifier.waiting == 2 * MOST_HELD + 2)
        tasks.pop().cancel()
        await wait_until(lambda: notifier.waiting == 2 * MOST_HELD + 1)
        tasks.append(start_waiting(choi, tags))
        await wait_until(lambda: notifier.waiting == 2 * MOST_HELD + 2)
        notifier.close()
        answers = await asyncio.gather(*tasks, *others)
        assert {answer.status_code for answer in answers} == {304}
        assert notifier._slots == {}


@asynccontextmanager
async def connection(app: FastAPI, headers: dict[str, str]) -> AsyncIterator[tuple[asyncio.Event, list[Any]]]:
    """A waiting request as a server makes it, with its answers; setting the event disconnects the client."""
    goes, sent = asyncio.Event(), list[Any]()
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await goes.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/api/v1/{HEAD}",
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.7", 1),
        "server": None,
    }
    task = asyncio.create_task(app(scope, receive, send))
    yield goes, sent
    await task


async def test_disconnected_client_frees_its_slot(app: FastAPI, store: Store, notifier: Notifier) -> None:
    token = issue_token(store, "choi", 1)
    headers = {**HELD, "authorization": f"Bearer {token}"}
    async with asyncio.timeout(20), connection(app, headers) as (goes, sent):
        await wait_until(lambda: notifier.waiting == 1)
        goes.set()
        await wait_until(lambda: notifier.waiting == 0)
    assert sent == []
    assert notifier._slots == {}


async def test_waiting_client_is_answered_after_many_wakes(
    app: FastAPI, store: Store, center: Center, notifier: Notifier
) -> None:
    token = issue_token(store, "choi", 1)
    headers = {**HELD, "authorization": f"Bearer {token}"}
    async with asyncio.timeout(20), connection(app, headers) as (_, sent):
        for number in range(1, 4):  # their rights are looked at, there is nothing new
            await wait_until(lambda: notifier.waiting == 1)
            touch_topics(store, center, me_topic("choi"))
            await wait_until(lambda number=number: notifier.woken == number)  # type: ignore[misc]
        await wait_until(lambda: notifier.waiting == 1)
        touch_topics(store, center, agents_topic("oc"))
    assert sent[0]["status"] == 200
    assert notifier.waiting == 0
