"""The floor at every size, sign level, language and color set, and what it says of limits, old and unknown figures."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pytest

from octui.schema.floor import CallCounts, FloorMinutes
from octui.schema.stats import PhoneState
from octui.state.agent_limits import STATE_LIMITS, AgentRow
from octui.state.alarms import AlarmBook
from octui.state.floor import floor_row, sum_rows
from octui.state.floor_hours import Stretch, hours_until, queue_chart
from octui.state.floor_looks import looks_of
from octui.text.glyphs import GlyphLevel, begin_glyphs
from octui.text.width import cell_width
from octui.ui.locale import LANGUAGES, Words
from octui.ui.roles import ColorSet, pens_for
from octui.ui.screens.floor.layout import floor_rows
from octui.ui.screens.floor.scene import FloorScene, Part
from octui.ui.widgets.card_lines import Line
from unit.floors import DAY, MIDNIGHT, NOW, ZONE, floor_of

SIZES = [(40, 8), (80, 22), (99, 30), (110, 24), (120, 38), (200, 50), (300, 78), (500, 198)]
LOOKS = [*((language, GlyphLevel.FULL) for language in LANGUAGES), *(("ko", level) for level in GlyphLevel)]
NAMES = ("김채호", "신채준", "O'Brien-Featherstonehaugh", "남궁민", "佐藤")


@pytest.fixture(autouse=True)
def _full_signs() -> Iterator[None]:
    yield
    begin_glyphs(GlyphLevel.FULL)


def agents(count: int = 42) -> list[AgentRow]:
    """Return agents in every state, the first ones over their limit."""
    states = [state for state in PhoneState if state is not PhoneState.OTHER]
    rows = []
    for number in range(count):
        state = states[number % len(states)]
        seconds = 1_800 - 40 * number
        rows.append(
            AgentRow(
                f"u{number}",
                NAMES[number % len(NAMES)],
                state,
                NOW - seconds * 1000,
                max(5, seconds),
                STATE_LIMITS.get(state),
            )
        )
    return rows


def day_minutes(*, is_known: bool = True) -> FloorMinutes:
    """Return the minutes of a day from nine o'clock on, with waves of customers."""
    count = 14 * 60 + 32
    known = [at >= 9 * 60 and is_known for at in range(count)]

    def column(value: int) -> list[int | None]:
        return [(at * value) % 7 if known[at] else None for at in range(count)]

    waiting = [(at // 20) % 12 if known[at] else None for at in range(count)]
    return FloorMinutes(
        service="cs",
        date="2026-11-27",
        time_zone=ZONE,
        day_start=MIDNIGHT,
        day_end=MIDNIGHT + DAY,
        at=NOW,
        known_until=NOW,
        offered=[6 if each else None for each in known],
        answered=[4 if each else None for each in known],
        abandoned=[1 if each else None for each in known],
        answered_in_time=column(3),
        waiting=waiting,
        longest_ms=[None if value is None else value * 8_000 for value in waiting],
        ready=column(1),
        on_call=column(2),
        outbound=column(5),
        break_work=column(4),
    )


def scene(
    language: str = "ko",
    colors: ColorSet = ColorSet.DARK,
    *,
    part: Part = Part.AGENTS,
    is_known: bool = True,
    replay: int | None = None,
) -> FloorScene:
    floors = [
        floor_of("cs", "고객상담", waiting=7, wait_s=192, calls=(1284, 1041, 236, 886), agents=(42, 0, 33, 2, 7)),
        floor_of("tech", "기술지원", waiting=1, wait_s=8, calls=(412, 371, 40, 338), age_s=252),
        floor_of("shop", "쇼핑몰 " * 30, calls=(296, 279, 17, 264)),
        floor_of("vip", "VIP상담", calls=(0, 0, 0, 0), agents=(3, 3, 0, 0, 0)),
        floor_of("new", "신규", is_known=False),
    ]
    now = NOW if replay is None else replay
    rows = [floor_row(floor if is_known else floor_of(floor.service, is_known=False), now) for floor in floors]
    people, minutes = agents() if is_known else None, day_minutes(is_known=is_known)
    return FloorScene(
        services=rows,
        total=sum_rows(rows),
        chosen=0,
        zone=ZONE,
        agents=people,
        hours=hours_until(minutes, now),
        minutes=minutes,
        looks=looks_of(AlarmBook().update(rows, now), people or (), "cs", rows),
        part=part,
        now=now,
        t=Words(language),
        pens=pens_for(colors),
        replay=replay,
        sort=Words(language)("longest first"),
    )


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(segment.text for segment in line) for line in lines)


@pytest.mark.parametrize("size", SIZES[:-1])
@pytest.mark.parametrize(("language", "level"), LOOKS)
def test_rows_fill_the_screen_exactly(size: tuple[int, int], language: str, level: GlyphLevel) -> None:
    begin_glyphs(level)
    cells, rows = size
    for colors in (ColorSet.DARK, ColorSet.NONE):
        for part in Part:
            for is_known, replay in ((True, None), (False, None), (True, NOW - 3_600_000)):
                lines = floor_rows(scene(language, colors, part=part, is_known=is_known, replay=replay), cells, rows)
                assert len(lines) == rows
                assert {sum(cell_width(segment.text) for segment in line) for line in lines} == {cells}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("part", list(Part))
def test_narrow_level_has_no_character_of_ambiguous_width(size: tuple[int, int], part: Part) -> None:
    begin_glyphs(GlyphLevel.NARROW)
    text = text_of(floor_rows(scene("en", part=part), *size))
    assert {sign for sign in text if unicodedata.east_asian_width(sign) == "A"} == set()


@pytest.mark.parametrize("size", [(80, 22), (120, 38), (300, 78)])
def test_only_rows_over_the_limit_show_running_seconds(size: tuple[int, int]) -> None:
    shown = replace(
        scene("en"),
        agents=[
            AgentRow("a", "Over", PhoneState.REST, NOW, 26 * 60 + 12, 15 * 60),
            AgentRow("b", "Below", PhoneState.MEAL, NOW, 26 * 60 + 12, 60 * 60),
            AgentRow("c", "Free", PhoneState.READY, NOW, 26 * 60 + 12, None),
        ],
    )
    lines = text_of(floor_rows(shown, *size)).split("\n")
    over, below, free = (next(line for line in lines if f" {name} " in line) for name in ("Over", "Below", "Free"))
    assert "26:12" in over
    assert over.startswith("!")
    assert "26 min" in below
    assert "26:12" not in below + free
    assert not below.startswith("!")


@pytest.mark.parametrize("size", [(80, 22), (120, 38)])
def test_board_says_rates_with_marks_and_old_figures_with_their_age(size: tuple[int, int]) -> None:
    lines = text_of(floor_rows(scene("en"), *size)).split("\n")
    service = next(line for line in lines if "고객상담" in line and "1,284" in line)
    assert "81 △" in service
    assert "69 ×" in service
    assert "03:12" in service
    old = next(line for line in lines if "기술지원" in line)
    assert old.startswith("~")
    assert ("4 min" in old) == (size[0] > 80)


@pytest.mark.parametrize("size", [(80, 22), (120, 38), (300, 78)])
@pytest.mark.parametrize("part", list(Part))
def test_unknown_is_a_dash_and_never_zero(size: tuple[int, int], part: Part) -> None:
    """A figure that nobody knows is a dash, never a zero (rules.md 50)."""
    lines = text_of(floor_rows(scene("en", part=part, is_known=False), *size)).split("\n")
    rows = [line for line in lines[2:8] if line.strip()]
    assert all("–" in line for line in rows[:5])
    assert not any(sign in "".join(line[20:] for line in lines[2:8]) for sign in "0123456789")


def test_worst_look_comes_first_and_is_below_a_small_floor() -> None:
    shown = scene("en")
    assert shown.looks[0].cause is not None
    assert shown.looks[-1].old is not None
    last = text_of(floor_rows(shown, 80, 22)).split("\n")[-1]
    assert "고객상담 7 waiting" in last
    assert f"and {len(shown.looks) - 1} more" in last


def test_past_minute_is_said_and_later_hours_are_empty() -> None:
    text = text_of(floor_rows(scene("en", replay=MIDNIGHT + 11 * 3_600_000 + 300_000), 120, 38))
    assert "As it was at 11:05. This is not now." in text.split("\n")[0]
    hours = hours_until(day_minutes(), MIDNIGHT + 11 * 3_600_000 + 300_000)
    assert [hour.start for hour in hours] == [MIDNIGHT + hour * 3_600_000 for hour in (9, 10, 11)]
    assert hours[-1].calls is not None
    assert hours[-1].calls.offered == 5 * 6


def test_hours_and_chart_are_sums_and_peaks_of_minutes() -> None:
    minutes = day_minutes()
    hours = hours_until(minutes, NOW)
    assert [hour.calls.offered for hour in hours if hour.calls is not None] == [360] * 5 + [32 * 6]
    chart = queue_chart(minutes, NOW, 54)
    assert (chart.cell_minutes, len(chart.cells)) == (10, 54)
    assert max(cell.waiting or 0 for cell in chart.cells if cell is not None) == 11
    assert chart.cells[-1] is None
    assert hours_until(day_minutes(is_known=False), NOW) == []


def test_service_level_of_an_hour_is_at_most_all_of_its_calls() -> None:
    """A call that was offered in the hour before may be answered in time in this one."""
    counts = CallCounts(offered=62, answered=65, abandoned=0, answered_in_time=64)
    level = Stretch(MIDNIGHT, counts, None, None).service_level
    assert level is not None
    assert level.percent == 100
