"""The server's time on a clock that the test moves."""

from hypothesis import given
from hypothesis import strategies as st

from octui.state.clock import SAMPLES, ServerClock, elapsed_seconds


class Hand:
    def __init__(self) -> None:
        self.at = 50.0

    def __call__(self) -> float:
        return self.at


def test_time_is_unknown_before_the_first_answer() -> None:
    clock = ServerClock(Hand())
    assert clock.now_ms() is None
    assert not clock.is_known


def test_time_continues_from_the_answer() -> None:
    hand = Hand()
    clock = ServerClock(hand)
    clock.record_time(1_000_000)
    assert clock.now_ms() == 1_000_000
    hand.at += 2.5
    assert clock.now_ms() == 1_002_500


def test_fastest_answer_counts() -> None:
    hand = Hand()
    clock = ServerClock(hand)
    clock.record_time(1_000_000 - 800)
    hand.at += 1
    clock.record_time(1_001_000 - 20)
    hand.at += 1
    clock.record_time(1_002_000 - 3_000)
    assert clock.now_ms() == 1_002_000 - 20


def test_small_step_back_is_waited_out_and_large_one_followed() -> None:
    hand = Hand()
    clock = ServerClock(hand)
    clock.record_time(1_000_000)
    assert clock.now_ms() == 1_000_000
    for _ in range(SAMPLES):
        clock.record_time(995_000)
    assert clock.now_ms() == 1_000_000
    hand.at += 6
    assert clock.now_ms() == 1_001_000
    for _ in range(SAMPLES - 1):
        clock.record_time(100_000)
        shown = clock.now_ms()
        assert shown is not None
        assert shown >= 1_001_000
    clock.record_time(100_000)
    assert clock.now_ms() == 100_000


def test_reset_forgets_the_time() -> None:
    clock = ServerClock(Hand())
    clock.record_time(1_000_000)
    assert clock.now_ms() == 1_000_000
    clock.reset()
    assert clock.now_ms() is None
    clock.record_time(7)
    assert clock.now_ms() == 7


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 30_000)), min_size=1, max_size=60))
def test_late_answers_never_move_the_clock_back_or_ahead(steps: list[tuple[int, int]]) -> None:
    hand = Hand()
    clock = ServerClock(hand)
    true_ms, shown = 10_000_000, 0
    for late, passed in steps:
        clock.record_time(true_ms - late)
        now = clock.now_ms()
        assert now is not None
        assert shown <= now <= true_ms + 1
        assert now >= true_ms - late - 1
        shown = now
        hand.at += passed / 1000
        true_ms += passed


def test_elapsed_seconds_do_not_go_back() -> None:
    assert elapsed_seconds() <= elapsed_seconds()
