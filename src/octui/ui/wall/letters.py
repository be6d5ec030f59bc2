"""Large letters of the wall as shapes of cells: drawn digits and marks, and a pixel font for words.

The font is Galmuri by Lee Minseo, under the SIL Open Font License in `OFL.txt` beside the packed file, which
`tools/pack_letters.py` has made. Nothing but the wall loads it.
"""

import zlib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

from octui.ui.wall import digits

Shape = tuple[str, ...]
"""Rows of cells, all equally wide: space, `▀`, `▄` or `█`."""

SPACE_DOTS = 4
_BITS = 16
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_Bitmap = tuple[int, tuple[int, ...]]
"""Advance, and rows of dots with the left one in the highest of 16 bits."""


def number_shape(text: str, rows: int, *, halves: bool) -> Shape:
    """Return the shape of digits and marks, five or seven rows high; without `halves` not of the marks ○ △ ×."""
    if halves:
        drawings, gap = (digits.TALL, 2) if rows == 7 else (digits.MIDDLE, 1)
    else:
        drawings, gap = (digits.WIDE_DOTS if rows == 7 else digits.DOTS), 1
    return _number_shape(text, tuple(drawings[character] for character in text.replace("–", "-")), gap, halves)


@lru_cache(2048)
def _number_shape(text: str, drawings: tuple[digits.Drawing, ...], gap: int, halves: bool) -> Shape:
    lines = [("." * gap).join(parts) for parts in zip(*drawings, strict=True)]
    if halves:
        return _join_halves([[dot == "#" for dot in line] for line in lines])
    return tuple("".join("██" if dot == "#" else "  " for dot in line) for line in lines)


def number_width(text: str, rows: int, *, halves: bool) -> int:
    """Return how many cells wide the shape from `number_shape` is."""
    return len(number_shape(text, rows, halves=halves)[0]) if text else 0


@lru_cache(1024)
def word_shape(text: str, rows: int) -> Shape | None:
    """Return the shape of a text, six or seven rows high (12 or 14 dots), or None if the font lacks a letter."""
    dots = [0] * (rows * 2)
    width = 0
    for character in text:
        if character == " ":
            width += SPACE_DOTS
            dots = [row << SPACE_DOTS for row in dots]
            continue
        letter = _letters().get((character, rows * 2))
        if letter is None:
            return None
        advance, lines = letter
        width += advance
        dots = [row << advance | line << advance >> _BITS for row, line in zip(dots, lines, strict=True)]
    return _join_halves([[bool(row >> at & 1) for at in range(width - 1, -1, -1)] for row in dots])


def fitting_word(text: str, rows: int, cells: int) -> tuple[Shape | None, bool]:
    """Return as much of a text as fits into `cells`, and whether that is all; None if two letters do not fit."""
    shape = word_shape(text, rows)
    if shape is None or not text:
        return None, False
    if len(shape[0]) <= cells + 1:  # the last letter's advance ends in empty dots
        return _cut_shape(shape, cells), True
    for length in range(len(text) - 1, 1, -1):
        shape = word_shape(text[:length].rstrip(), rows)
        if shape is not None and len(shape[0]) <= cells + 1:
            return _cut_shape(shape, cells), False
    return None, False


def _cut_shape(shape: Shape, cells: int) -> Shape:
    return tuple(row[:cells] for row in shape)


def _join_halves(lines: Sequence[Sequence[bool]]) -> Shape:
    """Return rows of half-block characters, each from two lines of dots."""
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return tuple("".join(_HALVES[dots] for dots in zip(upper, lower, strict=True)) for upper, lower in pairs)


class _Letters:
    """The pixel font, kept as bytes in which single letters are looked up."""

    def __init__(self, packed: bytes) -> None:
        self._bytes = zlib.decompress(packed)
        self._places: dict[tuple[str, int], tuple[int, int]] = {}
        at = 0
        while at < len(self._bytes):
            height, count = self._numbers(at, 2)
            code = 0
            for number, step in enumerate(self._numbers(at + 4, count)):
                code = (code + step) % 0x10000
                self._places[chr(code), height] = (at + 4 + 2 * (count + number), 2 * count)
            at += 4 + 2 * count * (2 + height)

    def get(self, key: tuple[str, int]) -> _Bitmap | None:
        """Return the letter for a character at a height in dots, None if the font lacks it."""
        place = self._places.get(key)
        if place is None:
            return None
        first, step = place
        advance, *lines = (self._numbers(first + step * plane, 1)[0] for plane in range(1 + key[1]))
        return advance, tuple(lines)

    def _numbers(self, at: int, count: int) -> list[int]:
        part = self._bytes[at : at + 2 * count]
        return [high << 8 | low for high, low in _pairs(part)]


def _pairs(part: bytes) -> Iterator[tuple[int, int]]:
    return zip(part[::2], part[1::2], strict=True)


@cache
def _letters() -> _Letters:
    return _Letters(Path(__file__).with_name("letters.zlib").read_bytes())
