"""Layout of the cards beside the floor's agents: hours of the day, what needs a look, the queue's chart."""

from itertools import groupby

from rich.segment import Segment

from octui.schema.floor import CallCounts
from octui.state.floor_hours import Stretch, queue_chart
from octui.state.floor_looks import Look
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.cells.bars import TallBar, tall_bars
from octui.ui.cells.marks import card_head
from octui.ui.roles import Role
from octui.ui.screens.floor.scene import (
    FloorScene,
    Part,
    count_text,
    first_shown,
    minutes_text,
    padded,
    paint,
    paint_mark,
    rate_parts,
    row_ground,
)
from octui.ui.sentences import age_sentence
from octui.ui.wall.columns import LEVEL_SHORT
from octui.ui.wall.words import alarm_causes, alarm_time
from octui.ui.widgets.card_lines import LONG_WAIT_MS, Line, fit_line
from octui.ui.words.stats import PHONE_LABELS

HOUR, COUNT, LEVEL = 4, 7, 6


def _of_service(scene: FloorScene, title: str) -> str:
    service = scene.service
    return title if service is None else f"{title}  {service.name}"


def hours_card(scene: FloorScene, cells: int, rows: int) -> list[Line]:
    """Return a row for each hour so far: calls offered, answered, abandoned, with a bar, and the service level."""
    t, hours = scene.t, scene.hours
    signs = glyphs()
    note = t("answered, abandoned")
    if not scene.pens.colored:
        answered, abandoned = t("Ans."), t("Lost")
        note = f"{signs.answered} {answered}  {signs.abandoned} {abandoned}"
    count = COUNT
    bar = cells - 1 - HOUR - 3 * count - LEVEL - 2 - 3
    if bar < 6:
        bar = 0
    labels = " " + fit_text(t("Hour"), HOUR) + padded(t("In"), count)
    labels += "  " + " " * bar if bar else ""
    labels += padded(t("Ans."), count) + padded(t("Lost"), count) + padded(t(LEVEL_SHORT), LEVEL)
    lines: list[Line] = [
        card_head(scene.pens, _of_service(scene, t("By hour")), note, cells),
        fit_line(scene, [paint(scene, labels, "soft")], cells),
    ]
    if not hours:
        return [*lines, fit_line(scene, [paint(scene, " " + glyphs().unknown, "soft")], cells)]
    top = max([1, *(hour.calls.offered for hour in hours if hour.calls is not None)])
    room = max(0, rows - len(lines))
    first = first_shown(min(scene.cursors.get(Part.HOURS, 0), len(hours) - 1), len(hours), room)
    for number in range(first, min(len(hours), first + room)):
        ground = row_ground(scene, Part.HOURS, number)
        if scene.part is not Part.HOURS:
            ground = "surface"
        is_last = number == len(hours) - 1
        lines.append(_hour_line(scene, hours[number], (count, bar, top), ground, cells, is_bold=is_last))
    return lines


def _hour_line(
    scene: FloorScene, hour: Stretch, sizes: tuple[int, int, int], ground: Role, cells: int, *, is_bold: bool
) -> Line:
    """Return the row of an hour, bold for the present hour."""
    count, bar, top = sizes
    calls = hour.calls
    level, verdict = rate_parts(hour.service_level)

    def number(value: int | None) -> Segment:
        return paint(scene, padded(count_text(value), count), "ink", ground, bold=is_bold)

    line: Line = [
        paint(scene, " " + fit_text(scene.clock(hour.start)[:2], HOUR), "soft", ground, bold=is_bold),
        number(None if calls is None else calls.offered),
    ]
    if bar:
        line.append(paint(scene, "  ", "ink", ground))
        line += _calls_bar(scene, calls, top, bar, ground)
    line += [
        number(None if calls is None else calls.answered),
        number(None if calls is None else calls.abandoned),
        paint(scene, padded(level, LEVEL), "ink", ground, bold=is_bold),
        paint(scene, " ", "ink", ground),
        paint_mark(scene, verdict, ground),
    ]
    return fit_line(scene, line, cells, scene.pens.text("ink", ground))


def _calls_bar(scene: FloorScene, calls: CallCounts | None, top: int, cells: int, ground: Role) -> Line:
    """Return an hour's calls as a bar: answered, then abandoned, then those still waiting in pale."""
    if calls is None:
        return [paint(scene, " " * cells, "ink", ground)]
    signs = glyphs()
    answered = max(min(1, calls.answered), cells * calls.answered // top)
    ended = max(answered, cells * min(top, calls.answered + calls.abandoned) // top)
    if calls.abandoned and ended == answered < cells:
        ended += 1
    offered = max(ended, cells * calls.offered // top)
    parts: Line = []
    for sign, role, length in (
        (signs.answered, "old" if scene.stale else "talk", answered),
        (signs.abandoned if not scene.pens.colored else signs.bar, "bad", ended - answered),
        (signs.rest if scene.pens.colored else signs.plain_rest, "ghost", offered - ended),
    ):
        if length > 0:
            parts.append(Segment(sign * length, scene.pens.text(role, ground)))  # type: ignore[arg-type]
    return fit_line(scene, parts, cells, scene.pens.text("ink", ground))


# --- what needs a look --------------------------------------------------------------------------------------------


def look_text(scene: FloorScene, look: Look) -> tuple[str, str]:
    """Return a sentence about a thing that needs a look, with its time or limit."""
    t = scene.t
    if look.alarm is not None:
        # A past minute does not say since when: the figures of the minutes before are not asked for.
        since = alarm_time(look.alarm, scene.zone, t) if scene.replay is None else ""
        return f"{look.alarm.row.name} {alarm_causes(look.alarm, t)}", since
    if look.agent is not None:
        row = look.agent
        label = t(PHONE_LABELS[row.state])
        limit = t("limit {time}", time=minutes_text(row.limit or 0, t))
        return f"{row.name} {label} {minutes_text(row.seconds, t)}", limit
    if look.old is not None:
        age = age_sentence((look.old.age_ms or 0) / 1000, t)
        return t("{service}: figures {age} old", service=look.old.name, age=age), ""
    return "", ""


def looks_card(scene: FloorScene, cells: int, rows: int) -> list[Line]:
    """Return a row for each thing that needs a look, the worst first."""
    t = scene.t
    title = t("Needs a look") if scene.replay is None else t("Needed a look then")
    lines: list[Line] = [card_head(scene.pens, title, t("Enter: there"), cells)]
    room = max(0, rows - 1)
    if not scene.looks:
        text = t("Nothing needs a look.") if any(row.is_known for row in scene.services) else glyphs().unknown
        return [*lines, fit_line(scene, [paint(scene, " " + text, "soft")], cells)][:rows]
    first = first_shown(scene.cursors.get(Part.LOOKS, 0), len(scene.looks), room)
    for number in range(first, min(len(scene.looks), first + room)):
        look = scene.looks[number]
        ground = row_ground(scene, Part.LOOKS, number) if scene.part is Part.LOOKS else "surface"
        text, note = look_text(scene, look)
        wide = max(0, cells - 4 - (cell_width(note) + 2 if note else 1))
        line: Line = [
            paint(scene, " ", "ink", ground),
            paint_mark(scene, "bad" if look.is_bad else "watch", ground),
            paint(scene, "  " + fit_text(text, wide), "ink", ground),
            paint(scene, f" {note} ", "soft", ground),
        ]
        lines.append(fit_line(scene, line, cells, scene.pens.text("ink", ground)))
    return lines


def worst_line(scene: FloorScene, cells: int) -> Line:
    """Return one row with the worst thing that needs a look, and the number of the others."""
    t = scene.t
    if not scene.looks:
        return fit_line(
            scene, [paint(scene, " " + t("Nothing needs a look."), "soft", "bg")], cells, scene.pens.text("ink", "bg")
        )
    look = scene.looks[0]
    more = len(scene.looks) - 1
    others = "  " + t("and {count} more", count=more) + " " if more else ""
    text, _ = look_text(scene, look)
    line: Line = [
        paint(scene, " ", "ink", "bg"),
        paint_mark(scene, "bad" if look.is_bad else "watch", "bg"),
        paint(
            scene, " " + fit_text(text, min(cell_width(text), cells - 3 - cell_width(others))), "ink", "bg", bold=True
        ),
        paint(scene, others, "soft", "bg"),
    ]
    return fit_line(scene, line, cells, scene.pens.text("ink", "bg"))


# --- waiting customers --------------------------------------------------------------------------------------------


def queue_card(scene: FloorScene, cells: int, rows: int) -> list[Line]:
    """Return a chart of the waiting customers over the day, colored by the longest wait."""
    if rows < 4 or scene.minutes is None:
        return []
    t = scene.t
    chart = queue_chart(scene.minutes, scene.now, cells - 2)
    note = t("the most, every {minutes} min", minutes=chart.cell_minutes)
    lines: list[Line] = [card_head(scene.pens, _of_service(scene, t("Waiting customers")), note, cells)]
    if not any(cell is not None and cell.waiting is not None for cell in chart.cells):
        return [*lines, fit_line(scene, [paint(scene, " " + glyphs().unknown, "soft")], cells)]
    top = max([1, *(cell.waiting or 0 for cell in chart.cells if cell is not None)])
    bars = []
    for cell in chart.cells:
        wait = 0 if cell is None else cell.longest_ms or 0
        role: Role = "bad" if wait > LONG_WAIT_MS else "watch" if wait > LONG_WAIT_MS // 3 else "other"
        bars.append(TallBar((("old" if scene.stale else role, 0 if cell is None else cell.waiting or 0),)))
    margin = paint(scene, " ", "ink")
    for row in tall_bars(scene.pens, bars, top, rows - 2, wide=1, gap=0):
        lines.append(fit_line(scene, [margin, *row], cells))
    signs = [" "] * len(chart.cells)
    pitch = 60 // chart.cell_minutes
    every = next((step for step in (1, 2, 3, 4, 6, 12) if pitch * step >= 3), 24)
    for place in range(0, len(chart.cells) - 1, pitch * every):
        signs[place : place + 2] = scene.clock(chart.start + place * chart.cell_minutes * 60_000)[:2]
    lines.append(fit_line(scene, [margin, paint(scene, "".join(signs), "soft")], cells))
    return lines


# --- replay -------------------------------------------------------------------------------------------------------


def replay_lines(scene: FloorScene, cells: int, *, ribbon: bool) -> list[Line]:
    """Return the rows of a replay: which past minute is shown, and the day's service level."""
    if scene.replay is None:
        return []
    t, band = scene.t, scene.pens.fill("replay")
    text = " " + t("As it was at {time}. This is not now.", time=scene.clock(scene.replay))
    keys = t("F7 5 min back   F8 5 min on   Home morning   End now") + " "
    room = max(0, cells - cell_width(text) - 1)
    line: Line = [Segment(text, scene.pens.fill("replay", bold=True))]
    if cell_width(keys) <= room:
        line += [Segment(" " * (cells - cell_width(text) - cell_width(keys)), band), Segment(keys, band)]
    lines = [fit_line(scene, line, cells, band)]
    if ribbon and scene.minutes is not None:
        lines.append(_level_ribbon(scene, cells))
    return lines


def _level_ribbon(scene: FloorScene, cells: int) -> Line:
    """Return one cell for each part of the day in the color of its service level; the shown minute is marked."""
    assert scene.minutes is not None
    label = " " + fit_text(scene.t(LEVEL_SHORT), 5)
    end = scene.minutes.day_start + len(scene.minutes.offered) * 60_000
    chart = queue_chart(scene.minutes, end, cells - cell_width(label) - 1)
    at = ((scene.replay or 0) - chart.start) // (chart.cell_minutes * 60_000)
    drawn: Line = []
    for place, cell in enumerate(chart.cells):
        verdict = None if cell is None else rate_parts(cell.service_level)[1]
        if place == at:
            drawn.append(Segment(glyphs().now, scene.pens.fill("replay")))
        elif verdict is None:
            drawn.append(paint(scene, " ", "ink"))
        elif scene.pens.colored:
            drawn.append(Segment(" ", scene.pens.fill(verdict)))
        else:
            drawn.append(Segment({"good": "+", "watch": "=", "bad": "-"}[verdict], scene.pens.text("ink")))
    joined: Line = [
        Segment("".join(segment.text for segment in group), style)
        for style, group in groupby(drawn, key=lambda segment: segment.style)
    ]
    return fit_line(scene, [paint(scene, label, "soft"), *joined], cells)
