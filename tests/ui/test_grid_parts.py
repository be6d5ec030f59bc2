"""The parts of the grid that need no terminal: columns, the line under edit, late syllables."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.text.width import cell_width
from octui.ui.widgets.columns import Cell, Column, Fill, Key, ListSource, arrange_columns, lay_out_block, sign_of
from octui.ui.widgets.grid_edit import CellEdit, LateSyllables, Outcome
from octui.ui.widgets.line_edit import LineEdit

COLUMNS = (
    Column("id", "ID", 10),
    Column("name", "이름", 10, flex=1, most=16),
    Column("email", "이메일", 20, flex=1, priority=2),
    Column("no", "NO", 6, editable=True, priority=1),
)


@pytest.mark.parametrize(
    ("cells", "keep", "widths", "hidden"),
    [
        (50, None, {"id": 10, "name": 10, "email": 20, "no": 6}, 0),
        (60, None, {"id": 10, "name": 15, "email": 25, "no": 6}, 0),
        (90, None, {"id": 10, "name": 16, "email": 54, "no": 6}, 0),
        (49, None, {"id": 10, "name": 16, "no": 6}, 1),
        (28, None, {"id": 10, "name": 16}, 2),
        (28, 3, {"id": 10, "name": 9, "no": 6}, 1),
        (16, None, {"id": 7, "name": 7}, 2),
        (9, None, {"id": 8}, 3),
        (9, 2, {"email": 8}, 3),
        (3, None, {"id": 2}, 3),
        (1, None, {"id": 1}, 3),
    ],
)
def test_columns_share_the_width(cells: int, keep: int | None, widths: dict[str, int], hidden: int) -> None:
    layout = arrange_columns(COLUMNS, cells, keep)
    assert {place.column.key: place.width for place in layout.placed} == widths
    assert layout.hidden == hidden


@given(
    st.lists(
        st.builds(
            Column,
            st.just("k"),
            st.just("t"),
            st.integers(0, 30),
            st.integers(0, 3),
            st.integers(0, 40),
            priority=st.integers(0, 3),
        ),
        max_size=8,
    ),
    st.integers(2, 200),
)
def test_columns_never_overlap_nor_overflow(columns: list[Column], cells: int) -> None:
    for keep in (None, *range(len(columns))):
        layout = arrange_columns(columns, cells, keep)
        end = 0
        for place in layout.placed:
            assert place.x == end
            assert place.width >= 1
            end = place.x + place.width + 1
        assert end <= cells
        assert len(layout.placed) + layout.hidden == len(columns)
        assert keep is None or layout.place_of(keep) is not None


def test_columns_are_found_by_index_and_cell() -> None:
    layout = arrange_columns(COLUMNS, 50)
    place = layout.place_at(11)
    assert place is not None
    assert place.column.key == "name"
    assert layout.place_at(50) is None
    assert layout.place_of(9) is None


def test_every_mark_has_a_sign() -> None:
    signs = {sign_of(mark) for mark in ("", "dirty", "error", "conflict")}
    assert len(signs) == 4
    assert sign_of("refused") == sign_of("error")


class Three:
    def row_count(self) -> int:
        return 3

    def key_at(self, index: int) -> Key | None:
        return ("a", "b", None)[index]

    def index_of(self, key: Key) -> int | None:
        return {"a": 0, "b": 1}.get(str(key))

    def row_cells(self, key: Key) -> Sequence[Cell] | None:
        return None


def test_pasted_block_fills_right_and_down() -> None:
    columns = (Column("x", "", 5, editable=True), Column("y", "", 5), Column("z", "", 5, editable=True))
    rows = [["1", "2", " 3\n4 ", "5"], ["6"], ["7"], ["8"]]
    changes = (("a", "x", "1"), ("a", "z", "3 4"), ("b", "x", "6"))
    assert lay_out_block(Three(), columns, "a", "x", rows) == Fill(changes, outside=3, read_only=1)
    assert lay_out_block(Three(), columns, "gone", "x", [["1", "2"]]) == Fill((), outside=2)
    assert lay_out_block(Three(), columns, "a", "gone", [["1"]]) == Fill((), outside=1)
    assert lay_out_block(ListSource(str, lambda _: ()), columns, "a", "x", [["1"]]).outside == 1


def typed(text: str, *keys: str) -> tuple[str, int]:
    edit = CellEdit("k", "c", text, LineEdit(text))
    for key in keys:
        assert edit.press_key(key, key if len(key) == 1 else None) == "edited"
    return edit.line.text, edit.line.caret


@pytest.mark.parametrize(
    ("text", "keys", "result"),
    [
        ("한글", ["left", "x"], ("한x글", 2)),
        ("한글", ["home", "delete"], ("글", 0)),
        ("한글", ["backspace", "backspace", "backspace"], ("", 0)),
        ("한글", ["left", "left", "left", "right", "right", "right", "end"], ("한글", 2)),
        ("ab cd  ef", ["ctrl+left", "ctrl+left"], ("ab cd  ef", 3)),
        ("ab cd  ef", ["ctrl+a", "ctrl+right", "ctrl+right"], ("ab cd  ef", 5)),
        ("ab cd", ["ctrl+a", "ctrl+right", "ctrl+right", "ctrl+right"], ("ab cd", 5)),
        ("ab cd", ["ctrl+w"], ("ab ", 3)),
        ("ab cd", ["left", "ctrl+u"], ("d", 0)),
        ("ab cd", ["left", "ctrl+k", "ctrl+e"], ("ab c", 4)),
        ("ab cd", ["ctrl+u", "ctrl+z"], ("ab cd", 5)),
        ("ab", ["pageup", "shift+left"], ("ab", 2)),
        ("e\u0301x", ["left", "left", "delete"], ("x", 0)),
        ("x\u0323\u0302\u0301", ["left", "y"], ("yx\u0323\u0302\u0301", 1)),
        ("", ["e", "\u0301"], ("é", 1)),
        ("", ["\u1112", "\u1161", "\u11ab"], ("한", 1)),
    ],
)
def test_editor_keys_change_text_and_caret(text: str, keys: list[str], result: tuple[str, int]) -> None:
    assert typed(text, *keys) == result


@pytest.mark.parametrize(
    ("key", "outcome"),
    [("enter", "down"), ("tab", "next"), ("shift+tab", "previous"), ("escape", "cancel"), ("ctrl+g", "cancel")],
)
def test_keys_that_end_the_edit(key: str, outcome: Outcome) -> None:
    assert CellEdit("k", "c", "", LineEdit("")).press_key(key, None) == outcome


def test_other_keys_are_not_handled() -> None:
    assert CellEdit("k", "c", "", LineEdit("")).press_key("ctrl+s", None) is None


def test_invisible_characters_are_removed() -> None:
    assert LineEdit("a\x1b[31m\u200b\u202e\tb\u00a0c\x00\u2028").text == "a[31m b c"


TEXT = st.text(st.sampled_from("ab 한글ㄱ漢ﾊ\u0301\u1112\u1161\u11ab👍"), max_size=12)


@given(TEXT, st.lists(st.one_of(TEXT, st.sampled_from(["left", "right", "home", "backspace", "delete", "ctrl+w"]))))
def test_line_stays_normalized(text: str, steps: list[str]) -> None:
    edit = CellEdit("k", "c", text, LineEdit(text))
    for step in steps:
        if step in ("left", "right", "home", "backspace", "delete", "ctrl+w"):
            edit.press_key(step, None)
        else:
            edit.line.insert_text(step)
        line = edit.line
        assert unicodedata.is_normalized("NFC", line.text)
        assert 0 <= line.caret <= len(line.text)
        for cells in (1, 2, 5, 30):
            seen, caret, under = line.visible_window(cells)
            assert cell_width(seen) == cells
            assert caret >= 0
            assert caret + under <= cells


def test_visible_window_follows_the_caret() -> None:
    line = LineEdit("가나다라마")
    assert line.visible_window(5) == ("라마 ", 4, 1)
    line.move_left()
    assert line.visible_window(5) == (" 라마", 3, 2)
    line.move_home()
    assert line.visible_window(5) == ("가나 ", 0, 2)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def late() -> tuple[Clock, LateSyllables]:
    clock = Clock()
    syllables = LateSyllables(clock)
    syllables.leave_cell(CellEdit("hong", "name", "", LineEdit("안녕하세")))
    return clock, syllables


def test_late_syllable_belongs_to_the_cell_left() -> None:
    clock, syllables = late()
    clock.now += 0.02
    assert syllables.take_late("요") == ("hong", "name", "안녕하세요")
    assert syllables.take_late("요") is None


@pytest.mark.parametrize(("after", "character"), [(0.2, "요"), (0.02, "x"), (0.02, "漢")])
def test_late_characters_other_than_hangul_are_not_taken(after: float, character: str) -> None:
    clock, syllables = late()
    clock.now += after
    assert syllables.take_late(character) is None


def test_second_enter_is_dropped() -> None:
    clock, syllables = late()
    assert syllables.is_echo("enter")
    assert not syllables.is_echo("down")
    clock.now += 0.2
    assert not syllables.is_echo("enter")
    clock.now -= 0.2
    syllables.forget_cell()
    assert not syllables.is_echo("enter")


def test_second_late_character_makes_it_a_paste() -> None:
    _, syllables = late()
    assert syllables.retract_late() is None
    syllables.take_late("김")
    assert syllables.retract_late() == ("hong", "name", "안녕하세", "김")
    assert syllables.retract_late() is None
