"""The program's own interpretation of one agent's events, as rows that can be compared (server/comparison.py)."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from octui.server.core.calendar import day_bounds, day_of, split_by_day
from octui.server.events import queue_log_rules, timeline_rules
from server.comparison import Row
from server.reckoner_facts import Event


def end_everything(at: int) -> list[Event]:
    """Return logouts (epoch ms), after which nothing runs."""
    return [(at, "octui.phone.logout", {}), (at, "octui.chat.logout", {})]


def fold(events: Sequence[Event], zone: str, rules: Any = timeline_rules, handlers: Any = queue_log_rules) -> list[Row]:
    """Return the intervals of events that leave nothing running."""
    context, closed = rules.Context(), []
    for day, told in groupby((rules.Event(*event) for event in events), lambda event: day_of(event.at, zone)):
        start = day_bounds(day, zone)[0]
        context, ended = rules.fold_events(context, told, handlers.EVENT_HANDLERS, start)
        closed += ended
    rows = []
    for each in closed:
        counted = each.counted
        for day, start, end in split_by_day(each.start, each.end, zone):
            rows.append(Row(day, each.channel, each.state, start, end, counted))
            counted = False
    return rows
