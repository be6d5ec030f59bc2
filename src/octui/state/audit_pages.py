"""Starts of the pages of a log search, so that pages dropped above can be fetched again."""


class Pages:
    """Starts of the pages of one search, newest first; entries are named by their number (`seq`)."""

    def __init__(self) -> None:
        self._starts: list[tuple[int | None, int]] = []

    def clear(self) -> None:
        """Forget the pages, for another search."""
        self._starts.clear()

    def add(self, before: int | None, first: int) -> None:
        """Add the page that was requested with `before` (None: from the newest) and begins with entry `first`."""
        while self._starts and self._starts[-1][1] <= first:
            self._starts.pop()
        self._starts.append((before, first))

    def start_above(self, seq: int) -> int | None:
        """Return the `before` of the page with the entry just above `seq`; None: from the newest."""
        return next((before for before, first in reversed(self._starts) if first > seq), None)
