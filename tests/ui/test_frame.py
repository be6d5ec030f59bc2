"""From one picture to the next: the right picture, in few bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from octui.ui import frame
from octui.ui.frame import PLAIN, Frame, cells_of, cursor_move, pen_change
from ui.pyte_screen import screen, seen

TRUE = ColorSystem.TRUECOLOR
SENDS = st.text(alphabet=st.sampled_from("ab 가나다한①●漢é─…"), min_size=0, max_size=14)
STYLES = st.sampled_from(
    ["", "bold", "red", "bold red on blue", "reverse", "dim italic", "underline #123456", "on #00ff00", "strike"]
)


def line(text: str, style: str = "") -> list[Segment]:
    return [Segment(text, Style.parse(style))]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    puts=st.lists(
        st.tuples(st.integers(0, 21), st.integers(0, 5), SENDS, STYLES, st.booleans()), min_size=1, max_size=30
    ),
    erases=st.booleans(),
    cursor=st.tuples(st.integers(0, 19), st.integers(0, 4)),
)
def test_differences_add_up_to_the_whole(
    puts: list[tuple[int, int, str, str, bool]], erases: bool, cursor: tuple[int, int]
) -> None:
    """After any sequence of updates the terminal shows what one painting from nothing shows."""
    terminal, stream = screen(20, 5)
    drawn = Frame(20, 5, erases)
    for y in range(5):
        drawn.put_segments(0, y, line(" " * 20), TRUE)
    for x, y, text, style, paint in puts:
        drawn.put_segments(x, y, line(text, style), TRUE)
        if paint:
            stream.feed(drawn.paint_changes(cursor))
    stream.feed(drawn.paint_changes(cursor))
    assert (terminal.cursor.x, terminal.cursor.y) == cursor
    assert drawn.paint_changes(cursor) == ""

    fresh, stream = screen(20, 5)
    drawn.forget_shown()
    for y, row in enumerate(drawn._target):
        stream.feed(f"\x1b[{y + 1}H")
        for cell in row:
            assert cell is not None
            stream.feed(pen_change(None, cell[1]) + cell[0])
    assert seen(terminal) == seen(fresh)


@given(
    st.tuples(st.integers(0, 30), st.integers(0, 30)), st.tuples(st.integers(0, 30), st.integers(0, 30)), st.booleans()
)
def test_cursor_move_arrives_and_is_never_longer_than_an_absolute_one(
    start: tuple[int, int], end: tuple[int, int], known: bool
) -> None:
    terminal, stream = screen(31, 31)
    stream.feed(f"\x1b[{start[1] + 1};{start[0] + 1}H")
    sent = cursor_move(start[0] if known else None, start[1], *end)
    stream.feed(sent)
    assert (terminal.cursor.x, terminal.cursor.y) == end
    assert len(sent) <= len(f"\x1b[{end[1] + 1};{end[0] + 1}H")


@given(STYLES, STYLES, st.booleans())
def test_pen_change_arrives(old: str, new: str, known: bool) -> None:
    terminal, stream = screen(4, 1)
    before, after = (frame.pen_of(Style.parse(style), TRUE) for style in (old, new))
    stream.feed(pen_change(None, before) + pen_change(before if known else None, after) + "x")
    fresh, other = screen(4, 1)
    other.feed(pen_change(None, after) + "x")
    assert seen(terminal) == seen(fresh)


def test_bold_stays_when_dim_goes() -> None:
    both, bold = frame.pen_of(Style(bold=True, dim=True), TRUE), frame.pen_of(Style(bold=True), TRUE)
    assert pen_change(both, bold) in {"\x1b[22;1m", "\x1b[0;1m"}


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("a한b", ["a", "한", "", "b"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("\u1112\u1161\u11ab", ["\u1112\u1161\u11ab", ""]),
        ("❤\ufe0f.", ["❤\ufe0f", "", "."]),
        ("🇰🇷🇯", ["🇰🇷", "", "🇯"]),
        ("x\x1b[2J\x9b\u202ey", ["x", "[", "2", "J", "y"]),
        ("\ud800a", [" ", "a"]),
        ("", []),
    ],
)
def test_cells_are_graphemes_without_control_characters(text: str, texts: list[str]) -> None:
    assert [cell for cell, _ in cells_of(text, PLAIN)] == texts


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (TRUE, "38;5;196"),
        (ColorSystem.EIGHT_BIT, "38;5;196"),
        (ColorSystem.STANDARD, "31"),
        (None, ""),
    ],
)
def test_colors_follow_the_color_system(system: ColorSystem | None, expected: str) -> None:
    assert frame.pen_of(Style.parse("bold #ff0000"), system) == (1, expected, "")


def test_color_outside_the_palette_is_sent_by_value() -> None:
    assert frame.pen_of(Style.parse("#ff0001 on #1c1c1c"), TRUE) == (0, "38;2;255;0;1", "48;5;234")


@pytest.mark.parametrize("sign", ["→", "○", "…", "·", "①"])
def test_ambiguous_sign_is_followed_by_an_absolute_move(sign: str) -> None:
    """A terminal that draws it twice as wide must not shift the row."""
    drawn = Frame(12, 1)
    drawn.put_segments(3, 0, line(f"{sign} ab"), TRUE)
    assert f"{sign}\x1b[5G ab" in drawn.paint_changes((0, 0))


def test_blocks_of_a_chart_are_sent_in_one_piece() -> None:
    drawn = Frame(12, 1)
    drawn.put_segments(0, 0, line("▁▂▃▄"), TRUE)
    assert "▁▂▃▄" in drawn.paint_changes((0, 0))


def test_joined_emoji_is_followed_by_an_absolute_move() -> None:
    """Terminals disagree on its width, so what follows must not depend on it."""
    drawn = Frame(12, 1)
    drawn.put_segments(0, 0, line("👩\u200d🚀ab" + " " * 8), TRUE)
    assert "\x1b[3Ga" in drawn.paint_changes((0, 0))


def test_moves_after_an_ambiguous_character_are_absolute() -> None:
    drawn = Frame(30, 1)
    drawn.put_segments(0, 0, line("x" * 30), TRUE)
    drawn.paint_changes((0, 0))
    drawn.put_segments(0, 0, [Segment("①"), Segment("x" * 19), Segment("y")], TRUE)
    assert drawn.paint_changes((0, 0)).startswith("①\x1b[21Gy")


def test_one_cell_costs_a_move_and_a_character() -> None:
    drawn = Frame(160, 48)
    for y in range(48):
        drawn.put_segments(0, y, line("0" * 160, "bold #aabbcc on #112233"), TRUE)
    drawn.paint_changes((0, 0))
    assert drawn.paint_changes((0, 0)) == ""
    drawn.put_segments(100, 30, line("7", "bold #ddeeff on #223344"), TRUE)
    assert len(drawn.paint_changes((0, 0))) <= 60
    drawn.put_segments(101, 30, line("7", "bold #ddeeff on #223344"), TRUE)
    assert len(drawn.paint_changes((102, 30))) <= 12
