"""Draws docs/pictures/wall-*.svg: the wall over floors made by hand, at three sizes, colors, signs and languages.

One service is in alarm, one silent, one without a call, as on a bad afternoon. Run by `make pictures`.
"""

from collections.abc import Iterator
from contextvars import copy_context
from datetime import datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from pictures import FOLDER, FONTS, SIZES
from rich.cells import split_graphemes
from rich.color import Color
from rich.segment import Segment

from octui.schema.floor import AgentCounts, CallCounts, ServiceFloor
from octui.state.wall import Board, Wall
from octui.text.glyphs import GlyphLevel, begin_glyphs
from octui.ui.locale import Words
from octui.ui.roles import ColorSet, pens_for
from octui.ui.wall.canvas import Canvas, strip_of
from octui.ui.wall.layout import draw_wall, plan_wall
from octui.ui.wall.parts import Scene

ZONE = ZoneInfo("Asia/Seoul")
MIDNIGHT = int(datetime(2026, 11, 27, tzinfo=ZONE).timestamp() * 1000)
NOW = MIDNIGHT + (14 * 3600 + 32 * 60 + 8) * 1000
TURN_MS = 5_000
CELL, LINE, FONT = 10, 22, 18
OWN_FRONT, OWN_BACK = "#d0d0d0", "#101010"
TICKS = ("│", "￨")
BLOCKS = {"█": (0, 22), "▀": (0, 11), "▄": (11, 11), "▆": (5.5, 16.5), "▬": (8, 8)}
NAMES = {
    "ko": ("고객상담", "기술지원", "쇼핑몰", "VIP상담", "2층 상담실"),
    "en": ("Support", "Technical", "Shop", "VIP", "2nd floor"),
    "ja": ("お客様相談", "技術サポート", "ショップ", "VIP", "2階"),
}


def floors(language: str) -> Iterator[ServiceFloor]:
    """Yield the floors of four services: in alarm, silent for four minutes, well, without a call."""
    for name, age, waiting, wait, calls, agents in zip(
        NAMES[language],
        (3, 252, 3, 3),
        (7, 1, 0, 0),
        (192, 260, None, None),
        ((1284, 1041, 236, 886), (412, 371, 40, 338), (296, 279, 17, 264), (0, 0, 0, 0)),
        ((42, 0, 33, 2, 7), (18, 3, 11, 1, 3), (9, 2, 4, 0, 3), (3, 3, 0, 0, 0)),
        strict=False,
    ):
        yield ServiceFloor(
            service=name,
            name=name,
            time_zone=ZONE.key,
            date="2026-11-27",
            day_start=MIDNIGHT,
            day_end=MIDNIGHT + 86_400_000,
            at=NOW,
            known_until=NOW - age * 1000,
            waiting=waiting,
            waiting_since=None if wait is None else NOW - wait * 1000,
            calls=CallCounts(**dict(zip(("offered", "answered", "abandoned", "answered_in_time"), calls, strict=True))),
            agents=AgentCounts(
                **dict(zip(("logged_in", "ready", "on_call", "outbound", "break_work"), agents, strict=True))
            ),
        )


def wall_lines(
    size: tuple[int, int], board: Board, language: str, colors: ColorSet, level: GlyphLevel
) -> list[list[Segment]]:
    """Return the rows of the wall; the level of signs is in force in the context of the call."""
    begin_glyphs(level)
    wall = Wall(TURN_MS)
    shown = list(floors(language))
    wall.set_services([(floor.service, floor.name, floor.time_zone) for floor in shown])
    for floor in shown:
        wall.set_floor(floor.service, floor)
    plan = plan_wall(*size, len(shown), both=False)
    now = next(at for at in (NOW, NOW + TURN_MS) if wall.page(at, plan.per_page, both=False).boards == (board,))
    canvas = Canvas(*size, colored=colors is not ColorSet.NONE)
    scene = Scene(wall.page(now, plan.per_page, both=False), Words(language), "", NAMES[language][-1], 5, True)
    draw_wall(canvas, scene, plan)
    return [list(strip_of(line, pens_for(colors))) for line in canvas.lines()]


def css_color(color: Color | None, own: str) -> str:
    """Return a color as hexadecimal, `own` for the terminal's."""
    return own if color is None or color.is_default else color.get_truecolor().hex


def words_of(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield first cell, text and cells of each word, wide character and block."""
    at = start = 0
    word = ""
    for first, last, size in split_graphemes(text)[0]:
        part = text[first:last]
        if size == 1 and part != " " and part not in BLOCKS and part not in ("▒", *TICKS):
            start, word = (start if word else at), word + part
        else:
            if word:
                yield start, word, at - start
            word = ""
            if part != " ":
                yield at, part, size
        at += size
    if word:
        yield start, word, at - start


def svg_wall(lines: list[list[Segment]], cells: int, title: str) -> str:
    """Return the rows as a picture; blocks are drawn as rectangles, so that no font leaves gaps between them."""
    grounds: dict[str, list[list[float]]] = {}
    fills: dict[str, list[list[float]]] = {}
    dots: dict[str, list[list[float]]] = {}
    texts: list[str] = []

    def fill(color: str, x: float, y: float, width: float, height: float, into: dict[str, list[list[float]]]) -> None:
        parts = into.setdefault(color, [])
        if parts and parts[-1][0] + parts[-1][2] == x and parts[-1][1::2] == [y, height]:
            parts[-1][2] += width
        else:
            parts.append([x, y, width, height])

    def path(parts: list[list[float]]) -> str:
        return "".join(f"M{x:g} {y:g}h{width:g}v{height:g}h-{width:g}z" for x, y, width, height in parts)

    for y, line in enumerate(lines):
        x, top = 0, y * LINE
        for segment in line:
            style, count = segment.style, segment.cell_length
            assert style is not None
            front, back = css_color(style.color, OWN_FRONT), css_color(style.bgcolor, OWN_BACK)
            if style.reverse:
                front, back = back, front
            if back != OWN_BACK:
                fill(back, x * CELL, top, count * CELL, LINE, grounds)
            for at, word, width in words_of(segment.text):
                left = (x + at) * CELL
                if word in BLOCKS:
                    down, tall = BLOCKS[word]
                    fill(front, left, top + down, CELL, tall, fills)
                elif word == "▒":
                    fill(front, left, top, CELL, LINE, dots)
                elif word in TICKS:
                    fill(front, left + 4, top, 2, LINE, fills)
                else:
                    pen = f'fill="{front}"' + (' font-weight="bold"' if style.bold else "")
                    place = f'x="{left}" y="{top + 17}" textLength="{width * CELL}"'
                    texts.append(f"<text {place} {pen}>{escape(word)}</text>")
            if style.underline:
                fill(front, x * CELL, top + LINE - 2, count * CELL, 1, fills)
            x += count
    wide, high = cells * CELL, len(lines) * LINE
    patterns = "".join(
        f'<pattern id="p{number}" width="5" height="5.5" patternUnits="userSpaceOnUse">'
        f'<path fill="{color}" d="M0 0h3v3.2h-3z"/></pattern>'
        for number, color in enumerate(dots)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" aria-label="{escape(title)}">'
        f"<style>text{{font-family:{FONTS};font-size:{FONT}px;white-space:pre}}</style>{patterns}"
        f'<rect width="{wide}" height="{high}" fill="{OWN_BACK}"/><g shape-rendering="crispEdges">'
        + "".join(
            f'<path fill="{color}" d="{path(parts)}"/>' for layer in (grounds, fills) for color, parts in layer.items()
        )
        + "".join(f'<path fill="url(#p{number})" d="{path(parts)}"/>' for number, parts in enumerate(dots.values()))
        + "</g>"
        + "".join(texts)
        + "</svg>\n"
    )


def draw(name: str, size: tuple[int, int], board: Board, **options: str) -> None:
    """Write one picture."""
    language = options.get("language", "ko")
    colors, level = ColorSet(options.get("colors", "dark")), GlyphLevel(options.get("level", "full"))
    lines = copy_context().run(wall_lines, size, board, language, colors, level)
    path: Path = FOLDER / f"wall-{name}.svg"
    path.write_text(svg_wall(lines, size[0], f"octui wall: {name}"), encoding="utf-8")
    print(path.relative_to(FOLDER.parents[1]))  # noqa: T201


def main() -> None:
    for size in SIZES:
        for board in Board:
            draw(f"{board.value}-{size[0]}x{size[1]}", size, board)
    for name, options in (
        ("en", {"language": "en"}),
        ("ja", {"language": "ja"}),
        ("light", {"colors": "light"}),
        ("contrast", {"colors": "contrast"}),
        ("16colors", {"colors": "terminal"}),
        ("nocolor", {"colors": "none"}),
        ("narrow", {"level": "narrow"}),
        ("ascii", {"level": "ascii", "language": "en"}),
    ):
        draw(f"channel-120x40-{name}", (120, 40), Board.CHANNEL, **options)


if __name__ == "__main__":
    main()
