"""Screen of My stats: an agent's figures of a day, with the running state counted up (rules.md 27–31)."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from rich.segment import Segment
from textual import work
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.client.interval_pages import fetch_evidence, fetch_intervals, fetch_phone_day
from octui.schema.floor import FloorMinutes, ServiceFloor
from octui.schema.live import floor_topic, stats_topic
from octui.schema.stats import SELECTABLE_STATES, Evidence, Interval, PhoneDay, StateChange, Stats
from octui.state.floor import floor_row
from octui.state.phone_day import UsualDay
from octui.state.stats import LiveStats
from octui.text.glyphs import glyphs
from octui.ui.actions import bindings, reason_for
from octui.ui.cells.states import state_digit, state_role
from octui.ui.connection import Connection
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.intervals import FigureIntervals, IntervalsDialog
from octui.ui.dialogs.report import Report
from octui.ui.locale import N_
from octui.ui.menu_screen import MenuScreen
from octui.ui.roles import pens_of
from octui.ui.widgets.card_lines import DayScene
from octui.ui.widgets.day_cards import DayCards
from octui.ui.widgets.day_cards_layout import day_cards, has_now_card
from octui.ui.widgets.figures import Figures
from octui.ui.widgets.figures_layout import CALLS, FigureId, channel_of, stats_page
from octui.ui.words.stats import CHAT_LABELS, PHONE_LABELS, TICKET_LABELS

_FORMULAS = {
    "tickets.unassigned": N_("Tickets of the service without an owner, now."),
    "tickets.open": N_("Tickets that are yours and not solved yet, now."),
    "tickets.solved": N_("Tickets you solved today."),
    "tickets.closed": N_("Tickets closed today that were yours."),
    "calls": N_("Calls of the day, and the seconds from answering to hanging up. Hold is counted as Other."),
    "phone.transfer": N_("Seconds in consultation or transfer, and how often it was entered."),
    "phone.other": N_("States without a figure of their own: ringing, dialling, hold, default."),
    "phone": N_("Seconds in this state since midnight of the service, and how often it was entered."),
    "chat.ready": N_("Seconds signed on without a chat."),
    "chat.online": N_("Seconds with at least one chat."),
    "chat.rest": N_("Seconds on a break from chat."),
}


MOST_FIGURE_ROWS = 14
"""Rows of the figures on a wide screen, with the screen's first and last line."""


class StatsScreen(MenuScreen):
    """The signed-in agent's own figures, of today or of an earlier day."""

    WORD = "stats"
    BINDINGS = bindings("stats.intervals", "stats.state", "stats.day_before", "stats.day_after")

    def __init__(self) -> None:
        super().__init__()
        self._live: LiveStats | None = None
        self._today: str | None = None
        self._past: str | None = None
        self._day: PhoneDay | None = None
        self._usual = UsualDay(())
        self._floor: ServiceFloor | None = None
        self._minutes: FloorMinutes | None = None
        self._drawn: dict[tuple[object, ...], list[list[Segment]]] = {}

    def compose_body(self) -> list[Widget]:
        return [Figures(), DayCards(self._card_rows)]

    @property
    def figures_widget(self) -> Figures:
        """The widget that shows the figures."""
        return self.query_one(Figures)

    def on_connected(self, connection: Connection) -> None:
        if self._past is None:
            self.lease_topic(stats_topic(connection.service, connection.me.account), self._take_stats)
            if connection.service:
                self.lease_topic(floor_topic(connection.service), self._take_floor)
                self._load_minutes(connection)
        self.draw_figures()

    def _take_floor(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        self._floor = None if body is None else ServiceFloor.model_validate(body)
        self.draw_cards()

    @work(exclusive=True, group="minutes")
    async def _load_minutes(self, connection: Connection) -> None:
        """Load the history of the queue; without it the picture of the day has no row for the queue."""
        with suppress(ClientError):
            date = None if self._live is None else self._live.stats.date
            self._minutes = await connection.api.floor_minutes(connection.service, date)
            self._drawn.clear()
            self.draw_cards()

    @work(exclusive=True, group="phone-day")
    async def _load_day(self, connection: Connection, live: LiveStats) -> None:
        """Load the intervals behind the picture of the day, and once a day those of the usual day."""
        with suppress(ClientError):
            day = await fetch_phone_day(connection.api, live.stats)
            if self._live is None or self._live.stats.date != day.date:
                return
            is_new = self._day is None or self._day.date != day.date
            self._day = day
            if is_new:
                usual = await connection.api.usual_days(live.stats.service, live.stats.account, day.date)
                self._usual = UsualDay(usual.days)
            self._drawn.clear()
            self.draw_cards()

    def _take_stats(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self._live = None
            self.draw_figures()
            return
        self._show_stats(Stats.model_validate(body))

    def _show_stats(self, stats: Stats) -> None:
        """Show the figures of the present day."""
        self._today = stats.date
        self._show_live(LiveStats(stats))

    def _show_live(self, live: LiveStats) -> None:
        self._live = live
        if self.connection is not None:
            self._load_day(self.connection, live)
        self.draw_figures()

    def on_tick(self) -> None:
        self.draw_figures()

    def refresh_texts(self) -> None:
        self.draw_figures()

    def on_resize(self) -> None:
        self.draw_figures()

    def on_figures_moved(self) -> None:
        self.draw_figures()

    def draw_figures(self) -> None:
        """Draw the figures again; the widget draws only the lines that differ."""
        for figures in self.query(Figures):  # There is none while the screen is being mounted or removed.
            figures.set_class(self.host.stale and self._past is None, "-stale")
            cells, rows = self.size
            has_card = has_now_card(cells, rows - MOST_FIGURE_ROWS)
            now, chosen = self.host.now_ms(), figures.chosen
            figures.show_page(stats_page(self._live, now, self.t, cells, chosen, dense=True, has_now_card=has_card))
        self.draw_cards()

    def draw_cards(self) -> None:
        """Draw the cards again; the widget draws only the rows that differ."""
        for cards in self.query(DayCards):
            cards.show_cards()

    def _card_rows(self, cells: int, rows: int) -> list[list[Segment]]:
        now, live = self.host.now_ms(), self._live
        day = self._day if live is not None and self._day is not None and self._day.date == live.stats.date else None
        minutes = self._minutes if live is not None and self._minutes is not None else None
        if minutes is not None and live is not None and minutes.date != live.stats.date:
            minutes = None
        scene = DayScene(
            live=live,
            day=day,
            usual=self._usual,
            floor=None if self._floor is None else floor_row(self._floor, now),
            minutes=minutes,
            now=now,
            stale=self.host.stale and self._past is None,
            t=self.t,
            pens=pens_of(self.app),
            drawn=self._drawn,
        )
        return day_cards(scene, cells, rows)

    @reason_for("stats.state")
    def state_reason(self) -> str | None:
        """Return why no phone state can be taken."""
        return self.t("This day is over.") if self._past is not None else None

    @reason_for("stats.day_after")
    def day_after_reason(self) -> str | None:
        """Return why the next day cannot be shown: it has not begun."""
        return self.t("There is no later day yet.") if self._past is None else None

    def action_intervals(self) -> None:
        """Show the intervals behind the chosen figure, and its formula."""
        if self.connection is not None and self._live is not None:
            self._show_intervals(self.connection, self._live, self.figures_widget.chosen)

    @work(exclusive=True, group="intervals")
    async def _show_intervals(self, connection: Connection, live: LiveStats, figure: FigureId) -> None:
        stats = live.stats
        formula = _FORMULAS.get(f"{figure.group}.{figure.name}") or _FORMULAS[figure.group]
        if figure.group == "phone" and figure.name in CALLS:
            formula = _FORMULAS["calls"]
        title = f"{self.t(_figure_label(figure))}  {self.t.date(stats.date)}"
        heading = ["", f" {title}", f" {self.t(formula)}", ""]
        channel = channel_of(figure)
        if channel is None:
            await self.app.push_screen(Report(heading, []))
            return
        try:
            intervals = await fetch_intervals(connection.api, stats, channel, figure.name)
        except ClientError as error:
            self.say_error(error)
            return
        # What was shown when Enter was pressed may be older than the intervals.
        shown = self._live if self._live is not None and self._live.stats.date == stats.date else live
        now = self.host.now_ms()
        seconds = shown.interval_seconds(channel, figure.name, intervals, now)
        stem = f"intervals-{stats.date}-{figure.name}"
        behind = FigureIntervals(stem, stats.time_zone, intervals, seconds, now)

        async def fetch(interval: Interval) -> Evidence:
            return await fetch_evidence(connection.api, stats, channel, figure.name, interval)

        await self.app.push_screen(IntervalsDialog(heading, self.t(_figure_label(figure)), behind, fetch, self.t))

    def action_change_state(self) -> None:
        """Log in to CTI, log out, or change to one of the twelve states."""
        if self.is_enabled("stats.state") and self.connection is not None:
            self._change_state(self.connection)

    @work(exclusive=True, group="state")
    async def _change_state(self, connection: Connection) -> None:
        open_state = self._live.stats.phone_open if self._live is not None else None
        role = connection.role
        no_phone = None if role is not None and role.phone else self.t("no phone permission")
        out = self.t("not logged in")
        states = {state.value: StateChange(kind="state", state=state) for state in SELECTABLE_STATES}
        login, logout = StateChange(kind="login"), StateChange(kind="logout")
        logged_in, logged_out = (None, out) if open_state is None else (self.t("logged in"), None)
        options = [
            Option(
                states[state.value],
                self.t(PHONE_LABELS[state]),
                no_phone or logged_out,
                state_digit(state),
                state_role(state),
            )
            for state in SELECTABLE_STATES
        ]
        options.append(Option(login, self.t("Log in to CTI"), no_phone or logged_in))
        options.append(Option(logout, self.t("Log out of CTI"), logged_out))
        start = login if open_state is None else states.get(open_state.state)
        change = await self.app.push_screen_wait(Choice(self.t("Change state"), options, start))
        if change is None:
            return
        with connection.feed.pause_block():
            try:
                stats = await connection.api.change_state(connection.service, connection.me.account, change)
            except ClientError as error:
                self.say_error(error)
                return
        if self._past is None:
            self._show_stats(stats)

    def action_day_before(self) -> None:
        """Show the previous day."""
        shown = self._past or self._today
        if self.connection is not None and shown is not None:
            self._show_day((date.fromisoformat(shown) - timedelta(days=1)).isoformat())

    def action_day_after(self) -> None:
        """Show the next day, up to today."""
        if not self.is_enabled("stats.day_after") or self._past is None or self.connection is None:
            return
        later = (date.fromisoformat(self._past) + timedelta(days=1)).isoformat()
        if self._today is not None and later >= self._today:
            self._past = None
            self._live = None
            self.release_topics()
            self.on_connected(self.connection)
            self.refresh_lines()
        else:
            self._show_day(later)

    @work(exclusive=True, group="day")
    async def _show_day(self, day: str) -> None:
        if self.connection is None:
            return
        try:
            stats = await self.connection.api.stats(self.connection.service, self.connection.me.account, date=day)
        except ClientError as error:
            self.say_error(error)
            return
        self.release_topics()
        self._past = day
        self._show_live(LiveStats(stats))
        self._load_minutes(self.connection)
        self.refresh_lines()


def _figure_label(figure: FigureId) -> str:
    """Return the name of a figure as a message ID."""
    labels: dict[str, str] = {
        **{f"tickets.{name}": label for name, label in TICKET_LABELS.items()},
        **{f"phone.{state.value}": label for state, label in PHONE_LABELS.items()},
        **{f"chat.{state.value}": label for state, label in CHAT_LABELS.items()},
    }
    return labels.get(f"{figure.group}.{figure.name}", glyphs().unknown)
