"""The wall's picture at every size: rows as wide as the terminal, columns that line up, old figures that look old."""

import unicodedata
from collections.abc import Sequence
from contextvars import copy_context
from typing import Any

import pytest

from octui.schema.floor import ServiceFloor
from octui.state.wall import Board, Wall
from octui.text.glyphs import GlyphLevel, begin_glyphs
from octui.text.width import cell_width
from octui.ui.locale import Words
from octui.ui.wall.canvas import Canvas
from octui.ui.wall.columns import COLUMNS, spread_columns
from octui.ui.wall.layout import Size, draw_wall, plan_wall
from octui.ui.wall.parts import Scene
from ui.wall_server import PICTURED
from unit.floors import NOW, ZONE, floor_of

SIZES = [
    (80, 24),
    (120, 40),
    (300, 80),
    (40, 10),
    (500, 200),
    (99, 30),
    (160, 50),
    (250, 50),
    (72, 18),
    (20, 5),
    (1, 1),
]
SMALL, MIDDLE, LARGE = SIZES[:3]
LONG_NAME = "가나다라마바사아자차" * 10
STATES: dict[str, Sequence[ServiceFloor]] = {
    "pictured": PICTURED,
    "none": (),
    "unknown": [floor_of(service, service, is_known=False) for service in ("a", "b")],
    "all_old": [floor_of(service, service, age_s=90) for service in ("a", "b")],
    "long_name": [floor_of("a", LONG_NAME, waiting=3, wait_s=400), floor_of("b", LONG_NAME, age_s=90)],
    "large_numbers": [
        floor_of("a", waiting=1_234, wait_s=9_000, calls=(99_999, 99_999, 0, 99_999), agents=(5_000, 0, 4_000, 999, 1)),
        floor_of("b", calls=(100, 100, 0, 100)),
    ],
    "many": [floor_of(f"s{number}", f"서비스 {number}") for number in range(200)],
}


def draw(floors: Sequence[ServiceFloor], size: tuple[int, int], **options: Any) -> Canvas:
    """Draw a page; the level of signs ends with it."""
    return copy_context().run(_draw, floors, size, **options)


def _draw(
    floors: Sequence[ServiceFloor],
    size: tuple[int, int],
    *,
    level: GlyphLevel = GlyphLevel.FULL,
    language: str = "ko",
    board: Board = Board.CHANNEL,
    both: bool = False,
    failing: bool = False,
    colored: bool = True,
) -> Canvas:
    begin_glyphs(level)
    wall = Wall()
    wall.set_services([(floor.service, floor.name, ZONE) for floor in floors])
    wall.failing = failing
    plan = plan_wall(*size, len(floors), both=both)
    pages = max(1, -(-len(floors) // plan.per_page))
    turn = NOW // 5_000
    turn += -turn % (2 * pages) + pages * (board is Board.AGENT)
    now = turn * 5_000 if pages > 1 else NOW + 5_000 * (board is Board.AGENT)
    for floor in floors:
        later = {"at": floor.at + now - NOW, "known_until": floor.known_until and floor.known_until + now - NOW}
        wall.set_floor(floor.service, floor.model_copy(update=later if pages > 1 else {}))
    page = wall.page(now, plan.per_page, both=plan.both)
    canvas = Canvas(*size, colored=colored)
    draw_wall(canvas, Scene(page, Words(language), "한빛 고객센터", "2층", 5, not plan.both), plan)
    return canvas


def lines(canvas: Canvas) -> list[str]:
    return ["".join(text for text, _ in row) for row in canvas.rows]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("size", SIZES)
def test_every_row_is_exactly_as_wide_as_the_terminal(size: tuple[int, int], state: str) -> None:
    for board in Board:
        for level, language in zip(GlyphLevel, ("ko", "en", "ja"), strict=True):
            for both in (False, True):
                canvas = draw(STATES[state], size, level=level, language=language, board=board, both=both)
                assert len(canvas.rows) == size[1]
                assert {len(row) for row in canvas.rows} == {size[0]}
                assert {cell_width(line) for line in lines(canvas)} == {size[0]}


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_ambiguous_at_the_narrow_level(size: tuple[int, int]) -> None:
    for state in STATES.values():
        for board in Board:
            text = "".join(lines(draw(state, size, level=GlyphLevel.NARROW, board=board)))
            assert {char for char in text if unicodedata.east_asian_width(char) == "A"} == set()


@pytest.mark.parametrize("size", SIZES)
def test_the_ascii_level_is_ascii(size: tuple[int, int]) -> None:
    floors = [floor_of("a", "cards", waiting=1, wait_s=300), floor_of("b", "loans", age_s=90)]
    for board in Board:
        canvas = draw(floors, size, level=GlyphLevel.ASCII, language="en", board=board, colored=False)
        assert "".join(lines(canvas)).replace("한빛 고객센터", "").replace("2층", "").isascii()


def ends_of(line: str) -> set[int]:
    """Return the columns before which a text ends."""
    cells: list[str] = []
    for char in line:
        cells += [char] + [char] * (cell_width(char) - 1)
    return {at + 1 for at, char in enumerate(cells) if char != " " and (at + 1 == len(cells) or cells[at + 1] == " ")}


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
@pytest.mark.parametrize("board", Board)
@pytest.mark.parametrize(("size", "head", "step", "offset"), [(SMALL, 9, 2, 1), (MIDDLE, 2, 6, 4)])
def test_counts_end_where_their_labels_end(
    size: tuple[int, int], head: int, step: int, offset: int, board: Board, language: str
) -> None:
    t = Words(language)
    text = lines(draw(PICTURED, size, board=board, language=language))
    label_ends = []
    at = 0
    for column in COLUMNS[board]:
        found = text[head].index(t(column.label), at)
        at = found + len(t(column.label))
        label_ends.append(cell_width(text[head][:at]))
    for number in range(5):
        row = text[head + offset + step * number]
        assert set(label_ends) <= ends_of(row), (row, label_ends)


@pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE, (160, 50)])
def test_a_turn_exchanges_only_the_middle(size: tuple[int, int]) -> None:
    floors = [floor.model_copy(update={"waiting_since": None}) for floor in PICTURED]
    channel, agent = (draw(floors, size, board=board) for board in Board)
    height = {SMALL: (1, 24), MIDDLE: (1, 40), LARGE: (10, 80)}.get(size, (1, size[1]))
    changed = {
        x
        for a, b in zip(channel.rows[slice(*height)], agent.rows[slice(*height)], strict=True)
        for x, (one, other) in enumerate(zip(a, b, strict=True))
        if one != other and one[1].role != "line" and other[1].role != "line"
    }
    first_rate = {SMALL: 63, MIDDLE: 72, LARGE: 223}.get(size, size[0] - 48)
    waiting_end = {SMALL: 22, MIDDLE: 31, LARGE: 71}.get(size, 44)
    assert changed
    assert not {x for x in changed if x < waiting_end or x >= first_rate}


def test_a_full_rate_leaves_room_for_the_one_beside_it() -> None:
    text = lines(draw([floor_of("a", "a", calls=(9, 9, 0, 9))], LARGE))
    assert {line[259:261] for line in text[19:26]} == {"  "}


@pytest.mark.parametrize(("answered", "filled"), [(1000, 19), (999, 18), (810, 16), (10, 0), (0, 0)])
def test_a_bar_is_cut_as_its_rate_is_and_full_at_100_alone(answered: int, filled: int) -> None:
    """Two of the 21 cells are ticks."""
    canvas = draw([floor_of("a", "a", calls=(1000, answered, 0, answered))], MIDDLE)
    bar = next(row for row in canvas.rows[4:] if row[74][0] == "▆")[72:93]
    assert sum(text == "▆" and pen.role != "ghost" for text, pen in bar) == filled


@pytest.mark.parametrize("agents", [9, 99, 999, 9_999])
def test_numbers_of_agents_are_large_on_a_large_wall_however_many_there_are(agents: int) -> None:
    canvas = draw([floor_of("a", agents=(agents, agents, agents, agents, agents))], LARGE, board=Board.AGENT)
    text = "".join(line[72:222] for line in lines(canvas)[18:28])
    assert not set("0123456789") & set(text)


@pytest.mark.parametrize("size", [MIDDLE, LARGE])
def test_digits_of_a_silent_service_are_dotted_and_those_of_others_are_not(size: tuple[int, int]) -> None:
    text = lines(draw(PICTURED, size))
    if size == MIDDLE:
        fresh, old = text[4:10], text[10:15]
        age = "4분 전 값"
    else:
        fresh, old = text[18:28], text[29:36]
        age = "4분 10초 전 값"
    numbers = [line[30 if size == MIDDLE else 60 :] for line in old]
    assert "▒" in "".join(numbers)
    assert not set("▀▄█") & set("".join(numbers))
    assert "▒" not in "".join(fresh)
    assert any(age in line for line in text)


def test_on_a_small_terminal_a_silent_service_is_grey_and_says_its_age() -> None:
    canvas = draw(PICTURED, SMALL)
    row = canvas.rows[12]
    assert "~기술지원" in lines(canvas)[12]
    assert "4분 전" in lines(canvas)[12]
    assert {pen.role for text, pen in row if text.strip()} == {"old", "onreplay"}


@pytest.mark.parametrize("size", SIZES[:6])
def test_all_silent_fills_the_header_in_the_color_of_alarms(size: tuple[int, int]) -> None:
    canvas = draw(STATES["all_old"], size, failing=True)
    assert {pen.on for _, pen in canvas.rows[0]} <= {"alarm", "name"}
    text = "\n".join(lines(canvas))
    assert "연결 끊김" in text or "14:30:40" in text


@pytest.mark.parametrize("size", SIZES[:6])
def test_unknown_figures_are_dashes_and_no_zero(size: tuple[int, int]) -> None:
    canvas = draw(STATES["unknown"], size)
    first, last = (10, 67) if size == LARGE or size[0] >= 250 else (1, canvas.height - 3)
    text = "".join(lines(canvas)[first:last])
    assert not set("0123456789▒") & set(text)


@pytest.mark.parametrize("size", SIZES[:3])
def test_the_band_is_the_same_on_both_boards_and_kept_when_there_is_no_alarm(size: tuple[int, int]) -> None:
    def band(canvas: Canvas) -> list[int]:
        return [y for y, row in enumerate(canvas.rows) if y > 9 and {pen.on for _, pen in row} == {"alarm"}]

    channel, agent = (band(draw(PICTURED, size, board=board)) for board in Board)
    calm = draw([floor_of()], size)
    assert channel == agent
    assert len(channel) == {SMALL: 2, MIDDLE: 3, LARGE: 9}[size]
    assert all(not line.strip() for y, line in enumerate(lines(calm)) if y in channel)


def test_the_band_names_service_cause_and_time_of_the_oldest_alarm_and_counts_the_others() -> None:
    floors = [*PICTURED, floor_of("late", "야간", waiting=1, wait_s=70)]
    text = "\n".join(lines(draw(floors, MIDDLE)))
    assert "고객상담   대기 7명, 최장 대기 60초 넘음, 대기 상담원 0명, 서비스레벨 69     14:29부터" in text
    assert "+1" in text


@pytest.mark.parametrize(
    ("size", "services", "both", "expected", "per_page"),
    [
        (LARGE, 4, False, Size.LARGE, 4),
        (LARGE, 17, False, Size.MIDDLE, 10),
        (LARGE, 4, True, Size.MIDDLE, 4),
        (LARGE, 200, False, Size.SMALL, 66),
        (MIDDLE, 4, False, Size.MIDDLE, 4),
        (MIDDLE, 16, False, Size.MIDDLE, 4),
        (MIDDLE, 17, False, Size.SMALL, 26),
        (MIDDLE, 4, True, Size.SMALL, 12),
        (SMALL, 4, False, Size.SMALL, 10),
        (SMALL, 4, True, Size.SMALL, 4),
        (SMALL, 8, True, Size.TABLE, 8),
        ((40, 10), 3, False, Size.TABLE, 6),
    ],
)
def test_a_layout_gives_way_to_a_denser_one(
    size: tuple[int, int], services: int, both: bool, expected: Size, per_page: int
) -> None:
    plan = plan_wall(*size, services, both=both)
    assert (plan.size, plan.per_page, plan.both) == (expected, per_page, both)


def test_both_boards_turn_where_they_do_not_fit() -> None:
    assert not plan_wall(80, 24, 30, both=True).both


@pytest.mark.parametrize("size", SIZES[:3])
def test_services_on_further_pages_are_announced(size: tuple[int, int]) -> None:
    assert "1/" in "\n".join(lines(draw(STATES["many"], size)))


@pytest.mark.parametrize(("right", "ends"), [(18, [6, 12, 18]), (19, [6, 12, 18]), (17, [8, 15]), (11, [8]), (3, [])])
def test_columns_that_do_not_fit_are_left_out_and_the_others_keep_a_space(right: int, ends: list[int]) -> None:
    assert spread_columns([5, 5, 5], 0, right) == ends
