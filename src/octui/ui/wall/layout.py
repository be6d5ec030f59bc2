"""Choice of the wall's layout and number of services on a page, and drawing of the picture."""

from dataclasses import dataclass
from enum import StrEnum

from octui.ui.wall import large, middle, small
from octui.ui.wall.canvas import Canvas
from octui.ui.wall.parts import Scene

MOST_PAGES = 4
"""With more pages than this a layout gives way to a denser one."""


class Size(StrEnum):
    """One of the wall's layouts."""

    LARGE = "large"
    MIDDLE = "middle"
    SMALL = "small"
    TABLE = "table"
    """Small, without the sums above."""


@dataclass(frozen=True)
class Plan:
    """Plan of the wall: layout, services on a page, and whether both boards are shown at once."""

    size: Size
    per_page: int
    both: bool


def plan_wall(width: int, height: int, services: int, *, both: bool) -> Plan:
    """Return the largest layout that shows the services on a few pages; with `both`, the largest with room for all."""
    if both:
        for size in _sizes_of(width, height):
            fits = _fitting(size, height, 2)
            if fits >= max(1, services):
                return Plan(size, fits, both=True)
    plans = [Plan(size, max(1, _fitting(size, height, 1)), both=False) for size in _sizes_of(width, height)]
    wanted = max(1, services)
    return next((plan for plan in plans if plan.per_page * MOST_PAGES >= wanted), plans[-1])


def _sizes_of(width: int, height: int) -> list[Size]:
    sizes = []
    if width >= large.LEAST[0] and height >= large.LEAST[1]:
        sizes.append(Size.LARGE)
    if width >= middle.LEAST[0] and height >= middle.LEAST[1]:
        sizes.append(Size.MIDDLE)
    if width >= 72 and height >= 18:
        sizes.append(Size.SMALL)
    return [*sizes, Size.TABLE]


def _fitting(size: Size, height: int, boards: int) -> int:
    match size:
        case Size.LARGE:
            return large.services_fitting(height, boards)
        case Size.MIDDLE:
            return middle.services_fitting(height, boards)
        case Size.SMALL:
            return small.table_rows(height, boards, sums=True)
        case _:
            return small.table_rows(height, boards, sums=False)


def draw_wall(canvas: Canvas, scene: Scene, plan: Plan) -> None:
    """Draw a page of the wall in the planned layout."""
    match plan.size:
        case Size.LARGE:
            large.draw_large(canvas, scene)
        case Size.MIDDLE:
            middle.draw_middle(canvas, scene)
        case Size.SMALL:
            small.draw_small(canvas, scene, sums=True)
        case _:
            small.draw_small(canvas, scene, sums=False)
