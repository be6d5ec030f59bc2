"""FRESH, LATE, STALE, LOST by the time since the last success, on a clock that the test moves."""

import pytest

from octui.state.freshness import Freshness, Level


class Hand:
    at = 100.0

    def __call__(self) -> float:
        return self.at


def watch_level(hand: Hand, freshness: Freshness, seconds: float) -> Level:
    """Let time pass with a judgement every second, as on a screen, and return the last level."""
    end = hand.at + seconds
    while hand.at < end:
        hand.at = min(hand.at + 1, end)
        level = freshness.judge().level
    return level


@pytest.mark.parametrize(
    ("gap", "age", "level"),
    [
        (25, 1, Level.FRESH),
        (25, 30, Level.FRESH),
        (25, 31, Level.LATE),
        (25, 55, Level.LATE),
        (25, 56, Level.STALE),
        (25, 105, Level.STALE),
        (25, 106, Level.LOST),
        (2, 7, Level.FRESH),
        (2, 8, Level.LATE),
        (2, 10, Level.STALE),
        (2, 14, Level.LOST),
    ],
)
def test_level_follows_the_age(gap: float, age: float, level: Level) -> None:
    hand = Hand()
    freshness = Freshness(hand)
    freshness.set_health(hand.at, None, gap)
    assert watch_level(hand, freshness, age) is level
    assert freshness.judge().age_seconds == age


def test_failure_is_seen_at_once_and_success_ends_it() -> None:
    hand = Hand()
    freshness = Freshness(hand)
    freshness.set_health(hand.at, None, 25)
    watch_level(hand, freshness, 10)
    freshness.set_health(100.0, hand.at, 25)
    assert freshness.judge().level is Level.LATE
    assert watch_level(hand, freshness, 5) is Level.STALE
    assert watch_level(hand, freshness, 15) is Level.LOST
    assert freshness.judge().age_seconds == 30
    freshness.set_health(hand.at, None, 25)
    assert freshness.judge().level is Level.FRESH
    assert freshness.judge().age_seconds == 0


def test_there_is_a_level_without_an_age_before_the_first_success() -> None:
    hand = Hand()
    freshness = Freshness(hand)
    assert freshness.judge().age_seconds is None
    freshness.set_health(None, hand.at, 2)
    assert watch_level(hand, freshness, 20) is Level.LOST
    assert freshness.judge().age_seconds is None


def test_own_stall_allows_one_refresh_before_lost() -> None:
    hand = Hand()
    freshness = Freshness(hand)
    freshness.set_health(hand.at, None, 25)
    freshness.judge()
    hand.at += 600
    first = freshness.judge()
    assert (first.level, first.age_seconds, first.refresh_wanted) == (Level.LATE, 600, True)
    assert not freshness.judge().refresh_wanted
    freshness.set_health(hand.at, None, 25)
    assert freshness.judge().level is Level.FRESH


def test_refresh_that_fails_or_never_ends_is_judged() -> None:
    hand = Hand()
    freshness = Freshness(hand)
    freshness.set_health(hand.at, None, 25)
    freshness.judge()
    hand.at += 600
    freshness.judge()
    freshness.set_health(100.0, hand.at, 25)
    assert freshness.judge().level is Level.LOST

    other = Freshness(hand)
    other.set_health(hand.at, None, 25)
    hand.at += 600
    assert other.judge().level is Level.LATE
    assert watch_level(hand, other, 4) is Level.LATE
    assert watch_level(hand, other, 1) is Level.LOST


def test_stall_without_old_data_requests_no_refresh() -> None:
    hand = Hand()
    freshness = Freshness(hand)
    freshness.set_health(hand.at, None, 25)
    hand.at += 10
    judgement = freshness.judge()
    assert (judgement.level, judgement.refresh_wanted) == (Level.FRESH, False)
