"""Layout of the floor's services: the columns of both boards in one table, a row for each service and their sum."""

from collections.abc import Callable
from dataclasses import dataclass

from octui.state.alarms import USUAL
from octui.state.floor import FloorRow, Rate
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.cells.bars import rate_bar
from octui.ui.cells.marks import card_head
from octui.ui.locale import N_
from octui.ui.roles import RateVerdict, Role
from octui.ui.screens.floor.scene import (
    FloorScene,
    Part,
    count_text,
    first_shown,
    padded,
    paint,
    paint_mark,
    rate_parts,
    row_ground,
    running_time,
)
from octui.ui.sentences import age_sentence
from octui.ui.wall.columns import ANSWER_RATE, LEVEL_SHORT, LONGEST, SERVICE_LEVEL, TOTAL, WAITING_SHORT
from octui.ui.widgets.card_lines import Line, fit_line

LEAST_NAME, MOST_NAME = 10, 28
Shown = tuple[str, RateVerdict | None]


@dataclass(frozen=True)
class _Column:
    """Description of a column: labels, least width, and the function that gives its text and verdict."""

    label: str
    short: str
    least: int
    shown: Callable[[FloorRow], Shown]
    has_mark: bool = False
    rate: Callable[[FloorRow], Rate | None] | None = None


def _calls(name: str) -> Callable[[FloorRow], Shown]:
    return lambda row: (count_text(None if row.calls is None else getattr(row.calls, name)), None)


def _agents(name: str) -> Callable[[FloorRow], Shown]:
    return lambda row: (count_text(None if row.agents is None else getattr(row.agents, name)), None)


def _longest(row: FloorRow) -> Shown:
    wait = row.longest_wait_ms
    if wait is None:
        return glyphs().unknown, None
    return running_time(wait // 1000), "bad" if wait > USUAL.longest_wait_s * 1000 else None


_COLUMNS = (
    _Column(WAITING_SHORT, N_("Wait"), 4, lambda row: (count_text(row.waiting), None)),
    _Column(LONGEST, N_("Max"), 5, _longest),
    _Column(N_("Offered"), N_("In"), 5, _calls("offered")),
    _Column(N_("Answered"), N_("Ans."), 5, _calls("answered")),
    _Column(N_("Abandoned"), N_("Lost"), 4, _calls("abandoned")),
    _Column(
        ANSWER_RATE, N_("Ans%"), 4, lambda row: rate_parts(row.answer_rate), True, rate=lambda row: row.answer_rate
    ),
    _Column(
        SERVICE_LEVEL,
        LEVEL_SHORT,
        4,
        lambda row: rate_parts(row.service_level),
        True,
        rate=lambda row: row.service_level,
    ),
    _Column(N_("LOGIN"), N_("LOGIN"), 5, _agents("logged_in")),
    _Column(N_("Available"), N_("Free"), 4, _agents("ready")),
    _Column(N_("In calls"), N_("Talk"), 4, _agents("on_call")),
    _Column(N_("O/B"), N_("O/B"), 3, _agents("outbound")),
    _Column(N_("Break/work"), N_("Brk."), 4, _agents("break_work")),
)


@dataclass(frozen=True)
class _Plan:
    """Widths of the table's columns, each with the space before it; `bar`: width of the bars behind rates."""

    name: int
    widths: tuple[int, ...]
    labels: tuple[str, ...]
    bar: int


def _plan_of(scene: FloorScene, cells: int) -> _Plan:
    t, room = scene.t, cells - 2
    rows = [*scene.services, *([scene.total] if scene.total is not None else [])]
    least = [max([column.least, *(cell_width(column.shown(row)[0]) for row in rows)]) for column in _COLUMNS]
    for labels in ([t(column.label) for column in _COLUMNS], [t(column.short) for column in _COLUMNS]):
        widths = [max(cells, cell_width(label)) + 1 for cells, label in zip(least, labels, strict=True)]
        marks = sum(2 for column in _COLUMNS if column.has_mark)
        free = room - sum(widths) - marks - LEAST_NAME
        if free >= 0:
            break
    name = LEAST_NAME + max(4 - LEAST_NAME, min(MOST_NAME - LEAST_NAME, free))
    free = max(0, free - (name - LEAST_NAME))
    bar = max(0, min(40, free // 2 - 2))
    if bar < 12:
        bar = 0
    free -= 2 * (bar + 2) if bar else 0
    more = max(0, min(4, free // len(widths)))
    return _Plan(name, tuple(width + more for width in widths), tuple(labels), bar)


def services_card(scene: FloorScene, cells: int, rows: int) -> list[Line]:
    """Return head, labels, at most `rows` services around the cursor, and the sum of several services."""
    t, plan = scene.t, _plan_of(scene, cells)
    signs = glyphs()
    parts = [(signs.good, t("85 or more")), (signs.watch, t("70-85")), (signs.bad, t("70 or less"))]
    if cells >= 100:
        parts.append((signs.old, t("old figures")))
    note = "   ".join(f"{sign} {meaning}" for sign, meaning in parts)
    title = t("Services") if len(scene.services) != 1 else t("Service")
    lines: list[Line] = [card_head(scene.pens, title, note, cells), _labels_line(scene, plan, cells)]
    count = len(scene.services)
    first = first_shown(scene.chosen, count, rows)
    for number in range(first, min(count, first + rows)):
        lines.append(
            _service_line(scene, plan, scene.services[number], row_ground(scene, Part.SERVICES, number), cells)
        )
    if not count:
        lines.append(fit_line(scene, [paint(scene, "  " + t("There is no service to show."), "soft")], cells))
    if scene.total is not None:
        lines.append(_service_line(scene, plan, scene.total, "surface", cells, name=t(TOTAL)))
    return lines


def _labels_line(scene: FloorScene, plan: _Plan, cells: int) -> Line:
    line: Line = [paint(scene, "  " + fit_text(scene.t("Service"), plan.name), "soft")]
    for column, width, label in zip(_COLUMNS, plan.widths, plan.labels, strict=True):
        behind = (2 if column.has_mark else 0) + (plan.bar + 2 if column.rate is not None and plan.bar else 0)
        line.append(paint(scene, padded(label, width) + " " * behind, "soft"))
    return fit_line(scene, line, cells)


def _service_line(
    scene: FloorScene, plan: _Plan, row: FloorRow, ground: Role, cells: int, name: str | None = None
) -> Line:
    """Return a service's row; old figures are gray, with ~ before the name and their age behind it."""
    ink: Role = "old" if row.is_old else "ink"
    sign = glyphs().old if row.is_old or (name is not None and row.partial) else " "
    text = row.name if name is None else name
    line: Line = [paint(scene, sign + " ", "watch", ground)]
    age = "" if row.age_ms is None or name is not None else age_sentence(row.age_ms / 1000, scene.t)
    if age and cell_width(text) + cell_width(age) + 1 > plan.name and plan.name < MOST_NAME:
        age = ""  # It is said among what needs a look as well.
    room = plan.name - (cell_width(age) + 1 if age else 0)
    line.append(paint(scene, fit_text(text, max(0, room)), ink, ground, bold=True))
    if age:
        line.append(paint(scene, " " + age, "watch", ground))
    for column, width in zip(_COLUMNS, plan.widths, strict=True):
        shown, verdict = column.shown(row)
        is_bold = (column.has_mark or verdict is not None) and shown != glyphs().unknown
        role = ink if verdict is None or column.has_mark or row.is_old else verdict
        line.append(paint(scene, padded(shown, width), role, ground, bold=is_bold))
        if column.has_mark:
            line += [paint(scene, " ", ink, ground), paint_mark(scene, verdict, ground)]
        if column.rate is not None and plan.bar:
            rate = column.rate(row)
            part, whole = (rate.part, rate.whole) if rate is not None else (0, 0)
            line.append(paint(scene, " ", ink, ground))
            line += rate_bar(scene.pens, part, whole, plan.bar, on=ground)
            line.append(paint(scene, " ", ink, ground))
    return fit_line(scene, line, cells, scene.pens.text("ink", ground))
