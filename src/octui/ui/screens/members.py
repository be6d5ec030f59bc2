"""Screen of members and invitations: invite, resend, revoke, remove (rules.md 16–18)."""

from dataclasses import dataclass
from typing import Any

from textual import on, work

from octui.client.errors import ClientError
from octui.schema.live import INVITATIONS
from octui.schema.members import Invitation, Invitations, Invited, MailState, Member, NewInvitation
from octui.state.rows import KeyedRows
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.choice import confirm
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.one_time_secret import OneTimeSecret
from octui.ui.dialogs.report import Report
from octui.ui.listing import Listing
from octui.ui.locale import N_
from octui.ui.widgets.columns import Cell, Column, Tone
from octui.ui.widgets.fields import Field
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.text_lines import wrap_line
from octui.ui.words.languages import LANGUAGE_NAMES, language_name
from octui.ui.words.times import date_and_time

PAGE_SIZE = 1000
ONESELF = N_("Not oneself: another organization admin has to do this.")
JOINED = N_("This member has joined already.")
ACTIVE, EXPIRED = "active", "expired"
# In sorting order: states that need attention come first.
STATES: dict[str, tuple[str, Tone]] = {
    MailState.FAILED.value: (N_("Mail failed"), "bad"),
    EXPIRED: (N_("Code expired"), "bad"),
    MailState.WAITING.value: (N_("Mail waiting"), "watch"),
    MailState.NONE.value: (N_("Code handed over"), "watch"),
    MailState.SENT.value: (N_("Invited"), "watch"),
    ACTIVE: (N_("Active"), ""),
}


@dataclass(frozen=True)
class Person:
    """A member, or an invited person who has not joined yet."""

    account: str
    name: str
    email: str
    language: str
    admin: bool
    invitation: Invitation | None = None


def people_of(members: list[Member], invitations: list[Invitation]) -> list[Person]:
    """Return members and open invitations, one row for each account."""
    invited = {invitation.account: invitation for invitation in invitations}
    people = [
        Person(
            *(member.account, member.name, member.email, member.language),
            admin=member.organization_admin,
            invitation=invited.pop(member.account, None),
        )
        for member in members
    ]
    return people + [
        Person(invitation.account, invitation.name, invitation.email, invitation.language, False, invitation)
        for invitation in invited.values()
    ]


class MembersScreen(Listing[Person]):
    """All members of the organization, and the open invitations."""

    WORD = "members"
    TITLES = {
        "account": N_("ID"),
        "name": N_("Name"),
        "email": N_("E-mail"),
        "state": N_("State"),
        "admin": N_("Org. admin"),
    }
    BINDINGS = bindings(
        *("members.invite", "members.resend", "members.remove", "members.detail"),
        *("list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        rows: KeyedRows[Person] = KeyedRows(lambda person: person.account, ("name", "email", "admin", "invitation"))
        order = list(STATES)
        super().__init__(
            rows, {"state": lambda person: order.index(self.state_of(person)), "admin": lambda person: not person.admin}
        )
        self._invitations: list[Invitation] = []

    def search_words(self, row: Person) -> tuple[str, ...]:
        return row.name, row.account, row.email

    def table_columns(self) -> list[Column]:
        t = self.t
        states = max(cell_width(t(label)) for label, _ in STATES.values())
        return [
            Column("account", t("ID"), 13, flex=1, most=30),
            Column("name", t("Name"), 8, flex=1, most=30),
            Column("email", t("E-mail"), 25, flex=2, most=50),
            Column("state", t("State"), states),
            Column("admin", t("Org. admin"), cell_width(t("Org. admin")), priority=1),
        ]

    def state_of(self, person: Person) -> str:
        """Return the state of a person as a key of `STATES`."""
        if person.invitation is None:
            return ACTIVE
        expires = person.invitation.expires
        if expires is not None and expires <= self.host.now_ms():
            return EXPIRED
        return person.invitation.mail.value

    def row_cells(self, row: Person) -> list[Cell]:
        label, tone = STATES[self.state_of(row)]
        admin = Cell("O") if row.admin else Cell("-", "muted")
        return [Cell(row.account), Cell(row.name), Cell(row.email), Cell(self.t(label), tone), admin]

    def empty_hint(self) -> str:
        return self.t("There is no member yet: Ins invites somebody.")

    def summary_text(self) -> str:
        t, invited = self.t, [person for person in self._invitations if person.account in self.rows]
        text = t("{shown} of {all} people", shown=len(self.view), all=len(self.rows))
        if invited:
            text += "   " + t("{count} invited", count=len(invited))
        failed = sum(person.mail is MailState.FAILED for person in invited)
        if failed:
            text += "   " + t("{count} mails failed", count=failed)
        return text

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        super().on_connected(connection)
        self.lease_table(INVITATIONS, self._take_invitations)

    def _take_invitations(self, body: dict[str, Any], etag: str) -> None:
        self._invitations = Invitations.model_validate(body).invitations
        self._request_load()

    async def load_rows(self, connection: Connection) -> None:
        members: list[Member] = []
        after: str | None = None
        while True:
            page = await connection.api.members(after=after, limit=PAGE_SIZE)
            members += page.members
            after = page.next
            if after is None or not self.loaded:
                # At the first load every page is shown as it arrives.
                people = people_of(members, self._invitations)
                self.show_rows(people)
                self.loaded = after is None
            if after is None:
                return

    # --- keys -----------------------------------------------------------------------------------------------

    @reason_for("members.resend", "members.remove", "members.detail")
    def row_reason(self) -> str | None:
        """Return why the row under the cursor allows no action."""
        return self.no_row_reason()

    @reason_for("members.resend")
    def resend_reason(self) -> str | None:
        """Return why no new code can be sent."""
        person = self.chosen_row
        return self.t(JOINED) if person is not None and person.invitation is None else None

    @reason_for("members.remove")
    def removal_reason(self) -> str | None:
        """Return why the member under the cursor cannot be removed."""
        person, connection = self.chosen_row, self.connection
        is_oneself = person is not None and connection is not None and person.account == connection.me.account
        return self.t(ONESELF) if is_oneself else None

    @on(Grid.Activated)
    def _grid_activated(self) -> None:
        self.action_detail()

    @work(exclusive=True, group="write")
    async def action_invite(self) -> None:
        """Invite a person; the form stays open until the server accepts it."""
        connection, t = self.connection, self.t
        if not self.is_enabled("members.invite") or connection is None:
            return

        async def send_invitation(values: dict[str, str]) -> Invited:
            # Only the server validates, so that there is one set of rules.
            typed: dict[str, Any] = {name: value.strip() for name, value in values.items()}
            return await connection.api.invite_member(NewInvitation.model_construct(**typed))

        letters, mail = t("letters, digits and . _ - @"), t("the invitation goes here")
        fields = [
            Field("account", t("ID"), hint=letters, needed=True, wrong=letters),
            Field("name", t("Name"), needed=True),
            Field("email", t("E-mail"), hint=mail, needed=True, wrong=t("is not an e-mail address")),
            Field("language", t("Language"), t.language, options=LANGUAGE_NAMES),
        ]
        invited = await self.app.push_screen_wait(Form(t("Invite a member"), fields, send_invitation, t))
        if invited is not None:
            await self._show_invited(invited)

    @work(exclusive=True, group="write")
    async def action_resend(self) -> None:
        """Send a new invitation code; the previous code stops working."""
        person, connection = self.chosen_row, self.connection
        if not self.is_enabled("members.resend") or connection is None or person is None or person.invitation is None:
            return
        try:
            invited = await connection.api.resend_invitation(person.invitation.id)
        except ClientError as error:
            self.say_error(error)
            connection.feed.nudge()
        else:
            await self._show_invited(invited)

    async def _show_invited(self, invited: Invited) -> None:
        t = self.t
        if self.connection is not None:
            self.connection.feed.nudge()
        self._request_load()
        if invited.code is None:
            self.say(t("The invitation goes to {email} by mail.", email=invited.email))
            return
        command = f"octui accept {invited.code}"
        until = "" if invited.expires is None else date_and_time(invited.expires, self.time_zone)
        whose = t("Invitation of {name}", name=f"{invited.name} ({invited.account})")
        handover = t("No mail is sent here: hand this over. It is shown only this once.")
        valid = t("Valid once, until {time}.", time=until)
        heading, lines = ["", f" {whose}", f" {handover}", ""], [f"   {command}", "", f" {valid}"]
        await self.app.push_screen_wait(OneTimeSecret(heading, lines, command))

    @work(exclusive=True, group="write")
    async def action_remove(self) -> None:
        """Remove a member or revoke an invitation, after asking."""
        person, connection, t = self.chosen_row, self.connection, self.t
        if not self.is_enabled("members.remove") or person is None or connection is None:
            return
        whom = f"{person.name} ({person.account})"
        if person.invitation is None:
            question = t("Remove {name} with all roles, CTI ID and sessions?", name=whom)
        else:
            question = t("Take the invitation of {name} back?", name=whom)
        if not await confirm(self.host, question):
            return
        if person.invitation is None:
            await self.send_change(connection.api.remove_member(person.account))
        else:
            await self.send_change(connection.api.revoke_invitation(person.invitation.id))
        connection.feed.nudge()
        self._request_load()

    def action_detail(self) -> None:
        """Show every field of a member or an invitation."""
        person, t = self.chosen_row, self.t
        if not self.is_enabled("members.detail") or person is None:
            return
        rows = [
            (t("ID"), person.account),
            (t("Name"), person.name),
            (t("E-mail"), person.email),
            (t("Language"), language_name(person.language)),
            (t("State"), t(STATES[self.state_of(person)][0])),
        ]
        if person.invitation is not None:
            rows += self._invitation_rows(person.invitation)
        widest = max(cell_width(label) for label, _ in rows)
        lines = [f" {fit_text(label, widest)}   {value}" for label, value in rows]
        if person.invitation is not None and person.invitation.mail_error:
            server = t("Mail server")
            lines += [f" {server}", *wrap_line(f"   {person.invitation.mail_error}")]
        self.app.push_screen(Report(["", f" {person.name} ({person.account})", ""], lines))

    def _invitation_rows(self, invitation: Invitation) -> list[tuple[str, str]]:
        t, zone = self.t, self.time_zone
        rows = [
            (t("Invited by"), invitation.invited_by),
            (t("Invited at"), date_and_time(invitation.created, zone)),
            (
                t("Valid until"),
                glyphs().unknown if invitation.expires is None else date_and_time(invitation.expires, zone),
            ),
        ]
        if invitation.mail is not MailState.NONE:
            rows.append((t("Mail tries"), str(invitation.mail_tries)))
        if invitation.mail_next is not None:
            rows.append((t("Next try"), date_and_time(invitation.mail_next, zone)))
        return rows
