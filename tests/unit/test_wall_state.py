"""A wall's turns, pages, troubles and memory, with a made-up clock (rules.md 33, 50, 51)."""

import gc
import tracemalloc

import pytest

from octui.schema.floor import QueueLimits
from octui.state.wall import Board, Trouble, Wall
from unit.floors import DAY, MIDNIGHT, NOW, ZONE, floor_of


def wall_of(*services: str, turn_ms: int = 5_000, **figures: object) -> Wall:
    wall = Wall(turn_ms)
    wall.set_services([(service, service.upper(), ZONE) for service in services])
    for service in services:
        wall.set_floor(service, floor_of(service, service.upper(), **figures))  # type: ignore[arg-type]
    return wall


def test_the_boards_alternate_every_turn() -> None:
    wall = wall_of("cs")
    boards = [wall.page(NOW + seconds * 1000, 4, both=False).boards[0] for seconds in range(0, 15, 5)]
    assert boards == [Board.CHANNEL, Board.AGENT, Board.CHANNEL]
    assert wall.page(NOW + 4_999, 4, both=False).boards == (Board.CHANNEL,)


def test_pages_turn_before_the_boards() -> None:
    wall = wall_of("a", "b", "c")
    start = NOW - NOW % 20_000
    seen = [
        (page.boards[0], page.page, [row.service for row in page.rows])
        for page in (wall.page(start + turn * 5_000, 2, both=False) for turn in range(4))
    ]
    assert seen == [
        (Board.CHANNEL, 0, ["a", "b"]),
        (Board.CHANNEL, 1, ["c"]),
        (Board.AGENT, 0, ["a", "b"]),
        (Board.AGENT, 1, ["c"]),
    ]


def test_every_page_has_the_sum_of_all_services() -> None:
    wall = wall_of("a", "b", "c", waiting=2, wait_s=1)
    assert wall.page(NOW, 1, both=False).total.waiting == 6


def test_with_both_boards_nothing_turns_but_pages() -> None:
    wall = wall_of("a")
    pages = {wall.page(NOW + seconds * 1000, 4, both=True).boards for seconds in range(0, 30, 5)}
    assert pages == {(Board.CHANNEL, Board.AGENT)}


def test_two_hundred_services_are_all_seen_within_their_pages() -> None:
    services = [f"s{number}" for number in range(200)]
    wall = wall_of(*services)
    seen: set[str] = set()
    for turn in range(4):
        seen |= {row.service for row in wall.page(NOW + turn * 5_000, 60, both=False).rows}
    assert seen == set(services)


@pytest.mark.parametrize(
    ("failing", "age_s", "trouble"),
    [(False, 3, None), (True, 3, None), (True, 31, Trouble.LOST), (False, 31, Trouble.SILENT)],
)
def test_all_old_is_a_trouble_since_the_last_known_moment(failing: bool, age_s: int, trouble: Trouble | None) -> None:
    wall = wall_of("a", "b", age_s=age_s)
    wall.failing = failing
    page = wall.page(NOW, 4, both=False)
    assert page.trouble is trouble
    if trouble is not None:
        assert page.since == NOW - age_s * 1000


def test_one_silent_source_of_three_is_no_trouble_of_the_wall() -> None:
    wall = wall_of("a", "b", "c")
    wall.set_floor("b", floor_of("b", age_s=100))
    page = wall.page(NOW, 4, both=False)
    assert (page.trouble, [row.service for row in page.old]) == (None, ["b"])


def test_without_a_service_the_wall_says_so() -> None:
    wall = Wall()
    assert wall.page(NOW, 4, both=False).trouble is Trouble.STARTING
    wall.set_services([])
    assert wall.page(NOW, 4, both=False).trouble is Trouble.EMPTY


def test_services_without_any_figure_are_no_trouble_while_the_server_answers() -> None:
    wall = wall_of("a", is_known=False)
    assert wall.page(NOW, 4, both=False).trouble is None
    wall.failing = True
    assert wall.page(NOW, 4, both=False).trouble is Trouble.LOST


def test_a_refused_token_is_named_before_all_else() -> None:
    wall = wall_of("a")
    wall.refused = True
    assert wall.page(NOW, 4, both=False).trouble is Trouble.REFUSED


def test_midnight_without_a_server_leaves_dashes_and_the_lost_connection() -> None:
    wall = wall_of("a", at=MIDNIGHT + DAY - 10_000)
    wall.failing = True
    page = wall.page(MIDNIGHT + DAY, 4, both=False)
    assert (page.rows[0].is_known, page.trouble) == (False, Trouble.LOST)


def test_a_service_that_may_no_longer_be_read_is_unknown() -> None:
    wall = wall_of("a")
    wall.set_floor("a", None)
    assert not wall.page(NOW, 4, both=False).rows[0].is_known


def test_waits_are_judged_by_the_limits_of_their_service() -> None:
    wall = wall_of("a", "b", waiting=1, wait_s=70)
    patient = QueueLimits(longest_wait_seconds=90, threshold_seconds=30)
    wall.set_floor("b", floor_of("b", waiting=1, wait_s=70).model_copy(update={"limits": patient}))
    page = wall.page(NOW, 4, both=False)
    assert (page.long_waits, page.bad_waits, page.threshold_s) == ({"a", ""}, {"a", ""}, None)
    assert [alarm.service for alarm in page.alarms] == ["a"]


def test_somebody_who_waits_where_nobody_is_ready_is_a_bad_wait_and_no_long_one() -> None:
    page = wall_of("a", waiting=1, wait_s=1, agents=(1, 0, 1, 0, 0)).page(NOW, 4, both=False)
    assert (page.long_waits, page.bad_waits, page.threshold_s) == (frozenset(), {"a", ""}, 20)


def test_the_bell_rings_once_for_an_alarm() -> None:
    wall = wall_of("a", waiting=1, wait_s=100)
    alarms = wall.page(NOW, 4, both=False).alarms
    assert [wall.take_new_alarms(alarms), wall.take_new_alarms(alarms)] == [True, False]
    assert [wall.take_new_alarms(()), wall.take_new_alarms(alarms)] == [False, True]


def test_memory_stays_flat_over_thousands_of_seconds() -> None:
    wall = wall_of("a", "b", "c")

    def pass_seconds(first: int, last: int) -> None:
        for second in range(first, last):
            now = NOW + second * 1000
            if second % 20 == 0:
                waiting = second // 40 % 3
                wall.set_floor("b", floor_of("b", waiting=waiting, wait_s=100 if waiting else None, at=now))
            wall.page(now, 2, both=False)

    tracemalloc.start()
    try:
        pass_seconds(0, 500)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        pass_seconds(500, 5_500)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000
