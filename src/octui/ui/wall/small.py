"""Layout of the wall for a small terminal: four large sums above a table; on a very small one the table alone."""

from octui.state.floor import FloorRow
from octui.state.wall import Board
from octui.text.width import cell_width, fit_text
from octui.ui.roles import Role
from octui.ui.wall import words
from octui.ui.wall.canvas import Canvas, Pen
from octui.ui.wall.columns import (
    ANSWER_RATE,
    ANSWER_SHORT,
    COLUMNS,
    LEVEL_SHORT,
    LONGEST,
    READY_AGENTS,
    SERVICE,
    SERVICE_LEVEL,
    TOTAL,
    WAITING,
    WAITING_SHORT,
    Column,
    count_text,
    spread_columns,
)
from octui.ui.wall.letters import number_width
from octui.ui.wall.parts import (
    LONG_WAIT_MS,
    Scene,
    draw_band,
    draw_counts,
    draw_header_row,
    draw_legend,
    draw_number,
    draw_rate_text,
    is_long_wait,
    mark_of,
    pen_of_row,
    total_label,
    waiting_role,
)

SUMS_ROWS = 8
_RATE = 7
_WAIT = 7


def band_rows(height: int) -> int:
    """Return how many rows of the terminal the alarm band takes."""
    return 2 if height >= 16 else 1


def legend_rows(height: int) -> int:
    """Return how many rows of the terminal the legend takes."""
    return 1 if height >= 14 else 0


def table_rows(height: int, boards: int, *, sums: bool) -> int:
    """Return how many rows are left for services, on each of this many boards one below the other."""
    fixed = 1 + band_rows(height) + legend_rows(height) + (SUMS_ROWS if sums else 0)
    return (height - fixed) // boards - 2


def draw_small(canvas: Canvas, scene: Scene, *, sums: bool) -> None:
    """Draw the wall's header, sums, a table for each board, alarm band and legend."""
    draw_header_row(canvas, scene)
    y = 1
    if sums:
        _draw_sums(canvas, scene, 1)
        y += SUMS_ROWS
    boards = scene.page.boards
    room = table_rows(canvas.height, len(boards), sums=sums)
    count = max(1, len(scene.page.rows))
    step = max(1, min(3, (room - 1) // count))
    for board in boards:
        _draw_table(canvas, scene, board, y, step)
        y += room + 2
    legend = legend_rows(canvas.height)
    draw_band(canvas, canvas.height - band_rows(canvas.height) - legend, band_rows(canvas.height), scene)
    if legend:
        draw_legend(canvas, canvas.height - 1, scene, short=True)


def _draw_sums(canvas: Canvas, scene: Scene, y: int) -> None:
    total, t = scene.page.total, scene.t
    ready = total.agents.ready if total.agents is not None else None
    quarter = canvas.width // 4
    values: list[tuple[str, str, Role, str]] = [
        (t(WAITING), count_text(total.waiting), waiting_role(scene.page, total), ""),
        (t(READY_AGENTS), count_text(ready), "ink", ""),
    ]
    for label, rate in ((t(ANSWER_RATE), total.answer_rate), (t(SERVICE_LEVEL), total.service_level)):
        if rate is None:
            values.append((label, count_text(None), "soft", ""))
        else:
            values.append((label, str(rate.percent), rate.verdict.value, mark_of(rate.verdict)))
    for number, (label, text, role, mark) in enumerate(values):
        x = 2 + number * quarter
        pen = pen_of_row(total, role)
        partial = "~" if total.partial else ""
        canvas.put(x, y + 1, fit_text(partial + label, min(cell_width(partial + label), quarter - 4)), Pen("soft"))
        if number == 0 and role == "bad":
            canvas.put(x + cell_width(partial + label) + 1, y + 1, canvas.signs.bad, Pen("bad", "bg", True))
        size = number_width(text.replace(",", ""), 5, halves=canvas.halves)
        draw_number(canvas, x + size, y + 2, text, 5, quarter - 3, pen, old=total.is_old)
        if mark:
            canvas.put(x + size + 2, y + 6, mark, pen._replace(bold=True))


def _draw_table(canvas: Canvas, scene: Scene, board: Board, y: int, step: int) -> None:
    t, page, width = scene.t, scene.page, canvas.width
    name_end = 19 + max(0, min(24, (width - 80) // 3))
    waiting_end = name_end + 3
    level_end = width - 1
    rate_end = level_end - _RATE - 2
    columns = _columns_of(board)
    sizes = [max(cell_width(t(label)), least) for label, least, _ in columns]
    ends = spread_columns(sizes, waiting_end, rate_end - _RATE + 1)
    canvas.fill(0, y, width, 1, Pen("ink", "raised"))
    head = Pen("soft", "raised", True)
    canvas.put(1, y, t(SERVICE), head, name_end - 2)
    canvas.put_right(waiting_end, y, t(WAITING_SHORT), head)
    for end, (label, _, column) in zip(ends, columns, strict=False):
        canvas.put_right(end - (2 if column is None else 0), y, t(label), head)
    canvas.put_right(rate_end - 1, y, t(ANSWER_SHORT), head)
    canvas.put_right(level_end - 2, y, t(LEVEL_SHORT), head)

    def draw_row(at: int, row: FloorRow, label: str) -> None:
        bold = not row.is_old
        canvas.put(1, at, label, pen_of_row(row, bold=True)._replace(bold=bold), name_end - 1)
        canvas.put_right(
            waiting_end, at, count_text(row.waiting), pen_of_row(row, waiting_role(scene.page, row), bold=bold)
        )
        cells: list[tuple[int, int | None, Role]] = []
        for end, (_, _, column) in zip(ends, columns, strict=False):
            if column is None:
                _draw_wait(canvas, end, at, row, is_long_wait(scene.page, row))
            else:
                cells.append((end, column.value(row), column.role))
        draw_counts(canvas, at, row, cells, bold=False)
        draw_rate_text(canvas, rate_end, at, row, row.answer_rate)
        draw_rate_text(canvas, level_end, at, row, row.service_level)

    at = y + 1
    for row in page.rows:
        draw_row(at, row, ("~" if row.is_old else " ") + row.name)
        _draw_age(canvas, at, row, scene, name_end)
        at += step
    canvas.underline_row(at - 1)
    draw_row(at, page.total, total_label(scene, TOTAL))


def _columns_of(board: Board) -> list[tuple[str, int, Column | None]]:
    """Return label, least width and column of each table column, the longest wait first."""
    columns = [(column.label, 3 if board is Board.AGENT else 5, column) for column in COLUMNS[board]]
    return [*([(LONGEST, _WAIT, None)] if board is Board.CHANNEL else []), *columns]


def _draw_wait(canvas: Canvas, end: int, y: int, row: FloorRow, bad: bool) -> None:
    if row.longest_wait_ms is None or (row.longest_wait_ms < LONG_WAIT_MS and not row.is_old):
        canvas.put_right(end - 2, y, canvas.signs.unknown, pen_of_row(row, "faint"))
        return
    canvas.put_right(end - 2, y, words.wait_text(row.longest_wait_ms), pen_of_row(row, bold=bad))
    if bad:
        canvas.put(end - 1, y, canvas.signs.bad, pen_of_row(row, "bad", bold=True))


def _draw_age(canvas: Canvas, y: int, row: FloorRow, scene: Scene, name_end: int) -> None:
    """Draw the age of outdated numbers after the service's name, over its end if it is long."""
    if row.age_ms is None:
        return
    age = words.age_text(row.age_ms, scene.t)
    x = name_end - cell_width(age)
    if x < 7:
        return
    if 2 + cell_width(row.name) + 1 >= x:
        canvas.put(2, y, row.name, Pen("old"), x - 4)
        canvas.put(x - 2, y, "  ", Pen("old"))
    canvas.put(x, y, age, Pen("onreplay", "replay", True))
