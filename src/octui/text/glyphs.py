"""The signs that octui itself draws, at three levels of what a terminal can show (architecture.md 6.1).

Many signs, blocks and arrows among them, are one cell wide in some terminals and two in others ("ambiguous" in
Unicode's East Asian Width). The narrow level has none of them, the ascii level only ASCII.
"""

from contextvars import ContextVar
from dataclasses import dataclass, fields
from enum import StrEnum


class GlyphLevel(StrEnum):
    """Level of signs: full (all), narrow (only signs that every terminal draws one cell wide) or ascii."""

    FULL = "full"
    NARROW = "narrow"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs of one level of signs; each is one cell wide, but for `arrow` in ascii."""

    level: GlyphLevel = GlyphLevel.FULL
    good: str = "○"
    watch: str = "△"
    bad: str = "×"
    unknown: str = "–"
    old: str = "~"
    changed: str = "*"
    refused: str = "!"
    conflict: str = "≠"
    running: str = "▸"
    now: str = "▾"
    opened: str = "▾"
    closed: str = "▸"
    ascending: str = "▴"
    descending: str = "▾"
    arrow: str = "→"
    more: str = "→"
    """That there is more to the right."""
    cut: str = "…"
    dot: str = "·"
    """Between two short texts."""
    times: str = "×"
    divided: str = "÷"
    hidden: str = "•"
    """A character of a secret."""
    shares: str = "▁▂▃▄▅▆▇█"
    """A share of a cell from below, from little to all of it."""
    tops: str = "▁▂▃▄▅▆▇"
    """The top of a tall bar, whose other cells are filled."""
    bar: str = "▆"
    rest: str = "▆"
    """The rest of a bar along a row, in the color `ghost`."""
    plain_rest: str = "."
    """The same without color."""
    tick: str = "│"
    dotted: str = "▒"
    """Large letters whose value is old."""
    answered: str = "▆"
    abandoned: str = "░"


FULL = Glyphs()
NARROW = Glyphs(
    level=GlyphLevel.NARROW,
    good="o",
    watch="▵",
    bad="✕",
    unknown="-",
    conflict="#",
    arrow="￫",
    more="￫",
    cut="~",
    dot="･",
    times="x",
    divided="/",
    hidden="*",
    shares="⣀⣤⣶⣿",
    tops="⣀⣤⣶",
    bar="▬",
    rest="▬",
    tick="￨",
    dotted=":",
    answered="▬",
    abandoned="⢕",
)
ASCII = Glyphs(
    level=GlyphLevel.ASCII,
    good="o",
    watch="^",
    bad="x",
    unknown="-",
    conflict="#",
    running=">",
    now="v",
    opened="v",
    closed=">",
    ascending="^",
    descending="v",
    arrow="->",
    more=">",
    cut="~",
    dot="/",
    times="x",
    divided="/",
    hidden="*",
    shares=".:+#",
    tops="",
    bar="=",
    rest=".",
    tick="|",
    dotted=":",
    answered="=",
    abandoned="x",
)
LEVELS = {glyphs.level: glyphs for glyphs in (FULL, NARROW, ASCII)}
# Charts are never part of a sentence. × in a sentence multiplies, and no sentence has the mark for bad.
_NOT_IN_TEXTS = {
    *("level", "bad", "shares", "tops", "bar", "rest", "plain_rest", "tick", "dotted", "answered", "abandoned"),
}
_TEXTS = {
    level: str.maketrans(
        {
            getattr(FULL, field.name): getattr(glyphs, field.name)
            for field in fields(Glyphs)
            if field.name not in _NOT_IN_TEXTS and len(getattr(FULL, field.name)) == 1
        }
    )
    for level, glyphs in LEVELS.items()
}


class TerminalGlyphs:
    """The level of signs of one terminal; a context variable gives it to everything that draws there."""

    def __init__(self, level: GlyphLevel) -> None:
        self.glyphs = LEVELS[level]

    def set_level(self, level: GlyphLevel) -> None:
        """Change the level of signs; the caller then draws the screen again."""
        self.glyphs = LEVELS[level]


_FULL = TerminalGlyphs(GlyphLevel.FULL)
_IN_FORCE: ContextVar[TerminalGlyphs] = ContextVar("octui_glyphs", default=_FULL)


def glyphs() -> Glyphs:
    """Return the signs for the terminal being drawn on; the full level outside of a terminal."""
    return _IN_FORCE.get().glyphs


def begin_glyphs(level: GlyphLevel) -> TerminalGlyphs:
    """Set the level of signs for this context and the tasks that begin in it; return its holder."""
    chosen = TerminalGlyphs(level)
    _IN_FORCE.set(chosen)
    return chosen


def shown_text(text: str) -> str:
    """Return one of octui's own texts with its signs replaced by those of the terminal's level."""
    level = _IN_FORCE.get().glyphs.level
    return text if level is GlyphLevel.FULL else text.translate(_TEXTS[level])
