"""The service in memory, but for the CTI agents: agents, members, figures, the log."""

import asyncio
import math
from typing import Any

from octui.client.api import Api
from octui.client.errors import ClientError, Refused, VersionMismatch
from octui.schema.agents import Agent, AgentChange, AgentPage, NewAgent, Role
from octui.schema.audit import (
    ADMINISTRATION,
    Action,
    AgentRights,
    AuditEntry,
    AuditFilter,
    AuditHead,
    AuditPage,
    AuditVerification,
    Log,
    Via,
)
from octui.schema.members import Member, MemberPage
from octui.schema.organization import Me
from octui.schema.problems import Problem
from octui.schema.stats import (
    Channel,
    ChatState,
    Figure,
    Interval,
    Intervals,
    Open,
    PhoneState,
    StateChange,
    Stats,
    Tickets,
)

NOW = 1_795_400_000_000
"""What time it is at the service at the beginning of a test: Monday 2026-11-23 11:13:20 in Seoul."""
DAY = 1_795_359_600_000
"""The midnight before it there."""
DAY_MS = 86_400_000
LOGIN = DAY + 9 * 3_600_000


def agent(account: str, name: str, state: str | None = None, since: int | None = None, **more: Any) -> Agent:
    """A row of the floor; the account's phone permission is on unless said otherwise."""
    values = {"role": Role.AGENT, "ticket": True, "chat": False, "phone": True, "version": 1, **more}
    email = values.pop("email", f"{account}@acme.example")
    return Agent(account=account, name=name, email=email, state=state, since=since, **values)


def member(account: str, name: str) -> Member:
    """Somebody of the organization."""
    email = f"{account}@acme.example"
    return Member(account=account, name=name, email=email, language="ko", organization_admin=False, version=1)


def entry(seq: int, **more: Any) -> AuditEntry:
    """A line of the log, a minute after the one before."""
    values: dict[str, Any] = {
        "at": NOW - 86_400_000 + seq * 60_000,
        "action": Action.AGENT_PERMISSIONS_CHANGED,
        "actor_account": "admin",
        "actor_name": "관리자",
        "target_account": f"u{seq}",
        "target_name": f"사람{seq}",
        "service": "oc",
        "ip": "10.0.0.1",
        "via": Via.SCREEN,
        "before": AgentRights(role=Role.AGENT, ticket=True, chat=False, phone=False),
        "after": AgentRights(role=Role.AGENT, ticket=True, chat=True, phone=False),
        "hash": f"{seq:064x}",
    }
    return AuditEntry(seq=seq, **{**values, **more})


def stats(account: str = "admin", name: str = "관리자", *, date: str = "2026-11-23", **more: Any) -> Stats:
    """Two and a quarter hours of work; ready for 125 s, one chat open for 60 s."""
    times = {state: (3 * i + 1, (431 * i + 17) * 1000) for i, state in enumerate(PhoneState)}
    closed = sum(ms for _, ms in times.values())
    values: dict[str, Any] = {
        "day_start": DAY,
        "day_end": DAY + DAY_MS,
        "as_of": NOW,
        "tickets": Tickets(unassigned=12, open=3, solved=14, closed=9),
        "phone": {state: Figure(count=count, ms=ms) for state, (count, ms) in times.items()},
        "phone_open": Open(state=PhoneState.READY.value, since=NOW - 125_000),
        "logged_in": Figure(count=1, ms=closed),
        "logged_in_since": NOW - 125_000,
        "chat": {state: Figure(count=i + 2, ms=600_000 * (i + 1)) for i, state in enumerate(ChatState)},
        "chat_open": Open(state=ChatState.ONLINE.value, since=NOW - 60_000),
    }
    given = {"service": "oc", "account": account, "name": name, "date": date, "time_zone": "Asia/Seoul"}
    return Stats(**given, **{**values, **more})


NO_DATA: dict[str, Any] = dict.fromkeys(
    ("tickets", "phone", "phone_open", "logged_in", "logged_in_since", "chat", "chat_open")
)
"""A day of which nothing is known."""


class FakeFloor(Api):
    """Answers from models; `failure` is raised instead while it is set, with `gate` every answer waits for a permit."""

    def __init__(self, person: Me) -> None:
        self.person = person
        self.failure: ClientError | None = None
        self.gate: asyncio.Semaphore | None = None
        self.calls: list[str] = []
        self.page_size = 1000
        self.floor: dict[str, Agent] = {}
        self.floor_revision = 1
        self.members_known: list[Member] = []
        self.log: list[AuditEntry] = []
        self.log_asked: list[dict[str, Any]] = []
        self.most_examined = 1_000_000
        self.verification: AuditVerification | None = None
        self.days: dict[str | None, Stats] = {}
        self.intervals_known: dict[tuple[Channel, str], list[Interval]] = {}
        self.changes: list[StateChange] = []
        self._floor_changed: dict[str, int] = {}
        self._floor_gone: dict[str, int] = {}

    async def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.gate is not None:
            await self.gate.acquire()
        if self.failure is not None:
            raise self.failure

    async def close(self) -> None:
        self.calls.append("close")

    async def me(self) -> Me:
        await self._called("me")
        return self.person

    # Agents

    def seat(self, *agents: Agent) -> None:
        """These come, or change."""
        self.floor_revision += 1
        for one in agents:
            self.floor[one.account] = one
            self._floor_changed[one.account] = self.floor_revision
            self._floor_gone.pop(one.account, None)

    def unseat(self, account: str) -> None:
        """Somebody is no agent any more."""
        self.floor_revision += 1
        del self.floor[account]
        self._floor_gone[account] = self.floor_revision

    def agents_body(self) -> dict[str, Any]:
        """The head of the agents, as the feed tells it."""
        return {"revision": self.floor_revision, "count": len(self.floor)}

    async def agents(
        self,
        service: str,
        query: str = "",
        after: str | None = None,
        changed_since: int | None = None,
        limit: int = 200,
    ) -> AgentPage:
        await self._called("agents")
        since = -1 if changed_since is None else changed_since
        found = [
            self.floor[account]
            for account in sorted(self.floor)
            if self._floor_changed[account] > since and (after is None or account > after)
        ]
        page = found[: min(limit, self.page_size)]
        gone = [account for account, at in self._floor_gone.items() if at > since >= 0 and after is None]
        following = page[-1].account if len(found) > len(page) else None
        return AgentPage(agents=page, removed=gone, revision=self.floor_revision, next=following)

    def _as_of(self, account: str, version: int) -> Agent:
        here = self.floor[account]
        if here.version != version:
            problem = Problem(title="Precondition Failed", status=412, code="version_mismatch")
            raise VersionMismatch(problem)
        return here

    async def change_agent(self, service: str, account: str, change: AgentChange, version: int) -> Agent:
        await self._called("change_agent")
        here = self._as_of(account, version)
        changed = here.model_copy(update={**change.model_dump(exclude_unset=True), "version": version + 1})
        self.seat(changed)
        return changed

    async def add_agent(self, service: str, new: NewAgent) -> Agent:
        await self._called("add_agent")
        if new.account in self.floor:
            raise Refused(Problem(title="Conflict", status=409, code="already_exists"))
        known = next(one for one in self.members_known if one.account == new.account)
        rights = new.model_dump(exclude={"account"})
        self.seat(agent(new.account, known.name, **rights))
        return self.floor[new.account]

    async def remove_agent(self, service: str, account: str, version: int) -> None:
        await self._called("remove_agent")
        self._as_of(account, version)
        self.unseat(account)

    async def members(self, query: str = "", after: str | None = None, limit: int = 200) -> MemberPage:
        await self._called("members")
        found = [one for one in self.members_known if query in f"{one.account} {one.name} {one.email}"]
        return MemberPage(members=found[:limit])

    # The log

    def record(self, *entries: AuditEntry) -> None:
        """Written to the end of the log."""
        self.log += entries

    def audit_body(self) -> dict[str, Any]:
        """The head of the log, as the feed tells it."""
        last = self.log[-1] if self.log else None
        return AuditHead(
            seq=last.seq if last else 0, hash=last.hash if last else "", at=last.at if last else 0
        ).model_dump()

    async def audit(self, query: AuditFilter) -> AuditPage:
        self.log_asked.append(query.model_dump(by_alias=True, exclude_defaults=True, exclude={"limit"}))
        await self._called("audit")
        found: list[AuditEntry] = []
        examined = 0
        for entry in reversed(self.log):
            if query.log is not Log.ALL and (entry.action in ADMINISTRATION) is not (query.log is Log.ADMINISTRATION):
                continue
            if entry.seq >= (query.before or math.inf) or entry.seq <= (query.after or -math.inf):
                continue
            examined += 1
            if examined > self.most_examined:
                return AuditPage(entries=found, next_before=entry.seq + 1, searched_back_to=entry.at)
            is_named = query.name in f"{entry.target_name} {entry.actor_name}" and query.account in entry.target_account
            if is_named and entry.ip.startswith(query.ip) and query.service in entry.service:
                found.append(entry)
        count = len(found) if query.before is None and query.after is None else None
        if len(found) > query.limit:
            rows = found[: query.limit]
            return AuditPage(entries=rows, next_before=rows[-1].seq, count=count)
        return AuditPage(entries=found, count=count)

    async def verify_audit(self) -> AuditVerification:
        await self._called("verify_audit")
        assert self.verification is not None
        return self.verification

    # My stats

    async def stats(self, service: str, account: str, date: str | None = None) -> Stats:
        await self._called(f"stats {date}")
        if date not in self.days:
            raise Refused(Problem(title="Not Found", status=404, code="not_found"))
        return self.days[date]

    async def intervals(
        self,
        service: str,
        account: str,
        channel: Channel,
        state: str,
        date: str | None = None,
        after: int | None = None,
    ) -> Intervals:
        await self._called(f"intervals {channel} {state}")
        found = self.intervals_known.get((channel, state), [])
        at = after or 0
        following = at + self.page_size if len(found) > at + self.page_size else None
        return Intervals(
            channel=channel,
            state=state,
            date=date or "",
            time_zone="Asia/Seoul",
            intervals=found[at : at + self.page_size],
            next=following,
        )

    async def change_state(self, service: str, account: str, change: StateChange) -> Stats:
        await self._called("change_state")
        self.changes.append(change)
        return self.days[None]
