"""Screen of the floor: services, agents, hours and what needs a look, live or at a past minute (rules.md 33, 47–51)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from textual import work
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.client.feed import Lease
from octui.schema.agents import Agent
from octui.schema.common import Head
from octui.schema.floor import FloorMinutes, ServiceFloor
from octui.schema.live import agents_topic, floor_topic
from octui.schema.stats import PhoneState
from octui.state.agent_limits import MINUTE_S, STATE_LIMITS, AgentRow, CalmOrder, agent_rows
from octui.state.alarms import USUAL, Alarm, AlarmBook, AlarmLimits, causes_of, limits_of
from octui.state.floor import FloorRow, floor_row, sum_rows
from octui.state.floor_hours import Stretch, hours_until
from octui.state.floor_looks import Look, looks_of
from octui.ui.actions import bindings, reason_for
from octui.ui.connection import Connection
from octui.ui.locale import N_
from octui.ui.menu_screen import MenuScreen
from octui.ui.menus import floor_services
from octui.ui.roles import pens_of
from octui.ui.screens.floor.agent_day import AgentDayScreen
from octui.ui.screens.floor.board import FloorBoard
from octui.ui.screens.floor.layout import floor_rows
from octui.ui.screens.floor.scene import FloorScene, Part
from octui.ui.widgets.card_lines import Line

PAGE_SIZE = 1000
STEP_MS = 5 * 60_000
AT_ONCE = 4
"""Requests under way at a time when a past minute is loaded."""
PAGE_ROWS = 10
_ORDERS: tuple[tuple[str, Callable[[AgentRow], tuple[Any, ...]]], ...] = (
    (N_("longest first"), lambda row: (row.since, row.account)),
    (N_("nearest to the limit first"), lambda row: (-row.excess, row.since, row.account)),
    (N_("by state"), lambda row: (row.state.value, row.since, row.account)),
    (N_("by name"), lambda row: (row.name, row.account)),
)


def _alarm_at(row: FloorRow, at: int, limits: AlarmLimits) -> Alarm | None:
    """Return a service's alarm at a past moment (epoch ms), or None if there was no cause for one."""
    causes = causes_of(row, limits)
    return Alarm(row.service, causes, at, None, row, limits) if causes else None


class FloorScreen(MenuScreen):
    """Screen with all services that a person manages, and details of the one under the cursor."""

    WORD = "floor"
    AUTO_FOCUS = "FloorBoard"
    BINDINGS = bindings(
        *("floor.enter", "floor.sort", "floor.part", "floor.earlier", "floor.later", "floor.morning", "floor.now")
    )

    def __init__(self) -> None:
        super().__init__()
        self._services: list[str] = []
        self._names: dict[str, str] = {}
        self._zones: dict[str, str] = {}
        self._floors: dict[str, ServiceFloor] = {}
        self._chosen = ""
        self._book = AlarmBook()
        self._agents: dict[str, Agent] | None = None
        self._agents_of = ""
        self._revision: int | None = None
        self._limits: Mapping[PhoneState, int] = STATE_LIMITS
        self._agent_lease: Lease | None = None
        self._is_loading = self._is_load_wanted = False
        self._minutes: FloorMinutes | None = None
        self._order, self._sort = CalmOrder(), 0
        self._part, self._agent, self._look = Part.AGENTS, "", 0
        self._hour: int | None = None
        self._shown_now = 0
        self._replay: int | None = None
        self._past: dict[str, ServiceFloor] = {}

    def compose_body(self) -> list[Widget]:
        return [FloorBoard(self._draw_rows, self._press)]

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, connection: Connection) -> None:
        services = floor_services(connection)
        self._services = [service.service for service in services]
        self._names = {service.service: service.service_name for service in services}
        self._zones = {service.service: service.time_zone for service in services}
        self._floors = {service: floor for service, floor in self._floors.items() if service in self._names}
        if self._chosen not in self._names:
            at_home = connection.service in self._names
            self._chosen = connection.service if at_home else next(iter(self._services), "")
        if self._replay is None:
            for service in self._services:
                self.lease_topic(floor_topic(service), self._taker_of(service))
            self._follow_chosen()
        self.draw_board()

    def release_topics(self) -> None:
        super().release_topics()
        if self._agent_lease is not None:
            self._agent_lease.close()
            self._agent_lease = None

    def _taker_of(self, service: str) -> Callable[[str, dict[str, Any] | None, str], None]:
        def take_floor(_topic: str, body: dict[str, Any] | None, _etag: str) -> None:
            if body is None:
                self._floors.pop(service, None)
            else:
                floor = self._floors[service] = ServiceFloor.model_validate(body)
                if service == self._chosen and self._needs_minutes(floor):
                    self._load_minutes(service, None)
            self.draw_board()

        return take_floor

    def _needs_minutes(self, floor: ServiceFloor) -> bool:
        """Return whether another minute has ended since the minutes were loaded."""
        minutes = self._minutes
        is_of_it = minutes is not None and (minutes.service, minutes.date) == (floor.service, floor.date)
        return not is_of_it or minutes is None or floor.at // 60_000 > minutes.at // 60_000

    @work(exclusive=True, group="minutes")
    async def _load_minutes(self, service: str, date: str | None) -> None:
        """Load the minutes of a day, from which hours and chart are drawn."""
        if self.connection is not None:
            with suppress(ClientError):
                minutes = await self.connection.api.floor_minutes(service, date)
                if service == self._chosen:
                    self._minutes = minutes
                    self.draw_board()

    def _follow_chosen(self) -> None:
        """Lease the agents of the service under the cursor, and load its minutes and limits."""
        connection, service = self.connection, self._chosen
        if connection is None or not service:
            return
        if self._agent_lease is not None:
            self._agent_lease.close()
        if self._agents_of != service:
            self._agents, self._agents_of, self._revision = None, service, None
            self._order.forget()
            self._agent, self._limits = "", STATE_LIMITS
        self._load_limits(service)
        self._agent_lease = connection.feed.lease(agents_topic(service), self._take_agents_head)
        if self._minutes is None or self._minutes.service != service:
            self._minutes, self._hour = None, None
            self._load_minutes(service, None)

    @work(exclusive=True, group="limits")
    async def _load_limits(self, service: str) -> None:
        """Load the limits that the service has set for its agents' states."""
        if self.connection is not None:
            with suppress(ClientError):
                limits = await self.connection.api.floor_limits(service)
                if service == self._agents_of:
                    self._limits = {state: minutes * MINUTE_S for state, minutes in limits.states.items()}
                    self.draw_board()

    def _take_agents_head(self, topic: str, body: dict[str, Any] | None, _etag: str) -> None:
        if topic != agents_topic(self._agents_of):
            return
        if body is None:
            self._agents, self._revision = None, None
            self.say(self.t("This table may not be read any more."), error=True)
            self.draw_board()
        elif self._revision is None or Head.model_validate(body).revision > self._revision:
            self._is_load_wanted = True
            if not self._is_loading:
                self._load_agents()

    @work(group="agents")
    async def _load_agents(self) -> None:
        """Load the agents that changed, again as long as more changes are announced."""
        self._is_loading = True
        try:
            while self._is_load_wanted and self.connection is not None:
                self._is_load_wanted = False
                await self._load_changes(self.connection, self._agents_of)
        except ClientError as error:
            self.say_error(error)
        finally:
            self._is_loading = False

    async def _load_changes(self, connection: Connection, service: str) -> None:
        since, after, revision = self._revision, None, None
        agents = dict(self._agents or {}) if since is not None else {}
        while True:
            page = await connection.api.agents(service, after=after, changed_since=since, limit=PAGE_SIZE)
            if service != self._agents_of:
                self._is_load_wanted = True
                return
            revision = page.revision if revision is None else min(revision, page.revision)
            agents.update({agent.account: agent for agent in page.agents})
            for account in page.removed:
                agents.pop(account, None)
            after = page.next
            if after is None:
                self._agents, self._revision = agents, revision
                self.draw_board()
                return

    # --- what is shown --------------------------------------------------------------------------------------

    def on_tick(self) -> None:
        self.draw_board()

    def refresh_texts(self) -> None:
        self.draw_board()

    def draw_board(self) -> None:
        """Draw the floor again; the widget draws only the rows that differ."""
        for board in self.query(FloorBoard):  # There is none while the screen is being mounted or removed.
            board.show_cards()

    def _moment(self) -> int:
        """Return the moment shown (epoch ms); it stands still while the server does not answer."""
        if self._replay is not None:
            return self._replay
        if not self.host.stale or not self._shown_now:
            self._shown_now = self.host.now_ms()
        return self._shown_now

    def _service_rows(self, now: int) -> list[FloorRow]:
        floors: Mapping[str, ServiceFloor] = self._floors if self._replay is None else self._past
        return [
            floor_row(floors[service], now) if service in floors else FloorRow(service, self._names[service])
            for service in self._services
        ]

    def _agent_rows(self, now: int) -> list[AgentRow] | None:
        if self._agents is None or self._replay is not None:
            return None
        rows = agent_rows(self._agents.values(), now, self._limits)
        order = sorted(rows, key=lambda account: _ORDERS[self._sort][1](rows[account]))
        return [rows[account] for account in self._order.update(order, self.host.now_ms() / 1000)]

    def _hours(self, now: int) -> list[Stretch] | None:
        minutes = self._minutes
        return None if minutes is None or minutes.service != self._chosen else hours_until(minutes, now)

    def _looks(self, now: int, rows: Sequence[FloorRow], agents: Sequence[AgentRow] | None) -> list[Look]:
        floors = self._floors if self._replay is None else self._past
        limits = {service: limits_of(floor.limits) for service, floor in floors.items()}
        if self._replay is None:
            alarms: Sequence[Alarm] = self._book.update(rows, now, limits)
        else:
            alarms = [alarm for row in rows if (alarm := _alarm_at(row, now, limits.get(row.service, USUAL)))]
        return looks_of(alarms, agents or (), self._chosen, rows)

    def _scene(self) -> FloorScene:
        now = self._moment()
        rows, agents, hours = self._service_rows(now), self._agent_rows(now), self._hours(now)
        looks = self._looks(now, rows, agents)
        chosen = self._services.index(self._chosen) if self._chosen in self._services else 0
        accounts = [row.account for row in agents or ()]
        if self._agent not in accounts:
            self._agent = accounts[0] if accounts else self._agent
        last_hour = len(hours) - 1 if hours else 0
        self._look = max(0, min(self._look, len(looks) - 1))
        return FloorScene(
            services=rows,
            total=sum_rows(rows) if len(rows) > 1 else None,
            chosen=chosen,
            zone=self._zones.get(self._chosen, "UTC"),
            agents=agents,
            hours=hours,
            minutes=self._minutes if hours is not None else None,
            looks=looks,
            part=self._part,
            now=now,
            t=self.t,
            pens=pens_of(self.app),
            stale=self.host.stale and self._replay is None,
            replay=self._replay,
            sort=self.t(_ORDERS[self._sort][0]),
            note=self.t("Who did what then is in each agent's day.") if self._replay is not None else "",
            cursors={
                Part.SERVICES: chosen,
                Part.AGENTS: accounts.index(self._agent) if self._agent in accounts else 0,
                Part.HOURS: last_hour if self._hour is None else max(0, min(self._hour, last_hour)),
                Part.LOOKS: self._look,
            },
        )

    def _draw_rows(self, cells: int, rows: int) -> list[Line]:
        return floor_rows(self._scene(), cells, rows)

    # --- keys -----------------------------------------------------------------------------------------------

    def _press(self, key: str) -> bool:
        """Handle a key of the board; return whether the key is used here."""
        self._order.note_key(self.host.now_ms() / 1000)
        steps = {"up": -1, "down": 1, "pageup": -PAGE_ROWS, "pagedown": PAGE_ROWS}
        if key in steps:
            self._move(steps[key])
        elif key in ("tab", "shift+tab"):
            self._turn_part(1 if key == "tab" else -1)
        else:
            return False
        return True

    def _turn_part(self, step: int) -> None:
        parts = list(Part)
        self._part = parts[(parts.index(self._part) + step) % len(parts)]
        self.draw_board()

    def _move(self, step: int) -> None:
        """Move the cursor within the part that has it."""
        scene = self._scene()
        at = scene.cursors[self._part] + step
        if self._part is Part.SERVICES and self._services:
            self._choose_service(self._services[max(0, min(at, len(self._services) - 1))])
        elif self._part is Part.AGENTS and scene.agents:
            self._agent = scene.agents[max(0, min(at, len(scene.agents) - 1))].account
        elif self._part is Part.HOURS and scene.hours:
            at = max(0, min(at, len(scene.hours) - 1))
            self._hour = None if at == len(scene.hours) - 1 else at
        else:
            self._look = max(0, at)
        self.draw_board()

    def _choose_service(self, service: str) -> None:
        if service != self._chosen:
            self._chosen = service
            if self._replay is None:
                self._follow_chosen()
            else:
                self._minutes, self._hour = None, None
                self._show_minute(self._replay)

    def action_part(self) -> None:
        """Move the cursor to the next part."""
        self._turn_part(1)

    def action_sort(self) -> None:
        """Sort the agents in the next of the four orders."""
        self._sort = (self._sort + 1) % len(_ORDERS)
        self._order.forget()
        self.draw_board()

    def action_enter(self) -> None:
        """Open what is under the cursor: a service's agents, an agent's day, an hour's end, or a cause's place."""
        scene = self._scene()
        if self._part is Part.SERVICES:
            self._part = Part.AGENTS
        elif self._part is Part.AGENTS and scene.agents:
            row = scene.agents[scene.cursors[Part.AGENTS]]
            self.app.push_screen(AgentDayScreen(self._chosen, row.account, row.name))
        elif self._part is Part.HOURS and scene.hours:
            self._show_minute(scene.hours[scene.cursors[Part.HOURS]].start + 12 * STEP_MS)
        elif self._part is Part.LOOKS and scene.looks:
            self._go_to(scene.looks[scene.cursors[Part.LOOKS]])
        self.draw_board()

    def _go_to(self, look: Look) -> None:
        self._choose_service(look.service)
        self._part = Part.SERVICES
        if look.agent is not None:
            self._part, self._agent = Part.AGENTS, look.agent.account

    # --- replay ---------------------------------------------------------------------------------------------

    @reason_for("floor.later", "floor.now")
    def now_reason(self) -> str | None:
        """Return why no later minute can be shown: the present one is shown."""
        return self.t("This is now.") if self._replay is None else None

    def action_earlier(self) -> None:
        """Show the floor five minutes earlier."""
        if self.is_enabled("floor.earlier"):
            shown = self.host.now_ms() if self._replay is None else self._replay
            self._show_minute((shown - 1) // STEP_MS * STEP_MS)

    def action_later(self) -> None:
        """Show the floor five minutes later, up to now."""
        if self.is_enabled("floor.later") and self._replay is not None:
            self._show_minute(self._replay + STEP_MS)

    def action_morning(self) -> None:
        """Show the floor at the end of the day's first hour with a call."""
        scene = self._scene()
        if self.is_enabled("floor.morning") and scene.hours:
            self._show_minute(scene.hours[0].start + 12 * STEP_MS)

    def action_now(self) -> None:
        """Go back to the present moment."""
        if self.is_enabled("floor.now"):
            self._end_replay()

    def _end_replay(self) -> None:
        self._replay, self._past = None, {}
        self._minutes = None
        if self.connection is not None:
            self.release_topics()
            self.on_connected(self.connection)
        self.refresh_lines()

    @work(exclusive=True, group="replay")
    async def _show_minute(self, at: int) -> None:
        """Show the floor at the end of a past minute (epoch ms)."""
        connection = self.connection
        if connection is None:
            return
        if at > self.host.now_ms():
            if self._replay is not None:
                self._end_replay()
            return
        permits = asyncio.Semaphore(AT_ONCE)

        async def load_floor(service: str) -> ServiceFloor:
            async with permits:
                return await connection.api.floor(service, at - 1)

        try:
            floors = await asyncio.gather(*(load_floor(service) for service in self._services))
        except ClientError as error:
            self.say_error(error)
            return
        self.release_topics()
        self._past = {floor.service: floor for floor in floors}
        self._replay = at
        chosen = self._past.get(self._chosen)
        minutes = self._minutes
        if chosen is not None and (minutes is None or (minutes.service, minutes.date) != (chosen.service, chosen.date)):
            self._minutes = None
            self._load_minutes(chosen.service, chosen.date)
        self.draw_board()
        self.refresh_lines()

    def on_screen_suspend(self) -> None:
        """Release the topics and end the replay when another screen is shown."""
        super().on_screen_suspend()
        if not isinstance(self.app.screen, AgentDayScreen):
            self._replay, self._past = None, {}
