"""The real server in this process on a small seeded database, and the faults between it and the screens."""

import asyncio
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from sqlalchemy import Executable

from octui.client.api import Api
from octui.client.errors import ClientError, Refused
from octui.client.transport import Reply, Request, Transport, caller_headers, in_process_transport
from octui.schema.agents import Agent, AgentChange, NewAgent, Role
from octui.schema.audit import Action, AgentRights, AuditValue, Via
from octui.schema.contracts import BasicInformation, ContractDetails, ItemTerms
from octui.schema.cti import CtiAgent, CtiBatch, CtiEdit, CtiSettingsChange
from octui.schema.items import Item, ServiceState
from octui.schema.members import NewMember
from octui.schema.organization import NewOrganization, OrganizationChange
from octui.schema.problems import Code, FieldProblem, Problem
from octui.schema.routes import ROUTES
from octui.schema.settings import SettingsChange
from octui.schema.stats import PhoneState
from octui.server.app import create_app
from octui.server.core.principal import Principal
from octui.server.database.engine import open_store
from octui.server.database.secrets import Sealer
from octui.server.database.unit_of_work import Change
from octui.server.identity.authentication import LocalApp, local_operator
from ui.idle import request_under_way

SERVICE = "oc"
NOW = 1_795_400_000_000
"""The server's time at the beginning of a test: Monday 2026-11-23 11:13:20 in Seoul."""
MIDNIGHT = 1_795_446_000_000
"""The midnight after it there."""
STARTED = 1000.0
"""Seconds of the screens' clock at the beginning of a test."""
HOSTILE = (
    "[/foo]",
    "[@click=app.quit]x",
    "=1+1",
    "ㄱㅏ힣",
    "👨‍👩‍👧‍👦 가족",
    "a" * 300,
    "김\u3000민수",
    "[bold red]빨강[/]",
    "\\[x]",
    "e\u0301\u0323",
)
"""Names as they may stand in a database: markup, formulas, joined emoji, very long, odd spaces."""

TICKET_RIGHTS = AgentRights(role=Role.AGENT, ticket=True, chat=False, phone=False)
ADMIN = Principal(None, "admin", "관리자", ip="10.0.0.1", via=Via.SCREEN)

_PATHS = [
    (route.name, route.method, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path) + "$")) for route in ROUTES
]


class Clock:
    """The clock of the screens and of the server; it stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = STARTED

    def elapsed(self) -> float:
        """Return the screens' seconds."""
        return self.seconds

    def now_ms(self) -> int:
        """Return the server's time."""
        return NOW + round((self.seconds - STARTED) * 1000)

    def set_time(self, text: str) -> None:
        """Go to a wall-clock time in Seoul."""
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Seoul"))
        self.seconds = STARTED + (round(moment.timestamp() * 1000) - NOW) / 1000


@dataclass(frozen=True)
class SentRequest:
    """A request of the screens: the operation's name, what its path names, its query parameters and its JSON body."""

    operation: str
    names: Mapping[str, str]
    params: Mapping[str, str]
    body: Any


@dataclass
class Faults:
    """What goes wrong between the screens and the server; the feed's own requests are spared.

    `failure` is raised in place of every answer; with `gate` each request waits for a permit; `largest_page` limits the
    rows of an answer. `only`: the operation that is meant, "" means all.
    """

    failure: ClientError | None = None
    gate: asyncio.Semaphore | None = None
    largest_page: int | None = None
    only: str = ""
    requests: list[SentRequest] = field(default_factory=list)


class FaultTransport:
    """Transport that records the requests of the screens and injects the faults of a test."""

    def __init__(self, transport: Transport, faults: Faults) -> None:
        self._transport = transport
        self._faults = faults

    async def send(self, request: Request) -> Reply:
        sent = _sent_request(request)
        if sent.operation == "live":
            return await self._transport.send(request)
        faults = self._faults
        faults.requests.append(sent)
        if faults.only in ("", sent.operation):
            if faults.gate is not None:
                await faults.gate.acquire()
            if faults.failure is not None:
                raise faults.failure
        if faults.largest_page is not None and "limit" in sent.params:
            params = {**sent.params, "limit": str(faults.largest_page)}
            request = replace(request, params=list(params.items()))
        with request_under_way():
            return await self._transport.send(request)

    async def close(self) -> None:
        await self._transport.close()


def _sent_request(request: Request) -> SentRequest:
    for name, method, pattern in _PATHS:
        if method == request.method and (match := pattern.match(request.path)):
            is_json = "json" in request.headers.get("content-type", "")
            body = json.loads(request.body) if is_json and request.body else request.body
            names = {key: unquote(value) for key, value in match.groupdict().items()}
            return SentRequest(name, names, dict(request.params), body)
    raise AssertionError(f"{request.method} {request.path} is no operation")


def refused(code: Code, *fields: FieldProblem) -> Refused:
    """Return the refusal of a request."""
    return Refused(Problem(title="No", status=422 if fields else 409, code=code, errors=list(fields)))


def event(type: str, account: str | None, at: int, **data: Any) -> dict[str, Any]:
    """Return an event of an agent at a time (epoch ms)."""
    time = datetime.fromtimestamp(at / 1000, UTC).isoformat()
    return {"type": f"octui.{type}", "subject": account, "time": time, "data": {"service": SERVICE, **data}}


class Center:
    """The server on its own copy of a database. What is done through `operator` and `api` is done by somebody else."""

    def __init__(self, folder: Path, database: Path, key_folder: Path) -> None:
        """`folder` is where the screens keep preferences and drafts."""
        self.folder = folder
        self.clock = Clock()
        self.faults = Faults()
        self.store = open_store(f"sqlite:///{database}", clock=self.clock.now_ms)
        self.app = create_app(self.store, sealer=Sealer(key_folder))
        self.operator = self.api()
        self._source, self._event_ids = database.stem, itertools.count()

    def api(self, account: str | None = None, *, faults: Faults | None = None) -> Api:
        """Return the typed client of a person, or of the operator."""
        transport = in_process_transport(LocalApp(self.app), caller_headers(Via.SCREEN, account))
        return Api(transport if faults is None else FaultTransport(transport, faults), sleep=_skip_sleep)

    def overwrite(self, statement: Executable, *topics: str) -> None:
        """Write into the tables what the API would refuse, as an older database may hold it."""
        self.store.write(
            lambda change: (change.connection.execute(statement), change.touch_all(topics))[1], local_operator()
        )

    def record(
        self,
        *marks: object,
        action: Action = Action.AGENT_PERMISSIONS_CHANGED,
        account: str | None = None,
        name: str | None = None,
        service: str = SERVICE,
        before: AuditValue = TICKET_RIGHTS,
        actor: Principal = ADMIN,
    ) -> None:
        """Append an entry to the log for each mark, of `u<mark>` called `사람<mark>` unless they are named."""

        def work(change: Change) -> None:
            for mark in marks:
                change.record(
                    action,
                    target_account=f"u{mark}" if account is None else account,
                    target_name=f"사람{mark}" if name is None else name,
                    service=service,
                    before=before,
                    after=TICKET_RIGHTS.model_copy(update={"chat": True}),
                )

        self.store.write(work, actor)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    # What the screens have sent

    @property
    def operations(self) -> list[str]:
        """The operations that the screens have requested."""
        return [request.operation for request in self.faults.requests]

    def sent(self, operation: str) -> list[SentRequest]:
        """Return the requests of this operation."""
        return [request for request in self.faults.requests if request.operation == operation]

    # What there is

    async def set_language(self, language: str, account: str = "admin") -> None:
        """Change the language of somebody's screens."""
        api = self.api(account)
        await api.change_settings(SettingsChange(language=language), (await api.settings()).version)

    async def add_members(self, **names: str) -> None:
        """Add members, by account and name."""
        for account, name in names.items():
            await self.operator.add_member(NewMember(account=account, name=name, email=f"{account}@acme.example"))

    async def add_agent(self, account: str, name: str = "", service: str = SERVICE, **rights: Any) -> None:
        """Give a role in a service to a new member, or to one who is there already where no name is given."""
        if name:
            await self.add_members(**{account: name})
        new = NewAgent(account=account, **{"role": Role.AGENT, "ticket": True, "phone": True, **rights})
        await self.operator.add_agent(service, new)

    async def agent(self, account: str, service: str = SERVICE) -> Agent | None:
        """Return an agent of a service; None: the person has no role there."""
        page = await self.operator.agents(service)
        return next((agent for agent in page.agents if agent.account == account), None)

    async def change_agent(self, account: str, **rights: Any) -> None:
        """Change the rights of an agent."""
        if (agent := await self.agent(account)) is not None:
            await self.operator.change_agent(SERVICE, account, AgentChange(**rights), agent.version)

    async def remove_agent(self, account: str) -> None:
        """Take the role away from an agent."""
        if (agent := await self.agent(account)) is not None:
            await self.operator.remove_agent(SERVICE, account, agent.version)

    async def cti_row(self, account: str) -> CtiAgent:
        """Return an agent's row of the CTI table."""
        page = await self.operator.cti_agents(SERVICE)
        return next(row for row in page.agents if row.account == account)

    async def set_cti(self, account: str, **cells: str | None) -> None:
        """Change an agent's CTI ID or CTI NO."""
        edit = CtiEdit(account=account, version=(await self.cti_row(account)).version, set=cells)
        await self.operator.save_cti(SERVICE, CtiBatch(edits=[edit]))

    async def set_cti_settings(self, **settings: Any) -> None:
        """Change CTI settings."""
        version = (await self.operator.cti_settings(SERVICE)).version
        await self.operator.change_cti_settings(SERVICE, CtiSettingsChange(**settings), version)

    async def add_service(self, id: str, name: str, *items: ItemTerms, **basic: Any) -> None:
        """Add a service; without items it stays a draft."""
        await self.operator.draft_service(BasicInformation(id=id, name=name, **basic))
        if items:
            await self.edit_contract(id, *items)

    async def edit_contract(self, id: str, *items: ItemTerms) -> None:
        """Change what a service has under contract."""
        details = ContractDetails(items=list(items))
        await self.operator.edit_contract(id, details, (await self.contract(id)).version)

    async def send_events(self, *events: dict[str, Any], service: str = SERVICE) -> None:
        """Send events made by `event`."""
        sent = [
            {**event, "id": str(next(self._event_ids)), "source": self._source, "specversion": "1.0"}
            for event in events
        ]
        result = await self.operator.take_in_events(service, sent)
        assert result.taken == len(sent), result

    async def set_state(self, account: str, state: str, since: int = NOW) -> None:
        """Bring an agent into a phone state; who is not logged in is logged in before."""
        await self.send_events(
            event("phone.login", account, since, state=state), event("phone.state", account, since, state=state)
        )

    async def switch_service(self, id: str, *states: ServiceState) -> None:
        """Bring a service into these states, one after the other."""
        for state in states:
            await self.operator.switch_service(id, state, (await self.contract(id)).version)

    async def contract(self, id: str) -> Any:
        """Return the contract of a service."""
        return next(contract for contract in (await self.operator.contracts()).contracts if contract.id == id)


async def _skip_sleep(seconds: float) -> None:
    """Retry at once."""


Seed = Callable[[Center], Awaitable[None]]


async def seed_organization(center: Center) -> None:
    """Make the organization, its admin and its key."""
    center.clock.set_time("2026-06-20 09:00")
    await center.operator.create_organization(
        NewOrganization(
            name="Acme 고객센터",
            domain="acme",
            admin_account="admin",
            admin_name="관리자",
            admin_email="admin@acme.example",
        )
    )
    await center.set_language("en")
    center.clock.seconds = STARTED


async def seed_service(center: Center) -> None:
    """Make the service with phone that the screens are connected to."""
    await seed_organization(center)
    center.clock.set_time("2026-06-20 09:00")
    items = [ItemTerms(item=item) for item in (Item.TICKET, Item.TELTICKET, Item.CHAT)]
    await center.add_service(SERVICE, "상담", *items)
    center.clock.seconds = STARTED


async def add_shift(center: Center, account: str) -> None:
    """Let an agent work for over two hours: every state once, ready since 125 s, a chat open since 60 s, tickets."""
    times = [(97 * number + 17) * 1000 for number in range(len(PhoneState))]
    at = start = NOW - 125_000 - sum(times)
    events = [event("phone.login", account, at, state="inbound_calls"), event("chat.login", account, at)]
    for state, time in zip(PhoneState, times, strict=True):
        events.append(event("phone.state", account, at, state=state.value))
        at += time
    events.append(event("phone.state", account, at, state="ready"))
    for type, seconds in (("opened", 600), ("closed", 1800), ("rest", 2400), ("resume", 3300)):
        events.append(event(f"chat.{type}", account, start + seconds * 1000, chat="c1"))
    events.append(event("chat.opened", account, NOW - 60_000, chat="c2"))
    for number in range(29):
        ticket = {"ticket": f"t{number}", "agent": None if number < 12 else account}
        events.append(event("ticket.created", None, start, **ticket))
        if number >= 15:
            events.append(event("ticket.solved", None, start + 1, **ticket))
        if number >= 20:
            events.append(event("ticket.closed", None, start + 2, **ticket))
    await center.send_events(*events)


async def make_ready(center: Center, account: str) -> None:
    """Give an agent all that is needed to log in to CTI."""
    await center.operator.change_organization(OrganizationChange(ipcc_agreed=True))
    await center.set_cti_settings(cti_version="ipcc", tenant_id="acme-1", tenant_name="Acme")
    await center.set_cti(account, cti_id="oc1000", cti_no="7000")
