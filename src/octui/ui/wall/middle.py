"""Layout of the wall for some 120×40 cells: waiting and rates large, the rest in ordinary letters."""

from octui.state.floor import FloorRow
from octui.state.wall import Board
from octui.text.width import cell_width
from octui.ui.wall import words
from octui.ui.wall.canvas import Canvas, Pen
from octui.ui.wall.columns import ANSWER_RATE, COLUMNS, SERVICE_LEVEL, TOTAL, WAITING, count_text, spread_columns
from octui.ui.wall.letters import number_width
from octui.ui.wall.parts import (
    LONG_WAIT_MS,
    Scene,
    draw_band,
    draw_counts,
    draw_header_row,
    draw_legend,
    draw_number,
    draw_rate,
    is_long_wait,
    pen_of_row,
    total_label,
    waiting_role,
)

ROWS = 6
LEAST = (100, 22)
_HEAD = 4
_FOOT = 6
_RATE = 21
_RIGHT = 3


def services_fitting(height: int, boards: int) -> int:
    """Return how many services fit on this many boards one below the other."""
    return (height - 2 - _FOOT - (_HEAD - 2) * boards) // (ROWS * boards) - 1


def draw_middle(canvas: Canvas, scene: Scene) -> None:
    """Draw the wall's header, one or two boards, alarm band and legend."""
    draw_header_row(canvas, scene)
    boards = scene.page.boards
    room = (canvas.height - 2 - _FOOT) // len(boards)
    step = min(9, max(ROWS, (room - 2) // (len(scene.page.rows) + 1)))
    for number, board in enumerate(boards):
        _draw_board(canvas, scene, board, 2 + number * room, step)
    foot = canvas.height - 5
    draw_band(canvas, foot, 3, scene)
    t = scene.t
    draw_legend(canvas, canvas.height - 2, scene, short=False, x=2)
    canvas.put(2, canvas.height - 1, t("dotted digits = old figures   rates are cut, not rounded"), Pen("faint"))
    if scene.turns:
        turning = t("the boards turn every {seconds} s", seconds=scene.turn_s)
        canvas.put_right(canvas.width - 2, canvas.height - 1, turning, Pen("faint"))


def _draw_board(canvas: Canvas, scene: Scene, board: Board, y: int, step: int) -> None:
    t, width = scene.t, canvas.width
    level_x = width - _RIGHT - _RATE
    rate_x = level_x - 3 - _RATE
    waiting_end = 31 + max(0, (width - 120) // 3)
    columns = COLUMNS[board]
    sizes = [max(cell_width(t(column.label)), 5 if board is Board.CHANNEL else 3) for column in columns]
    ends = spread_columns(sizes, waiting_end, rate_x - 1)
    soft = Pen("soft")
    canvas.put_right(waiting_end, y, t(WAITING), soft)
    for end, column in zip(ends, columns, strict=False):
        canvas.put_right(end, y, t(column.label), soft)
    canvas.put_right(rate_x + _RATE, y, t(ANSWER_RATE), soft)
    canvas.put_right(level_x + _RATE, y, t(SERVICE_LEVEL), soft)
    canvas.underline_row(y)

    def draw_row(at: int, row: FloorRow, label: str) -> None:
        middle = at + 2
        text = count_text(row.waiting)
        size = number_width(text.replace(",", ""), 5, halves=canvas.halves)
        draw_number(
            canvas, waiting_end, at, text, 5, 20, pen_of_row(row, waiting_role(scene.page, row)), old=row.is_old
        )
        room = waiting_end - min(size, 20) - 3
        canvas.put(1, middle, label, pen_of_row(row, bold=not row.is_old), min(room, cell_width(label)))
        _draw_below_name(canvas, at + 4, row, scene, room)
        cells = [(end, column.value(row), column.role) for end, column in zip(ends, columns, strict=False)]
        draw_counts(canvas, middle, row, cells, bold=not row.is_old)
        draw_rate(canvas, rate_x, at, _RATE, 5, row, row.answer_rate, t)
        draw_rate(canvas, level_x, at, _RATE, 5, row, row.service_level, t)

    at = y + 2
    for row in scene.page.rows:
        draw_row(at, row, f" {row.name}")
        at += step
    draw_row(at, scene.page.total, total_label(scene, TOTAL))


def _draw_below_name(canvas: Canvas, y: int, row: FloorRow, scene: Scene, room: int) -> None:
    """Draw under a service's name the age of outdated numbers, or the longest wait."""
    t = scene.t
    if row.service and row.is_old:
        badge = f" {words.age_badge(row, t)} "
        canvas.put(1, y, badge, Pen("onreplay", "replay", True), min(cell_width(badge), room))
        return
    if row.service and row.longest_wait_ms is not None and row.longest_wait_ms >= LONG_WAIT_MS and not row.is_old:
        text = t("longest {wait}", wait=words.wait_text(row.longest_wait_ms))
        canvas.put(2, y, text, Pen("ink", "bg", True))
        if is_long_wait(scene.page, row):
            canvas.put(3 + cell_width(text), y, canvas.signs.bad, Pen("bad", "bg", True))
