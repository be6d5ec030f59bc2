"""Bars drawn as terminal cells: along a row, as a strip of shares, and standing (architecture.md 6.1).

What is large is filled cells, not lines: a filled space is one cell wide in every terminal and font. Without color it
is reverse video, and in ascii a sign of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.segment import Segment

from octui.text.glyphs import GlyphLevel, glyphs
from octui.ui.cells.marks import BAD, GOOD, rate_verdict
from octui.ui.roles import Pens, Role


def row_bar(
    pens: Pens,
    role: Role,
    value: float,
    top: float,
    cells: int,
    *,
    ticks: Sequence[float] = (),
    on: Role = "surface",
) -> list[Segment]:
    """Return a bar along one row, whose full length stands for `top`, with ticks at some values.

    A value above 0 has at least one cell. It fills the row only when it reaches `top`.
    """
    signs = glyphs()
    filled = 0
    if top > 0 and value > 0:
        filled = cells if value >= top else max(1, min(cells - 1, int(value * cells / top)))
    marked = {min(cells - 1, max(0, int(tick * cells / top))) for tick in ticks} if top > 0 and cells > 0 else set()
    rest = (
        Segment(signs.rest, pens.text("ghost", on)) if pens.colored else Segment(signs.plain_rest, pens.text("ink", on))
    )
    full = Segment(signs.bar, pens.text(role, on))
    tick = Segment(signs.tick, pens.text("ink", on))
    return _joined(tick if x in marked else full if x < filled else rest for x in range(cells))


def rate_bar(pens: Pens, part: int, whole: int, cells: int, on: Role = "surface") -> list[Segment]:
    """Return the bar of a rate in the color of its verdict, with ticks at 70 and 85 %; an empty bar without calls."""
    verdict = rate_verdict(part, whole)
    value = 100 * part / whole if whole > 0 else 0
    return row_bar(pens, verdict or "ghost", value, 100, cells, ticks=(BAD, GOOD), on=on)


def share_strip(
    pens: Pens, shares: Sequence[float], roles: Role | Sequence[Role], on: Role = "surface"
) -> list[Segment]:
    """Return one cell for each share from 0 to 1, filled from below; any share above 0 is visible.

    `roles`: the color of all, or of each.
    """
    line = []
    for x, share in enumerate(shares):
        role: Role = roles if isinstance(roles, str) else roles[x]
        line.append(_share_cell(pens, share, role, on))
    return _joined(line)


def _share_cell(pens: Pens, share: float, role: Role, on: Role) -> Segment:
    steps = glyphs().shares
    if share <= 0:
        return Segment(" ", pens.text("ink", on))
    step = max(1, min(len(steps), int(share * len(steps) + 0.5)))
    if step == len(steps) and glyphs().level is GlyphLevel.FULL:
        return Segment(" ", pens.fill(role))
    return Segment(steps[step - 1], pens.text(role, on))


@dataclass(frozen=True, slots=True)
class TallBar:
    """A standing bar of several rows: values from below, each with its color, and the usual value, pale behind them."""

    parts: tuple[tuple[Role, float], ...]
    usual: float = 0


# In ascii, and of the second part where no color tells it from the first.
_PART_SIGNS = "#o"


def tall_bars(
    pens: Pens, bars: Sequence[TallBar], top: float, high: int, *, wide: int = 5, gap: int = 1, on: Role = "surface"
) -> list[list[Segment]]:
    """Return standing bars as `high` rows, the highest row first; `top` is the value of the full height.

    Each bar is `wide` cells, with `gap` empty cells behind it. The top of the highest part is drawn in eighths of a
    cell, in quarters at the narrow level; in ascii every row is whole. Parts meet at the edge of a row.
    """
    return [
        _joined(
            cell
            for bar in bars
            for cell in (
                *[_tall_cell(pens, bar, row, high, top, on)] * wide,
                *[Segment(" ", pens.text("ink", on))] * gap,
            )
        )
        for row in reversed(range(high))
    ]


def _steps(value: float, top: float, high: int) -> int:
    """Return a bar's height in steps, several to a row; at least 1 for a value above 0."""
    whole = len(glyphs().tops) + 1
    if top <= 0 or value <= 0:
        return 0
    return max(1, min(high * whole, int(value * high * whole / top + 0.5)))


def _tall_cell(pens: Pens, bar: TallBar, row: int, high: int, top: float, on: Role) -> Segment:
    """Return a standing bar's cell in a row (0 is the lowest)."""
    tops = glyphs().tops
    whole = len(tops) + 1
    below = row * whole
    usual = _steps(bar.usual, top, high) - below if pens.colored else 0
    reached, sum_of_parts = 0, 0.0
    shown = [(at, part) for at, part in enumerate(bar.parts) if part[1] > 0]
    for number, (at, (role, value)) in enumerate(shown):
        sum_of_parts += value
        height = _steps(sum_of_parts, top, high)
        if number < len(shown) - 1:
            height = max(reached + whole, (height + whole // 2) // whole * whole)  # parts meet at the edge of a row
        if height > below:
            behind: Role = "ghost" if usual >= whole else on
            return _filled(pens, at, role, min(whole, height - below), behind)
        reached = height
    if usual >= whole:
        return Segment(" ", pens.fill("ghost"))
    return Segment(tops[usual - 1] if usual > 0 else " ", pens.text("ghost", on))


def _filled(pens: Pens, part: int, role: Role, steps: int, behind: Role) -> Segment:
    """Return a cell filled from below by some steps, in a color."""
    tops = glyphs().tops
    if steps <= len(tops):
        return Segment(tops[steps - 1], pens.text(role, behind))
    if (part and not pens.colored) or not tops:
        sign = _PART_SIGNS[min(part, 1)]
        return Segment(sign, pens.text(role, behind))
    return Segment(" ", pens.fill(role))


def _joined(cells: Iterable[Segment]) -> list[Segment]:
    """Return the cells as segments, joining neighbors of one style."""
    line: list[Segment] = []
    for cell in cells:
        if line and line[-1].style == cell.style:
            line[-1] = Segment(line[-1].text + cell.text, cell.style)
        else:
            line.append(cell)
    return line
