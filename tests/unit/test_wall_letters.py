"""Large letters: our own digits, and words in the packed font."""

import pytest

from octui.ui.wall.letters import fitting_word, number_shape, word_shape


@pytest.mark.parametrize("halves", [True, False])
@pytest.mark.parametrize("rows", [5, 7])
def test_digits_are_all_equally_high_and_tell_apart(rows: int, halves: bool) -> None:
    shapes = {digit: number_shape(digit, rows, halves=halves) for digit in "0123456789:,-"}
    assert {len(shape) for shape in shapes.values()} == {rows}
    assert len(set(shapes.values())) == len(shapes)
    assert all(len({len(row) for row in shape}) == 1 for shape in shapes.values())


@pytest.mark.parametrize("rows", [6, 7])
def test_syllables_in_use_have_their_own_letters(rows: int) -> None:
    """Those of KS X 1001; some rare ones beyond them look alike at 12 dots."""
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4) if len(chr(code).encode("euc_kr", "ignore")) == 2]
    shapes = {word_shape(syllable, rows) for syllable in syllables}
    assert None not in shapes
    assert (len(syllables), len(shapes)) == (2_350, 2_350)


@pytest.mark.parametrize("rows", [6, 7])
def test_the_font_has_all_of_hangul(rows: int) -> None:
    assert word_shape("각갂갃힣힢뷁쀍", rows) is not None


def test_similar_syllables_differ_where_a_smaller_letter_would_close_up() -> None:
    assert word_shape("응", 6) != word_shape("음", 6)


@pytest.mark.parametrize("text", ["고객상담", "VIP상담", "サポート", "放棄", "S/L", "gjpqy,;"])
def test_a_word_has_six_rows_of_one_width(text: str) -> None:
    shape = word_shape(text, 6)
    assert shape is not None
    assert len(shape) == 6
    assert len({len(row) for row in shape}) == 1
    assert set("".join(shape)) <= set(" ▀▄█")


@pytest.mark.parametrize("text", ["😀", "éé", "고객😀"])
def test_a_word_with_a_letter_that_the_font_lacks_has_no_shape(text: str) -> None:
    assert word_shape(text, 6) is None
    assert fitting_word(text, 6, 200) == (None, False)


def test_a_long_word_is_cut_between_letters() -> None:
    shape, whole = fitting_word("고객상담고객상담", 6, 50)
    assert shape is not None
    assert not whole
    assert shape == tuple(row[:50] for row in word_shape("고객상담", 6) or ())


def test_no_word_of_one_letter_is_left() -> None:
    assert fitting_word("고객상담", 6, 20) == (None, False)
