"""Color sets: every pair of text and ground has at least the contrast that the design asks (architecture.md 6.1)."""

import re
from typing import get_args

import pytest

from octui.ui.roles import PALETTE_NUMBERS, ROLES, ColorSet, Pens, Role, State, palette_rgb, role_number
from octui.ui.styles import STYLES

# The 16 colors of xterm, for the set that leaves them to the terminal; its ground may be black or white.
XTERM = (
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)),
    *((127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0)),
    *((92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255)),
)
ALL: tuple[Role, ...] = ("bg", "surface", "raised", "field")
LINES: tuple[Role, ...] = ("bg", "surface", "raised")
CARDS: tuple[Role, ...] = ("bg", "surface")
STATES: tuple[Role, ...] = get_args(State)
# Text, its grounds, the least contrast: dark, light, high contrast, the terminal's 16 (on black).
PAIRS: list[tuple[Role, tuple[Role, ...], tuple[float, float, float, float]]] = [
    ("ink", ALL, (11.4, 13.4, 13.2, 15)),
    ("soft", LINES, (8.0, 6.5, 11.9, 15)),
    ("faint", ALL, (4.9, 5.6, 6.9, 15)),
    ("old", ALL, (4.9, 5.6, 6.9, 15)),
    ("accent", LINES, (9.5, 5.1, 14.2, 15)),
    ("talk", CARDS, (7.4, 5.0, 13.2, 4.4)),
    ("out", CARDS, (9.5, 6.5, 17.2, 10)),
    ("ready", CARDS, (13.4, 6.1, 21.0, 20)),
    ("work", CARDS, (6.3, 7.3, 11.5, 6)),
    ("rest", CARDS, (8.4, 4.7, 15.6, 12)),
    ("meet", CARDS, (6.5, 6.1, 12.4, 4.5)),
    ("other", CARDS, (5.6, 5.3, 11.1, 15)),
    ("good", LINES, (8.3, 6.3, 11.6, 15)),
    ("watch", LINES, (10.9, 4.5, 10.9, 19)),
    ("bad", LINES, (5.1, 5.9, 6.5, 5)),
    ("onstate", STATES, (6.2, 5.5, 11.1, 4.4)),
    ("onsel", ("sel",), (7.0, 14.0, 21.0, 9)),
    ("onname", ("name",), (5.8, 6.4, 19.7, 9)),
    ("onalarm", ("alarm",), (7.4, 7.4, 9.1, 5.5)),
    ("onreplay", ("replay",), (15.0, 15.1, 15.1, 19)),
]
SETS = (ColorSet.DARK, ColorSet.LIGHT, ColorSet.CONTRAST, ColorSet.TERMINAL)


def luminance(rgb: tuple[int, int, int]) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (value / 255 for value in rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Return the contrast ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def value_of(role: Role, colors: ColorSet) -> tuple[int, int, int]:
    number = role_number(role, colors)
    if number is None:
        return (0, 0, 0) if role in ALL else (255, 255, 255)
    return XTERM[number] if number < 16 else palette_rgb(number)


@pytest.mark.parametrize("colors", SETS)
@pytest.mark.parametrize(("text", "grounds", "least"), PAIRS, ids=lambda value: value if isinstance(value, str) else "")
def test_text_has_the_contrast_of_the_design(
    text: Role, grounds: tuple[Role, ...], least: tuple[float, ...], colors: ColorSet
) -> None:
    lowest = min(contrast(value_of(text, colors), value_of(ground, colors)) for ground in grounds)
    assert round(lowest, 1) >= least[SETS.index(colors)]


def test_every_text_role_is_measured() -> None:
    grounds: set[Role] = {*ALL, "line", "ghost", "sel", "name", "alarm", "replay"}
    assert {text for text, _, _ in PAIRS} == set(ROLES) - grounds


def test_every_color_of_the_palette_is_found_by_its_value() -> None:
    assert [palette_rgb(PALETTE_NUMBERS[palette_rgb(number)]) for number in range(16, 256)] == [
        palette_rgb(number) for number in range(16, 256)
    ]


def test_style_sheets_name_no_color_but_by_role() -> None:
    for path in STYLES:
        with open(path, encoding="utf-8") as file:
            sheet = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
        assert re.findall(r"(?<!:)#\w+|\$(?!role-)[\w-]+|\brgb", sheet) == []
        assert set(re.findall(r"\$role-([\w-]+)", sheet)) <= set(ROLES)


@pytest.mark.parametrize("role", ["sel", "alarm", "talk", "good"])
def test_filled_cells_are_reverse_video_without_color(role: Role) -> None:
    style = Pens(ColorSet.NONE).fill(role)
    assert style.reverse
    assert style.color is None
    assert style.bgcolor is None


@pytest.mark.parametrize("role", ["surface", "raised", "ghost"])
def test_surfaces_are_plain_without_color(role: Role) -> None:
    assert not Pens(ColorSet.NONE).fill(role).reverse


def test_cursor_with_16_colors_is_reversed_too() -> None:
    style = Pens(ColorSet.TERMINAL).fill("sel")
    assert style.reverse
    assert style.color is not None
    assert style.color.number == ROLES["sel"][3]
