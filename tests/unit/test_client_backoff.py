import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.client.backoff import LONGEST_S, full_jitter


@pytest.mark.parametrize(("attempt", "limit"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (60, 30), (10**9, 30)])
def test_limit_doubles_up_to_the_longest(attempt: int, limit: float) -> None:
    assert full_jitter(attempt, lambda: 1.0) == limit
    assert full_jitter(attempt, lambda: 0.0) == 0


@given(st.integers(min_value=1), st.floats(0, 1, exclude_max=True))
def test_delay_is_never_negative_or_too_long(attempt: int, draw: float) -> None:
    assert 0 <= full_jitter(attempt, lambda: draw) < LONGEST_S


def test_attempts_count_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        full_jitter(0, lambda: 0.5)
