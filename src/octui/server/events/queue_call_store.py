"""SQL of queue calls, source clocks and a service's days, written in the transaction of the events."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection

from octui.server.core.calendar import day_bounds, day_of
from octui.server.database import tables
from octui.server.database.driver import Insert, Query, Row
from octui.server.events.minute_changes import MinuteChanges
from octui.server.events.queue_call_rules import (
    LONGEST_STAY_MS,
    MINUTE_MS,
    THRESHOLD_S,
    CallContribution,
    DayTerms,
    Fact,
    Stay,
    count_calls,
    count_plain_call,
    fold_call,
    restart_fact,
    trim_facts,
)

TICK_MS = 10_000
"""A source's clock wakes who waits for the floor at most so often."""
EVERYBODY = 0

_CALLS = Query("SELECT call, data FROM queue_call WHERE service_id = {p} AND call {texts}")
_SAVE_CALLS = Insert(
    tables.queue_call,
    "ON CONFLICT (service_id, call) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at, "
    "data = excluded.data",
)
_DELETE_STAY = Query("DELETE FROM queue_stay WHERE service_id = {p} AND start = {p} AND call = {p}")
_SAVE_STAYS = Insert(tables.queue_stay)
_RUNNING = Query('SELECT call FROM queue_stay WHERE service_id = {p} AND "end" IS NULL AND start > {p}')
_CALLS_DURING = Query("SELECT call FROM queue_call WHERE service_id = {p} AND last_at >= {p} AND first_at <= {p}")
_CALLS_SINCE = Query("SELECT call FROM queue_call WHERE service_id = {p} AND last_at >= {p}")
_RESTARTS = Query("SELECT at, sequence FROM event WHERE service_id = {p} AND member_id = {p} AND at >= {p}")
_THRESHOLDS = Query("SELECT day, seconds FROM queue_threshold WHERE service_id = {p} ORDER BY day DESC")
_NEWEST = Query("SELECT coalesce(max(last_at), 0) FROM service_day WHERE service_id = {p}")
_SAVE_DAYS = Insert(
    tables.service_day,
    "ON CONFLICT (service_id, day) DO UPDATE SET first_at = CASE WHEN excluded.first_at < service_day.first_at "
    "THEN excluded.first_at ELSE service_day.first_at END, last_at = CASE WHEN excluded.last_at > service_day.last_at "
    "THEN excluded.last_at ELSE service_day.last_at END",
)
_FORGET_MINUTES = Query("DELETE FROM queue_minute WHERE service_id = {p} AND minute < {p}")
_FORGET_STAYS = Query("DELETE FROM queue_stay WHERE service_id = {p} AND start < {p}")
_FORGET_DAYS = Query("DELETE FROM service_day WHERE service_id = {p} AND day < {p}")
_FORGET_CALLS = Query(
    "DELETE FROM queue_call WHERE service_id = {p} AND call {texts} "
    "AND last_at < (SELECT at FROM cti_log_floor WHERE service_id = {p})"
)
_HAS_CALLS = Query(
    "INSERT INTO floor_service (service_id, counted_after, has_calls) VALUES ({p}, 0, 1) "
    "ON CONFLICT (service_id) DO UPDATE SET has_calls = 1 WHERE floor_service.has_calls = 0"
)
_CLOCK = Query("SELECT until_at, followed_at FROM source_clock WHERE service_id = {p} AND source = {p}")
_SAVE_CLOCK = Insert(
    tables.source_clock,
    "ON CONFLICT (service_id, source) DO UPDATE SET until_at = excluded.until_at, followed_at = excluded.followed_at",
)


class _Days:
    """Cache for one transaction of a service's days, each with its end and threshold."""

    def __init__(self, connection: Connection, service: int, zone: str) -> None:
        self._zone = zone
        self._start = 0
        self._terms = DayTerms(0, 0)
        self._thresholds = _THRESHOLDS.fetch_rows(connection, service)

    def day_of(self, at: int) -> DayTerms:
        """Return the end and the threshold of the day that holds `at` (epoch ms)."""
        if not self._start <= at < self._terms.end:
            day = day_of(at, self._zone)
            self._start, end = day_bounds(day, self._zone)
            seconds = next((seconds for since, seconds in self._thresholds if since <= day), THRESHOLD_S)
            self._terms = DayTerms(end, seconds * 1000)
        return self._terms


def take_in_calls(
    connection: Connection, service: int, zone: str, facts: dict[str, list[Fact]], last_restart: int
) -> bool:
    """Add facts to the calls with these IDs and count these calls again; return whether any count changed.

    `last_restart`: time of the service's newest restart (epoch ms; 0: none).
    """
    if not facts:
        return False
    stored = {call: from_json(data) for call, data in _CALLS.fetch_rows(connection, service, sorted(facts))}
    known: dict[str, list[Fact]] = {}
    for call, new in facts.items():
        if call in stored:
            known[call] = trim_facts({*(Fact(*fact) for fact in stored[call][0]), *new})
        elif new:
            is_plain = len(new) == 1 or (len(new) == 2 and new[0] < new[1])
            known[call] = new if is_plain else trim_facts(set(new))
    if not known:
        return False
    earliest = min(each[0].at for each in known.values())
    restarts: list[Fact] = []
    if last_restart >= earliest:
        restarts = [restart_fact(*row) for row in _RESTARTS.fetch_rows(connection, service, EVERYBODY, earliest)]
    terms_of = _Days(connection, service, zone).day_of
    minutes = MinuteChanges()
    first_counts: list[tuple[int, int]] = []
    rows: list[Row] = []
    gone: list[tuple[int, str]] = []
    added: list[Row] = []
    for call in sorted(known):
        each = known[call]
        counted = None if restarts else count_plain_call(each, terms_of)
        if counted is None:
            counted = count_calls(fold_call(each, restarts), terms_of)
        counts, stays = counted
        if call in stored:
            before = _counted_from(stored[call])
            if counted != before:
                _change_counts(minutes, before, counted)
                gone += [(stay.start, call) for stay in before.stays]
                added += [(service, stay.start, call, stay.end, stay.since) for stay in stays]
        else:
            first_counts += counts
            for start, end, since in stays:
                added.append((service, start, call, end, since))
        # Plain tuples become JSON three times as fast as named ones.
        data = to_json(([(*fact,) for fact in each], counts, [(*stay,) for stay in stays] if stays else ())).decode()
        rows.append((service, call, each[0][0], each[-1][0], data))
    for (minute, column), number in Counter(first_counts).items():
        minutes.add(minute, column, number)
    for start, call in gone:
        _DELETE_STAY.run(connection, service, start, call)
    _SAVE_CALLS.run(connection, rows)
    _SAVE_STAYS.run(connection, added)
    return minutes.flush(connection, service) or bool(gone or added)


def _counted_from(stored: list[Any]) -> CallContribution:
    _, counts, stays = stored
    return CallContribution([(minute, column) for minute, column in counts], [Stay(*stay) for stay in stays])


def _change_counts(minutes: MinuteChanges, before: CallContribution, after: CallContribution) -> None:
    difference = Counter(after.counts)
    difference.subtract(before.counts)
    for (minute, column), by in difference.items():
        if by:
            minutes.add(minute, column, by)


def calls_at_restarts(connection: Connection, service: int, restarts: Iterable[int]) -> set[str]:
    """Return the IDs of calls that may wait at these PBX restarts (epoch ms). Call it before `note_days`."""
    newest: int = _NEWEST.fetch_rows(connection, service)[0][0]
    calls: set[str] = set()
    for at in restarts:
        calls |= {call for (call,) in _RUNNING.fetch_rows(connection, service, at - LONGEST_STAY_MS)}
        if at <= newest:  # a late one, which may have been during any stay
            calls |= {call for (call,) in _CALLS_DURING.fetch_rows(connection, service, at - LONGEST_STAY_MS, at)}
    return calls


def recount_calls(connection: Connection, service: int, zone: str, start: int, last_restart: int) -> bool:
    """Count the calls that have an event since `start` (epoch ms) again; return whether any count changed."""
    calls = [call for (call,) in _CALLS_SINCE.fetch_rows(connection, service, start)]
    return take_in_calls(connection, service, zone, {call: [] for call in calls}, last_restart)


def forget_minutes(connection: Connection, service: int, day: int, start: int) -> None:
    """Delete the counts by minute, stays and days before the day (YYYYMMDD) that begins at `start` (epoch ms)."""
    _FORGET_MINUTES.run(connection, service, start // MINUTE_MS)
    _FORGET_STAYS.run(connection, service, start)
    _FORGET_DAYS.run(connection, service, day)


def forget_calls(connection: Connection, service: int, calls: Iterable[str]) -> None:
    """Delete those of the calls with these IDs whose last event is older than the first day kept."""
    _FORGET_CALLS.run(connection, service, sorted(calls), service)


def note_calls(connection: Connection, service: int) -> None:
    """Store that some source of the service reports queue calls, so that its call counts are known."""
    _HAS_CALLS.run(connection, service)


def note_days(connection: Connection, service: int, spans: dict[int, tuple[int, int]]) -> None:
    """Extend the stored first and last event (epoch ms) of each day (YYYYMMDD) to these."""
    _SAVE_DAYS.run(connection, [(service, day, *span) for day, span in sorted(spans.items())])


def is_followed(connection: Connection, service: int, source: str) -> bool:
    """Return whether the reader of a source has ever reported that it follows a growing log."""
    rows = _CLOCK.fetch_rows(connection, service, source)
    return bool(rows and rows[0][1])


def advance_clock(connection: Connection, service: int, source: str, until: int, followed: int | None) -> bool:
    """Store that a source is known up to `until` (epoch ms); return whether to wake those who follow the floor.

    `followed`: the server's time, for a sign of life; None leaves it as it is.
    """
    rows = _CLOCK.fetch_rows(connection, service, source)
    before, followed_before = rows[0] if rows else (0, 0)
    after = max(before, until)
    followed_at = followed_before if followed is None else followed
    if rows and (after, followed_at) == (before, followed_before):
        return False
    _SAVE_CLOCK.run(connection, [(service, source, after, followed_at)])
    return bool(after // TICK_MS != before // TICK_MS)
