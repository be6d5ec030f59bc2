"""Start of each loaded page of a log search, so that a page dropped above the screen can be fetched again."""


class Pages:
    """Where each loaded page of a log search begins, newest first; log entries are named by their number (`seq`)."""

    def __init__(self) -> None:
        self._starts: list[tuple[int | None, int]] = []

    def clear(self) -> None:
        """Remove all pages, for another search."""
        self._starts.clear()

    def add(self, before: int | None, first: int) -> None:
        """Add the page requested with `before` (None: the newest), whose first log entry is `first`."""
        while self._starts and self._starts[-1][1] <= first:
            self._starts.pop()
        self._starts.append((before, first))

    def start_above(self, seq: int) -> int | None:
        """Return the `before` of the page with the log entry just above `seq`; None for the newest page."""
        return next((before for before, first in reversed(self._starts) if first > seq), None)
