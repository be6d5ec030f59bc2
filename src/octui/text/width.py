"""Width of text in terminal cells: Hangul and Kanji take two cells, combining marks none.

Cells are counted as Textual counts them (rich.cells), so that text cut here fits there.
"""

from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, split_graphemes

from octui.text.glyphs import glyphs

Align = Literal["left", "right", "center"]


def cell_width(text: str) -> int:
    """Return the number of terminal cells that the text takes."""
    return cell_len(text)


def fit_text(text: str, cells: int, align: Align = "left", *, cut: str | None = None) -> str:
    """Return the text in exactly `cells` cells: padded with spaces, or cut with the sign `cut` at the end.

    A wide character that would be cut in half becomes a space. Right-aligned text is cut at its end too.
    """
    return _fit_text(text, cells, align, glyphs().cut if cut is None else cut)


@lru_cache(maxsize=8192)
def _fit_text(text: str, cells: int, align: Align, cut: str) -> str:
    if cells <= 0:
        return ""
    gap = cells - cell_len(text)
    if gap < 0:
        return cut_text(text, 0, cells - 1) + cut
    if align == "right":
        return " " * gap + text
    if align == "center":
        return " " * (gap // 2) + text + " " * (gap - gap // 2)
    return text + " " * gap


@lru_cache(maxsize=8192)
def cut_text(text: str, start: int, cells: int) -> str:
    """Return the part of a text from cell `start` on, exactly `cells` cells wide, spaces beyond its end.

    Half of a wide character at either edge becomes a space. `start` below 0 counts as 0.
    """
    if cells <= 0:
        return ""
    start = max(start, 0)
    if text.isascii() and text.isprintable():
        return text[start : start + cells].ljust(cells)
    end = start + cells
    parts: list[str] = []
    at = 0
    for first, last, size in split_graphemes(text)[0]:
        after = at + size
        if after > start or (size == 0 and at >= start):
            if at >= end:
                break
            inside = min(after, end) - max(at, start)
            parts.append(text[first:last] if inside == size else " " * inside)
        at = after
    return "".join(parts) + " " * (end - max(at, start) if at < end else 0)


def wrap_text(line: str, cells: int) -> list[str]:
    """Return a sentence wrapped into lines of at most `cells` cells.

    Words stay whole where there are spaces; Japanese without spaces breaks between its characters. The lines after the
    first are indented as the first is, at least by one space.
    """
    indent = len(line) - len(line.lstrip(" "))
    before = " " * (indent if 0 < indent < cells // 2 else 1)
    lines, rest = [], line
    while cell_width(rest) > cells:
        head = cut_text(rest, 0, cells).rstrip()
        at = _break_position(rest, len(head))
        lines.append(rest[:at])
        rest = before + rest[at:].lstrip()
    return [*lines, rest]


# No line begins with one of the first or ends with one of the second (JIS X 4051).
_NOT_FIRST = frozenset("、。，．・：；？！」』）】〉》ー々っゃゅょぁぃぅぇぉッャュョァィゥェォ")
_NOT_LAST = frozenset("「『（【〈《")


def _break_position(text: str, most: int) -> int:
    """Return where to end a line of at most `most` characters: at a space, beside a kana or Kanji, or anywhere."""
    first = len(text) - len(text.lstrip(" "))
    for at in range(most, first, -1):
        before, after = text[at - 1], text[at : at + 1]
        if after == " ":
            return at
        between = _is_japanese(before) or _is_japanese(after)
        if between and after not in _NOT_FIRST and before not in _NOT_LAST and before != " ":
            return at
    return most


def _is_japanese(character: str) -> bool:
    return "\u3000" <= character <= "\u30ff" or "\u4e00" <= character <= "\u9fff" or "\uff00" <= character <= "\uff60"
