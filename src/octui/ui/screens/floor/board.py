"""Widget that draws the floor and takes its arrow keys; it redraws only the rows that changed."""

from collections.abc import Callable

from textual import events

from octui.ui.widgets.day_cards import DayCards, Lines


class FloorBoard(DayCards, can_focus=True):
    """Widget with the floor's rows; `press` gets each key and returns whether it has used the key."""

    def __init__(self, draw_rows: Callable[[int, int], Lines], press: Callable[[str], bool]) -> None:
        super().__init__(draw_rows)
        self._press = press

    def on_key(self, event: events.Key) -> None:
        if self._press(event.key):
            event.stop()
