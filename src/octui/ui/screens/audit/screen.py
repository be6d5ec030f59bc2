"""The permission-change and the administration log: one query line, endless, exported as shown (rules.md 24–26)."""

from collections.abc import Sequence

from textual import on, work

from octui.client.errors import ClientError
from octui.schema.audit import ADMINISTRATION, Log
from octui.text.action_labels import action_label
from octui.text.width import cell_width, cut_text, fit_text
from octui.ui.actions import Action, bindings, reason_for
from octui.ui.dialogs.report import Report
from octui.ui.exports import Table, ask_format, write_table
from octui.ui.screens.audit.view import AuditView
from octui.ui.screens.audit.words import LOG_LABELS, TITLES, VIA_LABELS, describe_value, texts, whose
from octui.ui.session import Session
from octui.ui.widgets.columns import Key
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.text_lines import WRAP
from octui.ui.words.times import date_and_time

EXPORT_PAGE = 1000
MOST_EXPORTED = 200_000


class AuditScreen(AuditView):
    """Who was given or lost what, when, by whom, from where."""

    BINDINGS = bindings(
        *("audit.detail", "audit.newest", "audit.log", "list.search", "list.export", "audit.verify", "list.copy"),
    )

    @reason_for("audit.verify")
    def verify_reason(self) -> str | None:
        """Return why this person cannot verify the log."""
        admin = self.session is not None and self.session.me.organization_admin
        return None if admin else self.t("Only organization admins can verify the log.")

    @reason_for("audit.detail", "list.copy", "list.export")
    def no_rows_reason(self) -> str | None:
        """Return why there is nothing to show, copy or export."""
        return None if len(self._window) else self.t("There are no rows.")

    def label_of(self, action: Action) -> str:
        return self.t(LOG_LABELS[_other(self.shown_log)]) if action.id == "audit.log" else super().label_of(action)

    def action_other_log(self) -> None:
        """The administration log, or the permission-change log again; what is searched for stays."""
        if self.is_enabled("audit.log"):
            self.show_log(_other(self.shown_log))

    def action_newest(self) -> None:
        """Back to the newest entry, with what came since."""
        if self.is_enabled("audit.newest"):
            self._ask_again()

    @on(Grid.Activated)
    def _activated(self, event: Grid.Activated) -> None:
        self._show_entry(event.key)

    def action_detail(self) -> None:
        """The whole entry under the cursor."""
        cursor = self.query_one(Grid).cursor
        if self.is_enabled("audit.detail") and cursor is not None:
            self._show_entry(cursor[0])

    def _show_entry(self, key: Key) -> None:
        entry = self._window.get(key)
        if entry is None:
            return
        t = self.t
        lines = [
            (t("Number"), str(entry.seq)),
            (t("Time"), f"{date_and_time(entry.at, self.zone)} ({self.zone})"),
            (t("Action"), action_label(entry.action, t.language)),
            (t("Service"), entry.service or "-"),
            (t("Whom"), whose(entry.target_name, entry.target_account)),
            (t("Before"), describe_value(entry.before, t)),
            (t("After"), describe_value(entry.after, t)),
            (t("By"), whose(entry.actor_name, entry.actor_account)),
            (t("IP"), entry.ip),
            (t("Via"), t(VIA_LABELS[entry.via])),
            (t("Hash"), entry.hash),
        ]
        title = t(LOG_LABELS[Log.ADMINISTRATION if entry.action in ADMINISTRATION else Log.PERMISSIONS])
        self.app.push_screen(Report(["", f" {title} #{entry.seq}", ""], _aligned(lines)))

    def action_verify(self) -> None:
        """Check the chain and its checkpoints."""
        if self.is_enabled("audit.verify") and self.session is not None:
            self._verify(self.session)

    @work(exclusive=True, group="verify")
    async def _verify(self, session: Session) -> None:
        self.say(self.t("Checking the whole log..."))
        try:
            outcome = await session.api.verify_audit()
        except ClientError as error:
            self.say_error(error)
            return
        if outcome.ok:
            text = self.t(
                "{entries} entries and {checkpoints} checkpoints agree: nobody touched the log.",
                entries=f"{outcome.entries:,}",
                checkpoints=outcome.checkpoints,
            )
            self.say(text)
        else:
            self.say(self.t("THE LOG WAS TOUCHED at entry {seq}.", seq=outcome.first_bad_seq or "?"), error=True)

    async def export(self) -> None:
        """Everything the query finds, in the order shown."""
        session, query, t = self.session, self._filter, self.t
        suffix = await ask_format(self.host)
        if suffix is None or session is None or query is None:
            return
        stem = "audit" if self.shown_log is Log.PERMISSIONS else "administration"
        rows: list[tuple[str, ...]] = []
        before: int | None = None
        try:
            while len(rows) < MOST_EXPORTED:
                page = await session.api.audit(query.model_copy(update={"before": before, "limit": EXPORT_PAGE}))
                rows.extend((str(entry.seq), *texts(entry, self.zone, t, whole=True)) for entry in page.entries)
                self.say(t("Exporting: {count} rows...", count=f"{len(rows):,}"))
                before = page.next_before
                if before is None:
                    break
        except ClientError as error:
            self.say_error(error)
            return
        table = Table(stem, ["No", *(t(title) for title in TITLES.values())], rows)
        await write_table(self.host, self.say, table, suffix)


def _other(log: Log) -> Log:
    return Log.ADMINISTRATION if log is Log.PERMISSIONS else Log.PERMISSIONS


def _aligned(lines: Sequence[tuple[str, str]]) -> list[str]:
    """`label  value` lines with the values one below the other, long ones over several lines."""
    widest = max(cell_width(label) for label, _ in lines)
    room = WRAP - widest - 3
    return [
        f" {fit_text(label if not start else '', widest)}  {cut_text(value, start, room).rstrip()}"
        for label, value in lines
        for start in range(0, max(1, cell_width(value)), room)
    ]
