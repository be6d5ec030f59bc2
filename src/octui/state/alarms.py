"""Alarms of a service: their causes, since when, and until when they stay (rules.md 51)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from octui.schema.floor import QueueLimits
from octui.state.floor import FloorRow

STAYS_MS = 30_000


class Cause(StrEnum):
    """Cause of an alarm; causes are named in this order."""

    LONG_WAIT = "long_wait"
    NOBODY_READY = "nobody_ready"
    SERVICE_LEVEL = "service_level"


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """A service's limits, beyond which an alarm is raised."""

    longest_wait_s: int = 60
    level_percent: int = 70
    level_calls: int = 20


USUAL = AlarmLimits()


def limits_of(limits: QueueLimits) -> AlarmLimits:
    """Return a service's alarm limits from its queue limits."""
    return AlarmLimits(limits.longest_wait_seconds, limits.level_percent, limits.level_calls)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A service's alarm: its causes, from when (epoch ms) and until when; `until` is None while a cause holds.

    `row`: the figures when a cause was last seen to hold. `limits` are those that were exceeded.
    """

    service: str
    causes: tuple[Cause, ...]
    since: int
    until: int | None
    row: FloorRow
    limits: AlarmLimits


def causes_of(row: FloorRow, limits: AlarmLimits = USUAL) -> tuple[Cause, ...]:
    """Return the causes of an alarm in a service's floor row; empty for no alarm."""
    found = []
    if row.longest_wait_ms is not None and row.longest_wait_ms > limits.longest_wait_s * 1000:
        found.append(Cause.LONG_WAIT)
    if row.waiting and row.agents is not None and row.agents.ready == 0:
        found.append(Cause.NOBODY_READY)
    level, percent = row.service_level, limits.level_percent
    if level is not None and level.whole >= limits.level_calls and 100 * level.part <= percent * level.whole:
        found.append(Cause.SERVICE_LEVEL)
    return tuple(found)


@dataclass(slots=True)
class _Held:
    since: int
    gone: int | None = None


class AlarmBook:
    """The alarms of several services over time; a service's old numbers neither begin nor end an alarm."""

    def __init__(self) -> None:
        self._held: dict[str, dict[Cause, _Held]] = {}
        self._rows: dict[str, FloorRow] = {}
        self._limits: dict[str, AlarmLimits] = {}

    def update(
        self, rows: Iterable[FloorRow], now: int, limits: Mapping[str, AlarmLimits] | None = None
    ) -> tuple[Alarm, ...]:
        """Update the alarms by all services' rows at `now` (epoch ms) and return them, the oldest first."""
        present = {row.service: row for row in rows}
        for service in [service for service in self._held if service not in present]:
            del self._held[service], self._rows[service], self._limits[service]
        for service, row in present.items():
            if not row.is_old:
                self._update_service(service, row, now, (limits or {}).get(service, USUAL))
        alarms = (self._alarm_of(service, row) for service, row in present.items() if service in self._held)
        return tuple(sorted(alarms, key=lambda alarm: (alarm.since, alarm.service)))

    def _update_service(self, service: str, row: FloorRow, now: int, limits: AlarmLimits) -> None:
        causes = causes_of(row, limits)
        held = self._held.setdefault(service, {})
        for cause in causes:
            since = now
            if cause is Cause.LONG_WAIT and row.longest_wait_ms is not None:
                since = now - row.longest_wait_ms + limits.longest_wait_s * 1000
            entry = held.setdefault(cause, _Held(since))
            entry.gone = None
        for cause, entry in list(held.items()):
            if cause in causes:
                continue
            if entry.gone is None:
                entry.gone = now
            if now - entry.gone >= STAYS_MS:
                del held[cause]
        if not held:
            self._held.pop(service)
            self._rows.pop(service, None)
            self._limits.pop(service, None)
        elif causes:
            self._rows[service] = row
            self._limits[service] = limits

    def _alarm_of(self, service: str, row: FloorRow) -> Alarm:
        held = self._held[service]
        active = [cause for cause in Cause if cause in held and held[cause].gone is None]
        causes = tuple(active or (cause for cause in Cause if cause in held))
        gone = [entry.gone for entry in held.values() if entry.gone is not None]
        shown = replace(self._rows[service], name=row.name, age_ms=row.age_ms)
        return Alarm(
            service,
            causes,
            min(held[cause].since for cause in causes),
            None if active else max(gone),
            shown,
            self._limits[service],
        )
