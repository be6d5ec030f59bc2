from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from octui.text.durations import format_duration, midnight_ms, parse_span

SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")
BEIRUT = ZoneInfo("Asia/Beirut")
NOW = 1_793_750_400_123  # 2026-11-04T00:00:00.123 UTC, 09:00 in Seoul
HOUR = 3_600_000


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00:00"),
        (59.999, "00:00:59"),
        (3661, "01:01:01"),
        (86400, "24:00:00"),
        (360_000, "100:00:00"),
        (-5, "00:00:00"),
        (None, "–"),
    ],
)
def test_format_duration_has_hours_minutes_seconds(seconds: float | None, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("7d", NOW - 7 * 24 * HOUR, NOW - 7 * 24 * HOUR),
        ("3h", NOW - 3 * HOUR, NOW - 3 * HOUR),
        ("30분", NOW - HOUR // 2, NOW - HOUR // 2),
        ("3시간", NOW - 3 * HOUR, NOW - 3 * HOUR),
        ("2週間", NOW - 14 * 24 * HOUR, NOW - 14 * 24 * HOUR),
        ("999999w", 0, 0),
        ("오늘", utc(2026, 11, 3, 15), utc(2026, 11, 4, 15)),
        ("Yesterday", utc(2026, 11, 2, 15), utc(2026, 11, 3, 15)),
        ("2026-11-01", utc(2026, 10, 31, 15), utc(2026, 11, 1, 15)),
        ("2026-12", utc(2026, 11, 30, 15), utc(2026, 12, 31, 15)),
        ("2026-11-01T13:05", utc(2026, 11, 1, 4, 5), utc(2026, 11, 1, 4, 5)),
        ("2026-11-01t13:05:09.5Z", utc(2026, 11, 1, 13, 5, 9) + 500, utc(2026, 11, 1, 13, 5, 9) + 500),
        ("2026-11-01T13:05+02:00", utc(2026, 11, 1, 11, 5), utc(2026, 11, 1, 11, 5)),
        ("1969-12-31", 0, 0),
    ],
)
def test_parse_span(text: str, start: int, end: int) -> None:
    assert parse_span(text, now_ms=NOW, zone=SEOUL) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "7", "d", "7x", "-7d", "7 d", "٧d", "2026-13-01", "2026-02-30", "2026-1-1", "20261101", "0000-01-01",
             "9999-12-31", "9999-12", "2026-11-01T25:00", "now", "2026-11-01 13:05"],
)  # fmt: skip
def test_text_that_is_no_time_raises(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_span(text, now_ms=NOW, zone=SEOUL)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-08", NEW_YORK, 23),
        ("2026-11-01", NEW_YORK, 25),
        ("2026-03-29", BEIRUT, 23),  # its clock jumps at midnight
        ("2026-11-01", SEOUL, 24),
    ],
)
def test_days_may_have_23_or_25_hours(day: str, zone: tzinfo, hours: int) -> None:
    start, end = parse_span(day, now_ms=NOW, zone=zone)
    assert end - start == hours * HOUR


def test_missing_midnight_is_the_moment_of_the_jump() -> None:
    assert midnight_ms(datetime(2026, 3, 29).date(), BEIRUT) == utc(2026, 3, 28, 22)
