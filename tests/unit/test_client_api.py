"""Every operation against a scripted server: requests, decoded answers, retries."""

import asyncio
import inspect
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from octui.client.api import Api
from octui.client.errors import (
    BadAnswer,
    ClientError,
    Refused,
    SignInNeeded,
    Throttled,
    Unreachable,
    VersionMismatch,
)
from octui.client.transport import HttpTransport
from octui.schema.agents import AgentChange, NewAgent, Role
from octui.schema.audit import AuditFilter
from octui.schema.charges import NewDiscount, NewRateCard, Rate
from octui.schema.contracts import (
    BasicChange,
    BasicInformation,
    ContractDetails,
    EstimateRequest,
    ItemTerms,
    NewService,
)
from octui.schema.cti import Column, CtiBatch, CtiEdit, CtiSettingsChange, Verdict
from octui.schema.events import CloudEvent, LogNames
from octui.schema.floor import FloorLimitsChange
from octui.schema.items import Item, ServiceState, ServiceType
from octui.schema.live import stats_topic
from octui.schema.members import Acceptance, NewInvitation, NewMember
from octui.schema.organization import KeyChange, NewOrganization, NewOrganizationAdmin, OrganizationChange
from octui.schema.routes import ROUTES
from octui.schema.sessions import PasswordChange, SignIn
from octui.schema.settings import SettingsChange
from octui.schema.stats import Channel, PhoneState, StateChange
from octui.schema.tokens import NewToken, NewWallToken

ORGANIZATION = {"id": "WopqM8euoYw89B7i", "name": "Acme 고객센터", "domain": "acme", "time_zone": "Asia/Seoul"}
ME = {
    "account": "kim",
    "name": "김민수",
    "nickname": "",
    "email": "kim@x",
    "language": "ko",
    "organization": ORGANIZATION,
    "organization_admin": False,
    "services": [],
    "known_services": [],
}
CTI_SETTINGS = {
    "cti_version": "ipcc",
    "tenant_id": "T1",
    "tenant_name": "한빛",
    "monitoring": False,
    "retention_years": 2,
    "ipcc_agreed": True,
    "mobile_contact_activated": False,
    "complete": True,
    "version": 3,
}
SERVICE = {
    "id": "oc",
    "name": "상담",
    "type": "consultation",
    "language": "ko",
    "time_zone": "Asia/Seoul",
    "state": "inuse",
    "items": ["ticket", "telticket"],
}
CONTRACT: dict[str, Any] = {
    "id": "oc",
    "name": "상담",
    "type": "consultation",
    "languages": ["ko", "ja"],
    "time_zone": "Asia/Seoul",
    "state": "inuse",
    "items": [{"item": "ticket", "users": 3, "volume": 9}],
    "registered": "2026-11-23",
    "edited": None,
    "terminated": None,
    "next_edit": 1_800_000_000_000,
    "discount": 0,
    "banner": None,
    "version": 4,
}
MEMBER = {"account": "kim", "name": "김", "email": "k@x", "language": "ko", "organization_admin": False, "version": 1}
AGENT = {
    "account": "kim",
    "name": "김",
    "email": "k@x",
    "role": "ROLE_FRONT_AGENT",
    "ticket": True,
    "chat": False,
    "phone": True,
    "version": 3,
}
CTI_AGENT: dict[str, Any] = {
    "account": "kim",
    "name": "김",
    "email": "k@x",
    "cti_id": "7001",
    "cti_no": None,
    "services": [],
    "version": 1,
}
LINE: dict[str, Any] = {
    "item": "ticket",
    "kind": "days",
    "quantity": 3,
    "unit_price": 333_000,
    "amount": 999,
    "days": 1,
    "users": 3,
}
RATE: dict[str, Any] = {"item": "helpdoc", "monthly": 50_000, "per_day": 1_667, "per_user": False}
STATS: dict[str, Any] = {
    "service": "oc",
    "account": "kim",
    "name": "김",
    "date": "2026-11-23",
    "time_zone": "Asia/Seoul",
    "day_start": 0,
    "day_end": 86_400_000,
    "as_of": 1000,
    "tickets": None,
    "phone": {"ready": {"count": 1, "ms": 5}},
    "phone_open": None,
    "logged_in": None,
    "logged_in_since": None,
    "chat": None,
    "chat_open": None,
}
FLOOR_DAY: dict[str, Any] = {
    "service": "oc",
    "date": "2026-11-23",
    "time_zone": "Asia/Seoul",
    "day_start": 1,
    "day_end": 9,
    "at": 5,
    "known_until": 5,
}
FLOOR = FLOOR_DAY | {"name": "상담", "waiting": 1, "waiting_since": 4, "calls": None, "agents": None}
FLOOR_MINUTES = FLOOR_DAY | {
    name: [None, 1]
    for name in (
        *("offered", "answered", "abandoned", "answered_in_time", "waiting", "longest_ms"),
        *("ready", "on_call", "outbound", "break_work"),
    )
}
PHONE_DAY: dict[str, Any] = {
    "date": "2026-11-23",
    "day_start": 5,
    "day_end": 9,
    "intervals": [(5, 7, "other", "ringing", True)],
}
WALL: dict[str, Any] = {
    "id": "5e",
    "place": "3F",
    "services": ["oc"],
    "network": "::1/128",
    "created": 5,
    "expires": 9,
    "last_used": None,
}
SESSION: dict[str, Any] = {
    "id": "5e",
    "kind": "session",
    "device": "desk 7",
    "ip": "192.0.2.7",
    "created": 1,
    "last_used": 2,
    "expires": 3,
    "idle": 4,
    "current": True,
}
HEAD = {"seq": 1, "hash": "00", "at": 5}
INVITATION = {"id": "5e", "account": "kim", "name": "김", "email": "k@x", "language": "ko", "invited_by": "a"}
INVITATION |= {"created": 1, "expires": None, "mail": "none"}
SETTINGS = {"account": "kim", "name": "김", "nickname": "", "phone": "", "email": "k@x", "language": "ja"}
SETTINGS |= {"ticket_assignment": True, "version": 4}
OK: dict[str, Any] = {
    "me": ME,
    "organization": ORGANIZATION,
    "create_organization": ORGANIZATION,
    "services": {"services": [SERVICE]},
    "add_service": SERVICE,
    "contracts": {"contracts": [CONTRACT]},
    "draft_service": CONTRACT,
    "change_service": CONTRACT,
    "drop_draft": None,
    "edit_contract": CONTRACT,
    "switch_service": CONTRACT,
    "banner": None,
    "put_banner": {"width": 3, "height": 2, "media_type": "image/png", "changed": 5},
    "remove_banner": None,
    "members": {"members": [MEMBER], "next": "kim"},
    "add_member": MEMBER,
    "agents": {"agents": [AGENT], "revision": 4},
    "add_agent": AGENT,
    "change_agent": AGENT,
    "remove_agent": None,
    "cti_agents": {"agents": [CTI_AGENT], "revision": 2},
    "cti_settings": CTI_SETTINGS,
    "change_cti_settings": CTI_SETTINGS,
    "cti_readiness": {"agents": [{"account": "kim", "name": "김민수", "met": ["contract"], "unmet": "settings"}]},
    "unmatched_names": {
        "names": [{"name": "Kim Minsu", "count": 3, "first_at": 1, "last_at": 2}],
        "time_zone": "Asia/Seoul",
    },
    "cti_log_days": {"days": [{"day": "2026-07-01", "count": 3}], "time_zone": "Asia/Seoul"},
    "cti_log": {
        "entries": [
            {
                "id": 7,
                "at": 1,
                "day": "2026-07-01",
                "type": "octui.phone.login",
                "account": "kim",
                "name": "김민수",
                "cti_id": "7001",
                "call": "",
                "detail": "",
            }
        ],
        "count": 1,
        "time_zone": "Asia/Seoul",
    },
    "save_cti": {
        "saved": 1,
        "verdicts": [{"account": "kim", "column": "cti_id", "verdict": "saved"}],
        "agents": [CTI_AGENT],
        "revision": 3,
    },
    "audit": {"entries": [], "count": 0},
    "audit_head": HEAD,
    "verify_audit": {"ok": True, "entries": 1, "head": HEAD},
    "stats": STATS,
    "floor": FLOOR,
    "floor_minutes": FLOOR_MINUTES,
    "intervals": {
        "channel": "phone",
        "state": "ready",
        "date": "2026-11-23",
        "time_zone": "Asia/Seoul",
        "intervals": [],
    },
    "evidence": {
        "date": "2026-11-23",
        "time_zone": "Asia/Seoul",
        "channel": "phone",
        "interval": {"start": 5, "end": 7, "state": "ready", "counted": True},
        "began": {"kind": "event", "event": {"at": 5, "type": "octui.phone.login", "origin": "cti", "source": "x"}},
        "ended": {"kind": "unknown"},
        "named": None,
        "events": [],
    },
    "floor_limits": {"version": 1},
    "change_floor_limits": {"version": 2},
    "phone_day": PHONE_DAY,
    "usual_days": {"date": "2026-11-23", "days": [PHONE_DAY]},
    "change_state": STATS,
    "take_in_events": {"taken": 1, "duplicates": 0},
    "take_in_file_events": {"taken": 1, "duplicates": 0},
    "take_in_queue_log": {"taken": 1, "duplicates": 0},
    "intake_files": {"files": []},
    "check_log_names": {"accounts": {"7001": "kim", "x": None}, "unknown_events": ["HELLO"], "unknown_reasons": []},
    "issue_token": {"account": "kim", "token": "oct_x", "expires": 5},
    "wall_tokens": {"tokens": [WALL]},
    "issue_wall_token": WALL | {"token": "octwall_x"},
    "revoke_wall_token": None,
    "sign_in": {"id": "5e", "account": "kim", "token": "oct_x", "expires": 5, "idle": 7},
    "change_organization": ORGANIZATION | {"url": "https://acme.oc.toast.com", "ipcc_agreed": True},
    "organization_key": {"masked": "••••90ab", "changed": 5, "shown": None, "version": 1},
    "show_key": {"key": "0123456789abcdef0123456789ab90ab", "changed": 5, "version": 1},
    "change_key": {"key": "0123456789abcdef0123456789ab90ab", "changed": 5, "version": 2},
    "organization_admins": {"admins": [{"account": "kim", "name": "김", "email": "k@x"}]},
    "add_organization_admin": {"account": "kim", "name": "김", "email": "k@x"},
    "remove_organization_admin": None,
    "remove_member": None,
    "invitations": {"invitations": [INVITATION]},
    "invite_member": INVITATION | {"code": "7K3M"},
    "resend_invitation": INVITATION,
    "revoke_invitation": None,
    "accept_invitation": {"account": "kim", "name": "김"},
    "settings": SETTINGS,
    "change_settings": SETTINGS,
    "sign_out": None,
    "sessions": {"sessions": [SESSION]},
    "revoke_session": None,
    "change_password": None,
    "live": {"as_of": 5, "changed": {}},
}
OK |= {
    "charges": {
        "month": "2026-11",
        "closed": True,
        "closed_at": 5,
        "through": "2026-11-30",
        "first": "2026-10",
        "time_zone": "Asia/Seoul",
        "services": [
            {"service": "oc", "name": "상담", "type": "consultation", "state": "inuse", "lines": [LINE], "total": 999}
        ],
        "total": 999,
        "history": [{"month": "2026-11", "total": 999, "closed": True}],
    },
    "estimate": {"lines": [LINE], "total": 999, "before": 5, "valid_from": "1970-01-01"},
    "rates": {"cards": [{"valid_from": "1970-01-01", "rates": [RATE]}]},
    "add_rates": {"valid_from": "2026-12-01", "rates": [RATE]},
    "change_discount": None,
}
EDIT = CtiEdit(account="kim", version=1, set={Column.CTI_ID: "7001", Column.CTI_NO: None})
EVENT = CloudEvent(
    specversion="1.0", id="1", source="test", type="octui.ticket.created", data={"ticket": "t", "agent": None}
)
CALLS: dict[str, Callable[[Api], Any]] = {
    "me": lambda api: api.me(),
    "organization": lambda api: api.organization(),
    "create_organization": lambda api: api.create_organization(
        NewOrganization(name="A", domain="acme", admin_account="a", admin_name="A", admin_email="a@x")
    ),
    "services": lambda api: api.services(),
    "add_service": lambda api: api.add_service(NewService(id="oc", name="상담")),
    "contracts": lambda api: api.contracts(),
    "draft_service": lambda api: api.draft_service(BasicInformation(id="oc", name="상담", languages=["ko", "ja"])),
    "change_service": lambda api: api.change_service("oc", BasicChange(name="상담 2"), version=3),
    "drop_draft": lambda api: api.drop_draft("oc", version=3),
    "edit_contract": lambda api: api.edit_contract(
        "oc", ContractDetails(items=[ItemTerms(item=Item.TICKET, users=3, volume=9)]), version=3
    ),
    "switch_service": lambda api: api.switch_service("oc", ServiceState.SUSPENDED, version=3),
    "banner": lambda api: api.banner("oc"),
    "put_banner": lambda api: api.put_banner("oc", b"\x89PNG"),
    "remove_banner": lambda api: api.remove_banner("oc"),
    "members": lambda api: api.members("김", after="a"),
    "add_member": lambda api: api.add_member(NewMember(account="kim", name="김", email="k@x")),
    "agents": lambda api: api.agents("oc", changed_since=0),
    "add_agent": lambda api: api.add_agent("oc", NewAgent(account="kim", role=Role.AGENT)),
    "change_agent": lambda api: api.change_agent("oc", "kim", AgentChange(phone=True), version=3),
    "remove_agent": lambda api: api.remove_agent("oc", "kim", version=3),
    "cti_agents": lambda api: api.cti_agents("oc", query="7"),
    "cti_settings": lambda api: api.cti_settings("oc"),
    "change_cti_settings": lambda api: api.change_cti_settings("oc", CtiSettingsChange(monitoring=True), 3),
    "cti_readiness": lambda api: api.cti_readiness("oc", "김", "a"),
    "unmatched_names": lambda api: api.unmatched_names("oc"),
    "cti_log_days": lambda api: api.cti_log_days("oc"),
    "cti_log": lambda api: api.cti_log("oc", "2026-07-01", "", "20260701.7"),
    "save_cti": lambda api: api.save_cti("oc", CtiBatch(edits=[EDIT])),
    "audit": lambda api: api.audit(AuditFilter(time_from=1, name="ㄱㅁㅅ", before=9)),
    "audit_head": lambda api: api.audit_head(),
    "verify_audit": lambda api: api.verify_audit(),
    "stats": lambda api: api.stats("oc", "kim@x/y", date="2026-11-23"),
    "floor": lambda api: api.floor("oc", at=7),
    "floor_minutes": lambda api: api.floor_minutes("oc", date="2026-11-23"),
    "intervals": lambda api: api.intervals("oc", "kim", Channel.PHONE, "ready", after=7),
    "evidence": lambda api: api.evidence("oc", "kim", Channel.PHONE, "ready", 5, after=7),
    "floor_limits": lambda api: api.floor_limits("oc"),
    "change_floor_limits": lambda api: api.change_floor_limits("oc", FloorLimitsChange(breaks=40), version=1),
    "phone_day": lambda api: api.phone_day("oc", "kim", "2026-11-23", after=2000),
    "usual_days": lambda api: api.usual_days("oc", "kim"),
    "change_state": lambda api: api.change_state("oc", "kim", StateChange(kind="state", state=PhoneState.MEAL)),
    "take_in_events": lambda api: api.take_in_events("oc", [EVENT, {"id": "\ud800"}]),
    "check_log_names": lambda api: api.check_log_names("oc", LogNames(names=["7001", "x"], events=["HELLO"])),
    "intake_files": lambda api: api.intake_files("oc"),
    "take_in_file_events": lambda api: api.take_in_file_events("oc", [{"id": "1"}], [1]),
    "take_in_queue_log": lambda api: api.take_in_queue_log("oc", [(1, 0, "1", "PAUSE", "", "q", "7001", [], 1)]),
    "issue_token": lambda api: api.issue_token(NewToken(account="kim", days=7)),
    "wall_tokens": lambda api: api.wall_tokens(),
    "issue_wall_token": lambda api: api.issue_wall_token(NewWallToken(place="3F", services=["oc"], network="::1")),
    "revoke_wall_token": lambda api: api.revoke_wall_token("5e"),
    "sign_in": lambda api: api.sign_in(SignIn(account="kim", password="a secret of kim's")),
    "change_organization": lambda api: api.change_organization(OrganizationChange(ipcc_agreed=True)),
    "organization_key": lambda api: api.organization_key(),
    "show_key": lambda api: api.show_key(),
    "change_key": lambda api: api.change_key(KeyChange(name="Acme 고객센터", version=1)),
    "organization_admins": lambda api: api.organization_admins(),
    "add_organization_admin": lambda api: api.add_organization_admin(NewOrganizationAdmin(account="kim")),
    "remove_organization_admin": lambda api: api.remove_organization_admin("kim"),
    "remove_member": lambda api: api.remove_member("kim"),
    "invitations": lambda api: api.invitations(),
    "invite_member": lambda api: api.invite_member(NewInvitation(account="kim", name="김", email="k@x")),
    "resend_invitation": lambda api: api.resend_invitation("5e"),
    "revoke_invitation": lambda api: api.revoke_invitation("5e"),
    "accept_invitation": lambda api: api.accept_invitation(Acceptance(code="7K3M", password="a secret of kim's")),
    "settings": lambda api: api.settings(),
    "change_settings": lambda api: api.change_settings(SettingsChange(language="ja"), version=3),
    "charges": lambda api: api.charges("2026-11", ServiceType.ISSUE, "oc"),
    "estimate": lambda api: api.estimate(EstimateRequest(items=[ItemTerms(item=Item.TICKET)])),
    "rates": lambda api: api.rates(),
    "add_rates": lambda api: api.add_rates(
        NewRateCard(
            valid_from="2026-12-01", rates=[Rate(item=Item.HELPDOC, monthly=50_000, per_day=1_667, per_user=False)]
        )
    ),
    "change_discount": lambda api: api.change_discount("oc", NewDiscount(valid_from="2026-12-01", basis_points=1_000)),
    "sign_out": lambda api: api.sign_out(),
    "sessions": lambda api: api.sessions(),
    "revoke_session": lambda api: api.revoke_session("5e"),
    "change_password": lambda api: api.change_password(PasswordChange(old="old", new="new")),
    "live": lambda api: api.live({stats_topic("oc", "kim@x"): '"d-1"', "me": ""}, 25),
}


# The heads of the tables come with `live`; members are looked up with `members`.
UNUSED = {"agents_head", "cti_head", "look_up_members"}
CLIENT_ROUTES = [route for route in ROUTES if route.name not in UNUSED]


class Wire:
    """Server that answers in order and records the requests; its sleep is only recorded."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def api(self) -> Api:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), base_url="http://octui.local")
        return Api(HttpTransport(client), sleep=self.sleep, draw=lambda: 0.5)


def ok(name: str) -> httpx.Response:
    body = OK[name]
    return httpx.Response(204) if body is None else httpx.Response(200, json=body)


def problem(status: int, code: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
    body = {"title": "No", "status": status, "code": code, **more}
    kind = {"content-type": "application/problem+json"}
    return httpx.Response(status, content=json.dumps(body).encode(), headers=kind | (headers or {}))


def test_every_operation_has_a_method_of_its_name() -> None:
    methods = {
        name for name, member in inspect.getmembers(Api, inspect.iscoroutinefunction) if not name.startswith("_")
    }
    assert methods - {"close"} == {route.name for route in CLIENT_ROUTES} == set(CALLS)


@pytest.mark.parametrize("route", CLIENT_ROUTES, ids=lambda route: route.name)
async def test_operation_is_sent_as_declared_and_its_answer_is_decoded(route: Any) -> None:
    wire = Wire(ok(route.name))
    answer = await CALLS[route.name](wire.api())
    (asked,) = wire.asked
    assert asked.method == route.method
    account = "kim%40x%2Fy" if route.name == "stats" else "kim"
    assert asked.url.raw_path.partition(b"?")[0].decode() == route.path.format(
        service="oc", account=account, session="5e", invitation="5e", token="5e"
    )
    assert ("idempotency-key" in asked.headers) == route.keyed
    assert ("if-match" in asked.headers) == route.versioned
    if OK[route.name] is not None and route.name != "live":
        assert answer.model_dump(mode="json", exclude_defaults=True).keys() >= {
            key for key, value in OK[route.name].items() if value not in (None, [], 0, "", False)
        } - {"type"}


async def _asked(name: str) -> httpx.Request:
    wire = Wire(ok(name))
    await CALLS[name](wire.api())
    return wire.asked[0]


async def test_requests_carry_parameters_versions_and_bodies() -> None:
    assert dict((await _asked("members")).url.params) == {"query": "김", "after": "a", "limit": "200"}
    assert dict((await _asked("agents")).url.params) == {"changed_since": "0", "limit": "200"}
    assert dict((await _asked("audit")).url.params) == {
        "from": "1",
        "name": "ㄱㅁㅅ",
        "before": "9",
        "limit": "50",
        "log": "permissions",
    }
    assert dict((await _asked("intervals")).url.params) == {"channel": "phone", "state": "ready", "after": "7"}
    assert dict((await _asked("stats")).url.params) == {"date": "2026-11-23"}
    assert dict((await _asked("floor")).url.params) == {"at": "7"}
    change = await _asked("change_agent")
    assert change.headers["if-match"] == '"v3"'
    assert json.loads(change.content) == {"phone": True}
    assert json.loads((await _asked("save_cti")).content)["edits"][0]["set"] == {"cti_id": "7001", "cti_no": None}
    assert json.loads((await _asked("change_cti_settings")).content) == {"monitoring": True}
    log = dict((await _asked("cti_log")).url.params)
    assert log == {"from": "2026-07-01", "after": "20260701.7", "limit": "1000"}
    assert json.loads((await _asked("change_service")).content) == {"name": "상담 2"}
    assert json.loads((await _asked("edit_contract")).content) == {
        "items": [{"item": "ticket", "users": 3, "volume": 9}]
    }
    assert json.loads((await _asked("switch_service")).content) == {"state": "pause"}
    assert (await _asked("put_banner")).content == b"\x89PNG"
    events = await _asked("take_in_events")
    assert events.headers["content-type"] == "application/cloudevents-batch+json"
    assert json.loads(events.content)[0]["data"] == {"ticket": "t", "agent": None}
    live = await _asked("live")
    assert live.url.params.get_list("have") == ['services/oc/stats/kim%40x;"d-1"', "me;"]
    assert live.headers["prefer"] == "wait=25"


async def test_live_reports_whether_it_was_held_and_whether_anything_changed() -> None:
    wire = Wire(httpx.Response(304, headers={"preference-applied": "wait"}), httpx.Response(200, json=OK["live"]))
    api = wire.api()
    first = await api.live({"me": '"1"'}, 25)
    second = await api.live({"me": '"1"'}, 0)
    assert (first.answer, first.held, second.held) == (None, True, False)
    assert second.answer is not None
    assert "prefer" not in wire.asked[1].headers


@pytest.mark.parametrize("account", ["", ".", ".."])
async def test_parameter_that_would_change_the_path_is_not_sent(account: str) -> None:
    wire = Wire()
    with pytest.raises(Refused) as caught:
        await wire.api().stats("oc", account)
    assert caught.value.status == 404
    assert not wire.asked


async def test_hostile_text_in_an_answer_becomes_harmless() -> None:
    wire = Wire(httpx.Response(200, json=ME | {"name": "\x1b]52;c;x\x07\u202e김"}))
    me = await wire.api().me()
    assert me.name.isprintable()
    assert "\u202e" not in me.name
    refused = Wire(problem(403, "forbidden", detail="\x1b[2J"))
    with pytest.raises(Refused) as caught:
        await refused.api().me()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (problem(401, "unauthenticated"), SignInNeeded, "unauthenticated"),
        (httpx.Response(401, text="no"), SignInNeeded, "unauthenticated"),
        (problem(403, "no_phone_contract"), Refused, "no_phone_contract"),
        (problem(412, "version_mismatch", current={"version": 9}), VersionMismatch, "version_mismatch"),
        (problem(500, "internal"), Refused, "internal"),
        (problem(507, "storage_full"), Refused, "storage_full"),
        (problem(503, "storage_full"), Refused, "storage_full"),
        (httpx.Response(200, html="<html>Welcome to the hotel</html>"), BadAnswer, "not_json"),
        (httpx.Response(200, content=b'{"acc', headers={"content-type": "application/json"}), BadAnswer, "not_json"),
        (httpx.Response(200, content=b"\xff", headers={"content-type": "application/json"}), BadAnswer, "not_json"),
        (httpx.Response(200, content=b"NaN", headers={"content-type": "application/json"}), BadAnswer, "not_json"),
        (
            httpx.Response(200, content=b"[" * 100_000, headers={"content-type": "application/json"}),
            BadAnswer,
            "not_json",
        ),
        (
            httpx.Response(200, content=b"[" * 90 + b"]" * 90, headers={"content-type": "application/json"}),
            BadAnswer,
            "not_json",
        ),
        (httpx.Response(200, json={"account": 5}), BadAnswer, "shape"),
        (httpx.Response(200, json=[]), BadAnswer, "shape"),
        (httpx.Response(204), BadAnswer, "not_json"),
        (httpx.Response(302, headers={"location": "https://elsewhere"}), BadAnswer, "redirect"),
        (httpx.Response(404, html="<html>nginx</html>"), BadAnswer, "status"),
        (httpx.Response(500, text="Internal Server Error"), BadAnswer, "status"),
    ],
)
async def test_reply_outside_2xx_raises_its_error(reply: httpx.Response, kind: type[ClientError], code: str) -> None:
    wire = Wire(reply)
    with pytest.raises(ClientError) as caught:
        await wire.api().me()
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert str(caught.value)
    assert not wire.slept


async def test_mismatch_has_the_present_state_and_refusal_its_fields() -> None:
    wire = Wire(
        problem(412, "version_mismatch", current={"version": 9}),
        problem(422, "invalid", errors=[{"field": "name", "code": "blank", "message": "Blank."}]),
    )
    with pytest.raises(VersionMismatch) as mismatch:
        await CALLS["change_agent"](wire.api())
    assert mismatch.value.current == {"version": 9}
    with pytest.raises(Refused) as refused:
        await CALLS["add_service"](wire.api())
    assert refused.value.field_errors["name"].code == "blank"


LOST = httpx.ReadError("reset")
BUSY = (503, "storage_busy")


async def test_post_is_retried_with_the_same_key() -> None:
    wire = Wire(LOST, problem(*BUSY), ok("save_cti"), ok("save_cti"))
    api = wire.api()
    result = await CALLS["save_cti"](api)
    assert result.verdicts[0].verdict is Verdict.SAVED
    keys = [request.headers["idempotency-key"] for request in wire.asked]
    assert len(set(keys)) == 1
    assert wire.slept == [0.125, 0.25]
    await CALLS["save_cti"](api)
    assert wire.asked[-1].headers["idempotency-key"] not in keys


async def test_request_is_retried_four_times_then_raises_the_last_error() -> None:
    wire = Wire(*[httpx.ConnectError("refused")] * 5)
    with pytest.raises(Unreachable):
        await wire.api().me()
    assert len(wire.asked) == 5
    assert wire.slept == [0.125, 0.25, 0.5, 1.0]


async def test_edit_without_a_key_is_not_retried() -> None:
    wire = Wire(LOST)
    with pytest.raises(Unreachable):
        await CALLS["change_agent"](wire.api())
    assert len(wire.asked) == 1


async def test_lost_removal_succeeds_when_the_object_is_gone() -> None:
    await CALLS["remove_agent"](Wire(LOST, problem(404, "not_found")).api())
    with pytest.raises(Refused):
        await CALLS["remove_agent"](Wire(problem(404, "not_found")).api())
    with pytest.raises(Refused):
        await CALLS["remove_agent"](Wire(httpx.ConnectError("refused"), problem(404, "not_found")).api())


DATES = {"date": "Mon, 23 Nov 2026 10:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 10:00:07 GMT"}


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"retry-after": "3"}, 3.125),
        ({"retry-after": "9" * 400}, 300.0),
        (DATES, 7.125),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:07 GMT"}, 5.125),
        ({"retry-after": "soon"}, 5.125),
        ({"retry-after": "-5"}, 5.125),
        ({}, 5.125),
    ],
)
async def test_retry_after_is_honored_up_to_five_minutes(headers: dict[str, str], waited: float) -> None:
    wire = Wire(httpx.Response(429, headers=headers), ok("me"))
    await wire.api().me()
    assert wire.slept == [waited]


async def test_request_throttled_to_the_end_raises_throttled() -> None:
    wire = Wire(*[httpx.Response(429, headers={"retry-after": "2"})] * 5)
    with pytest.raises(Throttled) as caught:
        await wire.api().me()
    assert caught.value.retry_after == 2


async def test_refused_sign_in_is_not_retried_and_tells_how_long_to_wait() -> None:
    detail = "Too many failed attempts: try again in 900 s."
    wire = Wire(problem(429, "too_many_attempts", {"retry-after": "900"}, detail=detail))
    with pytest.raises(Throttled, match="900 s") as caught:
        await CALLS["sign_in"](wire.api())
    assert caught.value.retry_after == 300
    for lost in (httpx.ReadError("reset"), httpx.ConnectError("refused")):
        wire = Wire(lost)
        with pytest.raises(Unreachable):
            await CALLS["change_password"](wire.api())
        assert not wire.slept


async def test_sign_in_at_a_busy_moment_is_retried() -> None:
    wire = Wire(problem(429, "too_busy", {"retry-after": "1"}), ok("sign_in"))
    assert (await CALLS["sign_in"](wire.api())).account == "kim"
    assert len(wire.slept) == 1
    assert not any("idempotency-key" in asked.headers for asked in wire.asked)


async def test_signing_out_of_an_ended_session_succeeds() -> None:
    wire = Wire(httpx.ReadError("reset"), problem(401, "unauthenticated"))
    await CALLS["sign_out"](wire.api())
    assert len(wire.asked) == 2


async def test_gateway_without_the_server_is_unreachable_and_retried() -> None:
    wire = Wire(httpx.Response(502, html="<html>"), httpx.Response(504), ok("me"))
    assert (await wire.api().me()).account == "kim"


async def test_passed_deadline_is_not_retried() -> None:
    asked = 0

    async def never(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()
        return httpx.Response(200)

    client = httpx.AsyncClient(transport=httpx.MockTransport(never), base_url="http://octui.local")
    with pytest.raises(Unreachable) as caught:
        await Api(HttpTransport(client), deadline=0.001).me()
    assert (caught.value.code, asked) == ("timeout", 1)


async def test_live_is_not_retried() -> None:
    wire = Wire(LOST)
    with pytest.raises(Unreachable):
        await wire.api().live({}, 25)
    assert len(wire.asked) == 1
    assert not wire.slept
