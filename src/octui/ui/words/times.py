"""Moments as texts in a time zone."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def _zone_info(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def time_of_day(at: int, zone: str) -> str:
    """Return epoch milliseconds as `HH:MM:SS` in a time zone."""
    return datetime.fromtimestamp(at / 1000, _zone_info(zone)).strftime("%H:%M:%S")


def date_and_time(at: int, zone: str) -> str:
    """Return epoch milliseconds as `YYYY-MM-DD HH:MM:SS` in a time zone."""
    return datetime.fromtimestamp(at / 1000, _zone_info(zone)).strftime("%Y-%m-%d %H:%M:%S")
