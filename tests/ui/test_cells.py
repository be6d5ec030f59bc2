"""Bars, chips, marks and heads drawn as cells: in every color set and at every level of signs (architecture.md 6.1)."""

import unicodedata
from collections.abc import Callable, Sequence
from contextvars import copy_context
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment

from octui.schema.stats import SELECTABLE_STATES, PhoneState
from octui.text.glyphs import GlyphLevel, begin_glyphs
from octui.ui.cells.bars import TallBar, rate_bar, row_bar, share_strip, tall_bars
from octui.ui.cells.marks import card_head, mark, rate_text, rate_verdict
from octui.ui.cells.states import STATE_LOOKS, chip, legend, state_digit, state_strip
from octui.ui.dialogs.choice import SIGNS, Option, signs_of
from octui.ui.roles import ColorSet, Pens, RateVerdict, Role

DARK, NONE = Pens(ColorSet.DARK), Pens(ColorSet.NONE)
EVERYWHERE = list(product(GlyphLevel, (ColorSet.DARK, ColorSet.TERMINAL, ColorSet.NONE)))


def at_level(level: GlyphLevel, draw: Callable[[], list[Segment]]) -> list[Segment]:
    def run() -> list[Segment]:
        begin_glyphs(level)
        return draw()

    return copy_context().run(run)


def text_of(line: Sequence[Segment]) -> str:
    return "".join(part.text for part in line)


def drawings(pens: Pens) -> list[list[Segment]]:
    """Return something of everything that draws cells."""
    bars = [TallBar((("talk", 3), ("out", 2)), usual=6.4), TallBar((), usual=1.3), TallBar((("talk", 0.2),))]
    return [
        rate_bar(pens, 81, 100, 20),
        row_bar(pens, "rest", 9, 5, 12, ticks=(4,)),
        share_strip(pens, [0, 0.01, 0.3, 0.5, 0.9, 1, 1.5], "talk"),
        *tall_bars(pens, bars, 7, 4),
        card_head(pens, "오늘 하루", "한 칸 5분", 30),
        legend(pens, [(PhoneState.REST, "휴식"), (PhoneState.MEAL, "식사")]),
        state_strip(pens, [PhoneState.READY, None, PhoneState.MEETING]),
        [mark(pens, "good"), mark(pens, "watch"), mark(pens, "bad"), mark(pens, None)],
    ]


@pytest.mark.parametrize(("level", "colors"), EVERYWHERE)
def test_everything_has_the_same_width_everywhere(level: GlyphLevel, colors: ColorSet) -> None:
    widths = [cell_len(text_of(line)) for line in drawings(DARK)]
    for number, width in enumerate(widths):
        line = at_level(level, lambda number=number: drawings(Pens(colors))[number])  # type: ignore[misc]
        assert cell_len(text_of(line)) == width


@pytest.mark.parametrize("colors", ColorSet)
def test_narrow_drawings_hold_no_ambiguous_sign(colors: ColorSet) -> None:
    signs = {
        sign
        for number in range(len(drawings(DARK)))
        for sign in text_of(at_level(GlyphLevel.NARROW, lambda number=number: drawings(Pens(colors))[number]))  # type: ignore[misc]
    }
    assert {sign for sign in signs if unicodedata.east_asian_width(sign) == "A"} == set()


@pytest.mark.parametrize("level", GlyphLevel)
def test_without_color_cells_are_reversed_bold_or_underlined_only(level: GlyphLevel) -> None:
    for number in range(len(drawings(NONE))):
        for part in at_level(level, lambda number=number: drawings(NONE)[number]):  # type: ignore[misc]
            assert part.style is not None
            assert part.style.color is None
            assert part.style.bgcolor is None
            assert not part.style.dim


# --- states ---------------------------------------------------------------------------------------------------------


def test_every_state_has_a_digit_of_its_own() -> None:
    assert set(STATE_LOOKS) == set(PhoneState)
    assert len({digit for digit, _ in STATE_LOOKS.values()}) == len(PhoneState)


@pytest.mark.parametrize("state", SELECTABLE_STATES)
def test_digit_is_the_same_on_chip_legend_and_choice(state: PhoneState) -> None:
    options = [Option(at, at.value, None, state_digit(at)) for at in SELECTABLE_STATES]
    places = {signs_of(options)[SELECTABLE_STATES.index(state)], SIGNS[SELECTABLE_STATES.index(state)]}
    legend_text = text_of(legend(DARK, [(state, "x")]))
    assert {chip(DARK, state).text, legend_text[0], text_of(state_strip(NONE, [state]))} | places == {
        state_digit(state)
    }


def test_options_without_a_key_of_their_own_get_the_free_ones() -> None:
    options = [Option(1, "one", None, "1"), Option(2, "two"), Option(3, "three", None, "2"), Option(4, "four")]
    assert signs_of(options) == ["1", "3", "2", "4"]
    assert signs_of([Option(n, "") for n in range(18)])[15:] == ["f", "", ""]


# --- rates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "verdict", "text"),
    [
        (85, 100, "good", "85%"),
        (849, 1000, "watch", "84%"),
        (849999, 1000000, "watch", "84%"),
        (70, 100, "bad", "70%"),
        (701, 1000, "watch", "70%"),
        (0, 5, "bad", "0%"),
        (5, 5, "good", "100%"),
        (0, 0, None, "–"),
    ],
)
def test_rate_is_cut_and_judged_by_its_exact_value(
    part: int, whole: int, verdict: RateVerdict | None, text: str
) -> None:
    assert (rate_verdict(part, whole), rate_text(part, whole)) == (verdict, text)


def test_rate_bar_has_its_ticks_and_the_color_of_its_verdict() -> None:
    line = rate_bar(DARK, 50, 100, 20)
    assert text_of(line) == "▆" * 14 + "│" + "▆▆" + "│" + "▆▆"
    assert line[0] == Segment("▆" * 10, DARK.text("bad"))
    assert line[1] == Segment("▆" * 4, DARK.text("ghost"))


def test_rate_of_nothing_has_no_filled_cell() -> None:
    assert {part.style for part in rate_bar(DARK, 0, 0, 20)} == {DARK.text("ghost"), DARK.text("ink")}


@pytest.mark.parametrize(
    ("level", "text"),
    [(GlyphLevel.FULL, "▆▆▆│...."), (GlyphLevel.NARROW, "▬▬▬￨...."), (GlyphLevel.ASCII, "===|....")],
)
def test_bar_without_color_is_told_from_its_rest(level: GlyphLevel, text: str) -> None:
    assert text_of(at_level(level, lambda: row_bar(NONE, "talk", 4, 8, 8, ticks=(3,)))) == text


@given(st.integers(0, 300), st.integers(1, 200), st.integers(1, 40))
def test_bar_is_full_only_at_its_top_and_never_empty_above_zero(value: int, top: int, cells: int) -> None:
    filled = sum(len(part.text) for part in row_bar(DARK, "talk", value, top, cells) if part.style == DARK.text("talk"))
    assert (filled == cells) is (value >= top or (cells == 1 and value > 0))
    assert (filled == 0) is (value == 0)


# --- charts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "text"),
    [(GlyphLevel.FULL, " ▁▂▄▇ "), (GlyphLevel.NARROW, " ⣀⣀⣤⣿⣿"), (GlyphLevel.ASCII, " ..:##")],
)
def test_shares_rise_with_the_share_and_nothing_short_is_lost(level: GlyphLevel, text: str) -> None:
    line = at_level(level, lambda: share_strip(DARK, [0, 0.01, 0.25, 0.5, 0.9, 1], "talk"))
    assert text_of(line) == text
    if level is GlyphLevel.FULL:
        assert line[-1] == Segment(" ", DARK.fill("talk"))


def test_shares_have_each_their_color() -> None:
    roles: list[Role] = ["good", "bad"]
    assert [part.style for part in share_strip(DARK, [0.5, 0.5], roles)] == [DARK.text("good"), DARK.text("bad")]


def test_tall_bar_stands_on_its_parts_before_the_usual() -> None:
    rows = tall_bars(DARK, [TallBar((("talk", 2), ("out", 1)), usual=3.5)], 4, 4, wide=1, gap=0)
    assert rows == [
        [Segment("▄", DARK.text("ghost"))],
        [Segment(" ", DARK.fill("out"))],
        [Segment(" ", DARK.fill("talk"))],
        [Segment(" ", DARK.fill("talk"))],
    ]


def test_tall_bar_tops_are_drawn_before_the_usual() -> None:
    (row,) = tall_bars(DARK, [TallBar((("talk", 0.5),), usual=1)], 1, 1, wide=2, gap=1)
    assert row == [Segment("▄▄", DARK.text("talk", "ghost")), Segment(" ", DARK.text("ink"))]


@pytest.mark.parametrize(
    ("level", "rows"),
    [(GlyphLevel.FULL, ["oo", "  "]), (GlyphLevel.NARROW, ["oo", "  "]), (GlyphLevel.ASCII, ["oo", "##"])],
)
def test_tall_parts_are_told_apart_without_color(level: GlyphLevel, rows: list[str]) -> None:
    bars = [TallBar((("talk", 1), ("out", 1)), usual=2)]
    drawn = [at_level(level, lambda row=row: tall_bars(NONE, bars, 2, 2, wide=2, gap=0)[row]) for row in range(2)]  # type: ignore[misc]
    assert [text_of(row) for row in drawn] == rows
    assert bool(drawn[1][0].style and drawn[1][0].style.reverse) is (level is not GlyphLevel.ASCII)


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9), st.floats(0, 12)), max_size=4),
    st.integers(1, 6),
    st.sampled_from(GlyphLevel),
    st.sampled_from([DARK, NONE]),
)
def test_tall_bars_fill_their_rectangle(
    values: list[tuple[float, float, float]], high: int, level: GlyphLevel, pens: Pens
) -> None:
    bars = [TallBar((("talk", talk), ("out", out)), usual) for talk, out, usual in values]
    for row in range(high):
        line = at_level(level, lambda row=row: tall_bars(pens, bars, 10, high, wide=3)[row])  # type: ignore[misc]
        assert cell_len(text_of(line)) == 4 * len(bars)


# --- heads ----------------------------------------------------------------------------------------------------------


def test_head_is_underlined_from_edge_to_edge() -> None:
    line = card_head(DARK, "지금", "실시간", 20)
    assert text_of(line) == " 지금        실시간 "
    assert all(part.style is not None and part.style.underline for part in line)
    assert line[1].style == DARK.text("ink", bold=True, underline=True)


@given(st.text("ab가나", max_size=12), st.text("ab가나", max_size=12), st.integers(0, 30))
def test_head_is_exactly_as_wide_as_its_card(title: str, note: str, cells: int) -> None:
    assert cell_len(text_of(card_head(DARK, title, note, cells))) == cells
