"""Colors by role in five color sets, and rich styles made of them (architecture.md 6.1).

Every color is one of the 256 palette's upper 240, whose values are the same in all terminals, one of the terminal's
own 16, or the terminal's own foreground and background.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Literal, TypeAlias

from rich.color import Color
from rich.style import Style


class ColorSet(StrEnum):
    """A set of colors for the whole screen, which a person chooses; also the name of its Textual theme."""

    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"
    TERMINAL = "terminal"
    """The terminal's own 16 colors."""
    NONE = "none"
    """Reverse video, bold and underline only, as NO_COLOR asks."""


Surface: TypeAlias = Literal["bg", "surface", "raised", "field"]
State: TypeAlias = Literal["talk", "out", "ready", "work", "rest", "meet", "other"]
RateVerdict: TypeAlias = Literal["good", "watch", "bad"]
Band: TypeAlias = Literal["sel", "name", "alarm", "replay"]
Text: TypeAlias = Literal[
    "line", "ghost", "ink", "soft", "faint", "old", "accent", "onstate", "onsel", "onname", "onalarm", "onreplay"
]
Role: TypeAlias = Surface | State | RateVerdict | Band | Text

# Dark, light, high contrast: a number of the palette of 256. Last: one of the terminal's 16, None for its own color.
# Of the 16, text is the terminal's own and not white (7): on a terminal with a light background white is not seen.
ROLES: Mapping[Role, tuple[int, int, int, int | None]] = {
    "bg": (233, 255, 16, None),  # the screen
    "surface": (234, 231, 16, None),  # cards
    "raised": (235, 254, 235, None),  # top line, key line, dialogs
    "field": (236, 255, 236, None),  # what is typed in
    "line": (240, 248, 245, 8),  # underlines
    "ghost": (237, 252, 238, 8),  # the usual, the rest of a bar
    "ink": (255, 234, 231, None),
    "soft": (250, 239, 254, None),  # labels
    "faint": (247, 240, 250, None),  # zero, hints, off
    "old": (247, 240, 250, None),
    "accent": (117, 25, 227, 14),  # keys, the sorted column
    "talk": (75, 26, 117, 12),
    "out": (44, 23, 87, 6),
    "ready": (254, 240, 231, 15),
    "work": (141, 56, 183, 13),
    "rest": (180, 95, 223, 3),
    "meet": (175, 125, 218, 5),
    "other": (246, 241, 250, 7),
    "onstate": (233, 231, 16, 0),  # text on the color of a state or a verdict
    "good": (78, 22, 84, 10),
    "watch": (221, 94, 221, 11),
    "bad": (203, 124, 210, 9),
    "sel": (24, 153, 231, 4),  # the cursor
    "onsel": (231, 16, 16, 15),
    "name": (26, 25, 227, 4),  # the program's name, a dialog's head
    "onname": (231, 231, 16, 15),
    "alarm": (124, 124, 210, 1),  # alarm, error, lost
    "onalarm": (231, 231, 16, 15),
    "replay": (220, 221, 221, 11),  # a past time, the age of an old value
    "onreplay": (16, 16, 16, 0),
}
_COLUMNS = {ColorSet.DARK: 0, ColorSet.LIGHT: 1, ColorSet.CONTRAST: 2, ColorSet.TERMINAL: 3}
_SURFACES: tuple[Role, ...] = ("bg", "surface", "raised", "field")
_TEXT_ON: Mapping[Role, Role] = {"sel": "onsel", "name": "onname", "alarm": "onalarm", "replay": "onreplay"}
_INK_ON: tuple[Role, ...] = (*_SURFACES, "line", "ghost")
_CUBE = (0, 95, 135, 175, 215, 255)


def palette_rgb(number: int) -> tuple[int, int, int]:
    """Return the RGB value of a color of the 256-color palette, from 16 on."""
    if number >= 232:
        gray = 8 + 10 * (number - 232)
        return gray, gray, gray
    cube = number - 16
    return _CUBE[cube // 36], _CUBE[cube // 6 % 6], _CUBE[cube % 6]


PALETTE_NUMBERS: Mapping[tuple[int, int, int], int] = {palette_rgb(number): number for number in range(255, 15, -1)}


def role_number(role: Role, colors: ColorSet) -> int | None:
    """Return a role's palette number; None is the terminal's default color."""
    return None if colors is ColorSet.NONE else ROLES[role][_COLUMNS[colors]]


def _rich_color(role: Role, colors: ColorSet) -> Color | None:
    number = role_number(role, colors)
    if number is None:
        return None
    return Color.from_ansi(number) if number < 16 else Color.from_rgb(*palette_rgb(number))


class Pens:
    """Rich styles by role in one color set; get them with `pens_of`."""

    def __init__(self, colors: ColorSet) -> None:
        self.colors = colors
        self._styles: dict[tuple[object, ...], Style] = {}

    @property
    def colored(self) -> bool:
        """Whether the color set has colors; without colors, filled cells are reverse video."""
        return self.colors is not ColorSet.NONE

    def text(self, role: Role, on: Role = "surface", *, bold: bool = False, underline: bool = False) -> Style:
        """Return the style of text in one role's color on another's."""
        key = (role, on, bold, underline)
        style = self._styles.get(key)
        if style is None:
            background = _rich_color(on, self.colors)
            reverse = (on not in _INK_ON and not self.colored) or None
            style = Style(
                color=_rich_color(role, self.colors),
                bgcolor=background,
                bold=bold or None,
                underline=underline or None,
                reverse=reverse,
            )
            if on == "sel" and self.colors is ColorSet.TERMINAL:
                # Reverse as well, for a terminal that takes 16 colors and shows none of them.
                style = Style(color=background, bgcolor=style.color, bold=style.bold, reverse=True)
            self._styles[key] = style
        return style

    def fill(self, role: Role, *, bold: bool = False, underline: bool = False) -> Style:
        """Return the style of text on a cell filled with a role's color, such as a chip, a bar or the cursor."""
        on_it = _TEXT_ON.get(role, "ink" if role in _INK_ON else "onstate")
        return self.text(on_it, role, bold=bold, underline=underline)

    def faint_style(self, style: Style | None) -> Style:
        """Return a style as it looks behind a dialog: surfaces unchanged, all text faint."""
        background = style.bgcolor if style is not None else None
        surfaces = [_rich_color(surface, self.colors) for surface in _SURFACES]
        on = _SURFACES[surfaces.index(background)] if background in surfaces else "bg"
        return self.text("faint", on, underline=style is not None and bool(style.underline))


@cache
def pens_for(colors: ColorSet) -> Pens:
    """Return the rich styles of a color set."""
    return Pens(colors)


def pens_of(app: object) -> Pens:
    """Return the rich styles of the app's color set; those of the dark set if its theme is no color set."""
    theme = getattr(app, "theme", "")
    return pens_for(ColorSet(theme) if theme in list(ColorSet) else ColorSet.DARK)
