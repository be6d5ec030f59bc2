"""Layout of the card that pictures a day in My stats: hours, strip of states, bars of calls, queue history."""

from collections.abc import Sequence
from datetime import date

from octui.schema.floor import FloorMinutes
from octui.schema.stats import DayInterval, PhoneDay
from octui.state.phone_day import (
    HALF_HOUR_MS,
    HOUR_MS,
    MINUTE_MS,
    Axis,
    Group,
    axis_of,
    calls_by_half_hour,
    group_shares,
    intervals_until,
)
from octui.text.glyphs import glyphs
from octui.text.width import fit_text
from octui.ui.cells.bars import TallBar, share_strip, tall_bars
from octui.ui.cells.marks import card_head
from octui.ui.locale import N_
from octui.ui.roles import Role, State
from octui.ui.widgets.card_lines import LONG_WAIT_MS, DayScene, Line, card_text, fit_line
from octui.ui.words.times import time_of_day

LABEL = 8
"""Cells of the label before each row."""
PICTURE_MS = 15_000
"""The least time in which a cell of the day's picture can grow by an eighth."""
_GROUP_LABELS: dict[Group, str] = {
    Group.TALK: N_("Talk"),
    Group.READY: N_("Ready"),
    Group.WORK: N_("Work"),
    Group.REST: N_("Break"),
    Group.TEAM: N_("Team"),
}
_GROUP_ROLES: dict[Group, State] = {
    Group.TALK: "talk",
    Group.READY: "ready",
    Group.WORK: "work",
    Group.REST: "rest",
    Group.TEAM: "meet",
}


def day_picture(scene: DayScene, day: PhoneDay, cells: int, rows: int) -> list[Line]:
    """Return the rows of the card that pictures an agent's day; cached for 15 seconds while nothing changes."""
    running = None if scene.live is None else scene.live.stats.phone_open
    looks = (scene.stale, scene.t.language, scene.pens.colors, glyphs().level)
    key = (day.date, cells, rows, scene.now // PICTURE_MS, running, looks)
    if key not in scene.drawn:
        scene.drawn.clear()
        scene.drawn[key] = _day_card(scene, day, cells, rows)
    return scene.drawn[key]


def _day_card(scene: DayScene, day: PhoneDay, cells: int, rows: int) -> list[Line]:
    """Return that card's rows: a strip of five rows and, where there is room, bars of calls and the queue's history."""
    t = scene.t
    intervals = intervals_until(day, scene.live, scene.now)
    moment = min(max(scene.now, day.day_start), day.day_end)
    axis = axis_of(day.day_start, day.day_end, intervals, scene.usual.days, moment, cells - LABEL - 1)
    high = 1
    spare = rows - 7
    bars_high = 0 if spare < 3 else min(9, max(2, (spare - 2) // 3 if spare > 12 else spare - (2 if spare > 4 else 1)))
    history = 1 if spare - bars_high - 1 >= 1 and scene.minutes is not None and bars_high else 0
    while 2 + 5 * (high + 1) + bars_high + (1 if bars_high else 0) + history <= rows and high < 3:
        high += 1
    minutes = axis.cell_ms / MINUTE_MS
    note = t("one cell {minutes} min", minutes=f"{minutes:g}")
    if bars_high:
        usual = t("pale: your usual {weekday}", weekday=t(_WEEKDAYS[date.fromisoformat(day.date).weekday()]))
        note += "   " + t("bars: calls each half hour") + (f", {usual}" if scene.usual.is_known else "")
    lines = [card_head(scene.pens, t("The day"), note, cells), _hours_line(scene, day, axis, cells)]
    shares = group_shares(intervals, axis)
    for group in Group:
        lines += _strip_rows(scene, group, shares[group], high, cells)
    if bars_high:
        lines += _bar_rows(scene, day, intervals, axis, bars_high, cells)
    if history and scene.minutes is not None:
        lines.append(_history_row(scene, scene.minutes, axis, cells))
    return lines


_WEEKDAYS = (
    *(N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday")),
)


def _hours_line(scene: DayScene, day: PhoneDay, axis: Axis, cells: int) -> Line:
    """Return the row of hour marks in the service's time zone, with a mark at the present moment."""
    zone = scene.live.stats.time_zone if scene.live is not None else "UTC"
    signs = [" "] * axis.cells
    every = 1
    while HOUR_MS * every // axis.cell_ms < 4:
        every += 1
    moment = axis.cell_at(scene.now) if scene.now < day.day_end else -1
    first = -(-(axis.start - day.day_start) // HOUR_MS)
    for number in range(first, first + axis.cells * axis.cell_ms // HOUR_MS + 1):
        at = day.day_start + number * HOUR_MS
        place = axis.cell_at(at)
        is_free = not place - 1 <= moment <= place + 1
        if is_free and (number - first) % every == 0 and 0 <= place < axis.cells - 1:
            signs[place : place + 2] = time_of_day(at, zone)[:2]
    if 0 <= moment < axis.cells:
        signs[moment] = glyphs().now
    return fit_line(scene, [card_text(scene, " " * LABEL), card_text(scene, "".join(signs))], cells)


def _strip_rows(scene: DayScene, group: Group, shares: Sequence[float], high: int, cells: int) -> list[Line]:
    """Return the strip's rows, one for each group of states; cells are filled by the group's share of time."""
    role = _GROUP_ROLES[group]
    label = card_text(scene, " " + fit_text(scene.t(_GROUP_LABELS[group]), LABEL - 1), role)
    if high == 1:
        return [fit_line(scene, [label, *share_strip(scene.pens, shares, role)], cells)]
    drawn = tall_bars(scene.pens, [TallBar(((role, share),)) for share in shares], 1, high, wide=1, gap=0)
    empty = card_text(scene, " " * LABEL)
    return [fit_line(scene, [label if y == high - 1 else empty, *row], cells) for y, row in enumerate(drawn)]


def _bar_rows(
    scene: DayScene, day: PhoneDay, intervals: Sequence[DayInterval], axis: Axis, high: int, cells: int
) -> list[Line]:
    """Return rows of bars, the calls of each half hour before the usual ones, and a row with both numbers."""
    halves = calls_by_half_hour(day.day_start, intervals, scene.usual.days, axis)
    pitch = HALF_HOUR_MS / axis.cell_ms
    if pitch < 2:
        return []
    is_past = [half.start + HALF_HOUR_MS <= scene.now for half in halves]
    bars = [TallBar((("talk", half.inbound), ("out", half.outbound)), half.usual or 0) for half in halves]
    top = max([1.0, *(half.inbound + half.outbound for half in halves), *(half.usual or 0 for half in halves)])
    wide = max(1, int(pitch) - 1)
    drawn = tall_bars(scene.pens, bars, top, high, wide=wide, gap=int(pitch) - wide)
    label = card_text(scene, " " + fit_text(scene.t("Calls"), LABEL - 1))
    empty = card_text(scene, " " * LABEL)
    rows = [fit_line(scene, [label if y == 0 else empty, *row], cells) for y, row in enumerate(drawn)]
    numbers: Line = [empty]
    for half, past in zip(halves, is_past, strict=True):
        count = half.inbound + half.outbound
        own = str(count) if past or count or half.start <= scene.now else ""
        usual = "" if half.usual is None or int(pitch) < 5 else f"{half.usual:g}"
        numbers += [
            card_text(scene, fit_text(own, min(int(pitch), len(own) + 1)) if own else "", "ink", bold=True),
            card_text(scene, fit_text(usual, max(0, int(pitch) - (len(own) + 1 if own else 0))), "faint"),
        ]
    return [*rows, fit_line(scene, [segment for segment in numbers if segment.text], cells)]


def _history_row(scene: DayScene, minutes: FloorMinutes, axis: Axis, cells: int) -> Line:
    """Return a row of waiting customers over the day, colored by the longest wait."""
    shares: list[float] = []
    roles: list[Role] = []
    top = max([1, *(value for value in minutes.waiting if value is not None)])
    for cell in range(axis.cells):
        first = (axis.start + cell * axis.cell_ms - minutes.day_start) // MINUTE_MS
        last = max(first + 1, (axis.start + (cell + 1) * axis.cell_ms - minutes.day_start) // MINUTE_MS)
        waiting = [value for value in minutes.waiting[max(0, first) : max(0, last)] if value is not None]
        longest = [value for value in minutes.longest_ms[max(0, first) : max(0, last)] if value is not None]
        shares.append(max(waiting, default=0) / top)
        wait = max(longest, default=0)
        roles.append("bad" if wait > LONG_WAIT_MS else "watch" if wait > LONG_WAIT_MS // 3 else "other")
    label = card_text(scene, " " + fit_text(scene.t("In queue"), LABEL - 1))
    return fit_line(scene, [label, *share_strip(scene.pens, shares, roles)], cells)
