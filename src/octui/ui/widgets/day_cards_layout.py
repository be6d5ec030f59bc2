"""Layout of the cards of My stats: running state, queue, picture of the day, usual day, last intervals.

Pure functions from figures to rows of segments, each exactly as wide as the screen. When rows are short, cards go in
this order: last intervals, the usual day, queue history, bars, strip; the queue's line always stays.
"""

from dataclasses import dataclass
from itertools import groupby

from rich.segment import Segment
from rich.style import Style

from octui.schema.stats import SELECTABLE_STATES, PhoneDay, PhoneState
from octui.state.floor import FloorRow, Rate
from octui.state.phone_day import (
    MINUTE_MS,
    intervals_until,
    likely_next,
)
from octui.text.durations import format_duration
from octui.text.glyphs import GlyphLevel, glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.cells.bars import row_bar
from octui.ui.cells.marks import card_head, mark
from octui.ui.cells.states import chip, state_role
from octui.ui.roles import RateVerdict, Role
from octui.ui.wall.columns import (
    ANSWER_RATE,
    ANSWER_SHORT,
    LEVEL_SHORT,
    LONGEST,
    READY_AGENTS,
    SERVICE_LEVEL,
    WAITING_SHORT,
)
from octui.ui.wall.letters import number_shape, number_width
from octui.ui.widgets.card_lines import (
    GAP,
    LONG_WAIT_MS,
    DayScene,
    Line,
    blank_line,
    card_text,
    fit_line,
    interval_label,
    lay_beside,
    line_width,
    short_time,
)
from octui.ui.widgets.day_picture import day_picture
from octui.ui.words.stats import PHONE_LABELS
from octui.ui.words.times import time_of_day

NOW_ROWS = 16
WIDE = 100
"""From so many cells on, two cards stand side by side."""
DIGITS_HIGH = 5
DAY_ROWS = 12
"""Rows of the day's card with head, hours, strip, bars of three rows, their numbers and the queue's history."""
_COMPARED = (
    PhoneState.INBOUND_CALLS,
    PhoneState.READY,
    PhoneState.TICKET_WORK,
    PhoneState.REST,
    PhoneState.MEAL,
    PhoneState.TRANSFER,
    PhoneState.CHAT_WORK,
)


def has_now_card(cells: int, rows: int) -> bool:
    """Return whether a screen of this size has room for a card of the running state."""
    return cells >= WIDE and rows >= NOW_ROWS


def day_cards(scene: DayScene, cells: int, rows: int) -> list[Line]:
    """Return the cards of My stats as at most `rows` rows, each `cells` wide."""
    if scene.live is None or rows < 1:
        return []
    is_wide = cells >= WIDE
    today = scene.day is not None and not scene.live.is_over(scene.now)
    lines: list[Line] = []
    left = rows
    if today and has_now_card(cells, rows):
        half = (cells - GAP) * 11 // 20
        lines += lay_beside(scene, _now_card(scene, half), _queue_card(scene, cells - GAP - half), (half, cells))
        lines.append(blank_line(scene, cells))
    elif today:
        lines.append(_queue_line(scene, cells))
    left = rows - len(lines)
    if scene.day is None or left < 7:
        return lines[:rows]
    below = 0
    if is_wide and left >= DAY_ROWS + 5:
        below = max(5, min(left - DAY_ROWS, left // 3))
    elif left >= 8 and today:
        below = 1
    lines += day_picture(scene, scene.day, cells, left - below)
    if below > 1:
        half = (cells - GAP) * 3 // 5
        lines.append(blank_line(scene, cells))
        usual = _usual_card(scene, scene.day, half, rows - len(lines))
        last = _last_card(scene, scene.day, cells - GAP - half, rows - len(lines))
        lines += lay_beside(scene, usual, last, (half, cells))
    elif below:
        lines.append(_usual_line(scene, scene.day, cells))
    return lines[:rows]


def _stamp(scene: DayScene, text: str, role: Role) -> list[Line]:
    """Return a number in large digits, five rows high."""
    level = glyphs().level
    shape = number_shape(text, DIGITS_HIGH, halves=level is GlyphLevel.FULL)
    style = scene.pens.text(role, "surface")
    if level is GlyphLevel.FULL:
        return [[Segment(line, style)] for line in shape]
    if level is GlyphLevel.ASCII and not scene.pens.colored:
        return [[Segment(line.replace("█", "#"), style)] for line in shape]
    filled = scene.pens.fill(role)
    return [
        [
            Segment(" " * len(list(dots)), filled if is_dot else style)
            for is_dot, dots in groupby(line, lambda sign: sign == "█")
        ]
        for line in shape
    ]


# --- now and the queue --------------------------------------------------------------------------------------------


def _now_card(scene: DayScene, cells: int) -> list[Line]:
    """Return the running state's card: name, start, duration large, and the states that often follow."""
    t, pens, live = scene.t, scene.pens, scene.live
    is_proved = live is not None and live.stats.proved_until is not None
    note = t("up to the last event in the log") if is_proved else t("Next state: F6 and the digit")
    head = card_head(pens, t("Now"), note, cells)
    state = live.running_phone if live is not None else None
    if live is None or state is None or live.stats.phone_open is None:
        return [head, *([[]] * 2), [card_text(scene, "  " + t("Not logged in to CTI"), "ink", bold=True)], *([[]] * 3)]
    since = live.stats.phone_open.since
    proved = live.stats.proved_until
    seconds = max(0, (scene.now if proved is None else min(scene.now, proved)) - since) // 1000
    tile = pens.fill("old" if scene.stale else state_role(state))
    label, begun = t(PHONE_LABELS[state]), t("since {time}", time=time_of_day(since, live.stats.time_zone))
    wide = max(16, cell_width(label) + 4, cell_width(begun) + 2)
    minutes = str(seconds // 60)
    large = _stamp(scene, minutes, "old" if scene.stale else state_role(state))
    unit = t("min {seconds} s", seconds=f"{seconds % 60:02d}")
    keys = _next_keys(scene, state)
    texts = ["", label, begun, "", ""]
    lines: list[Line] = [head]
    for y in range(DIGITS_HIGH):
        row: Line = [
            card_text(scene, " "),
            Segment(_centered(texts[y], wide), Style.combine([tile, Style(bold=y == 1)])),
            card_text(scene, "   "),
            *large[y],
            card_text(scene, " "),
        ]
        if y == DIGITS_HIGH - 1:
            row.append(card_text(scene, unit, "ink", bold=True))
        at = max(line_width(row) + 2, cells - 22)
        if y < len(keys) and at + 20 <= cells + 2:
            row = [*fit_line(scene, row, at), *keys[y]]
        lines.append(row)
    lines.append(_before_line(scene))
    return lines


def _centered(text: str, cells: int) -> str:
    room = max(0, cells - cell_width(text))
    return fit_text(" " * (room // 2) + text, cells)


def _next_keys(scene: DayScene, state: PhoneState) -> list[Line]:
    """Return chips of the states that often follow, the two likeliest in bold."""
    day = scene.day
    following = likely_next(day.intervals if day is not None else (), state)
    order = [*following, *(each for each in _DEFAULT_NEXT if each not in following and each is not state)]
    return [
        [
            chip(scene.pens, each),
            card_text(scene, " " + scene.t(PHONE_LABELS[each]), "ink" if place < 2 else "soft", bold=place < 2),
        ]
        for place, each in enumerate(order[:DIGITS_HIGH])
    ]


_DEFAULT_NEXT = (
    PhoneState.READY,
    PhoneState.TICKET_WORK,
    PhoneState.CHAT_WORK,
    PhoneState.REST,
    PhoneState.MEAL,
    *(state for state in SELECTABLE_STATES if state is PhoneState.EDUCATION),
)


def _before_line(scene: DayScene) -> Line:
    """Return a line with the last three intervals before the running state and their durations."""
    day, t = scene.day, scene.t
    if day is None or not day.intervals:
        return []
    texts = [
        f"{interval_label(interval, t)} {short_time((interval[1] - interval[0]) // 1000)}"
        for interval in day.intervals[-3:]
    ]
    arrow = f" {glyphs().arrow} "
    return [card_text(scene, " " + t("before") + "  " + arrow.join(texts), "faint")]


def _rate(scene: DayScene, rate: Rate | None) -> tuple[str, RateVerdict | None]:
    if rate is None:
        return glyphs().unknown, None
    verdict: RateVerdict = rate.verdict.value
    return f"{rate.percent}%", verdict


def _queue_facts(scene: DayScene) -> list[tuple[str, str, RateVerdict | None]]:
    """Return label, value and verdict of each number about the service's queue, the longest wait first."""
    floor, t = scene.floor, scene.t
    dash = glyphs().unknown
    if floor is None or not floor.is_known:
        return [(label, dash, None) for label in (t(LONGEST), t(ANSWER_RATE), t(SERVICE_LEVEL))]
    wait = floor.longest_wait_ms
    wait_text = short_time(wait // 1000) if wait is not None else dash
    agents = floor.agents
    return [
        (t(LONGEST), wait_text, "bad" if wait is not None and wait > LONG_WAIT_MS else None),
        (t(ANSWER_RATE), *_rate(scene, floor.answer_rate)),
        (t(SERVICE_LEVEL), *_rate(scene, floor.service_level)),
        (t("In calls"), dash if agents is None else str(agents.on_call + agents.outbound), None),
        (t("Break/work"), dash if agents is None else str(agents.break_work), None),
    ]


def _queue_roles(floor: FloorRow | None) -> tuple[Role, Role]:
    """Return the color roles for the numbers of waiting customers and ready agents."""
    if floor is None or floor.is_old or floor.waiting is None:
        return "old", "old"
    waits_long = floor.longest_wait_ms is not None and floor.longest_wait_ms > LONG_WAIT_MS
    nobody = floor.agents is not None and floor.waiting > 0 and floor.agents.ready == 0
    return ("bad" if waits_long or nobody else "ink"), ("bad" if nobody else "ready")


def _queue_card(scene: DayScene, cells: int) -> list[Line]:
    """Return the queue's card: waiting customers and ready agents large, five numbers beside them."""
    t, pens, floor = scene.t, scene.pens, scene.floor
    note = "" if floor is None or floor.age_ms is None else t("figures {age} old", age=short_time(floor.age_ms // 1000))
    title = t("{service} now", service=floor.name) if floor is not None else t("Queue")
    waiting = None if floor is None else floor.waiting
    ready = None if floor is None or floor.agents is None else floor.agents.ready
    roles = _queue_roles(floor)
    numbers = [glyphs().unknown if value is None else str(value) for value in (waiting, ready)]
    labels = (t(WAITING_SHORT), t(READY_AGENTS))
    stamps = [_stamp(scene, text, role) for text, role in zip(numbers, roles, strict=True)]
    halves = glyphs().level is GlyphLevel.FULL
    widths = [
        max(cell_width(label) + 2, number_width(text, DIGITS_HIGH, halves=halves) + 6)
        for label, text in zip(labels, numbers, strict=True)
    ]
    facts = _queue_facts(scene)
    top: Line = [card_text(scene, " ")]
    for label, role, wide in zip(labels, roles, widths, strict=True):
        top += fit_line(
            scene, [card_text(scene, label), card_text(scene, " "), mark(pens, "bad" if role == "bad" else None)], wide
        )
    lines: list[Line] = [card_head(pens, title, note, cells), top]
    for y in range(DIGITS_HIGH):
        row: Line = [card_text(scene, " ")]
        for stamp, wide in zip(stamps, widths, strict=True):
            row += fit_line(scene, stamp[y], wide)
        if y < len(facts):
            label, value, verdict = facts[y]
            row.append(card_text(scene, " " + fit_text(label, 13) + fit_text(value, 6, "right") + " ", "soft"))
            row.append(mark(pens, verdict))
        lines.append(row)
    return lines


def _queue_line(scene: DayScene, cells: int) -> Line:
    """Return the service's queue in one row, for small screens."""
    t, floor = scene.t, scene.floor
    waiting = None if floor is None else floor.waiting
    ready = None if floor is None or floor.agents is None else floor.agents.ready
    roles = _queue_roles(floor)
    dash = glyphs().unknown
    name = floor.name if floor is not None else t("Queue")
    is_narrow = cells < WIDE
    line: Line = [card_text(scene, " " + fit_text(name, min(10 if is_narrow else 20, cell_width(name))), "soft")]
    for label, value, role in (
        (t(WAITING_SHORT), dash if waiting is None else str(waiting), roles[0]),
        (t(READY_AGENTS), dash if ready is None else str(ready), roles[1]),
    ):
        line += [card_text(scene, f"  {label} "), card_text(scene, value, role, bold=True)]
    shorts = (t(LONGEST), t(ANSWER_SHORT), t(LEVEL_SHORT))
    for short, (label, value, verdict) in zip(shorts, _queue_facts(scene)[:3], strict=True):
        number = value.rstrip("%") if is_narrow else value
        line.append(card_text(scene, f"  {short if is_narrow else label} "))
        line.append(card_text(scene, number, verdict or "ink", bold=True))
        if verdict is not None:
            line += [card_text(scene, " "), mark(scene.pens, verdict)]
    return fit_line(scene, line, cells)


# --- the usual day and the last intervals -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Comparison:
    """One of today's numbers beside the usual one: their texts, and their values for the bar."""

    label: str
    state: PhoneState
    today: str
    usual: str
    difference: str
    value: float
    usual_value: float | None


def _comparisons(scene: DayScene, day: PhoneDay) -> list[_Comparison]:
    """Return today's numbers beside the usual ones: calls by count, states by time."""
    live, t = scene.live, scene.t
    phone = live.phone_figures(scene.now) if live is not None else None
    if phone is None:
        return []
    offset = min(scene.now, day.day_end) - day.day_start
    rows = []
    for state in _COMPARED:
        count, seconds = phone[state]
        usual = scene.usual.figure_at(state, offset)
        is_calls = state is PhoneState.INBOUND_CALLS
        value = float(count if is_calls else seconds)
        usual_value = None if usual is None else (usual[0] if is_calls else usual[1] / 1000)
        show = _count_text if is_calls else format_duration
        difference = "" if usual_value is None else _signed(value - usual_value, is_calls)
        usual_text = glyphs().unknown if usual_value is None else show(usual_value)
        rows.append(_Comparison(t(PHONE_LABELS[state]), state, show(value), usual_text, difference, value, usual_value))
    return rows


def _count_text(count: float) -> str:
    return f"{count:g}"


def _signed(difference: float, is_count: bool) -> str:
    """Return a difference as text with its sign."""
    sign = "-" if difference < 0 else "+"
    return sign + (f"{abs(difference):g}" if is_count else short_time(int(abs(difference))))


def _usual_card(scene: DayScene, day: PhoneDay, cells: int, rows: int) -> list[Line]:
    """Return the card of today's numbers beside the usual day's, each with a bar and a tick at the usual value."""
    t, pens = scene.t, scene.pens
    note = (
        t("median of {count} earlier days, up to now", count=len(scene.usual.days))
        if scene.usual.is_known
        else t("not enough earlier days yet: {count} of 3", count=len(scene.usual.days))
    )
    lines: list[Line] = [card_head(pens, t("Your usual day"), note, cells)]
    bar = max(0, cells - 13 - 10 - 10 - 11 - 3)
    for row in _comparisons(scene, day)[: max(0, rows - 1)]:
        line: Line = [
            card_text(scene, " " + fit_text(row.label, 12)),
            card_text(scene, fit_text(row.today, 10, "right"), "ink"),
            card_text(scene, fit_text(row.usual, 10, "right"), "faint"),
            card_text(scene, fit_text(row.difference, 11, "right"), "ink"),
            card_text(scene, "  "),
        ]
        top = max(row.value, row.usual_value or 0, 1) * 1.15
        ticks = () if row.usual_value is None else (row.usual_value,)
        if bar >= 10 and row.usual_value is not None:
            line += row_bar(pens, state_role(row.state), row.value, top, bar, ticks=ticks)
        lines.append(line)
    return lines


def _usual_line(scene: DayScene, day: PhoneDay, cells: int) -> Line:
    """Return the differences between today and the usual day in one row."""
    t = scene.t
    if not scene.usual.is_known:
        note = t("not enough earlier days yet: {count} of 3", count=len(scene.usual.days))
        return fit_line(scene, [card_text(scene, f" {note}", "faint")], cells)
    line: Line = [card_text(scene, " " + t("Than usual") + " ")]
    for row in _comparisons(scene, day)[:4]:
        line += [card_text(scene, f"  {row.label} "), card_text(scene, row.difference, "ink", bold=True)]
    return fit_line(scene, line, cells)


def _last_card(scene: DayScene, day: PhoneDay, cells: int, rows: int) -> list[Line]:
    """Return the card of the day's last intervals, the running one first."""
    t, pens = scene.t, scene.pens
    zone = scene.live.stats.time_zone if scene.live is not None else "UTC"
    intervals = intervals_until(day, scene.live, scene.now)
    is_running = len(intervals) > len(day.intervals)
    lines: list[Line] = [card_head(pens, t("Last intervals"), t("Enter: how it adds up"), cells)]
    for place, interval in enumerate(reversed(intervals[-max(1, rows - 1) :])):
        start, end, state, _, _ = interval
        is_open = place == 0 and is_running
        length = t("running") if is_open else short_time((end - start) // 1000)
        label, bar = fit_text(interval_label(interval, t), 11), max(0, cells - 10 - 2 - 12 - 9 - 4)
        line: Line = [
            card_text(scene, f" {time_of_day(start, zone)} ", "faint"),
            chip(pens, state),
            card_text(scene, " " + label, "ink" if is_open else "soft", bold=is_open),
            card_text(scene, fit_text(length, 9, "right") + "  ", "ink"),
        ]
        if bar >= 6 and not is_open:
            line += row_bar(pens, state_role(state), end - start, 15 * MINUTE_MS, bar)
        lines.append(line)
    return lines[:rows]
