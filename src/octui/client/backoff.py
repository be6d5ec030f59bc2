"""Delays before retries: full jitter, so that many clients do not come back at the same moment."""

from collections.abc import Callable

FIRST_S = 1.0
LONGEST_S = 30.0


def full_jitter(
    attempt: int, draw: Callable[[], float], *, first: float = FIRST_S, longest: float = LONGEST_S
) -> float:
    """Return the seconds before the next try after `attempt` failures in a row, evenly between 0 and a doubling limit.

    `draw` gives a number in [0, 1). The limit is `first` seconds after one failure and never more than `longest`.
    """
    if attempt < 1:
        raise ValueError("attempt counts from 1")
    limit = min(longest, first * 2.0 ** min(attempt - 1, 32))
    return draw() * limit
