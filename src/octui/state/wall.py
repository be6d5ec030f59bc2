"""What a wall shows at a moment: the page of services, boards, alarms, outdated services; free of a screen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from octui.schema.floor import ServiceFloor
from octui.state.alarms import USUAL, Alarm, AlarmBook, AlarmLimits, Cause, causes_of, limits_of
from octui.state.floor import FloorRow, floor_row, known_until, sum_rows

TURN_MS = 5_000


class Board(StrEnum):
    """One of a wall's two tables, by channel or by agent (rules.md 33)."""

    CHANNEL = "channel"
    AGENT = "agent"


class Trouble(StrEnum):
    """A fault of the whole wall, such as a lost connection.

    STARTING: no answer yet. LOST: the server does not answer, and every figure is old. SILENT: it answers, but every
    figure is old. REFUSED: it does not accept the token. EMPTY: there is no service to show.
    """

    STARTING = "starting"
    LOST = "lost"
    SILENT = "silent"
    REFUSED = "refused"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class WallPage:
    """Everything that a wall shows at `now`: boards, one page of services' rows, the sum, alarms, trouble.

    `page` is counted from 0. `since`: when the trouble began (epoch ms), None if unknown.
    """

    now: int
    boards: tuple[Board, ...]
    page: int
    pages: int
    rows: tuple[FloorRow, ...]
    total: FloorRow
    services: int
    old: tuple[FloorRow, ...]
    alarms: tuple[Alarm, ...]
    trouble: Trouble | None
    since: int | None
    zone: str
    zones: int
    long_waits: frozenset[str] = frozenset()
    bad_waits: frozenset[str] = frozenset()
    threshold_s: int | None = None


class Wall:
    """Services, numbers and alarms of a wall. Times are the server's (epoch ms); this machine's clock is never read."""

    def __init__(self, turn_ms: int = TURN_MS) -> None:
        self._turn_ms = max(1_000, turn_ms)
        self._names: dict[str, str] = {}
        self._zones: dict[str, str] = {}
        self._floors: dict[str, ServiceFloor] = {}
        self._book = AlarmBook()
        self._rung: dict[str, int] = {}
        self._listed = False
        self.failing = False
        """Whether requests to the server fail at the moment."""
        self.refused = False
        """Whether the server refuses the token."""

    @property
    def services(self) -> tuple[str, ...]:
        """The services on the wall, in the order of the rows."""
        return tuple(self._names)

    @property
    def is_complete(self) -> bool:
        """Whether the services are listed and the numbers of each have arrived."""
        return self._listed and len(self._floors) == len(self._names)

    def set_services(self, services: Iterable[tuple[str, str, str]]) -> None:
        """Set the services to show: ID, name and time zone of each."""
        listed = list(services)
        self._listed = True
        self._names = {service: name for service, name, _ in listed}
        self._zones = {service: zone for service, _, zone in listed}
        self._floors = {service: floor for service, floor in self._floors.items() if service in self._names}

    def set_floor(self, service: str, floor: ServiceFloor | None) -> None:
        """Set a service's floor; None when the wall may no longer read it."""
        if floor is None:
            self._floors.pop(service, None)
        elif service in self._names:
            self._floors[service] = floor

    def turn_number(self, now: int) -> int:
        """Return how many page turns have passed at `now`, the same on every wall with the same interval."""
        return now // self._turn_ms

    def page(self, now: int, per_page: int, *, both: bool) -> WallPage:
        """Return what the wall shows at `now`, with `per_page` services. `both`: both boards at once, else in turn."""
        rows = [self._row(service, name, now) for service, name in self._names.items()]
        limits = {service: limits_of(floor.limits) for service, floor in self._floors.items()}
        alarms = self._book.update(rows, now, limits)
        pages = max(1, -(-len(rows) // max(1, per_page)))
        turn = self.turn_number(now)
        shown = tuple(Board) if both else (tuple(Board)[turn // pages % 2],)
        first = turn % pages * max(1, per_page)
        trouble, since = self._trouble(rows)
        zones = list(dict.fromkeys(self._zones.values()))
        return WallPage(
            now,
            shown,
            turn % pages,
            pages,
            tuple(rows[first : first + max(1, per_page)]),
            sum_rows(rows),
            len(rows),
            tuple(row for row in rows if row.is_old),
            alarms,
            trouble,
            since,
            zones[0] if zones else "UTC",
            len(zones),
            *_find_waits(rows, limits),
            self._threshold(),
        )

    def take_new_alarms(self, alarms: Iterable[Alarm]) -> bool:
        """Return whether there is an alarm that the last call did not get, for the bell to ring once."""
        present = {alarm.service: alarm.since for alarm in alarms}
        is_new = any(service not in self._rung for service in present)
        self._rung = present
        return is_new

    def _row(self, service: str, name: str, now: int) -> FloorRow:
        floor = self._floors.get(service)
        return FloorRow(service, name) if floor is None else floor_row(floor, now)

    def _threshold(self) -> int | None:
        thresholds = {floor.limits.threshold_seconds for floor in self._floors.values()}
        return thresholds.pop() if len(thresholds) == 1 else None

    def _trouble(self, rows: list[FloorRow]) -> tuple[Trouble | None, int | None]:
        known = [row for row in rows if row.is_known]
        all_old = bool(known) and all(row.is_old for row in known)
        ends = [end for floor in self._floors.values() if (end := known_until(floor)) is not None]
        since = max(ends, default=None)
        if self.refused:
            return Trouble.REFUSED, since
        if self.failing and (all_old or not known):
            return Trouble.LOST, since
        if all_old:
            return Trouble.SILENT, since
        if not self._listed:
            return Trouble.STARTING, None
        return (None if rows else Trouble.EMPTY), None


def _find_waits(rows: Iterable[FloorRow], limits: Mapping[str, AlarmLimits]) -> tuple[frozenset[str], frozenset[str]]:
    """Return services whose longest wait is too long, and those with that or no ready agent; "" is the sum."""
    long_waits, bad_waits = set(), set()
    for row in rows:
        causes = causes_of(row, limits.get(row.service, USUAL))
        if Cause.LONG_WAIT in causes:
            long_waits |= {row.service, ""}
        if Cause.LONG_WAIT in causes or Cause.NOBODY_READY in causes:
            bad_waits |= {row.service, ""}
    return frozenset(long_waits), frozenset(bad_waits)
