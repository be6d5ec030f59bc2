"""My stats: the figures of a day, the intervals behind them, and the agent's own keys."""

from typing import Annotated

from fastapi import Query

from octui.schema.live import stats_topic, tickets_topic
from octui.schema.stats import Channel, Intervals, StateChange, Stats
from octui.server.stats import store
from octui.server.web.operations import Call, CallArg, Operations, Watch, query_values
from octui.server.web.parameters import LONGEST_DATE, day_number

operations = Operations()

DateArg = Annotated[
    str | None, Query(max_length=LONGEST_DATE, description="YYYY-MM-DD in the service's time zone; else today")
]
StateArg = Annotated[str, Query(max_length=50, description="a phone or chat state, or logged_in")]
AfterArg = Annotated[int, Query(ge=0, le=1_000_000, description="`next` of the page before")]


def _day(date: str | None) -> int | None:
    """YYYY-MM-DD as YYYYMMDD. Raises 422."""
    return None if date is None else day_number("date", date)


def _date(call: Call) -> str | None:
    return next(reversed(query_values(call.request, "date")), None)


def _watch(call: Call, path: dict[str, str]) -> Watch:
    now, service = call.store.clock(), path["service"]
    day, end = call.once(("day", service), lambda connection: store.present_day(connection, service, now))
    asked = _day(_date(call)) or day
    # A day that is over changes by late events only; one that is not changes by itself when it begins or ends.
    until = end if asked >= day else None
    tag = str(asked) if asked == day else f"{asked}:{day}"
    return Watch((stats_topic(service, path["account"]), tickets_topic(service)), tag, until)


def _read(call: Call, path: dict[str, str]) -> Stats:
    now, day = call.store.clock(), _day(_date(call))
    return call.store.read(lambda connection: store.read(connection, path["service"], path["account"], day, now))


operations.polled("stats", _watch, _read, Stats, query={"date": "YYYY-MM-DD in the service's time zone; else today"})


@operations("intervals")
def intervals(
    service: str,
    account: str,
    channel: Channel,
    state: StateArg,
    call: CallArg,
    date: DateArg = None,
    after: AfterArg = 0,
) -> Intervals:
    """The intervals behind one figure of a day, in order, the running one last."""
    now, day = call.store.clock(), _day(date)
    return call.store.read(
        lambda connection: store.intervals(connection, service, account, day, channel, state, after, now)
    )


@operations("change_state")
def change_state(service: str, account: str, body: StateChange, call: CallArg) -> Stats:
    """Log in to CTI, log out, take a state; the figures after it."""
    return call.store.write(lambda change: store.change_state(change, service, account, body), call.principal)
