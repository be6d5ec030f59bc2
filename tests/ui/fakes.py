"""A service in memory and a feed that moves only when a test says so, for the tests of the screens."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from octui.client.api import LiveReply
from octui.client.errors import SignInNeeded
from octui.client.feed import Feed, Health
from octui.schema.agents import Role
from octui.schema.cti import Column, CtiAgent, CtiAgentPage, CtiBatch, CtiBatchResult
from octui.schema.live import (
    AUDIT_HEAD,
    INVITATIONS,
    ME,
    ORGANIZATION,
    ORGANIZATION_ADMINS,
    agents_topic,
    cti_settings_topic,
    cti_topic,
    stats_topic,
)
from octui.schema.organization import KnownService, Me, Organization, ServiceRole
from octui.schema.stats import Stats
from octui.server.cti.rules import Row, judge_batch
from octui.ui.app import OctuiApp
from octui.ui.session import Session
from ui.fake_cti_settings import FakeCtiSettings
from ui.fake_floor import NOW
from ui.fake_people import FakeDoor

SERVICE = "oc"
BEGAN = 1000.0
"""Seconds of the tests' clock at the beginning."""
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
"""Names as they may stand in the data after `safe`: markup, formulas, joined emoji, very long, odd spaces."""


def me(*, language: str = "en", admin: bool = True, phone_contract: bool = True, role: Role | None = None) -> Me:
    """The signed-in person of a test."""
    roles = [ServiceRole(service=SERVICE, role=role, ticket=True, chat=False, phone=True)] if role is not None else []
    return Me(
        account="admin",
        name="관리자",
        nickname="",
        email="admin@acme.example",
        language=language,
        organization=Organization(
            id="org1", name="Acme 고객센터", domain="acme", time_zone="Asia/Seoul", url="https://acme.oc.toast.com"
        ),
        organization_admin=admin,
        services=roles,
        known_services=[
            KnownService(service=SERVICE, service_name="상담", time_zone="Asia/Seoul", phone_contract=phone_contract)
        ],
    )


def cti_agent(account: str, name: str, cti_id: str | None = None, cti_no: str | None = None, **more: Any) -> CtiAgent:
    """A row of the CTI agent table."""
    values = {"email": f"{account}@acme.example", "services": [SERVICE], "version": 1, **more}
    return CtiAgent(account=account, name=name, cti_id=cti_id, cti_no=cti_no, **values)


class FakeApi(FakeCtiSettings):
    """With the CTI agents."""

    def __init__(self, person: Me, agents: Sequence[CtiAgent] = ()) -> None:
        super().__init__(person)
        self.revision = 1
        self.cti = {agent.account: agent for agent in agents}
        self.removed: dict[str, int] = {}
        self.batches: list[CtiBatch] = []
        self._row_changed: dict[str, int] = dict.fromkeys(self.cti, 1)
        self._cell_changed: dict[tuple[str, Column], int] = {}

    # CTI agents

    def put_cti(self, agent: CtiAgent) -> None:
        """Somebody else writes a row."""
        self.revision += 1
        before = self.cti.get(agent.account)
        for column in Column:
            if before is None or getattr(before, column.value) != getattr(agent, column.value):
                self._cell_changed[agent.account, column] = self.revision
        self.cti[agent.account] = agent.model_copy(update={"version": self.revision})
        self._row_changed[agent.account] = self.revision

    def set_cti(self, account: str, **values: str | None) -> None:
        """Somebody else writes cells."""
        self.put_cti(self.cti[account].model_copy(update=values))

    def remove_cti(self, account: str) -> None:
        """Somebody is no agent any more."""
        self.revision += 1
        del self.cti[account]
        self.removed[account] = self.revision

    def cti_body(self) -> dict[str, Any]:
        """The head of the table, as the feed tells it."""
        return {"revision": self.revision, "count": len(self.cti)}

    async def cti_agents(
        self,
        service: str,
        query: str = "",
        after: str | None = None,
        changed_since: int | None = None,
        limit: int = 200,
    ) -> CtiAgentPage:
        await self._called("cti_agents")
        since = -1 if changed_since is None else changed_since
        found = [
            self.cti[account]
            for account in sorted(self.cti)
            if self._row_changed[account] > since and (after is None or account > after)
        ]
        page = found[: min(limit, self.page_size)]
        gone = [account for account, revision in self.removed.items() if revision > since >= 0 and after is None]
        following = page[-1].account if len(found) > len(page) else None
        return CtiAgentPage(agents=page, removed=gone, revision=self.revision, next=following)

    async def save_cti(self, service: str, batch: CtiBatch) -> CtiBatchResult:
        """Judged by the service's own rules."""
        await self._called("save_cti")
        self.batches.append(batch)
        rows = {
            account: Row(
                {column: getattr(agent, column.value) for column in Column},
                {column: self._cell_changed.get((account, column), 0) for column in Column},
            )
            for account, agent in self.cti.items()
        }
        holders = {
            (column, value): account
            for account, row in rows.items()
            for column, value in row.values.items()
            if value is not None
        }
        judgement = judge_batch(batch.edits, rows, holders, all_or_nothing=batch.all_or_nothing)
        new: dict[str, dict[str, str | None]] = {}
        for (account, column), value in judgement.save.items():
            new.setdefault(account, {})[column.value] = value
        for account, values in new.items():
            self.set_cti(account, **values)
        named = [self.cti[edit.account] for edit in batch.edits if edit.account in self.cti]
        return CtiBatchResult(
            saved=len(judgement.save), verdicts=judgement.verdicts, agents=named, revision=self.revision
        )


class SteppedFeed(Feed):
    """Asks nobody; tells the lease holders what the test tells it."""

    def __init__(self, app: OctuiApp, clock: Callable[[], float]) -> None:
        super().__init__(self._nobody, clock=clock, on_health=app.on_health)
        self._app = app
        self._elapsed = clock

    async def _nobody(self, have: Any, wait: int) -> LiveReply:
        return LiveReply(None, held=True)

    async def run(self) -> None:
        await asyncio.Event().wait()

    def tell(self, topic: str, body: dict[str, Any] | None) -> None:
        """A topic changed: every lease of it hears so."""
        for lease in tuple(entry.leases) if (entry := self._topics.get(topic)) is not None else ():
            lease.callback(topic, body, "etag")

    def well(self) -> None:
        """An answer came just now."""
        now = self._elapsed()
        self._app.clock.record_time(NOW + int((now - BEGAN) * 1000))
        self._app.on_health(Health(last_success=now, gap=25.0))

    def lose(self, seconds: float = 60.0) -> None:
        """No answer for some time."""
        now = self._elapsed()
        self._app.on_health(Health(last_success=now - seconds, failing_since=now - seconds, attempt=9))


@dataclass
class Desk:
    """One person at their screens, without a service."""

    api: FakeApi
    folder: Path
    start: str | None
    size: tuple[int, int] = (120, 40)
    time: float = BEGAN
    door: FakeDoor | None = None
    app: OctuiApp = field(init=False)
    feed: SteppedFeed = field(init=False)

    def __post_init__(self) -> None:
        self.app = OctuiApp(self._connect, self.api.person.language, self.start, self._elapsed, sign_in_port=self.door)
        self.feed = SteppedFeed(self.app, self._elapsed)

    def _elapsed(self) -> float:
        return self.time

    def passes(self, seconds: int) -> None:
        """The time passes, second by second."""
        for _ in range(seconds):
            self.time += 1
            self.app._on_second()

    async def _connect(self) -> Session:
        if self.door is not None and not self.door.open:
            raise SignInNeeded
        person = await self.api.me()
        self.feed.well()
        return Session(self.api, self.feed, person, SERVICE, self.folder)

    def tell_stats(self, now: Stats) -> None:
        """The feed tells of the figures of the present day."""
        self.api.days[None] = now
        self.feed.tell(stats_topic(SERVICE, self.api.person.account), now.model_dump(mode="json"))

    def tell_agents(self) -> None:
        """The feed tells of the agents as they are now."""
        self.feed.tell(agents_topic(SERVICE), self.api.agents_body())

    def tell_audit(self) -> None:
        """The feed tells of the log as it is now."""
        self.feed.tell(AUDIT_HEAD, self.api.audit_body())

    def tell_admins(self) -> None:
        """The feed tells of the organization admins as they are now."""
        self.feed.tell(ORGANIZATION_ADMINS, self.api.admins_body())

    def tell_organization(self) -> None:
        """The feed tells of the organization as it is now; its key is asked for."""
        self.feed.tell(ORGANIZATION, self.api.organization_body())

    def tell_invitations(self) -> None:
        """The feed tells of the open invitations as they are now."""
        self.feed.tell(INVITATIONS, self.api.invitations_body())

    def tell_me(self, **more: Any) -> None:
        """The feed tells of the person as they are now."""
        self.api.person = self.api.person.model_copy(update=more)
        self.feed.tell(ME, self.api.person.model_dump(mode="json"))

    def sign_in_needed(self) -> None:
        """The session has ended: the feed is told so and asks no more."""
        now = self._elapsed()
        self.app.on_health(Health(last_success=now, failing_since=now, attempt=1, error=SignInNeeded()))

    def tell_cti(self) -> None:
        """The feed tells of the CTI agent table as it is now."""
        self.feed.tell(cti_topic(SERVICE), self.api.cti_body())

    def tell_cti_settings(self) -> None:
        """The feed tells of the CTI settings as they are now."""
        self.feed.tell(cti_settings_topic(SERVICE), self.api.cti_settings_body())

    def screen_text(self) -> str:
        """What is on the screen, line by line."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width] for strip in lines[:height])
