"""Routes of the log, through the application."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from octui.schema.audit import Action, AuditPage, AuditVerification
from octui.server.app import create_app
from octui.server.audit import routes as audit_routes
from octui.server.audit.checkpoints import Checkpointer
from octui.server.database.unit_of_work import Change
from octui.server.identity.authentication import LocalApp
from server.conftest import NOW, Center, Clock, Store


class Api:
    """Client for requests of several people."""

    def __init__(self, store: Store) -> None:
        self.app = create_app(store, parts=[audit_routes.operations])
        transport = httpx.ASGITransport(LocalApp(self.app), raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://octui")

    async def get(
        self, path: str, who: str | None = None, headers: dict[str, str] | None = None, **params: Any
    ) -> httpx.Response:
        given = {"Octui-As": who} if who else {}
        return await self.client.get(f"/api/v1/{path}", headers={**given, **(headers or {})}, params=params)


@pytest.fixture
def api(store: Store, center: Center) -> Api:
    return Api(store)


def _record_entries(store: Store, center: Center, clock: Clock, *targets: tuple[Action, str, str]) -> None:
    for action, account, service in targets:
        clock.now += 1_000

        def work(change: Change, action: Action = action, account: str = account, service: str = service) -> None:
            change.record(action, target_account=account, target_name=center.names[account], service=service)

        store.write(work, center.principal("admin"))


@pytest.fixture
def log(store: Store, center: Center, clock: Clock) -> None:
    _record_entries(
        store, center, clock,
        (Action.MEMBER_ADDED, "kim", ""),
        (Action.AGENT_ADDED, "kim", "oc"),
        (Action.AGENT_ADDED, "lee", "oc"),
        (Action.AGENT_ADDED, "park", "chat"),
        (Action.AGENT_PERMISSIONS_CHANGED, "kim", "oc"),
    )  # fmt: skip


async def _entry_numbers(api: Api, who: str | None = None, **params: Any) -> list[int]:
    answer = await api.get("audit", who, **params)
    assert answer.status_code == 200, answer.text
    return [entry.seq for entry in AuditPage.model_validate(answer.json()).entries]


@pytest.mark.usefixtures("log")
async def test_entries_are_found_by_field_and_by_free_words(api: Api) -> None:
    assert await _entry_numbers(api) == [5, 4, 3, 2, 1]
    for params, seqs in (
        ({"name": "ㄱㅁㅅ"}, [5, 2, 1]),
        ({"account": "park"}, [4]),
        ({"service": "OC"}, [5, 3, 2]),
        ({"action": "권한"}, [5]),
        ({"ip": "10.0"}, [5, 4, 3, 2, 1]),
        ({"ip": "11.0.0.0/8"}, []),
        ({"from": NOW + 2_000, "to": NOW + 4_000}, [3, 2]),
        ({"words": "추가 chat"}, [4]),
        ({"words": '"상담원 추가" 김민수'}, [2]),
        ({"name": " 관리자 ", "service": "chat"}, [4]),
        ({"before": 4, "limit": 2}, [3, 2]),
        ({"after": 3}, [5, 4]),
        ({"name": "김민수", "limit": 1}, [5]),
    ):
        assert await _entry_numbers(api, **params) == seqs, params


@pytest.mark.usefixtures("log")
async def test_service_admin_sees_only_entries_of_the_service(api: Api) -> None:
    assert await _entry_numbers(api, "choi") == [5, 3, 2]
    assert await _entry_numbers(api, "choi", service="chat") == []
    assert await _entry_numbers(api, "choi", name="박철수") == []
    assert await _entry_numbers(api, "admin") == [5, 4, 3, 2, 1]
    page = (await api.get("audit", "choi")).json()
    assert page["count"] == 3
    for path in ("audit", "audit/head", "audit/verification"):
        assert (await api.get(path, "kim")).status_code == 403
    assert (await api.get("audit/verification", "choi")).status_code == 403


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"from": -1}, "from"),
        ({"to": "yesterday"}, "to"),
        ({"before": 1 << 63}, "before"),
        ({"name": "김\0"}, "name"),
        ({"name": "김" * 201}, "name"),
        ({"words": " ".join("abcdefghijk")}, "words"),
    ],
)
async def test_invalid_parameter_is_refused_by_field(api: Api, params: dict[str, Any], field: str) -> None:
    answer = await api.get("audit", **params)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    "text", ["%", "__", "'", '"', "\\", "%s", "?", ":x", "\u202e", "\x1b[2J", "[/foo]", "ㅋ" * 200]
)
async def test_hostile_text_finds_nothing(api: Api, text: str) -> None:
    for field in ("name", "account", "service", "action", "ip"):
        assert await _entry_numbers(api, **{field: text}) == []
    assert await _entry_numbers(api, words=f"{text} 관리자") == []


@pytest.mark.usefixtures("log")
async def test_new_entry_wakes_the_poll_of_the_head(api: Api, store: Store, center: Center, clock: Clock) -> None:
    first = await api.get("audit/head", "choi")
    assert (first.status_code, first.json()["seq"]) == (200, 5)
    held = {"If-None-Match": first.headers["etag"]}
    assert (await api.get("audit/head", headers=held)).status_code == 304
    waiting = asyncio.create_task(api.get("audit/head", headers={**held, "Prefer": "wait=20"}))
    await asyncio.to_thread(_record_entries, store, center, clock, (Action.AGENT_REMOVED, "lee", "oc"))
    woken = await asyncio.wait_for(waiting, 15)
    assert (woken.status_code, woken.json()["seq"]) == (200, 6)
    newest = (await api.get("audit", limit=1)).json()["entries"][0]
    assert woken.json() == {"seq": 6, "hash": newest["hash"], "at": newest["at"]}


@pytest.mark.usefixtures("log")
async def test_verification_counts_checkpoints(api: Api, store: Store, tmp_path: Path) -> None:
    verification = AuditVerification.model_validate((await api.get("audit/verification")).json())
    assert (verification.ok, verification.entries, verification.checkpoints) == (True, 5, 0)
    api.app.state.checkpointer = Checkpointer(store, tmp_path / "checkpoints")
    api.app.state.checkpointer.write()
    verification = AuditVerification.model_validate((await api.get("audit/verification", "admin")).json())
    assert (verification.ok, verification.entries, verification.checkpoints) == (True, 5, 1)


async def test_empty_log_has_an_empty_head_and_no_entries(api: Api) -> None:
    assert (await api.get("audit/head")).json() == {"seq": 0, "hash": "", "at": 0}
    assert (await api.get("audit", name="김")).json()["entries"] == []


async def test_each_log_has_its_entries_of_the_one_chain(
    api: Api, store: Store, center: Center, clock: Clock, log: None
) -> None:
    _record_entries(store, center, clock, (Action.SERVICE_ADDED, "kim", "oc"), (Action.ORGANIZATION_CHANGED, "kim", ""))

    async def seqs(who: str, **params: Any) -> list[int]:
        answer = await api.get("audit", who, **params)
        return [entry.seq for entry in AuditPage.model_validate(answer.json()).entries]

    assert await seqs("admin") == await seqs("admin", log="permissions") == [5, 4, 3, 2, 1]
    assert await seqs("admin", log="administration") == [7, 6]
    assert await seqs("admin", log="administration", words="service.added") == [6]
    assert await seqs("admin", log="all") == [7, 6, 5, 4, 3, 2, 1]
    # The admin of a service sees its entries of either, and nothing of the organization.
    assert await seqs("choi") == [5, 3, 2]
    assert await seqs("choi", log="administration") == [6]
    assert await seqs("choi", log="all") == [6, 5, 3, 2]
    refused = await api.get("audit", "admin", log="everything")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "log")
    assert (await api.get("audit", "kim", log="administration")).status_code == 403
    verified = AuditVerification.model_validate((await api.get("audit/verification", "admin")).json())
    assert (verified.ok, verified.entries) == (True, 7)
