"""Organization admins: who manages the organization, adding and removing them (domain.md 14–18)."""

from collections.abc import Coroutine
from typing import Any

from textual import work

from octui.client.errors import ClientError
from octui.schema.live import ORGANIZATION_ADMINS
from octui.schema.members import Member
from octui.schema.organization import NewOrganizationAdmin, OrganizationAdmin, OrganizationAdmins
from octui.state.rows import KeyedRows
from octui.ui.actions import bindings
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.look_up import LookUp
from octui.ui.listing import Listing
from octui.ui.locale import N_
from octui.ui.session import Session
from octui.ui.widgets.columns import Cell, Column

LAST = N_("This is the last organization admin: make another one first.")
ONESELF = N_("Not oneself: another organization admin has to do this.")


class OrganizationScreen(Listing[OrganizationAdmin]):
    """The organization admins, as they are now."""

    WORD = "organization"
    TITLES = {"account": N_("ID"), "name": N_("Name"), "email": N_("E-mail"), "note": N_("Note")}
    BINDINGS = bindings(
        *("organization.add", "organization.remove"),
        *("list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        rows: KeyedRows[OrganizationAdmin] = KeyedRows(lambda admin: admin.account, ("name", "email"))
        super().__init__(rows, {"note": lambda admin: not self._is_oneself(admin)})

    def words_of(self, row: OrganizationAdmin) -> tuple[str, ...]:
        return row.name, row.account, row.email

    def columns(self) -> list[Column]:
        t = self.t
        return [
            Column("account", t("ID"), 16, flex=1, most=30),
            Column("name", t("Name"), 14, flex=1, most=30),
            Column("email", t("E-mail"), 24, flex=2, most=50),
            Column("note", t("Note"), 12, flex=1, priority=1),
        ]

    def cells(self, row: OrganizationAdmin) -> list[Cell]:
        note = self.t("you") if self._is_oneself(row) else ""
        return [Cell(row.account), Cell(row.name), Cell(row.email), Cell(note, "muted")]

    def _is_oneself(self, admin: OrganizationAdmin) -> bool:
        return self.session is not None and admin.account == self.session.me.account

    def nobody(self) -> str:
        return self.t("There is no organization admin. Ins adds one.")

    def summary(self) -> str:
        rights = self.t("This right alone opens no consultation and no service.")
        return f"{super().summary()}   {rights}"

    def connected(self, session: Session) -> None:
        super().connected(session)
        self.lease(ORGANIZATION_ADMINS, self._told)

    def _told(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("This table may not be read any more."), error=True)
        else:
            self.show(OrganizationAdmins.model_validate(body).admins)
            self.refresh_lines()

    def reason(self, action: str) -> str | None:
        why = super().reason(action)
        if why is None and action == "remove" and self.chosen is not None:
            if len(self.rows) == 1:
                return self.t(LAST)
            if self._is_oneself(self.chosen):
                return self.t(ONESELF)
        return why

    @work(exclusive=True, group="write")
    async def action_add(self) -> None:
        """Make a member organization admin."""
        session, t = self.session, self.t
        if not self.may("add") or session is None:
            return

        async def find(query: str) -> list[Member]:
            return (await session.api.members(query=query, limit=50)).members

        member = await self.app.push_screen_wait(LookUp(t("Who is to be organization admin?"), find, t))
        if member is not None:
            new = NewOrganizationAdmin.model_construct(account=member.account)
            await self._write(session, session.api.add_organization_admin(new))

    @work(exclusive=True, group="write")
    async def action_remove(self) -> None:
        """Take the right away, after asking."""
        admin, session = self.chosen, self.session
        if not self.may("remove") or admin is None or session is None:
            return
        whom = f"{admin.name} ({admin.account})"
        question = self.t("Take the right of an organization admin away from {name}?", name=whom)
        answer = await self.app.push_screen_wait(Choice(question, [Option(self.t("No")), Option(self.t("Yes"))]))
        if answer == 1:
            await self._write(session, session.api.remove_organization_admin(admin.account))

    async def _write(self, session: Session, call: Coroutine[Any, Any, object]) -> None:
        try:
            await call
        except ClientError as error:
            self.say_failed(error)
        else:
            self.say(self.t("Saved, and recorded in the change log."))
        session.feed.nudge()
