"""Basics for drawing the cards of My stats: their input, rows of segments, names and short times."""

from dataclasses import dataclass, field
from typing import Protocol

from rich.segment import Segment
from rich.style import Style

from octui.schema.floor import FloorMinutes
from octui.schema.stats import DayInterval, PhoneDay, PhoneState
from octui.state.floor import FloorRow
from octui.state.phone_day import UsualDay
from octui.state.stats import LiveStats
from octui.text.durations import format_duration
from octui.text.width import cell_width, cut_text
from octui.ui.locale import Words
from octui.ui.roles import Pens, Role
from octui.ui.words.stats import DETAIL_LABELS, PHONE_LABELS

Line = list[Segment]

GAP = 2
"""Cells between two cards."""
LONG_WAIT_MS = 60_000
"""Wait from which on somebody waits too long (rules.md 51)."""


class Scene(Protocol):
    """What cards are drawn with: the styles of the color set, and whether figures are drawn as old."""

    @property
    def stale(self) -> bool: ...

    @property
    def pens(self) -> Pens: ...


@dataclass(frozen=True)
class DayScene:
    """Input for drawing the cards of My stats at server time `now` (epoch ms); unknown parts are None.

    `floor` and `minutes`: queue and agents of the service. `stale`: the figures may be outdated. `drawn`: keeps the
    picture of the day from one second to the next, because it takes most of the time; to be cleared with new data.
    """

    live: LiveStats | None
    day: PhoneDay | None
    usual: UsualDay
    floor: FloorRow | None
    minutes: FloorMinutes | None
    now: int
    stale: bool
    t: Words
    pens: Pens
    drawn: dict[tuple[object, ...], list[Line]] = field(default_factory=dict)


def card_text(scene: Scene, text: str, role: Role = "soft", *, bold: bool = False) -> Segment:
    return Segment(text, scene.pens.text("old" if scene.stale and role == "ink" else role, "surface", bold=bold))


def blank_line(scene: Scene, cells: int) -> Line:
    return [Segment(" " * cells, scene.pens.text("ink", "bg"))]


def line_width(line: Line) -> int:
    return sum(cell_width(segment.text) for segment in line)


def fit_line(scene: Scene, line: Line, cells: int, ground: Style | None = None) -> Line:
    """Return a row of segments cut or padded to exactly `cells` cells."""
    fitted: Line = []
    left = cells
    for segment in line:
        width = cell_width(segment.text)
        if width > left:
            segment = Segment(cut_text(segment.text, 0, left), segment.style)
            width = left
        if width:
            fitted.append(segment)
        left -= width
    if left:
        fitted.append(Segment(" " * left, ground or scene.pens.text("ink", "surface")))
    return fitted


def lay_beside(scene: Scene, left: list[Line], right: list[Line], sizes: tuple[int, int]) -> list[Line]:
    """Return the rows of two cards side by side; `sizes`: width of the left one, and of both with the gap."""
    wide, cells = sizes
    between = Segment(" " * GAP, scene.pens.text("ink", "bg"))
    high = max(len(left), len(right))
    blank: Line = []
    return [
        [
            *fit_line(scene, left[y] if y < len(left) else blank, wide),
            between,
            *fit_line(scene, right[y] if y < len(right) else blank, cells - GAP - wide),
        ]
        for y in range(high)
    ]


def interval_label(interval: DayInterval, t: Words) -> str:
    state, detail = interval[2], interval[3]
    if state is PhoneState.OTHER and detail in DETAIL_LABELS:
        return t(DETAIL_LABELS[detail])
    return t(PHONE_LABELS[state])


def short_time(seconds: int) -> str:
    """Return a duration as `MM:SS`, or `HH:MM:SS` from an hour on."""
    return format_duration(seconds) if seconds >= 3600 else f"{seconds // 60:02d}:{seconds % 60:02d}"
