"""Parts that the wall's layouts share: rates with bars, counts, names, the header row, the alarm band, the legend."""

from dataclasses import dataclass

from octui.state.floor import FloorRow, Rate, RateVerdict
from octui.state.wall import Board, WallPage
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.locale import Words
from octui.ui.roles import Role
from octui.ui.wall import words
from octui.ui.wall.canvas import Canvas, Pen
from octui.ui.wall.columns import BOARDS, count_text
from octui.ui.wall.letters import number_shape, number_width

_LARGE_MARKS = {"good": "○", "watch": "△", "bad": "×"}
TICKS = (70, 85)
OLD: Pen = Pen("old")
FAINT: Pen = Pen("faint")
SOFT: Pen = Pen("soft")
LONG_WAIT_MS = 20_000
"""From here on the longest wait is shown."""


@dataclass(frozen=True)
class Scene:
    """Input of a wall layout: the page, the language, the header's texts, and how often the wall turns."""

    page: WallPage
    t: Words
    center: str
    place: str
    turn_s: int
    turns: bool
    has_time: bool = True
    """Whether the server's time is known; without it no clock is shown."""

    def clock(self) -> str:
        """Return the time of day, `--:--:--` before the server time is known."""
        return words.clock_text(self.page.now, self.page.zone) if self.has_time else "--:--:--"


def mark_of(verdict: RateVerdict) -> str:
    """Return the sign of a verdict on a rate."""
    signs = glyphs()
    return {RateVerdict.GOOD: signs.good, RateVerdict.WATCH: signs.watch, RateVerdict.BAD: signs.bad}[verdict]


def pen_of_row(row: FloorRow, role: Role = "ink", *, bold: bool = False) -> Pen:
    """Return the pen for a service's value: grey if it is outdated or unknown."""
    if row.is_old:
        return OLD
    return Pen(role, "bg", bold) if row.is_known else FAINT


def waiting_role(page: WallPage, row: FloorRow) -> Role:
    """Return the color of the number of waiting customers: bad if they wait too long or no agent is ready."""
    return "bad" if row.service in page.bad_waits else "ink"


def is_long_wait(page: WallPage, row: FloorRow) -> bool:
    """Return whether a service's longest wait is over its limit."""
    return row.service in page.long_waits


def draw_number(canvas: Canvas, end: int, y: int, text: str, rows: int, room: int, pen: Pen, *, old: bool) -> None:
    """Draw a number to end before column `end`, as large as fits into `room` cells and `rows` rows."""
    plain = text.replace(",", "")
    for height in (rows, 5) if rows == 7 else (rows,):
        if number_width(plain, height, halves=canvas.halves) <= room:
            shape = number_shape(plain, height, halves=canvas.halves)
            canvas.stamp(end - len(shape[0]), y + (rows - height + 1) // 2, shape, pen, old=old)
            return
    canvas.put_right(end, y + rows // 2, text, pen._replace(bold=not old))


def draw_rate(
    canvas: Canvas, x: int, y: int, width: int, rows: int, row: FloorRow, rate: Rate | None, t: Words
) -> None:
    """Draw a rate large with its mark, and its bar in the row below; a dash without calls."""
    if rate is None:
        _draw_no_rate(canvas, x, y, width, rows, row, t)
        return
    verdict: Role = rate.verdict.value
    pen = OLD if row.is_old else Pen(verdict)
    text = str(rate.percent)
    size = number_width(text, rows, halves=canvas.halves)
    mark = number_shape(_LARGE_MARKS[verdict], rows, halves=True) if canvas.halves else ()
    reach = size + 2 + len(mark[0]) if mark else 0
    if mark and reach <= width + 2:
        canvas.stamp(x + width - len(mark[0]), y, mark, pen, old=row.is_old)
        end = x + width - len(mark[0]) - 2
    else:
        usual = 2 * width // 3
        end = x + (usual if size <= usual + 1 else width - 2)
        at = min(end + 2, x + width - 1) if end < x + width - 2 else x + width - 1
        canvas.put(at, y + rows - 1, mark_of(rate.verdict), pen._replace(bold=not row.is_old))
    canvas.stamp(end - size, y, number_shape(text, rows, halves=canvas.halves), pen, old=row.is_old)
    draw_bar(canvas, x, y + rows, width, rate, pen)


def _draw_no_rate(canvas: Canvas, x: int, y: int, width: int, rows: int, row: FloorRow, t: Words) -> None:
    shape = number_shape("-", rows, halves=canvas.halves)
    canvas.stamp(x + (width - len(shape[0])) // 2, y, shape, Pen("old" if row.is_old else "soft"), old=row.is_old)
    note = t("nothing offered") if row.calls is not None else t("no figures yet")
    canvas.put_right(x + width, y + rows - (rows == 5), note, Pen("old" if row.is_old else "soft"))


def draw_bar(canvas: Canvas, x: int, y: int, width: int, rate: Rate, pen: Pen) -> None:
    """Draw a rate's bar, with ticks at the limits of watch and good."""
    signs = canvas.signs
    rest = signs.rest if canvas.colored else signs.plain_rest
    ticks = {round(width * percent / 100) for percent in TICKS}
    filled = rate.part * width // rate.whole  # cut, so that only 100 % fills the row
    for at in range(width):
        reached = at < filled
        if at in ticks:
            canvas.put(x + at, y, signs.tick, Pen("ink"))
        else:
            canvas.put(x + at, y, signs.bar if reached else rest, pen if reached else Pen("ghost"))


def draw_rate_text(canvas: Canvas, end: int, y: int, row: FloorRow, rate: Rate | None) -> None:
    """Write a rate in ordinary letters so that its mark ends before column `end`."""
    bold = not row.is_old
    if rate is None:
        canvas.put_right(end - 2, y, canvas.signs.unknown, pen_of_row(row, "soft", bold=bold))
        return
    pen = pen_of_row(row, rate.verdict.value, bold=bold)
    canvas.put_right(end - 2, y, str(rate.percent), pen)
    canvas.put(end - 1, y, mark_of(rate.verdict), pen)


def draw_header_row(canvas: Canvas, scene: Scene) -> None:
    """Draw the header in one row: program, center, place, boards, page, outdated services, clock."""
    page, t = scene.page, scene.t
    on: Role = "alarm" if page.trouble in words.ALARMING else "raised"
    ink: Role = "onalarm" if on == "alarm" else "ink"
    canvas.fill(0, 0, canvas.width, 1, Pen(ink, on))
    clock = scene.clock()
    end = canvas.width - cell_width(clock) - 1
    canvas.put(end, 0, clock, Pen(ink, on, True))
    x = 0
    if canvas.width >= 60:
        canvas.put(0, 0, " octui ", Pen("onname", "name", True))
        x = 7
    if page.trouble is not None:
        canvas.put(x + 1, 0, fit_text(_trouble_sentence(scene), max(0, end - x - 3)), Pen(ink, on, True))
        return
    room = end - 2
    tabs = [(f" {t(BOARDS[board])} ", board in page.boards) for board in Board]
    boards = sum(cell_width(text) for text, _ in tabs)
    for text in (scene.center, scene.place):
        if text and x + 1 + cell_width(text) + 2 + boards < room:
            canvas.put(x + 1, 0, text, Pen("ink", "raised"))
            x += cell_width(text) + 2
    x += 1
    for text, chosen in tabs:
        if x + cell_width(text) < room:
            canvas.put(x, 0, text, Pen("onsel", "sel", True) if chosen else Pen("soft", "raised"))
        x += cell_width(text)
    if page.pages > 1 and x + 8 < room:
        number = f" {page.page + 1}/{page.pages} "
        canvas.put(x + 1, 0, number, Pen("ink", "raised", True))
        x += len(number) + 1
    note = words.old_note(page, t)
    if note and x + 4 + cell_width(note) < room:
        canvas.put(x + 1, 0, f" {note} ", Pen("onreplay", "replay", True))


def _trouble_sentence(scene: Scene) -> str:
    page, t = scene.page, scene.t
    assert page.trouble is not None
    parts = [words.trouble_words(page.trouble, t)]
    if page.since is not None:
        parts.append(words.clock_text(page.since, page.zone))
    advice = words.trouble_advice(page.trouble, t)
    return " ".join(parts) + (f"  {advice}" if advice else "")


def draw_band(canvas: Canvas, y: int, height: int, scene: Scene) -> None:
    """Draw the alarm band in one to three rows, which stay empty without an alarm."""
    page, t = scene.page, scene.t
    if not page.alarms:
        return
    alarm = page.alarms[0]
    on: Role = "alarm"
    canvas.fill(0, y, canvas.width, height, Pen("onalarm", on))
    bold, plain = Pen("onalarm", on, True), Pen("onalarm", on)
    since, more = words.alarm_time(alarm, page.zone, t), f"+{len(page.alarms) - 1}" if len(page.alarms) > 1 else ""
    left = 2 if canvas.width >= 100 else 1
    row = y + height // 2 if height != 2 else y
    end = canvas.width - left
    if more:
        end = canvas.put_right(end, row, more, bold) - 2
    name = fit_text(alarm.row.name, min(cell_width(alarm.row.name), max(8, canvas.width // 3)))
    canvas.put(left, row, name, bold)
    x = left + cell_width(name) + 3
    text = words.alarm_causes(alarm, t)
    if height != 2 and x + cell_width(text) + 5 + cell_width(since) <= end:
        text = f"{text}     {since}"
    if x < end:
        canvas.put(x, row, text, bold, min(cell_width(text), end - x))
    if height == 2:
        canvas.put(left, y + 1, since, plain)


def draw_legend(canvas: Canvas, y: int, scene: Scene, *, short: bool, x: int = 1, pen: Pen = FAINT) -> int:
    """Draw the legend of the marks in a row, as far as it fits; return where it ends."""
    for sign, meaning in words.legend_parts(scene.page, scene.t, short=short):
        text = f"{sign} {meaning}"
        if x + cell_width(text) > canvas.width:
            break
        canvas.put(x, y, text, pen)
        x += cell_width(text) + 2
    return x


def draw_counts(
    canvas: Canvas, y: int, row: FloorRow, cells: list[tuple[int, int | None, Role]], *, bold: bool
) -> None:
    """Write counts in ordinary letters, each ending where its column ends."""
    for end, number, role in cells:
        canvas.put_right(end, y, count_text(number), pen_of_row(row, role, bold=bold))


def total_label(scene: Scene, label: str) -> str:
    """Return the label of the sum, with `~` if numbers in it are outdated or missing."""
    return ("~" if scene.page.total.partial else " ") + scene.t(label)
