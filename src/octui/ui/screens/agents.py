"""Screen of a service's agents: roles, channel permissions, present phone states."""

from collections import Counter
from collections.abc import Awaitable, Iterable
from typing import Any

from textual import on, work

from octui.schema.agents import Agent, AgentChange, NewAgent, Role
from octui.schema.common import Head
from octui.schema.live import agents_topic
from octui.schema.stats import PhoneState
from octui.state.agents import phone_state_at
from octui.state.rows import KeyedRows
from octui.text.width import cell_width
from octui.ui.actions import bindings, reason_for
from octui.ui.cells.states import state_role
from octui.ui.connection import Connection
from octui.ui.dialogs.agent_rights import ROLE_LABELS, AgentRights, AgentRightsDialog
from octui.ui.dialogs.choice import confirm
from octui.ui.dialogs.member_lookup import MemberLookup
from octui.ui.listing import Listing
from octui.ui.locale import N_
from octui.ui.sentences import age_sentence
from octui.ui.widgets.columns import Cell, Column, Tone
from octui.ui.widgets.grid import Grid
from octui.ui.words.stats import PHONE_LABELS

PAGE_SIZE = 1000


class AgentsScreen(Listing[Agent]):
    """The agents of one service, one in a row, updated live."""

    WORD = "agents"
    TITLES = {
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
    BINDINGS = bindings(
        *("agents.change", "agents.add", "agents.remove"),
        *("list.search", "list.sort", "list.export", "list.copy"),
    )

    def __init__(self) -> None:
        fields = ("name", "email", "role", "ticket", "chat", "phone", "version", "state", "since", "proved_until")
        rows: KeyedRows[Agent] = KeyedRows(lambda agent: agent.account, fields)
        super().__init__(
            rows,
            {
                "state": lambda agent: (agent.state is None, agent.state or ""),
                "since": lambda agent: (agent.since is None, agent.since or 0),
            },
        )
        self._revision: int | None = None

    def search_words(self, row: Agent) -> tuple[str, ...]:
        return row.name, row.account, row.email

    def table_columns(self) -> list[Column]:
        def column_title(name: str) -> str:
            return self.t(self.TITLES[name])

        states, roles = (
            max(cell_width(self.t(label)) for label in labels.values()) for labels in (PHONE_LABELS, ROLE_LABELS)
        )
        widths = {
            "account": 12,
            "name": 8,
            "state": states,
            "since": 6,
            "role": max(roles, cell_width(column_title("role"))),
        }
        columns = [
            Column(name, column_title(name), cells, flex=1, most=cells + 10, priority=int(name == "role"))
            for name, cells in widths.items()
        ]
        rights = {name: max(4, cell_width(column_title(name))) for name in ("ticket", "chat", "phone")}
        # The last title leaves room for the sign that there are more columns.
        rights["phone"] += 5
        columns += [Column(name, column_title(name), cells) for name, cells in rights.items()]
        return [*columns, Column("email", column_title("email"), 20, flex=1, most=40, priority=2)]

    def row_cells(self, row: Agent) -> list[Cell]:
        t, agent = self.t, row
        stale = self.host.stale
        phone, seconds = phone_state_at(agent, self.host.now_ms())
        if phone is None:
            state, since = Cell("-", "muted"), Cell("")
        else:
            tone: Tone = "stale" if stale else state_role(PhoneState(phone))
            state = Cell(t(PHONE_LABELS[PhoneState(phone)]), tone)
            since = Cell(age_sentence(seconds, t), "stale" if stale else "")
        return [
            Cell(agent.account),
            Cell(agent.name),
            state,
            since,
            Cell(t(ROLE_LABELS[agent.role]), "strong" if agent.role is Role.ADMIN else ""),
            *(Cell("O" if granted else "-", "" if granted else "muted") for granted in self._channel_rights(agent)),
            Cell(agent.email, "muted"),
        ]

    def columns_showing(self, fields: Iterable[str]) -> Iterable[str]:
        return fields

    @staticmethod
    def _channel_rights(agent: Agent) -> tuple[bool, bool, bool]:
        return agent.ticket, agent.chat, agent.phone

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        super().on_connected(connection)
        self.lease_table(agents_topic(connection.service), self._take_head)

    def _take_head(self, body: dict[str, Any], etag: str) -> None:
        if self._revision is None or Head.model_validate(body).revision > self._revision:
            self._request_load()

    async def load_rows(self, connection: Connection) -> None:
        since, after, revision = self._revision, None, None
        while True:
            page = await connection.api.agents(connection.service, after=after, changed_since=since, limit=PAGE_SIZE)
            revision = page.revision if revision is None else min(revision, page.revision)
            self.apply_changes(self.rows.apply(page.agents, page.removed))
            after = page.next
            if after is None:
                self._revision = revision
                return

    def on_tick(self) -> None:
        super().on_tick()
        for grid in self.query(Grid):  # There is none while the screen is being mounted or removed.
            first = int(grid.scroll_offset.y)
            shown = self.view.keys[first : first + grid.size.height]
            grid.refresh_cells((key, column) for key in shown for column in ("state", "since"))

    def summary_text(self) -> str:
        """Return the counts of agents by state."""
        if not len(self.rows):
            return ""
        now = self.host.now_ms()
        states = Counter(phone_state_at(agent, now)[0] for agent in map(self.rows.__getitem__, self.rows.keys()))
        calls = states[PhoneState.INBOUND_CALLS] + states[PhoneState.OUTBOUND_CALLS]
        logged_in = len(self.rows) - states[None]
        return self.t(
            "{shown} of {all} people   logged in {logged_in}   ready {ready}   on call {calls}   other {other}",
            shown=len(self.view),
            all=len(self.rows),
            logged_in=logged_in,
            ready=states[PhoneState.READY],
            calls=calls,
            other=logged_in - calls - states[PhoneState.READY],
        )

    def empty_hint(self) -> str:
        return self.t("Nobody has a role in this service yet: Ins adds somebody.")

    # --- keys -----------------------------------------------------------------------------------------------

    @reason_for("agents.change", "agents.remove")
    def row_reason(self) -> str | None:
        """Return why the agent under the cursor cannot be changed."""
        return self.no_row_reason()

    @on(Grid.Activated)
    def _grid_activated(self) -> None:
        self.action_change()

    @work(exclusive=True, group="rights")
    async def action_change(self) -> None:
        """Change the role and permissions of the agent under the cursor."""
        agent, connection = self.chosen_row, self.connection
        if not self.is_enabled("agents.change") or agent is None or connection is None:
            return
        before = AgentRights(agent.role, agent.ticket, agent.chat, agent.phone)
        heading = f"{agent.name} ({agent.account})"
        rights = await self.app.push_screen_wait(AgentRightsDialog(heading, before, self.t))
        if rights is None or rights == before:
            return
        change = AgentChange(role=rights.role, ticket=rights.ticket, chat=rights.chat, phone=rights.phone)
        await self._change_agent(
            connection, connection.api.change_agent(connection.service, agent.account, change, agent.version)
        )

    @work(exclusive=True, group="rights")
    async def action_add(self) -> None:
        """Give a member a role in this service."""
        connection = self.connection
        if not self.is_enabled("agents.add") or connection is None:
            return

        member = await self.app.push_screen_wait(MemberLookup(self.t("Whom?"), connection.api, self.t))
        if member is None:
            return
        start = AgentRights(Role.AGENT, ticket=True, chat=False, phone=False)
        rights = await self.app.push_screen_wait(AgentRightsDialog(f"{member.name} ({member.account})", start, self.t))
        if rights is None:
            return
        new = NewAgent(
            account=member.account, role=rights.role, ticket=rights.ticket, chat=rights.chat, phone=rights.phone
        )
        await self._change_agent(connection, connection.api.add_agent(connection.service, new))

    @work(exclusive=True, group="rights")
    async def action_remove(self) -> None:
        """Remove the role of the agent under the cursor, after a confirmation."""
        agent, connection = self.chosen_row, self.connection
        if not self.is_enabled("agents.remove") or agent is None or connection is None:
            return
        question = self.t("Take the role in this service away from {name}?", name=f"{agent.name} ({agent.account})")
        if await confirm(self.host, question):
            await self._change_agent(
                connection, connection.api.remove_agent(connection.service, agent.account, agent.version)
            )

    async def _change_agent(self, connection: Connection, request: Awaitable[object]) -> None:
        with connection.feed.pause_block():
            await self.send_change(request)
        self._request_load()
