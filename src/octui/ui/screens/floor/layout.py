"""Layout of the floor screen at any size: rows of segments, each exactly as wide as the screen.

Services come first. From 110 cells and 24 rows on agents stand at the left and hours, what needs a look and the queue's
chart at the right; below that one of agents, hours and looks, and the worst look in the last row.
"""

from octui.ui.screens.floor.agents import agents_card
from octui.ui.screens.floor.scene import FloorScene, Part
from octui.ui.screens.floor.services import services_card
from octui.ui.screens.floor.side import hours_card, looks_card, queue_card, replay_lines, worst_line
from octui.ui.widgets.card_lines import GAP, Line, blank_line, fit_line, lay_beside

WIDE, HIGH = 110, 24
LEAST_CHART = 6
MOST_HOURS = 10


def is_wide(cells: int, rows: int) -> bool:
    """Return whether there is room for agents and hours side by side."""
    return cells >= WIDE and rows >= HIGH


def floor_rows(scene: FloorScene, cells: int, rows: int) -> list[Line]:
    """Return the floor screen as exactly `rows` rows, each `cells` wide."""
    lines = replay_lines(scene, cells, ribbon=is_wide(cells, rows))
    most = max(1, (rows - 6) // 4)
    lines += services_card(scene, cells, min(most, max(1, len(scene.services))))
    if is_wide(cells, rows):
        lines.append(blank_line(scene, cells))
        left = rows - len(lines)
        wide = (cells - GAP) * 62 // 100
        beside = _side_cards(scene, cells - GAP - wide, left)
        lines += lay_beside(scene, _filled(scene, agents_card(scene, wide, left), wide, left), beside, (wide, cells))
    else:
        left = rows - len(lines) - 1
        card = {Part.HOURS: hours_card, Part.LOOKS: looks_card}.get(scene.part, agents_card)
        lines += _filled(scene, card(scene, cells, left), cells, left)
        lines.append(worst_line(scene, cells))
    fitted = [fit_line(scene, line, cells) for line in lines[:rows]]
    return fitted + [blank_line(scene, cells) for _ in range(rows - len(fitted))]


def _filled(scene: FloorScene, card: list[Line], cells: int, rows: int) -> list[Line]:
    """Return a card filled with empty rows to the height there is for it."""
    return [*card[: max(0, rows)], *(fit_line(scene, [], cells) for _ in range(rows - len(card)))]


def _side_cards(scene: FloorScene, cells: int, rows: int) -> list[Line]:
    """Return the cards beside the agents, one below the other: hours, what needs a look, the queue's chart."""
    hours = min(MOST_HOURS if rows < 40 else 18, max(4, rows // 3 + 1))
    chart = max(0, rows // 3)
    looks = rows - hours - chart - 2
    if chart < LEAST_CHART or scene.minutes is None:
        chart, looks = 0, rows - hours - 1
    gap = blank_line(scene, cells)
    lines = [*_filled(scene, hours_card(scene, cells, hours), cells, hours), gap]
    lines += _filled(scene, looks_card(scene, cells, looks), cells, looks)
    if chart:
        lines += [gap, *queue_card(scene, cells, chart)]
    return lines
