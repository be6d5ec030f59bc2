"""Whole phone days over HTTP: all intervals of one, and the earlier days to compare with."""

from typing import Any

import pytest

from octui.server.stats import phone_day_store
from server.conftest import NOW, Center, Store
from server.test_events import event, send_events
from server.test_stats import HOUR, MINUTE, TODAY, TOMORROW, get

PHONE_DAY, USUAL = "/services/oc/stats/kim/phone-day", "/services/oc/stats/kim/usual-days"
WEEK = 7 * 24 * HOUR


def shift(number: int, at: int) -> list[dict[str, Any]]:
    """Return a login at `at`, a call of a minute that rang before, and the logout an hour later."""
    return [
        event(number, "octui.phone.login", at=at),
        event(number + 1, "octui.phone.state", at=at + MINUTE, state="ringing"),
        event(number + 2, "octui.phone.state", at=at + 2 * MINUTE, state="inbound_calls", call=f"C{number}"),
        event(number + 3, "octui.phone.state", at=at + 3 * MINUTE, state="ready"),
        event(number + 4, "octui.phone.logout", at=at + HOUR),
    ]


async def test_phone_day_has_every_closed_interval_in_order(store: Store, center: Center) -> None:
    start = NOW - 2 * HOUR
    await send_events(store, shift(1, start))
    day = (await get(store, PHONE_DAY)).json()
    assert (day["date"], day["day_start"], day["day_end"], day["next"]) == ("2026-07-01", TODAY, TOMORROW, None)
    assert day["intervals"] == [
        [start, start + MINUTE, "ready", None, True],
        [start + MINUTE, start + 2 * MINUTE, "other", "ringing", True],
        [start + 2 * MINUTE, start + 3 * MINUTE, "inbound_calls", None, True],
        [start + 3 * MINUTE, start + HOUR, "ready", None, True],
    ]


async def test_phone_day_comes_in_pages(store: Store, center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    await send_events(store, shift(1, NOW - 2 * HOUR))
    whole = (await get(store, PHONE_DAY)).json()["intervals"]
    monkeypatch.setattr(phone_day_store, "PAGE", 3)
    first = (await get(store, PHONE_DAY)).json()
    second = (await get(store, f"{PHONE_DAY}?after={first['next']}")).json()
    assert (first["next"], second["next"]) == (3, None)
    assert first["intervals"] + second["intervals"] == whole


async def test_usual_days_are_the_same_weekdays_with_a_phone(store: Store, center: Center) -> None:
    for place, back in enumerate((1, 7, 14, 42, 49)):
        await send_events(store, shift(10 * place + 1, NOW - 2 * HOUR - back * 24 * HOUR))
    usual = (await get(store, USUAL)).json()
    assert [day["date"] for day in usual["days"]] == ["2026-06-24", "2026-06-17", "2026-05-20"]
    for day, weeks in zip(usual["days"], (1, 2, 6), strict=True):
        assert day["day_start"] == TODAY - weeks * WEEK
        assert len(day["intervals"]) == 4
    assert (await get(store, f"{USUAL}?date=2026-06-30")).json()["days"] != usual["days"]


@pytest.mark.parametrize("path", [PHONE_DAY, USUAL])
async def test_colleagues_may_not_see_the_day(store: Store, center: Center, path: str) -> None:
    assert (await get(store, path, account="lee")).status_code == 403
    assert (await get(store, path, account="choi")).status_code == 200
    assert (await get(store, path + "?date=2026-02-30")).status_code == 422
