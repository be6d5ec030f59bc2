"""Screen with one agent's day as that agent sees it in My stats, read-only, for whoever manages the service."""

from contextlib import suppress
from typing import Any

from rich.segment import Segment
from textual import work
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.client.interval_pages import fetch_phone_day
from octui.schema.live import stats_topic
from octui.schema.stats import PhoneDay, Stats
from octui.state.phone_day import UsualDay
from octui.state.stats import LiveStats
from octui.text.width import fit_text
from octui.ui.actions import bindings
from octui.ui.connection import Connection
from octui.ui.menu_screen import MenuScreen
from octui.ui.roles import pens_of
from octui.ui.widgets.card_lines import DayScene, Line, fit_line
from octui.ui.widgets.day_cards import DayCards
from octui.ui.widgets.day_picture import day_picture
from octui.ui.widgets.figures import Figures
from octui.ui.widgets.figures_layout import stats_page


class AgentDayScreen(MenuScreen):
    """An agent's figures and picture of the present day; Esc goes back to the floor."""

    WORD = "floor"
    BINDINGS = bindings("dialog.close")

    def __init__(self, service: str, account: str, name: str) -> None:
        super().__init__()
        self._service, self._account, self._name = service, account, name
        self._live: LiveStats | None = None
        self._day: PhoneDay | None = None
        self._usual = UsualDay(())
        self._drawn: dict[tuple[object, ...], list[Line]] = {}

    def compose_body(self) -> list[Widget]:
        head = DayCards(self._head_rows)
        head.styles.height = 1
        return [head, Figures(), DayCards(self._day_rows)]

    def on_connected(self, connection: Connection) -> None:
        self.lease_topic(stats_topic(self._service, self._account), self._take_stats)
        self.draw_day()

    def _take_stats(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is None:
            self._live = self._day = None
            self.say(self.t("This day may not be read any more."), error=True)
        else:
            self._live = LiveStats(Stats.model_validate(body))
            self._load_day(self._live)
        self.draw_day()

    @work(exclusive=True, group="phone-day")
    async def _load_day(self, live: LiveStats) -> None:
        """Load the day's intervals and, once a day, the earlier days to compare with."""
        if self.connection is None:
            return
        with suppress(ClientError):
            day = await fetch_phone_day(self.connection.api, live.stats)
            is_new = self._day is None or self._day.date != day.date
            self._day = day
            if is_new:
                usual = await self.connection.api.usual_days(self._service, self._account, day.date)
                self._usual = UsualDay(usual.days)
            self._drawn.clear()
            self.draw_day()

    def on_tick(self) -> None:
        self.draw_day()

    def refresh_texts(self) -> None:
        self.draw_day()

    def on_resize(self) -> None:
        self.draw_day()

    def on_figures_moved(self) -> None:
        self.draw_day()

    def draw_day(self) -> None:
        """Draw figures and cards again; only rows that differ are drawn."""
        for figures in self.query(Figures):
            figures.set_class(self.host.stale, "-stale")
            page = stats_page(self._live, self.host.now_ms(), self.t, self.size.width, figures.chosen, dense=True)
            figures.show_page(page)
        for cards in self.query(DayCards):
            cards.show_cards()

    def _scene(self) -> DayScene:
        live, day = self._live, self._day
        return DayScene(
            live=live,
            day=day if live is not None and day is not None and day.date == live.stats.date else None,
            usual=self._usual,
            floor=None,
            minutes=None,
            now=self.host.now_ms(),
            stale=self.host.stale,
            t=self.t,
            pens=pens_of(self.app),
            drawn=self._drawn,
        )

    def _head_rows(self, cells: int, _rows: int) -> list[Line]:
        """Return the row with the agent's name."""
        scene = self._scene()
        style = scene.pens.fill("name", bold=True)
        text = " " + self.t("{name}: the day as the agent sees it", name=f"{self._name} ({self._account})")
        return [fit_line(scene, [Segment(fit_text(text, cells), style)], cells, style)]

    def _day_rows(self, cells: int, rows: int) -> list[Line]:
        scene = self._scene()
        return day_picture(scene, scene.day, cells, rows)[:rows] if scene.day is not None and rows >= 7 else []

    def action_close(self) -> None:
        """Go back to the floor."""
        self.dismiss()
