"""The cards of My stats at every size, sign level, language and color set: each row is as wide as the screen."""

import unicodedata
from collections.abc import Iterator

import pytest

from octui.schema.floor import AgentCounts, CallCounts, FloorMinutes
from octui.schema.stats import DayInterval, Figure, Open, PhoneDay, PhoneState, Stats
from octui.state.floor import FloorRow
from octui.state.phone_day import UsualDay
from octui.state.stats import LiveStats
from octui.text.glyphs import GlyphLevel, begin_glyphs
from octui.text.width import cell_width
from octui.ui.locale import LANGUAGES, Words
from octui.ui.roles import ColorSet, pens_for
from octui.ui.widgets.card_lines import DayScene, Line
from octui.ui.widgets.day_cards_layout import day_cards

DAY, HOUR = 1_795_359_600_000, 3_600_000
NOW = DAY + 14 * HOUR + 32 * 60_000
SIZES = [(40, 6), (80, 10), (99, 30), (100, 18), (120, 27), (300, 68), (500, 80)]
LOOKS = [*((language, GlyphLevel.FULL) for language in LANGUAGES), *(("ko", level) for level in GlyphLevel)]


@pytest.fixture(autouse=True)
def _full_signs() -> Iterator[None]:
    yield
    begin_glyphs(GlyphLevel.FULL)


def phone_day(start: int, until: int) -> PhoneDay:
    """Return a day from nine o'clock on in which every state follows the one before, five minutes each."""
    intervals: list[DayInterval] = []
    at, number, states = start + 9 * HOUR, 0, list(PhoneState)
    while at < until:
        intervals.append((at, at + 300_000, states[number % len(states)], "ringing", True))
        at, number = at + 300_000, number + 1
    return PhoneDay(date="2026-11-23", day_start=start, day_end=start + 24 * HOUR, intervals=intervals)


def scene(
    language: str = "ko",
    colors: ColorSet = ColorSet.DARK,
    *,
    now: int = NOW,
    running: str | None = "inbound_calls",
    floor: FloorRow | None = None,
    weeks: int = 6,
) -> DayScene:
    live = LiveStats(
        Stats(
            service="cs",
            account="kim",
            name="김민수",
            date="2026-11-23",
            time_zone="Asia/Seoul",
            day_start=DAY,
            day_end=DAY + 24 * HOUR,
            as_of=NOW,
            tickets=None,
            phone={state: Figure(count=29, ms=7_145_000) for state in PhoneState},
            phone_open=Open(state=running, since=NOW - 252_000) if running else None,
            logged_in=Figure(count=1, ms=0),
            logged_in_since=DAY + 9 * HOUR,
            chat=None,
            chat_open=None,
        )
    )
    week = 7 * 24 * HOUR
    usual = [phone_day(DAY - number * week, DAY - number * week + 18 * HOUR) for number in range(1, weeks + 1)]
    count = 24 * 60
    numbers: list[int | None] = [number % 9 for number in range(count)]
    minutes = FloorMinutes(
        service="cs",
        date="2026-11-23",
        time_zone="Asia/Seoul",
        day_start=DAY,
        day_end=DAY + 24 * HOUR,
        at=NOW,
        known_until=NOW,
        **dict.fromkeys(
            ("offered", "answered", "abandoned", "answered_in_time", "ready", "on_call", "outbound", "break_work"),
            numbers,
        ),
        waiting=numbers,
        longest_ms=[None if number is None else number * 15_000 for number in numbers],
    )
    pens = pens_for(colors)
    return DayScene(
        live, phone_day(DAY, NOW - 252_000), UsualDay(usual), floor, minutes, now, False, Words(language), pens
    )


BUSY = FloorRow(
    "cs",
    "고객상담 " * 20,
    waiting=7,
    longest_wait_ms=192_000,
    calls=CallCounts(offered=100, answered=81, abandoned=12, answered_in_time=69),
    agents=AgentCounts(logged_in=40, ready=0, on_call=33, outbound=0, break_work=7),
)


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(segment.text for segment in line) for line in lines)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("language", "level"), LOOKS)
def test_rows_fill_the_screen_exactly(size: tuple[int, int], language: str, level: GlyphLevel) -> None:
    begin_glyphs(level)
    cells, rows = size
    for colors in (ColorSet.DARK, ColorSet.NONE):
        for floor in (None, BUSY):
            lines = day_cards(scene(language, colors, floor=floor), cells, rows)
            assert 1 <= len(lines) <= rows
            for line in lines:
                assert sum(cell_width(segment.text) for segment in line) == cells


@pytest.mark.parametrize("size", SIZES)
def test_narrow_level_has_no_character_of_ambiguous_width(size: tuple[int, int]) -> None:
    begin_glyphs(GlyphLevel.NARROW)
    text = text_of(day_cards(scene("en", floor=BUSY), *size))
    assert {sign for sign in text if unicodedata.east_asian_width(sign) == "A"} == set()


@pytest.mark.parametrize("size", [(80, 10), (120, 27)])
def test_queue_says_who_waits_with_verdicts(size: tuple[int, int]) -> None:
    text = text_of(day_cards(scene("en", floor=BUSY), *size))
    for part in ("03:12", "81", "69", "×", "△"):
        assert part in text
    unknown = text_of(day_cards(scene("en"), *size))
    assert "–" in unknown
    assert "0%" not in unknown


def test_unknown_queue_has_no_zero() -> None:
    """A figure that nobody knows is a dash, never a zero (rules.md 31, 50)."""
    lines = day_cards(scene("en", floor=FloorRow("cs", "Service")), 80, 6)
    assert "0" not in text_of(lines[:1])


def test_usual_day_is_compared_up_to_now_and_missing_days_are_said() -> None:
    assert "median of 6 earlier days" in text_of(day_cards(scene("en"), 120, 27))
    assert "not enough earlier days yet: 2 of 3" in text_of(day_cards(scene("en", weeks=2), 120, 27))
    assert "not enough earlier days yet: 0 of 3" in text_of(day_cards(scene("en", weeks=0), 80, 10))


def test_day_that_is_over_has_its_picture_without_now_and_queue() -> None:
    text = text_of(day_cards(scene("en", now=DAY + 25 * HOUR), 120, 27))
    assert "The day" in text
    assert "Next state" not in text


def test_other_says_which_state_it_was() -> None:
    assert "Ringing" in text_of(day_cards(scene("en"), 120, 60))


def test_picture_is_drawn_anew_when_the_state_changes() -> None:
    first = scene("en")
    day_cards(first, 120, 27)
    (key,) = first.drawn
    second = scene("en", running="meal")
    second.drawn.update(first.drawn)
    day_cards(second, 120, 27)
    assert key not in second.drawn
