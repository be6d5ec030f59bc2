"""Time zones there are (rules.md 2); which one a language proposes is in schema/languages.py."""

from functools import cache
from zoneinfo import available_timezones

from octui.schema.problems import FieldCode
from octui.server.core.errors import invalid_field


@cache
def _known() -> frozenset[str]:
    # `right/…` counts leap seconds, `posix/…`, `Factory` and the like are no places.
    return frozenset(
        zone
        for zone in available_timezones()
        if zone == "UTC" or ("/" in zone and not zone.startswith(("right/", "posix/", "SystemV/")))
    )


def validate_time_zone(zone: str, field: str = "time_zone") -> str:
    """The zone, when it is one of the IANA database; raises 422 otherwise."""
    if zone not in _known():
        raise invalid_field(field, FieldCode.UNKNOWN_VALUE, "There is no such time zone; Asia/Seoul is one.")
    return zone
