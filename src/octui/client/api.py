"""The API as typed calls: one method for each operation of `octui.schema.routes.ROUTES`, of the same name."""

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from octui.client.calls import Caller, Done, Params, sendable
from octui.client.decode import decode
from octui.client.errors import SignInNeeded
from octui.client.transport import Transport
from octui.schema.agents import Agent, AgentChange, AgentPage, NewAgent
from octui.schema.audit import AuditHead, AuditPage, AuditVerification
from octui.schema.common import Head, Sent
from octui.schema.contracts import NewService, Service, Services
from octui.schema.cti import CtiAgentPage, CtiBatch, CtiBatchResult
from octui.schema.events import CloudEvent, EventsResult
from octui.schema.live import LiveAnswer
from octui.schema.members import (
    Acceptance,
    Invitations,
    Invited,
    Joined,
    Member,
    MemberPage,
    NewInvitation,
    NewMember,
)
from octui.schema.organization import (
    Me,
    NewOrganization,
    NewOrganizationAdmin,
    Organization,
    OrganizationAdmin,
    OrganizationAdmins,
)
from octui.schema.sessions import PasswordChange, Sessions, SignedIn, SignIn
from octui.schema.settings import SettingsChange, UserSettings
from octui.schema.stats import Channel, Intervals, StateChange, Stats
from octui.schema.tokens import NewToken, Token

DEADLINE_S = 10.0
SLOW_DEADLINE_S = 120.0
PAGE = 200
_JSON = {"content-type": "application/json"}
_EVENTS = {"content-type": "application/cloudevents-batch+json"}


@dataclass(frozen=True)
class LiveReply:
    """What `live` brought: None when nothing changed. `held`: the service applies `Prefer: wait`."""

    answer: LiveAnswer | None
    held: bool


class Api:
    """Calls to one service as one caller. All raise ClientError (octui.client.errors); times are epoch ms."""

    def __init__(
        self,
        transport: Transport,
        *,
        deadline: float = DEADLINE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport
        self._caller = Caller(transport, deadline=deadline, sleep=sleep, draw=draw)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def me(self) -> Me:
        return decode((await self._caller.call("me")).reply, Me)

    async def organization(self) -> Organization:
        return decode((await self._caller.call("organization")).reply, Organization)

    async def create_organization(self, new: NewOrganization) -> Organization:
        return decode((await self._send("create_organization", new)).reply, Organization)

    async def organization_admins(self) -> OrganizationAdmins:
        return decode((await self._caller.call("organization_admins")).reply, OrganizationAdmins)

    async def add_organization_admin(self, new: NewOrganizationAdmin) -> OrganizationAdmin:
        return decode((await self._send("add_organization_admin", new)).reply, OrganizationAdmin)

    async def remove_organization_admin(self, account: str) -> None:
        """Take the right away. Refused with `last_admin` or `oneself`."""
        await self._caller.call("remove_organization_admin", names={"account": account})

    async def services(self) -> Services:
        return decode((await self._caller.call("services")).reply, Services)

    async def add_service(self, new: NewService) -> Service:
        return decode((await self._send("add_service", new)).reply, Service)

    async def members(self, query: str = "", after: str | None = None, limit: int = PAGE) -> MemberPage:
        """A page of members whose name, account or e-mail has `query` in it."""
        params = _params(query=query, after=after, limit=limit)
        return decode((await self._caller.call("members", params=params)).reply, MemberPage)

    async def add_member(self, new: NewMember) -> Member:
        return decode((await self._send("add_member", new)).reply, Member)

    async def look_up_members(
        self, name: str = "", account: str = "", email: str = "", after: str | None = None, limit: int = PAGE
    ) -> MemberPage:
        """Members who have every part given, to choose one to add; at least one part must be given."""
        params = _params(name=name, account=account, email=email, after=after, limit=limit)
        return decode((await self._caller.call("look_up_members", params=params)).reply, MemberPage)

    async def remove_member(self, account: str) -> None:
        """Take a member out of the organization. Refused with `last_admin` or `oneself`."""
        await self._caller.call("remove_member", names={"account": account})

    async def invitations(self) -> Invitations:
        return decode((await self._caller.call("invitations")).reply, Invitations)

    async def invite_member(self, new: NewInvitation) -> Invited:
        """Invite a person; the answer has a code only where the service sends no mail."""
        return decode((await self._send("invite_member", new)).reply, Invited)

    async def resend_invitation(self, invitation: str) -> Invited:
        """Send an invitation again; the code of before is void."""
        done = await self._caller.call("resend_invitation", names={"invitation": invitation})
        return decode(done.reply, Invited)

    async def revoke_invitation(self, invitation: str) -> None:
        await self._caller.call("revoke_invitation", names={"invitation": invitation})

    async def accept_invitation(self, acceptance: Acceptance) -> Joined:
        """Set one's first password with the code of an invitation. Needs no token. Tried once."""
        return decode((await self._send("accept_invitation", acceptance)).reply, Joined)

    async def agents(
        self,
        service: str,
        query: str = "",
        after: str | None = None,
        changed_since: int | None = None,
        limit: int = PAGE,
    ) -> AgentPage:
        """A page of the service's agents; with `changed_since`, only what changed after that revision."""
        params = _params(query=query, after=after, changed_since=changed_since, limit=limit)
        return decode((await self._caller.call("agents", names={"service": service}, params=params)).reply, AgentPage)

    async def agents_head(self, service: str) -> Head:
        return decode((await self._caller.call("agents_head", names={"service": service})).reply, Head)

    async def add_agent(self, service: str, new: NewAgent) -> Agent:
        return decode((await self._send("add_agent", new, service=service)).reply, Agent)

    async def change_agent(self, service: str, account: str, change: AgentChange, version: int) -> Agent:
        """Change role or permissions of the agent as of `version`. Raises VersionMismatch. Never repeated by itself."""
        done = await self._caller.call(
            "change_agent",
            names={"service": service, "account": account},
            headers=_JSON | _if_match(version),
            body=_body(change, exclude_unset=True),
        )
        return decode(done.reply, Agent)

    async def remove_agent(self, service: str, account: str, version: int) -> None:
        """Take the role away from the agent as of `version`. Raises VersionMismatch."""
        names = {"service": service, "account": account}
        await self._caller.call("remove_agent", names=names, headers=_if_match(version))

    async def cti_agents(
        self,
        service: str,
        query: str = "",
        after: str | None = None,
        changed_since: int | None = None,
        limit: int = PAGE,
    ) -> CtiAgentPage:
        """A page of the CTI agent table; with `changed_since`, only what changed after that revision."""
        params = _params(query=query, after=after, changed_since=changed_since, limit=limit)
        done = await self._caller.call("cti_agents", names={"service": service}, params=params)
        return decode(done.reply, CtiAgentPage)

    async def cti_head(self, service: str) -> Head:
        return decode((await self._caller.call("cti_head", names={"service": service})).reply, Head)

    async def save_cti(self, service: str, batch: CtiBatch) -> CtiBatchResult:
        """Judge and save all edits in one request; refusals of single cells are in the result, not raised."""
        done = await self._send("save_cti", batch, deadline=SLOW_DEADLINE_S, service=service)
        return decode(done.reply, CtiBatchResult)

    async def audit(
        self,
        *,
        time_from: int | None = None,
        time_to: int | None = None,
        action: str = "",
        name: str = "",
        ip: str = "",
        service: str = "",
        account: str = "",
        words: str = "",
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> AuditPage:
        """A page of the permission-change log, newest first. `before` and `after` are entry numbers."""
        filters: dict[str, str | int | None] = {"from": time_from, "to": time_to, "action": action, "name": name}
        filters |= {"ip": ip, "service": service, "account": account, "words": words}
        params = _params(**filters, before=before, after=after, limit=limit)
        return decode((await self._caller.call("audit", params=params)).reply, AuditPage)

    async def audit_head(self) -> AuditHead:
        return decode((await self._caller.call("audit_head")).reply, AuditHead)

    async def verify_audit(self) -> AuditVerification:
        done = await self._caller.call("verify_audit", deadline=SLOW_DEADLINE_S)
        return decode(done.reply, AuditVerification)

    async def stats(self, service: str, account: str, date: str | None = None) -> Stats:
        """One agent's figures of `date` (YYYY-MM-DD in the service's zone), of its present day without one."""
        names = {"service": service, "account": account}
        return decode((await self._caller.call("stats", names=names, params=_params(date=date))).reply, Stats)

    async def intervals(
        self,
        service: str,
        account: str,
        channel: Channel,
        state: str,
        date: str | None = None,
        after: int | None = None,
    ) -> Intervals:
        """The intervals behind one figure; `after` is the `next` of the page before."""
        names = {"service": service, "account": account}
        params = _params(date=date, channel=channel.value, state=state, after=after)
        return decode((await self._caller.call("intervals", names=names, params=params)).reply, Intervals)

    async def change_state(self, service: str, account: str, change: StateChange) -> Stats:
        """Log in to CTI, log out or take a state; the figures after it."""
        done = await self._send("change_state", change, service=service, account=account)
        return decode(done.reply, Stats)

    async def take_in_events(self, service: str, events: Sequence[CloudEvent | Mapping[str, Any]]) -> EventsResult:
        """Send a batch of CloudEvents; what became of each is in the result."""
        plain = [
            event.model_dump(mode="json", exclude_none=True) if isinstance(event, CloudEvent) else event
            for event in events
        ]
        body = json.dumps(plain, separators=(",", ":")).encode()
        done = await self._caller.call(
            "take_in_events", names={"service": service}, headers=_EVENTS, body=body, deadline=SLOW_DEADLINE_S
        )
        return decode(done.reply, EventsResult)

    async def issue_token(self, new: NewToken) -> Token:
        """A token for a member, which cannot be shown again. Only the owner of the database may."""
        return decode((await self._send("issue_token", new)).reply, Token)

    async def sign_in(self, attempt: SignIn) -> SignedIn:
        """Begin a session; its token is nowhere else. Raises SignInNeeded or Throttled. Tried once."""
        return decode((await self._send("sign_in", attempt)).reply, SignedIn)

    async def sign_out(self) -> None:
        """End the session these calls are made in. One that has ended already is as good."""
        with contextlib.suppress(SignInNeeded):
            await self._caller.call("sign_out")

    async def sessions(self) -> Sessions:
        return decode((await self._caller.call("sessions")).reply, Sessions)

    async def revoke_session(self, session: str) -> None:
        """End one of the caller's own sessions or tokens, by its id."""
        await self._caller.call("revoke_session", names={"session": session})

    async def settings(self) -> UserSettings:
        return decode((await self._caller.call("settings")).reply, UserSettings)

    async def change_settings(self, change: SettingsChange, version: int) -> UserSettings:
        """Change one's own settings as of `version`. Raises VersionMismatch. Never repeated by itself."""
        body = _body(change, exclude_unset=True)
        done = await self._caller.call("change_settings", headers=_JSON | _if_match(version), body=body)
        return decode(done.reply, UserSettings)

    async def change_password(self, change: PasswordChange) -> None:
        """Change one's own password; one's other sessions end. Tried once."""
        await self._send("change_password", change)

    async def live(self, have: Mapping[str, str], wait: int) -> LiveReply:
        """Wait up to `wait` seconds (0: not at all) for one of the topics to differ from the ETag held ("": none).

        Tried once: the feed has its own patience. The time limit is `wait` + 15 s.
        """
        params = [("have", f"{topic};{etag}") for topic, etag in have.items()]
        headers = {"prefer": f"wait={wait}"} if wait else {}
        reply = (await self._caller.call("live", params=params, headers=headers, deadline=wait + 15.0, retries=0)).reply
        held = "wait" in reply.headers.get("preference-applied", "").lower()
        return LiveReply(None if reply.status == 304 else decode(reply, LiveAnswer), held)

    async def _send(self, name: str, model: Sent, *, deadline: float | None = None, **names: str) -> Done:
        return await self._caller.call(name, names=names, headers=_JSON, body=_body(model), deadline=deadline)


def _body(model: Sent, *, exclude_unset: bool = False) -> bytes:
    return model.model_dump_json(exclude_unset=exclude_unset).encode()


def _if_match(version: int) -> dict[str, str]:
    return {"if-match": f'"v{version}"'}


def _params(**values: str | int | None) -> Params:
    """Query parameters; None and empty text are left out."""
    return [(key, sendable(str(value))) for key, value in values.items() if value is not None and value != ""]
