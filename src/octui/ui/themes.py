"""Color sets as Textual themes, where each role is a style sheet variable `$role-…` (architecture.md 6.1)."""

from typing import Any, ClassVar, TypeVar

from textual.app import App
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme

from octui.text.glyphs import GlyphLevel, begin_glyphs
from octui.ui.looks import Looks
from octui.ui.roles import ROLES, ColorSet, Role, palette_rgb, role_number

ReturnType = TypeVar("ReturnType")
_ANSI_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")

# Textual's own variables, used by the style sheets of its Input and its scrollbars.
_TEXTUAL: dict[str, Role] = {
    "text": "ink",
    "text-muted": "soft",
    "text-disabled": "faint",
    "foreground-muted": "faint",
    "border": "line",
    "border-blurred": "line",
    "input-cursor-background": "ink",
    "input-cursor-foreground": "bg",
    "input-selection-background": "talk",
    "input-selection-foreground": "onstate",
    "screen-selection-background": "talk",
    "screen-selection-foreground": "onstate",
    "scrollbar": "line",
    "scrollbar-hover": "soft",
    "scrollbar-active": "accent",
    "scrollbar-background": "surface",
    "scrollbar-background-hover": "surface",
    "scrollbar-background-active": "surface",
    "scrollbar-corner-color": "surface",
}


def css_color(role: Role, colors: ColorSet) -> str:
    """Return a role's color as style sheets write colors: `#1c1c1c`, `ansi_bright_blue`, `ansi_default`."""
    number = role_number(role, colors)
    if number is None:
        return "ansi_default"
    if number < 16:
        return f"ansi_{'bright_' if number >= 8 else ''}{_ANSI_NAMES[number % 8]}"
    return "#{:02x}{:02x}{:02x}".format(*palette_rgb(number))


def _make_theme(colors: ColorSet) -> Theme:
    variables = {f"role-{role}": css_color(role, colors) for role in ROLES}
    ansi = colors in {ColorSet.TERMINAL, ColorSet.NONE}
    if ansi:
        variables |= {"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"}
    else:
        variables |= {name: css_color(role, colors) for name, role in _TEXTUAL.items()}
    return Theme(
        name=colors.value,
        primary=css_color("accent", colors),
        warning=css_color("watch", colors),
        error=css_color("bad", colors),
        success=css_color("good", colors),
        accent=css_color("accent", colors),
        foreground=css_color("ink", colors),
        background=css_color("bg", colors),
        surface=css_color("surface", colors),
        panel=css_color("raised", colors),
        dark=colors is not ColorSet.LIGHT,
        variables=variables,
        ansi=ansi,
    )


THEMES = {colors.value: _make_theme(colors) for colors in ColorSet}


class WholeCells(ScrollBarRender):
    """Scrollbar of filled cells, without block characters, which some terminals draw two cells wide."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


class Themed(App[ReturnType]):
    """App that has the color sets as its only themes, and draws at the terminal's level of signs.

    The first color set is in force before the style sheets are read.
    """

    def __init__(
        self,
        *args: Any,
        colors: ColorSet = ColorSet.DARK,
        glyph_level: GlyphLevel = GlyphLevel.FULL,
        looks: Looks | None = None,
        **options: Any,
    ) -> None:
        """Create the app; `looks` stores choices of colors and signs, without `looks` they end with the program."""
        self.set_reactive(App.theme, colors.value)
        super().__init__(*args, **options)
        ScrollBar.renderer = WholeCells
        self._looks = looks
        self._glyphs = begin_glyphs(glyph_level)

    @property
    def glyph_level(self) -> GlyphLevel:
        """The level of signs (full, narrow or ascii) at which the screens are drawn."""
        return self._glyphs.glyphs.level

    def choose_colors(self, colors: ColorSet) -> None:
        """Use this color set, from now on and at the next start."""
        if self._looks is not None:
            self._looks.choose_colors(colors)
        self.theme = colors.value

    def choose_glyphs(self, level: GlyphLevel | None) -> None:
        """Draw at this level of signs, from now on and at the next start; None: at the level measured."""
        if self._looks is not None:
            self._looks.choose_glyphs(level)
            level = level or self._looks.known_glyphs(None)
        self._glyphs.set_level(level or GlyphLevel.FULL)

    @property
    def available_themes(self) -> dict[str, Theme]:
        return THEMES
