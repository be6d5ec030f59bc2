"""What is read at any moment is what a restart of the PBX at that moment would leave (rules.md 38–40).

QUEUESTART ends everything without being an event of the agent, and so does the end of reading.
"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octui.server.core.calendar import day_bounds, day_of, split_by_day
from octui.server.events.queue_log_rules import EVENT_HANDLERS, RESTART
from octui.server.events.timeline_rules import CHAT, Context, Event, Interval, context_at, fold_events
from octui.server.stats.rules import Present, figures_of_day
from server.streams import AGENTS, Told, streams, told_to

Figures = dict[tuple[int, str, str], tuple[int, int]]
_later = st.sampled_from((0, 1, 60, 3600, 12 * 3600 - 1, 12 * 3600, 12 * 3600 + 1, 30 * 3600, 80 * 3600))


def fold(events: list[Event], context: Context, zone: str) -> tuple[Context, list[Interval]]:
    closed: list[Interval] = []
    for event in events:
        start = day_bounds(day_of(event.at, zone), zone)[0]
        context, ended = fold_events(context, [event], EVENT_HANDLERS, start)
        closed += ended
    return context, closed


def figures_of(intervals: list[Interval], zone: str) -> Figures:
    figures: Figures = {}
    for each in intervals:
        counted = each.counted
        for day, start, end in split_by_day(each.start, each.end, zone):
            count, ms = figures.get((day, each.channel, each.state), (0, 0))
            figures[day, each.channel, each.state] = (count + counted, ms + end - start)
            counted = False
    return {key: value for key, value in figures.items() if value != (0, 0) and key[1] != CHAT}


def figures_read(present: Present, now: int, first: int, zone: str) -> Figures:
    """Return the figures as My stats adds them up, of every day since `first` (epoch ms)."""
    figures: Figures = {}
    start = first
    while start <= now:
        day = day_of(start, zone)
        start, end = day_bounds(day, zone)
        found = figures_of_day([], present, start, end, now)
        for (channel, state), (count, ms) in found.figures.items():
            running = found.open.get(channel)
            if running is not None and running.state == state:
                ms += (now if found.proved_until is None else found.proved_until) - running.since
            if channel != CHAT and (count, ms) != (0, 0):
                figures[day, channel, state] = (count, ms)
        start = end
    return figures


@settings(deadline=None, derandomize=True, max_examples=100, suppress_health_check=list(HealthCheck))
@given(stream=streams(), later=_later)
def test_reading_gives_what_a_restart_would_leave(stream: tuple[str, int, list[Told]], later: int) -> None:
    zone, first, told = stream
    events = [Event(*event) for event in told_to(AGENTS[0], told)]
    context, _ = fold(events, Context(), zone)
    now = (events[-1].at if events else first) + later * 1000
    present = Present(*context_at(context, now, day_bounds(day_of(now, zone), zone)[0]))
    restart = Event(now, RESTART, {"call": None, "queue": "", "args": []})
    after, closed = fold([restart], context, zone)
    assert after.state is None
    assert figures_read(present, now, first, zone) == figures_of(closed, zone)
