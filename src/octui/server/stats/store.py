"""SQL of My stats and of the agent's own key presses (rules.md 23, 27–31)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from octui.schema.items import ServiceState
from octui.schema.problems import Code, FieldCode
from octui.schema.stats import Channel, ChatState, Interval, Intervals, PhoneState, StateChange, Stats, Tickets
from octui.server.core.calendar import date_of, day_bounds, day_of
from octui.server.core.errors import ProblemError, invalid_field, not_allowed, not_found
from octui.server.cti import settings_store
from octui.server.cti.readiness_rules import Facts, require_ready
from octui.server.database.driver import Query
from octui.server.database.unit_of_work import Change
from octui.server.events.rules import KEYS_SOURCE, IncomingEvent
from octui.server.events.store import lock_service, take_in
from octui.server.events.timeline_rules import (
    ASSUMED,
    LOGGED_IN,
    LOGIN,
    PHONE,
    SERVER_LOGOUT,
    Context,
    assumed_until,
    context_at,
)
from octui.server.events.timeline_store import load_timelines, read_timeline_context
from octui.server.services.rules import require_in_use
from octui.server.stats import rules

PAGE = 200

_SERVICE = Query("SELECT id, time_zone FROM service WHERE code = {p}")
_STATE = Query("SELECT state FROM service WHERE id = {p}")
_LOGGED_IN = Query(
    "SELECT s.member_id, m.account FROM agent_state s JOIN member m ON m.id = s.member_id "
    "JOIN agent a ON a.member_id = s.member_id AND a.service_id = s.service_id WHERE s.service_id = {p}"
)
_MEMBER = Query(
    "SELECT m.id, m.name FROM member m WHERE m.account = {p} AND (EXISTS (SELECT 1 FROM agent a "
    "WHERE a.member_id = m.id AND a.service_id = {p}) OR EXISTS (SELECT 1 FROM agent_state s "
    "WHERE s.member_id = m.id AND s.service_id = {p}))"
)
_ZONE = Query("SELECT time_zone FROM agent_day WHERE service_id = {p} AND member_id = {p} AND day = {p}")
_FIGURES = Query(
    'SELECT channel, state, "count", ms FROM figure WHERE service_id = {p} AND member_id = {p} AND day = {p}'
)
_KNOWN = Query(
    "SELECT EXISTS (SELECT 1 FROM figure WHERE service_id = {p} AND member_id = {p} AND day < {p} AND channel = {p})"
)
_INTERVALS = Query(
    'SELECT start, "end", state, counted, call, detail FROM interval WHERE service_id = {p} AND member_id = {p} '
    'AND day = {p} AND channel = {p} AND state {texts} ORDER BY start, "end", id LIMIT {p} OFFSET {p}'
)
_UNASSIGNED = Query("SELECT count(*) FROM ticket WHERE service_id = {p} AND owner_id IS NULL AND state = 'open'")
_OPEN = Query("SELECT count(*) FROM ticket WHERE service_id = {p} AND owner_id = {p} AND state = 'open'")
_SOLVED = Query(
    "SELECT count(*) FROM ticket WHERE service_id = {p} AND solved_by = {p} AND solved_at >= {p} AND solved_at < {p}"
)
_CLOSED = Query(
    "SELECT count(*) FROM ticket WHERE service_id = {p} AND closed_by = {p} AND closed_at >= {p} AND closed_at < {p}"
)
_ANY_TICKET = Query("SELECT EXISTS (SELECT 1 FROM ticket WHERE service_id = {p})")
_TICKET_BY = Query("SELECT EXISTS (SELECT 1 FROM event WHERE service_id = {p} AND ticket IS NOT NULL AND at < {p})")
_PHONE_READY = Query(
    "SELECT EXISTS (SELECT 1 FROM contract_item i WHERE i.service_id = a.service_id AND i.item = 'telticket'), "
    "a.phone, c.cti_id IS NOT NULL, c.cti_no IS NOT NULL, a.chat "
    "FROM agent a LEFT JOIN cti_agent c ON c.member_id = a.member_id WHERE a.service_id = {p} AND a.member_id = {p}"
)


@dataclass(frozen=True)
class AgentDay:
    """An agent's day in a service. `day`: YYYYMMDD. `start`, `end`: its first millisecond and the next day's."""

    service: int
    member: int
    name: str
    time_zone: str
    day: int
    start: int
    end: int

    @property
    def date(self) -> str:
        """The day as YYYY-MM-DD."""
        return date_of(self.day).isoformat()


def _find_service(connection: Connection, service: str) -> tuple[int, str]:
    rows = _SERVICE.fetch_rows(connection, service)
    if not rows:
        raise not_found()
    return rows[0][0], rows[0][1]


def service_day(connection: Connection, service: str, now: int) -> tuple[int, int]:
    """Return today's date in a service (YYYYMMDD) and when the day ends (epoch ms). Raises 404."""
    _, zone = _find_service(connection, service)
    day = day_of(now, zone)
    return day, day_bounds(day, zone)[1]


def find_agent_day(connection: Connection, service: str, account: str, day: int | None, now: int) -> AgentDay:
    """Return an agent's day (YYYYMMDD; None: today) with its bounds. Raises 404."""
    service_id, zone = _find_service(connection, service)
    members = _MEMBER.fetch_rows(connection, account, service_id, service_id)
    if not members:
        raise not_found()
    member, name = members[0]
    if day is None:
        day = day_of(now, zone)
    zones = _ZONE.fetch_rows(connection, service_id, member, day)
    zone = zones[0][0] if zones else zone
    return AgentDay(service_id, member, name, zone, day, *day_bounds(day, zone))


def read_present(connection: Connection, at: AgentDay, now: int) -> rules.Present:
    """Return an agent's running states at `now` (epoch ms), and intervals that ended by timeout without an event."""
    timeline = load_timelines(connection, at.service, [at.member])[at.member]
    return _present_at(timeline.context, at.time_zone, now)


def shown_state(stored: str, zone: str, now: int) -> dict[str, Any]:
    """Return an agent's phone state at `now` (epoch ms) as the fields of schema/agents.py, {} when logged out."""
    context = _present_at(read_timeline_context(stored), zone, now).context
    if context.state is None:
        return {}
    until = assumed_until(context)
    ends = None if until is None else day_bounds(day_of(until, zone), zone)[1]
    return {"state": context.state, "since": context.since, "proved_until": until, "ends": ends}


def context_of_stored(stored: str, zone: str, now: int) -> rules.Present:
    """Return the context of a stored timeline at `now` (epoch ms), and intervals that ended by timeout."""
    return _present_at(read_timeline_context(stored), zone, now)


def _present_at(context: Context, zone: str, now: int) -> rules.Present:
    return rules.Present(*context_at(context, now, day_bounds(day_of(now, zone), zone)[0]))


def read_stats(connection: Connection, service: str, account: str, day: int | None, now: int) -> Stats:
    """Return an agent's statistics of a day (YYYYMMDD; None: today) at `now` (epoch ms). Raises 404."""
    at = find_agent_day(connection, service, account, day, now)
    present = read_present(connection, at, now)
    rows = [(channel, state, count, ms) for channel, state, count, ms in _FIGURES.fetch_rows(connection, *_day_key(at))]
    figures = rules.figures_of_day(rows, present, at.start, at.end, now)
    phone, chat = (_is_channel_known(connection, at, channel, figures, present, now) for channel in Channel)
    login = figures.open.get(LOGIN)
    return Stats(
        service=service,
        account=account,
        name=at.name,
        date=at.date,
        time_zone=at.time_zone,
        day_start=at.start,
        day_end=at.end,
        as_of=now,
        tickets=_ticket_figures(connection, at, now),
        phone=figures.phone_figures() if phone else None,
        phone_open=figures.open.get(PHONE),
        logged_in=figures.logged_in() if phone else None,
        logged_in_since=login.since if login else None,
        assumed=figures.assumed() if phone else None,
        is_login_assumed=login is not None and login.state == ASSUMED,
        proved_until=figures.proved_until,
        chat=figures.chat_figures() if chat else None,
        chat_open=figures.open.get(Channel.CHAT.value),
    )


def _day_key(at: AgentDay) -> tuple[int, int, int]:
    return at.service, at.member, at.day


def _is_channel_known(
    connection: Connection,
    at: AgentDay,
    channel: Channel,
    figures: rules.DayFigures,
    present: rules.Present,
    now: int,
) -> bool:
    """Return whether a channel had an event up to that day; otherwise its numbers are unknown, not 0."""
    if at.start > now:
        return False
    if any(key[0] == channel.value for key in figures.figures):
        return True
    if any(each.channel == channel.value and each.start < at.start for each in present.ended):
        return True
    return bool(_KNOWN.fetch_rows(connection, *_day_key(at), channel.value)[0][0])


def _ticket_figures(connection: Connection, at: AgentDay, now: int) -> Tickets | None:
    """Return an agent's ticket counts, or None if no ticket was known up to that day (rules.md 31)."""
    is_past = at.end <= now
    is_known = (
        _TICKET_BY.fetch_rows(connection, at.service, at.end)
        if is_past
        else _ANY_TICKET.fetch_rows(connection, at.service)
    )
    if at.start > now or not is_known[0][0]:
        return None

    def count_tickets(query: Query, *values: int) -> int:
        return int(query.fetch_rows(connection, at.service, *values)[0][0])

    return Tickets(
        unassigned=None if is_past else count_tickets(_UNASSIGNED),
        open=None if is_past else count_tickets(_OPEN, at.member),
        solved=count_tickets(_SOLVED, at.member, at.start, at.end),
        closed=count_tickets(_CLOSED, at.member, at.start, at.end),
    )


def require_state(channel: Channel, state: str) -> None:
    """Raise 422 unless `state` is one of the channel's, or `logged_in` or `assumed` on phone."""
    states = {each_state.value for each_state in (PhoneState if channel is Channel.PHONE else ChatState)}
    if state not in states and not (channel is Channel.PHONE and state in (LOGGED_IN, ASSUMED)):
        raise invalid_field("state", FieldCode.UNKNOWN_VALUE, f"The channel {channel.value} has no such state.")


def stored_states(channel: Channel, state: str) -> tuple[str, list[str]]:
    """Return the channel and the states under which the intervals behind a number are stored.

    `logged_in` means all CTI sessions, `assumed` those whose login is not in the log.
    """
    if state == LOGGED_IN:
        return LOGIN, [LOGGED_IN, ASSUMED]
    return LOGIN if state == ASSUMED else channel.value, [state]


def list_intervals(
    connection: Connection,
    service: str,
    account: str,
    day: int | None,
    channel: Channel,
    state: str,
    after: int,
    now: int,
) -> Intervals:
    """Return a page of the intervals behind one number of My stats, after the first `after` of them.

    Raises 404, and 422 for a state that the channel does not have.
    """
    require_state(channel, state)
    at = find_agent_day(connection, service, account, day, now)
    stored_channel, states = stored_states(channel, state)
    rows = _INTERVALS.fetch_rows(connection, *_day_key(at), stored_channel, states, PAGE + 1, after)
    intervals = [
        Interval(start=start, end=end, state=name, counted=bool(counted), call=call, detail=detail or None)
        for start, end, name, counted, call, detail in rows[:PAGE]
    ]
    if len(rows) <= PAGE:
        parts = rules.parts_of_day(read_present(connection, at, now), at.start, at.end, now)
        intervals += [part for channel_name, part in parts if channel_name == stored_channel and part.state in states]
    return Intervals(
        channel=channel,
        state=state,
        date=at.date,
        time_zone=at.time_zone,
        intervals=intervals,
        next=after + PAGE if len(rows) > PAGE else None,
    )


def change_state(change: Change, service: str, account: str, body: StateChange) -> Stats:
    """Store the agent's own key press as an event, and return the statistics after it.

    Raises 404, the problem of the first condition not met (server/cti/readiness_rules.py), and 403 without chat
    permission. Unless it logs out, raises 403 (service_not_in_use) in a service that is not in use. Raises 409 for a
    state without being logged in, and 422 for a state that the channel does not have.
    """
    connection = change.connection
    service_id, _ = _find_service(connection, service)
    lock_service(connection, service_id)
    if body.kind != "logout":
        require_in_use(ServiceState(_STATE.fetch_rows(connection, service_id)[0][0]))
    at = find_agent_day(connection, service, account, None, change.now)
    event_type, data = _key_press_event(body)
    _require_allowed(connection, at, body)
    timeline = load_timelines(connection, at.service, [at.member])[at.member]
    is_phone = body.channel is Channel.PHONE
    context = _present_at(timeline.context, at.time_zone, change.now).context
    if body.kind == "state" and (context.state if is_phone else context.chat) is None:
        raise ProblemError(Code.CONFLICT, 409, "Log in first.")
    if body.at is not None and not change.principal.operator:
        raise not_allowed("Only the operator names the time of a state.")
    # After an event from a clock that is ahead, a key press would count as late and have no effect.
    last_key = timeline.phone if is_phone else timeline.chat
    moment = max(change.now if body.at is None else body.at, last_key[0])
    sequence = min(last_key[1] + 1, (1 << 63) - 1) if moment == last_key[0] else 0
    name = f"{moment:013d}-{secrets.token_hex(8)}"
    event = IncomingEvent(name, KEYS_SOURCE, event_type, moment, sequence, account, False, data, None, None)
    take_in(change, at.service, [event])
    return read_stats(connection, service, account, None, change.now)


def log_out(change: Change, service_id: int, member_id: int, account: str) -> None:
    """Log out an agent whose role is removed, since later events would match nobody."""
    _log_out_members(change, service_id, {member_id: account})


def log_out_everyone(change: Change, service_id: int) -> None:
    """Log out all agents of a service that is suspended or terminated (rules.md 8)."""
    _log_out_members(change, service_id, dict(_LOGGED_IN.fetch_rows(change.connection, service_id)))


def _log_out_members(change: Change, service_id: int, accounts: Mapping[int, str]) -> None:
    lock_service(change.connection, service_id)
    ends = [
        (
            accounts[timeline.member],
            event_type,
            max(change.now, last_key[0]),
            last_key[1] + 1 if last_key[0] >= change.now else 0,
        )
        for timeline in load_timelines(change.connection, service_id, sorted(accounts)).values()
        for running, last_key, event_type in (
            (timeline.context.state, timeline.phone, "octui.phone.logout"),
            (timeline.context.chat, timeline.chat, "octui.chat.logout"),
        )
        if running is not None
    ]
    events = [
        IncomingEvent(
            f"{at:013d}-{secrets.token_hex(8)}",
            KEYS_SOURCE,
            event_type,
            at,
            sequence,
            account,
            False,
            SERVER_LOGOUT if event_type == "octui.phone.logout" else {},
            None,
            None,
        )
        for account, event_type, at, sequence in ends
    ]
    if events:
        take_in(change, service_id, events)


def _key_press_event(body: StateChange) -> tuple[str, dict[str, str]]:
    """Return the event type and data for an agent's key press. Raises 422."""
    channel = body.channel.value
    if body.kind == "state" and body.state is None:
        raise invalid_field("state", FieldCode.MISSING, "Say which state.")
    if body.state is PhoneState.OTHER:
        raise invalid_field("state", FieldCode.UNKNOWN_VALUE, "This state cannot be taken by key.")
    if body.channel is Channel.CHAT:
        if body.kind != "state":
            return f"octui.{channel}.{body.kind}", {}
        if body.state not in (PhoneState.READY, PhoneState.REST):
            raise invalid_field("state", FieldCode.UNKNOWN_VALUE, "The chat states to take are ready and rest.")
        return f"octui.{channel}." + ("rest" if body.state is PhoneState.REST else "resume"), {}
    if body.kind == "logout" or body.state is None:
        return f"octui.{channel}.{body.kind}", {}
    return f"octui.{channel}.{body.kind}", {"state": body.state.value}


def _require_allowed(connection: Connection, at: AgentDay, body: StateChange) -> None:
    """Raise the problem of the first readiness condition that the agent does not meet (rules.md 23)."""
    rows = _PHONE_READY.fetch_rows(connection, at.service, at.member)
    if not rows:
        raise not_found()
    contract, phone, cti_id, cti_no, chat = (bool(value) for value in rows[0])
    if body.kind == "logout":
        return
    if body.channel is Channel.CHAT:
        if not chat:
            raise not_allowed("You have no chat permission in this service.")
        return
    require_ready(Facts(contract, settings_store.is_complete(connection), phone, cti_id, cti_no))
