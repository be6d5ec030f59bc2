"""Rules for retrying a mail that could not be delivered. Times are epoch milliseconds."""

FIRST_PAUSE_MS = 60_000
LONGEST_PAUSE_MS = 3_600_000
GIVEN_UP_AFTER_MS = 3 * 86_400_000
LEASE_MS = 300_000
"""Time for which a worker has a mail to itself; after that another worker may take the mail of a killed one."""


def next_try(tries: int, since: int, now: int) -> int | None:
    """Return when to try again after `tries` (≥ 1) of a mail that waits since `since`; None after three days."""
    if now - since >= GIVEN_UP_AFTER_MS:
        return None
    return now + min(FIRST_PAUSE_MS << min(tries - 1, 10), LONGEST_PAUSE_MS)
