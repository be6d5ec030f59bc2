"""The service in memory: organization admins, members and invitations, one's own settings and sessions."""

from typing import Any

from octui.client.errors import ClientError, Refused, SignInNeeded, VersionMismatch
from octui.schema.members import (
    Invitation,
    Invitations,
    Invited,
    MailState,
    Member,
    MemberPage,
    MemberState,
    NewInvitation,
)
from octui.schema.organization import (
    KeyChange,
    Me,
    NewOrganizationAdmin,
    OrganizationAdmin,
    OrganizationAdmins,
    OrganizationKey,
    ShownKey,
)
from octui.schema.problems import Code, FieldProblem, Problem
from octui.schema.sessions import Kind, PasswordChange, Session, Sessions
from octui.schema.settings import SettingsChange, UserSettings
from ui.fake_floor import NOW, FakeFloor

PASSWORD = "correct horse battery staple"
WEEK_MS = 7 * 86_400_000
CODE = "K7QM-2FXW-9TBD-H4RC-6YNP-3VJS-8"


def refused(code: Code, *fields: FieldProblem) -> Refused:
    """The service says no."""
    return Refused(Problem(title="No", status=422 if fields else 409, code=code, errors=list(fields)))


def invitation(account: str, name: str, mail: MailState = MailState.SENT, **more: Any) -> Invitation:
    """An open invitation, made yesterday."""
    values = {
        "id": f"i-{account}",
        "email": f"{account}@acme.example",
        "language": "ko",
        "invited_by": "admin",
        "created": NOW - 86_400_000,
        "expires": NOW - 86_400_000 + WEEK_MS,
        **more,
    }
    return Invitation(account=account, name=name, mail=mail, **values)


def session(id: str, device: str, **more: Any) -> Session:
    """One's own session on a machine."""
    values = {"ip": "10.0.3.7", "created": NOW - 3_600_000, "last_used": NOW - 60_000, "idle": 3_600_000, **more}
    values = {"kind": Kind.SESSION, "expires": NOW + 36_000_000, "current": False, **values}
    return Session(id=id, device=device, **values)


class FakePeople(FakeFloor):
    """Answers as the service does: never the last admin, never oneself, a code only where no mail is sent."""

    def __init__(self, person: Me) -> None:
        super().__init__(person)
        self.admins: list[OrganizationAdmin] = []
        self.open_invitations: list[Invitation] = []
        self.own_settings: UserSettings | None = None
        self.own_sessions: list[Session] = []
        self.key = "0123456789abcdef0123456789ab90ab"
        self.key_state = OrganizationKey(masked="••••90ab", changed=NOW - WEEK_MS, shown=None, version=1)
        self.sends_mail = True
        self.password = PASSWORD

    # Organization admins

    def admins_body(self) -> dict[str, Any]:
        """The list, as the feed tells it."""
        return OrganizationAdmins(admins=self.admins).model_dump(mode="json")

    async def add_organization_admin(self, new: NewOrganizationAdmin) -> OrganizationAdmin:
        await self._called(f"add_organization_admin {new.account}")
        if any(one.account == new.account for one in self.admins):
            raise refused(Code.ALREADY_EXISTS)
        known = next(one for one in self.members_known if one.account == new.account)
        made = OrganizationAdmin(account=known.account, name=known.name, email=known.email)
        self.admins = sorted([*self.admins, made], key=lambda one: one.account)
        return made

    async def remove_organization_admin(self, account: str) -> None:
        await self._called(f"remove_organization_admin {account}")
        if account == self.person.account:
            raise refused(Code.ONESELF)
        if len(self.admins) == 1:
            raise refused(Code.LAST_ADMIN)
        self.admins = [one for one in self.admins if one.account != account]

    # The organization and its key

    def organization_body(self) -> dict[str, Any]:
        """The organization, as the feed tells it."""
        return self.person.organization.model_dump(mode="json")

    async def organization_key(self) -> OrganizationKey:
        await self._called("organization_key")
        return self.key_state

    async def show_key(self) -> ShownKey:
        await self._called("show_key")
        if self.key_state.shown is not None:
            raise refused(Code.KEY_ALREADY_SHOWN)
        self.key_state = self.key_state.model_copy(update={"shown": NOW})
        return ShownKey(key=self.key, changed=self.key_state.changed, version=self.key_state.version)

    async def change_key(self, change: KeyChange) -> ShownKey:
        await self._called(f"change_key {change.name}")
        if change.name != self.person.organization.name:
            raise refused(Code.INVALID, FieldProblem(field="name", code="wrong", message="?"))
        if change.version != self.key_state.version:
            current = self.key_state.model_dump()
            raise VersionMismatch(Problem(title="No", status=412, code=Code.VERSION_MISMATCH, current=current))
        self.renew_key("f" * 32)
        return ShownKey(key=self.key, changed=NOW, version=self.key_state.version)

    def renew_key(self, key: str) -> None:
        """The key is another one; who renewed it has seen it."""
        version = self.key_state.version + 1
        self.key = key
        self.key_state = OrganizationKey(masked=f"••••{key[-4:]}", changed=NOW, shown=NOW, version=version)

    # Members and invitations

    def invitations_body(self) -> dict[str, Any]:
        """The list, as the feed tells it."""
        return Invitations(invitations=self.open_invitations).model_dump(mode="json")

    async def members(self, query: str = "", after: str | None = None, limit: int = 200) -> MemberPage:
        await self._called("members")
        found = [
            one
            for one in sorted(self.members_known, key=lambda one: one.account)
            if query in f"{one.account} {one.name} {one.email}" and (after is None or one.account > after)
        ]
        page = found[: min(limit, self.page_size)]
        return MemberPage(members=page, next=page[-1].account if len(found) > len(page) else None)

    async def invite_member(self, new: NewInvitation) -> Invited:
        await self._called(f"invite_member {new.account}")
        wrong = []
        if "@" not in new.email:
            wrong.append(FieldProblem(field="email", code="pattern", message="?"))
        if not new.name:
            wrong.append(FieldProblem(field="name", code="blank", message="?"))
        if wrong:
            raise refused(Code.INVALID, *wrong)
        mail = MailState.WAITING if self.sends_mail else MailState.NONE
        made = invitation(new.account, new.name, mail, email=new.email, language=new.language, expires=NOW + WEEK_MS)
        self.open_invitations.insert(0, made)
        self.members_known.append(
            Member(
                account=new.account,
                name=new.name,
                email=new.email,
                language=new.language,
                organization_admin=False,
                version=1,
                state=MemberState.INVITED,
            )
        )
        return Invited(**made.model_dump(), code=None if self.sends_mail else CODE)

    async def resend_invitation(self, invitation: str) -> Invited:
        await self._called(f"resend_invitation {invitation}")
        found = next(one for one in self.open_invitations if one.id == invitation)
        return Invited(**found.model_dump(), code=None if self.sends_mail else CODE)

    async def revoke_invitation(self, invitation: str) -> None:
        await self._called(f"revoke_invitation {invitation}")
        gone = next(one for one in self.open_invitations if one.id == invitation)
        self.open_invitations.remove(gone)
        self.members_known = [one for one in self.members_known if one.account != gone.account]

    async def remove_member(self, account: str) -> None:
        await self._called(f"remove_member {account}")
        self.members_known = [one for one in self.members_known if one.account != account]

    # One's own

    async def settings(self) -> UserSettings:
        await self._called("settings")
        assert self.own_settings is not None
        return self.own_settings

    async def change_settings(self, change: SettingsChange, version: int) -> UserSettings:
        given = change.model_dump(exclude_unset=True)
        await self._called(f"change_settings {sorted(given)}")
        assert self.own_settings is not None
        if version != self.own_settings.version:
            current = self.own_settings.model_dump()
            raise VersionMismatch(Problem(title="No", status=412, code=Code.VERSION_MISMATCH, current=current))
        if len(given.get("nickname", "")) > 100:
            raise refused(Code.INVALID, FieldProblem(field="nickname", code="too_long", message="?"))
        self.own_settings = self.own_settings.model_copy(update={**given, "version": version + 1})
        return self.own_settings

    async def sessions(self) -> Sessions:
        await self._called("sessions")
        return Sessions(sessions=self.own_sessions)

    async def revoke_session(self, session: str) -> None:
        await self._called(f"revoke_session {session}")
        self.own_sessions = [one for one in self.own_sessions if one.id != session]

    async def change_password(self, change: PasswordChange) -> None:
        await self._called("change_password")
        if change.old != self.password:
            raise refused(Code.INVALID, FieldProblem(field="old", code="wrong", message="?"))
        if len(change.new) < 15:
            raise refused(Code.INVALID, FieldProblem(field="new", code="too_short", message="?"))
        self.password = change.new


class FakeDoor:
    """The way in to the service in memory: one person, one password, one invitation code."""

    def __init__(self, account: str = "") -> None:
        self.address = "https://octui.acme.example"
        self.account = account
        self.passwords = {"admin": PASSWORD}
        self.codes = {CODE: "admin"}
        self.failure: ClientError | None = None
        self.attempts: list[str] = []
        self.open = False

    async def sign_in(self, account: str, password: str) -> None:
        self.attempts.append(account)
        if self.failure is not None:
            raise self.failure
        if self.passwords.get(account) != password:
            raise SignInNeeded
        self.open, self.account = True, account

    async def accept(self, code: str, password: str) -> str:
        if code not in self.codes:
            raise refused(Code.NOT_FOUND)
        account = self.codes.pop(code)
        self.passwords[account] = password
        return account

    async def sign_out(self) -> None:
        self.open = False
        if self.failure is not None:
            raise self.failure
