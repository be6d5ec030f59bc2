"""The data that the floor screen is drawn from, its parts, and the styles of rows with and without the cursor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rich.segment import Segment

from octui.schema.floor import FloorMinutes
from octui.state.agent_limits import AgentRow
from octui.state.floor import FloorRow, Rate
from octui.state.floor_hours import Stretch
from octui.state.floor_looks import Look
from octui.text.durations import format_duration
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.locale import N_, Words
from octui.ui.roles import Pens, RateVerdict, Role
from octui.ui.widgets.card_lines import Line
from octui.ui.words.times import time_of_day


class Part(StrEnum):
    """A part of the floor screen that can have the cursor."""

    SERVICES = "services"
    AGENTS = "agents"
    HOURS = "hours"
    LOOKS = "looks"


PART_LABELS = {
    Part.SERVICES: N_("Services"),
    Part.AGENTS: N_("Agents"),
    Part.HOURS: N_("By hour"),
    Part.LOOKS: N_("Needs a look"),
}


@dataclass(frozen=True)
class FloorScene:
    """Everything that the floor screen shows at `now` (epoch ms, server); None where nothing is known.

    `chosen` is the service that agents, hours and chart are of. `replay`: the past minute that is shown. `sort`: the
    label of the agents' order. `note`: why there are no agents to show. `stale`: the figures may be outdated.
    """

    services: Sequence[FloorRow]
    total: FloorRow | None
    chosen: int
    zone: str
    agents: Sequence[AgentRow] | None
    hours: Sequence[Stretch] | None
    minutes: FloorMinutes | None
    looks: Sequence[Look]
    part: Part
    now: int
    t: Words
    pens: Pens
    stale: bool = False
    replay: int | None = None
    sort: str = ""
    note: str = ""
    cursors: Mapping[Part, int] = field(default_factory=dict)

    @property
    def service(self) -> FloorRow | None:
        """The service whose agents, hours and chart are shown."""
        return self.services[self.chosen] if self.chosen < len(self.services) else None

    def clock(self, at: int) -> str:
        """Return the time of day `HH:MM` in the service's time zone."""
        return time_of_day(at, self.zone)[:5]


def row_ground(scene: FloorScene, part: Part, number: int) -> Role:
    """Return the background of a row: the cursor's, a paler one if another part has the cursor, or none."""
    if scene.cursors.get(part, 0) != number:
        return "surface"
    return "sel" if scene.part is part else "field"


def paint(scene: FloorScene, text: str, role: Role, ground: Role = "surface", *, bold: bool = False) -> Segment:
    """Return a segment with text in a role's color; on the cursor's row all text has the cursor's color."""
    if ground == "sel":
        role = "onsel"
    elif scene.stale and role in ("ink", "soft"):
        role = "old"
    return Segment(text, scene.pens.text(role, ground, bold=bold))


def paint_mark(scene: FloorScene, verdict: RateVerdict | None, ground: Role = "surface") -> Segment:
    """Return a segment with the sign of a verdict, on the background of a row."""
    signs = glyphs()
    sign = " " if verdict is None else {"good": signs.good, "watch": signs.watch, "bad": signs.bad}[verdict]
    return paint(scene, sign, verdict or "ink", ground)


def rate_parts(rate: Rate | None) -> tuple[str, RateVerdict | None]:
    """Return a rate in whole percent (cut) and its verdict; a dash and None where nothing was offered."""
    if rate is None:
        return glyphs().unknown, None
    verdict: RateVerdict = rate.verdict.value
    return str(rate.percent), verdict


def first_shown(cursor: int, count: int, rows: int) -> int:
    """Return the number of the first row to show, so that the cursor is near the middle of `rows` rows."""
    return max(0, min(cursor - rows // 2, count - rows))


def running_time(seconds: int) -> str:
    """Return a duration as `MM:SS`, or `HH:MM:SS` from an hour on."""
    return format_duration(seconds) if seconds >= 3600 else f"{seconds // 60:02d}:{seconds % 60:02d}"


def minutes_text(seconds: int, t: Words) -> str:
    """Return a duration in whole minutes: `5 min`, `<1 min`."""
    return t("{count} min", count=seconds // 60) if seconds >= 60 else t("<1 min")


def count_text(count: int | None) -> str:
    """Return a count with thousands separators, a dash where it is unknown."""
    return glyphs().unknown if count is None else f"{count:,}"


def padded(text: str, cells: int) -> str:
    """Return a text as wide as a column, at its right end."""
    return fit_text(text, max(0, cells), "right")


def line_cells(line: Line) -> int:
    """Return the width of a row of segments."""
    return sum(cell_width(segment.text) for segment in line)
