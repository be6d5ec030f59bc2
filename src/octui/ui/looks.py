"""Colors and level of signs for a person's terminal: chosen by hand, remembered, or measured."""

from contextlib import suppress

from octui.state.preferences import Preferences
from octui.text.glyphs import GlyphLevel
from octui.ui.roles import ColorSet

_COLORS = "colors"


class Looks:
    """Stored choices of a person: the color set, and the level of signs for each terminal."""

    def __init__(self, kept: Preferences, terminal: str) -> None:
        self._kept, self._terminal = kept, terminal

    @property
    def colors(self) -> ColorSet | None:
        """The chosen color set, None if none was chosen."""
        value = self._kept.get_text(_COLORS, "set")
        return ColorSet(value) if value in list(ColorSet) else None

    @property
    def chosen_glyphs(self) -> GlyphLevel | None:
        """The level of signs chosen by hand for this terminal, None if it is to be measured."""
        return self._level_of("chosen")

    def known_glyphs(self, measured: GlyphLevel | None) -> GlyphLevel:
        """Return the level of signs to draw at; a measured level is stored for times without an answer."""
        if measured is not None and measured is not self._level_of("measured"):
            self._keep(f"terminal {self._terminal}", "measured", measured.value)
        return self.chosen_glyphs or measured or self._level_of("measured") or GlyphLevel.NARROW

    def choose_colors(self, colors: ColorSet | None) -> None:
        """Store a color set; None removes the stored one."""
        self._keep(_COLORS, "set", colors.value if colors is not None else None)

    def choose_glyphs(self, level: GlyphLevel | None) -> None:
        """Store a level of signs for this terminal; None has it measured again at the next start."""
        self._keep(f"terminal {self._terminal}", "chosen", level.value if level is not None else None)

    def _level_of(self, name: str) -> GlyphLevel | None:
        value = self._kept.get_text(f"terminal {self._terminal}", name)
        return GlyphLevel(value) if value in list(GlyphLevel) else None

    def _keep(self, place: str, name: str, value: str | None) -> None:
        with suppress(OSError):  # then it holds until the program ends
            self._kept.set_values(place, {name: value})
