"""Screen of the organization, its key, and its admins (rules.md 11–18)."""

from typing import Any

from textual import work
from textual.widget import Widget

from octui.client.errors import ClientError, Refused, VersionMismatch
from octui.schema.live import ORGANIZATION, ORGANIZATION_ADMINS
from octui.schema.organization import (
    KeyChange,
    NewOrganizationAdmin,
    Organization,
    OrganizationAdmin,
    OrganizationAdmins,
    OrganizationKey,
    ShownKey,
)
from octui.state.rows import KeyedRows
from octui.text.glyphs import glyphs, shown_text
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.dialogs.choice import Choice, Option, confirm
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.member_lookup import MemberLookup
from octui.ui.dialogs.one_time_secret import OneTimeSecret
from octui.ui.listing import Listing
from octui.ui.locale import N_
from octui.ui.widgets.columns import Cell, Column
from octui.ui.widgets.facts import LOW, Facts
from octui.ui.widgets.fields import Field
from octui.ui.widgets.text_lines import wrap_line
from octui.ui.words.times import date_and_time

LAST = N_("This is the last organization admin: make another one first.")
NOT_YET = N_("The key is not known yet.")
TRY_AGAIN_S = 5
ONESELF = N_("Not oneself: another organization admin has to do this.")


class OrganizationScreen(Listing[OrganizationAdmin]):
    """The organization's data and key, and a table of its admins."""

    WORD = "organization"
    TITLES = {"account": N_("ID"), "name": N_("Name"), "email": N_("E-mail"), "note": N_("Note")}
    BINDINGS = bindings(
        *("organization.add", "organization.remove", "organization.key"),
        *("list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        rows: KeyedRows[OrganizationAdmin] = KeyedRows(lambda admin: admin.account, ("name", "email"))
        super().__init__(rows, {"note": lambda admin: not self._is_own_row(admin)})
        self.facts = Facts()
        self._organization: Organization | None = None
        self._key: OrganizationKey | None = None
        self._key_failed: ClientError | None = None
        self._ticks_failed = 0

    def compose_body(self) -> list[Widget]:
        return [self.facts, *super().compose_body()]

    def search_words(self, row: OrganizationAdmin) -> tuple[str, ...]:
        return row.name, row.account, row.email

    def table_columns(self) -> list[Column]:
        t = self.t
        return [
            Column("account", t("ID"), 16, flex=1, most=30),
            Column("name", t("Name"), 14, flex=1, most=30),
            Column("email", t("E-mail"), 24, flex=2, most=50),
            Column("note", t("Note"), 12, flex=1, priority=1),
        ]

    def row_cells(self, row: OrganizationAdmin) -> list[Cell]:
        note = self.t("you") if self._is_own_row(row) else ""
        return [Cell(row.account), Cell(row.name), Cell(row.email), Cell(note, "muted")]

    def _is_own_row(self, admin: OrganizationAdmin) -> bool:
        return self.connection is not None and admin.account == self.connection.me.account

    def empty_hint(self) -> str:
        return self.t("There is no organization admin. Ins adds one.")

    def summary_text(self) -> str:
        rights = self.t("This right alone opens no consultation and no service.")
        return f"{super().summary_text()}   {rights}"

    def on_connected(self, connection: Connection) -> None:
        super().on_connected(connection)
        self._organization = connection.me.organization
        self._show_facts()
        self.lease_table(ORGANIZATION_ADMINS, self._take_admins)
        self.lease_topic(ORGANIZATION, self._take_organization)

    def refresh_texts(self) -> None:
        super().refresh_texts()
        self._show_facts()

    def on_resize(self) -> None:
        self._show_facts()

    # --- the organization and its key -----------------------------------------------------------------------

    def _take_organization(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        """Show the changed organization, and load its masked key again."""
        if body is not None:
            self._organization = Organization.model_validate(body)
            self._show_facts()
            self._load_key()

    @work(exclusive=True, group="key", exit_on_error=False)
    async def _load_key(self) -> None:
        if self.connection is None:
            return
        self._ticks_failed = 0
        try:
            self._key = await self.connection.api.organization_key()
            self._key_failed = None
        except ClientError as error:
            self._key_failed = error
            self.say_error(error)
        self._show_facts()
        self.refresh_lines()

    def on_tick(self) -> None:
        if self._key_failed is not None and not isinstance(self._key_failed, Refused) and not self.host.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= TRY_AGAIN_S:
                self._load_key()

    def _show_facts(self) -> None:
        t, organization, key = self.t, self._organization, self._key
        if organization is None:
            return
        masked = glyphs().unknown
        if key is not None:
            moment = date_and_time(key.changed, organization.time_zone)
            changed = t("changed {moment}", moment=moment if self.app.size.height >= LOW else moment[:10])
            masked = f"{shown_text(key.masked)}  {changed}"
        self.facts.show_facts(
            (
                (t("Organization name"), organization.name),
                (t("Organization ID"), organization.id),
                (t("Domain"), organization.domain),
                (t("URL"), organization.url or glyphs().unknown),
                (t("Time zone"), organization.time_zone),
                (t("Key"), masked),
                (t("IPCC (Private)"), t("agreed") if organization.ipcc_agreed else t("not agreed")),
                (
                    t("Mobile Contact"),
                    t("activated") if organization.mobile_contact_activated else t("not activated"),
                ),
            )
        )

    @work(exclusive=True, group="write")
    async def action_key(self) -> None:
        """Show the key if nobody has seen it yet, or change it."""
        key, connection, organization, t = self._key, self.connection, self._organization, self.t
        if not self.is_enabled("organization.key") or key is None or connection is None or organization is None:
            return
        seen = None
        if key.shown is not None:
            seen = t("shown already, {moment}", moment=date_and_time(key.shown, organization.time_zone)[:10])
        options = [Option("show", t("Show it in full, only this once"), seen), Option("change", t("Change it"))]
        heading = t("Organization key {masked}", masked=shown_text(key.masked))
        match await self.app.push_screen_wait(Choice(heading, options, "show" if seen is None else "change")):
            case "show":
                await self._show_key(connection)
            case "change":
                await self._change_key(connection, organization)

    async def _show_key(self, connection: Connection) -> None:
        try:
            shown = await connection.api.show_key()
        except ClientError as error:
            self.say_error(error)
            self._load_key()
        else:
            await self._show_new_key(shown)

    async def _change_key(self, connection: Connection, organization: Organization) -> None:
        t = self.t

        async def send_key(values: dict[str, str]) -> ShownKey:
            version = self._key.version if self._key is not None else None
            try:
                return await connection.api.change_key(KeyChange.model_construct(name=values["name"], version=version))
            except VersionMismatch:
                self._load_key()
                raise

        notes = [
            t("The old key stops at once: what is signed with it is refused from then on."),
            t("To confirm, type the name of the organization: {name}", name=organization.name),
        ]
        form = Form(t("Change the organization key"), [Field("name", t("Organization name"))], send_key, t, notes=notes)
        shown = await self.app.push_screen_wait(form)
        if shown is not None:
            await self._show_new_key(shown)

    async def _show_new_key(self, shown: ShownKey) -> None:
        t = self.t
        title, warning = t("Organization key"), t("Keep it in a safe place now: it is never shown again.")
        lines = ["", f"    {shown.key}", "", *wrap_line(f" {warning}")]
        await self.app.push_screen_wait(OneTimeSecret(["", f" {title}"], lines, shown.key))
        self._load_key()

    # --- the admins -----------------------------------------------------------------------------------------

    def _take_admins(self, body: dict[str, Any], etag: str) -> None:
        self.show_rows(OrganizationAdmins.model_validate(body).admins)
        self.refresh_lines()

    @reason_for("organization.key")
    def key_reason(self) -> str | None:
        """Return why the organization key can be neither shown nor changed."""
        if self._key is not None:
            return None
        return self.host.error_sentence(self._key_failed) if self._key_failed is not None else self.t(NOT_YET)

    @reason_for("organization.remove")
    def removal_reason(self) -> str | None:
        """Return why the admin under the cursor cannot lose the right."""
        if self.chosen_row is not None and len(self.rows) == 1:
            return self.t(LAST)
        if self.chosen_row is not None and self._is_own_row(self.chosen_row):
            return self.t(ONESELF)
        return self.no_row_reason()

    @work(exclusive=True, group="write")
    async def action_add(self) -> None:
        """Make a member organization admin."""
        connection, t = self.connection, self.t
        if not self.is_enabled("organization.add") or connection is None:
            return

        member = await self.app.push_screen_wait(MemberLookup(t("Who is to be organization admin?"), connection.api, t))
        if member is not None:
            new = NewOrganizationAdmin.model_construct(account=member.account)
            await self.send_change(connection.api.add_organization_admin(new))
            connection.feed.nudge()

    @work(exclusive=True, group="write")
    async def action_remove(self) -> None:
        """Remove the admin right, after asking."""
        admin, connection = self.chosen_row, self.connection
        if not self.is_enabled("organization.remove") or admin is None or connection is None:
            return
        whom = f"{admin.name} ({admin.account})"
        question = self.t("Take the right of an organization admin away from {name}?", name=whom)
        if await confirm(self.host, question):
            await self.send_change(connection.api.remove_organization_admin(admin.account))
            connection.feed.nudge()
