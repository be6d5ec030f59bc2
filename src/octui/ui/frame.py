"""The terminal's picture as a grid of cells, and the shortest output to change it into the next (architecture.md 4.2).

A cell is `(text, pen)`: one grapheme and how it is drawn. A wide character stands in its first cell, the second
holds the empty string. Columns and rows count from 0. Nothing here knows Textual.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rich.cells import split_graphemes
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

from octui.ui.roles import PALETTE_NUMBERS

Pen = tuple[int, str, str]
"""Attribute bits as in rich, SGR of the foreground, SGR of the background; "" is the terminal's own color."""
Cell = tuple[str, Pen]

PLAIN: Pen = (0, "", "")
_ON = (1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 51, 52, 53)
_OFF = (22, 22, 23, 24, 25, 25, 27, 28, 29, 24, 54, 54, 55)
# A space shows its background and underline, reverse, strike, double underline, frame, encircle, overline only.
_SEEN_ON_BLANK = 0b1111101001000
# Characters that move a cursor, reorder a line or cannot be encoded: never sent, even if a caller lets them through.
_UNSENT = dict.fromkeys(
    [
        *(0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)),
        *(*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)),
    ]
)
_GAP = 8  # cells; a longer gap is never cheaper to rewrite than to jump
_ERASE = 11  # blanks; from here on ECH and a jump are shorter than spaces


@lru_cache(4096)
def pen_of(style: Style | None, system: ColorSystem | None) -> Pen:
    """Return a rich style as a pen, without links and meta, and without colors if `system` is None."""
    if style is None:
        return PLAIN
    bits = style._attributes & style._set_attributes
    colors = []
    for color, own in ((style.color, "39"), (style.bgcolor, "49")):
        code = ""
        if color is not None and system is not None:
            code = ";".join(_color_codes(color, system, own == "39"))
        colors.append("" if code == own else code)
    return bits, colors[0], colors[1]


def _color_codes(color: Color, system: ColorSystem, foreground: bool) -> tuple[str, ...]:
    """Return a color's SGR codes, by palette number where possible, which is 8 bytes shorter than by value."""
    number = PALETTE_NUMBERS.get(color.triplet) if color.triplet is not None else None
    if number is None or system not in {ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR}:
        return color.downgrade(system).get_ansi_codes(foreground=foreground)
    return ("38" if foreground else "48", "5", str(number))


@lru_cache(8192)
def cells_of(text: str, drawn: Pen) -> tuple[Cell, ...]:
    """Return the texts of a text's cells, one per cell; the second cell of a wide character is empty."""
    bits, _, background = drawn
    blank = (" ", drawn if bits & _SEEN_ON_BLANK else (0, "", background))
    if text.isascii() and text.isprintable():
        return tuple(blank if char == " " else (char, drawn) for char in text)
    line: list[Cell] = []
    half_flag = ""
    for start, end, width in split_graphemes(text)[0]:
        grapheme = text[start:end].translate(_UNSENT)
        regional = width == 1 and "\U0001f1e6" <= grapheme <= "\U0001f1ff"
        if half_flag and regional:
            line[-1:] = [(half_flag + grapheme, drawn), ("", drawn)]
            half_flag = ""
            continue
        half_flag = grapheme if regional else ""
        if width and (grapheme == " " or not grapheme):
            line += [blank] * width
        elif width:
            line.append((grapheme, drawn))
            line += [("", drawn)] * (width - 1)
    return tuple(line)


@lru_cache(4096)
def pen_change(old: Pen | None, new: Pen) -> str:
    """Return the shortest SGR sequence from one pen to another; `old` is None when it is not known."""
    if old == new:
        return ""
    bits, foreground, background = new
    on = [str(_ON[bit]) for bit in range(13) if bits >> bit & 1]
    fresh = ["0", *on, *filter(None, (foreground, background))]
    whole = "\x1b[m" if len(fresh) == 1 else f"\x1b[{';'.join(fresh)}m"
    if old is None:
        return whole
    switched_off = {_OFF[bit] for bit in range(13) if (old[0] & ~bits) >> bit & 1}
    codes = [str(off) for off in sorted(switched_off)]
    # An "off" may take another attribute with it that stays on: bold and dim share 22.
    codes += [
        str(_ON[bit]) for bit in range(13) if bits >> bit & 1 and (not old[0] >> bit & 1 or _OFF[bit] in switched_off)
    ]
    if old[1] != foreground:
        codes.append(foreground or "39")
    if old[2] != background:
        codes.append(background or "49")
    return min(whole, f"\x1b[{';'.join(codes)}m", key=len)


def _csi_sequence(count: int, final: str) -> str:
    return f"\x1b[{count}{final}" if count > 1 else f"\x1b[{final}"


@lru_cache(8192)
def cursor_move(x: int | None, y: int | None, to_x: int, to_y: int) -> str:
    """Return the shortest escape sequence from (`x`, `y`) to the target; a coordinate is None if unknown."""
    if (x, y) == (to_x, to_y):
        return ""
    ways = [f"\x1b[{to_y + 1};{to_x + 1}H" if to_x else _csi_sequence(to_y + 1, "H")]
    right = ["\r" + (_csi_sequence(to_x, "C") if to_x else ""), _csi_sequence(to_x + 1, "G")]
    if x is not None:
        if x == to_x:
            right.append("")
        elif x < to_x:
            right.append(_csi_sequence(to_x - x, "C"))
        else:
            right += ["\b" * (x - to_x), _csi_sequence(x - to_x, "D")]
    down = [_csi_sequence(to_y + 1, "d")]
    if y is not None:
        if y == to_y:
            down.append("")
        elif y < to_y:
            down.append(_csi_sequence(to_y - y, "B"))
            # CR LF and not LF alone: whether LF also returns depends on the terminal line's settings.
            ways.append("\r\n" * (to_y - y) + (_csi_sequence(to_x, "C") if to_x else ""))
        else:
            down.append(_csi_sequence(y - to_y, "A"))
    ways.append(min(down, key=len) + min(right, key=len))
    return min(ways, key=len)


@lru_cache(8192)
def _width_doubt(text: str) -> int:
    """Return how many terminals draw a character cluster in another width: 0 none, 1 some, 2 many.

    Behind an ambiguous sign the cursor is moved, so that a row never shifts. Blocks come in long rows of a chart, and
    only where the terminal was found to draw them one cell wide.
    """
    if text.isascii():
        return 0
    if len(text) > 1:
        return 2 if any(c in "\u200d\ufe0f" or "\U0001f1e6" <= c <= "\U0001f3ff" for c in text[1:]) else 1
    if unicodedata.east_asian_width(text) != "A":
        return 0
    return 1 if "\u2580" <= text <= "\u259f" else 2


@lru_cache(8192)
def _is_wide(text: str) -> bool:
    return not text.isascii() and split_graphemes(text)[1] > 1


class Frame:
    """The picture on the terminal, the next picture, and the terminal's cursor and pen.

    `erases` is whether an erased cell takes the current background (all but GNU screen).
    """

    def __init__(self, width: int, height: int, erases: bool = True) -> None:
        self.width = width
        self.height = height
        self.erases = erases
        self._target: list[list[Cell | None]] = [[None] * width for _ in range(height)]
        self._shown: list[list[Cell | None]] = [[None] * width for _ in range(height)]
        self._touched: set[int] = set()
        self._out: list[str] = []
        self._x: int | None = None
        self._y: int | None = None
        self._pen: Pen | None = None
        self._doubt = False  # the column holds only on terminals that agree on every width drawn since the last move

    def forget_shown(self) -> None:
        """Forget what is on the terminal, so that the next paint draws everything."""
        self._shown = [[None] * self.width for _ in range(self.height)]
        self._touched.update(range(self.height))
        self._x = self._y = self._pen = None

    def put_segments(self, x: int, y: int, segments: Iterable[Segment], system: ColorSystem | None) -> None:
        """Write segments into the next picture at column x of row y, cut at its edges."""
        if not 0 <= y < self.height or x < 0:
            return
        line = self._target[y]
        at = x
        for text, style, control in segments:
            if control or at >= self.width:
                continue
            part = cells_of(text, pen_of(style, system))[: self.width - at]
            line[at : at + len(part)] = part
            at += len(part)
        self._close_halves(line, x)
        self._close_halves(line, at)
        self._touched.add(y)

    def _close_halves(self, line: list[Cell | None], edge: int) -> None:
        """Blank a wide character that would be cut in two at this column."""
        for x in (edge, edge - 1):
            cell = line[x] if 0 <= x < self.width else None
            if cell is None:
                continue
            before = line[x - 1] if x else None
            after = line[x + 1] if x + 1 < self.width else None
            orphan = cell[0] == "" and (before is None or not _is_wide(before[0]))
            widowed = _is_wide(cell[0]) and (after is None or after[0] != "")
            if orphan or widowed:
                line[x] = (" ", cell[1])

    def paint_changes(self, cursor: tuple[int, int]) -> str:
        """Return the output that makes the terminal show the next picture with its cursor at (column, row)."""
        for y in sorted(self._touched):
            if self._target[y] != self._shown[y]:
                self._paint_line(y)
        self._touched.clear()
        self._move_cursor(*cursor)
        sent = "".join(self._out)
        self._out.clear()
        return sent

    def _paint_line(self, y: int) -> None:
        target, shown = self._target[y], self._shown[y]
        dirty = [x for x, (a, b) in enumerate(zip(target, shown, strict=True)) if a is not None and a != b]
        if not dirty:
            return
        tail = self._blank_tail(target, dirty)
        done = 0
        for x in dirty:
            if x < done:
                continue
            if x >= tail:
                break
            cell = target[x]
            if cell is not None and cell[0] == "":
                x -= 1
            done = self._paint_run(y, x, min(tail, self._run_end(target, shown, x)))
        if tail < self.width and (last := target[tail]) is not None:
            self._move_cursor(tail, y)
            self._blank_pen(last[1])
            self._out.append("\x1b[K")
        shown[dirty[0] : dirty[-1] + 1] = target[dirty[0] : dirty[-1] + 1]

    def _blank_tail(self, target: list[Cell | None], dirty: list[int]) -> int:
        """Return the column from which erasing to the line's end is shorter than spaces and looks the same."""
        last = target[-1]
        if not self._is_erasable(last):
            return self.width
        tail = self.width
        while tail and target[tail - 1] == last:
            tail -= 1
        changed = [x for x in dirty if x >= tail]
        return changed[0] if len(changed) > 3 else self.width

    def _is_erasable(self, cell: Cell | None) -> bool:
        return (
            cell is not None and cell[0] == " " and not cell[1][0] & _SEEN_ON_BLANK and (self.erases or not cell[1][2])
        )

    def _run_end(self, target: list[Cell | None], shown: list[Cell | None], x: int) -> int:
        x += 1
        while x < self.width and (cell := target[x]) is not None and (cell[0] == "" or cell != shown[x]):
            x += 1
        return x

    def _paint_run(self, y: int, x: int, end: int) -> int:
        """Draw the cells from x to before `end` of the next picture; return `end`."""
        line = self._target[y]
        if self._y == y and self._x is not None and 0 < x - self._x <= _GAP:
            self._fill_gap(y, self._x, x)
        while x < end:
            cell = line[x]
            if cell is None:
                break
            text, drawn = cell
            stop = x + 1
            if text == " " and not drawn[0] & _SEEN_ON_BLANK:
                while stop < end and line[stop] == cell:
                    stop += 1
                self._move_cursor(x, y)
                self._blank_pen(drawn)
                if stop - x >= _ERASE and self._is_erasable(cell):
                    self._out.append(_csi_sequence(stop - x, "X"))
                else:
                    self._out.append(" " * (stop - x))
                    self._note_advance(0, stop)
                x = stop
                continue
            doubt = _width_doubt(text)
            while stop < end and (more := line[stop]) is not None:
                if more[0] and (doubt > 1 or more[0] == " " or more[1] != drawn):
                    break
                text += more[0]
                doubt = max(doubt, _width_doubt(more[0]))
                stop += 1
            self._move_cursor(x, y)
            self._draw_text(text, drawn)
            self._note_advance(doubt, stop)
            x = stop
        return end

    def _draw_text(self, text: str, drawn: Pen) -> None:
        if text == " " and not drawn[0] & _SEEN_ON_BLANK:
            self._blank_pen(drawn)
        elif drawn != self._pen:
            self._out.append(pen_change(self._pen, drawn))
            self._pen = drawn
        self._out.append(text)

    def _note_advance(self, doubt: int, x: int) -> None:
        """Store where the terminal's cursor is after drawing a text that ends before column x."""
        # Behind the last column terminals disagree on where the cursor is; behind some characters too.
        self._x = None if x >= self.width or doubt > 1 else x
        self._doubt = self._doubt or doubt > 0

    def _blank_pen(self, drawn: Pen) -> None:
        """Return the pen nearest to the current one that draws a space as `drawn` does."""
        now = self._pen
        if now is None:
            new = drawn
        elif now[2] == drawn[2] and not now[0] & _SEEN_ON_BLANK:
            return
        else:
            new = (now[0] & ~_SEEN_ON_BLANK, now[1], drawn[2])
            if len(pen_change(now, drawn)) < len(pen_change(now, new)):
                new = drawn
        self._out.append(pen_change(now, new))
        self._pen = new

    def _fill_gap(self, y: int, x: int, end: int) -> None:
        """Redraw the unchanged cells before a run where that is shorter than a cursor move."""
        line = self._target[y]
        gap = line[x:end]
        target = line[end]
        if target is None or self._doubt or any(c is None or not c[0].isascii() for c in gap):
            return
        saved = len(self._out), self._x, self._pen
        for cell in gap:
            if cell is not None:
                self._draw_text(*cell)
        filled = sum(map(len, self._out[saved[0] :])) + len(pen_change(self._pen, target[1]))
        if filled <= len(cursor_move(x, y, end, y)) + len(pen_change(saved[2], target[1])):
            self._x = end
        else:
            del self._out[saved[0] :]
            self._pen = saved[2]

    def _move_cursor(self, x: int, y: int) -> None:
        if (self._x, self._y) == (x, y):
            return
        known = None if self._doubt else self._x
        self._out.append(cursor_move(known, self._y, x, y))
        self._x, self._y, self._doubt = x, y, False
