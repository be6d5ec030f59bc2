"""One effect for each Idempotency-Key, and errors as problems."""

import asyncio
import logging

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from octui.schema.common import Head
from octui.server.app import create_app
from octui.server.database import tables
from octui.server.database.idempotency import RETENTION_MS
from octui.server.database.store import Store
from octui.server.web.operations import Operations, PollKey, RequestContext
from server.clients import local_client
from server.conftest import Center, Clock
from server.test_people import PARTS, log_lines

CANARY = "a value nobody may see"
MEMBER = {"account": "new", "name": "새사람", "email": "new@acme.example"}


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store, parts=PARTS)


async def test_repeated_key_is_answered_like_the_first_request(app: FastAPI, store: Store) -> None:
    async with local_client(app, Idempotency_Key="k-1") as operator:
        first = await operator.post("/members", json=MEMBER)
        again = await operator.post("/members", json=MEMBER)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"
        other = await operator.post("/members", json=MEMBER | {"account": "other"})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        path = await operator.post("/services/oc/agents", json={"account": "new", "role": "ROLE_FRONT_AGENT"})
        assert path.json()["code"] == "idempotency_mismatch"
    async with local_client(app, "admin", Idempotency_Key="k-2") as admin:
        assert (await admin.post("/members", json=MEMBER)).status_code == 409
    assert len(log_lines(store)) == 1


async def test_simultaneous_requests_with_a_key_have_one_effect(app: FastAPI, store: Store) -> None:
    async with local_client(app, Idempotency_Key="k") as operator:
        answers = await asyncio.gather(*(operator.post("/members", json=MEMBER) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(log_lines(store)) == 1


async def test_keys_are_separate_for_each_caller(app: FastAPI) -> None:
    async with (
        local_client(app, "admin", Idempotency_Key="k") as admin,
        local_client(app, "choi", Idempotency_Key="k") as choi,
    ):
        cells = {"edits": [{"account": "kim", "version": 1, "set": {"cti_id": "1"}}]}
        assert (await admin.post("/services/oc/cti/batch", json=cells)).json()["saved"] == 1
        assert (await choi.post("/services/oc/cti/batch", json=cells)).json()["saved"] == 0


async def test_refused_request_is_not_stored(app: FastAPI) -> None:
    async with local_client(app, Idempotency_Key="k") as operator:
        sent = {"account": "new", "role": "ROLE_FRONT_AGENT"}
        assert (await operator.post("/services/oc/agents", json=sent)).status_code == 422
        async with local_client(app) as other:
            await other.post("/members", json=MEMBER)
        assert (await operator.post("/services/oc/agents", json=sent)).status_code == 201


@pytest.mark.parametrize("key", [b"", b"x" * 201, "\u00e9".encode()])
async def test_unprintable_or_long_key_is_refused(app: FastAPI, key: bytes) -> None:
    async with local_client(app) as operator:
        answer = await operator.post("/members", json=MEMBER, headers={b"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_keys_expire_after_two_days(app: FastAPI, store: Store, clock: Clock) -> None:
    async with local_client(app) as operator:
        await operator.post("/members", json=MEMBER, headers={"Idempotency-Key": "old"})
        clock.now += RETENTION_MS + 1
        await operator.post("/members", json=MEMBER | {"account": "x"}, headers={"Idempotency-Key": "new"})
    kept = store.read(lambda connection: connection.scalar(select(func.count()).select_from(tables.idempotency)))
    assert kept == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "http://octui/", 404, "not_found"),
        ("GET", "/members/", 404, "not_found"),
        ("DELETE", "/members", 405, "invalid"),
        ("PATCH", "/services/oc/agents/head", 428, "version_required"),
        ("GET", "/members?limit=0", 422, "invalid"),
        ("GET", "/members?limit=1001", 422, "invalid"),
        ("GET", "/members?limit=x", 422, "invalid"),
        ("GET", "/members?query=%00", 422, "invalid"),
        ("GET", f"/members?query={'x' * 201}", 422, "invalid"),
        ("GET", "/services/oc%00/agents", 404, "not_found"),
        ("GET", "/services/oc%2F..%2Fchat/agents", 404, "not_found"),
        ("GET", f"/services/{'x' * 5000}/agents", 404, "not_found"),
        ("GET", "/services/oc/agents?changed_since=-1", 422, "invalid"),
    ],
)
async def test_errors_are_problems(app: FastAPI, method: str, path: str, status: int, code: str) -> None:
    async with local_client(app) as operator:
        body = {"content": b"{}", "headers": {"content-type": "application/json"}} if method == "PATCH" else {}
        answer = await operator.request(method, path, **body)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"account":' + b"1" * 5000 + b"}"])
async def test_malformed_bodies_are_refused(app: FastAPI, body: bytes) -> None:
    async with local_client(app) as operator:
        answer = await operator.post("/members", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == "invalid"


async def test_unexpected_error_has_a_number_and_no_traceback(
    store: Store, center: Center, caplog: pytest.LogCaptureFixture
) -> None:
    operations = Operations()

    def broken(context: RequestContext, path: dict[str, str]) -> Head:
        raise RuntimeError(CANARY)

    operations.add_polled("agents_head", lambda context, path: PollKey(("x",)), broken, Head)
    app = create_app(store, parts=[operations])
    with caplog.at_level(logging.ERROR, logger="octui"):
        async with local_client(app) as operator:
            answer = await operator.get("/services/oc/agents/head")
            metrics = (await operator.get("http://octui/metrics")).text
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    event = answer.json()["detail"].rstrip(".").rsplit(" ", 1)[1]
    assert f"event {event}: RuntimeError" in caplog.text
    assert CANARY not in answer.text + caplog.text
    assert 'octui_answers_total{status="500"} 1' in metrics


async def test_health_endpoints_need_no_caller(app: FastAPI) -> None:
    async with local_client(app, "nobody") as client:
        assert (await client.get("http://octui/healthz")).text == "ok\n"
        assert (await client.get("http://octui/readyz")).text == "ready\n"
