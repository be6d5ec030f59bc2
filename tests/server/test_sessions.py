"""Sessions of a served organization: signing in, delays, changing the password, on both engines."""

import asyncio
import logging
from collections import Counter

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, func, select, update

from octui.server.agents import routes as agents_routes
from octui.server.app import create_app
from octui.server.core.errors import StoreError
from octui.server.database import tables
from octui.server.database.store import Store
from octui.server.identity import passwords, tokens
from octui.server.identity.authentication import issue_token
from octui.server.identity.hashing import MEMORY_KIB, Hasher
from octui.server.members import routes as members_routes
from octui.server.organization import routes as organization_routes
from octui.server.sessions import routes as sessions_routes
from octui.server.sessions import token_routes
from octui.server.sessions.sign_in import SignInHandler
from octui.server.web.waiters import Notifier
from server.clients import local_client, network_client
from server.conftest import NOW, Center, Clock
from server.test_people import log_lines
from server.test_waiters import load_etags, start_waiting, wait_until

PARTS = [
    part.operations for part in (organization_routes, members_routes, agents_routes, sessions_routes, token_routes)
]
SECRET = "seven blue chairs sing"
OTHER = "보라색 기린이 커피를 마신다"
MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture(scope="session")
def hashed() -> str:
    return Hasher().hash_password(SECRET)


@pytest.fixture
def notifier(store: Store) -> Notifier:
    return Notifier(store, jitter=lambda: 0.0)


@pytest.fixture
def app(store: Store, center: Center, notifier: Notifier, hashed: str) -> FastAPI:
    """Return the application; kim and choi have a password, lee, park and admin none yet."""

    def give(change: object) -> None:
        for account in ("kim", "choi"):
            passwords.store_password(change, center.members[account], hashed)  # type: ignore[arg-type]

    store.write(give, center.principal("admin"))
    return create_app(store, parts=PARTS, notifier=notifier)


async def sign_in(app: FastAPI, account: str = "kim", password: str = SECRET, device: str = "desk 7") -> httpx.Response:
    async with network_client(app, octui_via="command") as client:
        return await client.post("/sessions", json={"account": account, "password": password, "device": device})


async def token_of(app: FastAPI, account: str = "kim", password: str = SECRET) -> str:
    answer = await sign_in(app, account, password)
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token


async def status(app: FastAPI, token: str) -> int:
    async with network_client(app, token) as client:
        return (await client.get("/me")).status_code


def count(store: Store, table: str) -> int:
    return store.read(lambda c: c.scalar(select(func.count()).select_from(tables.metadata.tables[table])) or 0)


async def test_a_password_opens_a_session(app: FastAPI, store: Store) -> None:
    answer = await sign_in(app)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert said["token"].startswith("oct_")
    assert said | {"token": "", "id": ""} == {
        "account": "kim",
        "token": "",
        "id": "",
        "expires": NOW + 12 * HOUR,
        "idle": HOUR,
    }
    async with network_client(app, said["token"]) as kim:
        assert (await kim.get("/me")).json()["account"] == "kim"
        (session,) = (await kim.get("/sessions")).json()["sessions"]
    assert session == {
        "id": said["id"],
        "kind": "session",
        "device": "desk 7",
        "ip": "192.0.2.7",
        "created": NOW,
        "last_used": NOW,
        "expires": NOW + 12 * HOUR,
        "idle": HOUR,
        "current": True,
    }
    assert log_lines(store) == []


async def test_a_password_is_the_same_in_any_unicode_form(app: FastAPI, store: Store, center: Center) -> None:
    async with network_client(app, await token_of(app)) as kim:
        change = {"old": SECRET, "new": "보라색\u3000기린이 커피를 마신다"}
        assert (await kim.post("/me/password", json=change)).status_code == 204
    assert (await sign_in(app, password="보라색 기린이 커피를 마신다")).status_code == 201


def public(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, dict(answer.headers)


async def test_answers_reveal_nothing_about_accounts(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong, unknown and invited accounts get the same body and headers, hashing and delays."""
    hashings: Counter[bool] = Counter()
    verify = Hasher.verify_password

    def noted(self: Hasher, hashed: str | None, password: str) -> bool:
        hashings[hashed is None] += 1
        return verify(self, hashed, password)

    monkeypatch.setattr(Hasher, "verify_password", noted)
    answers = []
    for account in ("kim", "lee", "nobody", "KIM", "admin@acme.example"):
        answers.append([public(await sign_in(app, account, "not the right one", device="")) for _ in range(7)])
    assert all(each == answers[0] for each in answers)
    assert [each[0] for each in answers[0]] == [401] * 5 + [429] * 2
    body = answers[0][0][1]
    assert b"unauthenticated" in body
    assert b"kim" not in body
    assert hashings == {False: 5, True: 20}


@pytest.mark.parametrize("account", ["kim", "nobody"])
async def test_the_delay_grows_and_ends(app: FastAPI, clock: Clock, account: str) -> None:
    waited = []
    for _ in range(17):
        answer = await sign_in(app, account, "not the right one")
        while answer.status_code == 429:
            seconds = int(answer.headers["retry-after"])
            assert answer.json()["code"] == "too_many_attempts"
            waited.append(seconds)
            clock.now += seconds * 1000 - 1
            assert (await sign_in(app, account, SECRET)).headers["retry-after"] == "1"  # not even the right one
            clock.now += 1
            answer = await sign_in(app, account, "not the right one")
        assert answer.status_code == 401
    assert waited == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    clock.now += 900_000
    assert (await sign_in(app, account, SECRET)).status_code == (201 if account == "kim" else 401)


async def test_the_right_password_clears_the_failures(app: FastAPI, store: Store, clock: Clock) -> None:
    for _ in range(3):
        for _ in range(4):
            assert (await sign_in(app, password="not the right one")).status_code == 401
        assert (await sign_in(app)).status_code == 201
    # The address keeps its failures and has back what was right.
    assert store.read(lambda c: c.execute(select(tables.attempt.c.failures)).scalars().all()) == [12]
    clock.now += 12 * 10_000
    assert (await sign_in(app, "choi", "not the right one")).status_code == 401
    assert count(store, "attempt") == 2
    assert sorted(store.read(lambda c: c.execute(select(tables.attempt.c.failures)).scalars().all())) == [1, 1]


async def test_an_address_that_tries_many_accounts_is_delayed(app: FastAPI, clock: Clock) -> None:
    for number in range(50):
        assert (await sign_in(app, f"nobody{number}", "not the right one")).status_code == 401
    assert (await sign_in(app)).headers["retry-after"] == "1"
    elsewhere = httpx.ASGITransport(app, client=("198.51.100.9", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://octui/api/v1") as client:
        answer = await client.post("/sessions", json={"account": "kim", "password": SECRET})
    assert answer.status_code == 201
    clock.now += 1000
    assert (await sign_in(app)).status_code == 201


async def test_simultaneous_attempts_all_count(app: FastAPI, store: Store) -> None:
    two = await asyncio.gather(*(sign_in(app, password="not the right one") for _ in range(2)))
    assert [answer.status_code for answer in two] == [401, 401]
    assert set(store.read(lambda c: c.execute(select(tables.attempt.c.failures)).scalars().all())) == {2}
    many = await asyncio.gather(*(sign_in(app, password="not the right one") for _ in range(10)))
    found = Counter(answer.status_code for answer in many)
    assert found[401] == 3  # five in all, however they meet
    assert found[429] == 7


async def test_too_many_simultaneous_sign_ins_are_refused(store: Store, center: Center, app: FastAPI) -> None:
    sign_ins: SignInHandler = app.state.sign_ins
    places = sign_ins.hasher.workers * 5
    taken = [sign_ins.hasher.slot() for _ in range(places)]
    for place in taken:
        place.__enter__()
    answer = await sign_in(app)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert count(store, "attempt") == 0
    for place in taken:
        place.__exit__(None, None, None)
    assert (await sign_in(app)).status_code == 201


async def test_attempts_are_counted_for_the_metrics(app: FastAPI) -> None:
    for password in (SECRET, *["not the right one"] * 7):
        await sign_in(app, password=password)
    async with network_client(app) as client:
        lines = (await client.get("http://octui/metrics")).text.splitlines()
    assert 'octui_sign_ins_total{outcome="done"} 1' in lines
    assert 'octui_sign_ins_total{outcome="refused"} 5' in lines
    assert 'octui_sign_ins_total{outcome="delayed"} 2' in lines


async def test_an_unused_session_expires(app: FastAPI, clock: Clock, store: Store) -> None:
    used, unused = await token_of(app), await token_of(app)
    for _ in range(4):
        clock.now += 59 * MINUTE
        assert await status(app, used) == 200
    assert await status(app, unused) == 401
    clock.now += HOUR
    assert await status(app, used) == 401
    again = await token_of(app)
    assert count(store, "token") == 1  # what is of no use any more is swept out
    for _ in range(23):
        clock.now += 30 * MINUTE
        assert await status(app, again) == 200
    clock.now = clock.now - 23 * 30 * MINUTE + 12 * HOUR - 1
    assert await status(app, again) == 200
    clock.now += 1
    assert await status(app, again) == 401


async def test_session_limits_are_those_of_the_server(store: Store, center: Center, app: FastAPI, clock: Clock) -> None:
    strict = create_app(
        store, parts=PARTS, sign_ins=SignInHandler(limits=tokens.SessionLimits(idle=5 * MINUTE, longest=8 * MINUTE))
    )
    answer = await sign_in(strict)
    assert (answer.json()["idle"], answer.json()["expires"]) == (5 * MINUTE, NOW + 8 * MINUTE)
    token = answer.json()["token"]
    clock.now += 4 * MINUTE
    assert await status(app, token) == 200
    clock.now += 4 * MINUTE
    assert await status(app, token) == 401


async def test_the_use_of_a_session_is_recorded_once_a_minute(
    app: FastAPI, clock: Clock, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(app)
    writes = []
    note_use = tokens.record_use
    monkeypatch.setattr(tokens, "record_use", lambda change, way: (writes.append(change.now), note_use(change, way)))
    for _ in range(12):
        clock.now += 10_000
        assert await status(app, token) == 200
    assert writes == [NOW + MINUTE, NOW + 2 * MINUTE]
    (last,) = store.read(lambda c: c.execute(select(tables.token.c.last_used)).scalars().all())
    assert last == NOW + 2 * MINUTE


async def test_reads_succeed_when_the_use_cannot_be_recorded(
    app: FastAPI, clock: Clock, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = await token_of(app)
    clock.now += 5 * MINUTE

    def full(*_: object) -> None:
        raise StoreError("storage_full", 507, "The disk is full.")  # type: ignore[arg-type]

    monkeypatch.setattr(store, "write", full)
    with caplog.at_level(logging.WARNING, "octui"):
        assert await status(app, token) == 200
    assert "could not be written down" in caplog.text


async def test_tokens_of_programs_are_listed_and_have_no_idle_limit(app: FastAPI, clock: Clock, store: Store) -> None:
    program = issue_token(store, "kim", 30)
    clock.now += 24 * HOUR
    session = await token_of(app)
    async with network_client(app, session) as kim:
        listed = (await kim.get("/sessions")).json()["sessions"]
        assert [(each["kind"], each["idle"], each["current"]) for each in listed] == [
            ("session", HOUR, True),
            ("token", None, False),
        ]
        assert (await kim.delete(f"/sessions/{listed[1]['id']}")).status_code == 204
        assert await status(app, program) == 401
        assert len((await kim.get("/sessions")).json()["sessions"]) == 1


async def test_signing_out_ends_only_this_session(app: FastAPI) -> None:
    here, there = await token_of(app), await token_of(app)
    async with network_client(app, here) as kim:
        assert (await kim.delete("/sessions/current")).status_code == 204
        assert (await kim.delete("/sessions/current")).status_code == 401
    assert await status(app, there) == 200
    async with local_client(app, "kim") as local:
        assert (await local.delete("/sessions/current")).status_code == 204
        assert (await local.get("/sessions")).json()["sessions"][0]["current"] is False
    assert await status(app, there) == 200


async def test_another_persons_session_counts_as_missing(app: FastAPI) -> None:
    kim, choi = await token_of(app), (await sign_in(app, "choi")).json()
    async with network_client(app, kim) as client:
        answers = [await client.delete(f"/sessions/{name}") for name in (choi["id"], "0123456789abcdef", "%00", "None")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.content for answer in answers}) == 1
    assert await status(app, choi["token"]) == 200
    async with local_client(app, "admin") as admin:
        assert (await admin.delete(f"/sessions/{choi['id']}")).status_code == 404


@pytest.mark.parametrize("way", ["sign_out", "revoke_session", "change_password"])
async def test_revoking_a_session_ends_its_long_poll(app: FastAPI, notifier: Notifier, way: str) -> None:
    here, answer = await token_of(app), await sign_in(app)
    there = answer.json()["token"]
    async with network_client(app, here) as mine, network_client(app, there) as other:
        task = start_waiting(other, await load_etags(other, "me"))
        await wait_until(lambda: notifier.waiting == 1)
        match way:
            case "sign_out":
                await other.delete("/sessions/current")
            case "revoke_session":
                await mine.delete(f"/sessions/{answer.json()['id']}")
            case _:
                await mine.post("/me/password", json={"old": SECRET, "new": OTHER})
        async with asyncio.timeout(20):
            ended = await task
        assert (ended.status_code, ended.json()["code"]) == (401, "unauthenticated")
        assert notifier.waiting == 0
        assert (await mine.get("/me")).status_code == 200


async def test_a_new_password_ends_the_other_sessions(app: FastAPI, store: Store) -> None:
    here, there, choi = await token_of(app), await token_of(app), await token_of(app, "choi")
    program = issue_token(store, "kim", 1)
    async with network_client(app, here) as kim:
        assert (await kim.post("/me/password", json={"old": SECRET, "new": OTHER})).status_code == 204
    assert [await status(app, token) for token in (here, there, program, choi)] == [200, 401, 200, 200]
    assert (await sign_in(app, password=SECRET)).status_code == 401
    assert (await sign_in(app, password=OTHER)).status_code == 201
    assert count(store, "idempotency") == 0


@pytest.mark.parametrize(
    ("old", "new", "field", "code"),
    [
        ("not the right one", OTHER, "old", "wrong"),
        (SECRET, "too short", "new", "too_short"),
        (SECRET, "x" * 257, "new", "too_long"),
        (SECRET, "x" * 5000, "new", "too_long"),
        (SECRET, "seven blue\x07chairs sing", "new", "control_character"),
        (SECRET, "kim-kim-kim-2026", "new", "common"),
        (SECRET, "김민수김민수김민수김민수김민수", "new", "common"),
        (SECRET, "acme고객센터acme고객센터", "new", "common"),
    ],
)
async def test_a_password_change_is_refused_by_field(app: FastAPI, old: str, new: str, field: str, code: str) -> None:
    token = await token_of(app)
    async with network_client(app, token) as kim:
        answer = await kim.post("/me/password", json={"old": old, "new": new})
    assert answer.status_code == 422
    assert [(problem["field"], problem["code"]) for problem in answer.json()["errors"]] == [(field, code)]
    assert new not in answer.text
    assert (await sign_in(app)).status_code == 201


async def test_password_changes_are_throttled(app: FastAPI) -> None:
    async with network_client(app, await token_of(app)) as kim:
        bodies = [{"old": f"guess number {number}", "new": OTHER} for number in range(6)]
        answers = [await kim.post("/me/password", json=body) for body in bodies]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        assert (await kim.post("/me/password", json={"old": SECRET, "new": OTHER})).status_code == 429


async def test_a_member_without_a_password_cannot_change_it(app: FastAPI) -> None:
    async with local_client(app, "lee") as lee:
        answer = await lee.post("/me/password", json={"old": SECRET, "new": OTHER})
        assert answer.json()["errors"][0]["code"] == "wrong"


async def test_a_password_changed_during_verification_opens_no_session(
    app: FastAPI, store: Store, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = Hasher.verify_password

    def slowly(self: Hasher, hashed: str | None, password: str) -> bool:
        right = verify(self, hashed, password)
        new = update(tables.password).values(hash=self.hash_password(OTHER))
        store.write(lambda change: change.connection.execute(new).rowcount, center.principal("kim"))
        return right

    monkeypatch.setattr(Hasher, "verify_password", slowly)
    assert (await sign_in(app)).status_code == 401
    assert count(store, "token") == 0


async def test_a_weak_hash_is_replaced_when_signing_in(store: Store, app: FastAPI, center: Center, hashed: str) -> None:
    stronger = create_app(store, parts=PARTS, sign_ins=SignInHandler(Hasher(memory=MEMORY_KIB + 1024)))

    def kept(connection: Connection) -> str:
        wanted = select(tables.password.c.hash).where(tables.password.c.member_id == center.members["kim"])
        return str(connection.scalar(wanted))

    assert (await sign_in(stronger, password="not the right one")).status_code == 401
    assert store.read(kept) == hashed
    assert (await sign_in(stronger)).status_code == 201
    new = store.read(kept)
    assert f"m={MEMORY_KIB + 1024}," in new
    assert (await sign_in(stronger)).status_code == 201
    assert (await sign_in(app)).status_code == 201  # one that still has the old settings leaves it as it is
    assert store.read(kept) == new


async def test_no_secret_is_stored_or_returned(
    app: FastAPI, store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with network_client(app, Idempotency_Key="k") as client:
            body = {"account": "kim", "password": SECRET, "device": "desk 7"}
            first, second = [(await client.post("/sessions", json=body)).json() for _ in range(2)]
            assert first["token"] != second["token"]  # not replayed
            wrong = await client.post("/sessions", json=body | {"password": [SECRET], "odd": SECRET})
            assert wrong.status_code == 422
            assert SECRET not in wrong.text
        async with network_client(app, first["token"], Idempotency_Key="k") as kim:
            await kim.post("/me/password", json={"old": SECRET, "new": OTHER})
        monkeypatch.setattr(passwords, "find_password", lambda *_: 1 / 0)
        failed = await sign_in(app, password=OTHER)
        assert failed.status_code == 500

    def rows(connection: Connection) -> str:
        return repr([connection.execute(select(table)).all() for table in tables.metadata.sorted_tables])

    stored = store.read(rows)
    assert count(store, "idempotency") == 0
    for secret in (SECRET, OTHER, first["token"], second["token"]):
        assert secret not in stored
        assert secret not in caplog.text
        assert secret not in failed.text


async def test_a_session_survives_a_change_of_rights(app: FastAPI, store: Store, center: Center) -> None:
    """Rights are read on each request, not stored with the session."""
    async with network_client(app, await token_of(app)) as kim:
        assert (await kim.get("/services/oc/agents")).status_code == 403
        promoted = update(tables.agent).where(tables.agent.c.member_id == center.members["kim"])
        store.write(
            lambda change: change.connection.execute(promoted.values(role="ROLE_FRONT_ADMIN")).rowcount,
            center.principal("admin"),
        )
        assert (await kim.get("/services/oc/agents")).status_code == 200
