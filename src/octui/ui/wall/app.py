"""App of the wall: one picture, drawn each second and when numbers change, without a keyboard."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from octui.client.api import Api
from octui.state.clock import elapsed_seconds
from octui.state.wall import Wall
from octui.text.glyphs import GlyphLevel
from octui.ui.crash import Crash
from octui.ui.locale import Words
from octui.ui.roles import ColorSet, pens_of
from octui.ui.themes import Themed
from octui.ui.wall.canvas import Canvas, Cell, strip_of
from octui.ui.wall.layout import draw_wall, plan_wall
from octui.ui.wall.parts import Scene
from octui.ui.wall.source import WallSource
from octui.ui.wire import Wire

PATIENCE_S = 1.0
"""So long the terminal stays empty while the first figures are fetched."""
SOON_S = 0.02
"""Figures of one answer are drawn together; the feed asks four times a second at most."""


@dataclass(frozen=True)
class WallOptions:
    """Options of a wall: its services (none: all in use that have phone), its place, how it turns pages."""

    services: Sequence[str] = ()
    place: str = ""
    turn_s: int = 5
    both: bool = False
    bell: bool = False


class WallPicture(Widget):
    """Widget that shows rows of cells, and redraws only changed rows."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[Cell, ...]] = []
        self._strips: dict[int, Strip] = {}

    def show_lines(self, lines: list[tuple[Cell, ...]]) -> None:
        """Show these rows, and redraw those that differ."""
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            self._strips.clear()
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, lines, strict=True)) if old != new]
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = strip_of(self._lines[y], pens_of(self.app))
        return strip.adjust_cell_length(self.size.width, self.rich_style)


class WallApp(Themed[int], Wire[int], Crash[int]):
    """App of a wall over one server; `q` and Ctrl+C end it."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("q,ctrl+q,ctrl+c", "leave", "Quit", show=False, priority=True),
        Binding("ctrl+l", "redraw", "Redraw", show=False, priority=True),
    ]

    def __init__(
        self,
        connect: Callable[[], Api],
        options: WallOptions,
        language: str = "ko",
        *,
        elapsed: Callable[[], float] = elapsed_seconds,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        colors: ColorSet = ColorSet.DARK,
        glyph_level: GlyphLevel = GlyphLevel.FULL,
    ) -> None:
        super().__init__(colors=colors, glyph_level=glyph_level)
        self.animation_level = "none"
        self._options = options
        self._words = Words(language)
        self.wall = Wall(options.turn_s * 1000)
        self.source = WallSource(connect, self.wall, self._draw_soon, options.services, elapsed=elapsed, sleep=sleep)
        self._picture = WallPicture()
        self._elapsed = elapsed
        self._due = False
        self._blank_until = 0.0

    def compose(self) -> ComposeResult:
        yield self._picture

    def on_mount(self) -> None:
        self._picture.styles.width = self._picture.styles.height = "100%"
        self._blank_until = self._elapsed() + PATIENCE_S
        self.run_worker(self.source.run(), group="source", exit_on_error=True)
        self._tick()

    def on_resize(self, event: events.Resize) -> None:
        # The wire's own handler is called by Textual too.
        self.call_after_refresh(self.draw)

    def action_leave(self) -> None:
        """End the wall."""
        self.exit(0)

    def action_redraw(self) -> None:
        """Draw the whole wall again."""
        self.repaint()

    def _tick(self) -> None:
        """Draw the wall, and schedule the next call for the server's next second."""
        self.draw()
        now = self.source.clock.now_ms()
        self.set_timer(1.0 if now is None else (1000 - now % 1000) / 1000 + 0.002, self._tick)

    def _draw_soon(self) -> None:
        if not self._due:
            self._due = True
            self.set_timer(SOON_S, self._draw_due)

    def _draw_due(self) -> None:
        self._due = False
        self.draw()

    def _is_waiting(self) -> bool:
        """Return whether to delay the first picture, because the first numbers may arrive in a moment."""
        if self._blank_until and (self.wall.is_complete or self._elapsed() >= self._blank_until):
            self._blank_until = 0.0
        return self._blank_until > 0

    def draw(self) -> None:
        """Draw the wall as it is at this moment."""
        width, height = self.size
        if not width or not height or self._is_waiting():
            return
        options, now = self._options, self.source.clock.now_ms()
        plan = plan_wall(width, height, len(self.wall.services), both=options.both)
        page = self.wall.page(now or 0, plan.per_page, both=plan.both)
        turns = not plan.both or page.pages > 1
        scene = Scene(
            page, self._words, self.source.center, options.place, options.turn_s, turns, has_time=now is not None
        )
        canvas = Canvas(width, height, colored=self.theme != ColorSet.NONE)
        draw_wall(canvas, scene, plan)
        self._picture.show_lines(canvas.lines())
        if self.wall.take_new_alarms(page.alarms) and options.bell:
            self.bell()
