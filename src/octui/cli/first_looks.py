"""Colors and signs to begin with: those of the settings, those chosen by hand, or what the terminal can show."""

from dataclasses import dataclass

from octui.cli import paths
from octui.cli.settings import Settings
from octui.state.preferences import Preferences
from octui.text.glyphs import GlyphLevel
from octui.ui.looks import Looks
from octui.ui.measuring import WidthQuestion, terminal_name
from octui.ui.roles import ColorSet
from octui.ui.terminal import shows_256_colors


@dataclass(frozen=True)
class FirstLooks:
    """What an app begins with, and what keeps a later choice."""

    looks: Looks
    colors: ColorSet
    glyph_level: GlyphLevel


def first_looks(settings: Settings, *, no_color: bool, question: WidthQuestion | None) -> FirstLooks:
    """Return what to begin with; `question`: how wide the terminal draws blocks, asked before."""
    looks = Looks(Preferences(paths.state_folder() / "looks.json"), terminal_name())
    return FirstLooks(looks, _first_colors(settings, no_color, looks), _first_glyphs(settings, question, looks))


def _first_colors(settings: Settings, no_color: bool, looks: Looks) -> ColorSet:
    """Return the color set to begin with: that of the settings, the chosen one, else the richest that can be shown."""
    if settings.colors != "auto":
        return ColorSet(settings.colors)
    if no_color:
        return ColorSet.NONE
    if looks.colors is not None:
        return looks.colors
    return ColorSet.DARK if shows_256_colors() else ColorSet.TERMINAL


def _first_glyphs(settings: Settings, question: WidthQuestion | None, looks: Looks) -> GlyphLevel:
    """Return the level of signs to begin with: that of the settings, the chosen one, or what was measured."""
    measured = question.measured_level() if question is not None else None
    return looks.known_glyphs(measured) if settings.glyphs == "auto" else GlyphLevel(settings.glyphs)
