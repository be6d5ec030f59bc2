"""Floors for tests: a service's figures at a moment, by the few numbers that a test is about."""

from datetime import datetime
from zoneinfo import ZoneInfo

from octui.schema.floor import AgentCounts, CallCounts, ServiceFloor

ZONE = "Asia/Seoul"
DAY = 86_400_000
MIDNIGHT = int(datetime(2026, 11, 27, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)
NOW = MIDNIGHT + (14 * 3600 + 32 * 60 + 10) * 1000
"""14:32:10, the beginning of a turn of 5 s to the board by channel."""


def floor_of(
    service: str = "cs",
    name: str = "고객상담",
    *,
    waiting: int | None = 0,
    wait_s: int | None = None,
    calls: tuple[int, int, int, int] | None = (100, 90, 8, 85),
    agents: tuple[int, int, int, int, int] | None = (10, 3, 4, 1, 2),
    age_s: int = 3,
    at: int = NOW,
    is_known: bool = True,
) -> ServiceFloor:
    """Return a floor; `calls` are offered, answered, abandoned, in time, `agents` logged in and their four kinds."""
    if not is_known:
        waiting = wait_s = calls = agents = None
    return ServiceFloor(
        service=service,
        name=name,
        time_zone=ZONE,
        date="2026-11-27",
        day_start=MIDNIGHT,
        day_end=MIDNIGHT + DAY,
        at=at,
        known_until=at - age_s * 1000 if is_known else None,
        waiting=waiting,
        waiting_since=None if wait_s is None else at - wait_s * 1000,
        calls=None
        if calls is None
        else CallCounts(offered=calls[0], answered=calls[1], abandoned=calls[2], answered_in_time=calls[3]),
        agents=None
        if agents is None
        else AgentCounts(
            logged_in=agents[0], ready=agents[1], on_call=agents[2], outbound=agents[3], break_work=agents[4]
        ),
    )
