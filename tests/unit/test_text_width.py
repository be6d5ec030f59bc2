from contextvars import copy_context
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.text.glyphs import GlyphLevel, begin_glyphs
from octui.text.safe import safe
from octui.text.width import Align, cell_width, cut_text, fit_text, wrap_text

words = st.text(st.sampled_from("ab 가나日ｱ…\u0301\u0323ㄱ①"), max_size=12)


def fit_at(level: GlyphLevel, text: str, cells: int, align: Align) -> str:
    begin_glyphs(level)
    return fit_text(text, cells, align)


@pytest.mark.parametrize(
    ("text", "cells"), [("", 0), ("abc", 3), ("김민수", 6), ("ㄱㅁ", 4), ("ｱｲ", 2), ("é\u0323", 1)]
)
def test_width(text: str, cells: int) -> None:
    assert cell_width(text) == cells


@pytest.mark.parametrize(
    ("text", "cells", "align", "level", "shown"),
    [
        ("김민수", 8, "left", GlyphLevel.FULL, "김민수  "),
        ("김민수", 8, "right", GlyphLevel.FULL, "  김민수"),
        ("김민수", 9, "center", GlyphLevel.FULL, " 김민수  "),
        ("김민수", 6, "left", GlyphLevel.FULL, "김민수"),
        ("김민수", 5, "left", GlyphLevel.FULL, "김민…"),
        ("김민수", 4, "left", GlyphLevel.FULL, "김 …"),
        ("김민수", 4, "right", GlyphLevel.ASCII, "김 ~"),
        ("김민수", 1, "left", GlyphLevel.FULL, "…"),
        ("김민수", 0, "left", GlyphLevel.FULL, ""),
        ("abc", -1, "left", GlyphLevel.FULL, ""),
        ("abcdef", 4, "left", GlyphLevel.FULL, "abc…"),
        ("", 2, "left", GlyphLevel.FULL, "  "),
    ],
)
def test_fit_text_pads_and_cuts(text: str, cells: int, align: Align, level: GlyphLevel, shown: str) -> None:
    assert copy_context().run(fit_at, level, text, cells, align) == shown


@pytest.mark.parametrize(
    ("text", "start", "cells", "shown"),
    [
        ("김민수", 0, 6, "김민수"),
        ("김민수", 2, 2, "민"),
        ("김민수", 1, 4, " 민 "),
        ("김민수", 1, 3, " 민"),
        ("김민수", 4, 6, "수    "),
        ("김민수", 9, 3, "   "),
        ("김민수", -2, 2, "김"),
        ("김", 1, 1, " "),
        ("abc", 1, 5, "bc   "),
        ("abc", 1, 0, ""),
        ("a\u0301b\u0301c", 1, 1, "b\u0301"),
    ],
)
def test_cut_text_returns_the_window(text: str, start: int, cells: int, shown: str) -> None:
    assert cut_text(text, start, cells) == shown


@given(words, st.integers(0, 30), st.sampled_from(get_args(Align)), st.sampled_from(GlyphLevel))
def test_fit_text_is_exactly_as_wide_as_asked(text: str, cells: int, align: Align, level: GlyphLevel) -> None:
    text = safe(text)
    shown = copy_context().run(fit_at, level, text, cells, align)
    assert cell_width(shown) == cells
    if cell_width(text) <= cells:
        assert shown.strip() == text.strip()


@given(words, st.integers(0, 30), st.integers(0, 30))
def test_cut_text_is_exactly_as_wide_as_asked(text: str, start: int, cells: int) -> None:
    assert cell_width(cut_text(safe(text), start, cells)) == cells


@given(words, st.integers(0, 24), st.integers(0, 24))
def test_adjacent_windows_join_to_one(text: str, first: int, second: int) -> None:
    text = safe(text)
    edges = {cell_width(text[:end]) for end in range(len(text) + 1)}
    both = cut_text(text, 0, first + second)
    pair = cut_text(text, 0, first) + cut_text(text, first, second)
    if first in edges or first > cell_width(text):
        assert pair == both
    else:  # the wide character on the seam is two spaces
        assert cell_width(pair) == cell_width(both)
        assert pair != both or not second


def test_wrapped_lines_are_indented_as_the_first() -> None:
    assert wrap_text("   550 User unknown here", 12) == ["   550 User", "   unknown", "   here"]
    assert wrap_text("aa bb cc", 5) == ["aa bb", " cc"]
    assert wrap_text(" " * 20 + "a", 8) == ["", " a"]


def test_japanese_breaks_between_its_characters_and_korean_between_words() -> None:
    assert wrap_text("- 使用量は項目が有効な日だけ。", 20) == ["- 使用量は項目が有効", " な日だけ。"]
    assert wrap_text("- 使用量は項目が有効、日", 20) == ["- 使用量は項目が有", " 効、日"]  # no line begins with 、
    assert wrap_text("- 合計「行の和」", 8) == ["- 合計", " 「行の", " 和」"]
    assert wrap_text("- 사용량은 항목이 적용된", 20) == ["- 사용량은 항목이", " 적용된"]
