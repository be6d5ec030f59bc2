"""Where the pages of a search of the log began, so that those cut off above can be asked for again."""


class Pages:
    """The pages of one search in the order they came, newest first; entries are known by their number (`seq`)."""

    def __init__(self) -> None:
        self._starts: list[tuple[int | None, int]] = []

    def clear(self) -> None:
        """Another search."""
        self._starts.clear()

    def add(self, before: int | None, first: int) -> None:
        """The page asked for with `before` (None: from the newest) came, and began with entry `first`."""
        while self._starts and self._starts[-1][1] <= first:
            self._starts.pop()
        self._starts.append((before, first))

    def start_above(self, seq: int) -> int | None:
        """The `before` of the page with the entry just above `seq`; None: from the newest."""
        return next((before for before, first in reversed(self._starts) if first > seq), None)
