"""SQL of the floor: a service's queue and agents at the moment or at a past minute, and all minutes of a day."""

from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import Connection

from octui.schema.floor import AgentCounts, CallCounts, FloorMinutes, ServiceFloor
from octui.schema.live import floor_topic
from octui.schema.problems import FieldCode
from octui.server.core.calendar import date_of, day_bounds, day_of
from octui.server.core.errors import invalid_field
from octui.server.database.driver import Query
from octui.server.database.unit_of_work import Change
from octui.server.events.queue_call_rules import (
    ABANDONED,
    ANSWERED,
    BREAK_WORK,
    CALL_STATES,
    COLUMNS,
    IN_TIME,
    LONGEST_STAY_MS,
    MINUTE_MS,
    OFFERED,
    OLD_MS,
    ON_CALL,
    OUTBOUND,
    READY,
    THRESHOLD_S,
    SourceClock,
    agent_column,
    known_until,
)
from octui.server.events.queue_call_store import recount_calls
from octui.server.events.store import last_restart, lock_service
from octui.server.events.timeline_rules import PHONE
from octui.server.services import store as services_store
from octui.server.services.store import ServiceRow
from octui.server.stats import store as stats_store

MOST_SECONDS = 14_400
_CLOCKS = Query("SELECT until_at, followed_at, source FROM source_clock WHERE service_id = {p}")
_COUNTED = Query("SELECT counted_after, has_calls FROM floor_service WHERE service_id = {p}")
_FOLLOWED_LOG = "queue_log:"
_FIRST = Query("SELECT first_at FROM service_day WHERE service_id = {p} AND day = {p}")
_FIRST_CALL = Query(
    "SELECT minute FROM queue_minute WHERE service_id = {p} AND minute >= {p} AND minute < {p} AND offered > 0 "
    "ORDER BY minute LIMIT 1"
)
_SET_THRESHOLD = Query(
    "INSERT INTO queue_threshold (service_id, day, seconds) VALUES ({p}, {p}, {p}) "
    "ON CONFLICT (service_id, day) DO UPDATE SET seconds = excluded.seconds"
)
_THRESHOLD = Query(
    "SELECT seconds FROM queue_threshold WHERE service_id = {p} AND day <= {p} ORDER BY day DESC LIMIT 1"
)
_COLUMNS = ("offered", "answered", "in_time", "abandoned", "ready", "on_call", "outbound", "break_work")
_SUMS = Query(
    f"SELECT {', '.join(f'CAST(coalesce(sum({name}), 0) AS bigint)' for name in _COLUMNS)} "
    "FROM queue_minute WHERE service_id = {p} AND minute >= {p} AND minute <= {p}"
)
_MINUTES = Query(
    "SELECT minute, offered, answered, in_time, abandoned, ready, on_call, outbound, break_work "
    "FROM queue_minute WHERE service_id = {p} AND minute >= {p} AND minute < {p}"
)
_WAITING = Query('SELECT count(*), min(since) FROM queue_stay WHERE service_id = {p} AND "end" IS NULL AND start > {p}')
_STAYS = Query('SELECT start, "end", since FROM queue_stay WHERE service_id = {p} AND start > {p} AND start < {p}')
_RUNNING_NOW = Query(
    "SELECT state, detail, 0, count(*) FROM agent_state "
    "WHERE service_id = {p} AND state IS NOT NULL AND (expires IS NULL OR expires > {p}) GROUP BY state, detail"
)
_RUNNING_SINCE = Query(
    "SELECT state, detail, since / 60000, count(*) FROM agent_state "
    "WHERE service_id = {p} AND state IS NOT NULL AND (expires IS NULL OR expires > {p}) "
    "GROUP BY state, detail, since / 60000"
)
_EXPIRED_CALLS = Query(
    "SELECT context FROM agent_state WHERE service_id = {p} AND state IS NOT NULL AND expires <= {p} "
    "AND (state {texts} OR detail {texts})"
)
_EXPIRED = Query(
    "SELECT context FROM agent_state WHERE service_id = {p} AND state IS NOT NULL AND expires <= {p} AND at >= {p}"
)


class AgentTime(NamedTuple):
    """A phone state not yet counted in queue_minute: `number` agents, from minute `first` to before `end` (None: now).

    `detail`: the state shown as other.
    """

    state: str
    detail: str | None
    first: int
    end: int | None
    number: int


@dataclass(frozen=True)
class FloorDay:
    """A service's day with what is known of it at `now` (epoch ms).

    `until`: up to when all is known. `first`: minute since 1970 from which on there is anything, None if there is
    nothing. `has_calls`: its sources tell of calls in queues.
    """

    service: ServiceRow
    day: int
    start: int
    end: int
    now: int
    until: int | None
    first: int | None
    has_calls: bool

    @property
    def date(self) -> str:
        """The day as YYYY-MM-DD."""
        return date_of(self.day).isoformat()


def _load_day(connection: Connection, code: str, day: int | None, now: int) -> FloorDay:
    """Return a service's day by its YYYYMMDD number, today for None. Raises 404."""
    service = services_store.find_service(connection, code)
    zone = service.time_zone
    today = day_of(now, zone)
    day = today if day is None else day
    start, end = day_bounds(day, zone)
    clocks = _CLOCKS.fetch_rows(connection, service.id)
    until = known_until((SourceClock(*clock[:2]) for clock in clocks), day_bounds(today, zone)[0])
    counted = _COUNTED.fetch_rows(connection, service.id)
    counted_after, has_calls = counted[0] if counted else (0, 0)
    has_calls = bool(has_calls) or any(name.startswith(_FOLLOWED_LOG) and at for _, at, name in clocks)
    firsts: list[int] = []
    if start > counted_after:
        firsts += [at // MINUTE_MS for (at,) in _FIRST.fetch_rows(connection, service.id, day)]
        # A call was offered when its wait began, which may be before the first event that tells of it.
        span = start // MINUTE_MS, end // MINUTE_MS
        firsts += [minute for (minute,) in _FIRST_CALL.fetch_rows(connection, service.id, *span)]
    return FloorDay(service, day, start, end, now, until, min(firsts, default=None), has_calls)


def read_floor(connection: Connection, code: str, at: int | None, now: int) -> ServiceFloor:
    """Return the floor of a service at `now` (epoch ms), or at the end of the past minute that holds `at`.

    Raises 404 for an unknown service.
    """
    zone = services_store.find_service(connection, code).time_zone
    if at is None or at // MINUTE_MS >= now // MINUTE_MS:
        moment, last_minute = now, now // MINUTE_MS
    else:
        last_minute = at // MINUTE_MS
        moment = (last_minute + 1) * MINUTE_MS - 1
    day = _load_day(connection, code, day_of(moment, zone), now)
    is_known = day.first is not None and day.first <= last_minute
    is_past = last_minute < now // MINUTE_MS
    is_behind = is_past and (day.until is None or moment > day.until + OLD_MS)
    calls = agents = waiting = since = None
    if is_known:
        offered, answered, in_time, abandoned, *differences = _SUMS.fetch_rows(
            connection, day.service.id, day.start // MINUTE_MS, last_minute
        )[0]
        past_minute = last_minute if is_past else None
        if day.has_calls:
            calls = CallCounts(offered=offered, answered=answered, abandoned=abandoned, answered_in_time=in_time)
        if day.has_calls and not is_behind:
            waiting, since = _count_waiting(connection, day, past_minute)
        if not is_behind:
            agents = _count_agents(connection, day, differences, past_minute)
    return ServiceFloor(
        service=day.service.code,
        name=day.service.name,
        time_zone=zone,
        date=day.date,
        day_start=day.start,
        day_end=day.end,
        at=moment,
        known_until=day.until,
        waiting=waiting,
        waiting_since=since,
        calls=calls,
        agents=agents,
    )


def _count_waiting(connection: Connection, day: FloorDay, minute: int | None) -> tuple[int, int | None]:
    """Return how many calls wait in queues, and since when the first; at the end of a past minute, or now."""
    if minute is None:
        count, since = _WAITING.fetch_rows(connection, day.service.id, day.now - LONGEST_STAY_MS)[0]
        return count, since
    minute_end = (minute + 1) * MINUTE_MS
    stays = _STAYS.fetch_rows(connection, day.service.id, minute_end - LONGEST_STAY_MS - MINUTE_MS, minute_end)
    waiting = [since for start, end, since in stays if _last_minute(start, end) > minute]
    return len(waiting), min(waiting, default=None)


def _last_minute(start: int, end: int | None) -> int:
    """Return the minute in which a stay in a queue ends; a running stay ends after four hours at the latest."""
    return (start + LONGEST_STAY_MS if end is None else end) // MINUTE_MS


def _count_agents(connection: Connection, day: FloorDay, closed: list[int], minute: int | None) -> AgentCounts:
    """Return how many agents are logged in and in each kind of phone state; at the end of a past minute, or now.

    `closed`: the closed intervals that hold the end of the minute, by column.
    """
    counts = [0] * COLUMNS if minute is None else [0, 0, 0, 0, *closed]
    for time in _open_times(connection, day, is_past=minute is not None):
        if minute is None or (time.first <= minute and (time.end is None or minute < time.end)):
            counts[agent_column(time.state, time.detail)] += time.number
    return AgentCounts(
        logged_in=sum(counts[READY:]),
        ready=counts[READY],
        on_call=counts[ON_CALL],
        outbound=counts[OUTBOUND],
        break_work=counts[BREAK_WORK],
    )


def _open_times(connection: Connection, day: FloorDay, *, is_past: bool) -> list[AgentTime]:
    """Return the phone states that no event has ended: the running ones; for the past, also those timed out."""
    service, now = day.service.id, day.now
    running = _RUNNING_SINCE if is_past else _RUNNING_NOW
    times = [
        AgentTime(state, detail, since, None, number)
        for state, detail, since, number in running.fetch_rows(connection, service, now)
    ]
    # What has run out without an event (rules.md 39, 40) is the only case that needs the whole context.
    if is_past:
        rows = _EXPIRED.fetch_rows(connection, service, now, day.start)
    else:
        calls = sorted(CALL_STATES)
        rows = _EXPIRED_CALLS.fetch_rows(connection, service, now, calls, calls)
    for (stored,) in rows:
        context, ended = stats_store.context_of_stored(stored, day.service.time_zone, now)
        if context.state is not None:
            times.append(AgentTime(context.state, context.phase, context.since // MINUTE_MS, None, 1))
        if is_past:
            times += [
                AgentTime(each.state, each.detail, each.start // MINUTE_MS, each.end // MINUTE_MS, 1)
                for each in ended
                if each.channel == PHONE
            ]
    return times


def read_minutes(connection: Connection, code: str, day: int | None, now: int) -> FloorMinutes:
    """Return queue and agents for each ended minute of a day (YYYYMMDD; None: today). Raises 404 if unknown."""
    shown = _load_day(connection, code, day, now)
    first = shown.start // MINUTE_MS
    count = max(0, min(shown.end, now) // MINUTE_MS - first)
    table = [[0] * count for _ in range(COLUMNS)]
    for minute, *values in _MINUTES.fetch_rows(connection, shown.service.id, first, first + count):
        for column, value in enumerate(values):
            table[column][minute - first] = value
    _add_agents(table, _open_times(connection, shown, is_past=True), first, count)
    waiting, longest = _sum_waits(connection, shown, first, count)
    # Before the first event and behind what is known, nothing is: a dash, never 0.
    begin = count if shown.first is None else min(count, max(0, shown.first - first))
    known = 0 if shown.until is None else (shown.until + OLD_MS) // MINUTE_MS - first
    end = max(begin, min(count, known))

    def known_part(values: list[int], is_told: bool = shown.has_calls) -> list[int | None]:
        return [*[None] * begin, *values[begin:end], *[None] * (count - end)] if is_told else [None] * count

    columns = [known_part(values, shown.has_calls or place >= READY) for place, values in enumerate(table)]
    return FloorMinutes(
        service=shown.service.code,
        date=shown.date,
        time_zone=shown.service.time_zone,
        day_start=shown.start,
        day_end=shown.end,
        at=now,
        known_until=shown.until,
        offered=columns[OFFERED],
        answered=columns[ANSWERED],
        abandoned=columns[ABANDONED],
        answered_in_time=columns[IN_TIME],
        waiting=known_part(waiting),
        longest_ms=known_part(longest),
        ready=columns[READY],
        on_call=columns[ON_CALL],
        outbound=columns[OUTBOUND],
        break_work=columns[BREAK_WORK],
    )


def _add_agents(table: list[list[int]], times: list[AgentTime], first: int, count: int) -> None:
    """Add the agents in `times`, and turn the table's changes by minute into numbers at each minute's end."""
    for state, detail, start, end, number in times:
        begin, until = max(0, start - first), count if end is None else min(count, end - first)
        if begin < until:
            column = table[agent_column(state, detail)]
            column[begin] += number
            if until < count:
                column[until] -= number
    for place in (READY, ON_CALL, OUTBOUND, BREAK_WORK):
        table[place] = list(accumulate(table[place]))


def _sum_waits(connection: Connection, day: FloorDay, first: int, count: int) -> tuple[list[int], list[int]]:
    """Return, for the end of each minute, how many calls wait in queues and the longest wait (ms)."""
    waiting, longest = [0] * count, [0] * count
    start, end = first * MINUTE_MS, (first + count) * MINUTE_MS
    for began, ended, since in _STAYS.fetch_rows(connection, day.service.id, start - LONGEST_STAY_MS - MINUTE_MS, end):
        for minute in range(max(0, began // MINUTE_MS - first), min(count, _last_minute(began, ended) - first)):
            waiting[minute] += 1
            longest[minute] = max(longest[minute], (first + minute + 1) * MINUTE_MS - since)
    return waiting, longest


def set_threshold(change: Change, code: str, seconds: int) -> None:
    """Set a service's threshold (seconds) for today and later days, and count today's calls again (rules.md 48).

    Raises 404 for an unknown service, and 422 for a threshold out of range.
    """
    connection = change.connection
    service = services_store.find_service(connection, code)
    if not 0 <= seconds <= MOST_SECONDS:
        raise invalid_field("seconds", FieldCode.RANGE, f"The threshold is 0 to {MOST_SECONDS} seconds.")
    lock_service(connection, service.id)
    day = day_of(change.now, service.time_zone)
    _SET_THRESHOLD.run(connection, service.id, day, seconds)
    start = day_bounds(day, service.time_zone)[0]
    recount_calls(connection, service.id, service.time_zone, start, last_restart(connection, service.id))
    change.touch(floor_topic(code))


def threshold_of(connection: Connection, service_id: int, day: int) -> int:
    """Return the threshold on a service's day (YYYYMMDD): the longest wait (seconds) of a call answered in time."""
    rows = _THRESHOLD.fetch_rows(connection, service_id, day)
    return rows[0][0] if rows else THRESHOLD_S
