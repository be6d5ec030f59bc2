"""Verdicts on rates as sign and color, and the first row of a card."""

from rich.segment import Segment

from octui.state.floor import BAD_PERCENT, GOOD_PERCENT, rate_of
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.roles import Pens, RateVerdict, Role

GOOD, BAD = GOOD_PERCENT, BAD_PERCENT


def rate_verdict(part: int, whole: int) -> RateVerdict | None:
    """Return the verdict on a rate by its exact value; None if there were no calls."""
    rate = rate_of(part, whole)
    return None if rate is None else rate.verdict.value


def rate_text(part: int, whole: int) -> str:
    """Return a rate in whole percent, rounded down, so that it never looks better than its verdict."""
    rate = rate_of(part, whole)
    return glyphs().unknown if rate is None else f"{rate.percent}%"


def mark(pens: Pens, verdict: RateVerdict | None, on: Role = "surface") -> Segment:
    """Return the sign of a verdict as one cell, followed by an empty cell or the row's end; a blank for None."""
    if verdict is None:
        return Segment(" ", pens.text("ink", on))
    signs = glyphs()
    return Segment({"good": signs.good, "watch": signs.watch, "bad": signs.bad}[verdict], pens.text(verdict, on))


def card_head(pens: Pens, title: str, note: str, cells: int, on: Role = "surface") -> list[Segment]:
    """Return the first row of a card: title at the left, note at the right, all of it underlined.

    Where both do not fit, the note is cut first.
    """
    inside = max(0, cells - 2)
    title = fit_text(title, min(cell_width(title), inside))
    room = inside - cell_width(title) - 2
    note = fit_text(note, min(cell_width(note), room)) if room > 1 else ""
    gap = cells - 1 - cell_width(title) - cell_width(note) - (1 if note else 0)
    rule = pens.text("line", on, underline=True)
    line = [
        Segment(" " * min(1, cells), rule),
        Segment(title, pens.text("ink", on, bold=True, underline=True)),
        Segment(" " * max(0, gap), rule),
    ]
    if note:
        line += [Segment(note, pens.text("soft", on, underline=True)), Segment(" ", rule)]
    return [part for part in line if part.text]
