"""Durations and times as text, and parsed from text; no clock is read."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from octui.text.glyphs import glyphs


def format_duration(seconds: float | None) -> str:
    """Return ``HH:MM:SS``; hours may exceed 99, fractions are dropped, below 0 is 0, None (unknown) is –."""
    if seconds is None:
        return glyphs().unknown
    whole = max(int(seconds), 0)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


_UNIT_SECONDS = {
    "s": 1, "초": 1, "秒": 1,
    "m": 60, "min": 60, "분": 60, "分": 60,
    "h": 3600, "시간": 3600, "時間": 3600,
    "d": 86400, "일": 86400, "日": 86400,
    "w": 604800, "주": 604800, "週": 604800, "週間": 604800,
}  # fmt: skip
_AGO = re.compile(r"([0-9]{1,6})([^0-9\s]{1,3})")
_DAY_WORDS = {
    "today": 0, "오늘": 0, "今日": 0,
    "yesterday": 1, "어제": 1, "昨日": 1,
}  # fmt: skip
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(z|[+-][0-9]{2}:[0-9]{2})?"
)


def parse_span(text: str, *, now_ms: int, zone: tzinfo) -> tuple[int, int]:
    """Return the time span (from, to) in epoch ms, `to` exclusive, of a text such as `7d`. Raises ValueError.

    - ``7d``, ``3h``, ``30m``, ``2w`` (also 3시간, 30분, 7일, 2주, 3時間 …): that long before `now_ms`; from = to
    - ``today``, ``어제``, ``2026-11-01``, ``2026-11``: the days or the month, from midnight to midnight in `zone`
    - ``2026-11-01T13:05``, with seconds and UTC offset or ``Z`` if wanted: an instant; without offset in `zone`
    """
    text = text.strip().lower()
    try:
        if match := _AGO.fullmatch(text):
            at = now_ms - int(match[1]) * _UNIT_SECONDS[match[2]] * 1000
            return max(at, 0), max(at, 0)
        if text in _DAY_WORDS:
            today = (datetime.fromtimestamp(now_ms // 1000, UTC)).astimezone(zone).date()
            return _day_span(today - timedelta(days=_DAY_WORDS[text]), zone)
        if match := _DAY.fullmatch(text):
            return _day_span(date(int(match[1]), int(match[2]), int(match[3])), zone)
        if match := _MONTH.fullmatch(text):
            first = date(int(match[1]), int(match[2]), 1)
            return midnight_ms(first, zone), midnight_ms((first + timedelta(days=32)).replace(day=1), zone)
        if _INSTANT.fullmatch(text):
            at = _epoch_ms(datetime.fromisoformat(text.upper()), zone)
            return at, at
    except (KeyError, OverflowError) as error:
        raise ValueError(f"not a time: {text}") from error
    raise ValueError(f"not a time: {text}")


def _day_span(day: date, zone: tzinfo) -> tuple[int, int]:
    return midnight_ms(day, zone), midnight_ms(day + timedelta(days=1), zone)


def midnight_ms(day: date, zone: tzinfo) -> int:
    """Return a day's first moment in `zone` (epoch ms, at least 0), also where the clock skips midnight."""
    return max(_epoch_ms(datetime(day.year, day.month, day.day), zone), 0)  # noqa: DTZ001


def _epoch_ms(moment: datetime, zone: tzinfo) -> int:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return round(moment.timestamp() * 1000)
