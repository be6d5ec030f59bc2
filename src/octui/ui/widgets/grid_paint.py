"""Drawing of a grid's lines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from octui.text.glyphs import GlyphLevel, glyphs
from octui.text.safe import safe
from octui.text.width import Align, cell_width, cut_text, fit_text
from octui.ui.widgets.columns import Cell, Layout, sign_of
from octui.ui.widgets.line_edit import LineEdit

COMPONENTS = {
    f"grid--{name}"
    for name in (
        *("header", "header-cursor", "zebra", "row", "cursor", "selected", "edit", "caret", "lost", "placeholder"),
        *("strong", "muted", "good", "watch", "bad", "stale"),
        *("talk", "out", "ready", "work", "rest", "meet", "other"),
        *("dirty", "error", "refused", "conflict"),
    )
}
DEFAULT_CSS = """
Grid {
    width: 1fr;
    height: 1fr;
    overflow: hidden auto;
    scrollbar-size-vertical: 1;
    & > .grid--header { text-style: bold; }
    & > .grid--row { text-style: bold; }
    & > .grid--strong { text-style: bold; }
    & > .grid--muted, & > .grid--stale, & > .grid--placeholder, & > .grid--lost { text-style: dim; }
    & > .grid--selected { text-style: reverse; }
    & > .grid--cursor { text-style: underline; }
    &:focus > .grid--cursor { text-style: reverse; }
    & > .grid--edit { text-style: underline; }
    & > .grid--caret { text-style: reverse; }
}
"""


class Palette:
    """Cache of combined component styles, valid until the styles change."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[tuple[str, ...], Style] = {}

    def clear(self) -> None:
        self._styles.clear()

    def style_of(self, *names: str) -> Style:
        """Return the widget's style combined with these component styles; empty names are skipped."""
        style = self._styles.get(names)
        if style is None:
            style = self._widget.rich_style
            for name in filter(None, names):
                style += self._widget.get_component_rich_style(f"grid--{name}", partial=True)
            self._styles[names] = style
        return style


@dataclass(frozen=True, slots=True)
class Row:
    """One row to draw, its columns by index."""

    cells: Sequence[Cell]
    ground: str = ""
    cursor: int | None = None
    selected: Collection[int] = ()
    edited: int | None = None
    edit: LineEdit | None = None


def safe_text(text: str, cells: int, align: Align) -> str:
    """Return a text made safe for the terminal, exactly `cells` cells wide."""
    return _safe_text(text, cells, align, glyphs().level)


@lru_cache(maxsize=8192)
def _safe_text(text: str, cells: int, align: Align, _level: GlyphLevel) -> str:
    return fit_text(safe(text), cells, align)


def paint_row(row: Row, layout: Layout, cells: int, palette: Palette) -> Strip:
    """Return one row as a strip, `cells` wide."""
    segments: list[Segment] = []
    for place in layout.placed:
        index = place.index
        if index == row.edited and row.edit is not None:
            segments += paint_edit(row.edit, place.width, palette)
            continue
        cell = row.cells[index]
        state = ""
        if index == row.cursor:
            state = "cursor"
        elif index in row.selected:
            state = "selected"
        elif row.cursor is not None and not segments:
            state = "row"
        style = palette.style_of(row.ground, cell.tone, cell.mark, state)
        text = safe_text(cell.text, place.width, place.column.align)
        segments.append(Segment(sign_of(cell.mark) + text, style))
    return make_strip(segments, cells, palette.style_of(row.ground))


def paint_edit(edit: LineEdit, cells: int, palette: Palette) -> list[Segment]:
    """Return the cell under edit: a space, then the visible text with its caret."""
    text, caret, under = edit.visible_window(cells)
    style, caret_style = palette.style_of("edit"), palette.style_of("edit", "caret")
    parts = [
        Segment(" " + cut_text(text, 0, caret), style),
        Segment(cut_text(text, caret, under), caret_style),
        Segment(cut_text(text, caret + under, cells - caret - under), style),
    ]
    return [part for part in parts if part.text]


def paint_header(
    layout: Layout,
    cells: int,
    palette: Palette,
    *,
    cursor: int | None,
    sorts: Sequence[tuple[str, bool]],
) -> Strip:
    """Return the titles with sort marks (numbered if there are several) and the number of hidden columns."""
    signs = glyphs()
    marks: dict[str, str] = {}
    for rank, (key, descending) in enumerate(sorts, 1):
        marks[key] = (signs.descending if descending else signs.ascending) + (str(rank) if len(sorts) > 1 else "")
    segments: list[Segment] = []
    for place in layout.placed:
        column = place.column
        mark = marks.get(column.key, "")
        title = safe(column.title)
        if mark:
            room = max(0, place.width - cell_width(mark))
            title = (title if cell_width(title) <= room else fit_text(title, room)) + mark
        text = safe_text(title, place.width, column.align)
        style = palette.style_of("header", "header-cursor" if place.index == cursor else "")
        segments.append(Segment(" " + text, style))
    base = palette.style_of("header")
    strip = make_strip(segments, cells, base)
    if layout.hidden:
        # A shorter note where the long one would cover the last title.
        end = layout.placed[-1]
        shown_to = end.x + 1 + (min(end.width, cell_width(title)) if end.column.align == "left" else end.width)
        free = cells - shown_to
        hints = (f" +{layout.hidden}{signs.more}", f" {signs.more}", signs.more)
        hint = next((text for text in hints if cell_width(text) <= free), signs.more)
        keep = max(0, cells - cell_width(hint))
        strip = Strip([*strip.crop(0, keep), Segment(cut_text(hint, 0, min(cells, cell_width(hint))), base)]).simplify()
    return strip


def paint_note(text: str, cells: int, palette: Palette) -> Strip:
    """Return a line without a row: blank, the text of the empty table, or a placeholder for an unloaded row."""
    segment = Segment(safe_text(" " + text, cells, "left"), palette.style_of("placeholder" if text else ""))
    return make_strip([segment], cells, palette.style_of())


def make_strip(segments: list[Segment], cells: int, style: Style) -> Strip:
    """Return a strip of exactly `cells` cells, equal neighbors joined."""
    return Strip(segments).simplify().crop_extend(0, cells, style)
