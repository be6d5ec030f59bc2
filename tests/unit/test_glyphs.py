"""Signs at three levels, and how the terminal is asked which it shows (architecture.md 6.1)."""

import os
import pty
import threading
import time
import tty
import unicodedata
from contextvars import copy_context
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from octui.state.preferences import Preferences
from octui.text.durations import format_duration
from octui.text.glyphs import ASCII, FULL, LEVELS, NARROW, GlyphLevel, Glyphs, begin_glyphs, glyphs
from octui.text.width import cell_width
from octui.ui import locale
from octui.ui.locale import Words
from octui.ui.looks import Looks
from octui.ui.measuring import WidthQuestion, level_of_column, terminal_name
from octui.ui.roles import ColorSet

CATALOGS = Path(locale.__file__).parent


def signs_of(level: Glyphs) -> dict[str, str]:
    return {field.name: getattr(level, field.name) for field in fields(Glyphs) if field.name != "level"}


def ambiguous(text: str) -> list[str]:
    return [char for char in text if unicodedata.east_asian_width(char) == "A"]


def own_texts() -> list[str]:
    """Return every text of ours in every language."""
    texts: list[str] = []
    for language in ("ko", "ja"):
        with (CATALOGS / language / "LC_MESSAGES" / "octui.po").open("rb") as file:
            for message in read_po(file):
                texts += [str(message.id), str(message.string)]
    return texts


def test_narrow_signs_are_not_ambiguous() -> None:
    assert {name: sign for name, sign in signs_of(NARROW).items() if ambiguous(sign)} == {}


def test_ascii_signs_are_ascii() -> None:
    assert {name: sign for name, sign in signs_of(ASCII).items() if not sign.isascii()} == {}


@pytest.mark.parametrize("level", LEVELS.values(), ids=lambda level: level.level)
def test_every_sign_is_one_cell_wide(level: Glyphs) -> None:
    assert {
        sign for signs in signs_of(level).values() if signs != "->" for sign in signs if cell_width(sign) != 1
    } == set()


@pytest.mark.parametrize("level", [GlyphLevel.NARROW, GlyphLevel.ASCII])
def test_own_texts_have_no_ambiguous_sign_below_full(level: GlyphLevel) -> None:
    def ambiguous_texts() -> list[str]:
        begin_glyphs(level)
        words = Words("en")
        return [text for text in own_texts() if ambiguous(words(text))]

    assert copy_context().run(ambiguous_texts) == []


def test_ambiguous_signs_in_own_texts_stand_before_a_space() -> None:
    """A font that draws them twice as wide then spills into nothing."""
    assert [text for text in own_texts() if any(ambiguous(a) and b != " " for a, b in pairwise(text))] == []


def test_typed_texts_keep_their_signs() -> None:
    def translated() -> str:
        begin_glyphs(GlyphLevel.NARROW)
        return Words("en")("{before} → {after} KRW a month ({change})", before="a→b", after="2…3", change="–")

    assert copy_context().run(translated) == "a→b ￫ 2…3 KRW a month (–)"


def test_unknown_figures_are_dashes_of_the_level() -> None:
    def shown() -> str:
        begin_glyphs(GlyphLevel.ASCII)
        return format_duration(None)

    assert (copy_context().run(shown), format_duration(None)) == ("-", "–")


def test_level_changes_for_all_that_began_with_it() -> None:
    def levels() -> tuple[GlyphLevel, GlyphLevel]:
        chosen = begin_glyphs(GlyphLevel.FULL)
        task = copy_context()
        chosen.set_level(GlyphLevel.NARROW)
        return task.run(glyphs).level, glyphs().level

    assert copy_context().run(levels) == (GlyphLevel.NARROW, GlyphLevel.NARROW)
    assert glyphs() is FULL


# --- asking the terminal --------------------------------------------------------------------------------------------


@pytest.fixture
def terminal() -> tuple[int, int]:
    master, slave = pty.openpty()
    return master, slave


def asked_level(terminal: tuple[int, int], answer: bytes) -> tuple[GlyphLevel | None, bytes]:
    """Return the measured level and the keys that came with the answer."""
    master, slave = terminal

    def answer_question() -> None:
        while b"\x1b[6n" not in seen:
            seen.extend(os.read(master, 100))
        os.write(master, answer)

    seen = bytearray()
    person = threading.Thread(target=answer_question)
    with WidthQuestion(read_from=slave, write_to=slave) as question:
        person.start()
        person.join()
        level = question.measured_level()
    return level, question.typed


@pytest.mark.parametrize(
    ("column", "level"),
    [(2, GlyphLevel.FULL), (3, GlyphLevel.NARROW), (4, GlyphLevel.ASCII), (1, GlyphLevel.NARROW)],
)
def test_level_follows_from_the_column(column: int, level: GlyphLevel) -> None:
    assert level_of_column(column) is level


def test_keys_typed_before_the_answer_are_kept(terminal: tuple[int, int]) -> None:
    assert asked_level(terminal, "김\r\x1b[A".encode() + b"\x1b[12;3R" + b"x") == (
        GlyphLevel.NARROW,
        "김\r\x1b[Ax".encode(),
    )


def test_silent_terminal_is_waited_for_200_ms(terminal: tuple[int, int]) -> None:
    before = time.monotonic()
    assert asked_level(terminal, b"abc") == (None, b"abc")
    assert 0.15 < time.monotonic() - before < 2


def test_terminal_is_given_back_as_it_was(terminal: tuple[int, int]) -> None:
    tty.setcbreak(terminal[1])
    before = tty.tcgetattr(terminal[1])  # type: ignore[attr-defined]
    asked_level(terminal, b"\x1b[1;2R")
    assert tty.tcgetattr(terminal[1]) == before  # type: ignore[attr-defined]


def test_nothing_is_asked_where_it_is_not_wanted_or_no_terminal(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb+") as file:
        for wanted in (True, False):
            with WidthQuestion(wanted, file.fileno(), file.fileno()) as question:
                assert question.measured_level() is None
        assert file.seek(0, os.SEEK_END) == 0


def test_terminals_are_told_apart_by_program_and_multiplexer() -> None:
    assert terminal_name({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app", "TMUX": "/x"}) == "iTerm.app/tmux"
    assert terminal_name({"TERM": "xterm-256color"}) == "xterm-256color"


# --- what is remembered ---------------------------------------------------------------------------------------------


def looks_in(folder: Path, terminal: str = "xterm") -> Looks:
    return Looks(Preferences(folder / "looks.json"), terminal)


def test_measured_level_is_remembered_for_a_silent_day(tmp_path: Path) -> None:
    assert looks_in(tmp_path).known_glyphs(GlyphLevel.FULL) is GlyphLevel.FULL
    assert looks_in(tmp_path).known_glyphs(None) is GlyphLevel.FULL
    assert looks_in(tmp_path, "other").known_glyphs(None) is GlyphLevel.NARROW


def test_chosen_level_beats_the_measured_one_on_its_terminal(tmp_path: Path) -> None:
    looks_in(tmp_path).choose_glyphs(GlyphLevel.ASCII)
    assert looks_in(tmp_path).known_glyphs(GlyphLevel.FULL) is GlyphLevel.ASCII
    assert looks_in(tmp_path, "other").known_glyphs(GlyphLevel.FULL) is GlyphLevel.FULL
    looks_in(tmp_path).choose_glyphs(None)
    assert looks_in(tmp_path).known_glyphs(None) is GlyphLevel.FULL


def test_chosen_colors_are_remembered_for_every_terminal(tmp_path: Path) -> None:
    assert looks_in(tmp_path).colors is None
    looks_in(tmp_path).choose_colors(ColorSet.LIGHT)
    assert looks_in(tmp_path, "other").colors is ColorSet.LIGHT
