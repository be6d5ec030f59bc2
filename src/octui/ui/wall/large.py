"""Layout of the wall for some 300×80 cells: every number seven rows high, names and labels six."""

from octui.state.alarms import Cause
from octui.state.floor import FloorRow
from octui.state.wall import Board
from octui.text.width import cell_width, fit_text
from octui.ui.roles import Role
from octui.ui.wall import words
from octui.ui.wall.canvas import Canvas, Pen
from octui.ui.wall.columns import (
    ANSWER_NOTE,
    ANSWER_RATE,
    BOARD_TITLES,
    BOARDS,
    COLUMNS,
    LEVEL_NOTE,
    LEVEL_SHORT,
    TOTAL,
    WAITING_NOTE,
    WAITING_SHORT,
    count_text,
    spread_columns,
)
from octui.ui.wall.letters import fitting_word, number_shape, number_width, word_shape
from octui.ui.wall.parts import (
    LONG_WAIT_MS,
    Scene,
    draw_legend,
    draw_number,
    draw_rate,
    is_long_wait,
    pen_of_row,
    waiting_role,
)

LEAST = (250, 50)
ROWS = 10
_HEADER = 10
_LABELS = 8
_BAND = 9
_FOOT = 12
_RATE = 36
_RATE_GAP = 2
_COLUMN_GAP = 3
_RIGHT = 3


def services_fitting(height: int, boards: int) -> int:
    """Return how many services fit on this many boards one below the other."""
    return (height - _HEADER - _FOOT - _LABELS * boards) // (ROWS * boards) - 1


def draw_large(canvas: Canvas, scene: Scene) -> None:
    """Draw the wall's header, one or two boards, alarm band and legend."""
    _draw_header(canvas, scene)
    boards = scene.page.boards
    room = (canvas.height - _HEADER - _FOOT) // len(boards)
    step = min(14, max(ROWS, (room - _LABELS) // (len(scene.page.rows) + 1)))
    for number, board in enumerate(boards):
        _draw_board(canvas, scene, board, _HEADER + number * room, step)
    _draw_band(canvas, canvas.height - 2 - _BAND, scene)
    _draw_foot(canvas, scene)


def _draw_header(canvas: Canvas, scene: Scene) -> None:
    page, t = scene.page, scene.t
    on: Role = "alarm" if page.trouble in words.ALARMING else "raised"
    ink: Role = "onalarm" if on == "alarm" else "ink"
    canvas.fill(0, 0, canvas.width, _HEADER, Pen(ink, on))
    clock = scene.clock()
    shape = number_shape(clock[:5], 7, halves=canvas.halves)
    clock_x = canvas.width - 8 - len(shape[0])
    canvas.stamp(clock_x, 1, shape, Pen(ink, on))
    canvas.put(canvas.width - 7, 7, clock[5:], Pen(ink, on, True))
    middle = 118
    if page.trouble is not None:
        title, note = words.trouble_words(page.trouble, t), words.trouble_advice(page.trouble, t)
    else:
        title, note = t(BOARD_TITLES[page.boards[0]]) if len(page.boards) == 1 else t("Both boards"), ""
    _draw_word(canvas, 4, 1, title, 7, middle - 6, Pen(ink, on, True))
    bold, plain = Pen(ink, on, True), Pen(ink, on)
    date = words.date_text(page.now, page.zone, t) if scene.has_time else ""
    for row, text in enumerate(filter(None, (scene.center, scene.place, date))):
        canvas.put(middle, 2 + 2 * row, text, plain if row else bold, 22)
    x = middle + 24
    if page.trouble is not None:
        if page.since is not None:
            canvas.put(x, 2, t("since {time}", time=words.clock_text(page.since, page.zone)), bold)
        canvas.put(x, 4, note, plain, min(cell_width(note), clock_x - x - 2))
        return
    at = x
    for board in Board:
        text = f"   {t(BOARDS[board])}   "
        canvas.put(at, 2, text, Pen("onsel", "sel", True) if board in page.boards else Pen("soft", on))
        at += cell_width(text)
    turning = t("turns every {seconds} s", seconds=scene.turn_s) if scene.turns else ""
    if page.pages > 1:
        turning = f"{page.page + 1}/{page.pages}  {turning}"
    canvas.put(x, 4, turning, Pen("soft", on), min(cell_width(turning), clock_x - x - 2))
    old = words.old_note(page, t)
    if old:
        canvas.put(x, 6, f" {old} ", Pen("onreplay", "replay", True), min(cell_width(old) + 2, clock_x - x - 2))


def _draw_word(canvas: Canvas, x: int, y: int, text: str, rows: int, cells: int, pen: Pen) -> bool:
    """Draw a text in large letters, or ordinary ones if font or room lacks; return whether all of it is shown.

    Only half blocks draw it large: of whole cells a syllable would be 24 wide.
    """
    if canvas.halves:
        for height in (rows, 6) if rows == 7 else (rows,):
            shape, whole = fitting_word(text, height, cells)
            if shape is not None:
                canvas.stamp(x, y, shape, pen._replace(bold=False))
                return whole
    shown = fit_text(text, min(cell_width(text), cells))
    canvas.put(x, y + rows // 2, shown, pen)
    return cell_width(text) <= cells


def _draw_label(canvas: Canvas, end: int, y: int, label: str, cells: int) -> None:
    """Draw a column's label so that it ends before column `end`: large, or in ordinary letters at the bottom."""
    shape = word_shape(label, 6) if canvas.halves else None
    if shape is not None and len(shape[0]) - 1 <= cells:
        canvas.stamp(end + 1 - len(shape[0]), y, shape, Pen("soft"))
    else:
        canvas.put_right(end, y + 5, label, Pen("soft", "bg", True))


def _draw_board(canvas: Canvas, scene: Scene, board: Board, y: int, step: int) -> None:
    t, width = scene.t, canvas.width
    level_x = width - _RIGHT - _RATE
    rate_x = level_x - _RATE_GAP - _RATE
    waiting_end = 71 + max(0, (width - 300) // 4)
    columns = COLUMNS[board]
    sizes = _sizes(canvas, scene, board, rate_x - 3 - waiting_end)
    ends = spread_columns(sizes, waiting_end, rate_x - 3)
    soft = Pen("soft")
    for end, label, note, cells in (
        (waiting_end, WAITING_SHORT, WAITING_NOTE, 26),
        *((end, column.large, column.note, size) for end, size, column in zip(ends, sizes, columns, strict=False)),
        (rate_x + _RATE, ANSWER_RATE, ANSWER_NOTE, _RATE + 2),
        (level_x + _RATE, LEVEL_SHORT, LEVEL_NOTE, _RATE),
    ):
        _draw_label(canvas, end, y, t(label), cells)
        canvas.put_right(end, y + 6, t(note), soft)
    canvas.underline_row(y + 7)

    def draw_row(at: int, row: FloorRow, name: str) -> None:
        text = count_text(row.waiting)
        size = number_width(text.replace(",", ""), 7, halves=canvas.halves)
        pen = pen_of_row(row, waiting_role(scene.page, row))
        draw_number(canvas, waiting_end, at, text, 7, 30, pen, old=row.is_old)
        room = waiting_end - min(size, 30) - 7
        whole = _draw_word(canvas, 2, at, name, 6, room, pen_of_row(row, bold=not row.is_old))
        _draw_below_name(canvas, at + 7, row, scene, waiting_end, whole)
        for end, cells, column in zip(ends, sizes, columns, strict=False):
            number = column.value(row)
            role: Role = "soft" if not row.service and board is Board.CHANNEL else column.role
            draw_number(
                canvas,
                end,
                at,
                count_text(number),
                7,
                cells,
                pen_of_row(row, role),
                old=row.is_old,
            )
        draw_rate(canvas, rate_x, at, _RATE, 7, row, row.answer_rate, t)
        draw_rate(canvas, level_x, at, _RATE, 7, row, row.service_level, t)

    at = y + _LABELS + 1
    for row in scene.page.rows:
        draw_row(at, row, row.name)
        at += step
    canvas.underline_row(at - 2)
    draw_row(at, scene.page.total, ("~" if scene.page.total.partial else "") + t(TOTAL))


def _sizes(canvas: Canvas, scene: Scene, board: Board, room: int) -> list[int]:
    """Return the columns' widths, for their labels and the sum's numbers, as large as the room allows.

    A column is as wide as two digits at least, one of calls as four, so that columns seldom move.
    """
    columns = COLUMNS[board]
    shapes = [word_shape(scene.t(column.large), 6) if canvas.halves else None for column in columns]
    labels = [
        len(shape[0]) - 1 if shape is not None else cell_width(scene.t(column.large))
        for shape, column in zip(shapes, columns, strict=True)
    ]
    fewest = 4 if board is Board.CHANNEL else 2
    digits = ["0" * max(fewest, len(str(column.value(scene.page.total) or 0))) for column in columns]
    sizes: list[int] = []
    for rows, least in ((7, labels), (5, labels), (5, [0] * len(labels))):
        numbers = (number_width(zeros, rows, halves=canvas.halves) for zeros in digits)
        sizes = [max(number, width) for number, width in zip(numbers, least, strict=True)]
        if sum(sizes) + _COLUMN_GAP * len(sizes) <= room:
            break
    return sizes


def _draw_below_name(canvas: Canvas, y: int, row: FloorRow, scene: Scene, waiting_end: int, whole: bool) -> None:
    """Draw the age or the full name under a service's name, and the longest wait under its waiting calls."""
    t, x = scene.t, 3
    if row.service and row.is_old:
        text = f" {words.age_badge(row, t, fine=True)} "
        canvas.put(x, y, text, Pen("onreplay", "replay", True))
        x += cell_width(text) + 1
    wait_x = waiting_end
    if row.service and row.longest_wait_ms is not None and row.longest_wait_ms >= LONG_WAIT_MS and not row.is_old:
        text = t("longest {wait}", wait=words.wait_text(row.longest_wait_ms))
        wait_x = waiting_end - cell_width(text) - 2
        canvas.put(wait_x, y, text, Pen("ink", "bg", True))
        if is_long_wait(scene.page, row):
            canvas.put(waiting_end - 1, y, canvas.signs.bad, Pen("bad", "bg", True))
    if not whole and row.service:
        canvas.put(x, y, row.name, Pen("soft"), max(0, min(cell_width(row.name), wait_x - x - 1)))


def _draw_band(canvas: Canvas, y: int, scene: Scene) -> None:
    page, t = scene.page, scene.t
    if not page.alarms:
        return
    alarm = page.alarms[0]
    on: Role = "alarm"
    canvas.fill(0, y, canvas.width, _BAND, Pen("onalarm", on))
    details = canvas.width * 71 // 100
    room = details - 8
    headlines = words.alarm_headlines(alarm, t)
    fits = (line for rows in (7, 6) for line in headlines if canvas.halves and fitting_word(line, rows, room)[1])
    headline = next(fits, headlines[-1] if canvas.halves else headlines[0])
    _draw_word(canvas, 4, y + 1, headline, 7, room, Pen("onalarm", on, True))
    bold, plain = Pen("onalarm", on, True), Pen("onalarm", on)
    room = canvas.width - details - 3
    first = f"{alarm.row.name}  {words.alarm_causes(alarm, t)}"
    canvas.put(details, y + 2, first, bold, min(cell_width(first), room))
    canvas.put(details, y + 4, words.alarm_time(alarm, page.zone, t), plain, room)
    detail = words.level_detail(alarm, t) if Cause.SERVICE_LEVEL in alarm.causes else ""
    canvas.put(details, y + 6, detail, plain, min(cell_width(detail), room))
    if len(page.alarms) > 1:
        more = word_shape(f"+{len(page.alarms) - 1}", 6) if canvas.halves else None
        if more is not None:
            canvas.stamp(canvas.width - 3 - len(more[0]), y + 2, more, bold)
        else:
            canvas.put_right(canvas.width - 3, y + 4, f"+{len(page.alarms) - 1}", bold)


def _draw_foot(canvas: Canvas, scene: Scene) -> None:
    y, t, pen = canvas.height - 1, scene.t, Pen("soft", "raised")
    canvas.fill(0, y, canvas.width, 1, pen)
    x = draw_legend(canvas, y, scene, short=False, x=3, pen=pen)
    canvas.put(x + 3, y, t("dotted digits = old figures   rates are cut, not rounded: 84.9 is 84"), pen)
