"""The figures of My stats as cells: no line is too wide, bars add up, unknown figures are a dash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.schema.stats import Channel, ChatState, Figure, Open, PhoneState, Stats, Tickets
from octui.state.stats import LiveStats
from octui.text.width import cell_width
from octui.ui.locale import LANGUAGES, Words
from octui.ui.widgets.figures_layout import FigureId, Page, channel_of, columns_for, share_bar, stats_page, tickets_for
from octui.ui.words.stats import CHAT_LABELS, PHONE_LABELS, TICKET_LABELS

DAY, HOUR = 1_795_359_600_000, 3_600_000
NOW = DAY + 12 * HOUR
ALL = {
    *(FigureId("tickets", name) for name in TICKET_LABELS),
    *(FigureId("phone", state.value) for state in PHONE_LABELS),
    *(FigureId("chat", state.value) for state in CHAT_LABELS),
}
_seconds = st.integers(0, 90_000)


def stats(
    phone: dict[PhoneState, Figure] | None, count: int = 0, running: str | None = None, assumed: bool = False
) -> Stats:
    known = phone is not None
    return Stats(
        service="oc",
        account="minsu.kim",
        name="김민수" * 30,
        date="2026-11-23",
        time_zone="Asia/Seoul",
        day_start=DAY,
        day_end=DAY + 24 * HOUR,
        as_of=NOW,
        tickets=Tickets(unassigned=count, open=count, solved=count, closed=count) if known else None,
        phone=phone,
        phone_open=Open(state=running, since=NOW - HOUR) if running else None,
        logged_in=Figure(count=count, ms=sum(one.ms for one in phone.values())) if phone is not None else None,
        logged_in_since=NOW - HOUR if running else None,
        assumed=Figure(count=count, ms=1000) if assumed else None,
        is_login_assumed=assumed and running is not None,
        proved_until=NOW - HOUR // 2 if assumed else None,
        chat={state: Figure(count=count, ms=count * 1000) for state in ChatState} if known else None,
        chat_open=None,
    )


def texts(page: Page) -> list[str]:
    return ["".join(run.text for run in line) for line in page.lines]


@given(
    cells=st.integers(40, 400),
    language=st.sampled_from(LANGUAGES),
    ms=st.none() | st.lists(_seconds.map(lambda s: s * 1000), min_size=13, max_size=13),
    count=st.integers(0, 9999),
    running=st.sampled_from([None, "ready", "hold", "meal"]),
    chosen=st.sampled_from(sorted(ALL, key=str)),
    assumed=st.booleans(),
)
def test_no_line_is_wider_than_the_screen(
    cells: int, language: str, ms: list[int] | None, count: int, running: str | None, chosen: FigureId, assumed: bool
) -> None:
    phone = None if ms is None else {s: Figure(count=count, ms=one) for s, one in zip(PhoneState, ms, strict=True)}
    live = LiveStats(stats(phone, count, running if phone else None, assumed))
    laid = stats_page(live, NOW, Words(language), cells, chosen)
    for line in texts(laid):
        assert cell_width(line) <= cells, line
    assert set(laid.places) == ALL
    taken: set[tuple[int, int]] = set()
    for place in laid.places.values():
        here = {(place.line, x) for x in range(place.x, place.x + place.cells)}
        assert place.x + place.cells <= cells
        assert not here & taken
        taken |= here


def test_login_that_is_not_in_the_log_is_marked() -> None:
    live = LiveStats(stats({PhoneState.READY: Figure(count=1, ms=0)}, 1, "ready", assumed=True))
    lines = texts(stats_page(live, NOW, Words("en"), 120, None))
    assert lines[1] == " Ready  00:30:00   up to the last event in the log"
    assert any("logged in 1 times, 00:30:00 in all  login not in the log: 00:30:01" in line for line in lines)
    assert "login not in the log" not in "".join(
        texts(stats_page(LiveStats(stats({}, 1, "ready")), NOW, Words("en"), 120, None))
    )


@given(
    shares=st.lists(
        st.tuples(st.just("s"), st.sampled_from(["IB통화", "Ready", "チャット処理"]), _seconds), max_size=13
    ),
    cells=st.integers(0, 400),
)
def test_the_bar_has_the_width_of_its_parts(shares: list[tuple[str, str, int]], cells: int) -> None:
    runs = share_bar(shares, cells)
    assert sum(cell_width(run.text) for run in runs) == cells
    above = [seconds for _, _, seconds in shares if seconds]
    if not above or cells < len(above):
        assert [run.style for run in runs] == ["bar-empty"]
        return
    assert len(runs) == len(above)
    free, total = cells - len(above), sum(above)
    for run, seconds in zip(runs, above, strict=True):
        # One cell for being there, the rest in proportion, off by less than a cell.
        assert abs(cell_width(run.text) - 1 - seconds * free / total) < 1


@pytest.mark.parametrize("cells", [40, 58, 59, 80, 88, 117, 120, 160, 300, 400])
def test_ticket_figures_are_aligned_with_the_others(cells: int) -> None:
    count, wide = columns_for(cells)
    columns, each = tickets_for(count, wide)
    assert 1 + columns * each <= cells
    assert {i * wide for i in range(min(count, 2))} <= {i * each for i in range(columns)}


def test_eighty_columns_match_the_sketch() -> None:
    phone = {state: Figure() for state in PhoneState}
    phone[PhoneState.INBOUND_CALLS] = Figure(count=23, ms=4_360_000)
    lines = texts(stats_page(LiveStats(stats(phone, 5, "ready")), NOW, Words("ko"), 80, None))
    assert lines[1].split() == ["대기", "01:00:00"]
    assert lines[4].split() == ["미할당", "5건", "처리중", "5건", "해결", "5건", "완료", "5건"]
    assert lines[6].split() == ["전화", "로그인", "5회,", "합계", "02:12:40"]
    assert lines[7].split() == ["IB통화", "23건", "01:12:40", "OB통화", "0건", "00:00:00"]
    assert lines[8].split()[:3] == [">대기", "0회", "01:00:00"]
    assert len(lines) <= 22


def test_unknown_figures_are_a_dash() -> None:
    lines = texts(stats_page(LiveStats(stats(None)), NOW, Words("en"), 120, None))
    figures = "\n".join(lines[2:])
    assert figures.count("–") == len(ALL)
    assert "0" not in figures
    nothing = texts(stats_page(None, NOW, Words("en"), 120, None))
    assert "No figures yet" in nothing[0]
    assert "\n".join(nothing[2:]).count("–") == len(ALL)


def test_a_past_day_is_marked() -> None:
    live = LiveStats(stats({state: Figure() for state in PhoneState}, 1, "ready"))
    assert "This day is over" in texts(stats_page(live, DAY + 24 * HOUR, Words("en"), 80, None))[1]
    assert "Not logged in to CTI" in texts(stats_page(LiveStats(stats({}, 1)), NOW, Words("en"), 80, None))[1]


def test_the_channel_behind_a_figure() -> None:
    assert channel_of(FigureId("phone", "ready")) is Channel.PHONE
    assert channel_of(FigureId("chat", "rest")) is Channel.CHAT
    assert channel_of(FigureId("tickets", "open")) is None
