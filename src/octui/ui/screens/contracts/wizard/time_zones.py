"""Window for choosing a service's time zone, searchable by city, offset and language."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from textual.app import App

from octui.schema.languages import LANGUAGES
from octui.ui.dialogs.searchable_choice import SearchableChoice
from octui.ui.locale import Words
from octui.ui.widgets.columns import Column

_NO_PLACES = ("right/", "posix/", "SystemV/")


@cache
def all_zones() -> tuple[str, ...]:
    """Return every time zone a service can have, by name, UTC first."""
    places = [zone for zone in available_timezones() if "/" in zone and not zone.startswith(_NO_PLACES)]
    return ("UTC", *sorted(places))


def offset_text(zone: str, at: int) -> str:
    """Return the offset of a time zone at a moment (epoch ms) as `UTC+09:00`; "" for an unknown zone."""
    try:
        offset = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    minutes = 0 if offset is None else int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def zone_text(zone: str, at: int) -> str:
    """Return the name of a time zone with its offset."""
    offset = offset_text(zone, at)
    return f"{zone} ({offset})" if offset and zone != "UTC" else zone


def _zone_row(zone: str, at: int, t: Words) -> Sequence[str]:
    languages = [language for language in LANGUAGES.values() if language.time_zone == zone]
    names = ", ".join(language.name_in(t.language) for language in languages)
    # Searched but not shown: a zone is found in any of the three languages.
    others = " ".join(f"{language.korean} {language.english} {language.japanese}" for language in languages)
    others += f" {zone} {zone.replace('_', '')}"  # A zone is also found by its own name, or by the city in one word.
    return zone.replace("_", " "), offset_text(zone, at), names, others


def choose_zone(
    app: App[Any], now: str, proposed: str, typed: str, t: Words, at: int, chosen: Callable[[str | None], None]
) -> SearchableChoice[str]:
    """Open the window; `now`: present zone, `proposed`: listed first, `at`: epoch ms of the offsets shown."""
    first = [zone for zone in dict.fromkeys((proposed, now)) if zone in all_zones()]
    order = [*first, *(zone for zone in all_zones() if zone not in first)]
    columns = [
        Column("zone", t("Time zone"), 26, flex=1, most=34),
        Column("offset", t("Offset"), 9),
        Column("languages", t("Languages"), 16, flex=1, most=26, priority=1),
    ]
    rows = {zone: _zone_row(zone, at, t) for zone in order}
    pick = SearchableChoice(t("Time zone"), t("City, offset or language"), columns, rows, t, now, typed=typed)
    app.push_screen(pick, chosen)
    return pick
