"""Rows by key, a filtered and sorted view of them, and a window on a list too long to load."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar

Key: TypeAlias = str | int
Row = TypeVar("Row")

_MISSING: Any = object()


def _sort_key(key: Key) -> Any:
    return key


@dataclass(frozen=True, slots=True)
class Changes:
    """What an update of rows did: keys added, keys removed, and the names of changed fields by key."""

    added: tuple[Key, ...] = ()
    removed: tuple[Key, ...] = ()
    changed: dict[Key, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    @property
    def keys(self) -> set[Key]:
        """Every key that was added, removed or changed."""
        return {*self.added, *self.removed, *self.changed}


class KeyedRows(Generic[Row]):
    """Rows by key; a row is any object with the attributes named in `fields`.

    Only the named fields are compared, so that a field nobody shows (a time stamp of the reply) repaints nothing.
    """

    def __init__(self, key: Callable[[Row], Key], fields: Sequence[str]) -> None:
        self.fields = tuple(fields)
        self.generation = 0
        """Raised by every update that changed something."""
        self.key_of = key
        self._rows: dict[Key, Row] = {}
        self._sorted: list[Key] = []
        get = attrgetter(*self.fields)
        self._values: Callable[[Row], tuple[Any, ...]] = get if len(self.fields) > 1 else lambda row: (get(row),)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __getitem__(self, key: Key) -> Row:
        return self._rows[key]

    def get(self, key: Key) -> Row | None:
        """Return the row with this key, or None."""
        return self._rows.get(key)

    def keys(self) -> Sequence[Key]:
        """Return all keys, ascending; the list must not be changed."""
        return self._sorted

    def apply(self, upserts: Iterable[Row] = (), removed: Iterable[Key] = ()) -> Changes:
        """Add, replace and remove rows; return the changes. Removing an unknown key does nothing."""
        rows, values = self._rows, self._values
        removed_keys = tuple(key for key in dict.fromkeys(removed) if rows.pop(key, _MISSING) is not _MISSING)
        added: dict[Key, None] = {}
        changed: dict[Key, frozenset[str]] = {}
        for row in upserts:
            key = self.key_of(row)
            old = rows.get(key, _MISSING)
            rows[key] = row
            if old is row:
                continue
            if old is _MISSING:
                added[key] = None
                continue
            before, after = values(old), values(row)
            if before != after and key not in added:
                names = {n for n, a, b in zip(self.fields, before, after, strict=True) if a != b}
                changed[key] = changed.get(key, frozenset()) | names
        changes = Changes(tuple(added), removed_keys, changed)
        if added or removed_keys:
            self._update_order(added, removed_keys)
        if changes:
            self.generation += 1
        return changes

    def replace(self, rows: Iterable[Row]) -> Changes:
        """Replace all rows by these; return the changes."""
        rows = list(rows)
        keys = {self.key_of(row) for row in rows}
        return self.apply(rows, [key for key in self._rows if key not in keys])

    def _update_order(self, added: Iterable[Key], removed_keys: Sequence[Key]) -> None:
        new_keys = list(added)
        if len(new_keys) + len(removed_keys) > 32:
            self._sorted = sorted(self._rows, key=_sort_key)
            return
        for key in removed_keys:
            at = bisect_left(self._sorted, _sort_key(key), key=_sort_key)
            if at < len(self._sorted) and self._sorted[at] == key:
                del self._sorted[at]
        for key in new_keys:
            insort(self._sorted, key, key=_sort_key)


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort column that the user chose, and its direction."""

    field: str
    descending: bool = False


class View(Generic[Row]):
    """Keys of the rows to show, filtered and sorted by the user's columns, then by key, so that the order is total.

    `sort_keys` returns how a field is ordered where its value itself will not do (folded names, None). `digest`
    computes, once a row, what the filter sees of it (folded text, initials); without it the filter sees the row.
    """

    def __init__(
        self,
        rows: KeyedRows[Row],
        *,
        sort_keys: dict[str, Callable[[Row], Any]] | None = None,
        digest: Callable[[Row], Any] | None = None,
    ) -> None:
        self.rows = rows
        self.frozen = False
        """Whether rows keep their places, because the user edits; see `freeze`."""
        self.stale = False
        """Whether the frozen order differs from what a recalculation would give."""
        self._sort_keys = sort_keys or {}
        self._digest = digest
        self._digests: dict[Key, Any] = {}
        self._sorts: tuple[Sort, ...] = ()
        self._filter: Callable[[Any], bool] | None = None
        self._keys: list[Key] = []
        self._positions: dict[Key, int] | None = None
        self._recalculate()

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> Sequence[Key]:
        """The keys in the order shown; an update replaces the list, which must not be changed."""
        return self._keys

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """The sort columns, the most important first."""
        return self._sorts

    def position(self, key: Key) -> int | None:
        """Return a key's index in the view; None if the row is not shown."""
        if self._positions is None:
            self._positions = {k: i for i, k in enumerate(self._keys)}
        return self._positions.get(key)

    def sort(self, *sorts: Sort) -> None:
        """Sort by these columns; applies while the order is frozen too, because the user asked for it."""
        self._sorts = sorts
        self._recalculate()

    def filter(self, keep: Callable[[Any], bool] | None) -> None:
        """Show only rows that pass the filter, all for None; applies while the order is frozen too."""
        self._filter = keep
        self._recalculate()

    def freeze(self) -> None:
        """Freeze the order until `thaw`: rows keep their places, new rows come last, removed ones go."""
        self.frozen = True

    def thaw(self) -> bool:
        """Sort and filter again after `freeze`; return whether keys moved."""
        self.frozen = False
        if not self.stale:
            return False
        before = self._keys
        self._recalculate()
        return before != self._keys

    def update(self, changes: Changes) -> bool:
        """Apply changes of the rows; return whether keys came, went or moved, rather than only cells changed."""
        for key in (*changes.removed, *changes.changed):
            self._digests.pop(key, None)
        if not changes:
            return False
        sorted_by = {sort.field for sort in self._sorts}
        members = bool(changes.added or changes.removed)
        touched = bool(changes.changed) and (
            self._filter is not None or any(sorted_by & names for names in changes.changed.values())
        )
        if not (members or touched):
            return False
        if self.frozen:
            self.stale = True
            return self._follow_frozen(changes) if members else False
        before = self._keys
        self._recalculate()
        return before != self._keys

    def _follow_frozen(self, changes: Changes) -> bool:
        removed_keys = set(changes.removed)
        keys = [key for key in self._keys if key not in removed_keys]
        shown = set(keys)
        # A row removed and added again in two updates must not come twice.
        keys += [k for k in changes.added if k not in shown and k in self.rows and self._passes_filter(k)]
        moved = keys != self._keys
        self._keys, self._positions = keys, None
        return moved

    def _filter_value(self, key: Key) -> Any:
        if self._digest is None:
            return self.rows[key]
        digest = self._digests.get(key, _MISSING)
        if digest is _MISSING:
            digest = self._digests[key] = self._digest(self.rows[key])
        return digest

    def _passes_filter(self, key: Key) -> bool:
        return self._filter is None or self._filter(self._filter_value(key))

    def _recalculate(self) -> None:
        keys = list(self.rows.keys())
        if self._filter is not None:
            keep = self._filter
            if self._digest is None:
                row = self.rows.__getitem__
                keys = [key for key in keys if keep(row(key))]
            else:
                if len(self._digests) != len(self.rows):
                    self._digests = {key: self._filter_value(key) for key in keys}
                digests = self._digests
                keys = [key for key in keys if keep(digests[key])]
        if self._sorts:
            rows = list(map(self.rows.__getitem__, keys))
            for sort in reversed(self._sorts):
                value = self._sort_keys.get(sort.field) or attrgetter(sort.field)
                rows.sort(key=value, reverse=sort.descending)
            keys = [self.rows.key_of(row) for row in rows]
        self._keys, self._positions, self.stale = keys, None, False


class Window(Generic[Row]):
    """The loaded pages of a long list around the user's place, in the server's order (newest first).

    At most `limit` rows are held; pages are added at either end and the other end is cut. Adding returns the shift of
    the indexes: the row at index i is now at index i + shift.
    """

    def __init__(self, key: Callable[[Row], Key], *, limit: int = 2_000) -> None:
        if limit < 1:
            raise ValueError("a window holds at least one row")
        self.limit = limit
        self.at_start = True
        """Whether nothing comes before the first row held."""
        self.at_end = True
        """Whether nothing comes after the last row held."""
        self._key = key
        self._rows: deque[Row] = deque()
        self._places: dict[Key, int] = {}
        self._first = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @property
    def first_key(self) -> Key | None:
        """The key of the first loaded row, before which the previous page ends."""
        return self._key(self._rows[0]) if self._rows else None

    @property
    def last_key(self) -> Key | None:
        """The key of the last loaded row, after which the next page begins."""
        return self._key(self._rows[-1]) if self._rows else None

    def key_at(self, index: int) -> Key | None:
        """Return the key at an index; None outside the loaded rows."""
        return self._key(self._rows[index]) if 0 <= index < len(self._rows) else None

    def index_of(self, key: Key) -> int | None:
        """Return the index of a key; None if its row is not loaded."""
        place = self._places.get(key)
        return None if place is None else place - self._first

    def get(self, key: Key) -> Row | None:
        """Return the row with this key; None if it is not loaded."""
        index = self.index_of(key)
        return None if index is None else self._rows[index]

    def clear(self) -> None:
        """Drop all rows, for a new search."""
        self._rows.clear()
        self._places.clear()
        self._first = 0
        self.at_start = self.at_end = True

    def append(self, page: Iterable[Row], *, at_end: bool) -> int:
        """Add the page after the last row, without rows loaded already; return the shift of the indexes (0 or less)."""
        for row in page:
            key = self._key(row)
            if key not in self._places:
                self._places[key] = self._first + len(self._rows)
                self._rows.append(row)
        self.at_end = at_end
        cut = max(0, len(self._rows) - self.limit)
        for _ in range(cut):
            del self._places[self._key(self._rows.popleft())]
        self._first += cut
        self.at_start = self.at_start and not cut
        return -cut

    def prepend(self, page: Iterable[Row], *, at_start: bool) -> int:
        """Add the page before the first row, in the list's order; return the shift of the indexes (0 or more)."""
        new_rows = [row for row in page if self._key(row) not in self._places]
        added = 0
        for row in reversed(new_rows):
            key = self._key(row)
            if key not in self._places:
                self._first -= 1
                self._places[key] = self._first
                self._rows.appendleft(row)
                added += 1
        self.at_start = at_start
        cut = max(0, len(self._rows) - self.limit)
        for _ in range(cut):
            del self._places[self._key(self._rows.pop())]
        self.at_end = self.at_end and not cut
        return added
