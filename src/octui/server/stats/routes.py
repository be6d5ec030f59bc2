"""HTTP routes of My stats: an agent's statistics of a day, the intervals behind them, and the agent's key presses."""

from typing import Annotated

from fastapi import Query

from octui.schema.live import stats_topic, tickets_topic
from octui.schema.stats import Channel, Evidence, Intervals, PhoneDay, StateChange, Stats, UsualDays
from octui.server.stats import evidence_store, phone_day_store, store
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext, query_values
from octui.server.web.parameters import LONGEST_DATE, parse_day

operations = Operations()

DateArg = Annotated[
    str | None, Query(max_length=LONGEST_DATE, description="YYYY-MM-DD in the service's time zone; else today")
]
StateArg = Annotated[str, Query(max_length=50, description="a phone or chat state, logged_in or assumed")]
StartArg = Annotated[int, Query(ge=0, le=253_402_300_799_999, description="`start` of the interval, epoch ms")]
AfterArg = Annotated[int, Query(ge=0, le=1_000_000, description="`next` of the page before")]


def _requested_day(date: str | None) -> int | None:
    """Return the YYYY-MM-DD in the query as YYYYMMDD, None if none is given. Raises 422."""
    return None if date is None else parse_day("date", date)


def _requested_date(context: RequestContext) -> str | None:
    return next(reversed(query_values(context.request, "date")), None)


def _poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    now, service = context.store.clock(), path["service"]
    day, end = context.read_once(("day", service), lambda connection: store.service_day(connection, service, now))
    requested_day = _requested_day(_requested_date(context)) or day
    # A past day changes only by late events; the present or a future one also when it begins or ends.
    until = end if requested_day >= day else None
    tag = str(requested_day) if requested_day == day else f"{requested_day}:{day}"
    return PollKey((stats_topic(service, path["account"]), tickets_topic(service)), tag, until)


def _read_stats(context: RequestContext, path: dict[str, str]) -> Stats:
    now, day = context.store.clock(), _requested_day(_requested_date(context))
    return context.store.read(
        lambda connection: store.read_stats(connection, path["service"], path["account"], day, now)
    )


operations.add_polled(
    "stats", _poll_key, _read_stats, Stats, query={"date": "YYYY-MM-DD in the service's time zone; else today"}
)


@operations("intervals")
def list_intervals(
    service: str,
    account: str,
    channel: Channel,
    state: StateArg,
    context: ContextArg,
    date: DateArg = None,
    after: AfterArg = 0,
) -> Intervals:
    """Return the intervals behind one number of an agent's day, in order, the running one last."""
    now, day = context.store.clock(), _requested_day(date)
    return context.store.read(
        lambda connection: store.list_intervals(connection, service, account, day, channel, state, after, now)
    )


@operations("phone_day")
def read_phone_day(
    service: str, account: str, context: ContextArg, date: DateArg = None, after: AfterArg = 0
) -> PhoneDay:
    """Return all closed phone intervals of a day, in order."""
    now, day = context.store.clock(), _requested_day(date)
    return context.store.read(
        lambda connection: phone_day_store.read_phone_day(connection, service, account, day, after, now)
    )


@operations("usual_days")
def read_usual_days(service: str, account: str, context: ContextArg, date: DateArg = None) -> UsualDays:
    """Return the agent's phone intervals on the same weekday of the last six weeks."""
    now, day = context.store.clock(), _requested_day(date)
    return context.store.read(
        lambda connection: phone_day_store.read_usual_days(connection, service, account, day, now)
    )


@operations("evidence")
def read_evidence(
    service: str,
    account: str,
    channel: Channel,
    state: StateArg,
    start: StartArg,
    context: ContextArg,
    date: DateArg = None,
    after: AfterArg = 0,
) -> Evidence:
    """Return which events began and ended an interval, and the events between them."""
    now, day, key = context.store.clock(), _requested_day(date), evidence_store.IntervalKey(channel, state, start)
    return context.store.read(
        lambda connection: evidence_store.read_evidence(connection, service, account, day, key, after, now)
    )


@operations("change_state")
def change_state(service: str, account: str, body: StateChange, context: ContextArg) -> Stats:
    """Log the agent in to CTI, out, or into a state; return the statistics after it."""
    return context.store.write(lambda change: store.change_state(change, service, account, body), context.principal)
