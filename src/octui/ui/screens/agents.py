"""Agents of the service: role and channel permissions, and what everybody is doing now."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from textual import on, work
from textual.widget import Widget

from octui.client.errors import ClientError, Refused
from octui.schema.agents import Agent, AgentChange, NewAgent, Role
from octui.schema.common import Head
from octui.schema.live import agents_topic
from octui.schema.members import Member
from octui.schema.stats import PhoneState
from octui.state.rows import KeyedRows, Sort, View
from octui.text.choseong import Matcher, choseong, fold
from octui.text.sheets import SheetError, write_xlsx_apart
from octui.text.width import width
from octui.ui.actions import bindings
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.look_up import LookUp
from octui.ui.dialogs.rights import ROLE_LABELS, Rights, RightsDialog
from octui.ui.exports import export_path
from octui.ui.figures import PHONE_LABELS
from octui.ui.locale import N_
from octui.ui.menu_screen import MenuScreen
from octui.ui.sentences import age_sentence
from octui.ui.session import Session
from octui.ui.widgets.columns import Cell, Column, Key, Tone
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine

PAGE = 1000
TRY_AGAIN_S = 5
_TITLES = {
    "account": N_("ID"),
    "name": N_("Name"),
    "state": N_("State"),
    "since": N_("For"),
    "role": N_("Role"),
    "ticket": N_("Ticket"),
    "chat": N_("Chat"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
}
_TONES: dict[str, Tone] = {
    PhoneState.READY: "good",
    PhoneState.INBOUND_CALLS: "strong",
    PhoneState.OUTBOUND_CALLS: "strong",
    PhoneState.REST: "muted",
    PhoneState.MEAL: "muted",
}


class _Rows:
    """The grid's source: the view's agents as cells."""

    def __init__(self, screen: "AgentsScreen", view: View[Agent]) -> None:
        self._screen = screen
        self._view = view

    def count(self) -> int:
        return len(self._view)

    def key_at(self, index: int) -> Key | None:
        return self._view.keys[index] if 0 <= index < len(self._view) else None

    def index_of(self, key: Key) -> int | None:
        return self._view.position(key)

    def cells(self, key: Key) -> Sequence[Cell] | None:
        agent = self._view.rows.get(key)
        return None if agent is None else self._screen.cells(agent)


class AgentsScreen(MenuScreen):
    """The floor of one service, by agent."""

    WORD = "agents"
    BINDINGS = bindings(
        *("agents.change", "agents.add", "agents.remove"),
        *("list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._rows: KeyedRows[Agent] = KeyedRows(
            lambda agent: agent.account,
            ("name", "email", "role", "ticket", "chat", "phone", "version", "state", "since"),
        )
        self._view: View[Agent] = View(
            self._rows,
            sort_keys={
                "state": lambda agent: (agent.state is None, agent.state or ""),
                "since": lambda agent: (agent.since is None, agent.since or 0),
                "name": lambda agent: fold(agent.name),
            },
            digest=lambda agent: (
                fold(f"{agent.name} {agent.account} {agent.email}"),
                choseong(f"{agent.name} {agent.account} {agent.email}"),
            ),
        )
        self._revision: int | None = None
        self._loading = False
        self._again = False
        self._failed: ClientError | None = None
        self._ticks_failed = 0

    def body(self) -> list[Widget]:
        return [SearchLine(), Grid(self._columns(), _Rows(self, self._view)), StatusLine()]

    def on_mount(self) -> None:
        self.query_one(Grid).focus()
        self.reworded()

    def reworded(self) -> None:
        self.query_one(SearchLine).placeholder = self.t("Part of name, ID or e-mail; initials work")
        self.query_one(Grid).columns = self._columns()
        self._say_floor()

    def _columns(self) -> list[Column]:
        def title(name: str) -> str:
            return self.t(_TITLES[name])

        widths = {"account": 12, "name": 8, "state": 11, "since": 6, "role": 7}
        columns = [Column(name, title(name), cells, flex=1, most=cells + 10) for name, cells in widths.items()]
        rights = {name: max(4, width(title(name))) for name in ("ticket", "chat", "phone")}
        # Beside the last title there is room for the sign that there are more columns.
        rights["phone"] += 5
        columns += [Column(name, title(name), cells) for name, cells in rights.items()]
        return [*columns, Column("email", title("email"), 20, flex=1, most=40, priority=1)]

    def cells(self, agent: Agent) -> list[Cell]:
        """One agent, in the order of the columns."""
        t = self.t
        stale = self.octui.stale
        if agent.state is None or agent.since is None:
            state, since = Cell("-", "muted"), Cell("")
        else:
            tone = "stale" if stale else _TONES.get(agent.state, "")
            state = Cell(t(PHONE_LABELS[PhoneState(agent.state)]), tone)
            seconds = max(0, self.octui.now_ms() - agent.since) // 1000
            since = Cell(age_sentence(seconds, t), "stale" if stale else "")
        return [
            Cell(agent.account),
            Cell(agent.name),
            state,
            since,
            Cell(t(ROLE_LABELS[agent.role]), "strong" if agent.role is Role.ADMIN else ""),
            *(Cell("O" if granted else "-", "" if granted else "muted") for granted in self._granted(agent)),
            Cell(agent.email, "muted"),
        ]

    @staticmethod
    def _granted(agent: Agent) -> tuple[bool, bool, bool]:
        return agent.ticket, agent.chat, agent.phone

    # --- loading --------------------------------------------------------------------------------------------

    def connected(self, session: Session) -> None:
        if self._saved is None:
            self._as_last_time(session)
        self.lease(agents_topic(session.service), self._head_changed)

    def _as_last_time(self, session: Session) -> None:
        saved = self.kept(session)
        column = saved.text(self.WORD, "sort")
        if column in _TITLES:
            self._sort_by(column, bool(saved.get(self.WORD, "descending")))
        search = saved.text(self.WORD, "search")
        if search:
            self.query_one(SearchLine).value = search
            self.query_one(SearchLine).ask()

    def _head_changed(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self.say(self.t("This table may not be read any more."), error=True)
            return
        if self._revision is None or Head.model_validate(body).revision > self._revision:
            self._load()

    def _load(self) -> None:
        """One load at a time; what changes meanwhile is loaded after it."""
        if self._loading:
            self._again = True
        else:
            self._loading = True
            self._load_changes()

    @work(group="agents", exit_on_error=False)
    async def _load_changes(self) -> None:
        self._failed, self._ticks_failed = None, 0
        try:
            self._again = True
            while self._again and self.session is not None:
                self._again = False
                await self._load_pages(self.session)
        except ClientError as error:
            self._failed = error
        finally:
            self._loading = False
        self._say_floor()

    async def _load_pages(self, session: Session) -> None:
        since, after, revision = self._revision, None, None
        while True:
            page = await session.api.agents(session.service, after=after, changed_since=since, limit=PAGE)
            revision = page.revision if revision is None else min(revision, page.revision)
            changes = self._rows.apply(page.agents, page.removed)
            grid = self.query_one(Grid)
            if self._view.update(changes) or since is None:
                grid.empty = self._why_empty()
                grid.reload()
            else:
                grid.refresh_cells((key, name) for key, names in changes.changed.items() for name in names)
            self._say_floor()
            after = page.next
            if after is None:
                self._revision = revision
                return

    def tick(self) -> None:
        if self._failed is not None and not isinstance(self._failed, Refused) and not self.octui.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= TRY_AGAIN_S:
                self._load()
        grid = self.query_one(Grid)
        first = int(grid.scroll_offset.y)
        shown = self._view.keys[first : first + grid.size.height]
        grid.refresh_cells((key, "since") for key in shown)

    def _say_floor(self) -> None:
        """How many there are, and how many are doing what: the supervisor's first question."""
        self.refresh_lines()
        t = self.t
        if self._failed is not None:
            self.query_one(StatusLine).say(self.octui.sentence(self._failed), error=True)
            return
        if not len(self._rows):
            self.query_one(StatusLine).say("")
            return
        states = Counter(agent.state for agent in map(self._rows.__getitem__, self._rows.keys()))
        calls = states[PhoneState.INBOUND_CALLS] + states[PhoneState.OUTBOUND_CALLS]
        logged_in = len(self._rows) - states[None]
        text = t(
            "{shown} of {all} people   logged in {logged_in}   ready {ready}   on call {calls}   other {other}",
            shown=len(self._view),
            all=len(self._rows),
            logged_in=logged_in,
            ready=states[PhoneState.READY],
            calls=calls,
            other=logged_in - calls - states[PhoneState.READY],
        )
        self.query_one(StatusLine).say(text)

    def _why_empty(self) -> str:
        if len(self._rows):
            return self.t("Nobody matches. Esc in the search line shows everybody again.")
        if self._revision is None and not self._loading:
            return ""
        return self.t("Nobody has a role in this service yet: Ins adds somebody.")

    # --- keys -----------------------------------------------------------------------------------------------

    @on(SearchLine.Asked)
    def _asked(self, event: SearchLine.Asked) -> None:
        text = event.text.strip()
        matcher = Matcher(text)
        self._view.filter((lambda digest: matcher.matches(*digest)) if text else None)
        grid = self.query_one(Grid)
        grid.empty = self._why_empty()
        grid.reload()
        self._say_floor()
        self.remember(search=text)

    @on(SearchLine.Left)
    def _left_search(self) -> None:
        self.query_one(Grid).focus()

    def reason(self, action: str) -> str | None:
        if self.session is None:
            return self.t("There is no connection yet.")
        if action in ("change", "remove", "sort", "copy", "export") and self.query_one(Grid).cursor is None:
            return self.t("There is no row to choose.")
        return None

    def action_search(self) -> None:
        """Go to the search line."""
        self.set_focus(self.query_one(SearchLine))

    def action_sort(self) -> None:
        """Sort by the column of the cursor; again turns it round."""
        cursor = self.query_one(Grid).cursor
        if self.may("sort") and cursor is not None:
            self._sort_again(cursor[1])

    @on(Grid.HeaderChosen)
    def _header_chosen(self, event: Grid.HeaderChosen) -> None:
        self._sort_again(event.column)

    def _sort_again(self, column: str) -> None:
        descending = self._view.sorts == (Sort(column),)
        self._sort_by(column, descending)
        self.remember(sort=column, descending=descending)

    def _sort_by(self, column: str, descending: bool) -> None:
        self._view.sort(Sort(column, descending=descending))
        grid = self.query_one(Grid)
        grid.sorts = [(column, descending)]
        grid.reload()

    def _chosen(self) -> Agent | None:
        cursor = self.query_one(Grid).cursor
        return None if cursor is None else self._rows.get(cursor[0])

    @on(Grid.Activated)
    def _activated(self) -> None:
        self.action_change()

    @on(Grid.Copied)
    def _copied(self, event: Grid.Copied) -> None:
        self.octui.copy(event.text)

    def action_copy(self) -> None:
        """Copy the selected cells, or the cursor's."""
        if self.may("copy"):
            self.octui.copy(self.query_one(Grid).block_text())

    @work(exclusive=True, group="rights")
    async def action_change(self) -> None:
        """Change role and permissions of the agent under the cursor."""
        agent, session = self._chosen(), self.session
        if not self.may("change") or agent is None or session is None:
            return
        before = Rights(agent.role, agent.ticket, agent.chat, agent.phone)
        heading = f"{agent.name} ({agent.account})"
        rights = await self.app.push_screen_wait(RightsDialog(heading, before, self.t))
        if rights is None or rights == before:
            return
        change = AgentChange(role=rights.role, ticket=rights.ticket, chat=rights.chat, phone=rights.phone)
        await self._write(session, session.api.change_agent(session.service, agent.account, change, agent.version))

    @work(exclusive=True, group="rights")
    async def action_add(self) -> None:
        """Give a member a role in this service."""
        session = self.session
        if not self.may("add") or session is None:
            return

        async def find(query: str) -> list[Member]:
            return (await session.api.members(query=query, limit=50)).members

        member = await self.app.push_screen_wait(LookUp(self.t("Whom?"), find, self.t))
        if member is None:
            return
        start = Rights(Role.AGENT, ticket=True, chat=False, phone=False)
        rights = await self.app.push_screen_wait(RightsDialog(f"{member.name} ({member.account})", start, self.t))
        if rights is None:
            return
        new = NewAgent(
            account=member.account, role=rights.role, ticket=rights.ticket, chat=rights.chat, phone=rights.phone
        )
        await self._write(session, session.api.add_agent(session.service, new))

    @work(exclusive=True, group="rights")
    async def action_remove(self) -> None:
        """Take the role away, after asking."""
        agent, session = self._chosen(), self.session
        if not self.may("remove") or agent is None or session is None:
            return
        question = self.t("Take the role in this service away from {name}?", name=f"{agent.name} ({agent.account})")
        answer = await self.app.push_screen_wait(Choice(question, [Option(self.t("No")), Option(self.t("Yes"))]))
        if answer == 1:
            await self._write(session, session.api.remove_agent(session.service, agent.account, agent.version))

    async def _write(self, session: Session, call: Any) -> None:
        with session.feed.paused():
            try:
                await call
            except ClientError as error:
                self.say_failed(error)
            else:
                self.say(self.t("Saved, and recorded in the change log."))
        self._load()

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Exactly what is shown, in the order shown, into an Excel file."""
        if not self.may("export"):
            return
        titles = [self.t(title) for title in _TITLES.values()]
        agents = [self._rows[key] for key in self._view.keys]
        rows = [tuple(cell.text for cell in self.cells(agent)) for agent in agents]
        path = export_path("agents")
        try:
            await asyncio.to_thread(write_xlsx_apart, path, titles, rows)
        except (SheetError, OSError) as error:
            self.say(self.t("Could not be written: {reason}", reason=str(error)), error=True)
        else:
            self.say(self.t("{count} rows written to {path}", count=f"{len(rows):,}", path=str(path)))
