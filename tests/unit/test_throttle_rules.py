"""Delays after failed sign-ins, what is forgotten, and which addresses share a bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.server.identity.throttle_rules import (
    ACCOUNT,
    ADDRESS,
    LONGEST_DELAY_MS,
    Policy,
    Tally,
    account_bucket,
    address_bucket,
    delay_after,
    forgotten_at,
    remaining_delay,
    with_failure,
    without_failure,
)

NOW = 1_782_864_000_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (0, 0),
        (1, 0),
        (4, 0),
        (5, 1),
        (6, 2),
        (7, 4),
        (8, 8),
        (9, 16),
        (10, 32),
        (14, 512),
        (15, 900),
        (16, 900),
        (10**9, 900),
    ],
)
def test_delays_double_up_to_fifteen_minutes(failures: int, seconds: int) -> None:
    assert delay_after(failures, ACCOUNT) == seconds * 1000


def test_account_is_delayed_after_the_fifth_failure() -> None:
    tally, now = None, NOW
    waited = []
    for _ in range(18):
        tally = with_failure(tally, ACCOUNT, now)
        waited.append(remaining_delay(tally, now) // 1000)
        now += remaining_delay(tally, now)
    assert waited[:12] == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128]
    assert waited[-1] == 900


def test_failures_of_a_waiting_person_leak_slowly() -> None:
    tally = Tally(7, NOW, NOW + 4000)
    assert with_failure(tally, ACCOUNT, NOW + 3 * HOUR + 5).failures == 5
    assert with_failure(tally, ACCOUNT, NOW + 3 * HOUR + 5).since == NOW + 3 * HOUR
    assert with_failure(tally, ACCOUNT, NOW + 100 * HOUR) == Tally(1, NOW + 100 * HOUR, NOW + 100 * HOUR)
    assert forgotten_at(tally, ACCOUNT) == NOW + 7 * HOUR


def test_frequent_attempts_still_leak() -> None:
    tally, policy = None, Policy(free=50, forgets_every=10_000)
    for step in range(100):
        tally = with_failure(tally, policy, NOW + step * 9_000)
    assert tally is not None
    assert tally.failures == 100 - 99 * 9 // 10  # one for every ten seconds of the 891 has gone


def test_typing_errors_of_a_whole_center_cause_no_delay() -> None:
    """300 people in a quarter of an hour, one in ten fails."""
    tally = None
    for step in range(30):
        now = NOW + step * 30_000
        assert remaining_delay(tally, now) == 0
        tally = with_failure(tally, ADDRESS, now)


def test_right_attempt_is_returned_and_the_delay_stays() -> None:
    assert without_failure(Tally(3, NOW, NOW + 5)) == Tally(2, NOW, NOW + 5)
    assert without_failure(Tally(0, NOW, NOW)) == Tally(0, NOW, NOW)


@given(
    st.integers(0, 10**6),
    st.integers(-(10**12), 10**12),
    st.integers(-(10**12), 10**12),
    st.sampled_from([ACCOUNT, ADDRESS]),
)
def test_delay_is_bounded_whatever_the_clock(failures: int, since: int, until: int, policy: Policy) -> None:
    tally = Tally(failures, NOW + since, NOW + until)
    assert 0 <= remaining_delay(tally, NOW) <= LONGEST_DELAY_MS
    following = with_failure(tally, policy, NOW)
    assert 1 <= following.failures <= failures + 1
    assert following.since <= NOW
    assert 0 <= remaining_delay(following, NOW) <= LONGEST_DELAY_MS
    assert forgotten_at(following, policy) >= following.until


def test_account_buckets_are_distinct_digests() -> None:
    assert account_bucket("kim") == account_bucket("kim") != account_bucket("Kim")
    assert "kim" not in account_bucket("kim")
    assert account_bucket("\ud800").startswith("account:")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::1", True),
        ("unix", "", True),
    ],
)
def test_addresses_of_one_network_share_a_bucket(one: str, other: str, same: bool) -> None:
    assert (address_bucket(one) == address_bucket(other)) is same
