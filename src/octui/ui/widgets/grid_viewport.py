"""Rows that a grid has drawn, and its requests for missing rows and further pages."""

from collections.abc import Callable
from typing import Literal

from textual.message import Message

from octui.ui.widgets.columns import Key, Source
from octui.ui.widgets.grid_messages import EndReached, Wanted


class Viewport:
    """The drawn rows by line, and the requests made since the last reload; `post` sends a message."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._drawn: dict[int, Key] = {}
        self._missing: set[int] = set()
        self._requested: set[int] = set()
        self._ends: set[str] = set()

    def note_drawn(self, line: int, key: Key | None) -> None:
        """Record which row a line shows, or None for an empty line."""
        if key is None:
            self._drawn.pop(line, None)
        else:
            self._drawn[line] = key

    def clear_drawn(self) -> None:
        """Forget which rows are drawn, because the lines now show others."""
        self._drawn.clear()

    def anchored_scroll(self, source: Source, scroll: int) -> int:
        """Return the scroll offset that keeps the first remaining row on its line, or `scroll` if none remains."""
        for line, key in sorted(self._drawn.items()):
            if (index := source.index_of(key)) is not None:
                return index - line
        return scroll

    def clear_requests(self) -> None:
        """Forget which rows were requested, because the table now has others."""
        self._missing.clear()
        self._requested.clear()
        self._ends.clear()

    def add_missing(self, index: int) -> bool:
        """Record a row that has to be loaded; return whether it is the first since `post_missing`."""
        if index in self._requested:
            return False
        is_first = not self._missing
        self._requested.add(index)
        self._missing.add(index)
        return is_first

    def post_missing(self) -> None:
        """Request the missing rows, once for each reload."""
        if self._missing:
            self._post(Wanted(min(self._missing), max(self._missing)))
            self._missing.clear()

    def report_end(self, index: int, page: int, rows: int, *, down: bool) -> None:
        """Report that the cursor nears an end of the loaded rows, once for each reload."""
        is_near = index >= rows - page if down else index < page
        direction: Literal["up", "down"] = "down" if down else "up"
        if is_near and direction not in self._ends:
            self._ends.add(direction)
            self._post(EndReached(direction))
