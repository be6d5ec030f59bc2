"""Widget with an agent's figures on My stats, which redraws only changed lines."""

from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from octui.schema.stats import ChatState, PhoneState
from octui.ui.widgets.figures_layout import FigureId, Page, Placed, Run

_RUN_STYLES = (
    *("section", "note", "label", "value", "running", "chosen", "headline", "headline-time", "bar-empty"),
    *(f"bar-{state.value}" for state in PhoneState),
    *(f"bar-{state.value}" for state in ChatState if state.value not in {phone.value for phone in PhoneState}),
)


class Figures(Widget, can_focus=True):
    """A page of an agent's figures, one of which is chosen with the arrow keys."""

    COMPONENT_CLASSES = {f"figures--{style}" for style in _RUN_STYLES}

    @dataclass
    class Moved(Message):
        """Message: another figure was chosen."""

        figure: FigureId

    def __init__(self) -> None:
        super().__init__()
        self._page = Page((), {})
        self.chosen = FigureId("phone", PhoneState.INBOUND_CALLS.value)
        self.auto_links = False

    def show_page(self, page: Page) -> None:
        """Draw this page; unchanged lines are not sent to the terminal."""
        before, self._page = self._page, page
        changed = [
            y
            for y in range(max(len(before.lines), len(page.lines)))
            if (before.lines[y] if y < len(before.lines) else ()) != (page.lines[y] if y < len(page.lines) else ())
        ]
        if len(before.lines) != len(page.lines):
            self.refresh(layout=True)
        elif changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))
        self._place_cursor()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._page.lines)

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        runs: tuple[Run, ...] = self._page.lines[y] if y < len(self._page.lines) else ()
        segments = [
            Segment(
                run.text,
                self.rich_style if run.style == "blank" else self.get_component_rich_style(f"figures--{run.style}"),
            )
            for run in runs
        ]
        return Strip(segments).adjust_cell_length(cells, self.rich_style).simplify()

    def on_key(self, event: events.Key) -> None:
        towards = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}.get(event.key)
        current = self._page.places.get(self.chosen)
        if towards is None or current is None:
            return
        event.stop()
        target = self._nearest_figure(current, *towards)
        if target is not None:
            self.chosen = target
            self.post_message(self.Moved(target))

    def _nearest_figure(self, current: Placed, down: int, right: int) -> FigureId | None:
        """Return the nearest figure in a direction."""

        def distance_to(place: Placed) -> tuple[int, int]:
            along, across = abs(place.x - current.x), abs(place.line - current.line)
            return (along, across) if right else (across, along)

        ahead = {
            figure: place
            for figure, place in self._page.places.items()
            if (right and place.line == current.line and (place.x - current.x) * right > 0)
            or (down and (place.line - current.line) * down > 0)
        }
        return min(ahead, key=lambda figure: distance_to(ahead[figure])) if ahead else None

    def on_focus(self) -> None:
        self._place_cursor()

    def _place_cursor(self) -> None:
        """Put the hardware cursor on the chosen figure, for screen readers and input methods."""
        place = self._page.places.get(self.chosen)
        if place is not None and self.has_focus:
            self.app.cursor_position = Offset(self.region.x + place.x + 2, self.region.y + place.line)
