"""Rights removed between the authorization of a request and its write, or during the write (security.md R11)."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, delete, func, select, text, update

from octui.schema.agents import Role
from octui.schema.audit import Via
from octui.schema.routes import ROUTES, Who
from octui.server.app import create_app
from octui.server.core.errors import ProblemError
from octui.server.core.topics import me_topic
from octui.server.database import tables
from octui.server.database.sqlite import SqliteStore
from octui.server.database.unit_of_work import Change
from octui.server.identity.authentication import RequestCredentials, issue_token
from octui.server.identity.authorization import CONCURRENT, AuthorizedStore
from octui.server.web.operations import BY_NAME
from server.clients import local_client, network_client
from server.conftest import OPERATOR, Center, Clock, Store
from server.test_events import event

EVENTS = [event(number, "octui.phone.login") for number in range(500)]
CELL = {"account": "kim", "version": 1, "set": {"cti_no": "1"}}

# What choi, admin of the service, may write there: method, path, body.
WRITES: dict[str, tuple[str, str, Any]] = {
    "take_in_events": ("POST", "/services/oc/events", EVENTS),
    "save_cti": ("POST", "/services/oc/cti/batch", {"edits": [CELL]}),
    "add_agent": ("POST", "/services/oc/agents", {"account": "park", "role": "ROLE_FRONT_AGENT"}),
    "change_agent": ("PATCH", "/services/oc/agents/kim", {"role": "ROLE_FRONT_ADMIN"}),
    "remove_agent": ("DELETE", "/services/oc/agents/kim", {}),
    "change_state": ("POST", "/services/oc/stats/choi/state", {"kind": "login", "channel": "chat"}),
}


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store)


def take_role(store: Store, center: Center, account: str) -> None:
    def work(change: Change) -> None:
        mine = tables.agent.c.member_id == center.members[account]
        change.connection.execute(delete(tables.agent).where(mine))
        change.touch(me_topic(account))

    store.write(work, OPERATOR)


def demote_admin(store: Store, center: Center, account: str) -> None:
    def work(change: Change) -> None:
        mine = tables.agent.c.member_id == center.members[account]
        change.connection.execute(update(tables.agent).where(mine).values(role=Role.AGENT.value))
        change.touch(me_topic(account))

    store.write(work, OPERATOR)


def revoke_tokens(store: Store, center: Center, account: str) -> None:
    def work(change: Change) -> None:
        change.connection.execute(delete(tables.token).where(tables.token.c.member_id == center.members[account]))
        change.touch(me_topic(account))

    store.write(work, OPERATOR)


async def send_write(
    client: httpx.AsyncClient, name: str, between: Callable[[], None], **headers: str
) -> httpx.Response:
    """Send one of WRITES; `between` runs after the caller was authorized, when the server asks for the body."""
    method, path, body = WRITES[name]
    whole = client.build_request(method, path, json=body).content

    async def sent() -> AsyncIterator[bytes]:
        await asyncio.to_thread(between)
        yield whole

    headers |= {"content-type": "application/json", "if-match": '"v1"'}
    return await client.request(method, path, content=sent(), headers=headers)


def all_rows(store: Store) -> object:
    """All rows that the writes above would change."""

    def work(connection: Connection) -> object:
        counted = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (tables.event, tables.audit, tables.interval, tables.agent_state, tables.idempotency)
        ]
        others = connection.execute(
            select(tables.agent).where(tables.agent.c.version == 1).order_by(tables.agent.c.id)
        ).all()
        cells = connection.execute(select(tables.cti_agent).order_by(tables.cti_agent.c.member_id)).all()
        return [counted, [row for row in others if row.role != Role.ADMIN.value], cells]

    return store.read(work)


@pytest.mark.parametrize("name", WRITES)
async def test_write_is_authorized_in_its_transaction(app: FastAPI, store: Store, center: Center, name: str) -> None:
    """The same writes succeed when nothing happens in between; otherwise the test below would prove nothing."""
    async with network_client(app, issue_token(store, "choi", 1)) as choi:
        before = all_rows(store)
        answer = await send_write(choi, name, lambda: None)
        assert answer.status_code < 300, answer.text
        assert all_rows(store) != before


@pytest.mark.parametrize("keyed", [False, True])
@pytest.mark.parametrize(
    ("name", "taken", "status"),
    [
        (name, taken, status)
        for name in WRITES
        for taken, status in ((take_role, 404), (demote_admin, 403), (revoke_tokens, 401))
        if (name, taken) != ("change_state", demote_admin)  # one's own state stays one's own
    ],
)
async def test_right_removed_before_the_write_refuses_it(
    app: FastAPI, store: Store, center: Center, name: str, taken: Callable[..., None], status: int, keyed: bool
) -> None:
    method, path, body = WRITES[name]
    headers = {"idempotency-key": "once"} if keyed and method == "POST" else {}
    async with network_client(app, issue_token(store, "choi", 1)) as choi:
        before: list[object] = []

        def between() -> None:
            taken(store, center, "choi")
            before.append(all_rows(store))

        answer = await send_write(choi, name, between, **headers)
        assert answer.status_code == status, answer.text
        assert before == [all_rows(store)]
        # Exactly as it is refused from the beginning.
        later = await choi.request(method, path, json=body, headers={"if-match": '"v1"', **headers})
        assert (later.status_code, later.content) == (status, answer.content)


async def test_session_ended_before_the_write_refuses_it(
    app: FastAPI, store: Store, center: Center, clock: Clock
) -> None:
    async with network_client(app, issue_token(store, "choi", 1)) as choi:

        def between() -> None:
            clock.now += 86_400_000

        assert (await send_write(choi, "take_in_events", between)).status_code == 401


async def test_log_names_the_caller_of_the_moment_of_the_write(app: FastAPI, store: Store, center: Center) -> None:
    def renamed() -> None:
        mine = tables.member.c.account == "choi"
        store.write(
            lambda change: change.connection.execute(update(tables.member).where(mine).values(name="최지호")).rowcount,
            OPERATOR,
        )

    async with local_client(app, "choi") as choi:
        assert (await send_write(choi, "change_agent", renamed)).status_code == 200
    person = select(tables.audit_person.c.name).where(tables.audit_person.c.account == "choi")
    assert store.read(lambda connection: connection.scalar(person)) == "최지호"


def store_of_choi(store: Store) -> AuthorizedStore:
    said = RequestCredentials(local=True, acts_as="choi", token=None, via=Via.API, ip="127.0.0.1")
    return AuthorizedStore(store, said, BY_NAME["take_in_events"], {"service": "oc"})


async def test_role_removal_and_write_never_overlap(store: Store, center: Center) -> None:
    inside, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def work(change: Change) -> None:
        inside.set()
        assert go_on.wait(20)
        change.touch("x")
        order.append("written")

    def remove() -> None:
        take_role(store, center, "choi")
        order.append("removed")

    writing = asyncio.create_task(asyncio.to_thread(store_of_choi(store).write, work, center.principal("choi")))
    await asyncio.to_thread(inside.wait, 20)
    removing = asyncio.create_task(asyncio.to_thread(remove))
    await until_waiting(store, removing)
    go_on.set()
    await asyncio.gather(writing, removing)
    assert order == ["written", "removed"]
    with pytest.raises(ProblemError) as refused:
        store_of_choi(store).write(lambda change: change.touch("x"), center.principal("choi"))
    assert refused.value.status == 404


async def until_waiting(store: Store, task: "asyncio.Task[None]") -> None:
    """Wait until the task waits for the write in progress (or, wrongly, is done)."""
    locks = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(20):
        while not task.done():
            if isinstance(store, SqliteStore):
                if not store._queue.empty():
                    return
            elif await asyncio.to_thread(store.read, lambda connection: connection.scalar(locks)):
                return
            await asyncio.sleep(0)


def test_mutual_role_removals_do_not_deadlock(store: Store, center: Center) -> None:
    """Each time one of them is still an admin, and neither waits for the other."""

    def set_role(account: str, role: Role, change: Change) -> None:
        mine = tables.agent.c.member_id == center.members[account]
        change.connection.execute(update(tables.agent).where(mine).values(role=role.value))

    def take(who: str, whose: str, barrier: threading.Barrier, outcomes: dict[str, int]) -> None:
        said = RequestCredentials(local=True, acts_as=who, token=None, via=Via.API, ip="127.0.0.1")
        writes = AuthorizedStore(store, said, BY_NAME["change_agent"], {"service": "oc", "account": whose})
        barrier.wait(20)
        try:
            writes.write(lambda change: set_role(whose, Role.AGENT, change), center.principal(who))
            outcomes[who] = 200
        except ProblemError as error:
            outcomes[who] = error.status

    for _ in range(50):
        for account in ("kim", "lee"):
            store.write(partial(set_role, account, Role.ADMIN), OPERATOR)
        outcomes: dict[str, int] = {}
        barrier = threading.Barrier(2)
        pairs = (("kim", "lee"), ("lee", "kim"))
        threads = [threading.Thread(target=take, args=(*pair, barrier, outcomes)) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes.values()) == [200, 403]


def test_concurrent_writes_are_writing_operations() -> None:
    writing = {route.name for route in ROUTES if route.method != "GET" and Who.ANYONE not in route.who}
    assert writing >= CONCURRENT
